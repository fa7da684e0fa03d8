"""The tables of document types: what a claim becomes, what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from common.cards.evidence_json import parse_evidence
from common.cbor import Tagged
from common.errors import Malformed, Unsupported
from common.formats.mdoc.claims import to_claim
from common.formats.mdoc.document_type import DocumentType, Element
from common.formats.mdoc.document_types.registry import DOCUMENT_TYPES
from common.formats.mdoc.tdate import encode_tdate, parse_tdate
from issuer.catalogue.card_claims import tell_evidence
from issuer.catalogue.registry import CATALOGUE
from tests.common.formats.mdoc.cast import CLAIMS, MDOC, NOW, issued, public

OF_CARDS = ("identity", "age", "residence", "driving_privileges", "residence_status", "nationality")
LICENCE: dict[str, Any] = {
    "family_name": "YAMADA",
    "given_name": "TARO",
    "birthdate": "2000-02-29",
    "issue_date": "2024-04-01",
    "expiry_date": "2029-04-01T00:00:00Z",
    "issuing_country": "JP",
    "issuing_authority": "Tokyo",
    "document_number": "123456789012",
    "portrait": b"\xff\xd8",
    "driving_privileges": [{"vehicle_category_code": "B", "issue_date": "2024-04-01"}],
    "un_distinguishing_sign": "J",
    "age_equal_or_over": {"18": True},
    "sex": 1,
}
PERSON: dict[str, Any] = {
    "family_name": "YAMADA",
    "given_name": "TARO",
    "birthdate": "2000-02-29",
    "nationalities": ["JP"],
    "place_of_birth": {"country": "JP", "locality": "Tokyo"},
    "address": {"country": "JP", "locality": "Tokyo"},
    "date_of_expiry": "2029-04-01",
    "issuing_authority": "JP",
    "issuing_country": "JP",
}
TICKET: dict[str, Any] = {
    "issuing_authority": "桜川大学",
    "issuing_country": "JP",
    "ticket_number": "T-1",
    "event_id": "E-1",
    "starts_at": "2026-11-21T09:00:00+09:00",
    "admits": 2,
}


def test_known() -> None:
    assert DOCUMENT_TYPES.names == (
        "tegata.student.1",
        "tegata.graduate.1",
        "tegata.ticket.1",
        "org.iso.18013.5.1.mDL",
        "eu.europa.ec.eudi.pid.1",
        *(f"tegata.{name}.1" for name in OF_CARDS),
    )
    with pytest.raises(Unsupported):
        DOCUMENT_TYPES["student"]


@pytest.mark.parametrize(("name", "doctype"), [("enrolment", "tegata.student.1"), ("graduation", "tegata.graduate.1")])
def test_the_catalogues_types_have_a_place_for_every_claim(name: str, doctype: str) -> None:
    kind, table = CATALOGUE[name], DOCUMENT_TYPES[doctype]
    claims = kind.build(kind.sample, "桜川大学", date(2026, 4, 1))
    arranged = table.arrange(claims)
    for claim in kind.claims:
        place = table.path_of(claim.path)
        assert place is not None, claim.path
        assert place[0] == doctype
    assert arranged[doctype]["family_name_kana"] == "タカハシ"
    assert arranged[doctype]["birth_date"] == Tagged(1004, "2005-04-02")
    assert table.path_of(("age_equal_or_over", "18")) == (doctype, "age_over_18")
    assert table.path_of(("shoe_size",)) is None
    found = MDOC.verify(MDOC.parse(issued(doctype=doctype, claims=claims)), public(), now=NOW)
    assert found.claims[doctype]["age_over_20"] is True


@pytest.mark.parametrize("name", OF_CARDS)
def test_what_cards_prove_has_a_place_for_every_claim_and_for_the_evidence(name: str) -> None:
    kind, doctype = CATALOGUE[name], f"tegata.{name}.1"
    table = DOCUMENT_TYPES[doctype]
    evidence = tell_evidence(kind.sample.evidence)
    claims = kind.build(kind.sample, "桜川大学", date(2026, 4, 1))
    with pytest.raises(ValueError, match="needs evidence"):
        table.arrange(claims)
    arranged = table.arrange({**claims, "evidence": evidence})
    assert arranged["tegata.evidence.1"] == {"evidence": evidence}
    for claim in kind.claims:
        place = table.path_of(claim.path)
        assert place is not None, claim.path
        assert place[0] == doctype
        assert place[1] in arranged[doctype]
    found = MDOC.verify(MDOC.parse(issued(doctype=doctype, claims={**claims, "evidence": evidence})), public(), now=NOW)
    assert parse_evidence(found.claims["tegata.evidence.1"]["evidence"]).card == kind.sample.evidence.card


@pytest.mark.parametrize(
    ("doctype", "claims", "namespace", "expected"),
    [
        (
            "org.iso.18013.5.1.mDL",
            LICENCE,
            "org.iso.18013.5.1",
            {
                "birth_date": Tagged(1004, "2000-02-29"),
                "expiry_date": Tagged(0, "2029-04-01T00:00:00Z"),
                "driving_privileges": [{"vehicle_category_code": "B", "issue_date": Tagged(1004, "2024-04-01")}],
                "age_over_18": True,
            },
        ),
        (
            "eu.europa.ec.eudi.pid.1",
            PERSON,
            "eu.europa.ec.eudi.pid.1",
            {
                "nationality": ["JP"],
                "resident_city": "Tokyo",
                "place_of_birth": {"country": "JP", "locality": "Tokyo"},
                "expiry_date": Tagged(1004, "2029-04-01"),
            },
        ),
        (
            "tegata.ticket.1",
            TICKET,
            "tegata.ticket.1",
            {"admits": 2, "starts_at": Tagged(0, "2026-11-21T09:00:00+09:00")},
        ),
    ],
)
def test_arranged(doctype: str, claims: dict[str, Any], namespace: str, expected: dict[str, Any]) -> None:
    arranged = DOCUMENT_TYPES[doctype].arrange(claims)
    assert {**arranged[namespace], **expected} == arranged[namespace]
    plain = {name: to_claim(value) for name, value in arranged[namespace].items()}
    assert DOCUMENT_TYPES[doctype].arrange({namespace: plain}) == arranged
    assert MDOC.verify(MDOC.parse(issued(doctype=doctype, claims=claims)), public(), now=NOW).types == (doctype,)


@pytest.mark.parametrize(
    "change",
    [
        {"family_name": None},
        {"family_name": ""},
        {"family_name": "x" * 151},
        {"family_name": 1},
        {"issuing_country": "jp"},
        {"issuing_country": "JPN"},
        {"birthdate": "2001-02-29"},
        {"birthdate": "2001-2-9"},
        {"birthdate": "２００１-02-09"},
        {"birthdate": 1},
        {"expiry_date": "2029-04-01T00:00:00"},
        {"portrait": "no base64url!"},
        {"portrait": 1},
        {"sex": "1"},
        {"sex": True},
        {"sex": -1},
        {"age_equal_or_over": {"18": 1}},
        {"age_equal_or_over": {"19": True}},
        {"age_equal_or_over": True},
        {"driving_privileges": {}},
        {"driving_privileges": [{}]},
        {"driving_privileges": [{"vehicle_category_code": "B", "issue_date": "soon"}]},
        {"unknown": 1},
        {"unknown": {"inner": 1}},
    ],
)
def test_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DOCUMENT_TYPES["org.iso.18013.5.1.mDL"].arrange({**LICENCE, **change})


def test_refused_by_namespace() -> None:
    table = DOCUMENT_TYPES["tegata.student.1"]
    good = {"issuing_authority": "x", "issuing_country": "JP", "family_name": "x", "given_name": "y"}
    assert table.arrange({"tegata.student.1": {**good, "faculty": None}}) == {"tegata.student.1": good}
    with pytest.raises(ValueError, match="shoe_size"):
        table.arrange({"tegata.student.1": {**good, "shoe_size": 1}})
    with pytest.raises(ValueError, match="issuing_authority"):
        table.arrange({})
    with pytest.raises(ValueError, match=r"tegata\.student\.1\.family_name|tegata\.student\.1"):
        table.arrange({"tegata.student.1": good, "tegata.other": {}})


def test_a_date_may_be_given_as_a_date() -> None:
    arranged = DOCUMENT_TYPES["tegata.student.1"].arrange({**CLAIMS, "birthdate": date(2005, 4, 2)})
    assert arranged["tegata.student.1"]["birth_date"] == Tagged(1004, "2005-04-02")


def test_one_claim_feeds_one_element() -> None:
    with pytest.raises(ValueError, match="one claim"):
        DocumentType(name="x", namespaces={"a": (Element(name="b"),), "c": (Element(name="b"),)})


@pytest.mark.parametrize(
    ("value", "claim"),
    [
        (Tagged(1004, "2005-04-02"), "2005-04-02"),
        (Tagged(0, "2026-01-01T00:00:00Z"), "2026-01-01T00:00:00Z"),
        (b"\xff\xd8\xff", "_9j_"),
        ([b"", Tagged(24, b"a")], ["", "YQ"]),
        ({1: {"a": 2.5}, b"k": None}, {"1": {"a": 2.5}, "aw": None}),
        (float("nan"), None),
        (float("inf"), None),
        (True, True),
        (-5, -5),
    ],
)
def test_elements_as_json(value: Any, claim: Any) -> None:
    """OpenID4VP 1.0 §6.4.1: by the advice of RFC 8949 §6.1."""
    assert to_claim(value) == claim


@pytest.mark.parametrize(
    "value", [object(), {1: 0, "1": 0}, [object()], {"a": object()}, {True: 0}, {1.5: 0}, {None: 0}, {(1,): 0}]
)
def test_elements_without_a_meaning(value: Any) -> None:
    with pytest.raises(Malformed):
        to_claim(value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2024-02-29T23:59:59Z", 1_709_251_199),
        ("2026-01-01T09:00:00+09:00", 1_767_225_600),
        ("2026-01-01T00:00:00.999Z", 1_767_225_600),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ],
)
def test_times(text: str, seconds: int) -> None:
    assert parse_tdate(Tagged(0, text)) == seconds
    if text.endswith("Z") and "." not in text:
        assert encode_tdate(seconds) == b"\xc0\x74" + text.encode()


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01T00:00:00Z",
        Tagged(1, 0),
        Tagged(0, 0),
        Tagged(0, ""),
        Tagged(0, "2026-01-01"),
        Tagged(0, "2026-01-01T00:00:00"),
        Tagged(0, "2026-13-01T00:00:00Z"),
        Tagged(0, "2025-02-29T00:00:00Z"),
        Tagged(0, "2026-01-01T24:00:00Z"),
        Tagged(0, "2026-01-01T00:00:00+99:99"),
        Tagged(0, "２０２６-01-01T00:00:00Z"),
        None,
    ],
)
def test_no_times(value: object) -> None:
    with pytest.raises(Malformed):
        parse_tdate(value)


def test_times_that_are_not_written() -> None:
    for seconds in (-1, 253_402_300_800):
        with pytest.raises(ValueError, match="1970"):
            encode_tdate(seconds)
