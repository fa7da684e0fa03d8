"""``tegata gate scan`` at work: newer packs from a stick, refused ones by their reason, and the number of a challenge entrance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.formats.gate_pass.build import challenge_nonce
from common.gate.delta import build_delta
from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus, build_pack
from common.gate.pack_members import PackEntrance
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.verifier.gate.scene import EVENT, NORTH, NOW, SOUTH, Guest
from tests.verifier.gate.test_cli import SCAN, folder, run
from tests.verifier.gate.venue import ORGANISER, SIGNER, gate_of, pack_of
from verifier.cli.gate_desk import LOCAL, open_machine
from verifier.cli.gate_packs import PackSource
from verifier.cli.gate_scan import Counter
from verifier.cli.gate_scan import run as run_gate
from verifier.gate.desk import GateDesk
from verifier.gate.journal.chain import Journal
from verifier.gate.packs import load_pack, plan_gate, require_event
from verifier.gate.plan import GatePlan

__all__ = ["folder"]
Maker = Callable[..., GatePack]
REVOKED = PackStatus(NOW, "u", IndexSet({10, 66}), IndexSet({77}))
"""The index of every guest whose ticket says nothing else."""


@pytest.fixture
def enrolled(folder: Path) -> Maker:
    """Packs that name this machine; the first is loaded. Its maker."""
    point = compress(open_machine().key("gate").public_jwk())
    mine = gate_of(SoftwareKey.generate(), "terminal", gate=name_of(point), point=point)

    def make(**changes: Any) -> GatePack:
        return pack_of((mine,), **changes)

    (folder / "first.tgpack").write_bytes(build_pack(make(), ORGANISER))
    assert run("pack", "load", "first.tgpack", "--signer", SIGNER.hex()).exit_code == 0
    return make


def scan(*words: str, says: str) -> list[dict[str, Any]]:
    done = run(*SCAN, "--json", *words, says=says)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.output.splitlines()]


def test_a_newer_pack_on_the_stick_counts_from_the_next_code(enrolled: Maker, folder: Path) -> None:
    """Whole, and as a delta; by the folder where it lies."""
    stick = folder / "stick"
    stick.mkdir()
    assert scan("--pack", str(stick), says=Guest(1).shows())[0]["opens"]
    later = build_pack(enrolled(serial=2, status=REVOKED), ORGANISER)
    (stick / f"{EVENT}.tgpack").write_bytes(later)
    told, verdict = scan("--pack", str(stick), says=Guest(2).shows())
    assert (told["pack"], verdict["reason"]) == (2, "revoked")
    third = build_pack(enrolled(serial=3), ORGANISER)
    (stick / f"{EVENT}.tgdelta").write_bytes(build_delta(enrolled(serial=2, status=REVOKED), third, ORGANISER))
    assert [one.get("pack") for one in scan("--pack", str(stick), says="")] == [3]


def test_a_device_that_was_given_another_entrance_ends_with_a_word(enrolled: Maker, folder: Path) -> None:
    own = msgspec.structs.replace(enrolled().gates[0], entrances=(SOUTH,))
    (folder / "moved.tgpack").write_bytes(build_pack(pack_of((own,), serial=2), ORGANISER))
    done = run(*SCAN, says=f":pack moved.tgpack\n{Guest(1).shows()}\n")
    assert (done.exit_code, "tegata gate pack show names the entrances" in " ".join(done.output.split())) == (1, True)
    assert "ADMITTED" not in done.output.upper()
    assert run(*SCAN, "--entrance", str(SOUTH), says=Guest(1).shows()).exit_code == 0


def test_refused_packs_are_said_with_their_reason_and_the_old_one_stays(enrolled: Maker, folder: Path) -> None:
    forged = bytearray(build_pack(enrolled(serial=6), ORGANISER))
    forged[-1] ^= 1
    files = {
        "pack_rolled_back": build_pack(enrolled(serial=4), ORGANISER),
        "unknown_signer": build_pack(enrolled(serial=6), SoftwareKey.generate()),
        "bad_signature": bytes(forged),
        "pack_expired": build_pack(enrolled(serial=6, good_until=NOW), ORGANISER),
        "bad_message": b"nonsense",
    }
    (folder / "5.tgpack").write_bytes(build_pack(enrolled(serial=5), ORGANISER))
    for code, data in files.items():
        (folder / code).write_bytes(data)
    words = [":pack 5.tgpack", *(f":pack {code}" for code in files), ":pack none", ":pack", Guest(1).shows()]
    first, *refused, nothing, verdict = scan(says="\n".join(words))
    assert first["pack"] == 5
    assert [one["pack_refused"] for one in refused] == [*files, "no_file"]
    assert nothing == {"said": "no newer pack"}
    assert verdict["opens"]
    for language, text in (("en", "it is older than the one that is loaded"), ("ja", "より古いデータです")):
        done = run(*SCAN[:2], "--language", language, says=":pack pack_rolled_back\n")
        assert text in "".join(done.output.split("\n")), done.output


def test_a_file_is_looked_at_when_it_changes_and_told_of_once(
    enrolled: Maker, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "next.tgpack"
    counter = counter_of(file)
    counter.idle()
    file.write_bytes(build_pack(enrolled(serial=2), SoftwareKey.generate()))
    counter.idle()
    counter.idle()
    assert [json.loads(line)["pack_refused"] for line in capsys.readouterr().out.splitlines()] == ["unknown_signer"]
    file.write_bytes(build_pack(enrolled(serial=22), ORGANISER))
    counter.idle()
    assert json.loads(capsys.readouterr().out)["pack"] == counter.desk.plan.serial == 22
    load_pack(LOCAL, build_pack(enrolled(serial=23), ORGANISER), now=NOW)  # tegata gate pack load, in another window
    counter.idle()
    assert json.loads(capsys.readouterr().out)["pack"] == 23
    asked: list[int] = []
    assert counter.packs is not None
    counter.packs.organiser = lambda: asked.append(1)
    counter.take(":pack")
    assert asked == [1], "without a file the organiser is asked, where this machine is enrolled"


class Clock:
    now = NOW * 1000


def counter_of(file: Path | None = None, entrance: int = NORTH) -> Counter:
    machine = open_machine()
    journal = Journal(LOCAL, EVENT, machine.key("gate"))

    def plan() -> GatePlan:
        pack = require_event(LOCAL, EVENT).pack
        return plan_gate(pack, pack.gate_by_id[journal.gate], entrance)

    desk = GateDesk(plan(), journal, dict)
    source = PackSource(EVENT, plan, lambda: NOW, file)
    return Counter(desk, "en", lambda: Clock.now, json_lines=True, packs=source)


def test_a_challenge_is_shown_before_each_scan_and_renewed(
    enrolled: Maker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {"en": "Stage", "ja": "楽屋"}
    doors = (PackEntrance(NORTH, both, True), PackEntrance(SOUTH, both, False))
    load_pack(LOCAL, build_pack(enrolled(serial=2, entrances=doors), ORGANISER), now=NOW)
    counter = counter_of()

    def shown() -> list[int]:
        lines = map(json.loads, capsys.readouterr().out.splitlines())
        return [one["challenge"] for one in lines if "challenge" in one]

    run_gate(counter, [])
    (first,) = shown()
    code = Guest(1).shows(cnonce=challenge_nonce(first))
    run_gate(counter, [code, Guest(2).shows(cnonce=challenge_nonce(first % 900 + 100))])
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answers = [str(one.get("reason", one.get("challenge"))) for one in said]
    assert answers == ["admitted", str(first), "stale_code", str(first)], "again before each scan"
    monkeypatch.setattr(Clock, "now", (NOW + 30) * 1000)
    counter.idle()
    (second,) = shown()
    assert second != first, "and a new one when its time is over"
    counter.idle()
    assert shown() == []
    counter.json_lines = False
    counter.show_challenge(again=True)
    assert f"{second}" in capsys.readouterr().out
