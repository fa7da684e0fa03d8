"""Who may import whom: the contracts of pyproject.toml, and that they would notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_one_program_is_imported_without_the_others() -> None:
    """`tegata wallet` must not pay for, or depend on, the issuer."""
    code = "import sys, tegata; tegata.build('wallet'); print(sorted({m.split('.')[0] for m in sys.modules} & {'issuer', 'verifier'}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
