"""What the W3C asks of every issuer of Data Integrity proofs, whatever the cryptosuite (``data-integrity-test-suite-assertion``)."""

from __future__ import annotations

from typing import Any

from multiformats import multibase

from common.formats.vcdm.identifier import is_url
from common.proofs.contexts.store import PINNED
from common.proofs.expand.pyld_fallback import expand_with_pyld
from tests.interop.w3c.di_columns import ISSUERS, rule
from tests.interop.w3c.di_documents import Column, secured, with_proof
from tests.interop.w3c.vc_api_doors import Doors

SECURITY = "https://w3id.org/security#"
OTHER_ID = "urn:uuid:4c7e63a1-9f0d-45a0-b3a6-2a5d6a3fb001"
_SIZE = {"EdDSA": 64, "ES256": 64, "ES384": 96}
_HEADER = {"ecdsa-sd-2023": b"\xd9\x5d\x00", "bbs-2023": b"\xd9\x5d\x02"}


def proof_of(doors: Doors, column: Column) -> dict[str, Any]:
    proof: dict[str, Any] = doors.issued(column)["proof"]
    return proof


def read_by_pyld(doors: Doors, column: Column, *names: str) -> dict[str, Any]:
    """These members of the proof as another JSON-LD processor reads them under the credential's contexts."""
    issued = doors.issued(column)
    members = {name: issued["proof"][name] for name in names}
    (node,) = expand_with_pyld({"@context": issued["@context"], **members}, PINNED)
    return dict(node)


def check_value(proof: dict[str, Any], column: Column) -> None:
    """Multibase of the suite's kind, around a signature of the key's length or the header of a base proof."""
    prefix = "u" if column.is_selective else "z"
    assert proof["proofValue"][0] == prefix
    data = multibase.decode(proof["proofValue"])
    if column.is_selective:
        assert data[:3] == _HEADER[column.suite]
    else:
        assert len(data) == _SIZE[column.alg]


def beside_another(doors: Doors, column: Column, identifier: str) -> dict[str, Any]:
    """The card with a proof of the examiner's, of this id, for the institution to add its own."""
    first = Column(suite="eddsa-rdfc-2022", alg="EdDSA", version=column.version)
    return with_proof(secured(first, doors.document(column)), id=identifier)


@rule("When expressing a data integrity proof on an object, a proof property MUST be used.", *ISSUERS)
def test_a_proof_stands_in_proof(doors: Doors, column: Column) -> None:
    issued = doors.issued(column)
    assert isinstance(issued.pop("proof"), dict)
    assert issued == {**doors.document(column), "@context": issued["@context"]}


@rule("If present (proof), its value MUST be either a single object, or an unordered set of objects.", *ISSUERS)
def test_one_object_or_several(doors: Doors, column: Column) -> None:
    assert isinstance(proof_of(doors, column), dict)
    both = doors.issue(beside_another(doors, column, OTHER_ID), column.suite)["proof"]
    assert [one["cryptosuite"] for one in both] == ["eddsa-rdfc-2022", column.suite]
    doors.not_issued({**doors.document(column), "proof": "zText"}, column.suite, "bad_proof")


@rule('("proof.id") An optional identifier for the proof, which MUST be a URL.', *ISSUERS)
def test_an_id_is_a_url(doors: Doors, column: Column) -> None:
    assert "id" not in proof_of(doors, column)
    (first, second) = doors.issue(beside_another(doors, column, OTHER_ID), column.suite)["proof"]
    assert first["id"] == OTHER_ID
    assert "id" not in second
    doors.not_issued(beside_another(doors, column, "proof no. 1"), column.suite, "bad_proof")


@rule("The specific type of proof MUST be specified as a string that maps to a URL.", *ISSUERS)
def test_the_type_maps_to_a_url(doors: Doors, column: Column) -> None:
    assert read_by_pyld(doors, column, "type", "proofPurpose")["@type"] == [f"{SECURITY}DataIntegrityProof"]


@rule("The type property MUST contain the string DataIntegrityProof.", *ISSUERS)
def test_the_type(doors: Doors, column: Column) -> None:
    assert proof_of(doors, column)["type"] == "DataIntegrityProof"


@rule("The proofValue property MUST be used, as specified in 2.1 Proofs.", *ISSUERS)
def test_a_proof_has_a_value(doors: Doors, column: Column) -> None:
    check_value(proof_of(doors, column), column)


@rule(
    '("proof.proofValue") A string value that expresses base-encoded binary data necessary to verify the digital proof using the '
    "verificationMethod specified. The value MUST use a header and encoding as described in Section 2.4 Multibase of the Controller "
    "Documents 1.0 specification to express the binary data.",
    *ISSUERS,
)
def test_the_value_is_what_verifies(doors: Doors, column: Column) -> None:
    shown = doors.shown(column)
    doors.believed(shown)
    value = shown["proof"]["proofValue"]
    check_value(proof_of(doors, column), column)
    headless = value.lstrip(value[0])  # a value may go on with the letter that is its header
    doors.refused(with_proof(shown, proofValue=headless), "bad_proof_value")
    doors.refused(with_proof(shown, proofValue="m" + value[1:]), "bad_proof_value")


@rule(
    "If the proof type is DataIntegrityProof, cryptosuite MUST be specified; otherwise, cryptosuite MAY be specified.",
    *ISSUERS,
)
def test_a_cryptosuite_is_named(doors: Doors, column: Column) -> None:
    proof = proof_of(doors, column)
    assert proof["type"] == "DataIntegrityProof"
    assert "cryptosuite" in proof


@rule("If specified (proof.cryptosuite), its value MUST be a string.", *ISSUERS)
def test_a_cryptosuite_is_a_text(doors: Doors, column: Column) -> None:
    assert isinstance(proof_of(doors, column)["cryptosuite"], str)
    doors.not_issued(doors.document(column), [column.suite], "invalid_request")


@rule("The value of the cryptosuite property MUST be a string that identifies the cryptographic suite.", *ISSUERS)
def test_the_cryptosuite(doors: Doors, column: Column) -> None:
    assert proof_of(doors, column)["cryptosuite"] == column.suite


@rule(
    "The value of the cryptosuite property MUST be a string that identifies the cryptographic suite. If the processing environment "
    "supports subtypes of string, the type of the cryptosuite value MUST be the https://w3id.org/security#cryptosuiteString subtype "
    "of string.",
    *ISSUERS,
)
def test_the_cryptosuite_has_its_datatype(doors: Doors, column: Column) -> None:
    (value,) = read_by_pyld(doors, column, "type", "cryptosuite")[f"{SECURITY}cryptosuite"]
    assert value == {"@type": f"{SECURITY}cryptosuiteString", "@value": column.suite}


@rule(
    "A verification method is the means and information needed to verify the proof. If included, the value MUST be a string that maps "
    "to a [URL].",
    *ISSUERS,
)
def test_the_verification_method_maps_to_a_url(doors: Doors, column: Column) -> None:
    method = proof_of(doors, column)["verificationMethod"]
    assert is_url(method)
    assert method.startswith(f"{doors.issuers[column.alg]}#")
    node = read_by_pyld(doors, column, "type", "verificationMethod")
    assert node[f"{SECURITY}verificationMethod"] == [{"@id": method}]


@rule(
    'The reason the proof was created ("proof.proofPurpose") MUST be specified as a string that maps to a URL.',
    *ISSUERS,
)
def test_the_purpose_maps_to_a_url(doors: Doors, column: Column) -> None:
    assert proof_of(doors, column)["proofPurpose"] == "assertionMethod"
    node = read_by_pyld(doors, column, "type", "proofPurpose")
    assert node[f"{SECURITY}proofPurpose"] == [{"@id": f"{SECURITY}assertionMethod"}]


@rule(
    "Cryptographic suite designers MUST use mandatory proof value properties defined in Section 2.1 Proofs, and MAY define other "
    "properties specific to their cryptographic suite.",
    *ISSUERS,
)
def test_the_mandatory_properties(doors: Doors, column: Column) -> None:
    proof = proof_of(doors, column)
    assert all(isinstance(value, str) for value in proof.values())
    assert proof.keys() == {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}


@rule(
    "Implementations that use JSON-LD processing, such as RDF Dataset Canonicalization [RDF-CANON], MUST throw an error, which SHOULD be "
    "DATA_LOSS_DETECTION_ERROR, when data is dropped by a JSON-LD processor, such as when an undefined term is detected in an input "
    "document.",
    *ISSUERS,
)
def test_nothing_is_dropped(doors: Doors, column: Column) -> None:
    document = doors.document(column)
    doors.not_issued({**document, "type": [*document["type"], "InvalidType"]}, column.suite, "undefined_term")
    subject = {**document["credentialSubject"], "invalidTerm": "invalidTerm"}
    doors.not_issued({**document, "credentialSubject": subject}, column.suite, "undefined_term")


@rule("If the algorithm produces an error, the error MUST be propagated and SHOULD convey the error type.", *ISSUERS)
def test_errors_are_told(doors: Doors, column: Column) -> None:
    doors.not_issued(doors.document(column, credentialSubject=None), column.suite, "bad_subject")
