"""`tegata issuer event …`: an evening from the plan to the lost scanner, in a terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from common.gate.delta import parse_delta
from common.gate.enrolment import build_enrolment
from common.gate.pack import parse_pack
from common.keys.software import SoftwareKey
from issuer.cli import app
from issuer.cli.desk import open_desk
from issuer.flows.events.gates import enrol_gate
from issuer.flows.events.judge_buyer_row import buyer_problem
from tests.issuer.school import TENANT

runner = CliRunner()


def run(*arguments: str, status: int = 0) -> str:
    result = runner.invoke(app, list(arguments))
    assert result.exit_code == status, result.output
    return result.output


def told(*arguments: str) -> Any:
    return json.loads(run(*arguments).strip().splitlines()[-1])


def facts(event: str) -> Any:
    return next(one for one in told("event", "list", "--json") if one["id"] == event)


def test_an_evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEGATA_ENVIRONMENT", "sandbox")
    monkeypatch.setenv("TEGATA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TEGATA_ISSUER_FIXED_CLOCK", "1790000000")
    monkeypatch.chdir(tmp_path)
    run("new-institution", TENANT, "--name-ja", "桜川大学", "--name-en", "Sakuragawa University", "--json")
    plan = tmp_path / "plan.toml"
    plan.write_text(run("event", "example"), encoding="utf-8")
    assert "over_20" not in run("event", "create", str(plan)), "as it is printed it works at once"
    plan.write_text(plan.read_text("utf-8").replace("# required", "required"), encoding="utf-8")
    refused = run("event", "create", str(plan), status=1)
    assert "ask whoever runs this server to set verifier_url" in " ".join(refused.split())
    monkeypatch.setenv("TEGATA_ISSUER_VERIFIER_URL", "http://localhost:9/festival")
    monkeypatch.setenv("TEGATA_ISSUER_VERIFIER_TOKEN", "t")
    made = told("event", "create", str(plan), "--json")
    event, at = made["id"], made["starts_at"]
    assert event.startswith("sumida-river-fireworks-")
    assert at == 1817022600, "a time without a zone is Japan's"
    assert event in run("event", "list")
    assert "over_20" in run("event", "show", event)
    plan.write_text(plan.read_text("utf-8").replace("20000", "19000"), encoding="utf-8")
    assert told("event", "change", event, str(plan), "--json")["capacity"] == 19000
    plan.write_text(plan.read_text("utf-8").replace("capacity = 18000", "capacity = 30000"), encoding="utf-8")
    assert "class 1 has room for more than the whole event" in run("event", "change", event, str(plan))
    sale = told("event", "sell", event, "--quantity", "3", "--name", "髙橋 花子", "--key", "k")
    assert told("event", "sell", event, "--quantity", "3", "--name", "髙橋 花子", "--key", "k") == sale
    first, second, third = (one["number"] for one in sale["tickets"])
    run("event", "sell", event, "--class", "2", status=1)
    assert facts(event)["sold"] == 3, "the verifier is away: no seat is held"
    buyers = tmp_path / "buyers.csv"
    buyers.write_text("注文番号,券種\nA-1,一般\nA-2,なし\n", encoding="utf-8")
    assert told("event", "import", event, str(buyers), "--json")["added"] == 1
    with monkeypatch.context() as narrow:
        narrow.setenv("COLUMNS", "60")
        told_wrong = run("event", "import", event, str(buyers), "--dry-run")
    assert "1 wrong" in told_wrong
    japanese = buyer_problem(1, "class", "unknown_class").ja
    assert japanese in "".join(re.findall(r"[^\s│]", told_wrong)), "whole, however narrow"
    assert "openid-credential-offer" in run("event", "offer", event, first)
    assert run("event", "paper", event, first).startswith("TG1:")
    assert "/transfers/" in run("event", "transfer", event, second)
    assert "1 copies" in run("event", "lost", event, first)
    run("event", "upgrade", event, second, "2", status=1)
    assert "0 copies" in run("event", "refund", event, second)
    run("event", "exclude", event, third)
    run("event", "lift", event, third)
    assert "2 tickets" in run("event", "exclude", event, "--name", "髙橋花子")
    run("event", "exclude", event, status=2)
    assert told("event", "ticket", event, third)["state"] == "excluded"
    code = told("event", "gate-code", event, "--entrance", "2", "--json")["code"]
    listed = run("event", "gates", event)
    assert code in listed
    shown = told("event", "gate-code", event, "--json")["signer"]
    assert f"the device must show {shown}" in listed
    assert shown in run("event", "gate-code", event)
    key = SoftwareKey.generate()
    enrolled = enrol_gate(
        open_desk().desk, TENANT, event, build_enrolment(event=event, code=code, name="南口", signer=key)
    )
    assert "serial" in run("event", "pack", event)
    pack = parse_pack((tmp_path / f"{event}.tgpack").read_bytes()).pack
    assert [one.name for one in pack.gates] == ["南口"]
    assert "nothing" in run("event", "delta", event, "--from", str(pack.serial))
    assert "locked" in run("event", "lock", event, enrolled.gate_id)
    run("event", "delta", event, "--from", str(pack.serial))
    delta = parse_delta((tmp_path / f"{event}.tgdelta").read_bytes()).delta
    assert (delta.from_serial, delta.to_serial) == (pack.serial, pack.serial + 1)
    assert told("event", "gates", event, "--json")["gates"][0]["locked_at"] == 1790000000
    run("event", "sales", event, "closed")
    assert facts(event)["state"] == "closed"


@pytest.mark.parametrize("text", ["", "a = ", "name_ja = 1", "[[classes]]\nx = 1"])
def test_a_plan_that_is_none(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEGATA_ENVIRONMENT", "sandbox")
    monkeypatch.setenv("TEGATA_DATA_DIR", str(tmp_path))
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    told_wrong = run("event", "create", str(tmp_path / "plan.toml"), "-i", TENANT, status=1)
    if not text:
        assert "entrances is missing" in told_wrong
