"""People, certificates and offers as the registrar's pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from common.encoding import parse_json
from common.pages.catalogue import Words
from common.pages.dates import show_date, show_instant
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.catalogue.registry import CATALOGUE, of_roll
from issuer.flows.entitlement import may_hold
from issuer.flows.find_people import Held, OfferView

TONES = {
    "valid": "good",
    "issued": "good",
    "sent": "good",
    "open": "wait",
    "redeemed": "wait",
    "suspended": "wait",
    "queued": "wait",
    "sending": "wait",
    "none": "none",
    "cancelled": "none",
    "expired": "none",
}
"""How a state is drawn; those not named here are drawn as bad. The word always stands beside the mark."""
ORDER = ("valid", "suspended", "expired", "revoked")
FACTS = (
    *("student_number", "status", "faculty", "department", "degree", "birth_date", "enrolled_on", "graduated_on"),
    *("withdrawn_on", "email", "family_name_latin", "given_name_latin", "language"),
)
DAYS = frozenset({"birth_date", "enrolled_on", "graduated_on", "withdrawn_on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person in the list. certificate, offer: the state that matters most, or "none"."""

    id: str
    number: str
    name: str
    kana: str
    faculty: str
    status: str
    certificate: str
    certificate_tone: str
    offer: str
    offer_tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    id: str
    title: str
    state: str
    tone: str
    reason: str
    issued_at: int
    valid_until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    id: str
    person: str
    titles: str
    state: str
    tone: str
    mail: str
    created_at: int
    expires_at: int


def tone(state: str) -> str:
    return TONES.get(state, "bad")


def name_of(person: Any) -> str:
    return f"{person.family_name} {person.given_name}"


def kana_of(person: Any) -> str:
    return f"{person.family_name_kana} {person.given_name_kana}".strip()


def title_of(type_name: str, words: Words) -> str:
    return CATALOGUE[type_name].title[words.language]


def titles_of(offer: Any, words: Words) -> str:
    """The certificates of a row of `Offer`, each once."""
    names = dict.fromkeys(CONFIGURATIONS[one].type.name for one in parse_json(offer.configurations))
    return words.text("common.comma").join(title_of(name, words) for name in names)


def list_people(people: Sequence[Any], held: Iterable[Held], offers: Iterable[OfferView]) -> list[Line]:
    """people: rows of `Person`; held and offers: of these people, newest first."""
    states: dict[str, list[str]] = {}
    for one in held:
        states.setdefault(one.person_id, []).append(one.state)
    offered: dict[str, str] = {}
    for one_offer in offers:
        offered.setdefault(one_offer.row.person_id, one_offer.state)
    lines = []
    for person in people:
        best = min(states.get(person.id, ["none"]), key=lambda state: ORDER.index(state) if state in ORDER else 9)
        offer = offered.get(person.id, "none")
        lines.append(
            Line(
                id=person.id,
                number=person.student_number,
                name=name_of(person),
                kana=kana_of(person),
                faculty=person.faculty,
                status=person.status,
                certificate=best,
                certificate_tone=tone(best),
                offer=offer,
                offer_tone=tone(offer),
            )
        )
    return lines


def view_certificate(one: Held, words: Words) -> CertificateView:
    return CertificateView(
        id=one.id,
        title=title_of(one.type_name, words),
        state=one.state,
        tone=tone(one.state),
        reason=one.reason,
        issued_at=one.issued_at,
        valid_until=one.valid_until,
    )


def view_offer(one: OfferView, words: Words, *, person: str = "") -> OfferLine:
    return OfferLine(
        id=one.row.id,
        person=person,
        titles=titles_of(one.row, words),
        state=one.state,
        tone=tone(one.state),
        mail=one.mail,
        created_at=one.row.created_at,
        expires_at=one.row.expires_at,
    )


def offer_facts(one: OfferView, words: Words) -> list[tuple[str, str]]:
    rows = [
        (words.text("offers.made"), show_instant(one.row.created_at, words.language)),
        (words.text("offers.expires"), show_instant(one.row.expires_at, words.language)),
        (words.text("offers.mail"), words(f"mail_state.{one.mail}", words.text("common.none"))),
    ]
    if one.row.tx_code_wrong:
        rows.append((words.text("offers.wrong_codes"), str(one.row.tx_code_wrong)))
    return rows


def person_facts(person: Any, words: Words) -> list[tuple[str, str]]:
    """What the roll says of a person, without what it leaves empty."""
    rows = []
    for field in FACTS:
        value = str(getattr(person, field) or "")
        if value:
            if field in DAYS:
                value = show_date(value, words.language)
            elif field == "status":
                value = words.text(f"roll_status.{value}")
            elif field == "language":
                value = words.text(f"language_name.{value}")
            rows.append((words.text(f"person_field.{field}"), value))
    return rows


def offerable(person: Any, words: Words) -> list[tuple[str, str]]:
    """(name, title) of every certificate that this person is entitled to today."""
    return [(kind.name, kind.title[words.language]) for kind in of_roll() if may_hold(kind, person)]
