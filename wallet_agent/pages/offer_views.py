"""An offer as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from common.pages.catalogue import Words
from wallet_agent.holder.offer_states import Done, Failed
from wallet_agent.holder.passes import has_gate_pass
from wallet_agent.holder.receive_offer import OfferView
from wallet_agent.holder.texts import names_of, pick


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    """titles: of the certificates on offer. outcome: "" while it is the person's turn, else done, declined, failed or waiting.

    code: why it failed, or "". code_length: 0 where the issuer did not say.
    """

    id: str
    issuer: str
    seal: str
    address: str
    titles: tuple[str, ...]
    needs_code: bool
    code_numeric: bool
    code_description: str
    replaces: bool
    with_pass: bool
    outcome: str
    code: str
    card_ids: tuple[str, ...]


def view_offer(offer: OfferView, words: Words) -> OfferPage:
    state, terms = offer.state, offer.state.terms
    names = names_of(terms.issuer_display)
    asked = terms.tx_code
    return OfferPage(
        id=offer.id,
        issuer=pick(names, words.language, otherwise=terms.issuer),
        seal=pick(names, "ja", otherwise=terms.issuer),
        address=terms.issuer,
        titles=tuple(
            dict.fromkeys(pick(names_of(one.display), words.language, otherwise=one.id) for one in terms.configurations)
        ),
        needs_code=asked is not None,
        code_numeric=asked is not None and asked.input_mode == "numeric",
        code_description="" if asked is None else asked.description or "",
        replaces=terms.replaces is not None,
        with_pass=has_gate_pass(terms),
        outcome={"received": "", "done": "done", "stored": "done", "declined": "declined", "failed": "failed"}.get(
            state.state, "waiting"
        ),
        code=state.code if isinstance(state, Failed) else "",
        card_ids=_card_ids(offer),
    )


def _card_ids(offer: OfferView) -> tuple[str, ...]:
    state = offer.state
    if isinstance(state, Done | Failed):
        return state.card_ids
    return tuple(one.card_id for one in getattr(state, "wanted", ()) if one.stored)
