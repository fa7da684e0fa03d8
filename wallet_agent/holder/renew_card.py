"""A card was withdrawn because something changed (a name, a faculty): ask the issuer for the new one with the refresh token kept."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from common.adapters.database import transaction
from common.errors import Conflict, Unsupported
from wallet_agent.holder.cards import Origin, read_card
from wallet_agent.holder.offer_states import Authorised, Failed, OfferState
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import OfferView, open_state, write_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.holder.sealed_rows import seal_object
from wallet_agent.store.base import database
from wallet_agent.store.offers import find_offer_by_digest, move_offer
from wallet_agent.vault.open_vault import OpenVault


def renew_card(vault: OpenVault, card_id: str, *, outside: Outside) -> OfferView:
    """Requests the credential again (OpenID4VCI 1.0 §13.5); the card that comes supersedes this one.

    Raises NotFound, Unsupported("renewal_not_offered") where the issuer gave no refresh token, and as `accept_offer`.
    """
    card = read_card(vault, card_id)
    if card.state != "held":
        raise Conflict("card_superseded", "this card has been superseded already")
    state = _start(card.face.origin, card_id)
    digest = hashlib.sha256(f"renewal\n{card_id}".encode()).hexdigest()
    known = find_offer_by_digest(vault.tenant, digest)
    if known is not None and isinstance(open_state(vault, known), Failed):
        with transaction(database, "renew_card"):
            sealed = seal_object(vault, "offer", known.id, OfferState, state)
            if not move_offer(known, state=state.state, sealed=sealed, lease_until=0):
                raise Conflict("offer_moved_on", "this card is being renewed at this moment")
    view = write_offer(vault, state, digest=digest, clock=outside.clock)
    return accept_offer(vault, view.id, outside=outside)


def _start(origin: Origin, card_id: str) -> Authorised:
    if origin.token is None or origin.token.refresh_token is None:
        raise Unsupported("renewal_not_offered", "the issuer of this card offers no renewal; ask it for a new offer")
    terms = replace(origin.terms, configurations=(origin.configuration,), tx_code=None, replaces=card_id)
    return Authorised(terms=terms, token=replace(origin.token, expires_at=0))
