"""Securing W3C documents under random input: any text or bytes → a result or an error of ours; what is secured comes back whole."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import b64url_encode, compact_json
from common.errors import Malformed, TegataError
from common.formats.credential import ClaimsPath
from common.formats.vc_jose_cose.claims_path import IN_THE_OPEN, mark_disclosable, parse_path
from common.formats.vc_jose_cose.enveloped import (
    decode_base64,
    encode_base64,
    read_enveloped_credential,
    read_enveloped_presentation,
)
from common.formats.vc_jose_cose.known_members import check_members
from common.formats.vc_jose_cose.media_type import MEDIA_TYPES, MediaType, media_type
from common.formats.vc_jose_cose.parse_secured import parse_secured
from common.formats.vc_jose_cose.profile import Profile
from common.formats.vc_jose_cose.secure import secure
from common.formats.vc_jose_cose.verify_secured import verify_enveloped, verify_secured
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import build_jwt
from common.keys.software import SoftwareKey
from common.keys.verification_method import parse_verification_method
from tests.common.formats.secured_samples import ISSUER_URL, KEYS, credential, key_id, presentation, secured
from tests.properties.test_jose import any_text, json_values, only_ours, token_like

NOW = 1_790_000_000
kinds = st.sampled_from(MEDIA_TYPES)
keys = st.sampled_from(sorted(KEYS))
names = st.text(st.characters(exclude_characters=".[]", codec="utf-8"), min_size=1, max_size=8).filter(
    lambda name: name not in ("_sd", "...", "_sd_alg", "id", *IN_THE_OPEN)
)


def _has_no_digests(value: Any) -> bool:
    """What SD-JWT calls its own cannot be a document's."""
    if isinstance(value, dict):
        return not {"_sd", "...", "_sd_alg"} & value.keys() and all(map(_has_no_digests, value.values()))
    return all(map(_has_no_digests, value)) if isinstance(value, list) else True


def public(name: str) -> Any:
    return parse_public_jwk(KEYS[name].public_jwk())


@settings(deadline=None, max_examples=60)
@given(kinds, keys, st.dictionaries(names, json_values.filter(_has_no_digests), min_size=1, max_size=4), st.data())
def test_what_is_secured_comes_back(kind: MediaType, key: str, claims: dict[str, Any], data: st.DataObject) -> None:
    document = credential(credentialSubject=claims) if kind.kind == "vc" else presentation()
    hidden: list[ClaimsPath] = []
    if kind.typ == "vc+sd-jwt":
        hidden = [("credentialSubject", name) for name in data.draw(st.sets(st.sampled_from(sorted(claims))))]
    found = verify_secured(parse_secured(secured(document, kind, key, disclosable=hidden), kind), public(key), now=NOW)
    assert {name: found.document[name] for name in document} == document


@settings(deadline=None, max_examples=150)
@given(kinds, st.data())
def test_any_changed_byte_is_noticed(kind: MediaType, data: st.DataObject) -> None:
    made = secured(credential() if kind.kind == "vc" else presentation(), kind)
    raw = bytearray(made if isinstance(made, bytes) else made.encode("ascii"))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    changed = bytes(raw) if isinstance(made, bytes) else raw.decode("latin-1")
    with pytest.raises(TegataError):
        verify_secured(parse_secured(changed, kind), public("p256"), now=NOW, profile=Profile.PROOF_ONLY)


@settings(deadline=None)
@given(kinds, token_like | any_text, st.binary(max_size=300))
def test_arbitrary_texts_and_bytes(kind: MediaType, text: str, data: bytes) -> None:
    only_ours(parse_secured, text, kind)
    only_ours(parse_secured, text + "~", kind)
    only_ours(parse_secured, data, kind)
    only_ours(decode_base64, text)
    only_ours(media_type, text)
    only_ours(parse_path, text)


@settings(deadline=None, max_examples=200)
@given(
    kinds,
    st.dictionaries(
        st.sampled_from(
            [
                *(
                    "@context",
                    "type",
                    "issuer",
                    "holder",
                    "credentialSubject",
                    "verifiableCredential",
                    "validFrom",
                    "id",
                ),
                *("iss", "sub", "jti", "iat", "exp", "nbf", "aud", "cnf", "vc", "_sd", "_sd_alg"),
            ]
        ),
        json_values,
        max_size=5,
    ),
    st.dictionaries(st.sampled_from(["kid", "cty", "x5c", "jwk", "b64"]), json_values, max_size=2),
)
def test_arbitrary_claims_and_headers(kind: MediaType, change: dict[str, Any], header: dict[str, Any]) -> None:
    base = credential() if kind.kind == "vc" else presentation()
    made: str | bytes = build_jwt({"typ": kind.typ, "kid": key_id("p256"), **header}, {**base, **change}, KEYS["p256"])
    if kind.securing == "sd-jwt":
        made = f"{made}~"

    def whole() -> None:
        for profile in Profile:
            found = verify_secured(
                parse_secured(made, kind), public("p256"), now=NOW, profile=profile, audience="us", nonce="n"
            )
            verify_enveloped(found, lambda hint: public("p256"), now=NOW, profile=profile)

    only_ours(whole)


@settings(deadline=None)
@given(kinds, st.dictionaries(st.sampled_from(["@context", "type", "issuer", "x", "id", "holder"]), json_values))
def test_arbitrary_documents_are_secured_or_refused(kind: MediaType, change: dict[str, Any]) -> None:
    base = credential() if kind.kind == "vc" else presentation()
    only_ours(secure, {**base, **change}, kind, KEYS["ed25519"])
    only_ours(secure, change, kind, KEYS["ed25519"])
    only_ours(check_members, {**base, **change})


@settings(deadline=None)
@given(
    json_values | st.fixed_dictionaries({"@context": json_values, "type": json_values, "id": json_values | any_text})
)
def test_arbitrary_envelopes(value: Any) -> None:
    only_ours(read_enveloped_credential, value)
    only_ours(read_enveloped_presentation, value)


@settings(deadline=None)
@given(json_values, st.lists(json_values, max_size=4))
def test_arbitrary_disclosure_paths(value: Any, steps: list[Any]) -> None:
    for path in (value, steps):
        try:
            parsed = parse_path(path)
        except Malformed:
            continue
        only_ours(mark_disclosable, {"a": [value], **credential()}, [parsed])


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["id", "controller", "publicKeyJwk", "publicKeyMultibase", "secretKeyJwk", "secretKeyMultibase", "kty", "d"]
        ),
        json_values | any_text | st.binary(max_size=70).map(b64url_encode),
    )
)
def test_arbitrary_verification_methods(document: dict[str, Any]) -> None:
    only_ours(parse_verification_method, document)
    only_ours(parse_verification_method, {**KEYS["p384"].private_jwk(), **document})


@given(st.binary(max_size=200))
def test_base64_has_two_spellings_and_no_third(data: bytes) -> None:
    text = encode_base64(data)
    assert decode_base64(text) == decode_base64(text.rstrip("=")) == data
    for other in (text + "=", text + "\n", base64.b64encode(data + b"\xff").decode() + "===="):
        with pytest.raises(Malformed):
            decode_base64(other)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=400))
def test_arbitrary_key_files(data: bytes) -> None:
    only_ours(SoftwareKey.from_file_content, data)
    assert compact_json({"issuer": ISSUER_URL})
