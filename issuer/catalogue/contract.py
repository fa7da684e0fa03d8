"""What a credential type is: its names, its claims, its words for people, and who is entitled to it.

A new type is one file that makes a `CredentialType`, one line in registry.py, and a sample that issues and verifies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from common.cards.contract import ClaimValue
from common.cards.evidence import Evidence

Language = Literal["ja", "en"]
GATE_PASS = "tegata_gate_pass"  # noqa: S105 - a format's name
"""A format of our own: the pass that a gate reads with no network (`common.formats.gate_pass`), as base64url of its token."""
RollStatus = Literal["enrolled", "graduated", "withdrawn", "on_leave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """One course that a person completed. credits: of the school's own counting. grade: in the school's own letters."""

    code: str
    name_ja: str
    name_en: str
    credits: Decimal
    grade: str
    term: str
    completed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """One person of the roll, as a credential may state them. Names are kept as the registrar wrote them (髙 stays 髙).

    courses: only where a certificate is made that states them; else empty, whatever the person has completed.
    """

    student_number: str
    family_name: str
    given_name: str
    family_name_kana: str
    given_name_kana: str
    family_name_latin: str
    given_name_latin: str
    birth_date: date
    email: str
    faculty: str
    department: str
    degree: str
    enrolled_on: date
    graduated_on: date | None
    status: RollStatus
    withdrawn_on: date | None
    language: Language
    courses: tuple[CourseFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What a card proved, reduced to what one credential may state. claims: by the drivers' names (`CredentialType.card_claims`).

    evidence: of these claims alone. Pictures are bytes, days "YYYY-MM-DD". It holds personal data and prints none of it.
    """

    claims: Mapping[str, ClaimValue] = field(repr=False)
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """A ticket that somebody has. It names nobody. starts_at, ends_at: seconds. flags: what was verified of its holder, as gates read
    it. entrance: names of those that let it in."""

    number: str
    event_id: str
    event_name: str
    venue: str
    starts_at: int
    ends_at: int
    class_number: int
    class_name: str
    flags: int = 0
    entrance: str = ""


Facts = PersonFacts | CardFacts | TicketFacts


class Disclosure(Enum):
    """ALWAYS: every verifier sees it. SELECTIVE: the holder decides. HIDEABLE_ONLY: the same, and left out where nothing can be hidden."""

    ALWAYS = "always"
    SELECTIVE = "selective"
    HIDEABLE_ONLY = "hideable_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim. path: names from the top of the claims object. source: the vocabulary that named it.

    term: the IRI of the same claim in that vocabulary; empty where it has none. Our own is `Addresses.term` of the path.
    """

    path: tuple[str, ...]
    ja: str
    en: str
    disclosure: Disclosure
    source: str
    term: str
    members: tuple[str, ...] = ()
    """Of a claim that is a list of objects: their members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """Who issues, as a document of somebody else's data model names it. did: the issuer in it. url: the institution's https identifier."""

    name_ja: str
    name_en: str
    did: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapedDocument:
    """A W3C document, as far as a person and an institution decide it. members: beside the subject, issuer: beside its ``id``."""

    subject: Mapping[str, Any]
    members: Mapping[str, Any]
    issuer: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataModel:
    """The data model of another specification in which a W3C credential is written, instead of our own words.

    contexts: its published contexts, pinned here, after the base context. purposes: the Bitstring Status Lists that its credentials stand
    in, where it has room for fewer than ours. shape: claims, person, institution → document.
    """

    contexts: tuple[str, ...]
    purposes: tuple[str, ...]
    shape: Callable[[Mapping[str, Any], PersonFacts, Institution], ShapedDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialType:
    """One kind of certificate. lifetime: seconds. entitled: may this person hold it today? build: facts → claims (absent ones left out).

    source: whose word it repeats. "roll": the registrar's; facts and sample are `PersonFacts`. "card": a card's, which proved it; they are
    `CardFacts`. "ticket": of an event that the institution holds; `TicketFacts`. card_claims: the drivers' names of what goes in.
    doctype: of its mdoc, empty where it has none. model: None where its W3C forms are in our own words. states_courses: it needs some.
    """

    name: str
    w3c_type: str
    doctype: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    claims: tuple[Claim, ...]
    formats: tuple[str, ...]
    lifetime: int
    background: str
    entitled: Callable[[Any], bool]
    build: Callable[[Any, str, date], dict[str, Any]]
    """(facts, name of the institution, today) → claims."""
    sample: Any
    time_stamped: bool = False
    """Every copy gets a time-stamp, so that it stands although its key should be compromised later."""
    model: DataModel | None = None
    states_courses: bool = False
    source: Literal["roll", "card", "ticket"] = "roll"
    card_claims: frozenset[str] = frozenset()
