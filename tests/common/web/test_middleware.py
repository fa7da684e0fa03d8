"""The layers around an app: headers, ids, limits, metrics, the wire log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from common.web.headers import content_security_policy
from tests.common.web.conftest import READY, Toy, problem_in


def test_every_answer_is_guarded(toy: Toy) -> None:
    for answer in (toy.client.get("/health/live"), toy.client.get("/nowhere/x"), toy.client.get("/errors/surprise")):
        headers = answer.headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert "camera=(self)" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers
        assert "server" not in headers


def test_the_policy_is_loosened_by_name_only() -> None:
    assert "form-action 'self' https://shop.example;" in content_security_policy(form_action="https://shop.example")
    with pytest.raises(ValueError, match="not a part"):
        content_security_policy(form_action="x; script-src *")
    with pytest.raises(ValueError, match="not a part"):
        content_security_policy(nonsense="x")


@pytest.mark.parametrize(
    ("given", "kept"), [("abcdef0123456789", True), ("short", False), ("x" * 65, False), ("a b c d e f g", False)]
)
def test_a_sane_request_id_is_kept_another_replaced(toy: Toy, given: str, kept: bool) -> None:
    answer = toy.client.get("/health/live", headers={"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) is kept


def test_a_body_may_not_be_too_large(toy: Toy) -> None:
    answer = toy.client.post("/raw", content=b"x" * 2001)
    assert answer.status_code == 413
    problem_in(answer)
    assert toy.client.post("/raw", content=b"x" * 2000).json() == 2000


def test_nor_too_large_in_pieces_that_announce_no_length(toy: Toy) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 100

    for path in ("/raw", "/sum"):
        answer = toy.client.post(path, content=pieces(), headers={"content-type": "application/json"})
        assert answer.status_code == 413
        problem_in(answer)


def test_a_length_that_is_no_number_is_refused(toy: Toy) -> None:
    answer = toy.client.post("/raw", content=b"x", headers={"content-length": "-1"})
    assert answer.status_code == 413


def test_a_body_may_not_come_too_slowly(toy: Toy) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        if not hasattr(receive, "asked"):
            receive.asked = True  # type: ignore[attr-defined]  # a counter on the function
            return {"type": "http.request", "body": b"x", "more_body": True}
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/raw",
        "raw_path": b"/raw",
        "query_string": b"",
        "headers": [],
        "client": ("c", 1),
        "server": ("s", 80),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
        "asgi": {"version": "3.0"},
    }
    asyncio.run(asyncio.wait_for(toy.app(scope, receive, send), 10))
    assert sent[0]["status"] == 408


def test_metrics_name_templates_not_paths_and_only_for_known_addresses(toy: Toy) -> None:
    toy.client.get("/errors/conflict")
    toy.client.get("/sakuragawa/api/who")
    text = toy.client.get("/metrics").text
    assert 'tegata_http_requests_total{method="GET",route="/errors/{name}",status="409"}' in text
    assert "sakuragawa" not in text
    assert "tegata_cpu_seconds" in text
    stranger = type(toy.client)(toy.app, client=("203.0.113.5", 1))
    assert stranger.get("/metrics").status_code == 404


def test_a_log_line_has_the_request_id_and_no_path(toy: Toy) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        toy.client.get("/sakuragawa/api/who?email=hanako@example.jp", headers={"x-request-id": "abcdefgh"})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["route"] == "/{tenant}/api/who"
    assert line["request_id"] == "abcdefgh"
    assert line["status"] == 401
    assert "hanako" not in repr(line)
    assert "sakuragawa" not in repr(line)


def test_readiness_follows_its_checks(toy: Toy) -> None:
    assert toy.client.get("/health/ready").json() == {"status": "ready", "checks": {"database": True}}
    READY.add("gone")
    answer = toy.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert toy.client.get("/health/live").status_code == 200


def test_the_wire_log_tells_the_exchange_and_keeps_its_secrets(toy: Toy) -> None:
    secret = "tgt_0123456789abcdefghijklmnop"
    toy.client.post("/sum?code=abcdefghijkl", json={"a": 1, "b": 2})
    toy.client.post("/a/staff/login", data={"token": secret})
    first, second = (json.loads(line) for line in toy.wire.read_text().splitlines())
    assert first["direction"] == "in"
    assert first["program"] == "issuer"
    assert (first["method"], first["status"]) == ("POST", 200)
    assert first["url"] == "http://testserver/sum?code=abcdef…"
    assert first["request"]["type"] == "application/json"
    assert json.loads(first["request"]["preview"]) == {"a": 1, "b": 2}
    assert first["response"]["size"] == 1
    assert second["status"] == 403
    assert secret[:10] not in toy.wire.read_text()
