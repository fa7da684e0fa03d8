"""The W3C's vc-di-bbs-test-suite: its own tests of verifiers of ``bbs-2023``, and of what issuer, holder and verifier make together.

What it would ask of every verifier of Data Integrity proofs stands in `test_di_verifiers`, under the title of its ``before all`` hook,
which fails in the suite's own preparation (`BBS_VERIFIERS`).
"""

from __future__ import annotations

import pytest

from tests.interop.w3c.di_columns import VERSIONS, of_versions, rule, rules
from tests.interop.w3c.di_documents import Column, secured, with_proof
from tests.interop.w3c.di_second_opinion import DATE_TIME_STAMP
from tests.interop.w3c.di_selective_values import bbs_over, put_together, tagged, taken_apart
from tests.interop.w3c.titles import mirrors
from tests.interop.w3c.vc_api_doors import Doors

BBS = "bbs-2023"
BASE, DERIVED = b"\xd9\x5d\x02", b"\xd9\x5d\x03"
VERIFY = of_versions("bbs-2023 (verify) bbs-2023 (verifiers) VC {version} ", BBS, "BBS")


@rule(
    "If the proofValue string does not start with u (U+0075 LATIN SMALL LETTER U), indicating that it is a "
    "multibase-base64url-no-pad-encoded value, an error MUST be raised and SHOULD convey an error type of PROOF_VERIFICATION_ERROR.",
    *VERIFY,
)
def test_the_value_starts_with_u(doors: Doors, column: Column) -> None:
    credential = secured(column)
    doors.believed(credential)
    for first in ("a", "U", "z", ""):
        value = first + credential["proof"]["proofValue"][1:]
        doors.refused(with_proof(credential, proofValue=value), "bad_proof_value")


@rules(
    configuration=(
        "If proofConfig.type is not set to DataIntegrityProof and/or proofConfig.cryptosuite is not set to bbs-2023, an error MUST be "
        "raised and SHOULD convey an error type of PROOF_GENERATION_ERROR.",
        VERIFY,
    ),
    options=(
        "The proof options MUST contain a type identifier for the cryptographic suite (type) and MUST contain a cryptosuite identifier "
        "(cryptosuite). A proof configuration object is produced as output.",
        VERIFY,
    ),
)
def test_another_type_or_cryptosuite_or_none(doors: Doors, column: Column) -> None:
    credential = secured(column)
    for type_ in ("UnknownProofType", "", None):
        doors.refused(with_proof(credential, type=type_), "bad_proof")
        doors.refused(with_proof(credential, type=type_, cryptosuite="UnknownCryptosuite"), "bad_proof")
    for cryptosuite, code in (
        ("UnknownCryptosuite", "unknown_cryptosuite"),
        ("", "unknown_cryptosuite"),
        (None, "bad_proof"),
    ):
        doors.refused(with_proof(credential, cryptosuite=cryptosuite), code)


@rule("Whenever this algorithm (base proof) encodes strings, it MUST use UTF-8 encoding.", *VERIFY)
def test_statements_are_signed_in_utf_8(doors: Doors, column: Column) -> None:
    doors.believed(bbs_over(column, "utf-8"))
    for encoding in ("utf-16-le", "utf-8-sig"):
        doors.refused(bbs_over(column, encoding), "bad_signature")


@rule(
    "CBOR-encode components per [RFC8949] where CBOR tagging MUST NOT be used on any of the components. Append the produced encoded value "
    "to proofValue.",
    *VERIFY,
)
def test_components_with_tags_are_refused(doors: Doors, column: Column) -> None:
    credential = secured(column)
    header, components = taken_apart(credential["proof"])
    doors.believed(with_proof(credential, proofValue=put_together(header, components)))
    doors.refused(with_proof(credential, proofValue=put_together(header, tagged(components))), "bad_proof_value")


@rule(
    "If proofConfig.created is set and if the value is not a valid [XMLSCHEMA11-2] datetime, an error MUST be raised and SHOULD convey an "
    "error type of PROOF_GENERATION_ERROR.",
    *VERIFY,
)
def test_created_is_a_time(doors: Doors, column: Column) -> None:
    assert DATE_TIME_STAMP.fullmatch(doors.issued(column)["proof"]["created"])
    doors.believed(secured(column, created=None))
    for wrong in ("invalidDate", "2026-05-01", "2026-13-01T00:00:00Z"):
        doors.refused(secured(column, created=wrong), "bad_time")


@rule("Conforming processors MUST produce errors when non-conforming documents are consumed.", *VERIFY)
def test_what_does_not_conform_is_an_error(doors: Doors, column: Column) -> None:
    credential = secured(column)
    doors.refused({**credential, "issuer": None}, "bad_issuer")
    doors.refused({**credential, "undefinedTerm": "x"}, "undefined_term")
    doors.refused({**credential, "proof": [credential["proof"]] * 9}, "bad_proof")
    doors.refused(doors.issued(column), "bad_proof_value")  # a base proof is the holder's alone
    _, components = taken_apart(credential["proof"])
    changed = put_together(DERIVED, [*components[:4], b"for somebody else"])
    doors.refused(with_proof(credential, proofValue=changed), "bad_signature")


@rule(
    "If the decodedProofValue starts with any other three byte sequence, an error MUST be raised and SHOULD convey an error type of "
    "PROOF_VERIFICATION_ERROR.",
    *VERIFY,
)
def test_the_header_of_a_derived_proof(doors: Doors, column: Column) -> None:
    credential = secured(column)
    header, components = taken_apart(credential["proof"])
    assert header == DERIVED
    for other in (b"", BASE, b"\xd9\x5d\x01", b"\x00\x00\x03", b"\xd9\x5d\x0b"):
        doors.refused(with_proof(credential, proofValue=put_together(other, components)), "bad_proof_value")


@pytest.mark.parametrize(
    "version", [pytest.param(one, marks=mirrors("bbs-2023 (interop) should verify")) for one in VERSIONS]
)
def test_the_verifier_believes_what_was_derived(doors: Doors, version: str) -> None:
    derived = doors.shown(Column(suite=BBS, alg="BBS", version=version))
    doors.believed(derived)
    derived["credentialSubject"]["motto"] = "forged"
    doors.refused(derived, "bad_signature")
