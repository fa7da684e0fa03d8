"""An issuer in memory, made of the real functions of common: metadata, offers, token, nonce, credential, notification, status list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from common.encoding import random_token
from common.errors import TegataError
from common.formats.credential import CredentialContent, StatusReference
from common.formats.registry import FORMATS
from common.keys.software import SoftwareKey
from common.oauth.authorization_server_metadata import (
    AuthorizationServerMetadata,
    authorization_server_metadata_address,
    build_authorization_server_metadata,
)
from common.oid4vci.credential_offer import (
    CredentialOffer,
    PreAuthorizedCodeOffer,
    TransactionCode,
    build_credential_offer,
    build_offer_link,
    build_offer_link_by_reference,
)
from common.oid4vci.credential_request import parse_credential_request
from common.oid4vci.credential_response import CredentialResponse, build_credential_response
from common.oid4vci.issuer_metadata import (
    ClaimDescription,
    CredentialConfiguration,
    CredentialIssuerMetadata,
    Display,
    build_issuer_metadata,
    issuer_metadata_address,
)
from common.oid4vci.proof_jwt import verify_proofs
from common.oid4vci.token_request import PreAuthorizedCodeRequest, parse_token_request
from common.oid4vci.token_response import TokenResponse, build_token_response
from common.ports import Fetched
from common.status.bits import StatusList
from common.status.token_status_list import build_status_list_token
from tests.fakes.clock import FixedClock
from tests.wallet_agent.internet import Asked, Internet, answer

ISSUER = "https://issuer.example/sakuragawa"
VCT = "https://issuer.example/types/enrolment"
NAMES = (Display(name="桜川大学", locale="ja"), Display(name="Sakuragawa University", locale="en"))
CARD_NAMES = (Display(name="在学証明書", locale="ja"), Display(name="Certificate of enrolment", locale="en"))
CLAIMS = {
    "family_name": "髙橋",
    "given_name": "花子",
    "birthdate": "2005-04-01",
    "faculty": {"name": "工学部"},
    "is_student": True,
}


@dataclass
class FakeIssuer:
    internet: Internet
    clock: FixedClock
    batch_size: int = 3
    tx_code: str | None = None
    claims: dict[str, Any] = field(default_factory=lambda: dict(CLAIMS))
    expires_in: int = 600
    refresh: bool = True
    key: SoftwareKey = field(default_factory=lambda: SoftwareKey.generate(kid="issuer-1"))
    foreign_key: bool = False
    wrong_type: bool = False
    strange_holder: bool = False

    def __post_init__(self) -> None:
        self.codes: set[str] = set()
        self.tokens: set[str] = set()
        self.refresh_tokens: set[str] = set()
        self.nonces: set[str] = set()
        self.issued: list[str] = []
        self.notified: list[dict[str, Any]] = []
        self.next_index = 0
        net = self.internet
        net.serve(issuer_metadata_address(ISSUER), lambda _: answer(build_issuer_metadata(self.metadata())))
        net.serve(
            authorization_server_metadata_address(ISSUER),
            lambda _: answer(
                build_authorization_server_metadata(
                    AuthorizationServerMetadata(issuer=ISSUER, token_endpoint=f"{ISSUER}/token")
                )
            ),
        )
        net.serve(
            "https://issuer.example/.well-known/jwt-vc-issuer/sakuragawa",
            lambda _: answer({"issuer": ISSUER, "jwks": {"keys": [self.key.public_jwk()]}}),
        )
        net.serve(
            "https://issuer.example/sakuragawa/did.json",
            lambda _: answer(self.did_document()),
        )
        net.serve(f"{ISSUER}/token", self.token)
        net.serve(f"{ISSUER}/nonce", lambda _: answer({"c_nonce": self.nonce()}))
        net.serve(f"{ISSUER}/credential", self.credential)
        net.serve(f"{ISSUER}/notification", self.notification)

    def did_document(self) -> dict[str, Any]:
        from common.did.document import build_document

        return build_document("did:web:issuer.example:sakuragawa", [self.key.public_jwk()])

    def metadata(self) -> CredentialIssuerMetadata:
        common: dict[str, Any] = {
            "proof_algs": ("ES256",),
            "display": CARD_NAMES,
            "claims": (ClaimDescription(path=("family_name",), names=(("ja", "姓"), ("en", "Family name"))),),
        }
        return CredentialIssuerMetadata(
            credential_issuer=ISSUER,
            credential_endpoint=f"{ISSUER}/credential",
            nonce_endpoint=f"{ISSUER}/nonce",
            notification_endpoint=f"{ISSUER}/notification",
            batch_size=self.batch_size,
            display=NAMES,
            configurations={
                "enrolment": CredentialConfiguration(
                    id="enrolment", format="dc+sd-jwt", vct=VCT, binding_methods=("jwk",), **common
                ),
                "enrolment_w3c": CredentialConfiguration(
                    id="enrolment_w3c",
                    format="jwt_vc_json",
                    types=("VerifiableCredential", "EnrolmentCredential"),
                    binding_methods=("did:jwk", "did:key"),
                    **common,
                ),
            },
        )

    def offer(self, *configurations: str) -> CredentialOffer:
        code = random_token()
        self.codes.add(code)
        asked = TransactionCode(length=6, description="see your mail") if self.tx_code else None
        return CredentialOffer(
            credential_issuer=ISSUER,
            configuration_ids=configurations or ("enrolment",),
            pre_authorized=PreAuthorizedCodeOffer(code=code, tx_code=asked),
        )

    def link(self, *configurations: str) -> str:
        return build_offer_link(self.offer(*configurations))

    def link_by_reference(self, *configurations: str) -> str:
        address = f"{ISSUER}/offers/{random_token(8)}"
        offer = build_credential_offer(self.offer(*configurations))
        self.internet.serve(address, lambda _: answer(offer))
        return build_offer_link_by_reference(address)

    def nonce(self) -> str:
        nonce = random_token()
        self.nonces.add(nonce)
        return nonce

    def token(self, asked: Asked) -> Fetched:
        request = parse_token_request(asked.body)
        if isinstance(request, PreAuthorizedCodeRequest):
            if request.code not in self.codes or request.tx_code != self.tx_code:
                return answer({"error": "invalid_grant"}, 400)
            self.codes.discard(request.code)
        else:
            if request.refresh_token not in self.refresh_tokens:
                return answer({"error": "invalid_grant"}, 400)
            self.refresh_tokens.discard(request.refresh_token)
        token, refresh = random_token(), random_token()
        self.tokens.add(token)
        self.refresh_tokens.add(refresh)
        response = TokenResponse(
            access_token=token, expires_in=self.expires_in, refresh_token=refresh if self.refresh else None
        )
        return answer(build_token_response(response))

    def credential(self, asked: Asked) -> Fetched:
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return answer({"error": "invalid_token"}, 401)
        request = parse_credential_request(asked.body)
        configuration = self.metadata().configuration(request.configuration_id or "")
        try:
            proofs = verify_proofs(
                request.proofs, issuer=ISSUER, now=self.clock.now(), methods=configuration.binding_methods
            )
        except TegataError as error:
            return answer({"error": "invalid_proof", "error_description": error.detail}, 400)
        if proofs[0].nonce not in self.nonces:
            return answer({"error": "invalid_nonce"}, 400)
        self.nonces.discard(str(proofs[0].nonce))
        credentials = []
        for proof in proofs:
            jwk = dict(proof.holder_jwk)
            if self.strange_holder:
                jwk = {k: v for k, v in SoftwareKey.generate().public_jwk().items() if k in ("kty", "crv", "x", "y")}
            credentials.append(self.issue(configuration, jwk, proof.holder_did))
        self.issued += credentials
        return answer(
            build_credential_response(
                CredentialResponse(credentials=tuple(credentials), notification_id=random_token(8))
            )
        )

    def issue(self, configuration: CredentialConfiguration, jwk: dict[str, Any], did: str | None) -> str:
        self.next_index += 1
        w3c = configuration.format == "jwt_vc_json"
        now = self.clock.now()
        content = CredentialContent(
            type_name="enrolment",
            vct="https://issuer.example/types/other" if self.wrong_type else VCT,
            w3c_types=("EnrolmentCredential",),
            contexts=(),
            claims=dict(self.claims),
            issuer="did:web:issuer.example:sakuragawa" if w3c else ISSUER,
            holder_jwk=jwk,
            holder_did=did,
            issued_at=now - now % 86400,
            valid_from=now - now % 86400,
            valid_until=now + 365 * 86400,
            status=StatusReference(uri=f"{ISSUER}/status/1", index=self.next_index),
        )
        signer = SoftwareKey.generate(kid=self.key.kid) if self.foreign_key else self.key
        return FORMATS[configuration.format].issue(content, signer)

    def notification(self, asked: Asked) -> Fetched:
        self.notified.append(asked.json)
        return answer(b"", 204)

    def publish_status(self, *revoked: int) -> None:
        statuses = StatusList.of_size(1024, bits=2, statuses=dict.fromkeys(revoked, 1))
        text = build_status_list_token(
            statuses,
            self.key,
            uri=f"{ISSUER}/status/1",
            issued_at=self.clock.now(),
            expires_at=self.clock.now() + 3600,
            ttl=60,
        )
        self.internet.serve(f"{ISSUER}/status/1", lambda _: answer(text))
