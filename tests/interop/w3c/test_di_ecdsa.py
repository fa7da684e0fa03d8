"""The W3C's vc-di-ecdsa-test-suite: those of ``ecdsa-rdfc-2019`` and ``ecdsa-jcs-2019``, under P-256 and P-384, and of the data model.

``ecdsa-sd-2023`` has a file of its own; what all Data Integrity suites ask stands in `test_di_issuers` and `test_di_verifiers`.
"""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from multiformats import multibase

from tests.interop.w3c.di_columns import CURVES, Headed, of_suites, rule, rules
from tests.interop.w3c.di_documents import Column, broken, secured, secured_under_base, with_proof
from tests.interop.w3c.di_second_opinion import DATE_TIME_STAMP, check_signature, hash_data
from tests.interop.w3c.titles import mirrors
from tests.interop.w3c.vc_api_doors import Doors

RDFC, JCS, SD = "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023"
BOTH, ALL = (RDFC, JCS), (RDFC, JCS, SD)
MULTIKEY = {"ES256": (b"\x80\x24", 35), "ES384": (b"\x81\x24", 51)}
DIGEST = {"ES256": "sha256", "ES384": "sha384"}
TYPE_AND_SUITE = "contain a type identifier for the cryptographic suite (type) and"
MEMBERS = {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}


def under(place: str, *suites: str) -> tuple[Headed, ...]:
    return of_suites(f"Algorithms - {place} ({{suite}}) ", *suites)


def model(part: str) -> tuple[Headed, ...]:
    return of_suites(f"Data Model - {part} ", *ALL)


@rules(
    create=("A data integrity proof (map), or an error, is produced as output.", under("Create Proof", *BOTH)),
    model=(
        "A proof contains the attributes specified in the Proofs section of [VC-DATA-INTEGRITY].",
        model("Proof Representations"),
    ),
)
def test_a_proof_is_a_map_of_texts(doors: Doors, column: Column) -> None:
    proof = doors.issued(column)["proof"]
    contexts = proof.pop("@context", None)
    assert (contexts is not None) == (column.suite == JCS)
    assert proof.keys() == MEMBERS
    assert all(isinstance(value, str) for value in proof.values())
    assert DATE_TIME_STAMP.fullmatch(proof["created"])
    doors.not_issued(doors.document(column, credentialSubject=None), column.suite, "bad_subject")


@rule(
    "If unsecuredDocument.@context is present, set proof.@context to unsecuredDocument.@context.",
    *under("Create Proof", JCS),
)
def test_a_jcs_proof_has_the_contexts_of_the_document(doors: Doors, column: Column) -> None:
    issued = doors.issued(column)
    assert issued["proof"]["@context"] == issued["@context"]
    longer = {**issued, "@context": [*issued["@context"], {"later": "https://sakuragawa.example/terms#later"}]}
    doors.believed(longer)
    doors.refused({**issued, "@context": issued["@context"][:1]}, "bad_signature")


@rule("Let proof.proofValue be a base58-btc-encoded Multibase value of the proofBytes.", *under("Create Proof", *BOTH))
def test_the_value_is_a_signature_in_base58(doors: Doors, column: Column) -> None:
    issued = doors.issued(column)
    value = issued["proof"]["proofValue"]
    assert value.startswith("z")
    assert len(multibase.decode(value)) == (64 if column.alg == "ES256" else 96)
    doors.refused(with_proof(issued, proofValue=multibase.encode(multibase.decode(value), "base16")), "bad_proof_value")


@rule(
    "The following algorithm specifies how to verify a data integrity proof given an secured data document. Required inputs are an secured "
    "data document (map securedDocument). This algorithm returns a verification result.",
    *under("Verify Proof", *BOTH),
)
def test_a_proof_is_verified(doors: Doors, column: Column) -> None:
    credential = secured(column)
    doors.believed(credential)
    doors.refused(with_proof(credential, proofValue=credential["proof"]["proofValue"][:-1]), "bad_signature")
    doors.refused({**credential, "proof": broken(credential["proof"])}, "bad_signature")


@rules(
    transformation=(
        f"The transformation options MUST {TYPE_AND_SUITE} a cryptosuite identifier (cryptosuite).",
        under("Transformation", *BOTH),
    ),
    configuration=(
        f"The proof options MUST {TYPE_AND_SUITE} MUST contain a cryptosuite identifier (cryptosuite).",
        under("Proof Configuration", *BOTH),
    ),
    serialization=(
        f"The proof options MUST {TYPE_AND_SUITE} MAY contain a cryptosuite identifier (cryptosuite).",
        under("Proof Serialization", *BOTH),
    ),
)
def test_type_and_cryptosuite_are_told(doors: Doors, column: Column) -> None:
    assert doors.issued(column)["proof"].keys() >= {"type", "cryptosuite"}
    for member in ("type", "cryptosuite"):
        doors.refused(with_proof(secured(column), **{member: None}), "bad_proof")


@rules(
    transformation_rdfc=(
        "If options.type is not set to the string DataIntegrityProof or options.cryptosuite is not set to the string ecdsa-rdfc-2019, an "
        "error MUST be raised and SHOULD convey an error type of PROOF_TRANSFORMATION_ERROR.",
        under("Transformation", RDFC),
    ),
    transformation_jcs=(
        "If options.type is not set to the string DataIntegrityProof or options.cryptosuite is not set to the string ecdsa-jcs-2019, an "
        "error MUST be raised and SHOULD convey an error type of PROOF_TRANSFORMATION_ERROR.",
        under("Transformation", JCS),
    ),
    configuration_rdfc=(
        "If proofConfig.type is not set to DataIntegrityProof and/or proofConfig.cryptosuite is not set to ecdsa-rdfc-2019, an error MUST "
        "be raised and SHOULD convey an error type of PROOF_GENERATION_ERROR.",
        under("Proof Configuration", RDFC),
    ),
    configuration_jcs=(
        "If proofConfig.type is not set to DataIntegrityProof and/or proofConfig.cryptosuite is not set to ecdsa-jcs-2019, an error MUST "
        "be raised and SHOULD convey an error type of PROOF_GENERATION_ERROR.",
        under("Proof Configuration", JCS),
    ),
    model=("The type property MUST be DataIntegrityProof.", model("Proof Representations")),
)
def test_the_type_and_the_cryptosuite(doors: Doors, column: Column) -> None:
    proof = doors.issued(column)["proof"]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", column.suite)
    credential = secured(column)
    doors.refused(with_proof(credential, type="EcdsaSecp256r1Signature2019"), "bad_proof")
    doors.refused(with_proof(credential, cryptosuite="ecdsa-2019"), "unknown_cryptosuite")
    doors.not_issued(doors.document(column), "ecdsa-2019", "unknown_cryptosuite")


@rule(
    "The cryptosuite property MUST be ecdsa-rdfc-2019, ecdsa-jcs-2019, or ecdsa-sd-2023.",
    *model("Proof Representations"),
)
def test_one_of_three_cryptosuites(doors: Doors, column: Column) -> None:
    """Where nobody asks for one such a key signs the first; the proof of the one is none of the others."""
    assert doors.issued(column)["proof"]["cryptosuite"] == column.suite
    assert doors.issue(doors.document(column), None)["proof"]["cryptosuite"] == RDFC
    for other in ALL:
        renamed = with_proof(secured(column), cryptosuite=other)
        if other == column.suite:
            doors.believed(renamed)
        elif {other, column.suite} == set(BOTH):
            doors.refused(renamed, "bad_signature")
        else:  # only P-256 signs for selective disclosure, and its values are framed in another way
            doors.refused(renamed, "algorithm_not_allowed" if column.alg == "ES384" else "bad_proof_value")


@rule("Whenever this algorithm encodes strings, it MUST use UTF-8 encoding.", *under("Transformation", *BOTH))
def test_texts_are_signed_in_utf_8(doors: Doors, column: Column) -> None:
    """SHA-384 under P-384, vc-di-ecdsa 1.0 §3.2, §3.3."""
    issued = doors.issued(column)
    assert issued["credentialSubject"]["motto"] == "学而時習之"
    multikey, value = doors.issuers[column.alg].removeprefix("did:key:"), issued["proof"]["proofValue"]
    check_signature(multikey, value, hash_data(issued, digest=DIGEST[column.alg]))
    issued["credentialSubject"]["motto"] = "學而時習之"
    with pytest.raises(InvalidSignature):
        check_signature(multikey, value, hash_data(issued, digest=DIGEST[column.alg]))


@rule(
    "If proofConfig.created is set and if the value is not a valid [XMLSCHEMA11-2] datetime, an error MUST be raised and SHOULD convey an "
    "error type of PROOF_GENERATION_ERROR.",
    *under("Proof Configuration", *BOTH),
)
def test_created_is_a_time(doors: Doors, column: Column) -> None:
    assert DATE_TIME_STAMP.fullmatch(doors.issued(column)["proof"]["created"])
    for wrong in ("invalidDate", "2026-05-01", "2026-13-01T00:00:00Z"):
        doors.refused(secured(column, created=wrong), "bad_time")


@rules(
    prefix=(
        "The publicKeyMultibase value of the verification method MUST start with the base-58-btc prefix (z), as defined in the Multibase "
        "section of Controller Documents 1.0.",
        model("Verification Methods (Multikey)"),
    ),
    encoding=(
        "A Multibase-encoded ECDSA 256-bit public key value or an ECDSA 384-bit public key value follows, as defined in the Multikey "
        "section of Controller Documents 1.0. Any other encoding MUST NOT be allowed.",
        model("Verification Methods (Multikey)"),
    ),
)
def test_keys_are_base58(doors: Doors, column: Column) -> None:
    """As the verifier resolves them; the same key, written in another base, verifies nothing."""
    (method,) = doors.resolved(doors.issuers[column.alg])["verificationMethod"]
    assert doors.issued(column)["proof"]["verificationMethod"] == method["id"]
    multikey = method["publicKeyMultibase"]
    assert multikey.startswith("zDna" if column.alg == "ES256" else "z82L")
    key = multibase.decode(multikey)
    assert (key[:2], len(key)) == MULTIKEY[column.alg]
    for base in ("base64url", "base16"):
        doors.refused(secured_under_base(column, base), "bad_multikey")


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(
            Column(suite=RDFC, alg=alg, version=version),
            marks=mirrors(f'ecdsa-rdfc-2019 (interop) "P-256, P-384" should verify "{CURVES[alg]}"'),
            id=f"{CURVES[alg]}-{version}",
        )
        for alg in ("ES256", "ES384")
        for version in ("1.1", "2.0")
    ],
)
def test_the_verifier_believes_the_issuer(doors: Doors, column: Column) -> None:
    issued = doors.issued(column)
    doors.believed(issued)
    issued["credentialSubject"]["motto"] = "forged"
    doors.refused(issued, "bad_signature")
