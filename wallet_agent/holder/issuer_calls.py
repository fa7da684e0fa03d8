"""The wallet's calls to an issuer's endpoints: token, nonce, credential, notification. One function each; no state, no database."""

from __future__ import annotations

from collections.abc import Sequence

from common.encoding import compact_json
from common.errors import Refused, TegataError, TooMany, Unavailable
from common.keys.software import SoftwareKey
from common.oauth.bearer import build_bearer
from common.oauth.errors import OAuthProblem, parse_oauth_error
from common.oauth.form import FORM
from common.oid4vci.credential_request import CredentialRequest, build_credential_request
from common.oid4vci.credential_response import CredentialResponse, parse_credential_response
from common.oid4vci.nonce import parse_nonce_response
from common.oid4vci.notification import Event, Notification, build_notification
from common.oid4vci.proof_jwt import build_proof_jwt
from common.oid4vci.token_request import TokenRequest, build_token_request
from common.oid4vci.token_response import parse_token_response
from common.ports import Clock, Fetch, Fetched
from wallet_agent.holder.holder_keys import proof_kid
from wallet_agent.holder.offer_states import Terms, Token, Wanted

JSON = "application/json"
_LONGEST_RETRY = 3600


class IssuerSaidNo(Refused):
    """An OAuth error answer. code: the wire's (``invalid_grant`` …); the issuer's own description stays in ``description``."""

    def __init__(self, problem: OAuthProblem) -> None:
        super().__init__(problem.error, f"the issuer answers: {problem.error}")
        self.description = problem.description


def request_token(request: TokenRequest, terms: Terms, *, fetch: Fetch, clock: Clock) -> Token:
    """Raises IssuerSaidNo, Unavailable, TooMany, Malformed."""
    now = clock.now()
    answer = fetch.post(
        terms.token_endpoint,
        body=build_token_request(request, location=terms.location),
        content_type=FORM,
        accept=JSON,
    )
    response = parse_token_response(_body(answer))
    return Token(
        access_token=response.access_token,
        expires_at=None if response.expires_in is None else now + response.expires_in,
        refresh_token=response.refresh_token,
        identifiers={one.configuration_id: list(one.identifiers) for one in response.authorized},
    )


def request_credential_once(
    wanted: Wanted, terms: Terms, token: Token, *, fetch: Fetch, clock: Clock
) -> CredentialResponse:
    """Nonce, proofs, credential: one round. Raises IssuerSaidNo (``invalid_nonce``, ``invalid_token`` …), Unavailable, Malformed."""
    configuration = terms.configuration(wanted.configuration_id)
    nonce = request_nonce(terms, fetch=fetch)
    proofs: Sequence[str] = ()
    if configuration.proof_algs:
        signers = [SoftwareKey.from_private_jwk(jwk) for jwk in wanted.keys]
        proofs = [
            build_proof_jwt(
                signer,
                issuer=terms.issuer,
                nonce=nonce,
                now=clock.now(),
                kid=proof_kid(signer.public_jwk(), configuration),
            )
            for signer in signers
        ]
    request = CredentialRequest(
        configuration_id=None if wanted.identifier else wanted.configuration_id,
        identifier=wanted.identifier,
        proofs=tuple(proofs),
    )
    return post_credential_request(request, terms, token, asked=max(1, len(wanted.keys)), fetch=fetch)


def request_nonce(terms: Terms, *, fetch: Fetch) -> str | None:
    """A fresh nonce for key proofs; None where this issuer wants none. Raises Unavailable, TooMany, IssuerSaidNo, Malformed."""
    if terms.nonce_endpoint is None:
        return None
    return parse_nonce_response(_body(fetch.post(terms.nonce_endpoint, body=b"", content_type=FORM, accept=JSON)))


def post_credential_request(
    request: CredentialRequest, terms: Terms, token: Token, *, asked: int, fetch: Fetch
) -> CredentialResponse:
    """asked: how many copies. Raises IssuerSaidNo, Unavailable, TooMany, Malformed."""
    answer = fetch.post(
        terms.credential_endpoint,
        body=compact_json(build_credential_request(request)),
        content_type=JSON,
        accept=JSON,
        headers={"Authorization": build_bearer(token.access_token)},
    )
    return parse_credential_response(_body(answer), asked=asked)


def notify_issuer(notification_id: str | None, event: Event, terms: Terms, token: Token, *, fetch: Fetch) -> bool:
    """Tells the issuer what became of a credential. False when the issuer could not be reached; a refusal counts as told (§11)."""
    if notification_id is None or terms.notification_endpoint is None:
        return True
    try:
        answer = fetch.post(
            terms.notification_endpoint,
            body=compact_json(build_notification(Notification(notification_id=notification_id, event=event))),
            content_type=JSON,
            accept=JSON,
            headers={"Authorization": build_bearer(token.access_token)},
        )
    except TegataError:
        return False
    return answer.status < 500


def _body(answer: Fetched) -> bytes:
    """The body of a 200. Raises TooMany or Unavailable (try later), IssuerSaidNo (an OAuth error), Malformed."""
    if answer.status == 200:
        return answer.body
    if answer.status == 429:
        raise TooMany("issuer_busy", "the issuer asks to wait before the next try", retry_after=_retry_after(answer))
    if answer.status >= 500:
        raise Unavailable("issuer_unavailable", "the issuer cannot answer now", retry_after=_retry_after(answer))
    raise IssuerSaidNo(parse_oauth_error(answer.status, answer.body))


def _retry_after(answer: Fetched) -> int:
    text = answer.headers.get("retry-after", "")
    return min(int(text), _LONGEST_RETRY) if text.isascii() and text.isdigit() and len(text) < 6 else 5
