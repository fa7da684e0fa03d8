"""Virtual cards and readers are written apart: neither sees the other's code, so that one mistake cannot agree with itself."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.house.tree import sources, text

HOUSE = {"common", "issuer", "verifier", "wallet_agent", "tegata", "tests"}
ALLOWED = {*sys.stdlib_module_names, "cryptography", "asn1crypto"}


def imported(source: str) -> set[str]:
    """Full names of all modules that it imports, wherever in it that happens, by statement or by function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "__import__",
            "import_module",
            "importlib.import_module",
        }:
            found.add(ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "?")
    return found


def is_foreign(module: str) -> bool:
    top = module.split(".")[0]
    return not (
        module == "examples.cards" or module.startswith("examples.cards.") or module == "examples" or top in ALLOWED
    )


@pytest.mark.parametrize(
    ("line", "foreign"),
    [
        ("from common.cards.tlv import parse_tlv", True),
        ("def f():\n    import common.errors", True),
        ("import importlib\nimportlib.import_module('common.cards')", True),
        ("__import__(name)", True),
        ("from . import tlv", True),
        ("from tests.fakes import card", True),
        ("from examples.demo import cast", True),
        ("import smartcard", True),
        ("from PIL import Image", True),
        ("import hashlib, socket", False),
        ("from examples.cards.tlv import tlv", False),
        ("from cryptography import x509\nfrom asn1crypto import core", False),
    ],
)
def test_what_is_noticed(line: str, foreign: bool) -> None:
    assert any(is_foreign(module) for module in imported(line)) is foreign


def test_virtual_cards_stand_alone() -> None:
    cards = [path for path in sources(".py") if path.parts[:2] == ("examples", "cards")]
    assert len(cards) > 20
    found = [f"{path}: {module}" for path in cards for module in sorted(imported(text(path))) if is_foreign(module)]
    assert found == []


def test_the_house_does_not_lean_on_its_examples() -> None:
    found = [
        f"{path}: {module}"
        for path in sources(".py")
        if path.parts[0] in HOUSE - {"tests", "tegata"}
        for module in sorted(imported(text(path)))
        if module.split(".")[0] == "examples"
    ]
    assert found == []
