"""The command line: what it prints, and what it ends with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from common.formats.shown_code import pack
from tests.verifier.test_shown import show
from tests.verifier.world import World
from verifier import cli
from verifier.checks.registry import CHECKS
from verifier.cli import desk
from verifier.deps import Deps
from verifier.flows.draw_verdict import verdict_tree
from verifier.settings import VerifierSettings

runner = CliRunner()


@pytest.fixture
def at_the_terminal(small_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The command line works on the world's own objects."""

    def deps(_: VerifierSettings) -> Deps:
        return small_world.deps

    monkeypatch.setattr(desk, "build_deps", deps)
    monkeypatch.setenv("TEGATA_VERIFIER_ENVIRONMENT", "sandbox")
    return small_world


def test_a_new_relying_party_can_ask_at_once(at_the_terminal: World) -> None:
    made = runner.invoke(cli.app, ["new-relying-party", "bar", "--name-ja", "酒場", "--name-en", "Bar", "--json"])
    assert made.exit_code == 0, made.output
    token = json.loads(made.output)["token"]
    assert at_the_terminal.ask(tenant="bar", token=token)["link"].startswith("openid4vp://")


def test_a_token_can_be_taken_back(at_the_terminal: World) -> None:
    token = runner.invoke(cli.app, ["new-token", "cafe", "evening"]).output.strip()
    assert at_the_terminal.ask(token=token)["id"]
    assert runner.invoke(cli.app, ["revoke-token", "cafe", "evening"]).exit_code == 0
    assert at_the_terminal.deps.login.find_token("cafe", token) is None
    again = runner.invoke(cli.app, ["revoke-token", "cafe", "evening"])
    assert (again.exit_code, again.output.strip()) == (1, "no_such_token: no operator's token is called evening")


def test_ask_draws_a_code_and_prints_the_link(at_the_terminal: World) -> None:
    asked = runner.invoke(cli.app, ["ask", "cafe", "student", "--no-wait"])
    assert asked.exit_code == 0, asked.output
    assert "openid4vp://" in asked.output
    assert "▄" in asked.output or "█" in asked.output
    listed = runner.invoke(cli.app, ["sessions", "cafe", "--json"])
    assert json.loads(listed.output)[0]["state"] == "open"


def test_check_says_yes_and_no_with_its_exit_code(at_the_terminal: World, tmp_path: Path) -> None:
    file = tmp_path / "card"
    file.write_text(at_the_terminal.issue())
    yes = runner.invoke(cli.app, ["check", str(file), "--json"])
    assert yes.exit_code == 0, yes.output
    assert json.loads(yes.output)["verdict"]["accepted"]
    at_the_terminal.publish_status(1)
    no = runner.invoke(cli.app, ["check", str(file)])
    assert no.exit_code == 1
    assert "revoked" in no.output
    file.write_text("nonsense")
    assert runner.invoke(cli.app, ["check", str(file)]).exit_code == 1
    file.write_text(at_the_terminal.issue("jwt_vc_json"))
    at_the_terminal.publish_status(0)
    assert runner.invoke(cli.app, ["check", str(file)]).exit_code == 0


def test_questions_and_settings(at_the_terminal: World) -> None:
    names = json.loads(runner.invoke(cli.app, ["questions", "--json"]).output)
    with_a_name = {"name_chip", "name_birthdate_chip", "identity"}
    assert set(names) == {"student", "graduate", "over_18", "over_20_chip"} | with_a_name
    assert "学生ですか" in runner.invoke(cli.app, ["questions"]).output
    rows = {row["name"]: row for row in json.loads(runner.invoke(cli.app, ["settings", "--json"]).output)}
    assert rows["environment"]["origin"] == "TEGATA_VERIFIER_ENVIRONMENT"


def test_jobs_and_audit(at_the_terminal: World) -> None:
    at_the_terminal.verdict_of(at_the_terminal.issue())
    at_the_terminal.clock.advance(60)
    assert "3 audit entries sealed" in " ".join(runner.invoke(cli.app, ["jobs"]).output.split())
    verified = runner.invoke(cli.app, ["audit", "verify"])
    assert verified.exit_code == 0
    found = re.search(r"[0-9a-f]{64}", verified.output.replace("\n", ""))
    assert found
    assert runner.invoke(cli.app, ["audit", "verify", "cafe", "--known-head", found[0]]).exit_code == 0
    assert runner.invoke(cli.app, ["audit", "verify", "cafe", "--known-head", "f" * 64]).exit_code == 1


def test_every_command_explains_itself() -> None:
    shown = runner.invoke(cli.app, ["--help"])
    for command in ("serve", "new-relying-party", "questions", "ask", "check", "sessions", "settings", "jobs", "audit"):
        assert command in shown.output
        assert runner.invoke(cli.app, [command, "--help"]).exit_code == 0


def test_the_tree_shows_issuer_path_and_freshness(at_the_terminal: World) -> None:
    verdict = at_the_terminal.verdict_of(at_the_terminal.issue())
    labels = [str(node.label) for node in verdict_tree(verdict).children[-1].children]
    assert (
        len(labels) == len(CHECKS) - 4
    )  # this question asks no age, no chip and no ticket, and this format has no schemas
    assert any("as of" in label for label in labels)
    assert "jwt_vc_issuer_metadata" in str(verdict_tree(verdict).children[-1].label)


def test_an_error_is_one_sentence(at_the_terminal: World) -> None:
    asked = runner.invoke(cli.app, ["ask", "nobody", "student"])
    assert asked.exit_code == 1
    assert asked.output.strip() == "unknown_relying_party: no such relying party here"
    assert "known: student" in runner.invoke(cli.app, ["ask", "cafe", "tall"]).output


def test_check_takes_what_is_shown_in_person(at_the_terminal: World, tmp_path: Path) -> None:
    file = tmp_path / "shown"
    file.write_text(pack(show(at_the_terminal)))
    yes = runner.invoke(cli.app, ["check", str(file), "--shown", "--json"])
    assert yes.exit_code == 0, yes.output
    assert json.loads(yes.output)["verdict"]["accepted"]
    at_the_terminal.clock.advance(61)
    no = runner.invoke(cli.app, ["check", str(file), "--shown", "--json"])
    assert no.exit_code == 1
    assert json.loads(no.output)["verdict"]["reason"] == "stale"
    file.write_text(at_the_terminal.issue())
    assert runner.invoke(cli.app, ["check", str(file), "--shown"]).exit_code == 1
