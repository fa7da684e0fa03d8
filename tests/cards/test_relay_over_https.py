"""The card relay as it runs: a real server over https under its own name, the holder's side on another machine's end of the line."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from common.adapters.websocket import WebSocket
from common.cards.relay import Offer
from common.errors import CardRemoved, Refused, TegataError, Unavailable
from examples.cards.chip import Chip
from issuer.routes import card_relay
from issuer.store.tables import CardReading
from tests.cards.my_number_reader import NOW
from tests.cards.my_number_world import card
from tests.cards.relay_world import Somebody, WatchedCard
from tests.fakes.card import InProcessCard
from tests.issuer.relay_server import HOST, OTHER, RelayServer, serving
from tests.issuer.school import TENANT
from wallet_agent.reading.invitation import Invitation, parse_invitation
from wallet_agent.reading.relay import HolderRelay

SECRETS = {
    "jpki_signature_password": "ABC123",
    "jpki_authentication_pin": "1234",
}
LIMITS = {"jpki_signature_password": 5, "jpki_authentication_pin": 3}
PARTS = [("my_number", "jpki_signature"), ("my_number", "jpki_authentication")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayServer]:
    with serving(tmp_path_factory.mktemp("relay")) as running:
        yield running


class Breaking:
    """A line that breaks after so many frames heard, without a goodbye; or is slow."""

    def __init__(self, line: WebSocket, *, breaks_at: int | None = None, slow: float = 0.0) -> None:
        self._line, self._breaks_at, self._slow = line, breaks_at, slow
        self.heard = 0

    def send(self, frame: str | bytes) -> None:
        time.sleep(self._slow)
        self._line.send(frame)

    def receive(self, seconds: float) -> str | bytes:
        if self._breaks_at is not None and self.heard >= self._breaks_at:
            self._line._portal.call(self._line._connection.transport.abort)  # the cable is pulled: no closing handshake
            while True:  # until it is noticed: what came before and nobody had read yet goes with it
                self._line.receive(seconds)
        frame = self._line.receive(seconds)
        self.heard += 1
        return frame


@cache
def chip() -> Chip:
    """One for all: it is powered afresh each time, and nobody here mistypes."""
    return card(pretends=True)


def invited(server: RelayServer) -> Invitation:
    return parse_invitation(server.invite())


def run(
    server: RelayServer,
    invitation: Invitation,
    *,
    breaks_at: int | None = None,
    removed_at: int | None = None,
    slow: float = 0.0,
) -> tuple[Offer | TegataError, HolderRelay, WatchedCard, Breaking]:
    watched = WatchedCard(InProcessCard(chip()), removed_at=removed_at)
    with server.connect(invitation) as line:
        breaking = Breaking(line, breaks_at=breaks_at, slow=slow)
        somebody = Somebody(secrets=SECRETS, parts=PARTS)
        side = HolderRelay(breaking, watched, invitation.invited, somebody, clock=lambda: NOW)
        try:
            return side.run(), side, watched, breaking
        except TegataError as error:
            return error, side, watched, breaking


def row(invitation: Invitation) -> Any:
    return CardReading.get(CardReading.tenant == TENANT, CardReading.id == invitation.invited.session)


def test_from_the_invitation_to_the_offer(server: RelayServer) -> None:
    invitation = invited(server)
    offer, side, _, _ = run(server, invitation)
    assert isinstance(offer, Offer), offer
    assert offer.link.startswith("openid-credential-offer://")
    assert offer.claim_url.startswith(f"https://{HOST}:{server.port}/{TENANT}/claim/")
    assert {name: (tried.outcome, tried.left) for name, tried in side.tries.items()} == {
        name: ("accepted", limit) for name, limit in LIMITS.items()
    }
    assert row(invitation).state == "offered"
    with pytest.raises(Refused, match="not_let_in"):  # once
        server.connect(invitation)


def test_a_dropped_link_at_every_frame_ends_cleanly(server: RelayServer) -> None:
    """Each time: a typed error on this side within moments, the tries told, none wasted; the session stays open for another go until the
    card was judged, and no relay is left behind."""
    invitation = invited(server)
    *_, breaking = run(server, invitation)
    frames = breaking.heard
    assert frames > 15
    invitation = invited(server)
    for at in range(frames):
        began = time.monotonic()
        outcome, side, watched, _ = run(server, invitation, breaks_at=at)
        assert isinstance(outcome, Unavailable), (at, outcome)
        assert outcome.code == "link_lost"
        assert time.monotonic() - began < 5
        presented = [one for one in watched.commands if one[1] == 0x20 and len(one) > 4]
        assert len(presented) == len(side.tries), at
        for name, tried in side.tries.items():
            assert (tried.outcome, tried.left) == ("accepted", LIMITS[name]), at
        wait_until_empty(server)
        if row(invitation).state != "open":
            invitation = invited(server)


def test_a_removed_card_at_every_command_ends_cleanly(server: RelayServer) -> None:
    _, _, whole, _ = run(server, invited(server))
    invitation = invited(server)
    sent = [at for at, one in enumerate(whole.commands) if one[1] == 0x20 and len(one) > 4]
    for at in range(len(whole.commands)):
        outcome, side, _, _ = run(server, invitation, removed_at=at)
        assert isinstance(outcome, CardRemoved), (at, outcome)
        told = [tried.outcome for tried in side.tries.values()]
        assert told == ["unknown" if at == when else "accepted" for when in sent if when <= at], at
        assert all(tried.left == LIMITS[name] for name, tried in side.tries.items())
        assert row(invitation).state == "open"
    wait_until_empty(server)
    offer, *_ = run(server, invitation)
    assert isinstance(offer, Offer)


def test_one_thread_alone_uses_the_lines_tls(server: RelayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL allows no second: what was sent while session tickets were read stayed here, once in some hundred links on a busy machine."""
    users: set[int] = set()

    def noted(used: Callable[..., Any]) -> Callable[..., Any]:
        def act(line: Any, *given: Any) -> Any:
            if not line.server_side:
                users.add(threading.get_ident())
            return used(line, *given)

        return act

    for kind, names in ((ssl.SSLSocket, ("read", "send")), (ssl.SSLObject, ("read", "write"))):
        for name in names:
            monkeypatch.setattr(kind, name, noted(getattr(kind, name)))
    offer, *_ = run(server, invited(server))
    assert isinstance(offer, Offer)
    assert len(users) == 1


def test_a_slow_link_comes_to_its_end(server: RelayServer) -> None:
    offer, *_ = run(server, invited(server), slow=0.05)
    assert isinstance(offer, Offer)


def test_another_issuer_that_passes_the_questions_on(server: RelayServer) -> None:
    """Somebody lures the holder to his own address and passes all frames on from the real issuer: the card signs for nobody."""
    invitation = invited(server)
    lure = parse_invitation(
        f"https://{OTHER}:{server.port}/{TENANT}/card/{invitation.invited.session}/{invitation.token}"
    )
    outcome, _, watched, _ = run(server, lure)
    assert isinstance(outcome, Refused)
    assert outcome.code == "other_origin"
    assert watched.commands == []


def test_strangers_stay_outside(server: RelayServer) -> None:
    invitation = invited(server)
    for headers in (
        {},
        {"Authorization": "Bearer " + "A" * 32},
        {"Authorization": f"Bearer {invitation.token}", "Origin": "https://evil.example"},
    ):
        with pytest.raises(Refused, match="not_let_in"):
            server.connect(invitation, headers=headers)
    other = replace(invitation, relay=invitation.relay.replace(f"/{TENANT}/", "/elsewhere/"))
    with pytest.raises(Refused, match="not_let_in"):
        server.connect(other)
    with pytest.raises(Unavailable):
        server.connect(invitation, extra_roots=())
    with pytest.raises(Refused, match="address_not_allowed"):
        server.connect(invitation, sandbox=False)
    for page in (None, f"https://{HOST}:{server.port}"):
        origin = {} if page is None else {"Origin": page}
        server.connect(invitation, headers={"Authorization": f"Bearer {invitation.token}", **origin}).close()


@pytest.mark.parametrize(
    "said",
    ["", "{}", "[]", b"", b"\0\0\0\0\x90\x00", '{"type":"take","types":["identity"]}', "x" * 40_000, bytes(60_000)],
    ids=["nothing", "no type", "a list", "no bytes", "an answer", "too early", "much text", "many bytes"],
)
def test_what_is_no_message_ends_it(server: RelayServer, said: str | bytes) -> None:
    invitation = invited(server)
    with server.connect(invitation) as line:
        line.receive(5)
        line.send(said)
        end = line.receive(5)
        assert isinstance(end, str)
        assert '"type":"end"' in end
        with pytest.raises(Unavailable):
            line.receive(5)
    assert row(invitation).state == "open"


def test_a_frame_that_is_too_large_is_not_taken(server: RelayServer) -> None:
    with server.connect(invited(server)) as line:
        line.receive(5)
        line.send(bytes(200_000))
        with pytest.raises(Unavailable):
            line.receive(5)
    wait_until_empty(server)


def test_no_more_relays_than_there_are_threads(server: RelayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who sit there and say nothing keep others from relaying, and nobody from anything else."""
    wait_until_empty(server)
    invitation = invited(server)
    monkeypatch.setattr(card_relay, "MAX_RELAYS", 3)
    lines = [server.connect(invited(server)) for _ in range(3)]
    for line in lines:
        line.receive(5)
    outcome, _, watched, _ = run(server, invitation)
    assert isinstance(outcome, Refused)
    assert outcome.code == "relays_full"
    assert watched.commands == []
    assert server.school.client.get(f"/{TENANT}/api/people", headers=server.school.staff).status_code == 200
    for line in lines:
        line.close()
    wait_until_empty(server)


def test_one_invitation_holds_two_relays_and_no_more(server: RelayServer) -> None:
    """One that is used, and one that hangs where a link broke off; the rest are for others."""
    wait_until_empty(server)
    invitation = invited(server)
    lines = [server.connect(invitation) for _ in range(2)]
    for line in lines:
        line.receive(5)
    outcome, _, watched, _ = run(server, invitation)
    assert isinstance(outcome, Refused)
    assert outcome.code == "relays_full"
    assert watched.commands == []
    offer, *_ = run(server, invited(server))
    assert isinstance(offer, Offer)
    lines[0].close()
    end = time.monotonic() + 10
    while card_relay.BUSY.value > 1:
        assert time.monotonic() < end
        time.sleep(0.02)
    offer, *_ = run(server, invitation)
    assert isinstance(offer, Offer)
    lines[1].close()
    wait_until_empty(server)


def test_one_address_does_not_hold_all_relays(server: RelayServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where anyone may begin, one who begins many times keeps nobody out who sits elsewhere."""
    wait_until_empty(server)
    monkeypatch.setattr(card_relay, "MAX_OF_ADDRESS", 2)
    lines = [server.connect(invited(server)) for _ in range(2)]
    for line in lines:
        line.receive(5)
    outcome, *_ = run(server, invited(server))
    assert isinstance(outcome, Refused)
    assert outcome.code == "relays_full"
    assert not card_relay.BUSY.is_full("another", "198.51.100.7")
    for line in lines:
        line.close()
    wait_until_empty(server)
    assert not card_relay.BUSY.of_address


def wait_until_empty(server: RelayServer) -> None:
    """Until a relay can be had again, all threads but one being free."""
    end = time.monotonic() + 10
    while card_relay.BUSY.value:
        assert time.monotonic() < end, f"{card_relay.BUSY.value} relays are left behind"
        time.sleep(0.02)
