"""Show a card in person, without being asked: a presentation in one QR code or a few, made anew every half minute.

Nothing is sent, and nobody is named in it: whoever scans it sees what was ticked, and the history says when it was shown. One showing
uses one copy of the card, however often it is renewed, and ends after `SHOWING_SECONDS`: a page that is left open signs no further.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from common.adapters.database import transaction
from common.encoding import random_token
from common.errors import Conflict, Malformed, NotFound
from common.formats.in_person import RENEW_SECONDS
from common.formats.registry import FORMATS
from common.formats.shown_code import pack
from common.formats.shown_frames import split_frames
from common.formats.shown_presentation import build_shown
from common.keys.software import SoftwareKey
from common.ports import Clock
from wallet_agent.holder.cards import CopyContent, HeldCard, open_copy, read_card
from wallet_agent.holder.claim_lines import ClaimLine, claim_lines, disclosed_lines
from wallet_agent.holder.history import Entry, Given, Path, add_history, read_history_entry
from wallet_agent.holder.take_copy import take_copy
from wallet_agent.holder.texts import names_of
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.cards import list_copies
from wallet_agent.vault.open_vault import OpenVault

SHOWING_SECONDS = 600
PRESELECTED = frozenset(
    {"issuing_authority", "issuing_country", "eduperson_primary_affiliation", "affiliation", "evidence"}
)
"""Claims that say what kind of certificate it is and how it came about, and not whose; an mdoc has its own word for the affiliation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showable:
    """What a card can show. always: cannot be held back; optional: may be ticked; preselected: paths ticked at first."""

    card: HeldCard
    always: tuple[ClaimLine, ...]
    optional: tuple[ClaimLine, ...]
    preselected: frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """text: what is shown. codes: the same, packed for one QR code or for several. given: all that it discloses. Times in seconds."""

    id: str
    card_id: str
    text: str = field(repr=False)
    codes: tuple[str, ...] = field(repr=False)
    given: tuple[ClaimLine, ...] = field(repr=False)
    made_at: int
    renew_at: int
    ends_at: int


def showable(vault: OpenVault, card_id: str) -> Showable:
    """Raises NotFound, Conflict("card_superseded")."""
    card = _held(vault, card_id)
    copy = open_copy(vault, list_copies(vault.tenant, card_id)[0])
    always = disclosed_lines(card.face, copy.credential, ())
    open_paths = {line.path for line in always}
    optional = tuple(line for line in claim_lines(card.face) if line.path not in open_paths)
    ticked = frozenset(line.path for line in optional if line.path[-1] in PRESELECTED)
    return Showable(card=card, always=always, optional=optional, preselected=ticked)


def start_showing(
    vault: OpenVault, card_id: str, *, clock: Clock, paths: Collection[Sequence[str]] | None = None
) -> Showing:
    """paths: of the claims to show beside what cannot be held back; None: what `showable` preselects.

    1. the card may be shown, and has these claims
    2. in one transaction: a copy is taken, the presentation is made and fits, the history says so

    Raises NotFound, Conflict("card_superseded"), Malformed("no_such_claim"), Unsupported("too_long_for_qr"), Unavailable.
    """
    # 1
    found, now = showable(vault, card_id), clock.now()
    chosen = found.preselected if paths is None else frozenset(tuple(path) for path in paths)
    if not chosen <= {line.path for line in (*found.always, *found.optional)}:
        raise Malformed("no_such_claim", "the card has no such claim")
    # 2
    with transaction(database, "start_showing"):
        row = take_copy(vault, card_id, now=now)
        copy = open_copy(vault, row)
        given = disclosed_lines(found.card.face, copy.credential, sorted(chosen))
        showing_id = random_token(12)
        showing = _make(showing_id, found.card, copy, given, now=now, began_at=now)
        entry = Entry(
            kind="shown",
            outcome="done",
            party="",
            party_names={},
            given=(
                Given(
                    card_id=card_id,
                    names=names_of(found.card.face.display),
                    paths=tuple(line.path for line in given),
                    copy_id=row.id,
                ),
            ),
        )
        add_history(vault, entry, now=now, entry_id=showing_id)
        record(vault.tenant, "card.shown", now=now, subject=card_id)
    return showing


def renew_showing(vault: OpenVault, card_id: str, showing_id: str, *, clock: Clock) -> Showing:
    """The same claims of the same copy, signed anew. Writes nothing.

    Raises NotFound (no such showing of this card, or the card is gone), Conflict("showing_over" | "card_superseded").
    """
    past, now = read_history_entry(vault, showing_id), clock.now()
    given = past.entry.given[0] if past.entry.kind == "shown" and past.entry.given else None
    if given is None or given.card_id != card_id:
        raise NotFound("no_such_showing", "this card is not being shown")
    if not past.at <= now < past.at + SHOWING_SECONDS:
        raise Conflict("showing_over", "this showing is over; begin a new one")
    card = _held(vault, card_id)
    row = next((one for one in list_copies(vault.tenant, card_id) if one.id == given.copy_id), None)
    if row is None:
        raise NotFound("no_such_showing", "this copy of the card is gone")
    copy = open_copy(vault, row)
    lines = disclosed_lines(card.face, copy.credential, _paths(given.paths))
    return _make(showing_id, card, copy, lines, now=now, began_at=past.at)


def _held(vault: OpenVault, card_id: str) -> HeldCard:
    card = read_card(vault, card_id)
    if card.state != "held" or not card.copies:
        raise Conflict("card_superseded", "a newer certificate has taken this one's place; show that one")
    return card


def _paths(paths: Sequence[Path]) -> list[tuple[str, ...]]:
    return [tuple(step for step in path if isinstance(step, str)) for path in paths]


def _make(
    showing_id: str, card: HeldCard, copy: CopyContent, given: tuple[ClaimLine, ...], *, now: int, began_at: int
) -> Showing:
    """A fresh presentation: for whoever is here, with a nonce of our own (`common.formats.in_person`)."""
    text = build_shown(
        card.face.format,
        copy.credential,
        paths=[line.path for line in given] if FORMATS[card.face.format].hides else None,
        holder=SoftwareKey.from_private_jwk(copy.private_jwk),
        now=now,
    )
    return Showing(
        id=showing_id,
        card_id=card.id,
        text=text,
        codes=split_frames(pack(text)),
        given=given,
        made_at=now,
        renew_at=now + RENEW_SECONDS,
        ends_at=began_at + SHOWING_SECONDS,
    )
