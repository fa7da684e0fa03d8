"""A hostile asker against the wallet: in somebody else's name, with somebody else's question, to learn or to lead away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from common.adapters.migrations import migrate
from common.did.document import build_document
from common.errors import Conflict, TegataError
from common.keys.software import SoftwareKey
from common.oid4vp.authorization_link import build_authorization_link, build_unsigned_link
from common.oid4vp.authorization_request import AuthorizationRequest, ResponseMode
from common.oid4vp.client_id import ClientId, Prefix
from common.oid4vp.dcql import parse_query
from common.oid4vp.request_object import build_request_object
from common.oid4vp.response import parse_redirect_answer
from common.oid4vp.transaction_data import build_transaction_data, parse_transaction_data
from common.trust.anchors import TrustAnchors
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import CHEAP, PASSPHRASE, make_outside
from tests.wallet_agent.fake_issuer import VCT, FakeIssuer
from tests.wallet_agent.fake_verifier import CAFE, DID, STUDENT, FakeVerifier
from tests.wallet_agent.internet import Internet, answer
from wallet_agent.holder.answer_request import answer_request
from wallet_agent.holder.choose_credentials import choose_credentials
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.read_request import read_request
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.store.base import bind
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.vault.open_vault import OpenVault

EVIL, EVIL_DID = "https://evil.example", "did:web:evil.example"


@dataclass
class Scene:
    vault: OpenVault
    outside: Outside
    internet: Internet
    clock: FixedClock
    cafe: FakeVerifier
    evil_key: SoftwareKey

    def serve(
        self, request: AuthorizationRequest, signer: SoftwareKey, kid: str, *, client_id: str = "", **how: Any
    ) -> str:
        """Puts a request object at evil's address; answers the link to it."""
        text = build_request_object(request, signer, now=self.clock.now(), kid=kid, **how)
        self.internet.serve(f"{EVIL}/request", lambda _: answer(text))
        return build_authorization_link(client_id or str(request.client_id), f"{EVIL}/request")

    def refuses(self, link: str) -> None:
        with pytest.raises(TegataError):
            read_request(self.vault, link, outside=self.outside)
        assert not [one for one in self.internet.heard if one.method == "POST" and "response" in one.url]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    clock, internet = FixedClock(), Internet()
    database = bind(f"sqlite:///{tmp_path / 'wallet.sqlite3'}")
    migrate(database, MIGRATIONS, now=1)
    vault = create_holder("hanako", PASSPHRASE, cost=CHEAP, clock=clock)
    issuer = FakeIssuer(internet, clock)
    outside = make_outside(internet, clock)
    offer = receive_offer(vault, issuer.link(), fetch=internet, clock=clock)
    accept_offer(vault, offer.id, outside=outside)
    evil_key = SoftwareKey.generate(kid="evil-1")
    document = build_document(EVIL_DID, [evil_key.public_jwk()])
    internet.serve(f"{EVIL}/.well-known/did.json", lambda _: answer(document))
    internet.heard.clear()
    yield Scene(vault, outside, internet, clock, FakeVerifier(internet, clock, issuer), evil_key)
    database.close_all()


def evil_request(prefix: Prefix = Prefix.DECENTRALIZED_IDENTIFIER, identifier: str = EVIL_DID, **changes: Any) -> Any:
    values: dict[str, Any] = {
        "client_id": ClientId(prefix=prefix, identifier=identifier),
        "response_uri": f"{EVIL}/response",
        "response_mode": ResponseMode.DIRECT_POST,
        "nonce": "n" * 32,
        "dcql_query": parse_query(STUDENT),
    }
    return AuthorizationRequest(**{**values, **changes})


def test_signed_by_evil_in_the_cafes_name(scene: Scene) -> None:
    request = evil_request(identifier=DID)
    scene.refuses(scene.serve(request, scene.evil_key, f"{DID}#cafe-1"))
    scene.refuses(scene.serve(request, scene.evil_key, f"{EVIL_DID}#evil-1"))


def test_a_link_in_the_cafes_name_to_evils_own_request(scene: Scene) -> None:
    """The QR code at the counter is pasted over: ``client_id`` outside must be the one inside (§5.10.1)."""
    link = scene.serve(
        evil_request(), scene.evil_key, f"{EVIL_DID}#evil-1", client_id=f"decentralized_identifier:{DID}"
    )
    scene.refuses(link)


@pytest.mark.parametrize(
    "inside", ["did:web:cafe.example", "x509_san_dns:cafe.example", "redirect_uri:https://cafe.example"]
)
def test_the_same_name_under_another_prefix_is_somebody_else(scene: Scene, inside: str) -> None:
    link = scene.serve(evil_request(), scene.evil_key, f"{EVIL_DID}#evil-1", client_id=inside)
    scene.refuses(link)


def test_a_certificate_of_evils_own_authority(scene: Scene) -> None:
    key = SoftwareKey.generate()
    public = key.private_key().public_key()
    own = make_ca("Trusted CA", now=scene.clock.now())
    leaf = issue_leaf(own, public, name="cafe", use=Use.VERIFIER, now=scene.clock.now(), dns_names=["cafe.example"])
    request = evil_request(Prefix.X509_SAN_DNS, "cafe.example", response_uri=f"{CAFE}/response")
    scene.refuses(scene.serve(request, key, "", x5c=leaf.x5c))


def test_an_honest_certificate_and_the_answer_to_evil(scene: Scene) -> None:
    """A stolen request signature cannot send the answer elsewhere; even the honest key's own request may not (§5.9.3)."""
    ca = make_ca("Trusted CA", now=scene.clock.now())
    key = SoftwareKey.generate()
    public = key.private_key().public_key()
    leaf = issue_leaf(ca, public, name="cafe", use=Use.VERIFIER, now=scene.clock.now(), dns_names=["cafe.example"])
    trusting = replace(
        scene.outside, anchors=TrustAnchors(roots=(ca.certificate,), issuers=scene.outside.anchors.issuers)
    )
    scene.outside = trusting
    honest = evil_request(Prefix.X509_SAN_DNS, "cafe.example", response_uri=f"{CAFE}/response", nonce="h" * 32)
    link = scene.serve(honest, key, "", x5c=leaf.x5c)
    assert read_request(scene.vault, link, outside=scene.outside).state.question.asker.proven_name == "cafe.example"
    request = evil_request(Prefix.X509_SAN_DNS, "cafe.example")
    scene.refuses(scene.serve(request, key, "", x5c=leaf.x5c))


def test_an_unsigned_question_outside_a_sandbox(scene: Scene) -> None:
    request = evil_request(Prefix.REDIRECT_URI, f"{EVIL}/response")
    scene.outside = replace(scene.outside, sandbox=False)
    scene.refuses(build_unsigned_link(request))


def test_a_question_of_the_cafes_kept_from_before(scene: Scene) -> None:
    """Replayed after its time; and, where the wallet posted a nonce, replayed at all (§5.10.1)."""
    link = scene.cafe.ask()
    heard = read_request(scene.vault, link, outside=scene.outside)
    scene.clock.advance(3600)
    with pytest.raises(Conflict):
        answer_request(scene.vault, heard.id, outside=scene.outside)
    assert not scene.cafe.taken


def test_transactions_that_the_wallet_does_not_understand(scene: Scene) -> None:
    pay = build_transaction_data({"type": "payment", "credential_ids": ["student"], "amount": "1000000"})
    request = evil_request(transaction_data=(parse_transaction_data(pay),))
    link = scene.serve(request, scene.evil_key, f"{EVIL_DID}#evil-1")
    with pytest.raises(TegataError, match="invalid_transaction_data"):
        read_request(scene.vault, link, outside=scene.outside)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
        "https://cafe.example@evil.example/",
        "https://evil.example\\@cafe.example/",
        "http://evil.example/",
        "https://evil.example/\r\nSet-Cookie: a=b",
        " https://evil.example/",
        "openid4vp://x",
    ],
)
def test_where_the_browser_is_never_sent_afterwards(address: str) -> None:
    with pytest.raises(TegataError):
        parse_redirect_answer({"redirect_uri": address})


def test_a_question_as_large_as_is_allowed_does_not_take_the_wallet_down(scene: Scene) -> None:
    """Many claim sets, each failing at its last claim."""
    names = [f"c{number}" for number in range(128)]
    claims = [{"id": name, "path": ["faculty", "name"]} for name in names[:-1]]
    claims.append({"id": names[-1], "path": ["nothing"]})
    one = {
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [VCT]},
        "claims": claims,
        "claim_sets": [names[number % 7 :] for number in range(12)],
    }
    query = parse_query({"credentials": [{"id": f"q{number}", **one} for number in range(5)]})
    link = scene.serve(evil_request(dcql_query=query), scene.evil_key, f"{EVIL_DID}#evil-1")
    began = time.process_time()
    heard = read_request(scene.vault, link, outside=scene.outside)
    assert not choose_credentials(scene.vault, heard.id, outside=scene.outside).satisfiable
    assert time.process_time() - began < 5


def test_an_asker_that_calls_itself_what_is_shown_in_person(scene: Scene) -> None:
    """Else the answer to evil could be shown at every counter as if the holder stood there."""
    for name in ("shown:in-person", "SHOWN:in-person", "decentralized_identifier:shown:in-person", "x509_san_dns:"):
        scene.refuses(build_authorization_link(name, f"{EVIL}/request"))
