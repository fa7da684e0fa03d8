"""Token, nonce and notification messages; examples of OpenID4VCI 1.0 §6, §7, §11."""

from __future__ import annotations

import pytest

from common.errors import Malformed, Refused, Unsupported
from common.oid4vci.errors import notification_problem, token_problem
from common.oid4vci.nonce import build_nonce_response, parse_nonce_response
from common.oid4vci.notification import Notification, build_notification, parse_notification
from common.oid4vci.token_request import (
    PreAuthorizedCodeRequest,
    RefreshRequest,
    TokenRequest,
    build_token_request,
    parse_token_request,
)
from common.oid4vci.token_response import (
    AuthorizedCredential,
    TokenResponse,
    build_token_response,
    parse_token_response,
)

EXAMPLE = (
    b"grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code&pre-authorized_code=SplxlOBeZQQYbYS6WxSbIA"
    b"&tx_code=493536&authorization_details=%5B%7B%22type%22%3A%20%22openid_credential%22%2C%20%22"
    b"credential_configuration_id%22%3A%20%22UniversityDegreeCredential%22%7D%5D"
)


def test_the_example_of_6_1() -> None:
    assert parse_token_request(EXAMPLE) == PreAuthorizedCodeRequest(
        code="SplxlOBeZQQYbYS6WxSbIA", tx_code="493536", requested=("UniversityDegreeCredential",)
    )


@pytest.mark.parametrize(
    "request_",
    [
        PreAuthorizedCodeRequest(code="a"),
        PreAuthorizedCodeRequest(code="a+/ &", tx_code="000123", requested=("x", "y"), client_id="w"),
        RefreshRequest(refresh_token="r", requested=("x",)),
    ],
)
def test_request_round_trip(request_: TokenRequest) -> None:
    assert parse_token_request(build_token_request(request_, location="https://i.example")) == request_
    assert "a+/ &" not in repr(request_)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (b"", "invalid_request"),
        (b"grant_type=password&username=a", "unsupported_grant_type"),
        (b"grant_type=authorization_code&code=a", "unsupported_grant_type"),
        (b"grant_type=refresh_token", "invalid_request"),
        (b"grant_type=refresh_token&refresh_token=a&tx_code=1", "invalid_request"),
        (b"grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code", "invalid_request"),
        (EXAMPLE + b"&tx_code=493537", "invalid_request"),
        (EXAMPLE.replace(b"493536", b"4" * 65), "invalid_request"),
        (b"grant_type=refresh_token&refresh_token=a&authorization_details=%7B%7D", "invalid_request"),
        (b"grant_type=refresh_token&refresh_token=a&authorization_details=%5B%5D", "invalid_request"),
        (b"grant_type=refresh_token&refresh_token=a&authorization_details=%5B1%5D", "invalid_request"),
        (b'grant_type=refresh_token&refresh_token=a&authorization_details=[{"type":"other"}]', "invalid_request"),
        (b"grant_type=refresh_token&refresh_token=a&authorization_details=x", "invalid_request"),
    ],
)
def test_bad_requests_get_the_code_of_the_text(form: bytes, code: str) -> None:
    with pytest.raises((Malformed, Unsupported)) as raised:
        parse_token_request(form)
    assert token_problem(raised.value).error == code


def test_the_example_of_6_2() -> None:
    response = parse_token_response(
        {
            "access_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6Ikp..sHQ",
            "token_type": "Bearer",
            "expires_in": 86400,
            "authorization_details": [
                {
                    "type": "openid_credential",
                    "credential_configuration_id": "UniversityDegreeCredential",
                    "credential_identifiers": ["CivilEngineeringDegree-2023", "ElectricalEngineeringDegree-2023"],
                }
            ],
        }
    )
    assert response.authorized == (
        AuthorizedCredential(
            configuration_id="UniversityDegreeCredential",
            identifiers=("CivilEngineeringDegree-2023", "ElectricalEngineeringDegree-2023"),
        ),
    )
    assert parse_token_response(build_token_response(response)) == response
    assert "sHQ" not in repr(response)


def test_a_token_without_details_round_trips() -> None:
    response = TokenResponse(access_token="t", expires_in=60, refresh_token="r")
    wire = build_token_response(response)
    assert "authorization_details" not in wire
    assert parse_token_response(wire) == response
    assert parse_token_response({"access_token": "t", "token_type": "bearer"}).expires_in is None


@pytest.mark.parametrize(
    "wire",
    [
        {"access_token": "t", "token_type": "DPoP"},
        {"access_token": "", "token_type": "Bearer"},
        {"access_token": "t"},
        {"access_token": "t", "token_type": "Bearer", "expires_in": "60"},
        {"access_token": "t", "token_type": "Bearer", "authorization_details": []},
        {"access_token": "t", "token_type": "Bearer", "authorization_details": [{"type": "openid_credential"}]},
    ],
)
def test_bad_responses(wire: dict[str, object]) -> None:
    with pytest.raises((Malformed, Unsupported)):
        parse_token_response(wire)


def test_nonce() -> None:
    assert parse_nonce_response(b'{"c_nonce":"wKI4LT17ac15ES9bw8ac4"}') == "wKI4LT17ac15ES9bw8ac4"
    assert parse_nonce_response(build_nonce_response("n")) == "n"
    for wrong in (b"{}", b'{"c_nonce":""}', b'{"c_nonce":1}', b"[]"):
        with pytest.raises(Malformed, match="bad_nonce_response"):
            parse_nonce_response(wrong)


def test_the_examples_of_11_1() -> None:
    failed = Notification(
        notification_id="3fwe98js",
        event="credential_failure",
        description="Could not store the Credential. Out of storage.",
    )
    assert parse_notification(build_notification(failed)) == failed
    assert (
        parse_notification(b'{"notification_id":"3fwe98js","event":"credential_accepted"}').event
        == "credential_accepted"
    )


@pytest.mark.parametrize(
    "wire",
    [{}, {"notification_id": "x"}, {"notification_id": "x", "event": "Credential_Accepted"},
     {"notification_id": "x", "event": "credential_deleted", "event_description": 'a "b"'}],
)  # fmt: skip
def test_bad_notifications(wire: dict[str, object]) -> None:
    with pytest.raises(Malformed) as raised:
        parse_notification(wire)
    assert notification_problem(raised.value).error == "invalid_notification_request"
    assert notification_problem(Refused("invalid_notification_id")).error == "invalid_notification_id"
