"""A proven credential becomes a card: face, copies, history and audit. Runs inside the transaction that marks it as stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.encoding import random_token
from wallet_agent.holder.cards import CardFace, CopyContent, Origin
from wallet_agent.holder.history import Entry, Given, add_history
from wallet_agent.holder.offer_states import Terms, Token, Wanted
from wallet_agent.holder.passes import has_gate_pass
from wallet_agent.holder.sealed_rows import seal_object
from wallet_agent.holder.texts import names_of
from wallet_agent.holder.verify_received import ReceivedCopy
from wallet_agent.store.audit import record
from wallet_agent.store.cards import insert_card, insert_copy, set_card_state
from wallet_agent.vault.open_vault import OpenVault


def build_face(copies: Sequence[ReceivedCopy], *, terms: Terms, token: Token, wanted: Wanted) -> CardFace:
    """The face of a card from its first copy. Pure."""
    verified, configuration = copies[0].verified, terms.configuration(wanted.configuration_id)
    lasts = token.refresh_token is not None and not has_gate_pass(terms)  # a refresh token works once: the pass has it
    return CardFace(
        format=verified.format,
        types=verified.types,
        issuer=verified.issuer,
        issuer_display=terms.issuer_display,
        display=configuration.display,
        claims=_plain(verified.claims),
        subject=_plain(verified.subject),
        issued_at=verified.issued_at,
        valid_from=verified.valid_from,
        valid_until=verified.valid_until,
        key_path=copies[0].found.path,
        key_evidence=copies[0].found.evidence,
        origin=Origin(terms=terms, configuration=configuration, token=token if lasts else None),
    )


def insert_face_and_copies(
    vault: OpenVault, card_id: str, face: CardFace, copies: Sequence[CopyContent], *, now: int, state: str = "held"
) -> None:
    """The rows of one card. Inside the caller's transaction."""
    insert_card(
        vault.tenant, card_id=card_id, state=state, sealed=seal_object(vault, "card", card_id, CardFace, face), now=now
    )
    for copy in copies:
        copy_id = random_token(12)
        insert_copy(
            vault.tenant,
            copy_id=copy_id,
            card_id=card_id,
            sealed=seal_object(vault, "card_copy", copy_id, CopyContent, copy),
        )


def store_card(
    vault: OpenVault, wanted: Wanted, received: Sequence[ReceivedCopy], *, terms: Terms, token: Token, now: int
) -> None:
    """Card, copies, history and audit, and the superseded card's new state. Inside the caller's transaction."""
    face = build_face(received, terms=terms, token=token, wanted=wanted)
    copies = [
        CopyContent(
            credential=one.text,
            private_jwk=one.private_jwk,
            holder_did=one.verified.holder_did,
            status=one.verified.status,
            more_statuses=one.verified.more_statuses,
        )
        for one in received
    ]
    insert_face_and_copies(vault, wanted.card_id, face, copies, now=now)
    given = [Given(card_id=wanted.card_id, names=names_of(face.display), paths=())]
    party_names = names_of(terms.issuer_display)
    if terms.replaces is not None and set_card_state(vault.tenant, terms.replaces, state="superseded"):
        given.append(Given(card_id=terms.replaces, names=names_of(face.display), paths=()))
        record(vault.tenant, "card.superseded", now=now)
    add_history(
        vault,
        Entry(
            kind="superseded" if len(given) > 1 else "received",
            outcome="done",
            party=terms.issuer,
            party_names=party_names,
            verified_by=face.key_path,
            given=tuple(given),
        ),
        now=now,
    )
    record(vault.tenant, "card.received", now=now)


def _plain(value: Any) -> Any:
    """Mappings and tuples as dicts and lists, so that sealed rows hold plain JSON."""
    if hasattr(value, "items"):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value
