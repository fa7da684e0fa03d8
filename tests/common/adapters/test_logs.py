"""Logs: one JSON object a line, secrets blanked whatever a call site does."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
import structlog

from common.adapters.logs import redact, set_up_logs
from common.adapters.wire_log import shorten_body, shorten_url


def test_lines_are_json_and_say_which_program(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "issuer")
    structlog.get_logger().info("offer_made", tenant="a", access_token="secret")
    structlog.get_logger().debug("too light")
    logging.getLogger("uvicorn.error").warning("from the library")
    logging.getLogger("uvicorn.access").warning("GET /a/claim/secret")
    try:
        raise RuntimeError("cause")
    except RuntimeError as error:
        structlog.get_logger().error("incident", exc_info=error)
    text = capsys.readouterr().err
    first, second, third = (json.loads(line) for line in text.splitlines())
    assert (first["event"], first["tenant"], first["program"], first["level"]) == ("offer_made", "a", "issuer", "info")
    assert second["event"] == "from the library"
    assert "RuntimeError: cause" in third["exception"]
    assert "secret" not in text


@pytest.fixture
def full_disk() -> Iterator[TextIO]:
    with contextlib.suppress(OSError), Path("/dev/full").open("w", buffering=1) as stream:
        yield stream  # what it could not write, it tries to write again as it is closed


def test_a_line_that_finds_no_room_fails_nobody(full_disk: TextIO) -> None:
    with contextlib.redirect_stderr(full_disk):
        set_up_logs("info", "issuer")
    structlog.get_logger().error("incident")
    with pytest.raises(OSError, match="No space"):
        full_disk.write("x\n")


def test_nor_does_one_to_a_stream_that_is_closed() -> None:
    with contextlib.redirect_stderr(io.StringIO()) as stream:
        set_up_logs("info", "issuer")
    stream.close()
    structlog.get_logger().error("incident")


@pytest.mark.parametrize(
    "key",
    ["token", "pin", "passphrase", "authorization", "cookie", "email", "vp_token", "password", "tx_code", "c_nonce"],
)
def test_keys_of_secrets_are_blanked(key: str) -> None:
    assert redact(None, "info", {key: "secret", "status": 1}) == {key: "…", "status": 1}


def test_the_stable_code_of_an_error_is_no_secret() -> None:
    assert redact(None, "info", {"code": "database_unavailable"}) == {"code": "database_unavailable"}


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"access_token": "SECRETSECRET", "proofs": {"jwt": ["SECRETSECRET"]}}'),
        ("application/json", b'{"tx_code": "SECRET"}'),
        ("application/json", b'{"x": "' + b"SECRETSECRET" * 20 + b'"}'),
        ("application/json", b'{"broken": "SECRETSECRET'),
        ("application/x-www-form-urlencoded", b"pre-authorized_code=SECRETSECRET&tx_code=SECRETSECRET"),
        ("application/oauth-authz-req+jwt", b"eyJhbGciOiJFUzI1NiJ9.SECRETSECRET.SECRETSECRET"),
        ("text/html", b"<p>SECRETSECRET</p>"),
        ("application/octet-stream", b"SECRETSECRET"),
    ],
)
def test_the_wire_log_shows_no_whole_secret(media_type: str, body: bytes) -> None:
    assert "SECRETS" not in shorten_body(media_type, body)


def test_nor_does_an_address() -> None:
    url = "https://x.example/a/claim/abcdefghijklmnopqrstuvwxyz?response_code=SECRETSECRET&n=1#SECRETSECRET"
    assert shorten_url(url) == "https://x.example/a/claim/abcdef…?response_code=SECRET…&n=1"
