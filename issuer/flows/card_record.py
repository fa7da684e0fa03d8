"""What is kept of a card, sealed with the key file: what it proved, the evidence, whom to ask about it again, and whom to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common import cbor
from common.cards.contract import ClaimValue
from common.cards.evidence import Evidence
from common.cards.evidence_json import build_evidence, parse_evidence
from common.encoding import compact_json, parse_json
from common.mail_address import parse_mail_address
from issuer.catalogue.contract import Language
from issuer.flows.desk import Desk

MAX_BYTES = 1 << 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A certificate behind what was issued, and its issuer, in DER. scheme: of the source that knows. types: what rests on it."""

    scheme: str
    leaf: bytes = field(repr=False)
    issuer: bytes = field(repr=False)
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRecord:
    """The evidence, to the second. refusals: type → why it was not issued. shared: how the card was read (`SharedSession`)."""

    evidence: Evidence
    refusals: Mapping[str, str]
    shared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to tell that the card's certificate was revoked, and in which language. The holder left it, or did not."""

    email: str = field(repr=False)
    language: Language


def seal_claims(desk: Desk, tenant: str, reading_id: str, claims: Mapping[str, ClaimValue]) -> bytes:
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in claims.items()}
    return desk.secrets.seal_reading(tenant, reading_id, "claims", cbor.encode(plain))


def open_claims(desk: Desk, row: Any) -> dict[str, ClaimValue]:
    """row: of `CardReading`, with its claims. Raises Rejected where the key file is another one."""
    opened = desk.secrets.open_reading(row.tenant, row.id, "claims", bytes(row.claims))
    plain: dict[str, Any] = cbor.decode(opened, max_bytes=MAX_BYTES)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}


def seal_record(desk: Desk, tenant: str, reading_id: str, record: CardRecord) -> bytes:
    told = {
        "evidence": build_evidence(record.evidence, resolution=1),
        "refusals": dict(record.refusals),
        "shared": record.shared,
    }
    return desk.secrets.seal_reading(tenant, reading_id, "record", compact_json(told))


def open_record(desk: Desk, row: Any) -> CardRecord:
    """row: of `CardReading`, with its record."""
    told = parse_json(desk.secrets.open_reading(row.tenant, row.id, "record", bytes(row.record)))
    return CardRecord(
        evidence=parse_evidence(told["evidence"]), refusals=dict(told["refusals"]), shared=str(told["shared"])
    )


def seal_questions(desk: Desk, tenant: str, reading_id: str, questions: Sequence[Question]) -> bytes:
    plain = [[each.scheme, each.leaf, each.issuer, list(each.types)] for each in questions]
    return desk.secrets.seal_reading(tenant, reading_id, "questions", cbor.encode(plain))


def open_questions(desk: Desk, row: Any) -> tuple[Question, ...]:
    """row: of `CardReading`, with its questions."""
    opened = desk.secrets.open_reading(row.tenant, row.id, "questions", bytes(row.questions))
    plain: list[Any] = cbor.decode(opened, max_bytes=MAX_BYTES)
    return tuple(
        Question(scheme=scheme, leaf=leaf, issuer=issuer, types=tuple(types)) for scheme, leaf, issuer, types in plain
    )


def make_contact(email: str, language: Language) -> Contact:
    """Raises Malformed("not_an_email")."""
    return Contact(email=parse_mail_address(email), language=language)


def seal_contact(desk: Desk, tenant: str, reading_id: str, contact: Contact) -> bytes:
    return desk.secrets.seal_reading(tenant, reading_id, "contact", cbor.encode([contact.email, contact.language]))


def open_contact(desk: Desk, row: Any) -> Contact:
    """row: of `CardReading`, with its contact."""
    opened = desk.secrets.open_reading(row.tenant, row.id, "contact", bytes(row.contact))
    email, language = cbor.decode(opened, max_bytes=MAX_BYTES)
    return Contact(email=str(email), language="en" if language == "en" else "ja")
