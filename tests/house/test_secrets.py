"""Secrets are compared in constant time: `hmac.compare_digest`, or their hash is looked up in the database, never ``==``."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.tree import ROOT

SECRET = re.compile(r"(?:^|_)(?:secret|token|tx_code|code|mac|password|passphrase|csrf|pin|bearer)$")
PUBLIC = {
    "wallet_agent/routes/pages_start.py: passphrase != again": "two fields of one form, both just typed by the same person",
    "common/status/fetch_status.py: code == VALID": "a number in a public list",
    "common/status/fetch_status.py: code == INVALID": "a number in a public list",
    "common/status/fetch_status.py: code == SUSPENDED": "a number in a public list",
    "verifier/gate/desk.py: error.code == LOCKED": "the code of an error",
    "verifier/gate/desk.py: error.code != LOCKED": "the code of an error",
    "verifier/gate/examine_pass.py: malformed.code == _PROOF_MISSING": "the code of an error",
}


def _name(side: ast.expr) -> str:
    """What a side of a comparison is called; calls are named by what they call, hashes of secrets are secret no more."""
    while isinstance(side, ast.Call):
        side = side.func
    return side.id if isinstance(side, ast.Name) else side.attr if isinstance(side, ast.Attribute) else ""


def compared_secrets(source: str) -> list[str]:
    """Comparisons by value of two things, one of which is named like a secret. Constants tell kinds apart, and are no secrets."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
        and not any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))
        and any(SECRET.search(_name(side)) for side in (node.left, *node.comparators))
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("request.tx_code == expected", True),
        ("wanted != self.secrets.tx_code(tenant)", True),
        ("mac != given", True),
        ("token == ''", False),
        ("rows.digest == digest(token)", False),
        ("hmac.compare_digest(token, expected)", False),
    ],
)
def test_what_is_found(source: str, found: bool) -> None:
    assert bool(compared_secrets(source)) is found


def test_no_secret_is_compared_by_value() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {comparison}"
        for room in ("common", "issuer", "verifier", "wallet_agent")
        for path in sorted((ROOT / room).rglob("*.py"))
        for comparison in compared_secrets(path.read_text(encoding="utf-8"))
    }
    assert found == PUBLIC.keys()
