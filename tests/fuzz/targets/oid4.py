"""Messages of OAuth, OpenID4VCI and OpenID4VP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.encoding import b64url_encode, compact_json, parse_json_object
from common.jose.jwe import encrypt, public_half
from common.jose.jwt import build_jwt
from common.oauth.authorization_server_metadata import (
    AuthorizationServerMetadata,
    build_authorization_server_metadata,
    parse_authorization_server_metadata,
)
from common.oauth.errors import parse_oauth_error
from common.oauth.form import build_form, parse_form
from common.oid4vci.credential_offer import parse_credential_offer, parse_offer_link, parse_offer_parameters
from common.oid4vci.credential_request import parse_credential_request
from common.oid4vci.credential_response import parse_credential_response
from common.oid4vci.issuer_metadata import parse_issuer_metadata
from common.oid4vci.nonce import parse_nonce_response
from common.oid4vci.notification import parse_notification
from common.oid4vci.proof_jwt import build_proof_jwt, parse_proof_jwt, verify_proofs
from common.oid4vci.token_request import parse_token_request
from common.oid4vci.token_response import parse_token_response
from common.oid4vp.authorization_link import parse_authorization_link, parse_link_parameters
from common.oid4vp.authorization_request import (
    AuthorizationRequest,
    ResponseMode,
    build_request_parameters,
    build_unsigned_parameters,
    parse_request_parameters,
    verify_unsigned_request,
)
from common.oid4vp.client_id import parse_client_id
from common.oid4vp.client_metadata import parse_client_metadata
from common.oid4vp.dcql import CredentialQuery, DcqlQuery, parse_query
from common.oid4vp.dcql_match import Candidate, match
from common.oid4vp.request_object import parse_request_object
from common.oid4vp.request_uri_post import parse_request_uri_post
from common.oid4vp.response import parse_redirect_answer, parse_response, parse_vp_token
from common.oid4vp.transaction_data import parse_transaction_data
from tests.fuzz.cast import HOLDER, ISSUER, NOW
from tests.fuzz.target import Target, of_bytes, of_text, reading
from tests.fuzz.targets.jose import DECRYPTION_KEY

TENANT = "https://i.example/t"
OFFER = {
    "credential_issuer": TENANT,
    "credential_configuration_ids": ["degree"],
    "grants": {
        "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
            "pre-authorized_code": "c",
            "tx_code": {"input_mode": "numeric", "length": 6, "description": "d"},
        }
    },
}
METADATA = {
    "credential_issuer": TENANT,
    "credential_endpoint": f"{TENANT}/credential",
    "nonce_endpoint": f"{TENANT}/nonce",
    "batch_credential_issuance": {"batch_size": 2},
    "display": [{"name": "i", "locale": "ja", "logo": {"uri": "https://i.example/l.png"}}],
    "credential_configurations_supported": {
        "degree": {
            "format": "dc+sd-jwt",
            "vct": "urn:0",
            "cryptographic_binding_methods_supported": ["jwk"],
            "credential_signing_alg_values_supported": ["ES256", -7],
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {"claims": [{"path": ["a", None], "display": [{"name": "A", "locale": "en"}]}]},
        }
    },
}
QUERY = {
    "credentials": [
        {
            "id": "a",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:0"]},
            "claims": [{"id": "x", "path": ["n", None, 0], "values": [1, "a", True]}, {"id": "y", "path": ["m"]}],
            "claim_sets": [["x", "y"], ["y"]],
            "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
        },
        {"id": "b", "format": "mso_mdoc", "meta": {"doctype_value": "d"}, "claims": [{"path": ["d", "e"]}]},
    ],
    "credential_sets": [{"options": [["a"], ["b"]], "required": False}],
}
QUESTION = AuthorizationRequest(
    client_id=parse_client_id("redirect_uri:https://c.example/post"),
    response_uri="https://c.example/post",
    response_mode=ResponseMode.DIRECT_POST,
    nonce="n-0S6_WzA2Mj",
    state="s",
    dcql_query=DcqlQuery(credentials=(CredentialQuery(id="a", format="dc+sd-jwt", vct_values=("urn:0",)),)),
)
PARAMETERS = build_request_parameters(QUESTION)
REQUEST = build_jwt(
    {"typ": "oauth-authz-req+jwt"}, {"aud": "https://self-issued.me/v2", "iat": NOW, **PARAMETERS}, ISSUER
)
ANSWER = {"vp_token": {"a": ["eyJhbGci.QMA~"]}, "state": "s"}
SEALED = encrypt(compact_json(ANSWER), public_half(DECRYPTION_KEY), enc="A128GCM")
CARDS = (
    Candidate(id="1", format="dc+sd-jwt", types=("urn:0",), claims={"n": [[1], [True]], "m": {"o": "p"}}),
    Candidate(id="2", format="mso_mdoc", types=("d",), claims={"d": {"e": 1}}),
)


def _json(parse: Callable[[bytes], object], seed: Any) -> Target:
    return of_bytes(parse, compact_json(seed))


def _sealed(data: bytes) -> object:
    """Any bytes, sealed for the session."""
    text = encrypt(data, public_half(DECRYPTION_KEY), enc="A128GCM")
    return parse_response({"response": text}, mode=ResponseMode.DIRECT_POST_JWT, decryption_key=DECRYPTION_KEY)


def _posted(data: bytes) -> object:
    mode = ResponseMode.DIRECT_POST_JWT if data.startswith(b"response=") else ResponseMode.DIRECT_POST
    return parse_response(data, mode=mode, decryption_key=DECRYPTION_KEY)


def _signed_request(data: bytes) -> object:
    """Any parameters of a request, in a request object whose key is known."""
    text = build_jwt({"typ": "oauth-authz-req+jwt"}, {**PARAMETERS, **parse_json_object(data)}, ISSUER)
    return parse_request_object(text)


def _matched(data: bytes) -> object:
    return match(parse_query(data), CARDS)


TARGETS = (
    reading(
        parse_authorization_server_metadata,
        lambda data: parse_authorization_server_metadata(data, issuer=TENANT),
        compact_json(
            build_authorization_server_metadata(
                AuthorizationServerMetadata(issuer=TENANT, token_endpoint=f"{TENANT}/token")
            )
        ),
    ),
    reading(parse_oauth_error, lambda data: parse_oauth_error(400, data), b'{"error":"e","error_description":"d"}'),
    _json(parse_credential_offer, OFFER),
    of_text(parse_offer_link, "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fi.example%2Fo"),
    reading(
        parse_offer_parameters,
        lambda data: parse_offer_parameters(parse_form(data)),
        b"credential_offer_uri=https%3A%2F%2Fi.example%2Fo",
    ),
    _json(parse_credential_request, {"credential_configuration_id": "degree", "proofs": {"jwt": ["e.e.e"]}}),
    _json(parse_credential_response, {"credentials": [{"credential": "a"}, {"credential": {"b": 1}}]}),
    reading(
        parse_issuer_metadata,
        lambda data: parse_issuer_metadata(data, credential_issuer=TENANT),
        compact_json(METADATA),
    ),
    _json(parse_nonce_response, {"c_nonce": "n"}),
    _json(parse_notification, {"notification_id": "n", "event": "credential_accepted", "event_description": "d"}),
    of_text(parse_proof_jwt, build_proof_jwt(HOLDER, issuer=TENANT, now=NOW, nonce="n")),
    reading(
        verify_proofs,
        lambda data: verify_proofs([data.decode("utf-8", "replace")], issuer=TENANT, now=NOW),
        build_proof_jwt(HOLDER, issuer=TENANT, now=NOW, nonce="n").encode(),
    ),
    of_bytes(
        parse_token_request,
        b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code=c&tx_code=1",
        b"grant_type=refresh_token&refresh_token=r&authorization_details=%5B%7B%22type%22%3A%22openid_credential%22%2C"
        b"%22credential_configuration_id%22%3A%22a%22%7D%5D",
    ),
    _json(parse_token_response, {"access_token": "t", "token_type": "Bearer", "expires_in": 9}),
    of_text(parse_authorization_link, "openid4vp://?client_id=a%3Ab&request_uri=https%3A%2F%2Fc.example%2Fr"),
    reading(parse_link_parameters, lambda data: parse_link_parameters(parse_form(data)), b"client_id=a&request=e.e.e"),
    reading(
        parse_request_parameters,
        lambda data: parse_request_parameters(parse_json_object(data)),
        compact_json(PARAMETERS),
    ),
    reading(
        verify_unsigned_request,
        lambda data: verify_unsigned_request(parse_form(data), sandbox=True),
        build_form(build_unsigned_parameters(QUESTION)),
    ),
    of_text(parse_client_id, "x509_san_dns:c.example", "decentralized_identifier:did:web:c.example"),
    _json(parse_client_metadata, {"jwks": {"keys": [public_half(DECRYPTION_KEY)]}, "vp_formats_supported": {}}),
    _json(parse_query, QUERY),
    reading(match, _matched, compact_json(QUERY)),
    of_text(parse_request_object, REQUEST),
    reading(build_request_parameters, _signed_request, b"{}"),
    of_bytes(parse_request_uri_post, b"wallet_nonce=n&wallet_metadata=%7B%22vp_formats_supported%22%3A%7B%7D%7D"),
    reading(parse_response, _posted, b"response=" + SEALED.encode(), b"vp_token=%7B%22a%22%3A%5B%22b%22%5D%7D&state=s"),
    reading(encrypt, _sealed, compact_json(ANSWER)),
    _json(parse_vp_token, {"a": ["b", {"c": 1}]}),
    _json(parse_redirect_answer, {"redirect_uri": "https://c.example/done?response_code=1"}),
    of_text(parse_transaction_data, b64url_encode(b'{"type":"t","credential_ids":["a"]}')),
)
