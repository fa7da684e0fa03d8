"""Every setting explains itself, and the README of its program says how to see them."""

from __future__ import annotations

import pytest

from common.settings import ProgramSettings
from issuer.settings import IssuerSettings
from tests.house.tree import ROOT
from verifier.settings import VerifierSettings
from wallet_agent.settings import WalletSettings


@pytest.mark.parametrize("settings", [IssuerSettings, VerifierSettings, WalletSettings])
def test_every_setting_has_its_sentence(settings: type[ProgramSettings]) -> None:
    assert [name for name, field in settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("room", "command"), [("issuer", "issuer"), ("verifier", "verifier"), ("wallet_agent", "wallet")]
)
def test_the_readme_says_how_to_see_them(room: str, command: str) -> None:
    assert f"tegata {command} settings" in (ROOT / room / "README.md").read_text(encoding="utf-8")
