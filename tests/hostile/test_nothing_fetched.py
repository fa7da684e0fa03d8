"""Nothing is fetched that a credential merely names. Every address in these credentials that is not their trusted issuer's leads to
``stranger.example``, in every place where a format has room for one; nobody may go there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from common.did.document import build_document
from common.did.resolve import Resolver
from common.encoding import compact_json
from common.formats.bitstring_entry import build_credential_status
from common.formats.credential import CredentialContent, StatusReference
from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.mdoc import Mdoc
from common.formats.vcdm.moment import format_moment
from common.jose.jwt import build_jwt
from common.jose.sd_jwt import issue_sd_jwt
from common.keys.software import SoftwareKey
from common.status.contract import ListIssuer, ListTimes, StatusTable
from common.status.registry import RENDERINGS
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from common.x509.sandbox_ca import CertificateAuthority
from common.x509.sandbox_iaca import issue_document_signer, make_iaca
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from verifier.checks.verdict import Verdict
from verifier.flows.check_text import check_text
from verifier.flows.gather_facts import FactGatherer

NOW = 1_790_000_000
HERE, THERE = "https://issuer.example/sakuragawa", "https://stranger.example"
DID, FOREIGN_DID = "did:web:issuer.example:sakuragawa", "did:web:stranger.example"
TOKEN_LIST, BITSTRING = f"{HERE}/status/1", f"{HERE}/bits/1"
V2 = "https://www.w3.org/ns/credentials/v2"
VCT, DOCTYPE = f"{THERE}/types/enrolment", "com.example.enrolment"
KEY, FOREIGN_KEY = SoftwareKey.generate(kid="k1"), SoftwareKey.generate(kid="k1")
IACA, FOREIGN_IACA = (
    make_iaca(f"Sandbox IACA {n}", country="JP", address=f"{THERE}/iaca", now=NOW, crl_address=f"{THERE}/root.crl")
    for n in (1, 2)
)
TYPES = frozenset({VCT, DOCTYPE, "EnrolmentCredential", f"{THERE}/terms#EnrolmentCredential"})
ANCHORS = TrustAnchors(
    roots=(IACA.certificate,),
    issuers=tuple(TrustedIssuer(identifier=name, types=TYPES) for name in (HERE, DID)),
)
HEADER = {
    "jku": f"{THERE}/jwks.json",
    "x5u": f"{THERE}/chain.pem",
    "x5t#S256": "A" * 43,
    "jwk": FOREIGN_KEY.public_jwk(),
    "url": f"{THERE}/url",
}
EVERYWHERE: dict[str, Any] = {
    "credentialSchema": {"id": f"{THERE}/schema.json", "type": "JsonSchema"},
    "evidence": [{"id": f"{THERE}/evidence", "type": ["VerifiableCredential"]}],
    "termsOfUse": [{"id": f"{THERE}/terms", "type": ["VerifiableCredential"]}],
    "refreshService": {"id": f"{THERE}/refresh", "type": ["VerifiableCredential"]},
    "relatedResource": [{"id": f"{THERE}/picture.png", "digestSRI": "sha384-" + base64.b64encode(bytes(48)).decode()}],
}
"""Types that the base context has, so that the suites which expand the document go on."""


@dataclass(frozen=True)
class Party:
    """Who issues: the trusted institution, or a stranger, with their own key; ``lists``: where the statuses stand."""

    address: str
    did: str
    key: SoftwareKey
    iaca: CertificateAuthority
    token_list: str = TOKEN_LIST
    bitstring: str = BITSTRING


TRUSTED = Party(HERE, DID, KEY, IACA)
STRANGER = Party(f"{THERE}/a", FOREIGN_DID, FOREIGN_KEY, FOREIGN_IACA, token_list=f"{THERE}/s", bitstring=f"{THERE}/b")


def _w3c(party: Party, **change: Any) -> dict[str, Any]:
    return {
        "@context": [V2, {"EnrolmentCredential": f"{THERE}/terms#EnrolmentCredential"}],
        "id": f"{THERE}/credentials/1",
        "type": ["VerifiableCredential", "EnrolmentCredential"],
        "issuer": party.did,
        "validFrom": format_moment(NOW - 60),
        "credentialSubject": {"id": f"{FOREIGN_DID}:subject"},
        "credentialStatus": build_credential_status(
            (StatusReference(uri=party.bitstring, index=7, purpose="revocation"),)
        ),
        **EVERYWHERE,
        **change,
    }


def sd_jwt_vc(party: Party) -> str:
    claims = {
        "iss": party.address,
        "vct": VCT,
        "vct#integrity": "sha256-" + base64.b64encode(bytes(32)).decode(),
        "iat": NOW - 60,
        "picture": f"{THERE}/me.jpg",
        "sub": f"{THERE}/hanako",
        "status": {"status_list": {"idx": 7, "uri": party.token_list}},
        **EVERYWHERE,
    }
    return issue_sd_jwt({**HEADER, "alg": "ES256", "typ": "dc+sd-jwt", "kid": "k1"}, claims, party.key)


def jwt_vc_json(party: Party, **change: Any) -> str:
    header = {**HEADER, "alg": "ES256", "typ": "vc+jwt", "kid": f"{party.did}#k1"}
    return build_jwt(header, {**_w3c(party, **change), "iss": party.did}, party.key)


def ldp_vc(party: Party) -> str:
    options = ProofOptions(verification_method=f"{party.did}#k1", created=NOW - 60, domain=f"{THERE}/domain")
    return compact_json(issue_credential(_w3c(party), party.key, options)).decode()


def mso_mdoc(party: Party) -> str:
    content = CredentialContent(
        type_name="enrolment",
        doctype=DOCTYPE,
        claims={DOCTYPE: {"portrait": f"{THERE}/me.jpg", "issuing_authority": f"{THERE}/authority"}},
        issuer=party.address,
        holder_jwk=SoftwareKey.generate().public_jwk(),
        issued_at=NOW - 60,
        valid_until=NOW + 9999,
        status=StatusReference(uri=party.token_list, index=7),
    )
    public = party.key.private_key().public_key()
    leaf = issue_document_signer(
        party.iaca, public, name="Signer", address=party.address, now=NOW, crl_address=f"{THERE}/signer.crl"
    )
    return Mdoc().issue(content, party.key, x5c=leaf.x5c)


ISSUE: Mapping[str, Callable[[Party], str]] = {
    "dc+sd-jwt": sd_jwt_vc, "jwt_vc_json": jwt_vc_json, "ldp_vc": ldp_vc, "mso_mdoc": mso_mdoc
}  # fmt: skip


def _list(rendering: str, uri: str, issuer: str, purpose: str = "") -> bytes:
    return RENDERINGS[rendering].render(
        StatusTable(size=64, values={}, version=1, changed_at=NOW),
        uri=uri,
        purpose=purpose,
        issuer=ListIssuer(id=issuer, key_id=f"{DID}#k1" if issuer == DID else "k1", signer=KEY),
        times=ListTimes(issued_at=NOW, expires_at=NOW + 600, ttl=60),
    )


def internet() -> FakeFetch:
    """The trusted issuer's pages. Whoever goes anywhere else is in `FakeFetch.requests`."""
    return FakeFetch(
        {
            metadata_address(HERE): compact_json(build_issuer_metadata(HERE, [KEY.public_jwk()])),
            f"{HERE}/did.json": compact_json(build_document(DID, [KEY.public_jwk()])),
            TOKEN_LIST: _list("token_status_list_jwt", TOKEN_LIST, HERE),
            BITSTRING: _list("bitstring_vc_jwt", BITSTRING, DID, "revocation"),
        }
    )


def judge(text: str, fetch: FakeFetch, *, anchors: TrustAnchors = ANCHORS) -> Verdict:
    gatherer = FactGatherer(
        fetch=fetch,
        resolver=Resolver(fetch, FixedClock(NOW), sandbox=True),
        anchors=anchors,
        sandbox=True,
        status_cache_seconds=0,
    )
    return check_text(text, gatherer=gatherer, max_status_age=9999, now=NOW)


def hosts(fetch: FakeFetch) -> set[str | None]:
    return {urlsplit(address).hostname for _, address in fetch.requests}


every_format = pytest.mark.parametrize("name", ISSUE)


@every_format
def test_only_the_trusted_issuer_is_asked(name: str) -> None:
    fetch = internet()
    verdict = judge(ISSUE[name](TRUSTED), fetch)
    assert verdict.accepted, verdict
    assert hosts(fetch) == {"issuer.example"}
    assert {address for _, address in fetch.requests} <= fetch.pages.keys()


@every_format
def test_a_strangers_credential_sends_nobody_anywhere(name: str) -> None:
    fetch = internet()
    assert not judge(ISSUE[name](STRANGER), fetch).accepted
    assert fetch.requests == []


@every_format
def test_a_credential_forged_in_a_trusted_name_asks_for_keys_at_most(name: str) -> None:
    """The status list that it names is not asked for, be it the issuer's or a stranger's."""
    forged = Party(HERE, DID, FOREIGN_KEY, FOREIGN_IACA, token_list=f"{THERE}/s", bitstring=f"{THERE}/b")
    fetch = internet()
    assert not judge(ISSUE[name](forged), fetch).accepted
    assert {address for _, address in fetch.requests} <= {metadata_address(HERE), f"{HERE}/did.json"}


@every_format
def test_without_anchors_nobody_is_asked(name: str) -> None:
    fetch = internet()
    assert not judge(ISSUE[name](TRUSTED), fetch, anchors=TrustAnchors()).accepted
    assert fetch.requests == []


@pytest.mark.parametrize(
    "change",
    [
        {"@context": [V2, f"{THERE}/context.jsonld"]},
        {"@context": [V2, {"@import": f"{THERE}/context.jsonld"}]},
        {"relatedResource": [{"id": f"{THERE}/context.jsonld", "digestSRI": "sha256-" + "A" * 43 + "="}]},
        {"credentialSchema": [{"id": f"{THERE}/{n}", "type": "JsonSchema"} for n in range(3)]},
        {"issuer": {"id": DID, "image": {"id": f"{THERE}/logo.png", "type": "Image"}}},
        {"confidenceMethod": {"id": f"{THERE}/key", "type": "VerifiableCredential"}},
        {"renderMethod": [{"id": f"{THERE}/card.svg", "type": "SvgRenderingTemplate2023"}]},
        {"credentialSubject": [{"id": f"{THERE}/hanako"}, {"image": f"{THERE}/me.png"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_contexts_and_resources_are_never_fetched(change: dict[str, Any]) -> None:
    """Whether the document is believed or refused, as a JWT or with the proof of another document on it."""
    proof = {"proof": ldp_proof()}
    for text in (jwt_vc_json(TRUSTED, **change), compact_json({**_w3c(TRUSTED, **change), **proof}).decode()):
        fetch = internet()
        judge(text, fetch)
        assert hosts(fetch) <= {"issuer.example"}


def ldp_proof() -> Any:
    options = ProofOptions(verification_method=f"{DID}#k1", created=NOW - 60)
    return issue_credential(_w3c(TRUSTED), KEY, options)["proof"]


def test_a_stranger_seen_from_within() -> None:
    """The internet here does tell who went where."""
    fetch = internet()
    stranger = TrustAnchors(issuers=(TrustedIssuer(identifier=f"{THERE}/a", types=TYPES),))
    assert not judge(sd_jwt_vc(STRANGER), fetch, anchors=stranger).accepted
    assert hosts(fetch) == {"stranger.example"}
