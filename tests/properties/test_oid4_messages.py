"""Whatever a stranger sends, a parser of OAuth, OpenID4VCI and OpenID4VP answers with a value or a TegataError, never anything else."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import b64url_encode
from common.errors import TegataError
from common.jose.jwe import encrypt, generate_decryption_key, public_half
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey
from common.oauth.authorization_server_metadata import parse_authorization_server_metadata
from common.oauth.bearer import parse_bearer
from common.oauth.errors import parse_oauth_error
from common.oauth.form import parse_form
from common.oid4vci.credential_offer import parse_credential_offer, parse_offer_link
from common.oid4vci.credential_request import parse_credential_request
from common.oid4vci.credential_response import parse_credential_response
from common.oid4vci.issuer_metadata import parse_issuer_metadata
from common.oid4vci.nonce import parse_nonce_response
from common.oid4vci.notification import parse_notification
from common.oid4vci.proof_jwt import verify_proofs
from common.oid4vci.token_request import parse_token_request
from common.oid4vci.token_response import parse_token_response
from common.oid4vp.authorization_link import parse_authorization_link, parse_link_parameters
from common.oid4vp.authorization_request import parse_request_parameters, verify_unsigned_request
from common.oid4vp.client_metadata import parse_client_metadata
from common.oid4vp.dcql import parse_query
from common.oid4vp.request_object import parse_request_object, verify_request_object
from common.oid4vp.request_uri_post import parse_request_uri_post
from common.oid4vp.response import ResponseMode, parse_redirect_answer, parse_response
from common.oid4vp.transaction_data import parse_transaction_data
from tests.amount import examples

ISSUER = "https://i.example/t"
KEY = SoftwareKey.generate()
SESSION_KEY = generate_decryption_key("k")
NOW = 1_800_000_000

WORDS = [
    "credential_issuer", "credential_configuration_ids", "grants", "pre-authorized_code", "tx_code", "credentials", "credential",
    "urn:ietf:params:oauth:grant-type:pre-authorized_code", "credential_configurations_supported", "credential_endpoint", "format",
    "credential_definition", "type", "proofs", "jwt", "credential_identifier", "claims", "path", "display", "name", "locale",
    "credential_metadata", "dc+sd-jwt", "jwt_vc_json", "vct", "id", "meta", "vct_values", "claim_sets", "credential_sets", "options",
    "values", "client_id", "response_uri", "response_mode", "direct_post", "vp_token", "response_type", "nonce", "state", "dcql_query",
    "client_metadata", "jwks", "keys", "kid", "access_token", "token_type", "Bearer", "error", "issuer", "token_endpoint", ISSUER,
    "redirect_uri", "redirect_uri:https://i.example/t", "transaction_data", "verifier_info", "data", "c_nonce", "event", "grant_type",
    "refresh_token", "authorization_details", "request_uri", "wallet_metadata", "kty", "crv", "x", "y", "jwk", "P-256", "EC", "aud", "iat",
]  # fmt: skip
texts = st.sampled_from(WORDS) | st.text(max_size=12) | st.text("\ud800\udfff\x00\n é", max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=25,
)
objects = st.dictionaries(texts, values, max_size=8)
fields = st.dictionaries(texts, texts | objects.map(json.dumps), max_size=6)

FROM_JSON: list[Callable[[Any], object]] = [
    lambda data: parse_authorization_server_metadata(data, issuer=ISSUER),
    lambda data: parse_issuer_metadata(data, credential_issuer=ISSUER),
    lambda data: parse_oauth_error(400, data),
    parse_credential_offer,
    parse_credential_request,
    parse_credential_response,
    parse_nonce_response,
    parse_notification,
    parse_token_response,
    parse_client_metadata,
    parse_query,
    parse_redirect_answer,
]
FROM_FORM: list[Callable[[Any], object]] = [
    parse_token_request,
    parse_link_parameters,
    parse_request_uri_post,
    lambda form: verify_unsigned_request(form, sandbox=True),
    lambda form: parse_response(form, mode=ResponseMode.DIRECT_POST),
    lambda form: parse_response(form, mode=ResponseMode.DIRECT_POST_JWT, decryption_key=SESSION_KEY),
]
FROM_TEXT: list[Callable[[str], object]] = [
    parse_offer_link,
    parse_authorization_link,
    parse_request_object,
    parse_transaction_data,
    parse_form,
    parse_bearer,
    lambda text: verify_proofs([text], issuer=ISSUER, now=NOW),
]


# To think of a message takes ten times as long as to parse it: each goes to all parsers of its kind.


@settings(max_examples=examples(60, 150), deadline=None)
@given(value=values, given_object=objects, raw=st.binary(max_size=40))
def test_json(value: Any, given_object: dict[str, Any], raw: bytes) -> None:
    for data in (json.dumps(value), json.dumps(given_object).encode("utf-8", "surrogatepass"), given_object, raw):
        for parse in FROM_JSON:
            with contextlib.suppress(TegataError):
                parse(copy.deepcopy(data))


@settings(max_examples=examples(80, 200), deadline=None)
@given(form=fields)
def test_forms(form: dict[str, str]) -> None:
    for parse in FROM_FORM:
        with contextlib.suppress(TegataError):
            parse(dict(form))


@settings(max_examples=examples(80, 200), deadline=None)
@given(
    text=st.text(max_size=80),
    body=fields,
    scheme=st.sampled_from(["openid4vp://", "openid-credential-offer://", "https://[", ""]),
)
def test_texts(text: str, body: dict[str, str], scheme: str) -> None:
    for one in (text, scheme + text, f"{scheme}?" + "&".join(f"{name}={value}" for name, value in body.items())):
        for parse in FROM_TEXT:
            with contextlib.suppress(TegataError):
                parse(one)


@settings(max_examples=examples(60, 150), deadline=None)
@given(header=objects, claims=objects)
def test_signed_nonsense(header: dict[str, Any], claims: dict[str, Any]) -> None:
    def finite(value: object) -> str:
        return b64url_encode(json.dumps(value).encode())

    with contextlib.suppress(ValueError):  # what no signer could write (NaN, lone surrogates)
        signed = build_jwt(header, claims, KEY)
        with contextlib.suppress(TegataError):
            verify_proofs([signed], issuer=ISSUER, now=NOW)
        with contextlib.suppress(TegataError):
            verify_request_object(parse_request_object(signed), client_id="x", now=NOW)
    forged = f"{finite({'alg': 'ES256', **header})}.{finite(claims)}.AAAA"
    with contextlib.suppress(TegataError):
        parse_request_object(forged)
    with contextlib.suppress(TegataError):
        verify_proofs([forged], issuer=ISSUER, now=NOW)
    with contextlib.suppress(TegataError):
        parse_request_parameters(claims)


@settings(max_examples=examples(40, 100), deadline=None)
@given(payload=objects.map(json.dumps) | st.text('{}[]":,aé0', max_size=20))
def test_sealed_nonsense(payload: str) -> None:
    sealed = encrypt(payload.encode("utf-8", "surrogatepass"), public_half(SESSION_KEY))
    with contextlib.suppress(TegataError):
        parse_response({"response": sealed}, mode=ResponseMode.DIRECT_POST_JWT, decryption_key=SESSION_KEY)
