"""A deployment follows its lists: fetched, kept over restarts without network, and never believed beyond their time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.adapters.trust_list_files import TrustListFiles
from common.did.resolve import Resolver
from common.errors import Misconfigured
from common.ports import Fetched
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.subscriptions import SubscribedAnchors, Subscription, parse_subscription
from tests.common.trust.trust_lists import ADDRESS, DAY, ISSUER, NOW, SIGNER, STRANGER, signed
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

OWN = TrustAnchors(issuers=(TrustedIssuer(identifier="https://own.example", types=frozenset({"T"})),))


class Place:
    """A program's start, again and again over the same folder."""

    def __init__(self, folder: Path, page: Any = None) -> None:
        self.folder = folder
        self.clock = FixedClock(NOW)
        self.fetch = FakeFetch({} if page is None else {ADDRESS: page})

    def start(self, *, sandbox: bool = False, signer: str = SIGNER) -> SubscribedAnchors:
        made = SubscribedAnchors(
            OWN,
            [Subscription(address=ADDRESS, signer=signer)],
            fetch=self.fetch,
            resolver=Resolver(self.fetch, self.clock),
            clock=self.clock,
            kept=TrustListFiles(self.folder / "lists"),
            every=3600,
            sandbox=sandbox,
        )
        made.open()
        return made

    def publish(self, **change: Any) -> None:
        self.fetch.pages[ADDRESS] = signed(now=self.clock.now(), **change).encode()

    def unplug(self) -> None:
        self.fetch.pages.clear()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, signed().encode())


def sequence(anchors: SubscribedAnchors) -> int | None:
    entry = anchors.issuer(ISSUER)
    return entry.listed_in.sequence if entry is not None and entry.listed_in is not None else None


def test_at_the_first_start_the_list_is_fetched(place: Place) -> None:
    anchors = place.start()
    assert sequence(anchors) == 7
    assert anchors.issuer("https://own.example") is not None
    assert (len(anchors.roots), len(anchors.issuers)) == (1, 2)
    assert anchors.roots is anchors.roots


def test_a_restart_without_network_has_the_last_good_one(place: Place) -> None:
    place.start()
    place.unplug()
    place.clock.advance(29 * DAY)
    again = place.start()
    assert sequence(again) == 7
    place.clock.advance(2 * DAY)
    assert sequence(again) is None, "over is over, in a running program, too"
    assert anchors_alone(again)
    assert sequence(place.start()) is None


def anchors_alone(anchors: SubscribedAnchors) -> bool:
    return anchors.issuers == OWN.issuers and anchors.roots == ()


def test_a_newer_list_takes_over_when_it_is_time(place: Place) -> None:
    anchors = place.start()
    place.publish(sequence=8, anchors=TrustAnchors())
    anchors.refresh()
    assert sequence(anchors) == 7, "it was looked at just now"
    place.clock.advance(3600)
    (state,) = anchors.refresh()
    assert (sequence(anchors), state.sequence, state.problem) == (None, 8, "")
    assert anchors_alone(anchors)


def test_the_list_says_when_there_is_another(place: Place) -> None:
    place.publish(next_update=NOW + 600)
    anchors = place.start()
    place.publish(sequence=8)
    place.clock.advance(600)
    anchors.refresh()
    assert sequence(anchors) == 8


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (None, "no_answer"),
        (Fetched(url=ADDRESS, status=503), "trust_list_unavailable"),
        (b"<p>captive portal</p>", "bad_jws"),
        (b"\xff\xfe", "bad_jws"),
        (signed(STRANGER, sequence=8).encode(), "untrusted_key"),
        (signed(sequence=6).encode(), "stale"),
        (signed(names={"en": "Another of the same number"}).encode(), "stale"),
        (signed(sequence=8, test=True).encode(), "test_anchor"),
        (signed(sequence=8, now=NOW - 60 * DAY).encode(), "expired"),
    ],
)
def test_what_does_not_hold_changes_nothing(place: Place, page: Any, problem: str) -> None:
    anchors = place.start()
    if page is None:
        place.unplug()
    else:
        place.fetch.pages[ADDRESS] = page
    place.clock.advance(3600)
    (state,) = anchors.refresh()
    assert (state.problem, sequence(anchors)) == (problem, 7)
    place.publish(sequence=9)
    place.clock.advance(60)
    (state,) = anchors.refresh()
    assert (state.problem, sequence(anchors)) == ("", 9), "it is asked for again soon"


def test_an_older_list_stays_older_after_a_restart(place: Place) -> None:
    place.publish(sequence=8)
    place.start()
    place.clock.advance(31 * DAY)  # the kept one is over, and its number still counts
    place.publish(sequence=7)
    again = place.start()
    (state,) = again.refresh()
    assert (sequence(again), state.problem) == (None, "stale")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"list": "a.b.c", "key": {}}', b'{"list": 7, "key": 7}'])
def test_a_kept_list_that_was_spoilt_is_fetched_again(place: Place, content: bytes) -> None:
    place.start()
    (file,) = (place.folder / "lists").iterdir()
    file.write_bytes(content)
    assert sequence(place.start()) == 7


def test_a_folder_that_cannot_be_written_costs_only_the_memory(place: Place) -> None:
    (place.folder / "lists").write_text("a file where the folder should be")
    assert sequence(place.start()) == 7


def test_a_kept_list_of_a_signer_no_longer_expected_is_not_believed(place: Place) -> None:
    place.start()
    place.unplug()
    assert sequence(place.start(signer="did:web:other.example")) is None


@pytest.mark.parametrize(
    "text", ["", "https://a.example", "ftp://a.example did:web:b", "https://a.example b", "did:web:b"]
)
def test_a_subscription_names_address_and_signer(text: str) -> None:
    with pytest.raises(Misconfigured):
        parse_subscription(text)


def test_a_subscription() -> None:
    assert parse_subscription(f" {ADDRESS}  {SIGNER} ") == Subscription(address=ADDRESS, signer=SIGNER)
