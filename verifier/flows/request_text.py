"""What a session asks, as its wallet reads it: who asks, why, what, and where the answer goes (OpenID4VP 1.0 §5). Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from common.encoding import compact_json
from common.errors import Refused
from common.jose.jwe import public_half
from common.oid4vp.authorization_request import AuthorizationRequest, ResponseMode
from common.oid4vp.client_id import ClientId, Prefix, parse_client_id, x509_hash_client_id
from common.oid4vp.client_metadata import ClientMetadata
from common.oid4vp.dcql import DcqlQuery, parse_query
from common.oid4vp.verifier_info import Purpose, VerifierInfo, build_purpose
from common.x509.names import dns_names
from common.x509.x5c import parse_x5c
from verifier.queries.contract import Question
from verifier.queries.registry import QUESTIONS
from verifier.store.relying_parties import RelyingPartyRow
from verifier.store.sessions import SessionRow

ENCRYPTIONS = ("A128GCM", "A256GCM")


def client_id_of(party: RelyingPartyRow, x5c: Sequence[str], *, response_uri: str) -> ClientId:
    """Prefix and name (§5.9). x5c: of the key that signs what is asked now.

    Raises Refused where the certificate that the prefix needs is missing.
    """
    prefix = Prefix(str(party.prefix))
    if prefix is Prefix.DECENTRALIZED_IDENTIFIER:
        return ClientId(prefix=prefix, identifier=str(party.did))
    if prefix is Prefix.REDIRECT_URI:
        return ClientId(prefix=prefix, identifier=response_uri)
    if not x5c:
        raise Refused("certificate_needed", f"the prefix {prefix} needs a certificate")
    if prefix is Prefix.X509_HASH:
        return x509_hash_client_id(base64.b64decode(x5c[0]))
    names = dns_names(parse_x5c(x5c)[0])
    if not names:
        raise Refused("certificate_needed", "the certificate names no host")
    return ClientId(prefix=prefix, identifier=names[0])


def build_request(
    party: RelyingPartyRow,
    session: SessionRow,
    *,
    response_uri: str,
    encryption_key: Mapping[str, Any] | None,
    wallet_nonce: str | None = None,
) -> AuthorizationRequest:
    """The request of this session. encryption_key: the session's private JWK, of which only the public half goes out."""
    metadata = ClientMetadata(
        encryption_keys=(public_half(encryption_key),) if encryption_key else (), enc_values=ENCRYPTIONS
    )
    return AuthorizationRequest(
        client_id=parse_client_id(str(session.client_id)),
        response_uri=response_uri,
        response_mode=ResponseMode(str(session.response_mode)),
        nonce=str(session.nonce),
        state=str(session.oauth_state),
        dcql_query=_read_query(compact_json(session.dcql)),
        client_metadata=metadata,
        verifier_info=(_purpose(party, QUESTIONS[str(session.question)]),),
        wallet_nonce=wallet_nonce,
    )


@lru_cache(maxsize=64)
def _read_query(text: bytes) -> DcqlQuery:
    """Sessions ask the same few questions."""
    return parse_query(text)


def _purpose(party: RelyingPartyRow, question: Question) -> VerifierInfo:
    return build_purpose(
        Purpose(
            names={"ja": str(party.name_ja), "en": str(party.name_en)},
            purposes={"ja": question.purpose_ja, "en": question.purpose_en},
            retention=_retention(int(party.keep_claims_seconds)),
        )
    )


def _retention(seconds: int) -> dict[str, str]:
    """What happens to the data, in words."""
    if seconds <= 0:
        return {
            "ja": "受け取った内容は、確認のあとすぐに消します。",
            "en": "What you show is deleted right after the check.",
        }
    hours, minutes = divmod(-(-seconds // 60), 60)
    if not hours:
        return {
            "ja": f"受け取った内容は{minutes}分で消します。",
            "en": f"What you show is deleted after {minutes} min.",
        }
    hours += bool(minutes)
    return {"ja": f"受け取った内容は{hours}時間で消します。", "en": f"What you show is deleted after {hours} h."}
