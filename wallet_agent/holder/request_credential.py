"""From an accepted offer to cards in the vault, over the issuer's token, nonce, credential and notification endpoints.

Every step is written down before the next one needs it (``offer_states``), so that after a crash, at any point, `accept_offer` goes on
where it stopped. One process works on an offer at a time (a lease), and each transition is an UPDATE on the revision that was read.
What a crash can still lose is a token answer that was on its way: the code is spent then, and the issuer has to offer anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from common.adapters.database import transaction
from common.encoding import random_token
from common.errors import Conflict, Malformed, Refused, Rejected, TegataError, Unsupported
from common.keys.software import SoftwareKey
from common.oid4vci.credential_offer import TransactionCode
from common.oid4vci.token_request import PreAuthorizedCodeRequest, RefreshRequest
from wallet_agent.holder.issuer_calls import IssuerSaidNo, notify_issuer, request_credential_once, request_token
from wallet_agent.holder.offer_states import (
    UNFINISHED,
    Authorised,
    Declined,
    Done,
    Failed,
    OfferState,
    Received,
    Requesting,
    Stored,
    Terms,
    Wanted,
)
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.passes import is_gate_pass, keep_passes, plan_passes
from wallet_agent.holder.receive_offer import OfferView, offer_row, open_state, read_offer
from wallet_agent.holder.sealed_rows import seal_object
from wallet_agent.holder.store_card import store_card
from wallet_agent.holder.tx_code import normalise_tx_code
from wallet_agent.holder.verify_received import verify_received
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.offers import lease_offer, list_offers, move_offer, release_offer
from wallet_agent.store.tables import Offer
from wallet_agent.vault.open_vault import OpenVault

_TOKEN_SLACK = 5
"""Seconds before its end at which an access token counts as over."""


@dataclass(slots=True)
class _Work:
    """One offer under work in this process."""

    vault: OpenVault
    row: Offer
    outside: Outside

    @property
    def now(self) -> int:
        return self.outside.clock.now()

    def move(self, state: OfferState) -> OfferState:
        """Writes the next state, alone. Raises Conflict when another process was faster."""
        with transaction(database, f"offer_{state.state}"):
            self.move_within(state)
        return state

    def move_within(self, state: OfferState) -> None:
        """The same inside the caller's transaction."""
        sealed = seal_object(self.vault, "offer", self.row.id, OfferState, state)
        if not move_offer(self.row, state=state.state, sealed=sealed, lease_until=self.now + self.outside.lease):
            raise Conflict("offer_moved_on", "somebody else went on with this offer meanwhile")


def accept_offer(vault: OpenVault, offer_id: str, *, outside: Outside, tx_code: str | None = None) -> OfferView:
    """Redeems an offer, or goes on with one that was interrupted. Answers where it stands: Done, Stored (issuer not told yet) or Failed.

    Raises NotFound, Conflict (declined, in other hands), Refused("tx_code_wrong"; the offer stays open), Malformed("tx_code_needed"),
    Unavailable or TooMany (try again later; nothing is lost).
    """
    row = offer_row(vault, offer_id)
    state = open_state(vault, row)
    if isinstance(state, Done | Failed):
        return read_offer(vault, offer_id)
    if isinstance(state, Declined):
        raise Conflict("offer_declined", "this offer was declined")
    now = outside.clock.now()
    if not lease_offer(row, now=now, until=now + outside.lease):
        raise Conflict("offer_busy", "this offer is being worked on at this moment")
    work = _Work(vault, row, outside)
    try:
        _run(work, state, tx_code)
    finally:
        release_offer(row)
    return read_offer(vault, offer_id)


def resume_offers(vault: OpenVault, *, outside: Outside) -> list[OfferView]:
    """Goes on with everything that was interrupted. What cannot go on now stays as it is."""
    views = []
    for row in list_offers(vault.tenant, states=UNFINISHED):
        try:
            views.append(accept_offer(vault, row.id, outside=outside))
        except TegataError:
            views.append(read_offer(vault, row.id))
    return views


def _run(work: _Work, state: OfferState, tx_code: str | None) -> None:
    if isinstance(state, Received):
        state = _redeem(work, state, tx_code)
    if isinstance(state, Authorised):
        state = work.move(_with_keys(state, batch=work.outside.batch))
    if isinstance(state, Requesting):
        state = _collect(work, state)
    if isinstance(state, Stored) and all(
        notify_issuer(one.notification_id, "credential_accepted", state.terms, state.token, fetch=work.outside.fetch)
        for one in state.wanted
    ):
        work.move(Done(terms=state.terms, card_ids=tuple(one.card_id for one in state.wanted)))


def _redeem(work: _Work, state: Received, tx_code: str | None) -> OfferState:
    """Code → token, written down at once."""
    asked = state.terms.tx_code
    request = PreAuthorizedCodeRequest(
        code=state.code, tx_code=_code_for(asked, tx_code), requested=_named(state.terms)
    )
    try:
        token = request_token(request, state.terms, fetch=work.outside.fetch, clock=work.outside.clock)
    except IssuerSaidNo as error:
        if asked is not None and error.code == "invalid_grant":
            work.move(replace(state, wrong_codes=state.wrong_codes + 1))
            raise Refused(
                "tx_code_wrong", "the issuer does not accept this transaction code, or the offer has expired"
            ) from error
        return _fail(work, state.terms, error)
    except (Malformed, Unsupported) as error:
        return _fail(work, state.terms, error)
    return work.move(Authorised(terms=state.terms, token=token))


def _named(terms: Terms) -> tuple[str, ...]:
    """What to ask for by name: all that was offered where the token request must say whose it is (§6.1), else nothing."""
    return tuple(one.id for one in terms.configurations) if terms.location else ()


def _code_for(asked: TransactionCode | None, tx_code: str | None) -> str | None:
    if asked is None:
        return None
    if not tx_code or not tx_code.strip():
        raise Malformed("tx_code_needed", "the transaction code that the issuer sent separately is needed")
    return normalise_tx_code(tx_code, asked)


def _with_keys(state: Authorised, *, batch: int) -> Requesting:
    """A card id and fresh keys for everything that the token is good for."""
    copies = max(1, min(batch, state.terms.batch_size))
    pairs: list[tuple[str, str | None]] = []
    for configuration in state.terms.configurations:
        if is_gate_pass(configuration):
            continue  # its key is made in the browser that shows it: `bind_pass`
        identifiers = state.token.identifiers.get(configuration.id)
        pairs += [(configuration.id, one) for one in identifiers] if identifiers else [(configuration.id, None)]
    return Requesting(
        terms=state.terms,
        token=state.token,
        wanted=tuple(
            Wanted(
                configuration_id=name,
                identifier=identifier,
                card_id=random_token(12),
                keys=tuple(SoftwareKey.generate("ES256").private_jwk() for _ in range(copies)),
            )
            for name, identifier in pairs
        ),
    )


def _collect(work: _Work, state: Requesting) -> OfferState:
    """Asks for every credential not delivered yet, verifies and stores it. Ends in Stored or Failed."""
    for position in range(len(state.wanted)):
        if state.wanted[position].stored:
            continue
        try:
            if not state.wanted[position].delivered:
                state = _deliver(work, state, position)
            state = _verify_and_store(work, state, position)
        except (IssuerSaidNo, Malformed, Rejected, Unsupported) as error:
            notify_issuer(
                state.wanted[position].notification_id,
                "credential_failure",
                state.terms,
                state.token,
                fetch=work.outside.fetch,
            )
            return _fail(work, state.terms, error, tuple(one.card_id for one in state.wanted if one.stored))
    return _finish(work, state)


def _finish(work: _Work, state: Requesting) -> OfferState:
    stored = Stored(terms=state.terms, token=state.token, wanted=state.wanted)
    try:
        passes = plan_passes(work.vault, state)
    except Rejected as error:
        return _fail(work, state.terms, error, tuple(one.card_id for one in state.wanted))
    with transaction(database, f"offer_{stored.state}"):
        work.move_within(stored)
        keep_passes(work.vault, passes, now=work.now)
    return stored


def _deliver(work: _Work, state: Requesting, position: int) -> Requesting:
    """The credential request, with one more try for a nonce that aged and one for a token that did; the answer is written down."""
    fetch, clock = work.outside.fetch, work.outside.clock
    token, tries = state.token, {"invalid_nonce", "invalid_token"}
    if token.expires_at is not None and token.expires_at - _TOKEN_SLACK <= clock.now() and token.refresh_token:
        tries.discard("invalid_token")
        state = _refresh(work, state)
    while True:
        wanted = state.wanted[position]
        try:
            response = request_credential_once(wanted, state.terms, state.token, fetch=fetch, clock=clock)
        except IssuerSaidNo as error:
            if error.code not in tries or (error.code == "invalid_token" and state.token.refresh_token is None):
                raise
            tries.discard(error.code)
            if error.code == "invalid_token":
                state = _refresh(work, state)
            continue
        return _with_wanted(
            work,
            state,
            position,
            replace(wanted, delivered=response.credentials, notification_id=response.notification_id),
        )


def _refresh(work: _Work, state: Requesting) -> Requesting:
    """A fresh access token (OpenID4VCI 1.0 §13.5), written down before it is used: the old refresh token may be spent."""
    old = state.token
    new = request_token(
        RefreshRequest(refresh_token=old.refresh_token or "", requested=_named(state.terms)),
        state.terms,
        fetch=work.outside.fetch,
        clock=work.outside.clock,
    )
    token = replace(
        new, refresh_token=new.refresh_token or old.refresh_token, identifiers=new.identifiers or old.identifiers
    )
    moved = replace(state, token=token)
    work.move(moved)
    return moved


def _with_wanted(work: _Work, state: Requesting, position: int, wanted: Wanted) -> Requesting:
    moved = _put(state, position, wanted)
    work.move(moved)
    return moved


def _verify_and_store(work: _Work, state: Requesting, position: int) -> Requesting:
    wanted = state.wanted[position]
    received = verify_received(
        wanted.delivered,
        wanted.keys,
        configuration=state.terms.configuration(wanted.configuration_id),
        credential_issuer=state.terms.issuer,
        outside=work.outside,
    )
    moved = _put(state, position, replace(wanted, delivered=(), keys=(), stored=True))
    with transaction(database, "store_card"):
        work.move_within(moved)
        store_card(work.vault, wanted, received, terms=state.terms, token=state.token, now=work.now)
    return moved


def _put(state: Requesting, position: int, wanted: Wanted) -> Requesting:
    return replace(state, wanted=(*state.wanted[:position], wanted, *state.wanted[position + 1 :]))


def _fail(work: _Work, terms: Terms, error: TegataError, card_ids: tuple[str, ...] = ()) -> OfferState:
    failed = Failed(terms=terms, code=error.code, detail=error.detail, card_ids=card_ids)
    with transaction(database, "offer_failed"):
        work.move_within(failed)
        record(work.vault.tenant, "offer.failed", now=work.now)
    return failed
