"""The W3C's vc-di-bbs-test-suite: its own tests of issuers of ``bbs-2023``.

Six of them are pending in the suite, which has no content for them; they have one here too. What it asks of every Data Integrity proof
stands in `test_di_issuers`.
"""

from __future__ import annotations

from typing import Any

from multiformats import multibase

from common.encoding import compact_json
from common.formats.vcdm.identifier import is_url
from tests.interop.w3c.di_columns import of_versions, rule, rules
from tests.interop.w3c.di_documents import (
    MANDATORY,
    Column,
    decisive,
    document,
    examiner,
    secured,
    secured_under_base,
    with_proof,
)
from tests.interop.w3c.di_selective_values import put_together, taken_apart
from tests.interop.w3c.vc_api_doors import Doors

BBS = "bbs-2023"
BASE, DERIVED = b"\xd9\x5d\x02", b"\xd9\x5d\x03"
G2 = b"\xeb\x01"


CREATE = of_versions("bbs-2023 (create) bbs-2023 (issuers) VC Version {version} ", BBS, "BBS")


def proof_of(doors: Doors, column: Column) -> dict[str, Any]:
    proof: dict[str, Any] = doors.issued(column)["proof"]
    return proof


@rules(
    cryptosuite=("The cryptosuite property of the proof MUST be bbs-2023.", CREATE),
    type=("The type property of the proof MUST be DataIntegrityProof.", CREATE),
)
def test_the_type_and_the_cryptosuite(doors: Doors, column: Column) -> None:
    proof = proof_of(doors, column)
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", BBS)
    assert doors.issue(doors.document(column), None)["proof"]["cryptosuite"] == BBS


@rule(
    "The value of the proofValue property of the proof MUST be a BBS signature or BBS proof produced according to [CFRG-BBS-SIGNATURE] "
    "that is serialized and encoded according to procedures in section 3. Algorithms.",
    *CREATE,
)
def test_the_value_is_a_bbs_signature(doors: Doors, column: Column) -> None:
    """80 bytes of signature, 64 of header, and the key; the derived one is believed."""
    header, (signature, bbs_header, key, _, _) = taken_apart(proof_of(doors, column))
    assert (header, len(signature), len(bbs_header), len(key)) == (BASE, 80, 64, 96)
    assert multibase.encode(G2 + key, "base58btc") == doors.issuers["BBS"].removeprefix("did:key:")
    derived = doors.shown(column)
    assert taken_apart(derived["proof"])[0] == DERIVED
    doors.believed(derived)


@rule(
    "A conforming proof is any concrete expression of the data model that complies with the normative statements in this specification. "
    "Specifically, all relevant normative statements in Sections 2. Data Model and 3. Algorithms of this document MUST be enforced.",
    *CREATE,
)
def test_a_conforming_proof_can_be_derived_from(doors: Doors, column: Column) -> None:
    derived = doors.derive(doors.issued(column), "/credentialSubject/id")
    assert derived["credentialSubject"] == {"id": "did:example:hanako"}
    doors.believed(derived)
    derived["credentialSubject"]["id"] = "did:example:taro"
    doors.refused(derived, "bad_signature")


@rule(
    'The "proof.proofPurpose" field MUST match the verification relationship expressed by the verification method controller.',
    *CREATE,
)
def test_the_purpose_is_one_that_the_controller_gave_the_key(doors: Doors, column: Column) -> None:
    """Pending in the suite. One controller lists the key for assertions, the other for authentication alone."""
    for relationship in ("assertionMethod", "authentication"):
        did = f"did:web:{relationship.lower()}.v{column.version[0]}.example"
        method = {"id": f"{did}#bbs", "type": "Multikey", "controller": did}
        method["publicKeyMultibase"] = examiner("BBS").removeprefix("did:key:")
        published = {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": [method],
            relationship: [method["id"]],
        }
        doors.world.fetch.pages[f"https://{did.removeprefix('did:web:')}/.well-known/did.json"] = compact_json(
            published
        )
        credential = secured(column, document(column.version, did), verificationMethod=method["id"])
        if relationship == "assertionMethod":
            doors.believed(credential)
        else:
            doors.refused(credential, "untrusted_key")


@rule("The verificationMethod property of the proof MUST be a URL.", *CREATE)
def test_the_verification_method_is_a_url(doors: Doors, column: Column) -> None:
    assert is_url(proof_of(doors, column)["verificationMethod"])
    doors.refused(with_proof(secured(column), verificationMethod="key-1"), "bad_proof")


@rules(
    type=(
        'Dereferencing "verificationMethod" MUST result in an object containing a type property with "Multikey" value.',
        CREATE,
    ),
    key=(
        "The publicKeyMultibase property represents a Multibase-encoded Multikey expression of a BLS12-381 public key in the G2 group. The "
        "encoding of this field is the two-byte prefix 0xeb01 followed by the 96-byte compressed public key data. The 98-byte value is "
        "then encoded using base58-btc (z) as the prefix. Any other encodings MUST NOT be allowed.",
        CREATE,
    ),
)
def test_the_key(doors: Doors, column: Column) -> None:
    (method,) = doors.resolved(doors.issuers["BBS"])["verificationMethod"]
    assert method["id"] == proof_of(doors, column)["verificationMethod"]
    assert method["type"] == "Multikey"
    multikey = method["publicKeyMultibase"]
    key = multibase.decode(multikey)
    assert (multikey[0], key[:2], len(key)) == ("z", G2, 98)
    for base in ("base64url", "base16"):
        doors.refused(secured_under_base(column, base), "bad_multikey")


@rule(
    "The transformation options MUST contain a type identifier for the cryptographic suite (type), a cryptosuite identifier (cryptosuite), "
    "and a verification method (verificationMethod).",
    *CREATE,
)
def test_type_cryptosuite_and_method_are_told(doors: Doors, column: Column) -> None:
    proof = proof_of(doors, column)
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", BBS)
    did, _, fragment = proof["verificationMethod"].partition("#")
    assert did == f"did:key:{fragment}" == doors.issuers["BBS"]


@rule("the HMAC key MUST be the same length as the digest size", *CREATE)
def test_the_hmac_key_is_as_long_as_the_digest(doors: Doors, column: Column) -> None:
    _, components = taken_apart(proof_of(doors, column))
    again = taken_apart(doors.issue(doors.document(column), BBS)["proof"])[1]
    assert len(components[3]) == 32
    assert components[3] != again[3]


@rule(
    "CBOR-encode components per [RFC8949] where CBOR tagging MUST NOT be used on any of the components. Append the produced encoded value "
    "to proofValue.",
    *CREATE,
)
def test_components_are_written_without_tags(doors: Doors, column: Column) -> None:
    assert taken_apart(proof_of(doors, column))[0] == BASE
    assert taken_apart(doors.shown(column)["proof"])[0] == DERIVED


@rule("The transformation options MUST contain an array of mandatory JSON pointers (mandatoryPointers)", *CREATE)
def test_mandatory_pointers(doors: Doors, column: Column) -> None:
    issued, wanted = doors.issued(column), MANDATORY[column.version]
    assert taken_apart(issued["proof"])[1][4] == [*wanted, *decisive(issued, beside=wanted)]
    unasked = doors.issue(doors.document(column), BBS)
    assert taken_apart(unasked["proof"])[1][4] == decisive(unasked)


@rule(
    "Initialize components to an array that is the result of CBOR-decoding the bytes that follow the three-byte BBS disclosure proof "
    "header. If the result is not an array of five or six elements — a byte array, a map of integers to integers, two arrays of "
    "integers, and one or two byte arrays; an error MUST be raised and SHOULD convey an error type of PROOF_VERIFICATION_ERROR.",
    *CREATE,
)
def test_the_components(doors: Doors, column: Column) -> None:
    assert len(taken_apart(proof_of(doors, column))[1]) == 5
    derived = doors.shown(column)
    header, components = taken_apart(derived["proof"])
    proof, labels, mandatory, selective, presentation_header = components
    assert labels
    assert isinstance(presentation_header, bytes)
    wrong: tuple[Any, ...] = (
        {},
        components[:4],
        [*components, b"", b""],
        ["text", labels, mandatory, selective, presentation_header],
        [proof, list(labels), mandatory, selective, presentation_header],
        [proof, {str(name): label for name, label in labels.items()}, mandatory, selective, presentation_header],
        [proof, dict.fromkeys(labels, b"0"), mandatory, selective, presentation_header],
        [proof, labels, [str(index) for index in mandatory], selective, presentation_header],
        [proof, labels, mandatory, b"", presentation_header],
        [proof, labels, mandatory, selective, []],
    )
    for one in wrong:
        doors.refused(with_proof(derived, proofValue=put_together(header, one)), "bad_proof_value")


@rules(
    creation=(
        'If featureOption is set to "anonymous_holder_binding" or "pseudonym_hidden_pid", the commitment_with_proof input MUST be '
        "supplied.",
        CREATE,
    ),
    error=(
        'If featureOption is set to "anonymous_holder_binding" or "pseudonym_hidden_pid", the commitment_with_proof input MUST be '
        "supplied; if not supplied, an error MUST be raised and SHOULD convey an error type of PROOF_GENERATION_ERROR.",
        CREATE,
    ),
)
def test_features_at_risk_are_refused(doors: Doors, column: Column) -> None:
    """Pending in the suite. We offer the baseline alone: with a commitment or without one, nothing is signed, nor verified."""
    for feature in ("anonymous_holder_binding", "pseudonym_hidden_pid"):
        doors.not_issued(doors.document(column), BBS, "invalid_request", featureOption=feature)
        told = {"featureOption": feature, "commitmentWithProof": "uAAAA"}
        doors.not_issued(doors.document(column), BBS, "invalid_request", **told)
    derived = doors.shown(column)
    _, components = taken_apart(derived["proof"])
    for kind in (b"\x05", b"\x07"):
        value = put_together(b"\xd9\x5d" + kind, [*components, b""])
        doors.refused(with_proof(derived, proofValue=value), "unknown_feature_option")
