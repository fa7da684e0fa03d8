"""The W3C's vc-di-eddsa-test-suite: its own tests of ``eddsa-rdfc-2022`` and ``eddsa-jcs-2022``. Those that it shares with the other Data
Integrity suites stand in `test_di_issuers` and `test_di_verifiers`.
"""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from multiformats import multibase

from tests.interop.w3c.di_columns import Headed, of_suites, rule, rules
from tests.interop.w3c.di_documents import Column, broken, secured, secured_under_base, with_proof
from tests.interop.w3c.di_second_opinion import DATE_TIME_STAMP, check_signature, hash_data
from tests.interop.w3c.vc_api_doors import Doors

RDFC, JCS = "eddsa-rdfc-2022", "eddsa-jcs-2022"
BOTH = (RDFC, JCS)
ED25519_PUB = b"\xed\x01"
TYPE_AND_SUITE = "contain a type identifier for the cryptographic suite (type) and"


def under(place: str, *suites: str) -> tuple[Headed, ...]:
    return of_suites(f"{{suite}} - {place} ", *suites)


@rules(
    transformation=(
        f"The transformation options MUST {TYPE_AND_SUITE} a cryptosuite identifier (cryptosuite).",
        under("Algorithms - Transformation", *BOTH),
    ),
    configuration=(
        f"The proof options MUST {TYPE_AND_SUITE} MUST contain a cryptosuite identifier (cryptosuite).",
        under("Algorithms - Proof Configuration", *BOTH),
    ),
    serialization=(
        f"The proof options MUST {TYPE_AND_SUITE} MAY contain a cryptosuite identifier (cryptosuite).",
        under("Algorithms - Proof Serialization", *BOTH),
    ),
)
def test_type_and_cryptosuite_are_told(doors: Doors, column: Column) -> None:
    proof = doors.issued(column)["proof"]
    assert proof.keys() >= {"type", "cryptosuite"}
    for member in ("type", "cryptosuite"):
        doors.refused(with_proof(secured(column), **{member: None}), "bad_proof")


@rules(
    transformation_rdfc=(
        "If options.type is not set to the string DataIntegrityProof and options.cryptosuite is not set to the string eddsa-rdfc-2022, an "
        "error MUST be raised that SHOULD convey an error type of PROOF_TRANSFORMATION_ERROR.",
        under("Algorithms - Transformation", RDFC),
    ),
    transformation_jcs=(
        "If options.type is not set to the string DataIntegrityProof and options.cryptosuite is not set to the string eddsa-jcs-2022, an "
        "error MUST be raised that SHOULD convey an error type of PROOF_VERIFICATION_ERROR.",
        under("Algorithms - Transformation", JCS),
    ),
    configuration_rdfc=(
        "If proofConfig.type is not set to DataIntegrityProof and/or proofConfig.cryptosuite is not set to eddsa-rdfc-2022, an error MUST "
        "be raised and SHOULD convey an error type of PROOF_GENERATION_ERROR.",
        under("Algorithms - Proof Configuration", RDFC),
    ),
    configuration_jcs=(
        "If proofConfig.type is not set to DataIntegrityProof or proofConfig.cryptosuite is not set to eddsa-jcs-2022, an error MUST be "
        "raised that SHOULD convey an error type of PROOF_GENERATION_ERROR.",
        under("Algorithms - Proof Configuration", JCS),
    ),
    representation=(
        "The type property MUST be DataIntegrityProof.",
        under("Data Model - Proof Representations", *BOTH),
    ),
)
def test_the_type_and_the_cryptosuite(doors: Doors, column: Column) -> None:
    proof = doors.issued(column)["proof"]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", column.suite)
    credential = secured(column)
    doors.refused(with_proof(credential, type="Ed25519Signature2020"), "bad_proof")
    doors.refused(with_proof(credential, cryptosuite="eddsa-2022"), "unknown_cryptosuite")
    doors.not_issued(doors.document(column), "eddsa-2022", "unknown_cryptosuite")


@rule(
    "The cryptosuite property of the proof MUST be eddsa-rdfc-2022 or eddsa-jcs-2022.",
    *under("Data Model - Proof Representations", *BOTH),
)
def test_one_of_two_cryptosuites(doors: Doors, column: Column) -> None:
    """Where nobody asks for one an Ed25519 key signs the first; the proof of the one is none of the other."""
    assert doors.issued(column)["proof"]["cryptosuite"] == column.suite
    assert doors.issue(doors.document(column), None)["proof"]["cryptosuite"] == RDFC
    other = with_proof(secured(column), cryptosuite=JCS if column.suite == RDFC else RDFC)
    doors.refused(other, "bad_signature")


@rule(
    "Whenever this algorithm encodes strings, it MUST use UTF-8 encoding.", *under("Algorithms - Transformation", *BOTH)
)
def test_texts_are_signed_in_utf_8(doors: Doors, column: Column) -> None:
    issued = doors.issued(column)
    assert issued["credentialSubject"]["motto"] == "学而時習之"
    multikey = doors.issuers["EdDSA"].removeprefix("did:key:")
    check_signature(multikey, issued["proof"]["proofValue"], hash_data(issued, digest="sha256"))
    issued["credentialSubject"]["motto"] = "學而時習之"
    with pytest.raises(InvalidSignature):
        check_signature(multikey, issued["proof"]["proofValue"], hash_data(issued, digest="sha256"))


@rules(
    rdfc=(
        "If proofConfig.created is present and set to a value that is not a valid [XMLSCHEMA11-2] datetime, an error MUST be raised and "
        "SHOULD convey an error type of PROOF_GENERATION_ERROR.",
        under("Algorithms - Proof Configuration", RDFC),
    ),
    jcs=(
        "If proofConfig.created is set to a value that is not a valid [XMLSCHEMA11-2] datetime, an error MUST be raised and SHOULD convey "
        "an error type of PROOF_GENERATION_ERROR.",
        under("Algorithms - Proof Configuration", JCS),
    ),
)
def test_created_is_a_time(doors: Doors, column: Column) -> None:
    assert DATE_TIME_STAMP.fullmatch(doors.issued(column)["proof"]["created"])
    doors.believed(secured(column, created="2026-05-01T18:00:00.25+09:00"))
    for wrong in ("invalidDate", "2026-05-01", "2026-13-01T00:00:00Z", "2026-05-01T25:00:00Z"):
        doors.refused(secured(column, created=wrong), "bad_time")


@rule(
    "The proofValue property of the proof MUST be a detached EdDSA signature produced according to [RFC8032], encoded using the "
    "base-58-btc header and alphabet as described in the Multibase section of Controller Documents 1.0.",
    *under("Data Model - Proof Representations", *BOTH),
)
def test_the_value_is_an_ed25519_signature(doors: Doors, column: Column) -> None:
    issued = doors.issued(column)
    value = issued["proof"]["proofValue"]
    assert value.startswith("z")
    assert len(multibase.decode(value)) == 64
    multikey = doors.issuers["EdDSA"].removeprefix("did:key:")
    check_signature(multikey, value, hash_data(issued, digest="sha256"))
    doors.refused(with_proof(issued, proofValue=broken(issued["proof"])["proofValue"]), "bad_signature")


@rules(
    prefix=(
        "The publicKeyMultibase value of the verification method MUST start with the base-58-btc prefix (z), as defined in the Multibase "
        "section of Controller Documents 1.0.",
        under("Data Model - Verification Methods", *BOTH),
    ),
    encoding=("Any other encoding MUST NOT be allowed.", under("Data Model - Verification Methods", *BOTH)),
)
def test_keys_are_base58(doors: Doors, column: Column) -> None:
    """As the verifier resolves them; the same key, written in another base, verifies nothing."""
    (method,) = doors.resolved(doors.issuers["EdDSA"])["verificationMethod"]
    assert doors.issued(column)["proof"]["verificationMethod"] == method["id"]
    multikey = method["publicKeyMultibase"]
    assert multikey.startswith("z6Mk")
    assert multibase.decode(multikey)[:2] == ED25519_PUB
    assert len(multibase.decode(multikey)) == 34
    for base in ("base64url", "base16"):
        doors.refused(secured_under_base(column, base), "bad_multikey")


@rule("should verify", *of_suites("{suite} (interop) ", *BOTH))
def test_the_verifier_believes_the_issuer(doors: Doors, column: Column) -> None:
    issued = doors.issued(column)
    doors.believed(issued)
    issued["credentialSubject"]["motto"] = "forged"
    doors.refused(issued, "bad_signature")
