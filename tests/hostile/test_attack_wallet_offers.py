"""A hostile issuer against the wallet: mix-up with an honest token endpoint, credentials that are bombs, credentials of others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from common.adapters.migrations import migrate
from common.encoding import compact_json
from common.errors import TegataError
from common.oauth.authorization_server_metadata import (
    AuthorizationServerMetadata,
    authorization_server_metadata_address,
    build_authorization_server_metadata,
)
from common.oauth.form import parse_form
from common.oid4vci.credential_offer import build_offer_link
from common.oid4vci.issuer_metadata import build_issuer_metadata, issuer_metadata_address
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import CHEAP, PASSPHRASE, make_outside
from tests.wallet_agent.fake_issuer import ISSUER, FakeIssuer
from tests.wallet_agent.internet import Asked, Internet, answer
from wallet_agent.holder.backup import make_backup, restore_backup
from wallet_agent.holder.cards import read_cards
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.delete_card import delete_card
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer, resume_offers
from wallet_agent.store.base import bind
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.vault.open_vault import OpenVault

EVIL = "https://evil.example"


@dataclass
class Scene:
    vault: OpenVault
    outside: Outside
    internet: Internet
    issuer: FakeIssuer

    def receive(self, link: str) -> str:
        return receive_offer(self.vault, link, fetch=self.internet, clock=self.outside.clock).id


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    clock, internet = FixedClock(), Internet()
    database = bind(f"sqlite:///{tmp_path / 'wallet.sqlite3'}")
    migrate(database, MIGRATIONS, now=1)
    vault = create_holder("hanako", PASSPHRASE, cost=CHEAP, clock=clock)
    yield Scene(vault, make_outside(internet, clock), internet, FakeIssuer(internet, clock, tx_code="123456"))
    database.close_all()


def _evil_issuer(scene: Scene, *, lists_honest_server: bool) -> list[Asked]:
    """An issuer that wants the access token which the honest server gives for somebody's code. Answers what it was sent."""
    stolen: list[Asked] = []
    metadata = replace(
        scene.issuer.metadata(),
        credential_issuer=EVIL,
        authorization_servers=(ISSUER,) if lists_honest_server else (),
        credential_endpoint=f"{EVIL}/credential",
        nonce_endpoint=None,
        notification_endpoint=None,
    )
    net = scene.internet
    net.serve(issuer_metadata_address(EVIL), lambda _: answer(build_issuer_metadata(metadata)))
    server = AuthorizationServerMetadata(issuer=EVIL, token_endpoint=f"{ISSUER}/token")
    net.serve(
        authorization_server_metadata_address(EVIL), lambda _: answer(build_authorization_server_metadata(server))
    )

    def take(asked: Asked) -> Any:
        stolen.append(asked)
        return answer({"error": "credential_request_denied"}, 400)

    net.serve(f"{EVIL}/credential", take)
    return stolen


@pytest.mark.parametrize("lists_honest_server", [True, False])
def test_mix_up_the_token_request_says_for_which_issuer_it_is(scene: Scene, lists_honest_server: bool) -> None:
    """The evil offer carries a code that it photographed: the honest server must be able to see whom the token is meant for (§6.1)."""
    _evil_issuer(scene, lists_honest_server=lists_honest_server)
    offer_id = scene.receive(build_offer_link(replace(scene.issuer.offer(), credential_issuer=EVIL)))
    accept_offer(scene.vault, offer_id, outside=scene.outside, tx_code="123456")
    (asked,) = [one for one in scene.internet.heard if one.url == f"{ISSUER}/token"]
    assert f'"locations":["{EVIL}"]' in parse_form(asked.body).get("authorization_details", "")


@pytest.mark.parametrize("configuration", ["enrolment", "enrolment_w3c"])
@pytest.mark.parametrize("depth", [100, 250])
def test_a_credential_nested_without_end_fails_its_own_offer_alone(
    scene: Scene, configuration: str, depth: int
) -> None:
    scene.issuer.tx_code = None
    good = scene.receive(scene.issuer.link("enrolment"))
    bomb = scene.receive(scene.issuer.link(configuration))
    deep: Any = "bottom"
    for _ in range(depth):
        deep = [deep]
    scene.issuer.claims["deep"] = deep
    with contextlib.suppress(TegataError):  # said in our own words: fine
        accept_offer(scene.vault, bomb, outside=scene.outside)
    resume_offers(scene.vault, outside=scene.outside)
    del scene.issuer.claims["deep"]
    accept_offer(scene.vault, good, outside=scene.outside)
    assert len(read_cards(scene.vault)) == 1


def test_a_credential_as_deep_as_is_allowed_can_be_held_saved_and_put_back(scene: Scene) -> None:
    scene.issuer.tx_code = None
    deep: Any = "bottom"
    for _ in range(58):
        deep = [deep]
    scene.issuer.claims["deep"] = deep
    accept_offer(scene.vault, scene.receive(scene.issuer.link("enrolment_w3c")), outside=scene.outside)
    (card,) = read_cards(scene.vault)
    file = make_backup(scene.vault, passphrase="quiet mountain path", clock=scene.outside.clock, cost=CHEAP)
    delete_card(scene.vault, card.id, clock=scene.outside.clock)
    assert restore_backup(scene.vault, file, "quiet mountain path", clock=scene.outside.clock).cards == 1


def test_a_number_that_cannot_be_written_again_fails_its_own_offer_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``1e999`` is JSON, and Python reads it as infinity, which is none."""
    scene.issuer.tx_code = None
    scene.issuer.claims["number"] = 12.5
    monkeypatch.setattr("common.jose.jwt.compact_json", lambda value: compact_json(value).replace(b"12.5", b"1e999"))
    bomb = scene.receive(scene.issuer.link("enrolment_w3c"))
    with contextlib.suppress(TegataError):
        accept_offer(scene.vault, bomb, outside=scene.outside)
    resume_offers(scene.vault, outside=scene.outside)
    monkeypatch.undo()
    accept_offer(scene.vault, scene.receive(scene.issuer.link("enrolment")), outside=scene.outside)
    assert len(read_cards(scene.vault)) == 1
