"""Every error leaves as a problem document that says enough and nothing more."""

from __future__ import annotations

import pytest

from tests.common.web.conftest import Toy, problem_in

EXPECTED = {
    "malformed": 400,
    "rejected": 400,
    "refused": 403,
    "not_found": 404,
    "conflict": 409,
    "too_many": 429,
    "unsupported": 400,
    "unavailable": 503,
}


@pytest.mark.parametrize(("name", "status"), EXPECTED.items())
def test_each_error_has_its_status(toy: Toy, name: str, status: int) -> None:
    answer = toy.client.get(f"/errors/{name}")
    assert answer.status_code == status
    problem_in(answer)
    assert answer.headers["cache-control"] == "no-store"


def test_what_helps_the_asker_is_told(toy: Toy) -> None:
    assert problem_in(toy.client.get("/errors/rejected"))["reason"] == "expired"
    assert problem_in(toy.client.get("/errors/unsupported"))["known"] == ["a", "b"]
    assert toy.client.get("/errors/unavailable").headers["retry-after"] == "3"
    assert toy.client.get("/errors/too_many").headers["retry-after"] == "7"


def test_a_surprise_is_bland_and_the_log_explains_its_number(toy: Toy, caplog: pytest.LogCaptureFixture) -> None:
    answer = toy.client.get("/errors/surprise")
    assert answer.status_code == 500
    body = problem_in(answer)
    assert "secret" not in answer.text
    assert "hanako" not in answer.text
    assert "Traceback" not in answer.text
    assert len(body["incident"]) == 16
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere/at/all/really", 404), ("DELETE", "/sum", 405), ("HEAD", "/sum", 405), ("OPTIONS", "/sum", 405)],
)
def test_unknown_paths_and_methods_are_problems_too(toy: Toy, method: str, path: str, status: int) -> None:
    answer = toy.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b'{"a": 1}',
        b'{"a": "hanako-secret", "b": 1}',
        b"\xff\xfe",
        b"[" * 1500,
        b'{"a": NaN, "b": 1}',
        b'{"a": "\\ud800", "b": 1}',
        b'{"\\ud800": 1}',
    ],
)
def test_bodies_that_do_not_fit_are_told_where_and_never_repeated(toy: Toy, body: bytes) -> None:
    answer = toy.client.post("/sum", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    problem_in(answer)
    assert "hanako-secret" not in answer.text


def test_the_openapi_speaks_of_problems_and_of_no_422(toy: Toy) -> None:
    document = toy.client.get("/openapi.json").json()
    assert "Problem" in document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            assert "422" not in operation["responses"]
            assert "application/problem+json" in operation["responses"]["default"]["content"]
