"""Signed requests under each client identifier prefix, and every way one can lie about its sender (OpenID4VP 1.0 §5)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from common.did.methods.jwk import did_of_jwk
from common.errors import Malformed, Refused, Rejected, TegataError, Unsupported
from common.jose.jwe import generate_decryption_key, public_half
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey
from common.oid4vp.authorization_request import (
    VerifiedRequest,
    build_request_parameters,
    build_unsigned_parameters,
    parse_request_parameters,
    verify_unsigned_request,
)
from common.oid4vp.client_id import parse_client_id, x509_hash_client_id
from common.oid4vp.client_metadata import ClientMetadata
from common.oid4vp.errors import authorization_error
from common.oid4vp.request_object import (
    REQUEST_TYP,
    STATIC_AUDIENCE,
    build_request_object,
    parse_request_object,
    verify_request_object,
)
from common.oid4vp.transaction_data import build_transaction_data, parse_transaction_data
from common.oid4vp.verifier_info import Purpose, VerifierInfo, build_purpose, find_purpose
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from tests.common.oid4vp.asking import NOW, RESPONSE_URI, question

KEY = SoftwareKey.generate()
DID = did_of_jwk(KEY.public_jwk())
CLIENT = f"decentralized_identifier:{DID}"
KID = f"{DID}#0"
CA = make_ca("Test root", now=NOW - 1000)
LEAF = issue_leaf(
    CA, KEY.private_key().public_key(), name="Client", use=Use.VERIFIER, now=NOW - 100, dns_names=["client.example.org"]
)
HASH = x509_hash_client_id(LEAF.certificate.public_bytes(Encoding.DER))


def check(text: str, **options: Any) -> VerifiedRequest:
    defaults: dict[str, Any] = {"client_id": CLIENT, "now": NOW, "did_key": parse_public_jwk(KEY.public_jwk())}
    return verify_request_object(parse_request_object(text), **{**defaults, **options})


def test_a_did_asks() -> None:
    request = question(
        CLIENT,
        client_metadata=ClientMetadata(encryption_keys=(public_half(generate_decryption_key("k")),)),
        verifier_info=(build_purpose(Purpose(names={"ja": "喫茶てがた"}, purposes={"ja": "学割", "en": "discount"})),),
        transaction_data=(
            parse_transaction_data(build_transaction_data({"type": "t", "credential_ids": ["my_credential"]})),
        ),
        wallet_nonce="wn",
    )
    text = build_request_object(request, KEY, now=NOW, kid=KID)
    assert parse_request_object(text).did_url == KID
    verified = check(text, wallet_nonce="wn")
    assert verified.request == request
    assert verified.client.key is not None
    purpose = find_purpose(verified.request.verifier_info)
    assert purpose is not None
    assert purpose.purposes["en"] == "discount"


def test_certificates_ask_by_name_and_by_hash() -> None:
    for client_id in (parse_client_id("x509_san_dns:client.example.org"), HASH):
        text = build_request_object(question(client_id), KEY, now=NOW, x5c=LEAF.x5c)
        verified = check(text, client_id=str(client_id), did_key=None, roots=[CA.certificate])
        assert verified.client.dns_names == ("client.example.org",)
        with pytest.raises(Rejected, match="untrusted_key"):
            check(text, client_id=str(client_id), did_key=None, roots=[])
        with pytest.raises(Rejected, match="untrusted_key"):
            check(text, client_id=str(client_id), roots=[make_ca("Test root", now=NOW - 1000).certificate])


def test_a_certificate_of_another_name_hash_or_host_does_not() -> None:
    other = parse_client_id("x509_san_dns:other.example.org")
    for client_id, response_uri in (
        (other, "https://other.example.org/post"),
        (parse_client_id("x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk"), RESPONSE_URI),
        (parse_client_id("x509_san_dns:client.example.org"), "https://evil.example/post"),
    ):
        text = build_request_object(question(client_id, response_uri=response_uri), KEY, now=NOW, x5c=LEAF.x5c)
        with pytest.raises(Rejected, match="untrusted_key"):
            check(text, client_id=str(client_id), roots=[CA.certificate])


def forge(header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, key: SoftwareKey = KEY) -> str:
    whole = {"typ": REQUEST_TYP, "kid": KID, **(header or {})}
    body = {
        "aud": STATIC_AUDIENCE,
        "iat": NOW,
        "exp": NOW + 60,
        **build_request_parameters(question(CLIENT)),
        **(claims or {}),
    }
    return build_jwt(
        {name: value for name, value in whole.items() if value is not None},
        {name: value for name, value in body.items() if value is not None},
        key,
    )


@pytest.mark.parametrize(
    "text",
    [
        forge(header={"typ": None}),
        forge(header={"typ": "JWT"}),
        forge(header={"kid": None}),
        forge(header={"kid": "key-1"}),
        forge(header={"kid": "did:web:evil.example#0"}),
        forge(header={"kid": str(DID)}),
        forge(key=SoftwareKey.generate()),
        forge(claims={"aud": "https://wallet.example"}),
        forge(claims={"aud": None}),
        forge(claims={"exp": NOW - 100}),
        forge(claims={"iat": NOW + 1000}),
        forge(claims={"client_id": "decentralized_identifier:did:web:evil.example"}),
        forge(claims={"client_id": "pre-registered"}),
        forge(claims={"client_id": "origin:https://a.example"}),
        forge(claims={"client_id": None}),
        forge(claims={"response_type": "code"}),
        forge(claims={"response_mode": "fragment"}),
        forge(claims={"response_mode": None}),
        forge(claims={"redirect_uri": "https://client.example.org/cb"}),
        forge(claims={"response_uri": None}),
        forge(claims={"response_uri": "http://client.example.org/post"}),
        forge(claims={"response_uri": "javascript:alert(1)"}),
        forge(claims={"nonce": None}),
        forge(claims={"nonce": "a b"}),
        forge(claims={"nonce": "n\n"}),
        forge(claims={"state": "ä"}),
        forge(claims={"dcql_query": None}),
        forge(claims={"dcql_query": "x"}),
        forge(claims={"dcql_query": {"credentials": []}}),
        forge(claims={"client_metadata": {"jwks": {"keys": [{"kty": "EC"}]}}}),
        forge(claims={"transaction_data": ["x"]}),
        forge(claims={"transaction_data": []}),
        forge(claims={"verifier_info": []}),
        "nonsense",
        "",
    ],
)
def test_what_a_wallet_does_not_believe(text: str) -> None:
    with pytest.raises((Malformed, Rejected, Unsupported)) as raised:
        check(text)
    assert authorization_error(raised.value).error in (
        "invalid_request",
        "unsupported_response_type",
        "invalid_transaction_data",
    )


def test_iss_and_unknown_members_are_ignored() -> None:
    """§5: iss MAY be present and MUST be ignored."""
    assert check(forge(claims={"iss": "anybody", "new": [1]})).request == question(CLIENT)


def test_client_id_outside_is_the_one_inside() -> None:
    with pytest.raises(Rejected, match="untrusted_key"):
        check(forge(), client_id="decentralized_identifier:did:web:cafe.example")
    with pytest.raises(Rejected, match="untrusted_key"):
        check(forge(), client_id=str(DID))


def test_the_wallets_own_nonce_and_issuer() -> None:
    assert check(forge(claims={"wallet_nonce": "w"}), wallet_nonce="w").request.wallet_nonce == "w"
    for text in (forge(), forge(claims={"wallet_nonce": "v"})):
        with pytest.raises(Rejected, match="wrong_nonce"):
            check(text, wallet_nonce="w")
    named = forge(claims={"aud": "https://wallet.example"})
    assert check(named, wallet_issuer="https://wallet.example").client.key is not None


def test_no_holder_binding_needs_state() -> None:
    """§5.3."""
    wire = build_request_parameters(question(CLIENT))
    wire["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] = False
    assert parse_request_parameters(wire).state is not None
    del wire["state"]
    with pytest.raises(Malformed, match="invalid_request"):
        parse_request_parameters(wire)


def test_unsigned_only_in_a_sandbox_and_only_for_redirect_uri() -> None:
    request = question(f"redirect_uri:{RESPONSE_URI}")
    parameters = build_unsigned_parameters(request)
    verified = verify_unsigned_request(parameters, sandbox=True)
    assert verified.request == request
    assert verified.client.key is None
    with pytest.raises(Refused, match="unsigned_request"):
        verify_unsigned_request(parameters, sandbox=False)
    with pytest.raises(Malformed):
        verify_unsigned_request({**parameters, "client_id": CLIENT}, sandbox=True)
    with pytest.raises(Malformed):
        verify_unsigned_request({**parameters, "response_uri": "https://evil.example/"}, sandbox=True)
    with pytest.raises(Malformed):
        verify_unsigned_request({**parameters, "dcql_query": "{"}, sandbox=True)
    without = {name: value for name, value in parameters.items() if name != "response_uri"}
    assert verify_unsigned_request(without, sandbox=True).request.response_uri == RESPONSE_URI


def test_redirect_uri_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="cannot be signed"):
        build_request_object(question(f"redirect_uri:{RESPONSE_URI}"), KEY, now=NOW, kid=KID)
    with pytest.raises(ValueError, match="signed"):
        build_unsigned_parameters(question(CLIENT))
    text = forge(claims={"client_id": f"redirect_uri:{RESPONSE_URI}"})
    with pytest.raises(Malformed, match="invalid_request"):
        check(text, client_id=f"redirect_uri:{RESPONSE_URI}")


@pytest.mark.parametrize(
    "text",
    ["decentralized_identifier:x", "redirect_uri:ftp://a", "x509_hash:", "x509_san_dns:é.example", "verifier_attestation:a",
     "", "x" * 3000],
)  # fmt: skip
def test_bad_client_identifiers(text: str) -> None:
    with pytest.raises(TegataError) as raised:
        parse_client_id(text)
    assert authorization_error(raised.value).error == "invalid_request"


def test_unknown_or_broken_purposes_are_ignored() -> None:
    broken = VerifierInfo(format=build_purpose(Purpose(names={}, purposes={})).format, data={"names": {"ja": 5}})
    assert find_purpose((VerifierInfo(format="jwt", data="eyJ"), broken)) is None
