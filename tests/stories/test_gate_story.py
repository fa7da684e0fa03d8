"""The story of the gate, through the three real programs and two gates: what is believed, and refused, with no network."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from examples.demo.cast import CITY
from examples.demo.gate_act import GateAct
from examples.demo.programs import NAMES
from examples.demo.story import Story
from examples.demo.venue import Organiser
from tests.stories.stage import set_up

CUT = range(5, 10)
"""The steps in which nobody answers."""


@pytest.mark.slow  # the whole demo, with this act in it, is played by test_main_job
def test_the_story_of_the_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cast = set_up(tmp_path / "cast")
    words = ("new-institution", CITY, "--name-ja", "若葉市", "--name-en", "Wakaba City", "--json")
    organiser = Organiser(cast, json.loads(cast.issuer.command(*words))["token"])
    story = Story(cast, Console(file=sys.stdout, width=160))
    try:
        story.make_wallet()
        act = GateAct(story, organiser)
        act.walk()
    finally:
        organiser.http.close()
        story.hang_up()
        statuses = cast.stop()
    assert statuses == dict.fromkeys(NAMES, 0)
    steps = story.steps
    assert len(steps) == 14
    assert [steps[number].exchanges for number in CUT] == [0] * len(CUT)
    results = [step.result for step in steps]
    assert [results[number].partition(";")[0] for number in (6, 8, 9, 12)] == [
        "Admit",
        "古いコード",
        "入場できます",
        "Revoked",
    ]
    assert "exit status -9" in results[7]
    assert "Already in" in results[7]
    assert "revocations known as of" in results[12]
    assert results[13].startswith("Wakaba Fireworks: 2 tickets entered")
    told = capsys.readouterr().out
    assert "refused" in told, "nobody listened"
    assert f"north gate → issuer  GET /{CITY}/events/{act.event}/delta  200" in told
    assert "in 2, out 0, let in by staff 0, taken back 0" in told
    assert told.count("proven by its signed head") == 2
    assert "missing" not in told
