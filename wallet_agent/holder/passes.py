"""Gate passes: what the vault keeps of them. The key that a pass is bound to is made in the browser of the holder's phone and never comes
here; so a pass is here what its ticket is, how to ask its issuer for one, and which key it was last issued to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from common.errors import Malformed, NotFound, Rejected
from common.formats.gate_pass.labels import aad_of
from common.oid4vci.issuer_metadata import CredentialConfiguration
from wallet_agent.holder.cards import CardFace, HeldCard, open_face, read_card
from wallet_agent.holder.offer_states import Requesting, Terms, Token
from wallet_agent.holder.sealed_rows import open_object, seal_object
from wallet_agent.store.cards import find_card
from wallet_agent.store.passes import find_pass, insert_pass, list_passes, next_pass_id
from wallet_agent.store.tables import Pass
from wallet_agent.vault.open_vault import OpenVault

GATE_PASS = "tegata_gate_pass"  # noqa: S105 - a format's name
"""OpenID4VCI's name of the format: the credential is the issuer's CWT in base64url (`common.formats.gate_pass`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassContent:
    """event: its identifier, from the ticket beside; both signatures of a pass cover it. token: good for this one configuration.

    holder: RFC 7638 thumbprint of the key that the pass was last issued to, and bound_at when; empty and None before the first time.
    """

    terms: Terms
    token: Token = field(repr=False)
    event: str
    holder: str = ""
    bound_at: int | None = None

    @property
    def configuration(self) -> CredentialConfiguration:
        return self.terms.configurations[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPass:
    """A pass and its ticket, as pages and flows see them."""

    id: str
    content: PassContent
    card: HeldCard


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPass:
    """card_id: of the ticket beside it."""

    card_id: str
    content: PassContent


def is_gate_pass(configuration: CredentialConfiguration) -> bool:
    return configuration.format == GATE_PASS


def has_gate_pass(terms: Terms) -> bool:
    return any(is_gate_pass(one) for one in terms.configurations)


def ticket_among(faces: Sequence[tuple[str, CardFace]]) -> tuple[str, str]:
    """(card id, event) of the ticket that a pass of the same offer belongs to: the first that names its event.

    Raises Rejected("wrong_type"): the code of a pass leaves out its event, so without a ticket that names it nothing can be signed.
    """
    for card_id, face in faces:
        event = face.subject.get("event_id")
        if isinstance(event, str):
            try:
                aad_of(event)
            except Malformed as error:
                raise Rejected("wrong_type", "the ticket's event has an identifier that no gate takes") from error
            return card_id, event
    raise Rejected("wrong_type", "a gate pass comes with a ticket that names its event")


def plan_passes(vault: OpenVault, state: Requesting) -> tuple[PlannedPass, ...]:
    """The passes of an offer whose cards are all stored, bound to no key yet. Raises Rejected("wrong_type")."""
    wanted = [one for one in state.terms.configurations if is_gate_pass(one)]
    if not wanted:
        return ()
    rows = [find_card(vault.tenant, one.card_id) for one in state.wanted]
    card_id, event = ticket_among([(row.id, open_face(vault, row)) for row in rows if row is not None])
    return tuple(
        PlannedPass(
            card_id=card_id,
            content=PassContent(
                terms=replace(state.terms, configurations=(one,), tx_code=None), token=state.token, event=event
            ),
        )
        for one in wanted
    )


def keep_passes(vault: OpenVault, planned: Sequence[PlannedPass], *, now: int) -> None:
    """Inside the caller's transaction."""
    for one in planned:
        pass_id = next_pass_id(vault.tenant, now=now)
        sealed = seal_pass(vault, pass_id, one.content)
        insert_pass(vault.tenant, pass_id=pass_id, card_id=one.card_id, sealed=sealed, now=now)


def read_pass(vault: OpenVault, pass_id: str) -> HeldPass:
    """Raises NotFound("no_such_pass")."""
    return held_pass(vault, pass_row(vault, pass_id))


def passes_by_card(vault: OpenVault) -> dict[str, str]:
    """Id of the ticket's card → id of its pass."""
    return {row.card_id: row.id for row in reversed(list_passes(vault.tenant))}


def pass_ids(vault: OpenVault) -> tuple[str, ...]:
    """Newest first."""
    return tuple(row.id for row in list_passes(vault.tenant))


def pass_row(vault: OpenVault, pass_id: str) -> Pass:
    row = find_pass(vault.tenant, pass_id)
    if row is None:
        raise NotFound("no_such_pass", "there is no such pass in this wallet")
    return row


def held_pass(vault: OpenVault, row: Pass) -> HeldPass:
    return HeldPass(id=row.id, content=open_pass(vault, row), card=read_card(vault, row.card_id))


def open_pass(vault: OpenVault, row: Pass) -> PassContent:
    return open_object(vault, "gate_pass", row.id, PassContent, row.sealed)


def seal_pass(vault: OpenVault, pass_id: str, content: PassContent) -> bytes:
    return seal_object(vault, "gate_pass", pass_id, PassContent, content)
