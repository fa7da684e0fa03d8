"""`python -m examples.cards`: lists the virtual cards, and puts one into a pcscd that other programs find."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from typer.testing import CliRunner

from common.adapters.pcsc import wait_for_removal
from examples.cards.__main__ import main
from examples.cards.faults import AROUND
from examples.cards.pcscd import Pcscd
from examples.cards.registry import CARDS
from tests.house.tree import ROOT
from tests.pcscd import Slot

LOOK = """
from common.adapters.pcsc import open_card, wait_for_card
from common.cards.channel import CardChannel
from common.cards.detect import detect_cards
with open_card(wait_for_card(seconds=30)) as connection:
    print(*[each.name for each in detect_cards(CardChannel(connection))])
"""


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """(the program, what it has said until the card was in)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.cards", *words],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        yield process, list(until(process.stdout, "Ctrl-C"))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        process.stdout.close()


def until(said: IO[str], word: str) -> Iterator[str]:
    for line in said:
        yield line.strip()
        if word in line:
            return


def look(environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=os.environ | environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.pcscd
def test_a_private_reader(tmp_path: Path) -> None:
    with running("mynumber-licence", "--private", "--trust", str(tmp_path)) as (_, said):
        name, _, value = said[0].removeprefix("export ").partition("=")
        assert look({name: value}) == "my_number mynumber_licence"
        assert any(line.endswith(": 1234") for line in said)
        assert {path.name for path in (tmp_path / "test").iterdir()} >= {"driving_licence", "jpki_signature"}
    assert not Path(value).exists()


@pytest.mark.pcscd
def test_a_reader_that_is_running(card_slot: Slot, pcscd: Pcscd) -> None:
    card_slot.empty()
    assert wait_for_removal(card_slot.reader, seconds=30)
    card_slot.pause()
    with running("driving-licence", "--port", str(pcscd.port), "--fault", "slow") as (process, said):
        assert not any(line.startswith("export") for line in said)
        assert look(pcscd.environment) == "driving_licence"
        assert process.stdin
        assert process.stdout
        process.stdin.write("\n")
        process.stdin.flush()
        assert "taken out" in process.stdout.readline()
        assert wait_for_removal(card_slot.reader, seconds=30)


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = capsys.readouterr().out
    for card in CARDS.values():
        assert card.name in listed
        assert all(row.name in listed and row.ja in listed for row in card.faults)
    assert all(name in listed for name in AROUND)


@pytest.mark.parametrize(
    "words",
    [["tarot"], ["passport", "--fault", "ugly"], ["passport", "--holder", "nobody"]],
    ids=["card", "fault", "holder"],
)
def test_words_that_mean_nothing(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert words[-1] in capsys.readouterr().err


def test_no_reader_to_be_had(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("examples.cards.__main__.why_not", lambda: "pcscd is not installed")
    assert main(["driving-licence", "--private"]) == 1
    assert "pcscd is not installed" in capsys.readouterr().err


def test_as_a_command_of_tegata() -> None:
    from tegata import build

    done = CliRunner().invoke(build("sandbox"), ["sandbox", "cards"])
    assert done.exit_code == 0
    assert "tegata sandbox cards my-number" in done.output
