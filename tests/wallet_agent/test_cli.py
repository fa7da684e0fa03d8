"""The wallet from a terminal, as far as it needs no network; and what its help teaches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wallet_agent.cli import app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TEGATA_ENVIRONMENT": "sandbox",
        "TEGATA_WALLET_DATA_DIR": str(tmp_path),
        "TEGATA_WALLET_PASSPHRASE": "a river of cherries",
        "TEGATA_WALLET_HOLDER": "hanako",
        "TEGATA_WALLET_PASSPHRASE_PASSES": "1",
        "TEGATA_WALLET_PASSPHRASE_MEMORY": "8192",
    }.items():
        monkeypatch.setenv(name, value)


def run(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_a_wallet_is_made_backed_up_and_restored(tmp_path: Path) -> None:
    assert json.loads(run("new", "hanako", "--json"))["name"] == "hanako"
    assert "name_taken" in run("new", "hanako", code=1)
    assert json.loads(run("list", "--json")) == []
    run("backup", str(tmp_path / "backup"))
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    assert "file_exists" in run("backup", str(tmp_path / "backup"), code=1)
    assert json.loads(run("restore", str(tmp_path / "backup")))["cards"] == 0
    assert json.loads(run("history", "--json"))[0:] == []


def test_a_key_file_opens_without_a_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("new", "hanako")
    run("key-file", str(tmp_path / "key"))
    monkeypatch.setenv("TEGATA_WALLET_PASSPHRASE", "not the passphrase")
    assert "wrong_passphrase" in run("list", code=1)
    monkeypatch.setenv("TEGATA_WALLET_UNATTENDED_KEY_FILE", str(tmp_path / "key"))
    assert json.loads(run("list", "--json")) == []


def test_the_audit_record_is_whole() -> None:
    run("new", "hanako")
    report = json.loads(run("audit", "verify"))
    assert report["whole"]
    assert report["entries"] >= 1
    assert json.loads(run("audit", "verify", "--known-head", report["head"]))["whole"]
    assert not json.loads(run("audit", "verify", "--known-head", "ab" * 32, code=1))["whole"]


def test_settings_say_where_they_come_from_and_hide_secrets() -> None:
    shown = run("settings")
    assert "passphrase" in shown
    assert "a river of cherries" not in shown


def test_sweeping_answers_counts() -> None:
    run("new", "hanako")
    assert json.loads(run("sweep")) == {"sessions": 0, "offers": 0, "requests": 0, "tries": 0}


def test_help_teaches() -> None:
    text = run("--help")
    for word in (
        "new",
        "accept",
        "list",
        "show",
        "present",
        "history",
        "backup",
        "restore",
        "delete",
        "settings",
        "audit",
    ):
        assert word in text
    assert "not given" in run("present", "--help") or "what not" in run("present", "--help")


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEGATA_WALLET_PASPHRASE", "x")
    assert "unknown_setting" in run("list", code=2)


def test_what_is_not_there_is_not_shown() -> None:
    run("new", "hanako")
    assert "no_such_card" in run("show-qr", "nothing", code=1)
    assert "--claims" in run("show-qr", "--help")
