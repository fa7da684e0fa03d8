"""The three programs, each with two tenants, once per module that asks for them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.adapters.logs import set_up_logs
from tests.hostile.issuer_place import open_issuer
from tests.hostile.residents import Place
from tests.hostile.verifier_place import open_verifier
from tests.hostile.wallet_place import open_wallet

OPEN = {"issuer": open_issuer, "verifier": open_verifier, "wallet": open_wallet}


@pytest.fixture(scope="module", params=list(OPEN))
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A program over a fresh database. A test module that asks for it runs once for each program."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    made = OPEN[request.param](folder)
    yield made
    made.close()


@pytest.fixture
def real_logs() -> io.StringIO:
    """Logs as a program in service writes them, at their most talkative, written into a text."""
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        set_up_logs("debug", "hostile")
    return written
