"""A verifier that follows a trust list: who is believed, by which list, and what the verdict says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import verifier.pages
from common.pages.catalogue import Catalogue, Words
from common.pages.language import Language
from common.trust.anchors import TrustAnchors
from tests.common.trust.trust_lists import ADDRESS, SIGNER, signed
from tests.verifier.world import World, trusted_issuers
from verifier.deps import Deps, build_deps
from verifier.flows.check_text import check_text
from verifier.flows.draw_verdict import verdict_tree
from verifier.pages.verdict_views import view_verdict
from verifier.settings import VerifierSettings

DAY = 86_400
PAGES = Path(verifier.pages.__file__).parent


def follow(world: World, folder: Path, own: TrustAnchors | None = None) -> Deps:
    """A verifier of no anchors but the list's."""
    settings = VerifierSettings(
        environment="sandbox",
        public_url="https://verifier.example",
        database_url=f"sqlite:///{folder / 'follower.sqlite3'}",
        data_dir=folder / "follower",
        trust_lists=(f"{ADDRESS} {SIGNER}",),
    )
    return build_deps(settings, clock=world.clock, fetch=world.fetch, anchors=own or TrustAnchors())


def verdict(deps: Deps, world: World, text: str) -> dict[str, Any]:
    return check_text(text, gatherer=deps.gatherer, max_status_age=DAY, now=world.clock.now()).as_json()


def publish(world: World, **change: Any) -> None:
    values: dict[str, Any] = {"anchors": TrustAnchors(issuers=trusted_issuers()), "now": world.clock.now(), **change}
    world.fetch.pages[ADDRESS] = signed(**values).encode()


@pytest.mark.parametrize("form", ["dc+sd-jwt", "jwt_vc_json"])
def test_the_verdict_names_the_list(small_world: World, tmp_path: Path, form: str) -> None:
    world = small_world
    publish(world)
    deps = follow(world, tmp_path)
    tree = verdict(deps, world, world.issue(form))
    assert tree["accepted"], tree
    believed = tree["presentations"][0]["issuer_believed_by"]
    assert believed["listed_in"] == {
        "name": {"ja": "大学一覧", "en": "Universities"},
        "signer": SIGNER,
        "sequence": 7,
        "issued_at": world.clock.now(),
    }
    console = Console(record=True, width=300)
    console.print(verdict_tree(tree))
    assert "listed in Universities, no. 7" in console.export_text()
    deps.database.close_all()


def test_the_list_decides_from_day_to_day(small_world: World, tmp_path: Path) -> None:
    world = small_world
    publish(world)
    deps = follow(world, tmp_path)
    assert deps.lists is not None
    text = world.issue()
    assert verdict(deps, world, text)["accepted"]
    world.clock.advance(3600)
    publish(world, sequence=8, anchors=TrustAnchors())
    deps.lists.refresh()
    world.publish_status(0)
    refused = verdict(deps, world, text)
    assert (refused["accepted"], refused["reason"]) == (False, "untrusted_issuer")
    deps.database.close_all()


def test_an_own_entry_is_nobodys_list(small_world: World, tmp_path: Path) -> None:
    world = small_world
    publish(world)
    deps = follow(world, tmp_path, TrustAnchors(issuers=trusted_issuers()))
    tree = verdict(deps, world, world.issue())
    assert tree["presentations"][0]["issuer_believed_by"]["listed_in"] is None
    deps.database.close_all()


def test_a_list_that_may_not_be_shown_trusts_nobody(small_world: World, tmp_path: Path) -> None:
    world = small_world
    deps = follow(world, tmp_path)
    refused = verdict(deps, world, world.issue())
    assert (refused["accepted"], refused["reason"]) == (False, "untrusted_issuer")
    deps.database.close_all()


@pytest.mark.parametrize(("language", "said"), [("ja", "「大学一覧」第7版"), ("en", "listed in “Universities”, no. 7")])
def test_the_page_names_the_list(small_world: World, tmp_path: Path, language: Language, said: str) -> None:
    world = small_world
    publish(world)
    deps = follow(world, tmp_path)
    tree = verdict(deps, world, world.issue())
    view = view_verdict(tree, None, Words(Catalogue((PAGES / "messages",)), language))
    assert said in view.nodes[0].freshness
    del tree["presentations"][0]["issuer_believed_by"]["listed_in"]  # as verdicts were written down before
    assert "7" not in view_verdict(tree, None, Words(Catalogue((PAGES / "messages",)), language)).nodes[0].freshness
    deps.database.close_all()
