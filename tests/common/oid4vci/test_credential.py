"""Credential request and response; examples and error codes of OpenID4VCI 1.0 §8."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.errors import Conflict, Malformed, Refused, TegataError, TooMany, Unsupported
from common.oid4vci.credential_request import (
    CredentialRequest,
    build_credential_request,
    parse_credential_request,
    verify_credential_request,
)
from common.oid4vci.credential_response import (
    CredentialResponse,
    build_credential_response,
    parse_credential_response,
)
from common.oid4vci.errors import credential_problem
from common.oid4vci.token_response import AuthorizedCredential


@pytest.mark.parametrize(
    "request_",
    [
        CredentialRequest(configuration_id="org.iso.18013.5.1.mDL", proofs=("eyJ.a.b",)),
        CredentialRequest(identifier="CivilEngineeringDegree-2023", proofs=("eyJ.a.b", "eyJ.c.d")),
        CredentialRequest(configuration_id="x"),
    ],
)
def test_request_round_trip(request_: CredentialRequest) -> None:
    assert parse_credential_request(build_credential_request(request_)) == request_


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        ({}, "invalid_credential_request"),
        ([], "invalid_credential_request"),
        ({"credential_identifier": "a", "credential_configuration_id": "b"}, "invalid_credential_request"),
        ({"credential_identifier": 1}, "invalid_credential_request"),
        ({"credential_identifier": "a", "proofs": []}, "invalid_credential_request"),
        ({"credential_identifier": "a", "proofs": {}}, "invalid_proof"),
        ({"credential_identifier": "a", "proofs": {"jwt": []}}, "invalid_proof"),
        ({"credential_identifier": "a", "proofs": {"jwt": "x"}}, "invalid_proof"),
        ({"credential_identifier": "a", "proofs": {"jwt": ["x"], "di_vp": []}}, "invalid_proof"),
        ({"credential_identifier": "a", "proofs": {"di_vp": [{}]}}, "invalid_proof"),
        (
            {"credential_identifier": "a", "credential_response_encryption": {"jwk": {}}},
            "invalid_encryption_parameters",
        ),
    ],
)
def test_bad_requests_get_the_code_of_the_text(wire: Any, code: str) -> None:
    with pytest.raises(TegataError) as raised:
        parse_credential_request(json.dumps(wire))
    assert credential_problem(raised.value).error == code


AUTHORIZED = (
    AuthorizedCredential(configuration_id="degree", identifiers=("civil", "electrical")),
    AuthorizedCredential(configuration_id="plain"),
)


def ask(**members: Any) -> AuthorizedCredential:
    request = CredentialRequest(**{"proofs": ("a",), **members})
    return verify_credential_request(
        request, authorized=AUTHORIZED, configurations=("degree", "plain", "other"), batch_size=2
    )


def test_what_a_token_stands_for() -> None:
    assert ask(identifier="civil") == AuthorizedCredential(configuration_id="degree", identifiers=("civil",))
    assert ask(configuration_id="plain").configuration_id == "plain"


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"identifier": "medicine"}, 400, "unknown_credential_identifier"),
        ({"configuration_id": "unheard-of"}, 400, "unknown_credential_configuration"),
        ({"configuration_id": "degree"}, 400, "invalid_credential_request"),
        ({"configuration_id": "other"}, 403, "insufficient_scope"),
        ({"identifier": "civil", "proofs": ()}, 400, "invalid_proof"),
        ({"identifier": "civil", "proofs": ("a", "b", "c")}, 400, "invalid_proof"),
    ],
)
def test_what_it_does_not(members: dict[str, Any], status: int, code: str) -> None:
    with pytest.raises(TegataError) as raised:
        ask(**members)
    problem = credential_problem(raised.value)
    assert (problem.status, problem.error) == (status, code)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("withdrawn"), 400, "credential_request_denied"),
        (Conflict("already_issued"), 400, "credential_request_denied"),
        (Refused("invalid_token"), 401, "invalid_token"),
        (Refused("invalid_nonce"), 400, "invalid_nonce"),
        (TooMany("slow"), 429, "temporarily_unavailable"),
    ],
)
def test_other_errors(error: TegataError, status: int, code: str) -> None:
    assert (credential_problem(error).status, credential_problem(error).error) == (status, code)


def test_response_round_trip_and_rules() -> None:
    response = CredentialResponse(
        credentials=("LUpixVCWJk0eOt4CXQe1NXK", "YXNkZnNhZGZkamZqZGFza23"), notification_id="3fwe98js"
    )
    assert parse_credential_response(build_credential_response(response), asked=2) == response
    with pytest.raises(Malformed, match="more credentials than keys"):
        parse_credential_response(build_credential_response(response), asked=1)
    with pytest.raises(Unsupported, match="deferred_issuance"):
        parse_credential_response({"transaction_id": "8xLOxBtZp8", "interval": 3600})
    for wrong in (
        {},
        {"credentials": []},
        {"credentials": [{}]},
        {"credentials": ["x"]},
        {"credentials": [{"credential": {}}]},
    ):
        with pytest.raises(Malformed, match="bad_credential_response"):
            parse_credential_response(wrong)
