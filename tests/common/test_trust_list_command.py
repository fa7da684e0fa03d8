"""``tegata trust-list``: make a key, sign a list, look at it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from typer.testing import CliRunner

from common.adapters.trust_list_command import app
from common.x509.pem import to_x5c
from common.x509.sandbox_ca import make_ca

TOML = """
[[issuer]]
identifier = "https://issuer.example/sakuragawa"
types = ["EnrolmentCredential"]
names = { ja = "桜川大学", en = "Sakuragawa University" }
"""
NAMES = ["--name-ja", "大学一覧", "--name-en", "Universities"]


def run(*words: object, fails: bool = False) -> str:
    found = CliRunner().invoke(app, [str(word) for word in words])
    assert bool(found.exit_code) is fails, found.output
    return found.output


def test_from_key_to_list(tmp_path: Path) -> None:
    key, source, output = tmp_path / "key.json", tmp_path / "list.toml", tmp_path / "list.jwt"
    did = run("new-key", "--key", key).strip()
    assert did.startswith("did:key:z")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "file_exists" in run("new-key", "--key", key, fails=True)
    source.write_text(TOML, encoding="utf-8")
    root = make_ca("Root of a ministry", now=1_790_000_000)
    (tmp_path / "root.pem").write_bytes(root.pem)
    assert to_x5c((root.certificate,))
    files = ["--key", key, "--input", source, "--output", output]
    said = run("sign", *files, "--sequence", 3, *NAMES, "--root", tmp_path / "root.pem")
    assert f"1 issuers, 1 roots, no. 3, signed by {did}" in said.replace("\n", " ")
    shown = json.loads(run("show", output, "--json"))
    assert (shown["signer"], shown["sequence"], shown["name"]["ja"]) == (did, 3, "大学一覧")
    assert shown["issuers"] == [{"identifier": "https://issuer.example/sakuragawa", "types": ["EnrolmentCredential"]}]
    assert shown["roots"] == ["CN=Root of a ministry"]
    assert shown["expires_at"] - shown["issued_at"] == 30 * 86_400
    text = output.read_text("ascii")
    output.write_text(text[:-10] + "AAAAAAAA\n", encoding="ascii")
    run("show", output, fails=True)


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    key, source, output = tmp_path / "key.json", tmp_path / "list.toml", tmp_path / "list.jwt"
    files = ["--key", key, "--input", source, "--output", output, "--sequence", 1, *NAMES]
    assert "unreadable_file" in run("sign", *files, fails=True)
    run("new-key", "--key", key)
    source.write_text('[[issuer]]\nidentifier = "https://a.example"\n', encoding="utf-8")
    assert "bad_trust_list" in run("sign", *files, fails=True)
    assert "unreadable_file" in run("show", tmp_path / "nothing", fails=True)
    assert not output.exists()
