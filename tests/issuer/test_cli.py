"""The terminal does what the pages do."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from common.did.methods.webvh.witness import build_witness_file, witness_version
from common.did.methods.webvh.write_log import multikey_of
from common.keys.software import SoftwareKey
from issuer.cli import app
from tests.issuer.school import ROLL, TENANT

runner = CliRunner()


@pytest.fixture(autouse=True)
def _deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEGATA_ENVIRONMENT", "sandbox")
    monkeypatch.setenv("TEGATA_DATA_DIR", str(tmp_path))


def run(*arguments: str, status: int = 0) -> str:
    result = runner.invoke(app, list(arguments))
    assert result.exit_code == status, result.output
    return result.output


def last_json(output: str) -> Any:
    return json.loads(output.strip().splitlines()[-1])


def test_a_first_day(tmp_path: Path) -> None:
    assert "new-institution" in run("list", status=1)
    made = run("new-institution", TENANT, "--name-ja", "桜川大学", "--name-en", "Sakuragawa University", "--json")
    assert last_json(made)["token"].startswith("tgt_")
    roll = tmp_path / "roll.csv"
    roll.write_text(ROLL + "X1,,,,,,,,,,,,,,,,\n", encoding="utf-8")
    report = last_json(run("import", str(roll), "--json"))
    assert (report["added"], report["wrong"]) == (3, 1)
    assert "3 the same" in run("import", str(roll), "--dry-run")
    assert last_json(run("list", "花子", "--json"))["people"][0]["student_number"] == "S001"
    offer = last_json(run("offer", "S001", "--json"))
    assert offer["link"].startswith("openid-credential-offer://?credential_offer_uri=")
    assert "transaction code" in run("show-offer", offer["id"])
    assert last_json(run("correct", "S001", "family_name=𠮷野", "--json"))["tx_code"]
    assert "not_a_date" not in run("correct", "S001", "birth_date=never", status=1)
    assert "nothing_to_reissue" in run("reissue", "S001", status=1)
    assert last_json(run("withdraw", "S001"))["offers"] == 1
    assert last_json(run("show", "S001"))["status"] == "withdrawn"
    assert "mail_not_set_up" in run("offer-all", "enrolment", status=1)
    assert last_json(run("audit", "verify"))["whole"] is True
    assert "person_withdrawn" in run("audit", "list")
    assert last_json(run("jobs"))["sealed"] == 0
    assert "public_url" in run("settings")


def test_an_invitation_to_read_a_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run("new-institution", TENANT, "--name-ja", "桜川大学", "--name-en", "Sakuragawa University")
    assert "cards_not_set_up" in run("invite-card", status=1)
    (tmp_path / "roots/test/csca").mkdir(parents=True)
    monkeypatch.setenv("TEGATA_ISSUER_CARD_TRUST", str(tmp_path / "roots"))
    made = last_json(run("invite-card", "--json"))
    assert f"/{TENANT}/card/{made['session']}/" in made["link"]
    assert made["expires_at"] > time.time() + 86_000
    assert f"/{TENANT}/card/" in run("invite-card")
    assert "withdrawn" in run("withdraw-invitation", made["session"])
    assert "card_session_over" in run("withdraw-invitation", made["session"], status=1)
    assert "card_session_withdrawn" in run("audit", "list")


def test_keys_at_the_terminal() -> None:
    run("new-institution", TENANT, "--name-ja", "桜川大学", "--name-en", "Sakuragawa University")
    (first,) = [key for key in last_json(run("key", "list", "--json"))["keys"] if key["alg"] == "ES256"]
    assert (first["state"], first["backend"], first["certificate_until"]) == ("active", "software", 0)
    kid = run("key", "add", "--alg", "ES512").strip()
    assert kid in run("key", "list", "--json")
    rotated = last_json(run("key", "rotate", "--json"))
    assert rotated["replaces"] == first["kid"]
    assert "from 20" in run("key", "rotate", "--overlap", "60")
    assert "signs now" in run("key", "rotate", "--overlap", "0")
    assert first["kid"][:20] in run("key", "list")
    fallen = last_json(run("key", "compromised", f"--kid={rotated['kid']}", "--since", "2020-01-01T00:00"))
    assert (fallen["compromised_since"], bool(fallen["successor"])) == (1_577_836_800, True)
    for since in ("yesterday", "99999999999999999999", "2020-13-01"):
        assert "bad_time" in run("key", "compromised", f"--kid={kid}", "--since", since, status=1)
    assert "no_authority" in run("key", "renew-certificate", status=1)
    assert "unknown_signature_algorithm" in run("key", "add", "--alg", "none", status=1)
    assert "token_not_set" in run("key", "add", "--alg", "ES384", "--backend", "pkcs11", status=1)
    assert last_json(run("reissue-roll", "--type", "graduation", "--alg", "EdDSA", "--no-mail"))["people"] == 0


def test_a_did_webvh_at_the_terminal(tmp_path: Path) -> None:
    run("new-institution", TENANT, "--name-ja", "桜川大学", "--name-en", "Sakuragawa University")
    first = last_json(run("did-webvh", "publish", "--json"))
    assert first["did"].startswith("did:webvh:Qm")
    assert (first["version_id"][:2], first["pending"], first["changed"]) == ("1-", "", True)
    assert first["version_id"] in run("did-webvh", "publish")
    witness = SoftwareKey.generate("EdDSA")
    name = f"did:key:{multikey_of(witness)}"
    pending = last_json(run("did-webvh", "publish", "--witness", name, "--json"))["pending"]
    assert pending in run("did-webvh", "publish")
    proofs = tmp_path / "proofs.json"
    proofs.write_bytes(build_witness_file({pending: [witness_version(pending, witness, now=int(time.time()))]}))
    assert last_json(run("did-webvh", "add-proofs", str(proofs), "--json"))["version_id"] == pending
    assert last_json(run("did-webvh", "publish", "--no-witness", "--json"))["pending"].startswith("3-")
    assert "bad_parameters" in run("did-webvh", "publish", "--witness", name, "--threshold", "2", status=1)
    assert last_json(run("did-webvh", "deactivate", "--json"))["pending"].startswith("4-")


def test_help_teaches() -> None:
    assert "transaction code" in run("offer", "--help").lower()
    assert "append-only" in run("audit", "--help")


def test_an_unknown_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEGATA_ISSUER_OFER_SECONDS", "5")
    assert "TEGATA_ISSUER_OFER_SECONDS" in run("list", status=2)
