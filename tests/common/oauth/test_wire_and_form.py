"""Addresses, forms, bearer tokens and metadata of OAuth."""

from __future__ import annotations

import pytest

from common.errors import Malformed, Refused, Rejected
from common.oauth.authorization_server_metadata import (
    AuthorizationServerMetadata,
    authorization_server_metadata_address,
    build_authorization_server_metadata,
    parse_authorization_server_metadata,
)
from common.oauth.bearer import build_bearer, parse_bearer
from common.oauth.form import build_form, parse_form
from common.oauth.well_known import well_known_address
from common.oauth.wire import check_address, parse_address, too_deep


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example",
        "https://a.example:8443/x?y=z",
        "http://localhost:8101/t",
        "http://127.0.0.1/",
        "http://[::1]:1/",
    ],
)
def test_addresses_that_may_be_asked(text: str) -> None:
    assert check_address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "http://a.example/",
        "ftp://a.example/",
        "https://",
        "//a.example",
        "https://u:p@a.example/",
        "https://a.example/#f",
        "https://a.example\\@b.example/",
        "https://a.example/ x",
        "https://a.example:99999/",
        "https://[::1/",
        "https://é.example/",
        "javascript:alert(1)",
        "https://a.example/" + "x" * 2048,
        "",
    ],
)
def test_addresses_that_may_not(text: str) -> None:
    with pytest.raises(Malformed):
        parse_address(text)


def test_well_known_is_inserted_before_the_path() -> None:
    """OpenID4VCI 1.0 §12.2.2, both examples of the text; RFC 8414 §3.1 drops a final slash."""
    name = "openid-credential-issuer"
    assert (
        well_known_address("https://issuer.example.com/tenant", name)
        == "https://issuer.example.com/.well-known/openid-credential-issuer/tenant"
    )
    assert (
        well_known_address("https://tenant.issuer.example.com", name)
        == "https://tenant.issuer.example.com/.well-known/openid-credential-issuer"
    )
    assert (
        authorization_server_metadata_address("https://a.example/")
        == "https://a.example/.well-known/oauth-authorization-server"
    )
    with pytest.raises(Malformed):
        well_known_address("https://a.example/?q", name)


def test_form_round_trip_keeps_what_has_a_value() -> None:
    assert parse_form(build_form({"a": "喫茶 てがた&=", "b": None, "c": ""})) == {"a": "喫茶 てがた&="}


@pytest.mark.parametrize(
    "body", [b"a=1&a=2", b"a=&a=1", b"\xff=1", b"a=%ff", b"&".join([b"a=1"] * 70), b"x" * (1 << 19)]
)
def test_form_refuses(body: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        parse_form(body)
    assert raised.value.code == "invalid_request"


def test_bearer() -> None:
    assert parse_bearer(build_bearer("abc.DEF-_~+/==")) == "abc.DEF-_~+/=="
    assert parse_bearer("bearer abc") == "abc"
    for wrong in (None, "", "Bearer", "Bearer a b", "Basic abc", "Bearer \u00e9"):
        with pytest.raises(Refused, match="invalid_token"):
            parse_bearer(wrong)


def test_a_token_in_the_address_is_refused_even_beside_a_header() -> None:
    with pytest.raises(Malformed, match="invalid_request"):
        parse_bearer("Bearer abc", query_names=["x", "access_token"])


def test_metadata_round_trip_and_foreign_issuer() -> None:
    metadata = AuthorizationServerMetadata(issuer="https://a.example/t", token_endpoint="https://a.example/t/token")
    wire = build_authorization_server_metadata(metadata)
    assert "response_types_supported" not in wire
    assert parse_authorization_server_metadata(wire, issuer="https://a.example/t") == metadata
    with pytest.raises(Rejected, match="untrusted_issuer"):
        parse_authorization_server_metadata(wire, issuer="https://a.example/u")


def test_depth_is_measured_without_recursion() -> None:
    deep: object = 1
    for _ in range(50_000):
        deep = [deep]
    assert too_deep(deep)
    assert not too_deep({"a": [{"b": [1]}]})
