"""``tegata gate …``: what it prints, what it ends with, and what the journal has of it."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from common.errors import Malformed
from common.gate.admit_request import build_admit_request
from common.gate.enrolment import parse_enrolment
from common.gate.exchange import GateJournal, build_exchange
from common.gate.journal_entry import Kind
from common.gate.pack import build_pack
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from common.pages.language import LANGUAGES
from tests.verifier.gate.chains import Chain, exchange_of
from tests.verifier.gate.scene import EVENT, NOW, PAPER, Guest
from tests.verifier.gate.venue import ORGANISER, RULES, SIGNER, gate_of, open_gate_database, pack_of
from verifier.cli import gate
from verifier.cli.gate_desk import LOCAL, VENUE, open_machine
from verifier.cli.gate_hub import found_venue
from verifier.deps import build_deps
from verifier.gate.devices import lock
from verifier.gate.frames import split
from verifier.gate.hub import admit, exchange, take_file
from verifier.gate.live import look
from verifier.gate.reasons import GateReason
from verifier.gate.report import clock
from verifier.gate.settings import GateSettings
from verifier.pages.gate_words import terminal_words

runner = CliRunner()
SCAN = ["scan", EVENT, "--no-sound", "--language", "en"]


def run(*words: str, says: str = "") -> Result:
    return runner.invoke(gate.app, list(words), input=says)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {
        "ENVIRONMENT": "sandbox",
        "DATA_DIR": str(tmp_path),
        "FIXED_CLOCK": str(NOW),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'gate.sqlite3'}",
    }.items():
        monkeypatch.setenv(f"TEGATA_GATE_{name}", value)
    monkeypatch.chdir(tmp_path)
    open_gate_database(tmp_path).close_all()
    return tmp_path


@pytest.fixture
def enrolled(folder: Path) -> Path:
    """This machine's key is in the pack, and the pack is loaded."""
    own = open_machine().key("gate")
    key = compress(own.public_jwk())
    mine = gate_of(SoftwareKey.generate(), "terminal", gate=name_of(key), point=key)
    (folder / "a.tgpack").write_bytes(build_pack(pack_of((mine,)), ORGANISER))
    loaded = run("pack", "load", "a.tgpack", "--signer", SIGNER.hex())
    assert loaded.exit_code == 0, loaded.output
    return folder


def test_the_first_pack_needs_a_key_or_a_persons_word(folder: Path) -> None:
    (folder / "a.tgpack").write_bytes(build_pack(pack_of(), ORGANISER))
    assert "no pack is loaded here" in run("pack", "show").output
    refused = run("pack", "load", "a.tgpack")
    assert (refused.exit_code, "unknown_signer" in refused.output, "--signer KEY" in refused.output) == (1, True, True)
    unknown = run(*SCAN)
    assert (unknown.exit_code, "unknown_event" in unknown.output, "pack load FILE" in unknown.output) == (1, True, True)
    assert run("pack", "load", "a.tgpack", "--signer", "zz").exit_code == 1
    assert run("pack", "load", "a.tgpack", "--trust").exit_code == 0
    shown = json.loads(run("pack", "show", "--json").output)
    assert [(one["event"], one["serial"], one["revoked"], one["at"]) for one in shown] == [(EVENT, 1, 1, "gate")]
    assert run("pack", "load", "a.tgpack", "--trust", "--for-hub").exit_code == 0
    assert [one["at"] for one in json.loads(run("pack", "show", "--json").output)] == ["gate", "hub"]
    assert "not enrolled" in run("pack", "show").output
    assert "not_enrolled" in run(*SCAN).output


def test_a_gate_in_a_pipe_says_one_line_of_json_a_code(enrolled: Path) -> None:
    guest, late = Guest(1), Guest(2)
    codes = [guest.shows(), guest.shows(), late.shows(NOW - 60), "nonsense"]
    done = run(*SCAN, "--json", says="\n".join(codes) + "\n")
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert [(line["reason"], line["opens"]) for line in lines] == [
        ("admitted", True),
        ("already_admitted", False),
        ("stale_code", False),
        ("malformed", False),
    ]
    assert lines[0]["ticket"] == guest.cti.hex()
    assert lines[1]["earlier"]["entrance"] == 1


def test_a_steward_sees_a_shape_and_a_sentence_and_may_decide(enrolled: Path) -> None:
    paper = Guest(3, paper=True, klass=PAPER)
    done = run(
        *SCAN,
        says=f"{Guest().shows()}\n{paper.shows()}\n:doc\n:let\n:let a child with its mother\n:undo\n:what\n:quit\n",
    )
    assert done.exit_code == 0, done.output
    shown = ("Admit", "████", "?  ?", "See a document", "document_required", "look at a document", "say why", "undone")
    for text in (*shown, "nothing to be done for :what", ":share"):
        assert text in done.output, text
    assert "alone" in done.output
    japanese = run("scan", EVENT, "--no-sound", says=Guest().shows() + "\n")
    assert "すでに入場しています" in japanese.output
    for text in ("入場済み", "already_admitted", "UTC"):
        assert text in japanese.output, text
    report = json.loads(_report("--json").output)
    assert report["kinds"] == {"in": 2, "out": 0, "override": 1, "undo": 1, "lock_seen": 0, "note": 0}
    assert (report["admitted"], report["undone"]) == (2, 1)
    assert report["gates"][0]["proven"] == report["gates"][0]["entries"] == 4


def test_a_verdict_is_said_in_the_words_of_the_scanners_page(enrolled: Path) -> None:
    texts = {language: terminal_words(language) for language in LANGUAGES}
    paper, late = Guest(3, paper=True, klass=PAPER), Guest(4)
    codes = [Guest(5).shows(), late.shows(NOW - 60), "https://example.jp", "5BWU-BCZ3-V668", paper.shows()]
    words = ("reason.admitted", "reason.stale_code", "reason.malformed", "sentence.ticket_number")
    for language, nothing in (("ja", "取り消す記録がありません"), ("en", "nothing to take back")):
        done = run(*SCAN[:3], "--language", language, says="\n".join([*codes, ":undo", ":undo", ":frobnicate"]) + "\n")
        said = "".join(done.output.split())
        for word in (*words, "reason.document_required", "mends.stale_code", "mends.malformed"):
            assert "".join(texts[language][word].split()) in said, (language, word)
        assert not any(f"  {reason.value.upper()}  " in done.output for reason in GateReason)
        assert "".join(nothing.split()) in said
        assert ":frobnicate" in said
        if language == "ja":
            assert said.count("北") == 2, "the entrance at the start, and the class beside the yes"


def _report(*words: str) -> Result:
    written = run("journal", EVENT)
    assert written.exit_code == 0, written.output
    return run("report", f"{EVENT}.tgjournal", *words)


def test_a_hub_that_does_not_answer_is_said_when_the_gate_opens(enrolled: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for language, said in (("en", "the hub does not answer"), ("ja", "ハブから返事がありません")):
            done = run(*SCAN[:3], "--language", language, "--hub", address, says=":quit\n")
            assert (done.exit_code, said in done.output) == (0, True), done.output
    assert "does not answer" not in run(*SCAN, says=":quit\n").output, "where none was named"


def test_an_operators_token_is_withdrawn_by_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEGATA_GATE_PUBLIC_URL", "https://hub.venue.test:8105")
    found_venue(build_deps(GateSettings.load()))
    token = run("token", "north-desk").output.strip()
    login = build_deps(GateSettings.load()).login
    found = login.find_token(VENUE, token)
    assert (found is not None and found.name) == "north-desk"
    assert "1 withdrawn" in run("token", "north-desk", "--withdraw").output
    assert login.find_token(VENUE, token) is None
    again = run("token", "north-desk", "--withdraw")
    assert (again.exit_code, "unknown_token" in again.output) == (1, True)


def test_leaving_is_another_direction(enrolled: Path) -> None:
    done = run(*SCAN, "--out", "--json", says=Guest().shows() + "\n")
    assert json.loads(done.output)["opens"]
    assert json.loads(_report("--json").output)["kinds"]["out"] == 1


def test_another_gates_journal_comes_as_codes(enrolled: Path) -> None:
    other = Chain([(Kind.IN, 1, 0)])
    frames = split(build_exchange(EVENT, exchange_of(other).journals))
    done = run(*SCAN, "--json", says="\n".join([*frames, "TGX:1/1/00000000:00", ":share"]) + "\n")
    said = [json.loads(line)["said"] for line in done.output.splitlines() if line.startswith("{")]
    assert said[0] == "0 new entries", "its gate is in no pack"
    assert "belong together" in said[1]


def _named(folder: Path, *chains: Chain, re_entry: bool = False) -> None:
    """A pack that names these gates is loaded here."""
    gates = tuple(gate_of(chain.key, f"gate {number}") for number, chain in enumerate(chains, 1))
    rules = msgspec.structs.replace(RULES, re_entry=re_entry)
    (folder / "named.tgpack").write_bytes(build_pack(pack_of(gates, rules=rules), ORGANISER))
    assert run("pack", "load", "named.tgpack", "--signer", SIGNER.hex()).exit_code == 0


def test_merge_and_report(folder: Path) -> None:
    one, other = Chain([(Kind.IN, 1, 0)]), Chain([(Kind.IN, 1, 60), (Kind.OVERRIDE, 2, 70)])
    (folder / "1.tgjournal").write_bytes(build_exchange(EVENT, exchange_of(one).journals))
    (folder / "2.tgjournal").write_bytes(build_exchange(EVENT, exchange_of(other).journals))
    assert run("merge", "1.tgjournal", "2.tgjournal", "--out", "x").exit_code == 0
    assert run("merge", "2.tgjournal", "1.tgjournal", "2.tgjournal", "--out", "y").exit_code == 0
    assert (folder / "x").read_bytes() == (folder / "y").read_bytes()
    for language, text in (("en", "Admissions too many are not counted"), ("ja", "超過した入場は数えません")):
        done = run("report", "x", "--language", language)
        assert (done.exit_code, text in done.output) == (1, True), done.output
        assert not any(word in done.output for word in ("admissions too many:", "超過した入場1件"))
    unjudged = json.loads(run("report", "x", "--json").stdout)
    assert (unjudged["excess"], unjudged["inside"], unjudged["entries"]) == (None, None, 3)
    _named(folder, one, other)
    for language, text in (("en", "1 admissions too many"), ("ja", "超過した入場1件")):
        done = run("report", "x", "--language", language)
        assert (done.exit_code, text in done.output) == (1, True), done.output
    assert run("report", "1.tgjournal").exit_code == 0
    (folder / "bad").write_bytes(b"nonsense")
    for command in ("report", "merge"):
        refused = run(command, "1.tgjournal", "bad")
        assert (refused.exit_code, "bad: " in refused.output) == (1, True), refused.output


@pytest.mark.parametrize("named", [True, False])
def test_a_journal_that_was_altered_or_cut_is_told_by_its_file(folder: Path, named: bool) -> None:
    """Of twelve entries the ninth is altered: the three after it are proven, and what was good is so again beside the good copy."""
    chain = Chain([(Kind.IN, number, number) for number in range(12)])
    if named:
        _named(folder, chain)
    good = build_exchange(EVENT, exchange_of(chain).journals)
    at = good.index(chain.entries[8]) + chain.entries[8].index((8).to_bytes(8, "big")) + 7
    (folder / "good").write_bytes(good)
    (folder / "altered").write_bytes(good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :])
    (folder / "cut").write_bytes(
        build_exchange(EVENT, (GateJournal(chain.gate, tuple(chain.entries[:7]), (chain.head(),)),))
    )
    for file, count in (("altered", 9), ("cut", 7)):
        for done in (run("merge", file, "good", "--out", "x"), run("report", file, "good")):
            assert done.exit_code == 1
            assert f"{file}: {count} entries of" in done.output, done.output
            assert "altered or cut short" in done.output
            assert "good:" not in done.output
            assert "copied" not in done.output
    (folder / "x").unlink()
    assert run("merge", "good", "--out", "x").exit_code == 0
    whole = run("report", "good")
    assert (whole.exit_code, "cut short" in whole.output) == (0 if named else 1, False), whole.output
    if named:
        found = json.loads(run("report", "altered", "--json").stdout)
        assert (found["gates"][0]["entries"], found["gates"][0]["proven"]) == (12, 3)
        assert all(one["flagged"] for one in found["excess"])


def test_a_camera_needs_its_program(enrolled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(enrolled))
    assert "zbarcam" in run(*SCAN, "--camera").output
    program = enrolled / "zbarcam"
    program.write_text(f"#!/bin/sh\necho '{Guest(9).shows()}'\n")
    program.chmod(0o755)
    assert json.loads(run(*SCAN, "--camera", "--json").output)["reason"] == "admitted"


@pytest.mark.parametrize(
    ("taken", "said"), [(True, "has taken this device in"), (False, "as soon as it reaches the organiser")]
)
def test_a_device_that_enrols_by_a_hub_hears_who_has_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, taken: bool, said: str
) -> None:
    class Reached:
        def enrol(self, event: str, body: bytes) -> bool:
            assert (event, parse_enrolment(body, event=EVENT).code) == (EVENT, "ABCD-2345")
            return taken

    monkeypatch.setattr("verifier.cli.gate_commands.open_hub", lambda address, root: Reached())
    done = run("enrol", EVENT, "--code", "ABCD-2345", "--hub", "https://gate.local:8105")
    assert (done.exit_code, said in done.output.replace("\n", " ")) == (0, True), done.output


def test_a_hub_takes_files_of_any_size_in(folder: Path) -> None:
    """What its page hands out may be larger than what its page takes."""
    north, south = Chain([(Kind.IN, n, n) for n in range(20)]), Chain([(Kind.IN, 50, 0)])
    gates = (gate_of(north.key, "north"), gate_of(south.key, "south"))
    (folder / "a.tgpack").write_bytes(build_pack(pack_of(gates), ORGANISER))
    assert run("pack", "load", "a.tgpack", "--signer", SIGNER.hex(), "--for-hub").exit_code == 0
    for name, chain in (("north", north), ("south", south)):
        (folder / f"{name}.tgjournal").write_bytes(build_exchange(EVENT, (chain.journal(),)))
    done = run("merge", "north.tgjournal", "south.tgjournal", "--for-hub")
    assert done.exit_code == 0, done.output
    assert [line.split(": ")[1] for line in done.output.splitlines()] == ["20 new entries", "1 new entries"]
    assert look(VENUE, EVENT, now=NOW).ins == 21
    assert not (folder / f"{EVENT}.tgjournal").exists()
    assert "0 new entries" in run("merge", "north.tgjournal", "--for-hub").output
    with pytest.raises(Malformed):
        take_file(VENUE, EVENT, (folder / "north.tgjournal").read_bytes(), max_bytes=500)


def test_help_teaches(folder: Path) -> None:
    for command in ("hub", "enrol", "scan", "merge", "report", "journal", "token", "settings", "pack"):
        assert run(command, "--help").exit_code == 0
    assert "--camera" in run("scan", "--help").output
    assert "clock_error" in run("settings").output
    assert LOCAL == "local"


def test_the_hubs_machine_writes_and_reports_all_that_it_knows(folder: Path) -> None:
    """With the hub's own pack: what a destroyed scanner asked is told with its gate's name, and locks of the operator count."""
    north, gone = Chain([(Kind.IN, 1, 0)]), Chain([(Kind.NOTE, None, 0)])
    gates = (gate_of(north.key, "north"), gate_of(gone.key, "gone"))
    (folder / "a.tgpack").write_bytes(build_pack(pack_of(gates), ORGANISER))
    assert run("pack", "load", "a.tgpack", "--signer", SIGNER.hex(), "--for-hub").exit_code == 0
    for chain in (north, gone):
        exchange(VENUE, EVENT, build_exchange(EVENT, (chain.journal(),), {}), now=NOW * 1000)
    gone.write(Kind.OVERRIDE, 1, 30)
    admit(VENUE, EVENT, build_admit_request(gone.entries[-1], 0, gone.key), now=NOW * 1000)
    lock(VENUE, EVENT, gone.gate, now=NOW + 10)
    assert run("journal", EVENT, "--for-hub").exit_code == 0
    for language, mark in (("en", "known from the hub only"), ("ja", "ハブの情報のみ")):
        done = run("report", f"{EVENT}.tgjournal", "--language", language)
        assert done.exit_code == 1, done.output
        line = next(one for one in done.output.replace("\n", "").split("  ") if Guest(1).cti.hex() in one)
        text = done.output.replace("\n", "")
        case = text[text.index(line) :]
        for said in ("north", "gone", mark, clock(NOW * 1000), clock((NOW + 30) * 1000)):
            assert said in case, (said, case)
    found = json.loads(run("report", f"{EVENT}.tgjournal", "--json").output)
    (excess,) = found["excess"]
    assert (excess["first"]["gate"], excess["again"]["gate"]) == (north.gate.hex(), gone.gate.hex())
    assert (excess["again"]["hub_only"], excess["flagged"]) == (True, True)
    assert {one["gate"]: (one["hub_only"], one["after_lock"]) for one in found["gates"]} == {
        north.gate.hex(): (0, 0),
        gone.gate.hex(): (1, 1),
    }
