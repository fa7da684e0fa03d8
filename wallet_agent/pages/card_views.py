"""A held card as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.pages.catalogue import Words
from common.pages.dates import show_date, show_instant
from common.pages.language import Language
from wallet_agent.holder.bake_badge import is_badge
from wallet_agent.holder.cards import HeldCard
from wallet_agent.holder.check_card import standing
from wallet_agent.holder.claim_lines import claim_lines
from wallet_agent.holder.texts import names_of, pick
from wallet_agent.pages.claim_texts import show_line
from wallet_agent.pages.evidence_texts import is_evidence

Pairs = tuple[tuple[str, str], ...]
FRONT = ("faculty", "department", "degree", "event_name", "zone")
EARNED = ("achievement", "name")
"""Claims that a card shows in the list, where it has them; of an Open Badge what was earned."""
FORMAT_KEYS = {
    "dc+sd-jwt": "card.format_name.sd_jwt",
    "jwt_vc_json": "card.format_name.jwt_vc",
    "ldp_vc": "card.format_name.ldp",
    "mso_mdoc": "card.format_name.mdoc",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """lines: a few claims for the list. claims: all of them. facts: about the certificate itself. state: see `standing`.

    badge: whether it can be had as a picture. read_again: it came of a card's chip, and no longer counts: the card has to be read again;
    where: the issuer's page about that, or empty. forms: (name of the format, card id) of each form, where there are several.
    """

    id: str
    title: str
    issuer: str
    seal: str
    holder: str
    state: str
    state_text: str
    lines: Pairs
    claims: Pairs
    facts: Pairs
    issued_text: str
    renewable: bool
    badge: bool
    read_again: bool
    where: str
    forms: Pairs


def card_title(card: HeldCard, language: Language) -> str:
    return pick(
        names_of(card.face.display), language, otherwise=card.face.types[-1] if card.face.types else card.face.format
    )


def issuer_name(card: HeldCard, language: Language) -> str:
    return pick(names_of(card.face.issuer_display), language, otherwise=card.face.issuer)


def view_card(card: HeldCard, words: Words, *, now: int, forms: Sequence[HeldCard] = ()) -> CardView:
    """now: seconds, for the card's standing. forms: all of the certificate, this one too (`holder.card_forms`)."""
    language = words.language
    state = standing(card, now=now)
    lines = claim_lines(card.face)
    several = tuple((_format_name(one, words), one.id) for one in forms) if len(forms) > 1 else ()
    until = card.face.valid_until
    end = words("card.no_end", "") if until is None else show_date(until, language)
    front = tuple(show_line(line, words) for line in lines if line.path[-1] in FRONT or line.path[-2:] == EARNED)
    origin = card.face.origin
    return CardView(
        id=card.id,
        title=card_title(card, language),
        issuer=issuer_name(card, language),
        seal=issuer_name(card, "ja"),
        holder=_holder(card, language),
        state=state,
        state_text=words(f"card.state_text.{state}", state),
        lines=(*front, (words("card.valid_until", ""), end)),
        claims=tuple(show_line(line, words) for line in lines),
        facts=_facts(card, words, end),
        issued_text="" if card.face.issued_at is None else show_date(card.face.issued_at, language),
        renewable=state == "revoked" and origin.token is not None and origin.token.refresh_token is not None,
        badge=is_badge(card) and card.state == "held",
        read_again=needs_reading(card, state),
        forms=several,
        where=f"{card.face.issuer}/card" if card.face.issuer.startswith("https://") else "",
    )


def needs_reading(card: HeldCard, state: str) -> bool:
    """Whether a card (of plastic) has to be read anew for this one: its issuer took back, or put on hold, what a chip had proved."""
    return state in ("revoked", "suspended") and any(is_evidence(line.value) for line in claim_lines(card.face))


def _format_name(card: HeldCard, words: Words) -> str:
    return words(FORMAT_KEYS.get(card.face.format, ""), card.face.format)


def _holder(card: HeldCard, language: Language) -> str:
    """The person's name in the reader's script, where the card has it."""
    subject = card.face.subject
    latin = [str(subject.get(f"{part}#ja-Latn-JP", "")) for part in ("given_name", "family_name")]
    if language == "en" and all(latin):
        return " ".join(latin)
    named = " ".join(str(subject[part]) for part in ("family_name", "given_name") if subject.get(part))
    return named or _named_identity(subject.get("identifier"), language)


def _named_identity(identities: Any, language: Language) -> str:
    """Of an Open Badge: its first name of the person, which is in the person's own script; the last, in Latin letters, for English."""
    names = [
        str(one.get("identityHash", ""))
        for one in (identities if isinstance(identities, list) else ())
        if isinstance(one, Mapping) and one.get("identityType") == "name" and one.get("hashed") is False
    ]
    return (names[-1] if language == "en" else names[0]) if names else ""


def _facts(card: HeldCard, words: Words, end: str) -> Pairs:
    face, status, language = card.face, card.status, words.language
    rows = [
        ("card.issuer", issuer_name(card, language)),
        ("card.issuer_address", face.issuer),
        ("card.key_found", words(f"card.key.{face.key_path}", face.key_path)),
    ]
    if face.issued_at is not None:
        rows.append(("card.issued", show_date(face.issued_at, language)))
    if face.valid_from is not None:
        rows.append(("card.valid_from", show_date(face.valid_from, language)))
    rows.append(("card.valid_until", end))
    checked = words("card.never_checked", "") if status is None else show_instant(status.checked_at, language)
    rows.append(("card.checked", checked))
    if status is not None and status.as_of is not None:
        rows.append(("card.status_as_of", show_instant(status.as_of, language)))
    rows.append(("card.received", show_instant(card.received_at, language)))
    rows.append(("card.format", words(FORMAT_KEYS.get(face.format, ""), face.format)))
    rows.append(("card.copies", f"{card.copies} / {card.fresh}"))
    return tuple((words(key, key), value) for key, value in rows)
