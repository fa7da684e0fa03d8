"""The main job, through the three real programs: issue, hold, present, revoke, refuse, in every way that the protocols allow."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from rich.console import Console

from examples.demo.cast import Cast
from examples.demo.programs import NAMES, ROOT
from examples.demo.story import Story
from tests.stories.stage import FORMATS, Stage, wait_for_status

PREFIXES = ("decentralized_identifier", "x509_san_dns", "x509_hash", "redirect_uri")
WAYS = [
    way for way in product(PREFIXES, ("direct_post", "direct_post.jwt"), ("get", "post")) if way[0] != "redirect_uri"
]
WAYS += [("redirect_uri", mode, "get") for mode in ("direct_post", "direct_post.jwt")]
"""client identifier prefix × response mode × how the request object is fetched (an unsigned request stands in its link)."""


def test_the_story_of_the_demo(cast: Cast) -> None:
    story = Story(cast, Console(file=sys.stderr, width=140))
    story.walk()
    assert len(story.steps) == 11
    assert cast.stop() == dict.fromkeys(NAMES, 0)


@pytest.mark.timeout(400)
def test_the_demo_as_people_start_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.demo", "--once", "--data", str(tmp_path / "demo")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=380,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert outcome["ok"]
    assert len(outcome["steps"]) == 44
    assert outcome["reader"]
    assert outcome["steps"][-1]["result"].endswith("No ticket entered more than once.")
    assert outcome["exit_status"] == dict.fromkeys(NAMES, 0)


@pytest.mark.parametrize("tx_code", [True, False], ids=["tx_code", "no tx_code"])
@pytest.mark.parametrize("by_value", [True, False], ids=["by value", "by reference"])
@pytest.mark.parametrize("form", FORMATS)
def test_every_way_to_receive(stage: Stage, form: str, by_value: bool, tx_code: bool) -> None:
    student = stage.student()
    (card_id,) = stage.claim(student, by_value=by_value, formats=(form,), tx_code=tx_code)
    (card,) = [one for one in student.cards() if one["id"] == card_id]
    assert (card["format"], card["copies"], card["fresh"], card["state"]) == (form, 4, 4, "held")


@pytest.mark.parametrize(("prefix", "mode", "method"), WAYS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_way_to_ask(stage: Stage, form: str, prefix: str, mode: str, method: str) -> None:
    student = stage.student(f"holder-{FORMATS.index(form)}")
    cards = [one["id"] for one in student.cards()] or stage.claim(student, formats=(form,))
    how = {"response_mode": mode, "request_method": method}
    verdict = stage.ask(student, card=cards[0], asker=stage.party(prefix), **how)
    assert verdict["answer"] == "passed", verdict
    (branch,) = verdict["presentations"]
    assert branch["format"] == form


@pytest.mark.parametrize("form", FORMATS)
def test_a_life(stage: Stage, form: str) -> None:
    """Issued, held, shown, withdrawn, shown in vain; and a question that is declined."""
    student, number = stage.student(), next(stage.roll)
    made = stage.registrar.offer(number, "enrolment", formats=(form,))
    (card,) = student.accept(student.receive(made["link"])["id"], made["tx_code"])["card_ids"]
    assert stage.ask(student, card=card)["answer"] == "passed"
    assert stage.registrar.withdraw(number)["revoked"] == 4
    wait_for_status()
    verdict = stage.ask(student, card=card)
    (branch,) = verdict["presentations"]
    assert verdict["answer"] == "failed"
    assert [one["reason"] for one in branch["checks"] if one["answer"] == "failed"] == ["revoked"]
    looked_up = student.ask("POST", f"{student.base}/cards/{card}/check")
    assert looked_up["standing"] == "revoked"
    session = stage.assistant.put_question("student")
    assert student.decline(student.look_at(session["link"])["id"])["state"] == "declined"
    refused = stage.assistant.result(session["id"])
    assert (refused["state"], refused["verdict"]) == ("refused", None)


def test_every_format_in_one_offer(stage: Stage) -> None:
    student = stage.student()
    cards = stage.claim(student, formats=FORMATS)
    held = {one["format"] for one in student.cards() if one["id"] in cards}
    assert held == set(FORMATS)


def test_the_same_device(stage: Stage) -> None:
    """The wallet is sent back to the verifier's page, with a code that only the browser which answered has."""
    student = stage.student()
    (card,) = stage.claim(student)
    session = stage.assistant.put_question("student", same_device=True)
    view = student.look_at(session["link"])
    answered = student.answer(view["id"])
    assert answered["redirect_uri"].startswith(stage.cast.verifier.url)
    page = stage.assistant.http.get(answered["redirect_uri"], headers={"Accept": "text/html"})
    assert page.status_code == 200, card
