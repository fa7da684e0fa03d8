"""What a pass page learns at a visit with a network: what the ticket says, whether it still counts, and which key the pass is bound to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wallet_agent.holder.check_card import check_card
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.passes import HeldPass, read_pass
from wallet_agent.holder.texts import Texts, names_of
from wallet_agent.vault.open_vault import OpenVault

_STATES = {"valid": "valid", "none": "valid", "invalid": "ended", "suspended": "stopped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PassFacts:
    """state: valid, ended (refunded, handed on, changed, lost: its issuer says no more), stopped (the organiser let nobody in with it, for
    now) or unknown. holder: thumbprint of the key that the pass is bound to, empty before the first time. starts_at, ends_at: as the ticket
    has them (RFC 3339), empty where it says nothing. as_of: seconds at which the issuer said so."""

    id: str
    event: str
    titles: Texts
    issuer_names: Texts
    event_name: str
    venue: str
    zone: str
    entrance: str
    starts_at: str
    ends_at: str
    state: str
    as_of: int | None
    holder: str
    now: int


def pass_facts(vault: OpenVault, pass_id: str, *, outside: Outside) -> PassFacts:
    """Asks the issuer's status list of the ticket: all that was issued of it falls together. Raises NotFound."""
    held = read_pass(vault, pass_id)
    check_card(vault, held.card.id, outside=outside)
    return known_facts(read_pass(vault, pass_id), now=outside.clock.now())


def known_facts(held: HeldPass, *, now: int) -> PassFacts:
    """The same by what is known already. Pure."""
    face, status = held.card.face, held.card.status
    said = face.subject
    return PassFacts(
        id=held.id,
        event=held.content.event,
        titles=names_of(face.display),
        issuer_names=names_of(face.issuer_display),
        event_name=_text(said.get("event_name")),
        venue=_text(said.get("venue")),
        zone=_text(said.get("zone")),
        entrance=_text(said.get("entrance")),
        starts_at=_text(said.get("starts_at")),
        ends_at=_text(said.get("ends_at")),
        state="unknown" if status is None else _STATES.get(status.value, "unknown"),
        as_of=None if status is None else status.as_of,
        holder=held.content.holder,
        now=now,
    )


def _text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""
