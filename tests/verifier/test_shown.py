"""What is shown in person: judged like an answer, within its minute, once; and what is none of that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from fastapi.testclient import TestClient

from common.adapters.database import across_tenants, open_database
from common.adapters.migrations import is_up_to_date, migrate
from common.encoding import b64url_decode, b64url_encode, compact_json
from common.formats.in_person import AUDIENCE
from common.formats.registry import FORMATS
from common.formats.shown_code import pack
from common.formats.shown_frames import split_frames
from common.keys.software import SoftwareKey
from common.x509.sandbox_ca import Use, issue_leaf
from tests.verifier.world import ISSUER, Holder, World, add_party, checks_of
from tests.verifier.world import signer as signer_of
from verifier.store.migrations import MIGRATIONS
from verifier.store.shown import ShownRow
from verifier.store.verdicts import VerdictRow

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def show(world: World, credential: str = "", **changes: Any) -> str:
    """The presentation that a wallet would show now. ago: seconds since it was made."""
    credential = credential or world.issue()
    name = "dc+sd-jwt" if "~" in credential else "jwt_vc_json"
    how: dict[str, Any] = {
        "paths": [("eduperson_primary_affiliation",), ("issuing_authority",), ("age_equal_or_over", "18")],
        "holder": signer_of(changes.pop("holder", world.holder), name),
        "audience": AUDIENCE,
        "nonce": "bm9uY2Ugb2YgdGhlIGhvbGRlcg",
        "now": world.clock.now() - changes.pop("ago", 0),
        **changes,
    }
    return FORMATS[name].present(credential, **how)


def post(world: World, text: str, question: str = "student", tenant: str = "cafe", token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token or world.token}"}
    return world.client.post(f"/{tenant}/api/shown", json={"question": question, "text": text}, headers=headers)


def verdict_on(world: World, text: str, question: str = "student") -> dict[str, Any]:
    answer = post(world, text, question)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["verdict"]
    return found


@pytest.mark.parametrize("format_name", ["dc+sd-jwt", "jwt_vc_json"])
@pytest.mark.parametrize("wrap", [str, pack], ids=["text", "code"])
def test_who_shows_a_certificate_is_believed(world: World, format_name: str, wrap: Callable[[str], str]) -> None:
    answer = post(world, wrap(show(world, world.issue(format_name))))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["state"] == "judged"
    assert body["verdict"]["accepted"]
    assert {answer for answer, _ in checks_of(body["verdict"]).values()} == {"passed"}
    assert {claim["value"] for one in body["disclosed"] for claim in one["claims"]} == {"student", "桜川大学"}
    assert world.result(body["id"])["verdict"] == body["verdict"]


def test_any_certificate_that_answers_the_question_will_do(small_world: World) -> None:
    world = small_world
    graduation = show(world, world.issue(type_name="graduation"))
    assert verdict_on(world, graduation, "over_18")["accepted"]
    refused = verdict_on(world, show(world, world.issue(type_name="graduation")))
    assert checks_of(refused)["type_asked"] == ("failed", "wrong_type")
    missing = verdict_on(world, show(world, paths=[("issuing_authority",)]))
    assert checks_of(missing)["claims_asked"] == ("failed", "claim_missing")


@pytest.mark.parametrize(
    ("ago", "reason"),
    [
        (0, "shown_now"),
        (60, "shown_now"),
        (61, "stale"),
        (86_400, "stale"),
        (-10, "shown_now"),
        (-11, "stale"),
        (-99, "stale"),
    ],
)
@pytest.mark.parametrize("format_name", ["dc+sd-jwt", "jwt_vc_json"])
def test_it_lives_for_a_minute(small_world: World, ago: int, reason: str, format_name: str) -> None:
    verdict = verdict_on(small_world, show(small_world, small_world.issue(format_name), ago=ago))
    assert checks_of(verdict)["not_replayed"][1] == reason
    assert verdict["accepted"] is (reason == "shown_now")


def test_a_second_showing_is_a_replay_here_and_none_elsewhere(world: World) -> None:
    text = show(world)
    assert verdict_on(world, text)["accepted"]
    again = verdict_on(world, pack(text), "over_18")
    assert (again["answer"], again["reason"]) == ("failed", "replayed")
    assert checks_of(again)["not_replayed"] == ("failed", "replayed")
    assert verdict_on(world, show(world, nonce="another one"))["accepted"]
    add_party(world.deps, "bar")
    token = world.deps.login.new_token("bar", "operator", "operator")
    assert post(world, text, tenant="bar", token=token).json()["verdict"]["accepted"]


def test_a_signature_turned_round_is_the_same_showing(small_world: World) -> None:
    """(r, s) and (r, −s) are both signatures of the same bytes: anybody can make one of the other."""
    text = show(small_world)
    signed, _, signature = text.rpartition(".")
    raw = b64url_decode(signature)
    s = P256_ORDER - int.from_bytes(raw[32:], "big")
    assert decode_dss_signature(encode_dss_signature(1, s)) == (1, s)
    turned = f"{signed}.{b64url_encode(raw[:32] + s.to_bytes(32, 'big'))}"
    assert verdict_on(small_world, text)["accepted"]
    assert verdict_on(small_world, turned)["reason"] == "replayed"


def test_a_no_uses_nothing_up(small_world: World) -> None:
    world = small_world
    text = show(world, paths=[("issuing_authority",), ("age_equal_or_over", "18")])
    assert not verdict_on(world, text)["accepted"]
    assert verdict_on(world, text, "over_18")["accepted"]


def test_an_answer_to_somebody_else_is_not_shown_in_person(small_world: World) -> None:
    text = show(small_world, audience="decentralized_identifier:did:web:verifier.example:cafe")
    assert checks_of(verdict_on(small_world, text))["not_replayed"] == ("failed", "wrong_audience")


def test_what_was_tampered_with(small_world: World) -> None:
    world = small_world
    text = show(world, paths=[("issuing_authority",), ("eduperson_primary_affiliation",)])
    head, _, binding = text.rpartition("~")
    parts = head.split("~")
    fewer = "~".join([*parts[:-1], binding])
    assert checks_of(verdict_on(world, fewer))["holder_bound"] == ("failed", "wrong_holder")
    forged = "~".join([parts[0], b64url_encode(compact_json(["salt", "family_name", "Nobody"])), *parts[1:], binding])
    assert checks_of(verdict_on(world, forged))["format_valid"] == ("failed", "disclosure_invalid")
    assert not verdict_on(world, text[:-6] + ("AAAAAA" if text[-6:] != "AAAAAA" else "BBBBBA"))["accepted"]
    thief = Holder(key=SoftwareKey.generate())
    assert checks_of(verdict_on(world, show(world, holder=thief)))["holder_bound"] == ("failed", "wrong_holder")


def test_what_is_revoked_stays_revoked(small_world: World) -> None:
    small_world.publish_status(1)
    text = show(small_world)
    for _ in range(2):
        assert checks_of(verdict_on(small_world, text))["not_revoked"] == ("failed", "revoked")


def test_a_stranger_sends_us_nowhere(small_world: World) -> None:
    before = len(small_world.fetch.requests)
    text = show(small_world, small_world.issue(issuer="https://stranger.example/x"))
    assert checks_of(verdict_on(small_world, text))["issuer_trusted"][0] == "failed"
    assert len(small_world.fetch.requests) == before


@pytest.mark.parametrize(
    "text", ["こんにちは", "TEGATA1:", "TEGATA1:%%%", "a.b.c", "~", "openid4vp://?x=y", "x" * 12_000]
)
def test_what_no_wallet_shows_is_refused(small_world: World, text: str) -> None:
    answer = post(small_world, text)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    with across_tenants("test"):
        assert VerdictRow.select().count() == 0


def test_a_credential_as_it_was_issued_is_shown_by_nobody(small_world: World) -> None:
    assert post(small_world, small_world.issue()).status_code == 400


def test_some_codes_of_several_are_not_enough(small_world: World) -> None:
    """The page says what is missing, and takes the lines of all of them."""
    world = small_world
    x5c = issue_leaf(
        world.ca,
        world.issuer_key.private_key().public_key(),
        name="S",
        use=Use.ISSUER,
        now=world.clock.now(),
        uris=[ISSUER],
    ).x5c
    frames = split_frames(pack(show(world, world.issue(x5c=x5c), paths=None)))
    assert len(frames) > 1
    assert (post(world, frames[0]).status_code, post(world, frames[0]).json()["code"]) == (400, "incomplete_code")
    browser = TestClient(world.client.app, base_url="https://verifier.example")
    browser.get("/cafe/login")
    csrf = {"csrf_token": browser.cookies["__Host-csrf-verifier"]}
    assert browser.post("/cafe/login", data={"token": world.token, **csrf}, follow_redirects=False).status_code == 303
    form = {"question": "student", **csrf}
    page = browser.post("/cafe/ask/shown", data={**form, "text": "\n".join(frames[1:])})
    assert page.status_code == 400
    assert "まだ読み取っていないコード" in page.text
    whole = browser.post(
        "/cafe/ask/shown", data={**form, "text": "\r\n".join(reversed(frames))}, follow_redirects=False
    )
    assert whole.status_code == 303
    assert world.result(whole.headers["location"].rpartition("/")[2])["verdict"]["accepted"]


def test_who_may_look(small_world: World) -> None:
    add_party(small_world.deps, "bar", questions=("student",))
    token = small_world.deps.login.new_token("bar", "operator", "operator")
    text = show(small_world)
    assert post(small_world, text, token=token).status_code == 401
    assert post(small_world, text, "over_18", tenant="bar", token=token).status_code == 403
    assert post(small_world, text, "no-such-question").status_code == 400


def test_it_is_forgotten_when_it_is_too_old_anyway(world: World) -> None:
    assert verdict_on(world, show(world))["accepted"]
    world.clock.advance(120)
    world.deps.jobs.run()
    with across_tenants("test"):
        assert ShownRow.select().count() == 1
    world.clock.advance(3600)
    world.deps.jobs.run()
    with across_tenants("test"):
        assert ShownRow.select().count() == 0


def test_a_database_of_the_first_version_learns_it(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url)
    assert migrate(database, MIGRATIONS[:1], now=1) == ("the verifier's first tables",)
    assert migrate(database, MIGRATIONS, now=2)[0] == "what was shown in person"
    assert is_up_to_date(database, MIGRATIONS)
    with across_tenants("test"):
        assert {column.name for column in database.get_columns("shown")} == {"tenant", "digest", "forget_at"}
    database.close_all()


RACERS = 3


def test_of_racing_processes_one_says_yes(world: World, tmp_path: Path) -> None:
    """The status list and the key are facts that each racer has; the insert alone decides."""
    start, text = tmp_path / "start", tmp_path / "text"
    text.write_text(show(world))
    settings = world.deps.settings
    command = [sys.executable, "-m", "tests.verifier.racing_shown", settings.database_address, str(settings.data_dir)]
    pages = tmp_path / "pages.json"
    pages.write_bytes(
        compact_json({address: page.decode() for address, page in world.fetch.pages.items() if isinstance(page, bytes)})
    )
    racers = [
        subprocess.Popen(
            [*command, str(pages), str(text), str(start)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(RACERS)
    ]
    for racer in racers:
        assert racer.stdout is not None
        for line in racer.stdout:
            if line == "ready\n":
                break
    start.touch()
    reasons = sorted(racer.communicate(timeout=120)[0].strip().splitlines()[-1] for racer in racers)
    assert reasons == ["accepted", *["replayed"] * (RACERS - 1)]
    assert VerdictRow.select().where(VerdictRow.tenant == "cafe").count() == RACERS


@pytest.mark.parametrize(
    ("fail_at", "again"), [("accept_shown.before_commit", "accepted"), ("accept_shown.after_commit", "replayed")]
)
def test_a_process_killed_at_its_commit(world: World, tmp_path: Path, fail_at: str, again: str) -> None:
    start, text, pages = tmp_path / "start", tmp_path / "text", tmp_path / "pages.json"
    text.write_text(show(world))
    start.touch()
    pages.write_bytes(
        compact_json({address: page.decode() for address, page in world.fetch.pages.items() if isinstance(page, bytes)})
    )
    settings = world.deps.settings
    command = [sys.executable, "-m", "tests.verifier.racing_shown", settings.database_address, str(settings.data_dir)]
    killed = subprocess.run(
        [*command, str(pages), str(text), str(start), fail_at], cwd=Path(__file__).parents[2], timeout=120, check=False
    )
    assert killed.returncode == -9
    assert verdict_on(world, text.read_text())["reason"] == again
