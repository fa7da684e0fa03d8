"""Links, request_uri posts, responses plain and encrypted, transaction data (OpenID4VP 1.0 §5.4, §5.10, §8)."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Refused, Rejected, TegataError, Unavailable, Unsupported
from common.jose.jwe import decrypt, generate_decryption_key, public_half
from common.oid4vp.authorization_link import (
    RequestByReference,
    RequestByValue,
    UnsignedRequest,
    build_authorization_link,
    build_unsigned_link,
    parse_authorization_link,
)
from common.oid4vp.authorization_request import ResponseMode, verify_unsigned_request
from common.oid4vp.client_metadata import ClientMetadata, parse_client_metadata
from common.oid4vp.errors import AuthorizationError, authorization_error, response_problem
from common.oid4vp.request_uri_post import RequestUriPost, build_request_uri_post, parse_request_uri_post
from common.oid4vp.response import (
    AuthorizationResponse,
    build_redirect_answer,
    build_response,
    parse_redirect_answer,
    parse_response,
    verify_state,
)
from common.oid4vp.transaction_data import (
    build_transaction_data,
    hash_transaction_data,
    parse_transaction_data,
    require_known_types,
    verify_transaction_hashes,
)
from tests.common.oid4vp.asking import RESPONSE_URI, question

PLAIN, SEALED = ResponseMode.DIRECT_POST, ResponseMode.DIRECT_POST_JWT
KEY = generate_decryption_key("session-1")
METADATA = ClientMetadata(encryption_keys=(public_half(KEY),), enc_values=("A128GCM", "A256GCM"))
ANSWER = AuthorizationResponse(vp_token={"my_credential": ("eyJhbGci.QMA~",)}, state="s")


def test_the_example_link_of_5_4() -> None:
    text = (
        "https://wallet.example/authorize?client_id=x509_san_dns%3Aclient.example.org"
        "&request_uri=https%3A%2F%2Fclient.example.org%2Frequest%2Fvapof4ql2i7m41m68uep&request_uri_method=post"
    )
    assert parse_authorization_link(text) == RequestByReference(
        client_id="x509_san_dns:client.example.org",
        request_uri="https://client.example.org/request/vapof4ql2i7m41m68uep",
        method="post",
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_round_trip(method: Any) -> None:
    for endpoint in ("openid4vp://", "http://localhost:8102/hanako/open", "https://w.example/open?a=b"):
        link = build_authorization_link("x509_hash:a+b", "http://localhost:8103/r/1", method=method, endpoint=endpoint)
        assert parse_authorization_link(f" {link}\n") == RequestByReference(
            client_id="x509_hash:a+b", request_uri="http://localhost:8103/r/1", method=method
        )


def test_by_value_and_unsigned() -> None:
    assert parse_authorization_link("openid4vp://?client_id=a&request=e.y.J") == RequestByValue(
        client_id="a", request_object="e.y.J"
    )
    request = question(f"redirect_uri:{RESPONSE_URI}")
    found = parse_authorization_link(build_unsigned_link(request))
    assert isinstance(found, UnsignedRequest)
    assert verify_unsigned_request(found.parameters, sandbox=True).request == request


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_request"),
        ("openid4vp://", "invalid_request"),
        ("openid4vp://?request_uri=https%3A%2F%2Fa.example", "invalid_request"),
        ("openid4vp://?client_id=a&request_uri=http%3A%2F%2Fa.example", "invalid_request"),
        ("openid4vp://?client_id=a&request_uri=https%3A%2F%2Fa.example&request=x", "invalid_request"),
        ("openid4vp://?client_id=a&client_id=b", "invalid_request"),
        ("openid4vp://?client_id=a&request_uri_method=post", "invalid_request"),
        (
            "openid4vp://?client_id=a&request_uri=https%3A%2F%2Fa.example&request_uri_method=POST",
            "invalid_request_uri_method",
        ),
        ("ftp://?client_id=a", "invalid_request"),
        ("openid-credential-offer://?client_id=a", "invalid_request"),
    ],
)
def test_bad_links(text: str, code: str) -> None:
    with pytest.raises(Malformed) as raised:
        parse_authorization_link(text)
    assert authorization_error(raised.value).error == code


def test_request_uri_post() -> None:
    body = build_request_uri_post(
        {"issuer": "https://w.example", "vp_formats_supported": {"dc+sd-jwt": {}}}, wallet_nonce="qPmxiNFCR3QTm19POc8u"
    )
    posted = parse_request_uri_post(body)
    assert posted.wallet_nonce == "qPmxiNFCR3QTm19POc8u"
    assert posted.wallet is not None
    assert (posted.wallet.issuer, posted.wallet.vp_formats) == ("https://w.example", ("dc+sd-jwt",))
    assert parse_request_uri_post(build_request_uri_post(None, wallet_nonce=None)) == RequestUriPost()
    for wrong in (b"wallet_metadata=%7B", b"wallet_metadata=[]", b"wallet_nonce=" + b"a" * 2000, b"wallet_nonce=%00"):
        with pytest.raises(Malformed, match="invalid_request"):
            parse_request_uri_post(wrong)


def test_responses_round_trip_plain_and_sealed() -> None:
    for answer in (ANSWER, AuthorizationError(error="access_denied", state="s"), AuthorizationResponse(vp_token={})):
        plain = build_response(answer, mode=PLAIN, client_metadata=ClientMetadata())
        assert parse_response(plain, mode=PLAIN) == answer
        sealed = build_response(answer, mode=SEALED, client_metadata=METADATA)
        assert sealed.startswith(b"response=")
        assert parse_response(sealed, mode=SEALED, decryption_key=KEY) == answer


def test_the_encrypted_example_of_8_3_is_read() -> None:
    """Key, ciphertext and payload as printed in the text."""
    key = {
        "kty": "EC", "kid": "ac", "use": "enc", "crv": "P-256", "alg": "ECDH-ES",
        "x": "YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk", "y": "Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk",
        "d": "Et-3ce0omz8_TuZ96Df9lp0GAaaDoUnDe6X-CRO7Aww",
    }  # fmt: skip
    text = (
        "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImFjIiwiZXBrIjp7Imt0eSI6IkVDIiwieCI6Im5ubVZwbTNWM2piaGNhZlFhUkJrU1ZOSGx3Wkh3"
        "dC05ck9wSnVmeVlJdWsiLCJ5IjoicjRmakRxd0p5czlxVU9QLV9iM21SNVNaRy0tQ3dPMm1pYzVWU05UWU45ZyIsImNydiI6IlAtMjU2In19..uAYcHRUSSn2X0WPX."
        "yVzlGSYG4qbg0bq18JcUiDRw56yVnbKR8E7S7YlEtzT00RqE3Pw5oTpUG3hdLN4taHZ9gC1kwak8JOnJgQ.1wR024_3-qtAlx1oFIUpQQ"
    )
    assert parse_response({"response": text}, mode=SEALED, decryption_key=key) == AuthorizationResponse(
        vp_token={"example_credential_id": ("eyJhb...YMetA",)}
    )


def test_a_sealed_session_takes_errors_in_the_clear_and_nothing_else() -> None:
    error = AuthorizationError(error="invalid_request", description="no usable key")
    assert (
        parse_response(build_response(error, mode=PLAIN, client_metadata=METADATA), mode=SEALED, decryption_key=KEY)
        == error
    )
    with pytest.raises(Malformed, match="encrypted"):
        parse_response(build_response(ANSWER, mode=PLAIN, client_metadata=METADATA), mode=SEALED, decryption_key=KEY)
    with pytest.raises(Malformed, match="unencrypted"):
        parse_response(build_response(ANSWER, mode=SEALED, client_metadata=METADATA), mode=PLAIN)


def test_another_sessions_key_opens_nothing() -> None:
    sealed = build_response(ANSWER, mode=SEALED, client_metadata=METADATA)
    for other in (generate_decryption_key("session-1"), generate_decryption_key("session-2")):
        with pytest.raises(Rejected, match="bad_signature"):
            parse_response(sealed, mode=SEALED, decryption_key=other)
    with pytest.raises(Malformed):
        parse_response(sealed, mode=SEALED, decryption_key=None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"state=s",
        b"vp_token=x",
        b"vp_token=[]",
        b'vp_token={"a":"x"}',
        b'vp_token={"a":[]}',
        b'vp_token={"a":[{}]}',
        b'vp_token={"a b":["x"]}',
        b'vp_token={"a":["x"],"a":["y"]}',
        b'vp_token={"a":["x"]}&error=access_denied',
        b'vp_token={"a":["x"]}&vp_token={}',
        b"response=x",
        b"error=" + b"x" * 200,
    ],
)
def test_bad_responses(body: bytes) -> None:
    for mode in ResponseMode:
        with pytest.raises((Malformed, Rejected)) as raised:
            parse_response(body, mode=mode, decryption_key=KEY)
        assert response_problem(raised.value).status == 400


def test_the_verifiers_keys_must_be_usable() -> None:
    for metadata in (
        ClientMetadata(),
        ClientMetadata(encryption_keys=(public_half(KEY),), enc_values=("A128CBC-HS256",)),
        ClientMetadata(encryption_keys=({**public_half(KEY), "use": "sig"},)),
        ClientMetadata(encryption_keys=({**public_half(KEY), "x": "AA"},)),
    ):
        with pytest.raises(Rejected, match="algorithm_not_allowed"):
            build_response(ANSWER, mode=SEALED, client_metadata=metadata)


def test_the_first_usable_of_several_keys_is_taken() -> None:
    """§8.3: the example offers X25519 and others beside P-256."""
    metadata = parse_client_metadata(
        {
            "jwks": {
                "keys": [{"kty": "OKP", "kid": "jc", "crv": "X25519", "alg": "ECDH-ES", "x": "AA"}, public_half(KEY)]
            },
            "encrypted_response_enc_values_supported": ["A256GCM"],
        }
    )
    body = build_response(ANSWER, mode=SEALED, client_metadata=metadata)
    assert decrypt(body.decode().removeprefix("response="), KEY, enc_allowed=("A256GCM",))


def test_state() -> None:
    verify_state(ANSWER, "s")
    verify_state(AuthorizationResponse(vp_token={}), None)
    for found, wanted in ((None, "s"), ("t", "s"), ("s", None), ("é", "s")):
        with pytest.raises(Rejected, match="wrong_nonce"):
            verify_state(AuthorizationResponse(vp_token={}, state=found), wanted)


def test_redirect_answer() -> None:
    uri = "https://client.example.org/cb#response_code=091535f699ea575c7937fa5f0f454aee"
    assert parse_redirect_answer(build_redirect_answer(uri)) == uri
    assert parse_redirect_answer(build_redirect_answer("http://localhost:8103/t/done/1?response_code=x")) is not None
    assert parse_redirect_answer(build_redirect_answer()) is None
    for wrong in (
        "javascript:alert(1)",
        "http://a.example/",
        "/done",
        "data:text/html,x",
        "https://a@b.example/",
        "https://a\\b/",
    ):
        with pytest.raises(Malformed, match="bad_redirect_answer"):
            parse_redirect_answer({"redirect_uri": wrong})


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Refused("holder_declined", "the holder said no"), "access_denied", False),
        (Refused("credential_missing", "no card"), "access_denied", False),
        (Unavailable("vault_locked"), "temporarily_unavailable", False),
        (Rejected("bad_signature"), "invalid_request", True),
        (Unsupported("invalid_transaction_data", "unknown type"), "invalid_transaction_data", True),
        (Malformed("vp_formats_not_supported"), "vp_formats_not_supported", True),
    ],
)
def test_a_wallets_error_says_no_more_than_it_must(error: TegataError, code: str, told: bool) -> None:
    answer = authorization_error(error, state="s")
    assert (answer.error, bool(answer.description), answer.state) == (code, told, "s")


def test_transaction_data() -> None:
    encoded = build_transaction_data({"type": "pay", "credential_ids": ["my_credential"], "amount": 5})
    item = parse_transaction_data(encoded)
    assert item.parameters["amount"] == 5
    require_known_types([item], known=["pay"], credential_ids=["my_credential"])
    with pytest.raises(Unsupported, match="invalid_transaction_data"):
        require_known_types([item], known=[], credential_ids=["my_credential"])
    with pytest.raises(Malformed, match="invalid_transaction_data"):
        require_known_types([item], known=["pay"], credential_ids=["other"])
    verify_transaction_hashes([item], {"transaction_data_hashes": [hash_transaction_data(encoded)]})
    for claims in (
        {},
        {"transaction_data_hashes": ["x"]},
        {"transaction_data_hashes": [hash_transaction_data(encoded)] * 2},
    ):
        with pytest.raises(Rejected, match="request_not_met"):
            verify_transaction_hashes([item], claims)
    strong = parse_transaction_data(
        build_transaction_data({"type": "pay", "credential_ids": ["a"], "transaction_data_hashes_alg": ["sha-512"]})
    )
    claims: dict[str, Any] = {"transaction_data_hashes": [hash_transaction_data(strong.encoded, alg="sha-512")]}
    verify_transaction_hashes([strong], {**claims, "transaction_data_hashes_alg": "sha-512"})
    with pytest.raises(Rejected, match="request_not_met"):
        verify_transaction_hashes([strong], claims)
    with pytest.raises(Malformed, match="invalid_transaction_data"):
        parse_transaction_data("é")
