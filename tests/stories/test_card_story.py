"""The story of the cards, through the three real programs and the kiosk: what a chip proves, and what three noes are made of."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from examples.demo.card_act import CardAct
from examples.demo.cast import CARD_DOCTYPES, CARD_TYPES, CARD_W3C_TYPES, CITY, make_cast
from examples.demo.city import City
from examples.demo.kiosk_page import open_page
from examples.demo.programs import NAMES
from examples.demo.story import Story
from issuer.catalogue.registry import of_cards
from tests.stories.stage import set_up


def test_the_story_of_the_cards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cast = set_up(tmp_path / "cast")
    story = Story(cast, Console(file=sys.stdout, width=160))
    try:
        story.make_wallet()
        with City(cast, real=False) as city:
            CardAct(story, city).walk()
            with open_page(city) as address:
                page = httpx.get(address)
    finally:
        story.hang_up()
        statuses = cast.stop()
    assert (page.status_code, "Tegata" in page.text, city.token in page.text) == (200, True, False)
    assert statuses == dict.fromkeys(NAMES, 0)
    results = [step.result for step in story.steps]
    assert len(results) == 19
    answers = [
        result.partition(":")[0] for result in results if result.startswith(("passed", "failed", "undetermined"))
    ]
    assert answers == ["passed", "undetermined", "failed", "failed"]
    refused = [result for result in results if result.startswith("No certificate can be made")]
    assert ["original" in refused[0], "revoked" in refused[1], len(refused)] == [True, True, 2]
    told = capsys.readouterr().out
    assert "5 tries left" in told
    assert "issuer → JPKI" in told
    assert "chip genuine         偽 / FAILED" in told
    assert "ABC123" not in told, "her password"
    recorded = city.wire_log.read_text(encoding="utf-8")
    assert f"/{CITY}/api/cards/sessions" in recorded
    assert "ABC123" not in recorded


def test_the_city_may_say_what_cards_prove_and_the_university_may_not(tmp_path: Path) -> None:
    kinds = of_cards()
    assert tuple(kind.name for kind in kinds) == CARD_TYPES
    assert tuple(kind.w3c_type for kind in kinds) == CARD_W3C_TYPES
    assert tuple(kind.doctype for kind in kinds) == CARD_DOCTYPES
    make_cast(tmp_path)
    believed = tomllib.loads((tmp_path / "issuers.toml").read_text(encoding="utf-8"))["issuer"]
    by_city = [set(entry["types"]) for entry in believed if CITY in entry["identifier"]]
    others = [set(entry["types"]) for entry in believed if CITY not in entry["identifier"]]
    assert len(by_city) == len(others) == 2
    assert all(set(CARD_DOCTYPES) <= types for types in by_city)
    assert not any(one & other for one in by_city for other in others)
