"""A wallet made of common functions, that does what no proper one does: send the same thing twice, or many times at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography import x509

from common.encoding import compact_json
from common.formats.registry import FORMATS
from common.keys.software import SoftwareKey
from common.oauth.form import FORM
from common.oid4vci.credential_offer import CredentialOffer, parse_offer_link
from common.oid4vci.credential_request import CredentialRequest, build_credential_request
from common.oid4vci.proof_jwt import build_proof_jwt
from common.oid4vci.token_request import PreAuthorizedCodeRequest, RefreshRequest, build_token_request
from common.oid4vp.authorization_link import RequestByReference, parse_authorization_link
from common.oid4vp.authorization_request import AuthorizationRequest
from common.oid4vp.request_object import parse_request_object, verify_request_object
from common.oid4vp.response import AuthorizationResponse, build_response
from examples.demo.cast import UNIVERSITY, Cast

JSON = "application/json"
CONFIGURATION = "enrolment_sd_jwt"


@dataclass(kw_only=True)
class Message:
    """What would be posted: it may be posted more than once."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(kw_only=True)
class OwnWallet:
    """One holder key. tenant: the institution that it deals with."""

    cast: Cast
    tenant: str = UNIVERSITY
    key: SoftwareKey = field(default_factory=SoftwareKey.generate)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30.0, verify=False))

    def post(self, message: Message) -> httpx.Response:
        return self.http.post(message.url, content=message.body, headers=dict(message.headers))

    def token_message(self, made: Mapping[str, Any], *, tx_code: str | None = None) -> Message:
        """made: an offer as the registrar's API tells it. tx_code: another one than the right one."""
        offer = parse_offer_link(made["link_by_value"])
        assert isinstance(offer, CredentialOffer)
        assert offer.pre_authorized is not None
        request = PreAuthorizedCodeRequest(code=offer.pre_authorized.code, tx_code=tx_code or made["tx_code"])
        return self._to_issuer("token", build_token_request(request), {"Content-Type": FORM})

    def refresh_message(self, refresh_token: str) -> Message:
        body = build_token_request(RefreshRequest(refresh_token=refresh_token))
        return self._to_issuer("token", body, {"Content-Type": FORM})

    def nonce(self) -> str:
        answer = self.post(self._to_issuer("nonce", b"", {"Content-Type": FORM}))
        return str(answer.json()["c_nonce"])

    def credential_message(self, access_token: str, *, nonce: str, copies: int = 1) -> Message:
        """Asks for copies, the first one for this wallet's own key."""
        keys = [self.key, *(SoftwareKey.generate() for _ in range(copies - 1))]
        issuer = f"{self.cast.issuer.url}/{self.tenant}"
        proofs = tuple(build_proof_jwt(key, issuer=issuer, nonce=nonce, now=int(time.time())) for key in keys)
        request = CredentialRequest(configuration_id=CONFIGURATION, identifier=None, proofs=proofs)
        headers = {"Content-Type": JSON, "Authorization": f"Bearer {access_token}"}
        return self._to_issuer("credential", compact_json(build_credential_request(request)), headers)

    def claim(self, made: Mapping[str, Any]) -> str:
        """All steps at once; the credential."""
        token = self.post(self.token_message(made)).json()["access_token"]
        answer = self.post(self.credential_message(token, nonce=self.nonce()))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["credentials"][0]["credential"])

    def read_request(self, link: str) -> AuthorizationRequest:
        """Of a relying party with a certificate."""
        found = parse_authorization_link(link)
        assert isinstance(found, RequestByReference)
        answer = self.http.get(found.request_uri)
        answer.raise_for_status()
        root = x509.load_pem_x509_certificate((self.cast.folder / "ca" / "ca.pem").read_bytes())
        parsed = parse_request_object(answer.text)
        now = int(time.time())
        return verify_request_object(parsed, client_id=found.client_id, now=now, did_key=None, roots=(root,)).request

    def presentation_message(self, request: AuthorizationRequest, credential: str) -> Message:
        """Shows what is asked for, of a dc+sd-jwt credential."""
        query = request.dcql_query.credential(CONFIGURATION)
        assert query is not None
        text = FORMATS[query.format].present(
            credential,
            paths=[claim.path for claim in query.claims],
            holder=self.key,
            audience=str(request.client_id),
            nonce=request.nonce,
            now=int(time.time()),
        )
        answer = AuthorizationResponse(vp_token={query.id: (text,)}, state=request.state)
        body = build_response(answer, mode=request.response_mode, client_metadata=request.client_metadata)
        return Message(url=request.response_uri, body=body, headers={"Content-Type": FORM})

    def _to_issuer(self, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Message:
        return Message(url=f"{self.cast.issuer.url}/{self.tenant}/{endpoint}", body=body, headers=headers)
