"""A question over HTTP, answered by a wallet made of the common functions: what is believed, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import compact_json
from common.keys.software import SoftwareKey
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from common.x509.sandbox_ca import Use, issue_leaf
from tests.verifier.world import (
    CLAIMS,
    DAY,
    ISSUER,
    STATUS_URI,
    Holder,
    World,
    add_party,
    certified,
    checks_of,
)


def test_a_student_is_believed(world: World) -> None:
    opened = world.ask()
    assert world.result(opened["id"])["state"] == "open"
    request = world.read_request(opened["link"])
    assert world.result(opened["id"])["state"] == "served"
    answer = world.post(request, world.present(request, world.issue()))
    assert (answer.status_code, answer.json()) == (200, {})
    result = world.result(opened["id"])
    assert result["state"] == "judged"
    assert result["verdict"]["accepted"]
    assert {value for value, _ in checks_of(result["verdict"]).values()} == {"passed"}
    assert result["verdict"]["presentations"][0]["issuer_believed_by"]["path"] == "jwt_vc_issuer_metadata"
    shown = {tuple(one["path"]): one["value"] for one in result["disclosed"][0]["claims"]}
    assert shown == {("eduperson_primary_affiliation",): "student", ("issuing_authority",): "桜川大学"}


def test_the_same_certificate_as_w3c_credential_is_believed_by_its_did(small_world: World) -> None:
    credential = small_world.issue("jwt_vc_json")
    verdict = small_world.verdict_of(credential, query_id="enrolment_jwt")
    assert verdict["accepted"], verdict
    assert verdict["presentations"][0]["issuer_believed_by"]["path"] == "did"


def test_an_issuer_with_a_certificate_is_believed_by_its_chain(small_world: World) -> None:
    world = small_world
    leaf = issue_leaf(
        world.ca,
        world.issuer_key.private_key().public_key(),
        name="Sakuragawa University",
        use=Use.ISSUER,
        now=world.clock.now(),
        uris=[ISSUER],
    )
    world.publish_status(0)
    verdict = world.verdict_of(world.issue(x5c=leaf.x5c))
    assert verdict["presentations"][0]["issuer_believed_by"]["path"] == "x5c"
    assert checks_of(verdict)["issuer_trusted"] == ("passed", "trusted")
    assert checks_of(verdict)["issuer_signature"] == ("passed", "signed")


def test_over_18_is_told_without_a_birth_date(small_world: World) -> None:
    opened = small_world.ask("over_18")
    request = small_world.read_request(opened["link"])
    small_world.post(request, small_world.present(request, small_world.issue()))
    result = small_world.result(opened["id"])
    assert result["verdict"]["accepted"]
    assert result["disclosed"][0]["claims"] == [{"path": ["age_equal_or_over", "18"], "value": True}]


def test_under_18_is_no(small_world: World) -> None:
    young = {**CLAIMS, "age_equal_or_over": {"18": False}}
    verdict = small_world.verdict_of(small_world.issue(claims=young), "over_18")
    assert not verdict["accepted"]
    assert checks_of(verdict)["age_at_least"] == ("failed", "not_old_enough")


def test_a_graduate(small_world: World) -> None:
    claims = {**CLAIMS, "eduperson_primary_affiliation": "alum", "awarded_date": "2026-03-24"}
    credential = small_world.issue(type_name="graduation", claims=claims)
    assert small_world.verdict_of(credential, "graduate", query_id="graduation_sd_jwt")["accepted"]


def test_nothing_is_kept_of_a_refused_answer(small_world: World) -> None:
    small_world.publish_status(1)
    opened = small_world.ask()
    request = small_world.read_request(opened["link"])
    small_world.post(request, small_world.present(request, small_world.issue()))
    assert small_world.result(opened["id"])["disclosed"] is None


@pytest.mark.parametrize(
    ("value", "answer", "reason"), [(1, "failed", "revoked"), (2, "failed", "suspended"), (3, "undetermined", None)]
)
def test_status(small_world: World, value: int, answer: str, reason: str | None) -> None:
    small_world.publish_status(value)
    verdict = small_world.verdict_of(small_world.issue())
    assert not verdict["accepted"]
    found = checks_of(verdict)["not_revoked"]
    assert found[0] == answer
    assert reason is None or found[1] == reason


def test_revocation_shows_at_the_next_question(small_world: World) -> None:
    credential = small_world.issue()
    assert small_world.verdict_of(credential)["accepted"]
    small_world.publish_status(1)
    verdict = small_world.verdict_of(credential)
    assert verdict["reason"] == "revoked"
    assert checks_of(verdict)["issuer_signature"] == ("passed", "signed")


def test_a_status_list_that_cannot_be_reached_or_is_old_means_no(small_world: World) -> None:
    credential = small_world.issue()
    small_world.publish_status(0, issued_at=small_world.clock.now() - 2 * DAY)
    assert small_world.verdict_of(credential)["reason"] == "status_stale"
    small_world.clock.advance(2)
    small_world.unpublish(STATUS_URI)
    verdict = small_world.verdict_of(credential)
    assert (verdict["answer"], verdict["accepted"]) == ("undetermined", False)
    assert checks_of(verdict)["not_revoked"] == ("undetermined", "status_unreachable")


def test_a_status_list_signed_by_somebody_else_is_no_knowledge(small_world: World) -> None:
    small_world.publish_status(0, key=SoftwareKey.generate(kid=small_world.issuer_key.kid))
    assert checks_of(small_world.verdict_of(small_world.issue()))["not_revoked"][0] == "undetermined"


def test_policy_may_forgive_an_unreachable_status(small_world: World) -> None:
    small_world.unpublish(STATUS_URI)
    add_party(small_world.deps, "kiosk", forgive=("not_revoked",))
    small_world.tenant, small_world.token = "kiosk", small_world.deps.login.new_token("kiosk", "operator")
    verdict = small_world.verdict_of(small_world.issue())
    assert verdict["accepted"]
    assert checks_of(verdict)["not_revoked"] == ("undetermined", "status_unreachable")


@pytest.mark.parametrize(
    ("changes", "check", "found"),
    [
        ({"issuer": "https://stranger.example"}, "issuer_trusted", ("failed", "untrusted_issuer")),
        ({"vct": "https://issuer.example/types/library"}, "issuer_trusted", ("failed", "untrusted_issuer")),
        ({"type_name": "graduation"}, "type_asked", ("failed", "wrong_type")),
        ({"valid_until": 1_790_000_000 - 600}, "within_validity", ("failed", "expired")),
        ({"valid_from": 1_790_000_000 + 600}, "within_validity", ("failed", "not_yet_valid")),
        (
            {"claims": {**CLAIMS, "eduperson_primary_affiliation": "alum"}},
            "claims_asked",
            ("failed", "claim_differs"),
        ),
    ],
)
def test_a_credential_that_will_not_do(
    small_world: World, changes: dict[str, Any], check: str, found: tuple[str, str]
) -> None:
    verdict = small_world.verdict_of(small_world.issue(**changes))
    assert not verdict["accepted"]
    assert checks_of(verdict)[check] == found


def test_a_stranger_sends_nobody_anywhere(small_world: World) -> None:
    credential = small_world.issue(issuer="https://stranger.example")
    small_world.verdict_of(credential)
    assert not [url for _, url in small_world.fetch.requests if "stranger" in url]
    assert STATUS_URI not in [url for _, url in small_world.fetch.requests]


def test_a_forged_signature(small_world: World) -> None:
    forger = SoftwareKey.generate(kid=small_world.issuer_key.kid)
    verdict = small_world.verdict_of(small_world.issue(key=forger))
    assert checks_of(verdict)["issuer_signature"] == ("failed", "bad_signature")
    assert verdict["answer"] == "failed"


def test_an_issuer_whose_keys_cannot_be_had(small_world: World) -> None:
    small_world.unpublish(metadata_address(ISSUER))
    verdict = small_world.verdict_of(small_world.issue())
    assert (verdict["answer"], verdict["reason"]) == ("undetermined", "issuer_unreachable")


def test_an_issuer_that_publishes_other_keys(small_world: World) -> None:
    other = build_issuer_metadata(ISSUER, [SoftwareKey.generate().public_jwk()])
    small_world.fetch.pages[metadata_address(ISSUER)] = compact_json(other)
    verdict = small_world.verdict_of(small_world.issue())
    assert checks_of(verdict)["issuer_signature"] == ("failed", "no_key")


@pytest.mark.parametrize(
    ("how", "check", "found"),
    [
        ({"holder": Holder()}, "holder_bound", ("failed", "wrong_holder")),
        (
            {"audience": "decentralized_identifier:did:web:elsewhere.example"},
            "not_replayed",
            ("failed", "wrong_audience"),
        ),
        ({"nonce": "a-nonce-of-another-question"}, "not_replayed", ("failed", "wrong_nonce")),
    ],
)
def test_a_presentation_by_or_for_somebody_else(
    small_world: World, how: dict[str, Any], check: str, found: tuple[str, str]
) -> None:
    verdict = small_world.verdict_of(small_world.issue(), **how)
    assert not verdict["accepted"]
    assert checks_of(verdict)[check] == found


@pytest.mark.parametrize("format_name", ["dc+sd-jwt", "jwt_vc_json"])
def test_both_formats_bind_nonce_and_audience(small_world: World, format_name: str) -> None:
    query_id = {"dc+sd-jwt": "enrolment_sd_jwt", "jwt_vc_json": "enrolment_jwt"}[format_name]
    credential = small_world.issue(format_name)
    for how in ({"nonce": "another-nonce"}, {"audience": "x509_hash:abc"}):
        verdict = small_world.verdict_of(credential, query_id=query_id, **how)
        assert verdict["answer"] == "failed", how


@pytest.mark.parametrize("prefix", ["x509_san_dns", "x509_hash", "redirect_uri"])
@pytest.mark.parametrize("response_mode", ["direct_post.jwt", "direct_post"])
def test_every_client_identifier_prefix(small_world: World, prefix: str, response_mode: str) -> None:
    world = small_world
    identity = {} if prefix == "redirect_uri" else certified(world.ca, "verifier.example", world.clock.now())
    add_party(world.deps, "shop", prefix=prefix, **identity)
    world.tenant, world.token = "shop", world.deps.login.new_token("shop", "operator")
    opened = world.ask(response_mode=response_mode)
    request = world.read_request(opened["link"])
    assert str(request.client_id).startswith(prefix + ":")
    assert world.post(request, world.present(request, world.issue())).status_code == 200
    assert world.result(opened["id"])["verdict"]["accepted"]
