"""A verifier in memory, made of the real functions of common: request object, response endpoint, one answer per nonce."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from common.encoding import random_token
from common.formats.credential import VerifiedPresentation
from common.formats.registry import FORMATS
from common.jose.jwe import generate_decryption_key
from common.jose.jwk import public_part
from common.keys.software import SoftwareKey
from common.oid4vp.authorization_link import build_authorization_link
from common.oid4vp.authorization_request import AuthorizationRequest, ResponseMode
from common.oid4vp.client_id import ClientId, Prefix
from common.oid4vp.client_metadata import ClientMetadata
from common.oid4vp.dcql import DcqlQuery, parse_query
from common.oid4vp.errors import AuthorizationError
from common.oid4vp.request_object import build_request_object
from common.oid4vp.request_uri_post import parse_request_uri_post
from common.oid4vp.response import AuthorizationResponse, parse_response
from common.oid4vp.verifier_info import Purpose, build_purpose
from common.ports import Fetched
from tests.fakes.clock import FixedClock
from tests.wallet_agent.fake_issuer import ISSUER, VCT, FakeIssuer
from tests.wallet_agent.internet import Asked, Internet, answer

CAFE = "https://cafe.example"
DID = "did:web:cafe.example"
STUDENT: dict[str, Any] = {
    "credentials": [
        {
            "id": "student",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": [VCT]},
            "claims": [{"path": ["is_student"]}, {"path": ["family_name"]}],
        }
    ]
}
STUDENT_W3C: dict[str, Any] = {
    "credentials": [
        {
            "id": "student",
            "format": "jwt_vc_json",
            "meta": {"type_values": [["VerifiableCredential", "EnrolmentCredential"]]},
            "claims": [{"path": ["credentialSubject", "is_student"]}],
        }
    ]
}


@dataclass
class FakeVerifier:
    internet: Internet
    clock: FixedClock
    issuer: FakeIssuer
    mode: ResponseMode = ResponseMode.DIRECT_POST_JWT
    post: bool = True
    redirect_uri: str | None = f"{CAFE}/done?response_code=xyz"
    key: SoftwareKey = field(default_factory=lambda: SoftwareKey.generate(kid="cafe-1"))
    forged: bool = False

    def __post_init__(self) -> None:
        from common.did.document import build_document

        self.taken: list[AuthorizationResponse | AuthorizationError] = []
        self.refusals = 0
        document = build_document(DID, [self.key.public_jwk()])
        self.internet.serve(f"{CAFE}/.well-known/did.json", lambda _: answer(document))

    def ask(self, query: dict[str, Any] | DcqlQuery = STUDENT, **changes: Any) -> str:
        """The link of a new session."""
        session = random_token(8)
        decryption = generate_decryption_key(f"enc-{session}")
        request = AuthorizationRequest(
            client_id=ClientId(prefix=Prefix.DECENTRALIZED_IDENTIFIER, identifier=DID),
            response_uri=f"{CAFE}/response/{session}",
            response_mode=self.mode,
            nonce=random_token(),
            state=random_token(),
            dcql_query=query if isinstance(query, DcqlQuery) else parse_query(query),
            client_metadata=ClientMetadata(encryption_keys=(public_part(decryption),))
            if self.mode is ResponseMode.DIRECT_POST_JWT
            else ClientMetadata(),
            verifier_info=(
                build_purpose(
                    Purpose(
                        names={"ja": "喫茶てがた", "en": "Café Tegata"},
                        purposes={"ja": "学割", "en": "student discount"},
                    )
                ),
            ),
        )
        request = replace(request, **changes)
        self.last = request
        open_nonces = {request.nonce}
        signer = SoftwareKey.generate(kid=self.key.kid) if self.forged else self.key

        def serve(asked: Asked) -> Fetched:
            nonce = parse_request_uri_post(asked.body).wallet_nonce if asked.method == "POST" else None
            text = build_request_object(
                replace(request, wallet_nonce=nonce), signer, now=self.clock.now(), kid=f"{DID}#{self.key.kid}"
            )
            return answer(text)

        def take(asked: Asked) -> Fetched:
            found = parse_response(asked.body, mode=request.response_mode, decryption_key=decryption)
            if request.nonce not in open_nonces:
                self.refusals += 1
                return answer({"error": "invalid_request"}, 400)
            open_nonces.discard(request.nonce)
            self.taken.append(found)
            return answer({} if self.redirect_uri is None else {"redirect_uri": self.redirect_uri})

        self.internet.serve(f"{CAFE}/request/{session}", serve)
        self.internet.serve(f"{CAFE}/response/{session}", take)
        return build_authorization_link(
            str(request.client_id), f"{CAFE}/request/{session}", method="post" if self.post else "get"
        )

    def verified(self) -> VerifiedPresentation:
        """The last answer's only presentation, proven."""
        found = self.taken[-1]
        assert isinstance(found, AuthorizationResponse)
        assert found.state == self.last.state
        query = self.last.dcql_query.credentials[0]
        (text,) = found.vp_token[query.id]
        format_ = FORMATS[query.format]
        parsed = format_.parse_presentation(text)
        assert parsed.issuer_key_hint.iss in (ISSUER, "did:web:issuer.example:sakuragawa")
        from common.jose.jwk import parse_public_jwk

        return format_.verify_presentation(
            parsed,
            parse_public_jwk(self.issuer.key.public_jwk()),
            audience=f"decentralized_identifier:{DID}",
            nonce=self.last.nonce,
            now=self.clock.now(),
        )
