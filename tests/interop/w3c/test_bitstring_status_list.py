"""Our mirrors of the W3C's suite for Bitstring Status List 1.0: the lists and the algorithms, §2.2, §3."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import b64url_encode
from common.keys.software import SoftwareKey
from tests.interop.w3c.examiners_lists import ENTRY, LIST, LISTED, SMALLEST, bit, bits_of, judge, lent, packed, publish
from tests.interop.w3c.model_doors import ABSENT, V2, ModelDoors, changed
from tests.interop.w3c.titles import mirrors


@mirrors(
    "Data Model: BitstringStatusList Credential When a status list verifiable credential is published, it "
    "MUST be a conforming document, as defined in [VC-DATA-MODEL-2.0]."
)
@mirrors(
    "Algorithm: Generate Algorithm The following process, or one generating the exact output, MUST be "
    "followed when producing a BitstringStatusListCredential."
)
def test_a_published_list_is_a_conforming_document(model: ModelDoors, issued: dict[str, Any], lists: list[Any]) -> None:
    for one, listed in zip(issued["credentialStatus"], lists, strict=True):
        assert listed["@context"][0] == V2
        assert listed["issuer"] == model.did_web
        assert listed["credentialSubject"]["type"] == LISTED
        assert listed["credentialSubject"]["statusPurpose"] == one["statusPurpose"]
        assert isinstance(listed["credentialSubject"]["encodedList"], str)
        assert [check["check"] for check in model.verify(listed)["checks"]] == ["proof", "validity"]
        forged = changed(
            listed, credentialSubject={**listed["credentialSubject"], "encodedList": packed(bytes(SMALLEST))}
        )
        model.verify(forged, "bad_signature")


@mirrors(
    "Data Model: BitstringStatusList Credential The verifiable credential that contains the status list MAY "
    "express an id property that matches the value specified in statusListCredential for the corresponding "
    "BitstringStatusListEntry."
)
def test_the_id_of_a_list_is_its_address(model: ModelDoors, issued: dict[str, Any], lists: list[Any]) -> None:
    named = [one["statusListCredential"] for one in issued["credentialStatus"]]
    assert [listed["id"] for listed in lists] == named
    judge(model, publish(model, id=ABSENT))
    judge(model, publish(model, id="https://lists.example/another"), "status_unknown")


@mirrors(
    "Data Model: BitstringStatusList Credential The verifiable credential that contains the status list MUST "
    "express a type property that includes the BitstringStatusListCredential value."
)
def test_the_types_of_a_list(model: ModelDoors, lists: list[Any]) -> None:
    assert [listed["type"] for listed in lists] == [["VerifiableCredential", LIST]] * 2
    judge(model, publish(model, type=[LIST, "VerifiableCredential"]))
    judge(model, publish(model, type=["VerifiableCredential", "LibraryCard"]), "status_unknown")
    judge(model, publish(model, type=[LIST]), "status_unknown")


@mirrors(
    "Data Model: BitstringStatusList Credential The type of the credential subject, which is the status list,"
    " MUST be BitstringStatusList."
)
def test_the_subject_of_a_list_is_a_list(model: ModelDoors, lists: list[Any]) -> None:
    assert [listed["credentialSubject"]["type"] for listed in lists] == [LISTED, LISTED]
    for wrong in (ABSENT, "LibraryCard", [LISTED, "LibraryCard"]):
        judge(model, publish(model, subject={"type": wrong}), "status_unknown")


@mirrors(
    "Data Model: BitstringStatusList Credential The value of the purpose property of the status entry, "
    "statusPurpose, MUST be one or more strings."
)
def test_the_purposes_of_a_list_are_texts(model: ModelDoors, lists: list[Any]) -> None:
    assert [listed["credentialSubject"]["statusPurpose"] for listed in lists] == ["revocation", "suspension"]
    judge(model, publish(model, subject={"statusPurpose": ["suspension", "revocation"]}))
    for wrong in (ABSENT, None, 1, [], [1], ["revocation", None], "suspension"):
        judge(model, publish(model, subject={"statusPurpose": wrong}), "status_unknown")


@mirrors(
    "Data Model: BitstringStatusList Credential The encodedList property of the credential subject MUST be a "
    "Multibase-encoded base64url (with no padding) [RFC4648] representation of the GZIP-compressed [RFC1952] "
    "bitstring values for the associated range of verifiable credential status values."
)
def test_an_encoded_list_is_gzip_in_base64url_with_its_header(model: ModelDoors, lists: list[Any]) -> None:
    for listed in lists:
        assert "=" not in listed["credentialSubject"]["encodedList"]
        assert bits_of(listed)
    good = packed(bytes(SMALLEST))
    judge(model, publish(model, subject={"encodedList": good}))
    for wrong in (ABSENT, None, good[1:], f"z{good[1:]}", f"{good}=", f"u{b64url_encode(bytes(SMALLEST))}", good[:-8]):
        judge(model, publish(model, subject={"encodedList": wrong}), "status_unknown")


@mirrors("Data Model: BitstringStatusList Credential The uncompressed bitstring MUST be at least 16KB in size.")
def test_a_list_has_at_least_16_kilobytes(model: ModelDoors, lists: list[Any]) -> None:
    assert all(len(bits_of(listed)) >= SMALLEST for listed in lists)
    judge(model, publish(model, bytes(SMALLEST)))
    judge(model, publish(model, bytes(SMALLEST - 1)), "status_unknown")
    judge(model, publish(model, bytes(SMALLEST), subject={"statusPurpose": "message"}), "status_unknown", **lent())


@mirrors(
    "Algorithm If an implementation of any of the algorithms in this section processes a property defined in "
    'Section 2. Data Model whose value is malformed due to not complying with associated "MUST" statements, a'
    " MALFORMED_VALUE_ERROR MUST be raised."
)
@pytest.mark.parametrize("place", ["credentialStatus", "statusEntry"])
def test_a_malformed_entry_is_an_error(model: ModelDoors, place: str) -> None:
    """The suite puts it into a member that no context defines."""
    wrong = {"type": ENTRY, "statusListIndex": True, "statusListCredential": "https://lists.example/1"}
    if place == "credentialStatus":
        model.refuse("malformed_value_error", credentialStatus=wrong)
    else:
        model.not_issued("undefined_term", statusEntry=wrong)


@mirrors(
    "Algorithm: Validate Algorithm The following process, or one generating the exact output, MUST be "
    "followed when validating a verifiable credential that is contained in a BitstringStatusListCredential"
)
@pytest.mark.parametrize(("purpose", "reason"), [("revocation", "revoked"), ("suspension", "suspended")])
def test_a_status_is_judged_by_the_bit(model: ModelDoors, purpose: str, reason: str) -> None:
    for bits, expect in ((b"\x01", reason), (b"\x80", ""), (b"\xfe", ""), (b"\xff", reason)):
        address = publish(model, bits.ljust(SMALLEST, b"\0"), subject={"statusPurpose": purpose})
        judge(model, address, expect, statusPurpose=purpose)
    judge(model, publish(model, by=SoftwareKey.generate(alg="EdDSA")), "status_unknown")
    judge(model, publish(model, issuer="did:example:nobody"), "status_unknown")
    judge(model, publish(model, subject={"ttl": 60_000}))
    judge(model, publish(model, subject={"ttl": "soon"}), "status_unknown")
    judge(model, publish(model), "status_unknown", statusListIndex=str(8 * SMALLEST))
    judge(model, publish(model), statusListIndex=str(8 * SMALLEST - 1))
    judge(model, "https://lists.example/nobody", "status_unknown")


@mirrors(
    "Algorithm: Bitstring Generation Algorithm The following process, or one generating the exact output, "
    "MUST be followed when generating a status list bitstring."
)
def test_generating_sets_the_bit_of_the_entry(model: ModelDoors) -> None:
    """Left to right. Other bits may stand for nobody: decoys hide how many were withdrawn."""
    credential, other = (
        model.issue(issuer=model.did_web, id=f"urn:example:loan:{number}", options={"status": True})
        for number in (1, 2)
    )
    model.verify(credential)
    for place, expect in ((1, "suspended"), (0, "revoked")):
        mine, others = credential["credentialStatus"][place], other["credentialStatus"][place]
        assert not bit(model.published(mine["statusListCredential"]), mine)
        model.change_status(credential["id"], mine["statusPurpose"])
        assert bit(model.published(mine["statusListCredential"]), mine)
        assert not bit(model.published(others["statusListCredential"]), others)
        model.verify(credential, expect)
        model.verify(other)


@mirrors(
    "Algorithm: Bitstring Expansion Algorithm The following process, or one generating the exact output, MUST"
    " be followed when expanding a compressed status list bitstring."
)
def test_expanding_is_bounded_and_exact(model: ModelDoors, issued: dict[str, Any]) -> None:
    answer = model.verify(issued)
    assert [one["value"] for one in answer["checks"] if one["check"] == "status"] == ["valid", "valid"]
    last = bytes(SMALLEST * 4 - 1) + b"\x01"
    judge(model, publish(model, last), "revoked", statusListIndex=str(8 * len(last) - 1))
    judge(model, publish(model, last), statusListIndex=str(8 * len(last) - 2))
    judge(model, publish(model, bytes(64 * 1024 * 1024)), "status_unknown")


@mirrors("BitstringStatusList (interop) should verify")
def test_our_verifier_believes_our_issuer(model: ModelDoors, issued: dict[str, Any]) -> None:
    assert model.verify(issued)["warnings"] == []
    model.verify({**issued, "credentialStatus": issued["credentialStatus"][:1]}, "bad_signature")
