"""Turns a pre-authorised code into an access token, once (OpenID4VCI 1.0 §6).

1. find the offer by the code's hash
2. compare the transaction code, if one is needed; a wrong one is counted, and the last allowed one ends the offer
3. take the offer (open → redeemed, tries left) and write the grant, in one transaction

Counting and taking are conditional UPDATEs of the same row (see `issuer.flows.wrong_tries`).
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import compact_json, parse_json, random_token
from common.errors import Malformed, Refused
from common.oid4vci.token_request import PreAuthorizedCodeRequest
from common.oid4vci.token_response import AuthorizedCredential, TokenResponse
from issuer.flows.desk import Desk
from issuer.flows.tenant_secrets import digest
from issuer.flows.wrong_tries import count_wrong, may_be_tried
from issuer.store.audit import record
from issuer.store.tables import Grant, Offer

WRONG_TX_CODE = "the transaction code is wrong"


def redeem_code(desk: Desk, tenant: str, request: PreAuthorizedCodeRequest) -> TokenResponse:
    """Raises Refused("invalid_grant") for a code that is unknown, over, used, or comes with a wrong transaction code; and
    Malformed("invalid_request") where a transaction code is missing or not expected, or more is asked than was offered (§6.3)."""
    # 1
    now = desk.now
    offer = Offer.get_or_none(Offer.tenant == tenant, Offer.code_hash == digest(request.code))
    if offer is None or offer.state != "open" or now >= offer.expires_at:
        raise _no_grant()
    offered = tuple(parse_json(offer.configurations))
    if not set(request.requested) <= set(offered):
        raise Malformed("invalid_request", "authorization_details ask for something that was not offered")
    # 2
    if offer.needs_tx_code:
        if request.tx_code is None:
            raise Malformed("invalid_request", "this offer needs its transaction code")
        if not hmac.compare_digest(request.tx_code.encode(), desk.secrets.tx_code(tenant, offer.id).encode()):
            count_wrong(desk, tenant, offer.id)
            raise Refused("invalid_grant", WRONG_TX_CODE)
    elif request.tx_code is not None:
        raise Malformed("invalid_request", "no transaction code is expected for this offer")
    # 3
    configurations = request.requested or offered
    with transaction(desk.database, "redeem_code"):
        take = Offer.update(state="redeemed", changed_at=now)
        if not changed(take.where(may_be_tried(desk, tenant, offer.id))):
            raise _no_grant()
        answer = make_grant(
            desk, tenant, offer, configurations=configurations, names_identifiers=bool(request.requested)
        )
        record(tenant, at=now, actor="holder", act="code_redeemed", subject=offer.id)
    return answer


def make_grant(
    desk: Desk, tenant: str, offer: Any, *, configurations: tuple[str, ...], names_identifiers: bool
) -> TokenResponse:
    """Writes a grant with fresh tokens, inside the caller's transaction.

    What a card proved is kept no longer than it takes to fetch it, so there is nothing that a refresh token could be for.
    """
    access, refresh = random_token(), random_token()
    settings, now = desk.settings, desk.now
    refreshes = bool(settings.refresh_token_seconds) and offer.reason != "card"
    Grant.insert(
        tenant=tenant,
        id=secrets.token_hex(12),
        offer_id=offer.id,
        supersedes=offer.supersedes,
        person_id=offer.person_id,
        configurations=compact_json(list(configurations)).decode(),
        names_identifiers=names_identifiers,
        access_hash=digest(access),
        access_expires_at=now + settings.access_token_seconds,
        refresh_hash=digest(refresh) if refreshes else "",
        refresh_expires_at=now + settings.refresh_token_seconds if refreshes else 0,
        created_at=now,
    ).execute()
    return TokenResponse(
        access_token=access,
        expires_in=settings.access_token_seconds,
        refresh_token=refresh if refreshes else None,
        authorized=authorized(configurations, names_identifiers=names_identifiers),
    )


def authorized(configurations: tuple[str, ...], *, names_identifiers: bool) -> tuple[AuthorizedCredential, ...]:
    """What a grant stands for. There is one dataset per configuration, so its identifier is the configuration's id."""
    return tuple(
        AuthorizedCredential(configuration_id=one, identifiers=(one,) if names_identifiers else ())
        for one in configurations
    )


def _no_grant() -> Refused:
    return Refused("invalid_grant", "the code is unknown, used or over")
