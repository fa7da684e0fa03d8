"""A question that demands a chip, over HTTP: answered, shown in person, judged late; whose cards are believed is the deployment's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.cards.evidence import Environment, RevocationAnswer, failed
from common.cards.evidence_json import build_evidence
from common.errors import Misconfigured
from common.formats.in_person import AUDIENCE
from common.formats.registry import FORMATS
from tests.verifier.checks.cases import CHIP, READ
from tests.verifier.world import World, checks_of, make_world
from tests.verifier.world import signer as signer_of
from verifier.settings import VerifierSettings
from verifier.store.sessions import mark_answered

TEST_CARD = replace(CHIP, trust_anchor=Environment.TEST)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[World]:
    """A verifier that believes test cards."""
    made = make_world(f"sqlite:///{tmp_path / 'test.sqlite3'}", tmp_path, card_environment="test")
    yield made
    made.deps.database.close_all()


def age_card(world: World, chip: Any = TEST_CARD) -> str:
    """A proof of age, read from this card just now."""
    now = world.clock.now()
    origin = replace(chip.origins[0], claim="age_over_20")
    source = replace(
        chip, origins=(origin,), revocation=replace(chip.revocation, checked_at=now, this_update=now, next_update=None)
    )
    evidence = build_evidence(replace(READ, read_at=now, sources=(source,)))
    claims = {"age_equal_or_over": {"18": True, "20": True}, "issuing_authority": "桜川市", "evidence": evidence}
    return world.issue(type_name="age", claims=claims, always_disclosed=frozenset({"evidence"}))


def verdict_of(world: World, credential: str) -> dict[str, Any]:
    return world.verdict_of(credential, "over_20_chip", query_id="age_sd_jwt")


def test_a_test_card_says_yes_in_a_sandbox_that_allows_it_and_no_elsewhere(sandbox: World, tmp_path: Path) -> None:
    verdict = verdict_of(sandbox, age_card(sandbox))
    assert verdict["accepted"], verdict
    assert checks_of(verdict)["chip_verified"] == ("passed", "verified_test_card")
    strict = make_world(f"sqlite:///{tmp_path / 'strict.sqlite3'}", tmp_path / "strict")
    try:
        refused = verdict_of(strict, age_card(strict))
        assert (refused["accepted"], refused["reason"]) == (False, "test_anchor")
        believed = verdict_of(strict, age_card(strict, CHIP))
        assert checks_of(believed)["chip_verified"] == ("passed", "chip_verified")
    finally:
        strict.deps.database.close_all()


def test_production_cannot_be_told_to_believe_test_cards() -> None:
    addresses: dict[str, Any] = {"public_url": "https://verifier.example", "vct_base": "https://issuer.example/types"}
    with pytest.raises(Misconfigured, match="card_environment"):
        VerifierSettings(environment="production", card_environment="test", **addresses)
    assert not VerifierSettings(environment="production", **addresses).believes_test_cards
    assert not VerifierSettings(environment="sandbox", **addresses).believes_test_cards
    assert VerifierSettings(environment="sandbox", card_environment="test", **addresses).believes_test_cards


@pytest.mark.parametrize(
    ("chip", "reason"),
    [
        (replace(CHIP, chip_genuineness=failed("possession_signature", "bad_signature")), "chip_not_genuine"),
        (replace(CHIP, revocation=replace(CHIP.revocation, answer=RevocationAnswer.REVOKED)), "revoked"),
        (replace(CHIP, revocation=replace(CHIP.revocation, answer=RevocationAnswer.UNKNOWN)), "revocation_unknown"),
    ],
    ids=["clone", "revoked", "unknown"],
)
def test_a_clone_a_revoked_card_and_one_of_which_nobody_knows(small_world: World, chip: Any, reason: str) -> None:
    verdict = verdict_of(small_world, age_card(small_world, chip))
    assert (verdict["accepted"], verdict["reason"]) == (False, reason)


def test_the_roll_proves_no_chip(small_world: World) -> None:
    """The same type, by the same trusted issuer, without a record."""
    claims = {"age_equal_or_over": {"20": True}}
    verdict = verdict_of(small_world, small_world.issue(type_name="age", claims=claims))
    assert (verdict["accepted"], verdict["reason"]) == (False, "evidence_missing")


def test_what_is_kept_is_the_answer_and_not_the_record(small_world: World) -> None:
    opened = small_world.ask("over_20_chip")
    request = small_world.read_request(opened["link"])
    small_world.post(request, small_world.present(request, age_card(small_world, CHIP), query_id="age_sd_jwt"))
    result = small_world.result(opened["id"])
    assert result["verdict"]["accepted"]
    assert result["disclosed"][0]["claims"] == [{"path": ["age_equal_or_over", "20"], "value": True}]
    assert "jpki" not in str(result)


def test_shown_in_person_a_test_card_is_believed_where_it_is_online(sandbox: World) -> None:
    text = FORMATS["dc+sd-jwt"].present(
        age_card(sandbox),
        paths=[("age_equal_or_over", "20")],
        holder=signer_of(sandbox.holder, "dc+sd-jwt"),
        audience=AUDIENCE,
        nonce="bm9uY2Ugb2YgdGhlIGhvbGRlcg",
        now=sandbox.clock.now(),
    )
    answer = sandbox.client.post(
        "/cafe/api/shown", json={"question": "over_20_chip", "text": text}, headers=sandbox.bearer
    )
    assert answer.status_code == 201, answer.text
    assert checks_of(answer.json()["verdict"])["chip_verified"] == ("passed", "verified_test_card")


def test_an_answer_that_is_judged_late_is_judged_by_the_same_rule(sandbox: World) -> None:
    opened = sandbox.ask("over_20_chip", response_mode="direct_post")
    request = sandbox.read_request(opened["link"])
    text = FORMATS["dc+sd-jwt"].present(
        age_card(sandbox),
        paths=[("age_equal_or_over", "20")],
        holder=signer_of(sandbox.holder, "dc+sd-jwt"),
        audience=str(request.client_id),
        nonce=request.nonce,
        now=sandbox.clock.now(),
    )
    deps, session = sandbox.deps, opened["id"]
    sealed = deps.box.close([["age_sd_jwt", "dc+sd-jwt", text]], tenant="cafe", purpose="response", what=session)
    assert mark_answered("cafe", session, sealed_response=sealed, code_hash=None, now=sandbox.clock.now())
    sandbox.clock.advance(600)
    reports = deps.jobs.run()
    assert [one.resumed for one in reports] == [1]
    assert checks_of(sandbox.result(session)["verdict"])["chip_verified"] == ("passed", "verified_test_card")
