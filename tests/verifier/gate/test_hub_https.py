"""The hub as its own process, over https under a name that is not localhost: certificate, packs, an admission, and its silence."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.adapters.database import open_database
from common.errors import NotFound, Unavailable
from common.gate.enrolment import build_enrolment
from common.gate.index_set import IndexSet
from common.gate.pack import PackStatus, build_pack
from common.gate.pack_members import PackIssuerKey
from common.keys.software import SoftwareKey
from tests.forks import Forks
from tests.ports import free_port
from tests.verifier.gate.scene import EVENT, POINT, Guest
from tests.verifier.gate.serving import be_the_hub, root_of
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, open_gate_database, pack_of
from verifier.cli.gate_desk import VENUE
from verifier.gate.desk import GateDesk
from verifier.gate.http_link import HttpHub
from verifier.gate.journal.chain import Journal
from verifier.gate.link import Link
from verifier.gate.packs import load_pack, plan_gate, points_of
from verifier.gate.reasons import GateReason
from verifier.store.base import bind

NAME = "hub.venue.test"


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The venue's name server."""
    resolve = socket.getaddrinfo

    def answer(host: Any, *rest: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if host in (NAME, NAME.encode()) else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def hub(tmp_path: Path, port: int, named: None) -> Iterator[tuple[Any, Path]]:
    folder = tmp_path / "hub"
    folder.mkdir()
    process = Forks.Process(target=be_the_hub, args=(str(folder), NAME, port))
    process.start()
    end = time.monotonic() + 60
    while time.monotonic() < end and not _answers(folder, port):
        time.sleep(0.1)
    yield process, folder
    process.terminate()
    process.join(20)


def _answers(folder: Path, port: int) -> bool:
    if not root_of(folder).exists():
        return False
    try:
        link = HttpHub(f"https://{NAME}:{port}", root=root_of(folder))
        return json.loads(link.events()) == []
    except (Unavailable, ssl.SSLError):
        return False


def test_a_gate_and_its_hub_over_https(hub: tuple[Any, Path], tmp_path: Path, port: int) -> None:
    process, folder = hub
    now = int(time.time())
    key = SoftwareKey.generate()
    gate = gate_of(key)
    keys = (PackIssuerKey(POINT, 0, now + 3600),)
    pack = pack_of(
        (gate,),
        good_until=now + 3600,
        issued_at=now - 60,
        issuer_keys=keys,
        status=PackStatus(now, "https://issuer.example/1", IndexSet(), IndexSet()),
    )
    data = build_pack(pack, ORGANISER)
    own = open_database(
        f"sqlite:///{folder / 'gate.sqlite3'}"
    )  # as another process of this machine: the hub serves it at once
    bind(own)
    load_pack(VENUE, data, now=now, signer=SIGNER)
    own.close_all()
    here = open_gate_database(tmp_path)
    link = HttpHub(f"https://{NAME}:{port}", root=root_of(folder))
    assert link.pack(EVENT) == data
    assert link.delta(EVENT, 1) == b""
    with pytest.raises(NotFound):
        link.pack("another-event")
    device = build_enrolment(event=EVENT, code="ABCD-2345", name="north", signer=SoftwareKey.generate())
    assert not link.enrol(EVENT, device), "the hub knows no organiser yet"
    load_pack("local", data, now=now, signer=SIGNER)
    desk = GateDesk(plan_gate(pack, gate, 1), Journal("local", EVENT, key), lambda: points_of(pack), link=Link(link))
    assert desk.sync(now * 1000) is not None
    guest = Guest(exp=now + 3600)
    outcome = desk.scan(guest.shows(now), now * 1000)
    for _ in range(5):  # a busy machine may take longer than a guest waits
        if outcome.linked:
            break
        desk.sync(now * 1000)
        guest = Guest(exp=now + 3600, number=guest.cti[-1] + 1)
        outcome = desk.scan(guest.shows(now), now * 1000)
    assert (outcome.decision.reason, outcome.linked) == (GateReason.ADMITTED, True)
    with pytest.raises(Unavailable):
        HttpHub(f"https://{NAME}:{port}").events()  # its authority is this venue's alone
    process.terminate()
    process.join(20)
    began = time.monotonic()
    alone = desk.scan(Guest(99, exp=now + 3600).shows(now), now * 1000)
    assert (alone.decision.opens, alone.linked) == (True, False)
    assert time.monotonic() - began < 5
    here.close_all()
