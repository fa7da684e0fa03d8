"""A relying party's new key: published before it signs, and no question that is open is disturbed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.errors import Conflict, NotFound, Refused
from common.keys.software import SoftwareKey
from common.oid4vp.request_object import parse_request_object
from tests.verifier.world import World, add_party, certified
from verifier.flows.own_identity import OwnIdentity
from verifier.flows.replace_key import KEPT_SECONDS, ReplacedKey, replace_key
from verifier.store.relying_parties import REMEMBERED_SECONDS

HOST = "verifier.example"


def replace(
    world: World, slug: str = "cafe", *, overlap: int = 600, compromised: bool = False, **new: Any
) -> ReplacedKey:
    identity = OwnIdentity(**(new or {"key": SoftwareKey.generate()}))
    return replace_key(
        slug,
        identity,
        box=world.deps.box,
        overlap=overlap,
        compromised=compromised,
        now=world.clock.now(),
        actor="test",
    )


def published(world: World) -> set[str]:
    document = world.client.get("/cafe/did.json").json()
    return {method["publicKeyJwk"]["kid"] for method in document["verificationMethod"]}


def kid_of(world: World, question: dict[str, Any]) -> str:
    """Which key signs this question's request object, as a wallet that verifies it finds."""
    world.read_request(question["link"])
    path = f"/cafe/request/{question['id']}"
    return str(parse_request_object(world.client.get(path).text).did_url).rpartition("#")[2]


def test_a_new_key_from_its_announcement_to_the_end_of_the_old_one(world: World) -> None:
    before = world.ask()
    old = kid_of(world, before)
    done = replace(world)
    assert (done.replaces, done.active_from) == (old, world.clock.now() + 600)
    assert published(world) == {old, done.kid}
    assert kid_of(world, world.ask()) == old
    world.clock.advance(599)
    waiting = world.ask()
    world.clock.advance(1)
    assert kid_of(world, world.ask()) == done.kid
    assert kid_of(world, waiting) == old, "what was asked before keeps its key"
    assert published(world) == {old, done.kid}
    world.clock.advance(300 + KEPT_SECONDS)
    assert published(world) == {done.kid}
    assert kid_of(world, world.ask()) == done.kid
    again = replace(world)
    assert again.replaces == done.kid


def test_without_an_overlap_it_waits_until_every_process_has_heard(small_world: World) -> None:
    done = replace(small_world, overlap=0)
    assert done.active_from == small_world.clock.now() + REMEMBERED_SECONDS + 1


def test_a_compromised_key_goes_at_once(small_world: World) -> None:
    world = small_world
    old = kid_of(world, world.ask())
    replace(world)
    done = replace(world, compromised=True)
    assert published(world) == {done.kid}
    world.clock.advance(REMEMBERED_SECONDS)
    assert kid_of(world, world.ask()) == done.kid != old


def test_two_at_once_publish_one(world: World) -> None:
    def act(_: int) -> str:
        try:
            return replace(world).kid
        except Conflict as conflict:
            return conflict.code

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(act, range(4)))
    assert said.count("successor_published") == 3
    assert len(published(world)) == 2


@pytest.mark.parametrize("prefix", ["x509_san_dns", "x509_hash"])
def test_with_certificates(small_world: World, prefix: str) -> None:
    world = small_world
    add_party(world.deps, "shop", prefix=prefix, **certified(world.ca, HOST, world.clock.now()))
    token = world.deps.login.new_token("shop", "operator", "operator")

    def ask() -> dict[str, Any]:
        return world.ask(tenant="shop", token=token)

    open_before = ask()
    replace(world, "shop", overlap=0, **certified(world.ca, HOST, world.clock.now()))
    world.clock.advance(REMEMBERED_SECONDS + 1)
    open_after = ask()
    requests = [world.read_request(one["link"]) for one in (open_before, open_after)]
    assert (requests[0].client_id == requests[1].client_id) == (prefix == "x509_san_dns")
    with pytest.raises(Refused, match="certificate_needed"):
        replace(world, "shop")
    if prefix == "x509_san_dns":
        with pytest.raises(Refused, match="another_name"):
            replace(world, "shop", **certified(world.ca, "other.example", world.clock.now()))


def test_who_is_not_here(small_world: World) -> None:
    with pytest.raises(NotFound):
        replace(small_world, "nobody")
