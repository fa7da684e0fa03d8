"""Put a question to whoever scans it or follows the link: a new session with its nonce and its own encryption key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from common.adapters.database import transaction
from common.encoding import random_token
from common.errors import Refused, TooMany
from common.jose.jwe import generate_decryption_key
from common.oid4vp.authorization_link import REQUEST_ENDPOINT, build_authorization_link, build_unsigned_link
from verifier.flows.request_text import build_request, client_id_of
from verifier.flows.sealed_box import SealedBox
from verifier.queries.registry import QUESTIONS
from verifier.settings import Addresses
from verifier.store.audit import record
from verifier.store.base import database
from verifier.store.party_keys import key_at, recall_keys
from verifier.store.relying_parties import RelyingPartyRow
from verifier.store.sessions import SessionRow, count_waiting

ResponseMode = Literal["direct_post.jwt", "direct_post"]
RequestMethod = Literal["get", "post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """link: openid4vp://… for a QR code or the same device. wallet_link: the same for a web wallet, empty where none is set.

    expires_at: seconds since 1970.
    """

    session: str
    question: str
    link: str
    wallet_link: str
    expires_at: int


def open_session(
    party: RelyingPartyRow,
    question: str,
    *,
    same_device: bool = False,
    response_mode: ResponseMode = "direct_post.jwt",
    request_method: RequestMethod = "get",
    actor: str,
    addresses: Addresses,
    box: SealedBox,
    sandbox: bool,
    now: int,
) -> OpenedSession:
    """1. this relying party may ask this question, and has not too many open; 2. the secrets of the session; 3. store; 4. links.

    request_method post: the wallet is invited to send a nonce of its own (§5.10). actor: for the audit record.
    Raises Unsupported for an unknown question, Refused for one it may not ask, TooMany.
    """
    tenant = str(party.tenant)
    # 1 · may it?
    asked = QUESTIONS[question]
    if question not in party.questions:
        raise Refused("question_not_allowed", "this relying party may not ask this question")
    if party.prefix == "redirect_uri" and not sandbox:
        raise Refused("sandbox_only", "unsigned requests are for sandboxes")
    if count_waiting(tenant, now=now) >= party.max_open_sessions:
        raise TooMany("too_many_sessions", "too many questions are open; wait for some to end", retry_after=30)
    # 2 · secrets
    session = random_token(18)
    response_uri = addresses.response(tenant, session)
    x5c = key_at(recall_keys(tenant, now=now), now).x5c
    client_id = client_id_of(party, x5c, response_uri=response_uri)
    encryption = generate_decryption_key(random_token(9)) if response_mode == "direct_post.jwt" else None
    sealed = box.close(encryption, tenant=tenant, purpose="decryption key", what=session) if encryption else None
    expires_at = now + int(party.session_seconds)
    nonce, oauth_state = random_token(24), random_token(24)
    dcql = asked.dcql(addresses.vct_base)
    by_value = party.prefix == "redirect_uri"
    # 3 · store
    with transaction(database, "open_session"):
        row = SessionRow.create(
            tenant=tenant,
            session=session,
            question=question,
            state_name="served" if by_value else "open",
            moved_at=now,
            client_id=str(client_id),
            response_mode=response_mode,
            same_device=same_device,
            nonce=nonce,
            oauth_state=oauth_state,
            dcql=dcql,
            sealed_decryption_key=sealed,
            created_at=now,
            expires_at=expires_at,
            forget_at=expires_at + int(party.keep_verdict_seconds),
        )
        record(tenant, at=now, actor=actor, act="question.asked", subject=session, question=question)

    # 4 · links
    def link(endpoint: str) -> str:
        if by_value:
            request = build_request(party, row, response_uri=response_uri, encryption_key=encryption)
            return build_unsigned_link(request, endpoint=endpoint)
        address = addresses.request(tenant, session)
        return build_authorization_link(str(client_id), address, method=request_method, endpoint=endpoint)

    return OpenedSession(
        session=session,
        question=question,
        link=link(REQUEST_ENDPOINT),
        wallet_link=link(addresses.wallet_open_url) if addresses.wallet_open_url else "",
        expires_at=expires_at,
    )
