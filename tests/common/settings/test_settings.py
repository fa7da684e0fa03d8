"""Settings: where a value comes from, what is refused and by which name, and what is shown of a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from common.errors import Misconfigured
from common.settings import ProgramSettings


class Toy(ProgramSettings):
    program = "issuer"
    public_url: str = Field("https://issuer.example", description="address")
    port: int = Field(8101, ge=0, le=65535, description="port")
    smtp_password: SecretStr = Field(SecretStr(""), description="password")


Set = Callable[..., None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """given(toml, **environment): writes the file, sets the names."""

    def give(toml: str = "", **environment: str) -> None:
        if toml:
            path = tmp_path / "tegata.toml"
            path.write_text(toml, encoding="utf-8")
            monkeypatch.setenv("TEGATA_CONFIG", str(path))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return give


def test_environment_outweighs_file_outweighs_default(given: Set) -> None:
    given('environment = "sandbox"\n[issuer]\nport = 1\nworkers = 2\n[wallet]\nwhatever = 1', TEGATA_ISSUER_PORT="3")
    settings = Toy.load()
    assert (settings.port, settings.workers, settings.threads, settings.is_sandbox) == (3, 2, 16, True)
    origins = {row.name: row.origin for row in settings.describe()}
    assert origins["port"] == "TEGATA_ISSUER_PORT"
    assert origins["workers"].endswith("tegata.toml [issuer]")
    assert origins["environment"].endswith("tegata.toml")
    assert origins["threads"] == "default"
    assert Toy.load(port=9).port == 9


def test_a_direct_call_reads_nothing_from_outside(given: Set) -> None:
    given(TEGATA_ISSUER_PORT="3")
    assert Toy().port == 8101


@pytest.mark.parametrize(
    ("toml", "environment", "named"),
    [
        ("", {"TEGATA_ISSUER_PROT": "1"}, "TEGATA_ISSUER_PROT"),
        ("", {"TEGATA_ENVIROMENT": "sandbox"}, "TEGATA_ENVIROMENT"),
        ("", {"TEGATA_ISSUR_PORT": "1"}, "TEGATA_ISSUR_PORT"),
        ("[issuer]\nprot = 1", {}, "prot"),
        ("[isuer]\nport = 1", {}, "isuer"),
        ("port = 1", {}, "port"),
        ("[issuer]\nport = 'x'", {}, "port"),
        ("issuer = 1", {}, "issuer"),
        ("[issuer", {}, "TEGATA_CONFIG"),
        ("", {"TEGATA_CONFIG": "/nowhere.toml"}, "TEGATA_CONFIG"),
        ("", {"TEGATA_ISSUER_PORT": "hanako-secret"}, "TEGATA_ISSUER_PORT"),
        ("", {"TEGATA_ENVIRONMENT": "staging"}, "TEGATA_ENVIRONMENT"),
        ("", {"TEGATA_ISSUER_PUBLIC_URL": "issuer.example"}, "TEGATA_ISSUER_PUBLIC_URL"),
        ("", {"TEGATA_ISSUER_PUBLIC_URL": "https://user@issuer.example"}, "TEGATA_ISSUER_PUBLIC_URL"),
        ("", {"TEGATA_ISSUER_TRUSTED_ROOTS": "[1"}, "TEGATA_ISSUER_TRUSTED_ROOTS"),
        ("", {"TEGATA_ISSUER_TLS_CERT": "a.pem"}, "tls_key"),
    ],
)
def test_a_mistake_is_refused_by_name(given: Set, toml: str, environment: dict[str, str], named: str) -> None:
    given(toml, **environment)
    with pytest.raises(Misconfigured, match=named) as refusal:
        Toy.load()
    assert "hanako-secret" not in refusal.value.detail


def test_other_programs_and_the_test_suites_names_are_theirs(given: Set) -> None:
    given(
        TEGATA_WALLET_ANYTHING="1", TEGATA_VERIFIER_PORT="x", TEGATA_TEST_X="1", TEGATA_DEV_X="1", TEGATA_DATA_DIR="d"
    )
    assert Toy.load().data_dir == Path("d")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "http://localhost:8101"),
        ("sandbox_anchors", "ca.pem"),
        ("fetch_loopback", "true"),
        ("fixed_clock", "1790000000"),
        ("wire_log", "wire.jsonl"),
        ("fail_at", "token.before_commit"),
        ("fail_trace", "trace"),
    ],
)
def test_production_refuses_each_sandbox_switch_by_name(given: Set, name: str, value: str) -> None:
    given(**{f"TEGATA_ISSUER_{name.upper()}": value})
    with pytest.raises(Misconfigured, match=name):
        Toy.load()
    given(TEGATA_ENVIRONMENT="sandbox", TEGATA_ISSUER_FAIL_AT="" if name == "fail_trace" else "never:1")
    assert Toy.load().is_sandbox


def test_production_is_the_default() -> None:
    assert not Toy().is_sandbox
    assert not Toy().may_fetch_loopback
    assert Toy(environment="sandbox").may_fetch_loopback
    assert not Toy(environment="sandbox", fetch_loopback=False).may_fetch_loopback


def test_lists_are_json_or_parts_between_commas(given: Set) -> None:
    given(TEGATA_ISSUER_TRUSTED_ROOTS="a.pem, b.pem", TEGATA_ISSUER_FORWARDED_FROM='["10.0.0.1"]')
    settings = Toy.load()
    assert settings.trusted_roots == (Path("a.pem"), Path("b.pem"))
    assert settings.forwarded_from == ("10.0.0.1",)


def test_secrets_are_shown_to_nobody() -> None:
    settings = Toy(smtp_password="hanako-secret", database_url="postgresql://me:hanako-secret@db.example:5432/tegata")
    shown = {row.name: row.value for row in settings.describe()}
    assert shown["database_url"] == "postgresql://me:…@db.example:5432/tegata"
    assert shown["smtp_password"] == "…"
    assert "hanako-secret" not in repr(settings)
    assert "hanako-secret" in settings.database_address


def test_every_setting_says_what_it_is_for() -> None:
    assert [row.name for row in Toy().describe() if not row.help] == []


def test_database_and_key_default_to_the_data_folder() -> None:
    settings = Toy(data_dir=Path("d"))
    assert settings.database_address == "sqlite:///d/issuer.sqlite3"
    assert settings.key_path == Path("d/issuer.key")
