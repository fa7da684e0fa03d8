"""The main job by clicking, from the roll to the withdrawn certificate, in both languages, on phone and desk."""

from __future__ import annotations

import csv
import time
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from common.pages.language import Language
from examples.demo.cast import Cast
from tests.browser.visitor import Device, visit
from tests.browser.walk import ROLL, Registrar, Shop, Student

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_turn = count()


def enrolled(turn: int) -> str:
    """The student number of one who is enrolled, another at each turn."""
    with ROLL.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "enrolled"]
    return rows[10 + turn]["student_number"]


@pytest.mark.parametrize(
    ("language", "device", "dark"),
    [
        ("ja", "phone", False),
        pytest.param("en", "desk", True, marks=pytest.mark.slow),
        pytest.param("ja", "desk", False, marks=pytest.mark.slow),
        pytest.param("en", "phone", True, marks=pytest.mark.slow),
        pytest.param("en", "tiny", False, marks=pytest.mark.slow),
    ],
)
def test_the_story(browser: Browser, cast: Cast, shots: Path, language: Language, device: Device, dark: bool) -> None:
    turn = next(_turn)
    number = enrolled(turn)
    one, two, three = (visit(browser, language, device, shots=shots, dark=dark) for _ in range(3))
    registrar, student, shop = Registrar(one, cast), Student(two, cast, f"hanako-{turn}"), Shop(three, cast)

    registrar.log_in()
    registrar.import_roll()
    address, code = registrar.offer(number)

    student.make_wallet()
    student.accept(student.open_claim_page(address), code)

    shop.log_in()
    student.consent(shop.ask())
    shop.see_answer("student", "passed")
    student.decline(shop.ask())
    shop.see_earlier()

    registrar.withdraw(number)
    time.sleep(2.5)  # both sides of the demo keep a status list for a second
    student.consent(shop.ask())
    shop.see_answer("student", "failed")
    student.see_withdrawal()

    student.look_around()
    registrar.look_around()
    for visitor in (one, two, three):
        visitor.context.close()
