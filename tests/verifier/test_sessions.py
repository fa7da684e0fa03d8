"""The life of a session over HTTP: one answer, in time, from the wallet that was asked; and results for those who may see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from common.encoding import b64url_decode
from tests.verifier.world import World, add_party, make_world


def test_a_second_response_is_refused(world: World) -> None:
    opened = world.ask()
    request = world.read_request(opened["link"])
    body = world.present(request, world.issue())
    assert world.post(request, body).status_code == 200
    first = world.result(opened["id"])
    again = world.post(request, body)
    assert again.status_code == 409
    assert again.json()["code"] == "session_over"
    assert world.result(opened["id"]) == first


def test_an_answer_to_one_question_does_not_answer_another(small_world: World) -> None:
    first, second = (small_world.read_request(small_world.ask()["link"]) for _ in range(2))
    body = small_world.present(first, small_world.issue())
    assert small_world.post(second, body).status_code == 400  # encrypted for the first session's key


def test_a_response_before_the_request_was_fetched_is_refused(small_world: World) -> None:
    opened = small_world.ask()
    answer = small_world.client.post(
        f"/cafe/response/{opened['id']}",
        content=b"state=x&error=access_denied",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 409


def test_the_request_may_be_fetched_again_until_it_is_answered(small_world: World) -> None:
    opened = small_world.ask()
    first, second = small_world.read_request(opened["link"]), small_world.read_request(opened["link"])
    assert first.nonce == second.nonce
    small_world.post(first, small_world.present(first, small_world.issue()))
    gone = small_world.client.get(f"/cafe/request/{opened['id']}")
    assert gone.status_code == 409


def test_every_session_has_its_own_nonce_state_and_key(small_world: World) -> None:
    first, second = (small_world.read_request(small_world.ask()["link"]) for _ in range(2))
    assert first.nonce != second.nonce
    assert first.state != second.state
    assert first.client_metadata.encryption_keys[0]["x"] != second.client_metadata.encryption_keys[0]["x"]


def test_wallet_nonce_comes_back_signed(small_world: World) -> None:
    opened = small_world.ask(request_method="post")
    assert parse_qs(urlsplit(opened["link"]).query)["request_uri_method"] == ["post"]
    assert small_world.read_request(opened["link"], wallet_nonce="from-the-wallet").wallet_nonce == "from-the-wallet"


def test_the_request_says_who_asks_and_why(small_world: World) -> None:
    request = small_world.read_request(small_world.ask()["link"])
    (info,) = request.verifier_info
    assert isinstance(info.data, dict)
    assert info.data["names"] == {"ja": "喫茶てがた", "en": "Café Tegata"}
    assert set(info.data["purposes"]) == {"ja", "en"}


def test_a_session_expires(small_world: World) -> None:
    opened = small_world.ask()
    request = small_world.read_request(opened["link"])
    body = small_world.present(request, small_world.issue())
    small_world.clock.advance(300)
    assert small_world.result(opened["id"])["state"] == "expired"
    assert small_world.post(request, body).status_code == 409
    assert small_world.client.get(f"/cafe/request/{opened['id']}").status_code == 409


@pytest.mark.parametrize("response_mode", ["direct_post.jwt", "direct_post"])
def test_the_holder_may_say_no(small_world: World, response_mode: str) -> None:
    opened = small_world.ask(response_mode=response_mode)
    request = small_world.read_request(opened["link"])
    assert small_world.post(request, small_world.decline(request)).status_code == 200
    result = small_world.result(opened["id"])
    assert (result["state"], result["verdict"]) == ("refused", None)
    assert small_world.post(request, small_world.decline(request)).status_code == 409


def test_same_device_returns_with_a_code_and_only_the_code_opens_the_result(small_world: World) -> None:
    opened = small_world.ask(same_device=True)
    request = small_world.read_request(opened["link"])
    answer = small_world.post(request, small_world.present(request, small_world.issue()))
    redirect = urlsplit(answer.json()["redirect_uri"])
    assert redirect.path == f"/cafe/done/{opened['id']}"
    (code,) = parse_qs(redirect.query)["response_code"]
    result = small_world.client.get(f"/cafe/result/{opened['id']}", params={"response_code": code})
    assert result.json()["verdict"]["accepted"]
    assert result.json()["disclosed"] is None
    other = code[:-1] + ("_" if code[-1] != "_" else "-")
    wrong = small_world.client.get(f"/cafe/result/{opened['id']}", params={"response_code": other})
    assert wrong.status_code == 404


def test_cross_device_has_no_code(small_world: World) -> None:
    opened = small_world.ask()
    request = small_world.read_request(opened["link"])
    assert small_world.post(request, small_world.present(request, small_world.issue())).json() == {}
    assert small_world.client.get(f"/cafe/result/{opened['id']}?response_code=x").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"response=not-a-jwe",
        b"vp_token={}&state=x",
        b"response=a.b.c.d.e",
        b"error=access_denied&state=wrong",
        b"error=access_denied",
        b"response=" + b"A" * 100_000,
        b"response=%ff%fe",
        b"state=a&state=b",
    ],
)
def test_nonsense_is_refused_and_does_not_use_the_session_up(small_world: World, body: bytes) -> None:
    opened = small_world.ask()
    request = small_world.read_request(opened["link"])
    answer = small_world.post(request, body)
    assert answer.status_code == 400
    assert "error" in answer.json()
    assert small_world.post(request, small_world.present(request, small_world.issue())).status_code == 200


@pytest.mark.parametrize(
    "vp_token",
    [
        {},
        {"unknown": ["x"]},
        {"enrolment_sd_jwt": "x"},
        {"enrolment_sd_jwt": []},
        {"enrolment_sd_jwt": ["x", "y"]},
        {"enrolment_sd_jwt": [1]},
        [],
        "x",
        1,
    ],
)
def test_a_vp_token_of_another_shape_is_refused(small_world: World, vp_token: Any) -> None:
    opened = small_world.ask(response_mode="direct_post")
    request = small_world.read_request(opened["link"])
    answer = small_world.client.post(
        urlsplit(request.response_uri).path, data={"vp_token": json.dumps(vp_token), "state": request.state}
    )
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("text", ["x", "a.b.c~", "~", "~~~~", "eyJhbGciOiJub25lIn0.e30.~"])
def test_a_presentation_that_cannot_be_read_is_a_no_with_a_reason(small_world: World, text: str) -> None:
    opened = small_world.ask(response_mode="direct_post")
    request = small_world.read_request(opened["link"])
    answer = small_world.client.post(
        urlsplit(request.response_uri).path,
        data={"vp_token": json.dumps({"enrolment_sd_jwt": [text]}), "state": request.state},
    )
    assert answer.status_code == 200
    verdict = small_world.result(opened["id"])["verdict"]
    assert (verdict["answer"], verdict["reason"]) == ("failed", "malformed")


def test_an_encrypted_session_takes_no_presentation_in_the_clear(small_world: World) -> None:
    request = small_world.read_request(small_world.ask()["link"])
    answer = small_world.client.post(
        urlsplit(request.response_uri).path, data={"vp_token": "{}", "state": request.state}
    )
    assert answer.status_code == 400


def test_only_questions_that_were_allowed(small_world: World) -> None:
    add_party(small_world.deps, "bar", questions=("over_18",))
    token = small_world.deps.login.new_token("bar", "operator")
    headers = {"Authorization": f"Bearer {token}"}
    assert [
        one["name"] for one in small_world.client.get("/bar/api/questions", headers=headers).json()["questions"]
    ] == ["over_18"]
    refused = small_world.client.post("/bar/api/sessions", json={"question": "student"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "question_not_allowed")
    unknown = small_world.client.post("/bar/api/sessions", json={"question": "tall"}, headers=headers)
    assert unknown.status_code == 400


def test_a_limit_on_open_sessions(small_world: World) -> None:
    add_party(small_world.deps, "bar", max_open_sessions=1)
    token = small_world.deps.login.new_token("bar", "operator")
    small_world.ask(tenant="bar", token=token)
    headers = {"Authorization": f"Bearer {token}"}
    full = small_world.client.post("/bar/api/sessions", json={"question": "student"}, headers=headers)
    assert full.status_code == 429
    assert int(full.headers["retry-after"]) > 0


def test_nobody_crosses_into_another_relying_party(small_world: World) -> None:
    add_party(small_world.deps, "bar")
    opened = small_world.ask()
    stranger = {"Authorization": f"Bearer {small_world.deps.login.new_token('bar', 'operator')}"}
    get = small_world.client.get
    assert get(f"/cafe/api/sessions/{opened['id']}", headers=stranger).status_code == 401
    assert get(f"/bar/api/sessions/{opened['id']}", headers=stranger).status_code == 404
    assert get(f"/bar/request/{opened['id']}").status_code == 404
    assert get(f"/bar/sessions/{opened['id']}/events", headers=stranger).status_code == 404
    assert get(f"/cafe/sessions/{opened['id']}/events").status_code == 401
    assert get("/cafe/api/sessions").status_code == 401
    assert get("/nobody/did.json").status_code == 404


def test_live_results(small_world: World) -> None:
    opened = small_world.ask()
    request = small_world.read_request(opened["link"])
    small_world.post(request, small_world.present(request, small_world.issue()))
    answer = small_world.client.get(f"/cafe/sessions/{opened['id']}/events", headers=small_world.bearer)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert 'data: {"state":"judged","answer":"passed"}' in answer.text


def test_answers_are_not_stored_by_caches_and_hold_no_private_key(small_world: World) -> None:
    opened = small_world.ask()
    signed = small_world.client.get(f"/cafe/request/{opened['id']}")
    assert signed.headers["cache-control"] == "no-store"
    claims = json.loads(b64url_decode(signed.text.split(".")[1]))
    assert "d" not in claims["client_metadata"]["jwks"]["keys"][0]


def test_the_openapi_names_every_route_and_its_token(small_world: World) -> None:
    document = small_world.client.get("/openapi.json").json()
    assert "/{tenant}/response/{session}" in document["paths"]
    assert document["components"]["securitySchemes"]["OperatorToken"]["scheme"] == "bearer"


@pytest.mark.parametrize("name", ["caf%00e", "%00", "CAFE", "x" * 500, "%E5%96%AB%E8%8C%B6", "cafe%0a"])
def test_a_path_that_names_nobody_never_reaches_the_database(world: World, name: str) -> None:
    for path in (f"/{name}/did.json", f"/{name}/request/x", f"/cafe/request/{name}", f"/{name}/api/sessions"):
        assert world.client.get(path, headers=world.bearer).status_code == 404, path
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert world.client.post(f"/cafe/response/{name}", content=b"error=x", headers=form).status_code == 404
    assert world.client.get(f"/{name}/sessions/x/events", headers=world.bearer).status_code == 404


def test_a_stream_ends_by_itself(tmp_path: Path) -> None:
    world = make_world(f"sqlite:///{tmp_path / 'test.sqlite3'}", tmp_path, watch_seconds=1, watch_interval=0.05)
    opened = world.ask()
    answer = world.client.get(f"/cafe/sessions/{opened['id']}/events", headers=world.bearer)
    assert 'data: {"state":"open","answer":""}' in answer.text
    world.deps.database.close_all()
