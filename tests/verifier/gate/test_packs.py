"""Packs on a machine: the key that a person pinned, newer ones, deltas, and every reason to refuse one; and the organiser followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from common.errors import NotFound, Refused, TegataError, Unavailable
from common.gate.delta import build_delta
from common.gate.enrolment import build_enrolment
from common.gate.index_set import IndexSet
from common.gate.pack import PackStatus, build_pack
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from common.ports import Fetched
from tests.verifier.gate.scene import EVENT, HOUR, NOW
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, open_gate_database, pack_of
from verifier.flows.sealed_box import SealedBox
from verifier.gate import devices, packs
from verifier.gate.devices import ask_to_enrol, own_key, waiting
from verifier.gate.organiser import Organiser, follow_all
from verifier.gate.packs import find_delta, find_event, list_events, load_delta, load_pack, plan_gate, require_event

FIRST = pack_of()
DATA = build_pack(FIRST, ORGANISER)
NEXT = SoftwareKey.generate()


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[None]:
    opened = open_gate_database(tmp_path)
    yield
    opened.close_all()


def reason(data: bytes, **given: object) -> str:
    with pytest.raises(TegataError) as refused:
        load_pack("local", data, **{"now": NOW, **given})  # type: ignore[arg-type]
    return refused.value.code


def test_the_first_pack_is_believed_on_a_persons_word_alone() -> None:
    assert reason(DATA) == "unknown_signer"
    assert reason(DATA, signer=compress(NEXT.public_jwk())) == "unknown_signer"
    alone = build_pack(pack_of(next_signers=()), ORGANISER)
    assert reason(alone, trust_first=True) == "unknown_signer", "it does not name its own key"
    assert load_pack("local", DATA, now=NOW, trust_first=True).serial == 1
    assert require_event("local", EVENT).signers == (SIGNER,)
    assert [one.pack.event for one in list_events("local")] == [EVENT]
    with pytest.raises(NotFound):
        require_event("other", EVENT)


def test_every_reason_to_refuse_one() -> None:
    load_pack("local", build_pack(pack_of(serial=5), ORGANISER), now=NOW, signer=SIGNER)
    assert reason(b"nonsense") == "bad_message"
    assert reason(build_pack(pack_of(serial=6), NEXT)) == "unknown_signer"
    assert reason(build_pack(pack_of(serial=6), NEXT), signer=compress(NEXT.public_jwk())) == "unknown_signer", (
        "pinned is pinned"
    )
    forged = bytearray(build_pack(pack_of(serial=6), ORGANISER))
    forged[-1] ^= 1
    assert reason(bytes(forged)) == "bad_signature"
    assert reason(build_pack(pack_of(serial=6, good_until=NOW), ORGANISER)) == "pack_expired"
    assert reason(build_pack(pack_of(serial=4), ORGANISER)) == "pack_rolled_back"
    assert reason(build_pack(pack_of(serial=5, issued_at=NOW), ORGANISER)) == "pack_rolled_back", "two of one number"
    assert load_pack("local", build_pack(pack_of(serial=5), ORGANISER), now=NOW).serial == 5, "the very same again"
    assert require_event("local", EVENT).pack.serial == 5


def test_a_signer_changes_only_through_a_pack_that_was_believed() -> None:
    load_pack("local", DATA, now=NOW, signer=SIGNER)
    heir = compress(NEXT.public_jwk())
    assert reason(build_pack(pack_of(serial=2), NEXT)) == "unknown_signer"
    load_pack("local", build_pack(pack_of(serial=2, next_signers=(heir,)), ORGANISER), now=NOW)
    load_pack("local", build_pack(pack_of(serial=3, next_signers=(heir,)), NEXT), now=NOW)
    assert reason(build_pack(pack_of(serial=4), ORGANISER)) == "unknown_signer", "the old key is out of use"


def meanwhile(monkeypatch: pytest.MonkeyPatch, other: Callable[[], object]) -> None:
    """Somebody else loads a pack just after the next loader has looked what is here."""
    look, left = packs.find_event, [other]

    def find(tenant: str, event: str) -> packs.LoadedPack | None:
        found = look(tenant, event)
        if left:
            left.pop()()
        return found

    monkeypatch.setattr(packs, "find_event", find)


def test_of_two_first_packs_at_once_one_is_pinned_and_the_other_is_a_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    thief = compress(NEXT.public_jwk())
    meanwhile(monkeypatch, lambda: load_pack("local", DATA, now=NOW, signer=SIGNER))
    assert reason(build_pack(pack_of(serial=2, next_signers=(thief,)), NEXT), trust_first=True) == "unknown_signer"
    assert (require_event("local", EVENT).signers, require_event("local", EVENT).pack.serial) == ((SIGNER,), 1)


def test_of_two_newer_packs_at_once_the_newest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    load_pack("local", DATA, now=NOW, signer=SIGNER)
    second, third = (build_pack(pack_of(serial=serial), ORGANISER) for serial in (2, 3))
    meanwhile(monkeypatch, lambda: load_pack("local", third, now=NOW))
    assert reason(second) == "pack_rolled_back"
    assert require_event("local", EVENT).data == third
    fourth, fifth = (build_pack(pack_of(serial=serial), ORGANISER) for serial in (4, 5))
    meanwhile(monkeypatch, lambda: load_pack("local", fourth, now=NOW))
    assert load_pack("local", fifth, now=NOW).serial == require_event("local", EVENT).pack.serial == 5


def test_a_delta_changes_the_next_verdict() -> None:
    load_pack("local", DATA, now=NOW, signer=SIGNER)
    later = build_pack(pack_of(serial=2, status=PackStatus(NOW, "u", IndexSet({10, 66}), IndexSet({77}))), ORGANISER)
    delta = build_delta(FIRST, later, ORGANISER)
    assert load_delta("local", delta, now=NOW).serial == 2
    assert find_delta("local", EVENT, 1) == delta
    loaded = require_event("local", EVENT)
    assert loaded.data == later
    assert 10 in plan_gate(loaded.pack, None, 1).revoked
    with pytest.raises(TegataError):
        load_delta("local", delta, now=NOW)


class Server:
    """An organiser's server in memory. away: it does not answer."""

    def __init__(self) -> None:
        self.pack, self.delta = DATA, b""
        self.enrolled: list[bytes] = []
        self.away = False
        self.codes, self.says = 201, b'{"token":"t","gate":"x","serial":2}'

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched:
        if self.away:
            raise Unavailable("away")
        assert headers == {"Authorization": "Bearer t"}
        if "/delta" in url:
            status = 200 if self.delta else 204 if self.pack == DATA else 404
            return Fetched(url=url, status=status, body=self.delta)
        return Fetched(url=url, status=200, body=self.pack)

    def post(
        self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched:
        if self.away:
            raise Unavailable("away")
        assert url == f"https://issuer.example/hanabi/events/{EVENT}/gates"
        self.enrolled.append(body)
        return Fetched(url=url, status=self.codes, body=self.says)


def enrolled(server: Server) -> Organiser:
    box = SealedBox(bytes(32))
    organiser = Organiser(server, box)
    key = own_key("local", "gate", box=box, now=NOW)
    assert own_key("local", "gate", box=box, now=NOW).kid == key.kid, "the same at every start"
    organiser.enrol(
        "local",
        "https://issuer.example/hanabi/",
        EVENT,
        code="ABCD-2345",
        name="北口",
        key=key,
        signer=SIGNER,
        trust_first=False,
        now=NOW,
    )
    return organiser


def test_the_organiser_is_followed_by_deltas_or_whole_packs() -> None:
    server = Server()
    organiser = enrolled(server)
    assert organiser.follow("local", EVENT, now=NOW).serial == 1
    second = build_pack(pack_of(serial=2), ORGANISER)
    server.delta = build_delta(FIRST, second, ORGANISER)
    assert organiser.follow("local", EVENT, now=NOW).serial == 2
    server.delta, server.pack = b"", build_pack(pack_of(serial=9), ORGANISER)
    assert organiser.follow("local", EVENT, now=NOW).serial == 9
    server.delta = b"nonsense"
    server.pack = build_pack(pack_of(serial=10), ORGANISER)
    follow_all(("local",), organiser, now=NOW)
    assert require_event("local", EVENT).pack.serial == 10
    server.away = True
    follow_all(("local",), organiser, now=NOW)
    with pytest.raises(Unavailable):
        organiser.follow("local", EVENT, now=NOW)


def test_devices_that_wait_are_passed_on_once_there_is_a_link() -> None:
    server = Server()
    organiser = enrolled(server)
    body = build_enrolment(event=EVENT, code="WXYZ-2345", name="phone", signer=SoftwareKey.generate())
    ask_to_enrol("local", EVENT, body, now=NOW)
    server.codes = 503
    organiser.follow("local", EVENT, now=NOW)
    assert len(waiting("local", EVENT)) == 1
    server.codes = 201
    organiser.follow("local", EVENT, now=NOW)
    assert waiting("local", EVENT) == ()
    assert server.enrolled[-1] == body


@pytest.mark.parametrize(
    ("status", "says", "last"),
    [
        *((301, b"", False), (400, b"{}", False), (401, b"", False), (404, b"", False), (429, b"", False)),
        *((403, b"<html>sign in to the Wi-Fi", False), (403, b'{"code":"forbidden"}', False), (503, b"", False)),
        *((403, b'{"code":"wrong_code"}', True), (409, b'{"code":"device_locked"}', True), (201, b"{}", True)),
    ],
)
def test_what_is_an_organisers_last_word_about_a_device(status: int, says: bytes, last: bool) -> None:
    server = Server()
    organiser = enrolled(server)
    for name in ("phone", "tablet"):
        body = build_enrolment(event=EVENT, code="WXYZ-2345", name=name, signer=SoftwareKey.generate())
        ask_to_enrol("local", EVENT, body, now=NOW)
    server.codes, server.says = status, says
    organiser.follow("local", EVENT, now=NOW)
    assert len(waiting("local", EVENT)) == (0 if last else 2)


def test_strangers_who_ask_do_not_shut_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "MOST_WAITING", 3)
    for second in range(5):
        body = build_enrolment(event=EVENT, code="WXYZ-2345", name=f"phone {second}", signer=SoftwareKey.generate())
        ask_to_enrol("local", EVENT, body, now=NOW + second)
    ask_to_enrol("local", EVENT, body, now=NOW + 9)
    assert [row.name for row in waiting("local", EVENT)] == ["phone 2", "phone 3", "phone 4"]


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (b'{"code":"wrong_code"}', "wrong_code"),
        *((says, "organiser_refused") for says in (b"<html>", b"{}", b'{"code":7}', b'{"code":"<b>Wi-Fi</b>"}')),
    ],
)
def test_an_organiser_that_says_no_is_heard_by_its_word(says: bytes, code: str) -> None:
    server = Server()
    server.codes, server.says = 403, says
    with pytest.raises(Refused) as error:
        enrolled(server)
    assert error.value.code == code
    assert code in error.value.detail
    assert find_event("local", EVENT) is None


def test_a_plan_is_what_the_pack_says_of_one_entrance() -> None:
    key = SoftwareKey.generate()
    locked = gate_of(key, locked_at=NOW, home_group=2)
    rules = msgspec.structs.replace(FIRST.rules, home_groups=3, re_entry=True)
    plan = plan_gate(pack_of((locked,), rules=rules), locked, 1, locked_at=NOW - 5)
    assert (plan.asks.locked_at, plan.asks.homes, plan.asks.home, plan.asks.re_entry) == (NOW - 5, 3, 2, True)
    assert plan.stale_after == 12 * HOUR
