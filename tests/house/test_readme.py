"""What the README promises can be pointed at: commands exist, links lead somewhere, and each line of the table names its test."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from tests.house.tree import ROOT, files, text

README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = [row for row in README.splitlines() if row.startswith("| ✅")]


def test_every_command_of_the_readme_exists() -> None:
    known = set(re.findall(r"^([a-z]+)\)", text(ROOT / "dev"), re.M))
    named = set(re.findall(r"\./dev ([a-z]+)", README))
    assert {"demo", "test"} <= named <= known


def test_every_link_leads_somewhere() -> None:
    documents = [path for path in files() if path.suffix == ".md"]
    broken = []
    for document in documents:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(document)):
            if "://" not in target and not (ROOT / document).parent.joinpath(target).exists():
                broken.append(f"{document}: {target}")
    assert broken == []


def test_the_table_is_there() -> None:
    assert len(ROWS) >= 10


@pytest.mark.parametrize("row", ROWS)
def test_what_works_names_a_test_that_exists(row: str) -> None:
    named = re.findall(r"`(tests/[^`]+)`", row)
    assert named, "a line that says it works names the test that shows it"
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_room_has_a_door_plate() -> None:
    assert [
        room
        for room in ("common", "issuer", "verifier", "wallet_agent", "tests")
        if not (ROOT / room / "README.md").exists()
    ] == []


@pytest.mark.parametrize(
    ("title", "suite"),
    [
        ("Data Model 2.0", "vc-data-model-2.0"),
        ("Data Integrity, EdDSA", "vc-di-eddsa"),
        ("Data Integrity, ECDSA (with ecdsa-sd-2023)", "vc-di-ecdsa"),
        ("Bitstring Status List", "vc-bitstring-status-list"),
        ("Securing with JOSE and COSE", "vc-jose-cose"),
        ("Data Integrity, BBS", "vc-di-bbs"),
    ],
)
def test_the_scores_are_those_that_were_kept(title: str, suite: str) -> None:
    kept = Counter(json.loads((ROOT / "tests/interop/w3c" / f"{suite}.json").read_text(encoding="utf-8")).values())
    counted = kept["passed"] + kept["failed"]
    assert re.search(rf"^\| {re.escape(title)} \| {kept['passed']} \| {counted}\b", README, re.M), kept
