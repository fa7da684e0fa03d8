"""W3C credentials with Data Integrity (objects on the wire) and mdocs in DCQL, responses and metadata. OpenID4VP 1.0 §7.2, appendix B."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus

import pytest

from common.encoding import parse_json_object
from common.errors import Malformed
from common.oid4vp.authorization_request import ResponseMode
from common.oid4vp.client_metadata import ClientMetadata, build_client_metadata
from common.oid4vp.dcql import build_query, parse_query
from common.oid4vp.dcql_match import Candidate, match
from common.oid4vp.response import AuthorizationResponse, build_response, parse_response

MDOC: dict[str, Any] = {  # the first example of appendix D, with the retention statement of B.2.4
    "credentials": [
        {
            "id": "my_credential",
            "format": "mso_mdoc",
            "meta": {"doctype_value": "org.iso.7367.1.mVRC"},
            "claims": [
                {"path": ["org.iso.7367.1", "vehicle_holder"], "intent_to_retain": False},
                {"path": ["org.iso.18013.5.1", "given_name"]},
            ],
        }
    ]
}
LDP: dict[str, Any] = {
    "credentials": [
        {
            "id": "diploma",
            "format": "ldp_vc",
            "meta": {"type_values": [["https://school.example/terms#GraduationCredential"]]},
            "claims": [{"path": ["credentialSubject", "degree"]}],
        }
    ]
}
CAR = {"org.iso.7367.1": {"vehicle_holder": "Max"}, "org.iso.18013.5.1": {"given_name": "Max", "portrait": "…"}}


def candidate(form: str, types: tuple[str, ...], claims: dict[str, Any]) -> Candidate:
    return Candidate(id="card", format=form, types=types, claims=claims)


@pytest.mark.parametrize("query", [MDOC, LDP])
def test_queries_round_trip(query: dict[str, Any]) -> None:
    assert build_query(parse_query(query)) == query


def test_an_mdoc_is_matched_by_doctype_and_elements() -> None:
    query = parse_query(MDOC)
    found = match(query, [candidate("mso_mdoc", ("org.iso.7367.1.mVRC",), CAR)])
    assert found.preferred()[0].paths == (("org.iso.7367.1", "vehicle_holder"), ("org.iso.18013.5.1", "given_name"))
    assert not match(query, [candidate("mso_mdoc", ("org.iso.18013.5.1.mDL",), CAR)]).satisfiable
    assert not match(query, [candidate("dc+sd-jwt", ("org.iso.7367.1.mVRC",), CAR)]).satisfiable


def test_types_of_data_integrity_are_whole_addresses() -> None:
    query, claims = parse_query(LDP), {"credentialSubject": {"degree": "学士"}}
    whole = candidate("ldp_vc", ("VerifiableCredential", "https://school.example/terms#GraduationCredential"), claims)
    assert match(query, [whole]).satisfiable
    assert not match(query, [candidate("ldp_vc", ("VerifiableCredential", "GraduationCredential"), claims)]).satisfiable


@pytest.mark.parametrize("path", [["one"], ["a", "b", "c"], ["a", 0], ["a", None]])
def test_a_path_into_an_mdoc_has_two_names(path: list[Any]) -> None:
    with pytest.raises(Malformed, match="namespace"):
        parse_query({"credentials": [{**MDOC["credentials"][0], "claims": [{"path": path}]}]})


def test_an_mdoc_is_asked_for_by_doctype() -> None:
    with pytest.raises(Malformed, match="doctype_value"):
        parse_query({"credentials": [{**MDOC["credentials"][0], "meta": {}}]})


def test_an_object_in_the_vp_token_stays_one() -> None:
    """Appendix B.1.3.2: a presentation secured with Data Integrity is a JSON object; ours inside is its text."""
    shown = '{"@context":["https://www.w3.org/ns/credentials/v2"],"type":"VerifiablePresentation","x":"髙"}'
    answer = AuthorizationResponse(vp_token={"diploma": (shown,), "student": ("eyJ.e30.c2ln",)})
    form = build_response(answer, mode=ResponseMode.DIRECT_POST, client_metadata=ClientMetadata())
    assert parse_response(form, mode=ResponseMode.DIRECT_POST) == answer
    sent = dict(pair.split("=", 1) for pair in form.decode().split("&"))
    token = parse_json_object(unquote_plus(sent["vp_token"]))
    assert token["diploma"] == [parse_json_object(shown)]
    assert token["student"] == ["eyJ.e30.c2ln"]


@pytest.mark.parametrize("shown", [[], [{}], [1], [None], [["eyJ"]], [""]])
def test_anything_else_in_the_vp_token_is_malformed(shown: list[Any]) -> None:
    with pytest.raises(Malformed):
        parse_response({"vp_token": json.dumps({"diploma": shown})}, mode=ResponseMode.DIRECT_POST)


def test_the_formats_of_this_verifier_are_announced() -> None:
    formats = build_client_metadata(ClientMetadata())["vp_formats_supported"]
    assert formats["mso_mdoc"]["deviceauth_alg_values"] == [-7, -9]
    assert "eddsa-rdfc-2022" in formats["ldp_vc"]["cryptosuite_values"]
