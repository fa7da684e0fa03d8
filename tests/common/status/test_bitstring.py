"""Bits, the entry and the list credential of Bitstring Status List 1.0: the text's examples, and what breaks its MUSTs."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import replace
from typing import Any

import pytest

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected, Unavailable
from common.formats.bitstring_entry import build_credential_status, parse_credential_status
from common.formats.credential import StatusReference, VerifiedCredential
from common.status.bitstring import MIN_ENTRIES, Bitstring, expand
from common.status.bitstring_status_list import (
    VerifiedBitstringList,
    build_bitstring_document,
    verify_bitstring_list,
)
from common.status.problems import StatusListRejected, problem_of, problem_type

NOW = 1_790_000_000
URI, ISSUER = "https://example.com/credentials/status/3", "did:web:example.com"
EXAMPLE = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
"""§2.2, example 4: 131,072 entries, none set."""
FOUR = ("pending", "accepted", "rejected", "undefined")


def entry(**changes: Any) -> dict[str, Any]:
    """§2.1, example 1."""
    made = {
        "id": f"{URI}#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": URI,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not ...}


def messages(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"status": status, "message": message} for status, message in pairs]


def test_the_texts_own_list_expands() -> None:
    bits = expand(EXAMPLE)
    assert len(bits) == MIN_ENTRIES
    assert bits.to_bytes() == bytes(MIN_ENTRIES // 8)


def test_the_first_entry_is_the_left_most_bit() -> None:
    """§8.1 (bitstring encoding)."""
    bits = Bitstring.of_size(MIN_ENTRIES, statuses={0: 1, 9: 1, MIN_ENTRIES - 1: 1})
    packed = bits.to_bytes()
    assert (packed[:2], packed[-1]) == (b"\x80\x40", 1)
    assert [bits.get(index) for index in (0, 1, 9, MIN_ENTRIES - 1)] == [1, 0, 1, 1]


def test_entries_of_several_bits_cross_bytes() -> None:
    bits = Bitstring.of_size(MIN_ENTRIES, size=3, statuses={0: 0b101, 2: 0b110, 5: 0b011})
    assert bits.to_bytes()[:3] == bytes((0b10100011, 0b00000000, 0b11000000))
    assert [bits.get(index, 3) for index in range(7)] == [5, 0, 6, 0, 0, 3, 0]
    for index in (-1, MIN_ENTRIES):
        with pytest.raises(IndexError):
            bits.get(index, 3)
        with pytest.raises(IndexError):
            bits.update([(index, 1)], size=3)
    with pytest.raises(ValueError, match="fit"):
        bits.update([(0, 8)], size=3)


def test_a_list_is_never_short() -> None:
    assert len(Bitstring.of_size(5)) == MIN_ENTRIES
    assert len(Bitstring.of_size(5, size=2)) == 2 * MIN_ENTRIES


def multibase(data: bytes) -> str:
    return "u" + b64url_encode(data)


@pytest.mark.parametrize(
    "encoded",
    [
        None,
        7,
        "",
        "u",
        EXAMPLE[1:],
        "z" + EXAMPLE[1:],
        "m" + EXAMPLE[1:],
        EXAMPLE + "=",
        EXAMPLE[:-4],
        EXAMPLE + "AAAA",
        multibase(zlib.compress(bytes(16384))),
        multibase(gzip.compress(b"", mtime=0)),
        multibase(gzip.compress(bytes(16384), mtime=0) + gzip.compress(b"more", mtime=0)),
        multibase(gzip.compress(bytes(5 << 20), mtime=0)),
    ],
)
def test_lists_that_are_none(encoded: object) -> None:
    with pytest.raises(Malformed):
        expand(encoded)


def test_a_bomb_is_not_inflated() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        stream.write(bytes(1 << 28))
    with pytest.raises(Malformed) as error:
        expand(multibase(packed.getvalue()))
    assert error.value.code == "too_large"


def test_an_entry_is_read_and_written_again() -> None:
    (found,) = parse_credential_status({"credentialStatus": entry()})
    assert found == StatusReference(uri=URI, index=94567, purpose="revocation")
    written = build_credential_status([found])
    assert written == [entry(id=...)]
    assert parse_credential_status({"credentialStatus": written}) == (found,)
    assert parse_credential_status({}) == ()


def test_an_entry_with_messages_in_any_order() -> None:
    """§2.1, example 2, with all of its four messages."""
    listed = messages(("0x2", "rejected"), ("0X0", "pending"), ("0x03", "undefined"), ("0x1", "accepted"))
    status = entry(statusPurpose="message", statusSize=2, statusMessage=listed, statusReference="https://example.org/")
    (found,) = parse_credential_status({"credentialStatus": [status]})
    assert (found.purpose, found.size, found.messages) == ("message", 2, FOUR)
    assert parse_credential_status({"credentialStatus": build_credential_status([found])}) == (found,)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": ...},
        {"type": 5},
        {"type": []},
        {"statusPurpose": ...},
        {"statusPurpose": ""},
        {"statusPurpose": ["revocation"]},
        {"statusPurpose": "status_list"},
        {"statusListIndex": ...},
        {"statusListIndex": 94567},
        {"statusListIndex": True},
        {"statusListIndex": "-1"},
        {"statusListIndex": "0x10"},
        {"statusListIndex": "007"},
        {"statusListIndex": "１２"},
        {"statusListIndex": "9" * 41},
        {"statusListCredential": ...},
        {"statusListCredential": "not a URL"},
        {"statusListCredential": {"id": URI}},
        {"id": URI},
        {"id": 5},
        {"statusSize": 0},
        {"statusSize": True},
        {"statusSize": "1"},
        {"statusSize": 1.0},
        {"statusSize": 2},
        {"statusSize": 2, "statusMessage": messages(("0x0", "a"), ("0x1", "b"))},
        {"statusMessage": messages(("0x0", "a"))},
        {"statusMessage": messages(("0x0", "a"), ("0x0", "b"))},
        {"statusMessage": messages(("0x0", "a"), ("0x2", "b"))},
        {"statusMessage": messages(("0", "a"), ("1", "b"))},
        {"statusMessage": [{"status": "0x0"}, {"status": "0x1", "message": "b"}]},
        {"statusMessage": {"0x0": "a", "0x1": "b"}},
        {"statusReference": []},
        {"statusReference": 7},
        {"statusReference": ["https://example.org", 7]},
    ],
)
def test_entries_that_break_the_text(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as error:
        parse_credential_status({"credentialStatus": [entry(), entry(**changes)]})
    assert problem_of(error.value) == "MALFORMED_VALUE_ERROR"


@pytest.mark.parametrize(
    "status", [entry(type="StatusList2021Entry"), entry(type=["Other"]), entry(statusSize=9, statusMessage=[])]
)
def test_what_cannot_be_checked_is_not_overlooked(status: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as error:
        parse_credential_status({"credentialStatus": status})
    assert error.value.reason == "status_unknown"


@pytest.mark.parametrize("found", [[], None, "x", 7, [entry()] * 17, [7]])
def test_no_entries_at_all(found: object) -> None:
    with pytest.raises(Malformed):
        parse_credential_status({"credentialStatus": found})


def document(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "uri": URI,
        "issuer": ISSUER,
        "purposes": ("revocation",),
        "valid_from": NOW,
        "valid_until": NOW + 600,
        "ttl": 60,
        **changes,
    }
    bits = arguments.pop("bits", Bitstring.of_size(MIN_ENTRIES, statuses={7: 1}))
    return build_bitstring_document(bits, **arguments)


def proven(made: dict[str, Any], **changes: Any) -> VerifiedCredential:
    """As a format's ``verify`` would give it."""
    subject = made.get("credentialSubject")
    values: dict[str, Any] = {
        "format": "ldp_vc",
        "types": ("BitstringStatusListCredential",),
        "issuer": ISSUER,
        "claims": made,
        "subject": subject if isinstance(subject, dict) else {},
        "holder_jwk": None,
        "holder_did": None,
        "issued_at": None,
        "valid_from": NOW,
        "valid_until": NOW + 600,
        "status": None,
        "credential_id": URI,
        **changes,
    }
    return VerifiedCredential(**values)


def verify(made: dict[str, Any], **changes: Any) -> VerifiedBitstringList:
    return verify_bitstring_list(proven(made, **changes), uri=URI, issuer=ISSUER)


def at(index: int, **more: Any) -> StatusReference:
    return StatusReference(uri=URI, index=index, purpose=more.pop("purpose", "revocation"), **more)


def test_a_list_round_trip() -> None:
    found = verify(document())
    assert (found.purposes, found.ttl, found.issued_at, found.expires_at) == (("revocation",), 60, NOW, NOW + 600)
    assert [found.get(at(index)) for index in (6, 7, 8)] == [0, 1, 0]


def test_the_texts_own_credential_reads() -> None:
    """§2.2, example 4: no validUntil, no ttl."""
    example = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": URI,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": ISSUER,
        "validFrom": "2021-04-05T14:27:40Z",
        "credentialSubject": {
            "id": "https://example.com/status/3#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": EXAMPLE,
        },
    }
    found = verify(example, valid_until=None)
    assert (found.ttl, found.expires_at) == (None, None)
    assert found.get(at(94567)) == 0


def test_a_list_of_several_purposes() -> None:
    made = document(purposes=("revocation", "suspension"))
    assert made["credentialSubject"]["statusPurpose"] == ["revocation", "suspension"]
    found = verify(made)
    assert found.get(at(7)) == found.get(at(7, purpose="suspension")) == 1
    with pytest.raises(StatusListRejected) as error:
        found.get(at(7, purpose="refresh"))
    assert error.value.problem == "STATUS_VERIFICATION_ERROR"


def test_range_and_length_have_errors_of_their_own() -> None:
    found = verify(document())
    with pytest.raises(StatusListRejected) as error:
        found.get(at(MIN_ENTRIES))
    assert (error.value.problem, error.value.reason) == ("RANGE_ERROR", "status_unknown")
    with pytest.raises(StatusListRejected) as error:
        found.get(at(10**39))
    assert error.value.problem == "RANGE_ERROR"
    with pytest.raises(StatusListRejected) as error:
        found.get(at(0, size=2, messages=FOUR))  # long enough for one bit, not for two
    assert error.value.problem == "STATUS_LIST_LENGTH_ERROR"
    short = document()
    short["credentialSubject"]["encodedList"] = multibase(gzip.compress(bytes(16383)))
    with pytest.raises(StatusListRejected) as error:
        verify(short).get(at(0))
    assert error.value.problem == "STATUS_LIST_LENGTH_ERROR"


def test_messages() -> None:
    bits = Bitstring.of_size(MIN_ENTRIES, size=2, statuses={3: 2})
    made = document(bits=bits, purposes=("message",), messages=FOUR)
    assert made["credentialSubject"]["statusSize"] == 2
    assert made["credentialSubject"]["statusMessages"][2] == {"status": "0x2", "message": "rejected"}
    reference = at(3, purpose="message", size=2, messages=FOUR)
    assert verify(made).get(reference) == 2


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"types": ("Other",)}, "STATUS_VERIFICATION_ERROR"),
        ({"issuer": "did:web:evil.example"}, "STATUS_VERIFICATION_ERROR"),
    ],
)
def test_lists_that_are_not_believed(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(Rejected) as error:
        verify(document(), **changes)
    assert problem_of(error.value) == problem


def test_a_list_from_elsewhere_is_not_believed() -> None:
    made = document(uri="https://example.com/credentials/status/4")
    with pytest.raises(StatusListRejected):
        verify(made)
    del made["id"]  # §2.2: it may be left out
    assert verify(made).get(at(7)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "RevocationList2020"},
        {"type": ["BitstringStatusList", "Other"]},
        {"statusPurpose": []},
        {"statusPurpose": None},
        {"statusPurpose": ["revocation", 5]},
        {"statusPurpose": ["revocation"] * 17},
        {"encodedList": None},
        {"encodedList": EXAMPLE[1:]},
        {"encodedList": multibase(b"no gzip")},
        {"ttl": "300"},
        {"ttl": -1},
        {"ttl": True},
        {"ttl": None},
        {"ttl": 1 << 60},
    ],
)
def test_lists_that_break_the_text(changes: dict[str, Any]) -> None:
    made = document()
    made["credentialSubject"] |= changes
    with pytest.raises(Malformed) as error:
        verify(made)
    assert error.value.code == "malformed_value_error"


@pytest.mark.parametrize("subject", [None, [], "x", [{}, {}]])
def test_a_list_has_one_subject(subject: object) -> None:
    with pytest.raises(StatusListRejected):
        verify(document() | {"credentialSubject": subject})


@pytest.mark.parametrize(
    "changes",
    [
        {"purposes": ()},
        {"valid_until": NOW},
        {"ttl": 0},
        {"bits": Bitstring(bytes(16383))},
        {"purposes": ("message",)},
        {"messages": FOUR},
        {"purposes": ("message",), "messages": FOUR[:3]},
        {"purposes": ("message",), "messages": FOUR},
    ],
)
def test_lists_that_we_would_not_make(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"purpose|message|entries"):
        document(**changes)


def test_references_that_we_would_not_write() -> None:
    with pytest.raises(ValueError, match="Token Status List"):
        build_credential_status([StatusReference(uri=URI, index=1)])
    with pytest.raises(ValueError, match="message"):
        build_credential_status([replace(at(1), size=2)])


def test_problem_types() -> None:
    assert problem_type("STATUS_RETRIEVAL_ERROR") == (
        "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"
    )
    assert problem_type("RANGE_ERROR") == "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"
    assert problem_of(Unavailable("list_unavailable")) == "STATUS_RETRIEVAL_ERROR"
    assert problem_of(Rejected("bad_signature")) == "STATUS_VERIFICATION_ERROR"
