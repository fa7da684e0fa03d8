"""The language of a page: address, cookie, header, Japanese."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from common.pages.language import accepted_language, choose_language


def request(*, query: str = "", cookie: str = "", accept: str = "") -> Request:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accept.encode())]
    return Request({"type": "http", "query_string": query.encode(), "headers": headers, "path": "/", "method": "GET"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("fr;q=1, ja;q=0.5, en;q=0.4", "ja"),
        ("en;q=0.3, ja", "ja"),
        ("en;q=0, ja;q=0.1", "ja"),
        ("en;q=x", None),
        ("*", None),
        ("", None),
        ("," * 5000, None),
        ("en;level=1", None),
    ],
)
def test_accept_language(header: str, expected: str | None) -> None:
    assert accepted_language(header) == expected


def test_the_address_wins_over_the_cookie_and_the_cookie_over_the_header() -> None:
    assert choose_language(request(query="lang=en", cookie="tegata_lang=ja", accept="ja")) == "en"
    assert choose_language(request(cookie="tegata_lang=en", accept="ja")) == "en"
    assert choose_language(request(query="lang=xx", accept="en")) == "en"
    assert choose_language(request()) == "ja"
