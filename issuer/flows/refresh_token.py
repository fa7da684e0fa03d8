"""A fresh access token for a grant whose own has expired, and a fresh refresh token with it (RFC 6749 §6, OpenID4VCI 1.0 §13.5).

A refresh token works once. Presented again it is simply unknown: the grant lives on with the newer one.
"""

from __future__ import annotations

from common.adapters.database import changed, transaction
from common.encoding import compact_json, parse_json, random_token
from common.errors import Malformed, Refused
from common.oid4vci.token_request import RefreshRequest
from common.oid4vci.token_response import TokenResponse
from issuer.flows.desk import Desk
from issuer.flows.redeem_code import authorized
from issuer.flows.tenant_secrets import digest
from issuer.store.tables import Grant


def refresh_token(desk: Desk, tenant: str, request: RefreshRequest) -> TokenResponse:
    """Raises Refused("invalid_grant"), Malformed("invalid_request") where more is asked than the grant holds."""
    now, old = desk.now, digest(request.refresh_token)
    grant = Grant.get_or_none(Grant.tenant == tenant, Grant.refresh_hash == old)
    if grant is None or now >= grant.refresh_expires_at:
        raise Refused("invalid_grant", "the refresh token is unknown, used or over")
    held = tuple(parse_json(grant.configurations))
    if not set(request.requested) <= set(held):
        raise Malformed("invalid_request", "authorization_details ask for more than was granted")
    configurations = request.requested or held
    names_identifiers = bool(request.requested) or grant.names_identifiers
    access, refresh = random_token(), random_token()
    with transaction(desk.database, "refresh_token"):
        taken = changed(
            Grant.update(
                access_hash=digest(access),
                access_expires_at=now + desk.settings.access_token_seconds,
                refresh_hash=digest(refresh),
                configurations=compact_json(list(configurations)).decode(),
                names_identifiers=names_identifiers,
            ).where(
                Grant.tenant == tenant,
                Grant.id == grant.id,
                Grant.refresh_hash == old,
                Grant.refresh_expires_at > now,
            )
        )
    if not taken:
        raise Refused("invalid_grant", "the refresh token is unknown, used or over")
    return TokenResponse(
        access_token=access,
        expires_in=desk.settings.access_token_seconds,
        refresh_token=refresh,
        authorized=authorized(configurations, names_identifiers=names_identifiers),
    )
