"""A verifier's question, as the tests of this folder ask it."""

from __future__ import annotations

from typing import Any

from common.oid4vp.authorization_request import AuthorizationRequest, ResponseMode
from common.oid4vp.client_id import ClientId, parse_client_id
from common.oid4vp.dcql import CredentialQuery, DcqlQuery

NOW = 1_800_000_000
RESPONSE_URI = "https://client.example.org/post"


def question(client_id: str | ClientId, **more: Any) -> AuthorizationRequest:
    members: dict[str, Any] = {
        "client_id": parse_client_id(client_id) if isinstance(client_id, str) else client_id,
        "response_uri": RESPONSE_URI,
        "response_mode": ResponseMode.DIRECT_POST,
        "nonce": "n-0S6_WzA2Mj",
        "state": "eyJhb.6-sVA",
        "dcql_query": DcqlQuery(
            credentials=(CredentialQuery(id="my_credential", format="dc+sd-jwt", vct_values=("https://x.example/v",)),)
        ),
    }
    return AuthorizationRequest(**{**members, **more})
