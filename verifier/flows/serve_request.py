"""Hand a session's request object to the wallet that asks for it, signed by the relying party (OpenID4VP 1.0 §5.10; RFC 9101)."""

from __future__ import annotations

from common.adapters.database import transaction
from common.errors import Conflict, Refused
from common.oid4vp.request_object import STATIC_AUDIENCE, build_request_object
from common.oid4vp.request_uri_post import RequestUriPost
from verifier.flows.create_relying_party import signing_key
from verifier.flows.request_text import build_request
from verifier.flows.sealed_box import SealedBox
from verifier.settings import Addresses
from verifier.store.base import database
from verifier.store.party_keys import key_at, recall_keys
from verifier.store.relying_parties import recall_relying_party
from verifier.store.sessions import find_session, mark_served


def serve_request(
    tenant: str, session: str, *, posted: RequestUriPost | None = None, addresses: Addresses, box: SealedBox, now: int
) -> str:
    """The request object as a signed JWT.

    1. the session waits for an answer; fetched for the first time, it moves on from open to served
    2. the same nonce and state every time: whoever scans the same code joins the same session, and one response wins
    3. posted: a nonce of the wallet's comes back in the signed text, so that it cannot be an old one; its issuer is the audience

    Raises NotFound, Conflict when the session is over, Refused for a party whose requests cannot be signed.
    """
    # 1
    party, row = recall_relying_party(tenant, now=now), find_session(tenant, session)
    if party.prefix == "redirect_uri":
        raise Refused("unsigned_request", "this request stands in its link; there is nothing to fetch")
    if row.life_at(now).name not in ("open", "served"):
        raise Conflict("session_over", "this question has been answered, or its time is over")
    if row.state_name == "open":
        with transaction(database, "serve_request"):
            mark_served(tenant, session, now=now)
    # 2
    key = None
    if row.sealed_decryption_key is not None:
        key = box.open(row.sealed_decryption_key, tenant=tenant, purpose="decryption key", what=session)
    request = build_request(
        party,
        row,
        response_uri=addresses.response(tenant, session),
        encryption_key=key,
        wallet_nonce=posted.wallet_nonce if posted else None,
    )
    # 3
    own = key_at(recall_keys(tenant, now=now), int(row.created_at))
    signer = signing_key(own, box, tenant=tenant)
    wallet = posted.wallet if posted else None
    return build_request_object(
        request,
        signer,
        now=now,
        kid=f"{party.did}#{signer.kid}",
        x5c=own.x5c,
        audience=(wallet.issuer if wallet else None) or STATIC_AUDIENCE,
        lifetime=int(row.expires_at) - now,
    )
