"""Every kept input of every target ends in a value or a typed error, quickly; and no parser is without a target."""

from __future__ import annotations

import ast
import time

import pytest

from tests.fuzz.corpus import FOLDER, read_corpus
from tests.fuzz.target import Target
from tests.fuzz.targets import NOT_FOR_STRANGERS, TARGETS
from tests.house.tree import ROOT

SLOWEST = 2.0
"""Seconds of CPU; the slowest kept input takes a fiftieth of it."""


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.name)
def test_kept_inputs_end_well(target: Target) -> None:
    inputs = (*target.seeds, *read_corpus(target.name))
    assert inputs, "no seed and no corpus: run ./dev fuzz for it"
    for data in inputs:
        began = time.process_time()
        target.holds(data)
        assert time.process_time() - began < SLOWEST, data[:200]


@pytest.mark.parametrize("target", [one for one in TARGETS if one.seeds], ids=lambda one: one.name)
def test_seeds_are_accepted(target: Target) -> None:
    """A seed that is refused at the door leads the fuzzer nowhere."""
    assert [data for data in target.seeds if not target.holds(data)] == []


def test_every_parser_has_a_target() -> None:
    named = {parser for target in TARGETS for parser in target.parsers}
    missing = []
    for path in sorted((ROOT / "common").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("parse_"):
                missing.append(f"{module}:{node.name}")
    assert [one for one in missing if one not in named and one not in NOT_FOR_STRANGERS] == []
    assert NOT_FOR_STRANGERS.keys() <= set(missing), "named here, but no such parser"


def test_every_corpus_belongs_to_a_target() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} <= {target.name for target in TARGETS}
