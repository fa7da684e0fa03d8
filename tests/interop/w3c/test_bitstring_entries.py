"""Our mirrors of the W3C's suite for Bitstring Status List 1.0: the entries of a credential, §2.1.

The tests that the suite leaves pending are about members that our entries do not have; here others' entries have them, and the
verifier is held to what the text says of them.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.interop.w3c.examiners_lists import (
    ENTRY,
    LIST,
    MESSAGES,
    SMALLEST,
    entry,
    judge,
    lent,
    malformed,
    message_list,
    publish,
)
from tests.interop.w3c.model_doors import ABSENT, V2, ModelDoors
from tests.interop.w3c.titles import mirrors


@mirrors(
    "Data Model: BitstringStatusList Entry Any expression of the data model in this section MUST be expressed"
    " in a conforming verifiable credential as defined in [VC-DATA-MODEL-2.0]."
)
def test_entries_stand_in_a_conforming_credential(model: ModelDoors, issued: dict[str, Any]) -> None:
    assert issued["@context"][0] == V2
    assert issued["type"] == ["VerifiableCredential"]
    assert issued["credentialSubject"] == {"id": "did:example:hanako"}
    assert issued["issuer"] == model.did_web
    assert [one["check"] for one in model.verify(issued)["checks"]] == ["proof", "validity", "status", "status"]


@mirrors(
    "Data Model: BitstringStatusList Entry If present, the id value is expected to be a URL that identifies "
    "the status information associated with the verifiable credential. It MUST NOT be the URL for the status "
    "list."
)
def test_the_id_of_an_entry_is_a_url_and_not_that_of_the_list(model: ModelDoors) -> None:
    address = publish(model)
    judge(model, address, id=f"{address}#7")
    judge(model, address, "malformed_value_error", id=address)
    for wrong in ("seven", None, [f"{address}#7"], 7):
        model.refuse("bad_credentialStatus", credentialStatus=entry(address, id=wrong))


@mirrors("Data Model: BitstringStatusList Entry The type property MUST be BitstringStatusListEntry.")
def test_the_type_of_an_entry(model: ModelDoors, issued: dict[str, Any]) -> None:
    assert [one["type"] for one in issued["credentialStatus"]] == [ENTRY, ENTRY]
    judge(model, publish(model), "status_unknown", type="LoanStatus")
    judge(model, publish(model), "bad_type", type=ABSENT)


@mirrors("Data Model: BitstringStatusList Entry The purpose of the status entry MUST be a string.")
def test_the_purpose_of_an_entry_is_a_text(model: ModelDoors, issued: dict[str, Any]) -> None:
    assert [one["statusPurpose"] for one in issued["credentialStatus"]] == ["revocation", "suspension"]
    for wrong in (ABSENT, None, 1, "", ["revocation"]):
        malformed(model, statusPurpose=wrong)


@mirrors(
    "Data Model: BitstringStatusList Entry The statusListIndex property MUST be an arbitrary size integer "
    "greater than or equal to 0, expressed as a string in base 10."
)
def test_the_index_of_an_entry_is_a_number_in_base_10_as_a_text(model: ModelDoors, issued: dict[str, Any]) -> None:
    for one in issued["credentialStatus"]:
        assert str(int(one["statusListIndex"])) == one["statusListIndex"]
        assert 0 <= int(one["statusListIndex"]) < 8 * SMALLEST
    for wrong in (ABSENT, None, True, 7, -7, "-7", "07", "7.0", "0x7", "七", ""):
        malformed(model, statusListIndex=wrong)


@mirrors(
    "Data Model: BitstringStatusList Entry The statusListCredential property MUST be a URL to a verifiable credential."
)
def test_an_entry_names_the_address_of_a_credential(
    model: ModelDoors, issued: dict[str, Any], lists: list[Any]
) -> None:
    for one, listed in zip(issued["credentialStatus"], lists, strict=True):
        assert one["statusListCredential"].startswith("https://")
        model.verify(listed)
    for wrong in (ABSENT, None, "list", 1, {"id": "https://lists.example/1"}):
        malformed(model, statusListCredential=wrong)


@mirrors(
    "Data Model: BitstringStatusList Entry When the URL is dereferenced, the resulting verifiable credential "
    "MUST have type property that includes the BitstringStatusListCredential value."
)
def test_what_stands_at_the_address_is_a_status_list_credential(model: ModelDoors, lists: list[Any]) -> None:
    assert [listed["type"] for listed in lists] == [["VerifiableCredential", LIST]] * 2
    judge(model, publish(model))
    judge(model, publish(model, type=["VerifiableCredential"]), "status_unknown")


@mirrors("Data Model: BitstringStatusList Entry If present, statusSize MUST be an integer greater than zero.")
@pytest.mark.parametrize("size", [0, -1, 1.5, "2", True, None])
def test_the_size_of_an_entry_is_a_whole_number_above_0(model: ModelDoors, size: Any) -> None:
    judge(model, publish(model), statusSize=1)
    judge(model, message_list(model), **lent())
    judge(model, message_list(model), "status_unknown", **lent(statusSize=9))
    malformed(model, statusSize=size)


@mirrors(
    "Data Model: BitstringStatusList Entry If statusSize is provided and is greater than 1, then the property"
    " credentialStatus.statusMessage MUST be present."
)
def test_an_entry_of_several_bits_has_its_messages(model: ModelDoors) -> None:
    judge(model, message_list(model), **lent())
    malformed(model, **lent(statusMessage=ABSENT))


@mirrors(
    "Data Model: BitstringStatusList Entry statusMessage MAY be present if statusSize is 1, and MUST be "
    "present if statusSize is greater than 1."
)
def test_an_entry_of_one_bit_may_have_messages(model: ModelDoors) -> None:
    bits = bytes([1, *bytes(SMALLEST - 1)])
    address = publish(model, bits, subject={"statusPurpose": "message"})
    for size in (ABSENT, 1):
        answer = judge(model, address, **lent(statusMessage=MESSAGES[:2], statusSize=size))
        assert [note["code"] for note in answer["warnings"]] == ["status_message"]
        assert answer["warnings"][0]["detail"].endswith("lent")
    judge(model, publish(model), statusSize=1)
    malformed(model, statusPurpose="message", statusSize=3)


@mirrors(
    "Data Model: BitstringStatusList Entry The number of status messages MUST equal the number of possible values."
)
def test_there_are_as_many_messages_as_values(model: ModelDoors) -> None:
    judge(model, message_list(model), **lent())
    for wrong in (MESSAGES[:3], MESSAGES[:2], [*MESSAGES, {"status": "0x4", "message": "sold"}], []):
        malformed(model, **lent(statusMessage=wrong))


@mirrors(
    "Data Model: BitstringStatusList Entry If present, the statusMessage property MUST be an array, the "
    "length of which MUST equal the number of possible status messages indicated by statusSize."
)
def test_messages_are_an_array_with_every_value_once(model: ModelDoors) -> None:
    assert judge(model, message_list(model, 0), **lent())["warnings"] == []
    for value, message in list(enumerate(MESSAGES))[1:]:
        answer = judge(model, message_list(model, value), **lent())
        assert answer["warnings"][0]["detail"].endswith(message["message"])
    for wrong in (MESSAGES[0], "lent", None, [*MESSAGES[:3], MESSAGES[0]]):
        malformed(model, **lent(statusMessage=wrong))


@mirrors(
    "Data Model: BitstringStatusList Entry If the statusMessage array is present, each element MUST contain "
    'the two properties "status" and "message".'
)
def test_every_message_has_a_status_and_a_text(model: ModelDoors) -> None:
    judge(model, message_list(model), **lent())
    for wrong in (
        {"status": "0x3"},
        {"message": "overdue"},
        {"status": 3, "message": "overdue"},
        {"status": "3", "message": "a"},
        "overdue",
    ):
        malformed(model, **lent(statusMessage=[*MESSAGES[:3], wrong]))


@mirrors(
    'Data Model: BitstringStatusList Entry If present, the "statusReference" value MUST be a URL or an array '
    "of URLs [URL] which dereference(s) to material related to the status."
)
def test_references_are_urls(model: ModelDoors) -> None:
    for reference in ("https://sakuragawa.example/loans", ["https://sakuragawa.example/loans", "urn:example:rules"]):
        judge(model, publish(model), statusReference=reference)
    for wrong in ("the rules", ["https://sakuragawa.example/loans", "the rules"], [], 1, None):
        malformed(model, statusReference=wrong)
