"""A small world for the verifier's tests: an issuer on an internet in memory, a holder with real keys, and the program over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from common.did.document import build_document
from common.did.resolve import Resolver
from common.encoding import compact_json
from common.errors import Unavailable
from common.formats.credential import CredentialContent, StatusReference
from common.formats.registry import FORMATS
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.oid4vp.authorization_link import RequestByReference, UnsignedRequest, parse_authorization_link
from common.oid4vp.authorization_request import AuthorizationRequest, verify_unsigned_request
from common.oid4vp.errors import AuthorizationError
from common.oid4vp.request_object import parse_request_object, verify_request_object
from common.oid4vp.response import Answer, AuthorizationResponse, build_response
from common.ports import Fetched
from common.status.bits import StatusList
from common.status.token_status_list import build_status_list_token
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from common.x509.sandbox_ca import CertificateAuthority, Use, issue_leaf, make_ca
from tests.fakes.app_client import AppClient
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from verifier.app import build_app
from verifier.deps import Deps, build_deps
from verifier.flows.create_relying_party import NewRelyingParty, create_relying_party
from verifier.settings import VerifierSettings
from verifier.store.relying_parties import RelyingPartyRow

DAY = 86_400
VCT_BASE = "https://issuer.example/types"
ISSUER = "https://issuer.example/sakuragawa"
ISSUER_DID = "did:web:issuer.example:sakuragawa"
STATUS_URI = "https://issuer.example/sakuragawa/status/1"
CLAIMS: dict[str, Any] = {
    "eduperson_primary_affiliation": "student",
    "issuing_authority": "桜川大学",
    "family_name": "髙橋",
    "given_name": "花子",
    "birthdate": "2005-04-02",
    "age_equal_or_over": {"18": True, "20": True},
}


@dataclass
class Holder:
    """A wallet's keys and its cards: query id → credential text."""

    key: SoftwareKey = field(default_factory=SoftwareKey.generate)

    @property
    def did(self) -> str:
        return f"did:key:{encode_did_key(self.key.public_jwk())}"


@dataclass
class World:
    """Everything a test may turn: the clock, what the internet answers, the status of credential number 7."""

    clock: FixedClock
    fetch: FakeFetch
    issuer_key: SoftwareKey
    ca: CertificateAuthority
    deps: Deps
    client: AppClient
    token: str
    tenant: str = "cafe"
    holder: Holder = field(default_factory=Holder)

    # -- issuer ---------------------------------------------------------------------------------------------------------

    def publish_status(self, value: int = 0, *, issued_at: int | None = None, key: SoftwareKey | None = None) -> None:
        now = self.clock.now() if issued_at is None else issued_at
        token = build_status_list_token(
            StatusList.of_size(64, bits=2, statuses={7: value}),
            key or self.issuer_key,
            uri=STATUS_URI,
            issued_at=now,
            expires_at=now + 400 * DAY,
            ttl=300,
        )
        self.fetch.pages[STATUS_URI] = token.encode()

    def unpublish(self, address: str) -> None:
        def away(_: bytes) -> Fetched:
            raise Unavailable("no_answer", "nobody answers")

        self.fetch.pages[address] = away

    def issue(
        self,
        format_name: str = "dc+sd-jwt",
        *,
        type_name: str = "enrolment",
        claims: dict[str, Any] | None = None,
        holder: Holder | None = None,
        key: SoftwareKey | None = None,
        x5c: tuple[str, ...] = (),
        **changes: Any,
    ) -> str:
        """A credential of the issuer's, valid from an hour ago for a year, status entry 7."""
        whom = holder or self.holder
        now = self.clock.now()
        content: dict[str, Any] = {
            "type_name": type_name,
            "vct": f"{VCT_BASE}/{type_name}",
            "w3c_types": (f"{type_name.title()}Credential",),
            "claims": claims or CLAIMS,
            "issuer": ISSUER_DID if format_name == "jwt_vc_json" else ISSUER,
            "holder_jwk": whom.key.public_jwk(),
            "holder_did": whom.did,
            "issued_at": now - 3600,
            "valid_from": now - 3600,
            "valid_until": now + 365 * DAY,
            "status": StatusReference(uri=STATUS_URI, index=7),
        }
        return FORMATS[format_name].issue(
            CredentialContent(**{**content, **changes}), key or self.issuer_key, x5c=x5c or None
        )

    # -- operator ---------------------------------------------------------------------------------------------------------

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, question: str = "student", *, tenant: str = "", token: str = "", **wish: Any) -> dict[str, Any]:
        answer = self.client.post(
            f"/{tenant or self.tenant}/api/sessions",
            json={"question": question, **wish},
            headers={"Authorization": f"Bearer {token or self.token}"},
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def result(self, session: str) -> dict[str, Any]:
        answer = self.client.get(f"/{self.tenant}/api/sessions/{session}", headers=self.bearer)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    # -- wallet ---------------------------------------------------------------------------------------------------------

    def read_request(self, link: str, *, wallet_nonce: str | None = None) -> AuthorizationRequest:
        """Fetches and verifies the request object, as a wallet does."""
        parsed_link = parse_authorization_link(link)
        if isinstance(parsed_link, UnsignedRequest):
            return verify_unsigned_request(parsed_link.parameters, sandbox=True).request
        assert isinstance(parsed_link, RequestByReference)
        path = urlsplit(parsed_link.request_uri).path
        answer = (
            self.client.post(path, data={"wallet_nonce": wallet_nonce} if wallet_nonce else {})
            if parsed_link.method == "post"
            else self.client.get(path)
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/oauth-authz-req+jwt"
        parsed = parse_request_object(answer.text)
        did_key = None
        if parsed.did_url is not None:
            tenant = path.split("/")[1]
            self.fetch.pages[f"https://verifier.example/{tenant}/did.json"] = self.client.get(
                f"/{tenant}/did.json"
            ).content
            did_key = _resolve(self, str(parsed.did_url))
        return verify_request_object(
            parsed,
            client_id=parsed_link.client_id,
            now=self.clock.now(),
            did_key=did_key,
            roots=(self.ca.certificate,),
            wallet_nonce=wallet_nonce,
        ).request

    def present(
        self,
        request: AuthorizationRequest,
        credential: str,
        *,
        query_id: str = "enrolment_sd_jwt",
        holder: Holder | None = None,
        audience: str = "",
        nonce: str = "",
    ) -> bytes:
        """The response body that answers the request with this credential."""
        query = request.dcql_query.credential(query_id)
        assert query is not None
        text = FORMATS[query.format].present(
            credential,
            paths=[claim.path for claim in query.claims],
            holder=signer(holder or self.holder, query.format),
            audience=audience or str(request.client_id),
            nonce=nonce or request.nonce,
            now=self.clock.now(),
        )
        return self.answer(request, AuthorizationResponse(vp_token={query_id: (text,)}, state=request.state))

    def answer(self, request: AuthorizationRequest, answer: Answer) -> bytes:
        return build_response(answer, mode=request.response_mode, client_metadata=request.client_metadata)

    def decline(self, request: AuthorizationRequest) -> bytes:
        return self.answer(request, AuthorizationError(error="access_denied", state=request.state))

    def post(self, request: AuthorizationRequest, body: bytes) -> Any:
        return self.client.post(
            urlsplit(request.response_uri).path,
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    def verdict_of(self, credential: str, question: str = "student", **how: Any) -> dict[str, Any]:
        """Asks, presents, and reads the verdict tree."""
        opened = self.ask(question)
        request = self.read_request(opened["link"])
        answer = self.post(request, self.present(request, credential, **how))
        assert answer.status_code == 200, answer.text
        verdict: dict[str, Any] = self.result(opened["id"])["verdict"]
        return verdict


def signer(holder: Holder, format_name: str) -> SoftwareKey:
    """The holder's key under the name that the format knows it by."""
    if format_name == "dc+sd-jwt":
        return holder.key
    multikey = holder.did.removeprefix("did:key:")
    return SoftwareKey.from_private_jwk({**holder.key.private_jwk(), "kid": f"{holder.did}#{multikey}"})


def _resolve(world: World, did_url: str) -> Any:
    return Resolver(world.fetch, world.clock, sandbox=True).key(did_url)


def checks_of(verdict: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Check name → (answer, reason), of the only presentation."""
    (branch,) = verdict["presentations"]
    return {check["check"]: (check["answer"], check["reason"]) for check in branch["checks"]}


def trusted_issuers() -> tuple[TrustedIssuer, ...]:
    names = ("enrolment", "graduation", "age", "identity")
    types = frozenset({f"{VCT_BASE}/{name}" for name in names} | {f"{name.title()}Credential" for name in names})
    return tuple(TrustedIssuer(identifier=name, types=types, names={}) for name in (ISSUER, ISSUER_DID))


def make_world(database_url: str, data_dir: Path, **settings: Any) -> World:
    """A fresh world with the relying party ``cafe``. Close `World.deps.database` at the end (the fixture does)."""
    clock = FixedClock()
    issuer_key = SoftwareKey.generate()
    ca = make_ca("Tegata sandbox CA", now=clock.now())
    fetch = FakeFetch(
        {
            metadata_address(ISSUER): compact_json(build_issuer_metadata(ISSUER, [issuer_key.public_jwk()])),
            "https://issuer.example/sakuragawa/did.json": compact_json(
                build_document(ISSUER_DID, [issuer_key.public_jwk()])
            ),
        }
    )
    anchors = TrustAnchors(
        roots=(ca.certificate,),
        issuers=trusted_issuers(),
    )
    deps = build_deps(
        VerifierSettings(
            **{
                "environment": "sandbox",
                "public_url": "https://verifier.example",
                "vct_base": VCT_BASE,
                "database_url": database_url,
                "data_dir": data_dir,
                "status_cache_seconds": 0,
                "job_seconds": 0,
                **settings,
            }
        ),
        clock=clock,
        fetch=fetch,
        anchors=anchors,
    )
    add_party(deps, "cafe")
    world = World(
        clock=clock,
        fetch=fetch,
        issuer_key=issuer_key,
        ca=ca,
        deps=deps,
        client=AppClient(build_app(deps), base_url="https://verifier.example", raise_server_exceptions=True),
        token=deps.login.new_token("cafe", "operator", "operator"),
    )
    world.publish_status(0)
    return world


def add_party(deps: Deps, slug: str, **changes: Any) -> RelyingPartyRow:
    new: dict[str, Any] = {"slug": slug, "name_ja": "喫茶てがた", "name_en": "Café Tegata", **changes}
    return create_relying_party(
        NewRelyingParty(**new),
        addresses=deps.addresses,
        box=deps.box,
        sandbox=deps.settings.is_sandbox,
        now=deps.clock.now(),
        actor="test",
    )


def certified(ca: CertificateAuthority, host: str, now: int) -> dict[str, Any]:
    """key and x5c of a relying party with a certificate for this host."""
    key = SoftwareKey.generate()
    leaf = issue_leaf(ca, key.private_key().public_key(), name=host, use=Use.VERIFIER, now=now, dns_names=[host])
    return {"key": key, "x5c": leaf.x5c}
