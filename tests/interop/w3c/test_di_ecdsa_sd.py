"""The W3C's vc-di-ecdsa-test-suite: its own tests of ``ecdsa-sd-2023``, base proofs and derived ones."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from multiformats import multibase

from tests.interop.w3c.di_columns import Headed, of_suites, rule, rules
from tests.interop.w3c.di_documents import MANDATORY, Column, decisive, secured, with_proof
from tests.interop.w3c.di_second_opinion import DATE_TIME_STAMP, check_raw_signature
from tests.interop.w3c.di_selective_values import put_together, tagged, taken_apart
from tests.interop.w3c.titles import mirrors
from tests.interop.w3c.vc_api_doors import Doors

SD = "ecdsa-sd-2023"
BASE, DERIVED = b"\xd9\x5d\x00", b"\xd9\x5d\x01"
NAMED = f" ({SD})"
MEMBERS = {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}
TYPE_AND_SUITE = "contain a type identifier for the cryptographic suite (type)"
MOTTO = '<did:example:hanako> <https://sakuragawa.example/terms#motto> "学而時習之" .\n'


def under(place: str) -> tuple[Headed, ...]:
    return of_suites(f"Algorithms - {place} ", SD)


def functions(place: str = SD) -> tuple[Headed, ...]:
    return of_suites(f"Functions - {place} ", SD)


@rule("A data integrity proof (map), or an error, is produced as output.", *under(f"Create Base Proof{NAMED}"))
def test_a_base_proof_is_a_map_of_texts(doors: Doors, column: Column) -> None:
    proof = doors.issued(column)["proof"]
    assert proof.keys() == MEMBERS
    assert all(isinstance(value, str) for value in proof.values())
    doors.not_issued(doors.document(column, credentialSubject=None), SD, "bad_subject")


@rule(
    "Let proof.proofValue be a base64-url-encoded Multibase value of the proofBytes.",
    *under(f"Create Base Proof{NAMED}"),
)
def test_the_value_is_base64url(doors: Doors, column: Column) -> None:
    header, components = taken_apart(doors.issued(column)["proof"])
    assert header == BASE
    signature, key, _, signatures, _ = components
    assert (len(signature), key[:2], len(key)) == (64, b"\x80\x24", 35)
    assert {len(one) for one in signatures} == {64}


@rules(
    transformation=(
        f"The transformation options MUST {TYPE_AND_SUITE}, a cryptosuite identifier (cryptosuite), and a verification method "
        "(verificationMethod).",
        under(f"Base Proof Transformation{NAMED}"),
    ),
    configuration=(
        f"The proof options MUST {TYPE_AND_SUITE} and MUST contain a cryptosuite identifier (cryptosuite).",
        under("Base Proof Configuration"),
    ),
    serialization=(
        f"The proof options MUST {TYPE_AND_SUITE} and MAY contain a cryptosuite identifier (cryptosuite).",
        under(f"Base Proof Serialization{NAMED}"),
    ),
)
def test_type_cryptosuite_and_method_are_told(doors: Doors, column: Column) -> None:
    assert doors.issued(column)["proof"].keys() >= {"type", "cryptosuite", "verificationMethod"}
    for member in ("type", "cryptosuite", "verificationMethod"):
        doors.refused(with_proof(secured(column), **{member: None}), "bad_proof")


@rule(
    "The transformation options MUST contain an array of mandatory JSON pointers (mandatoryPointers) and MAY contain additional options, "
    "such as a JSON-LD document loader.",
    *under(f"Base Proof Transformation{NAMED}"),
)
def test_mandatory_pointers(doors: Doors, column: Column) -> None:
    """What is asked for, and what a verdict hangs on: a holder must not leave that out."""
    issued, wanted = doors.issued(column), MANDATORY[column.version]
    assert taken_apart(issued["proof"])[1][4] == [*wanted, *decisive(issued, beside=wanted)]
    unasked = doors.issue(doors.document(column), SD)
    assert taken_apart(unasked["proof"])[1][4] == decisive(unasked)
    assert doors.derive(unasked, "/credentialSubject/motto")["issuer"] == doors.issuers["ES256"]


@rule(
    "Whenever this algorithm encodes strings, it MUST use UTF-8 encoding.", *under(f"Base Proof Transformation{NAMED}")
)
def test_statements_are_signed_in_utf_8(doors: Doors, column: Column) -> None:
    """The motto is the one statement that is revealed and not mandatory; the key of the proof has signed it for itself."""
    derived = doors.derive(doors.issued(column), "/credentialSubject/motto")
    _, (_, key, (signature,), _, _) = taken_apart(derived["proof"])
    check_raw_signature(key, signature, MOTTO.encode("utf-8"))
    for encoding in ("utf-16-le", "shift_jis"):
        with pytest.raises(InvalidSignature):
            check_raw_signature(key, signature, MOTTO.encode(encoding, "replace"))


@rule(
    "Per the recommendations of [RFC2104], the HMAC key MUST be the same length as the digest size; for SHA-256, this is 256 bits or 32 "
    "bytes.",
    *under(f"Base Proof Transformation{NAMED}"),
)
def test_the_hmac_key_is_as_long_as_the_digest(doors: Doors, column: Column) -> None:
    _, components = taken_apart(doors.issued(column)["proof"])
    again = taken_apart(doors.issue(doors.document(column), SD)["proof"])[1]
    assert len(components[2]) == 32
    assert components[2] != again[2]


@rule(
    "If proofConfig.type is not set to DataIntegrityProof and/or proofConfig.cryptosuite is not set to ecdsa-sd-2023, an error MUST be "
    "raised and SHOULD convey an error type of PROOF_GENERATION_ERROR.",
    *under("Base Proof Configuration"),
)
def test_the_type_and_the_cryptosuite(doors: Doors, column: Column) -> None:
    proof = doors.issued(column)["proof"]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", SD)
    credential = secured(column)
    doors.refused(with_proof(credential, type="EcdsaSecp256r1Signature2019"), "bad_proof")
    doors.refused(with_proof(credential, cryptosuite="ecdsa-sd-2024"), "unknown_cryptosuite")
    doors.not_issued(doors.document(column), "ecdsa-sd-2024", "unknown_cryptosuite")


@rule(
    "If proofConfig.created is set and if the value is not a valid [XMLSCHEMA11-2] datetime, an error MUST be raised and SHOULD convey an "
    "error type of PROOF_GENERATION_ERROR.",
    *under("Base Proof Configuration"),
)
def test_created_is_a_time(doors: Doors, column: Column) -> None:
    assert DATE_TIME_STAMP.fullmatch(doors.issued(column)["proof"]["created"])
    doors.refused(secured(column, created="invalidDate"), "bad_time")


@rule(
    "If the length of signatures does not match the length of nonMandatory, an error MUST be raised and SHOULD convey an error type of "
    "PROOF_VERIFICATION_ERROR, indicating that the signature count does not match the non-mandatory message count.",
    *under(f"Verify Derived Proof{NAMED}"),
)
def test_as_many_signatures_as_statements(doors: Doors, column: Column) -> None:
    derived = doors.shown(column)
    doors.believed(derived)
    header, components = taken_apart(derived["proof"])
    signatures = components[2]
    assert len(signatures) > 1
    for count in (signatures[1:], [*signatures, signatures[-1]], []):
        changed = put_together(header, [*components[:2], count, *components[3:]])
        doors.refused(with_proof(derived, proofValue=changed), "bad_signature", because="not as many signatures")


@rule(
    "Set value to parentValue.path. If value is now undefined, an error MUST be raised and SHOULD convey an error type of "
    "PROOF_GENERATION_ERROR, indicating that the JSON pointer does not match the given document.",
    *functions("Selective Disclosure"),
)
def test_a_pointer_to_nothing(doors: Doors, column: Column) -> None:
    for pointer in ("/credentialSubject/invalidPointer", "/credentialSubject/shelf/2"):
        doors.not_issued(doors.document(column), SD, "bad_pointer", mandatoryPointers=["/issuer", pointer])


@rule(
    "CBOR-encode components per [RFC8949] where CBOR tagging MUST NOT be used on any of the components.", *functions()
)
def test_components_have_no_tags(doors: Doors, column: Column) -> None:
    assert len(taken_apart(doors.issued(column)["proof"])[1]) == 5
    derived = doors.shown(column)
    header, components = taken_apart(derived["proof"])
    doors.believed(with_proof(derived, proofValue=put_together(header, components)))
    doors.refused(with_proof(derived, proofValue=put_together(header, tagged(components))), "bad_proof_value")


@rule(
    "If the proofValue string does not start with u, indicating that it is a multibase-base64url-no-pad-encoded value, an error MUST be "
    "raised and SHOULD convey an error type of PROOF_VERIFICATION_ERROR.",
    *functions(),
)
def test_the_value_starts_with_u(doors: Doors, column: Column) -> None:
    derived = doors.shown(column)
    doors.believed(derived)
    value = derived["proof"]["proofValue"]
    for other in (value[1:], "z" + value[1:], str(multibase.encode(multibase.decode(value), "base58btc"))):
        doors.refused(with_proof(derived, proofValue=other), "bad_proof_value")


@rule(
    "If the decodedProofValue does not start with the ECDSA-SD disclosure proof header bytes 0xd9, 0x5d, and 0x01, an error MUST be raised "
    "and SHOULD convey an error type of PROOF_VERIFICATION_ERROR.",
    *functions(),
)
def test_the_header_of_a_derived_proof(doors: Doors, column: Column) -> None:
    derived = doors.shown(column)
    header, components = taken_apart(derived["proof"])
    assert header == DERIVED
    for other in (b"", BASE, b"\xd9\x5d\x03", b"\xd9\x5e\x01", b"\x00\x00\x01"):
        doors.refused(with_proof(derived, proofValue=put_together(other, components)), "bad_proof_value")
    doors.refused(doors.issued(column), "bad_proof_value")  # a base proof is the holder's alone


def _wrong(components: list[Any], place: int, value: Any) -> list[Any]:
    return [*components[:place], value, *components[place + 1 :]]


_FIVE = (
    "Initialize components to an array that is the result of CBOR-decoding the bytes that follow the three-byte ECDSA-SD disclosure proof "
    "header. If the result is not an array of the following five elements — a byte array of length 64; a byte array of length 36; an array "
    "of byte arrays, each of length 64; a map of integers to byte arrays, each of length 32; and an array of integers — an error MUST be "
    "raised and SHOULD convey an error type of PROOF_VERIFICATION_ERROR."
)


@mirrors(f"Functions - {SD} {_FIVE}")
def test_the_components_of_a_derived_proof(doors: Doors) -> None:
    """A P-256 key in its own multikey form has 35 bytes, which is what everybody writes where the text says 36."""
    derived = doors.shown(Column(suite=SD, alg="ES256", version="2.0"))
    header, components = taken_apart(derived["proof"])
    signature, key, signatures, labels, mandatory = components
    assert (len(signature), len(key), {len(one) for one in signatures}) == (64, 35, {64})
    assert labels
    assert {len(label) for label in labels.values()} == {32}
    assert mandatory
    wrong: tuple[Any, ...] = (
        {},
        components[:4],
        [*components, b""],
        _wrong(components, 0, signature[1:]),
        _wrong(components, 0, "text"),
        _wrong(components, 1, key[1:]),
        _wrong(components, 2, signatures[0]),
        _wrong(components, 2, [signatures[0][1:], *signatures[1:]]),
        _wrong(components, 3, list(labels.values())),
        _wrong(components, 3, {str(name): label for name, label in labels.items()}),
        _wrong(components, 3, {name: label[1:] for name, label in labels.items()}),
        _wrong(components, 3, dict.fromkeys(labels, "not a bytearray")),
        _wrong(components, 4, [str(index) for index in mandatory]),
        _wrong(components, 4, mandatory[0]),
    )
    for one in wrong:
        doors.refused(with_proof(derived, proofValue=put_together(header, one)), "bad_proof_value")


@pytest.mark.parametrize(
    "version", [pytest.param(one, marks=mirrors(f'{SD} (interop) "P-256" should verify "P-256"')) for one in MANDATORY]
)
def test_the_verifier_believes_what_was_derived(doors: Doors, version: str) -> None:
    derived = doors.shown(Column(suite=SD, alg="ES256", version=version))
    doors.believed(derived)
    derived["credentialSubject"]["motto"] = "forged"
    doors.refused(derived, "bad_signature")
