"""Securing W3C documents with JOSE, SD-JWT and COSE: what goes in comes out, and each rule of the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from common.cose.headers import CONTENT_TYPE, CRIT, KID, TYP
from common.cose.sign1 import sign_sign1
from common.encoding import compact_json
from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.formats.vc_jose_cose.media_type import (
    MEDIA_TYPES,
    VC_COSE,
    VC_JWT,
    VC_SD_JWT,
    MediaType,
    media_type,
)
from common.formats.vc_jose_cose.parse_secured import parse_secured
from common.formats.vc_jose_cose.profile import Profile
from common.formats.vc_jose_cose.secure import CWT_CLAIMS
from common.formats.vc_jose_cose.verify_secured import VerifiedSecured, verify_secured
from common.formats.vcdm.terms import CONTEXT_V1
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import build_jwt
from tests.common.formats.samples import NOW, STRANGER
from tests.common.formats.secured_samples import (
    FULL,
    ISSUER_URL,
    KEYS,
    credential,
    enveloped,
    key_id,
    presentation,
    secured,
    signed_jwt,
)

CREDENTIALS = (VC_JWT, VC_SD_JWT, VC_COSE)


def document_for(kind: MediaType) -> dict[str, Any]:
    return FULL if kind.kind == "vc" else presentation(enveloped(VC_JWT), enveloped(VC_COSE, "p384"))


def verify(data: str | bytes, kind: MediaType = VC_JWT, key: str = "p256", **options: Any) -> VerifiedSecured:
    return verify_secured(
        parse_secured(data, kind), parse_public_jwk(KEYS[key].public_jwk()), **{"now": NOW, **options}
    )


def signed_cose(document: Mapping[str, Any], **change: Any) -> bytes:
    header = {"typ": VC_COSE.full, "cty": "application/vc", "kid": key_id("p256").encode(), **change}
    labels: dict[str, int | str] = {"typ": TYP, "cty": CONTENT_TYPE, "kid": KID, "claims": CWT_CLAIMS, "crit": CRIT}
    protected = {labels[name]: value for name, value in header.items() if value is not None}
    return sign_sign1(compact_json(dict(document)), KEYS["p256"], protected=protected, tagged=True)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("kind", MEDIA_TYPES, ids=lambda kind: kind.typ)
def test_every_media_type_with_every_algorithm(kind: MediaType, key: str) -> None:
    document = document_for(kind)
    found = verify(secured(document, kind, key, issued_at=NOW - 5, expires_at=NOW + 5), kind, key)
    assert {name: found.document[name] for name in document} == document
    assert (found.party, found.kid, found.warnings) == (ISSUER_URL, key_id(key), ())
    assert found.claims["iss"] == ISSUER_URL
    assert found.claims["iat"] == NOW - 5
    assert len(found.enveloped) == len(document.get("verifiableCredential", []))
    with pytest.raises(Rejected, match=r"bad_signature|algorithm_not_allowed"):
        verify_secured(
            parse_secured(secured(document, kind, key), kind), parse_public_jwk(STRANGER.public_jwk()), now=NOW
        )


def test_cose_payload_is_the_document_alone() -> None:
    parsed = parse_secured(secured(FULL, VC_COSE, issued_at=NOW), VC_COSE)
    assert parsed.document == FULL
    assert parsed.claims == {"iss": ISSUER_URL, "iat": NOW}


@pytest.mark.parametrize("kind", CREDENTIALS, ids=lambda kind: kind.typ)
@pytest.mark.parametrize("other", MEDIA_TYPES, ids=lambda kind: kind.typ)
def test_no_media_type_passes_for_another(kind: MediaType, other: MediaType) -> None:
    data = secured(credential(), kind)
    if kind is not other:
        with pytest.raises(Malformed):
            parse_secured(data, other)


@pytest.mark.parametrize("name", ["application/vc+jwt", "vc+jwt", "VC+JWT", "Application/VC+JWT"])
def test_media_types_by_name(name: str) -> None:
    assert media_type(name) is VC_JWT
    for unknown in ("vc", "application/vc", "jwt", "vc+ld+json+jwt", "text/vc+jwt"):
        with pytest.raises(Unsupported, match="unknown_media_type"):
            media_type(unknown)


@pytest.mark.parametrize("cty", ["vc", "application/vc", "vc+ld+json", "application/VC"])
def test_content_types(cty: str) -> None:
    verify(signed_jwt(credential(), cty=cty))
    verify(signed_cose(credential(), cty=cty, claims={1: ISSUER_URL}), VC_COSE)
    for bad in ("vp", "v", "vcx", "text/vc", 5, None):
        with pytest.raises(Malformed, match="bad_cty"):
            verify(signed_jwt(credential(), cty=bad))
    with pytest.raises(Malformed, match="bad_cty"):
        verify(signed_cose(credential(), cty=50), VC_COSE)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"vc": {}}, "bad_claims"),
        ({"vp": None}, "bad_claims"),
        ({"iss": "https://other.example"}, "bad_issuer"),
        ({"issuer": {"id": ISSUER_URL}, "iss": f"{ISSUER_URL}/"}, "bad_issuer"),
        ({"jti": "urn:uuid:another"}, "jti"),
        ({"sub": "did:example:another"}, "sub"),
        ({"sub": ["did:example:hanako"]}, "sub"),
        ({"jti": {}}, "jti"),
        ({"iat": "2020-01-01T00:00:00Z"}, "bad_time"),
        ({"iat": NOW + 61}, "not_yet_valid"),
        ({"nbf": NOW + 61}, "not_yet_valid"),
        ({"exp": NOW - 60}, "expired"),
        ({"validUntil": "2021-01-01T00:00:00Z"}, "expired"),
        ({"validFrom": "2098-01-01T00:00:00Z"}, "not_yet_valid"),
        ({"validFrom": "2020-01-01"}, "bad_time"),
        ({"@context": [CONTEXT_V1], "issuanceDate": "2020-01-01T00:00:00Z"}, "bad_context"),
        ({"type": ["Other"]}, "bad_type"),
        ({"issuer": "no url"}, "bad_issuer"),
        ({"credentialSubject": {}}, "bad_subject"),
    ],
)
def test_what_is_not_believed(change: dict[str, Any], match: str) -> None:
    with pytest.raises((Malformed, Rejected), match=match):
        verify(signed_jwt({**credential(), **change}))


def test_what_agrees_is_believed() -> None:
    document = credential()
    claims = {"iss": ISSUER_URL, "jti": document["id"], "sub": "did:example:hanako", "iat": NOW, "exp": NOW + 1}
    assert verify(signed_jwt({**document, **claims, "unknown": {"any": 1}})).warnings == ()
    assert verify(signed_jwt({**document, "issuer": {"id": ISSUER_URL, "name": "x"}, "iss": ISSUER_URL})).party


@pytest.mark.parametrize(
    ("change", "kid", "reason"),
    [
        ({}, "key-1", "bad_kid"),  # an https issuer without iss: kid is a URL
        ({}, None, "bad_kid"),
        ({"issuer": "did:web:a.example"}, None, "untrusted_key"),
        ({"issuer": "did:web:a.example"}, "did:web:b.example#1", "untrusted_key"),
        ({"issuer": "did:web:a.example", "iss": "did:web:a.example"}, "key-1", "untrusted_key"),
    ],
)
def test_the_name_of_the_key(change: dict[str, Any], kid: str | None, reason: str) -> None:
    text = signed_jwt({**credential(), **change}, kid=kid) if kid else _without_kid({**credential(), **change})
    with pytest.raises((Malformed, Rejected), match=reason):
        verify(text)
    (warning,) = verify(text, profile=Profile.PROOF_ONLY).warnings
    assert warning.code == reason


def _without_kid(claims: dict[str, Any]) -> str:
    return build_jwt({"typ": "vc+jwt"}, claims, KEYS["p256"])


def test_proof_only_tells_what_it_does_not_judge() -> None:
    late = signed_jwt({**credential(validUntil="2021-01-01T00:00:00Z"), "exp": 1, "jti": "urn:other"}, kid="key-1")
    codes = [warning.code for warning in verify(late, profile=Profile.PROOF_ONLY).warnings]
    assert codes == ["bad_claims", "bad_kid", "expired", "expired"]
    for change in ({"vc": 1}, {"iss": "https://other.example"}, {"type": []}):
        with pytest.raises((Malformed, Rejected)):
            verify(signed_jwt({**credential(), **change}), profile=Profile.PROOF_ONLY)


def test_cwt_claims_are_judged_like_those_of_a_jwt() -> None:
    assert verify(signed_cose(credential(), claims={1: ISSUER_URL, 6: NOW}), VC_COSE).claims["iat"] == NOW
    for claims, match in [
        ({1: "https://other.example"}, "bad_issuer"),
        ({1: ISSUER_URL, 4: NOW - 60}, "expired"),
        ({1: ISSUER_URL, 6: "2020-01-01T00:00:00Z"}, "bad_time"),
        ([], "bad_cose"),
    ]:
        with pytest.raises((Malformed, Rejected), match=match):
            verify(signed_cose(credential(), claims=claims), VC_COSE)
    with pytest.raises(Malformed, match="unknown_crit"):
        verify(signed_cose(credential(), crit=[15]), VC_COSE)
    for change in ({"typ": None}, {"typ": 5}, {"typ": "vp+cose"}, {"cty": "application/json"}):
        with pytest.raises(Malformed):
            parse_secured(signed_cose(credential(), **change), VC_COSE)


def test_every_flipped_byte_is_noticed() -> None:
    for kind in MEDIA_TYPES:
        data = secured(credential() if kind.kind == "vc" else presentation(), kind)
        raw = data if isinstance(data, bytes) else data.encode("ascii")
        for at in range(0, len(raw), 7):
            changed = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
            with pytest.raises(TegataError):
                verify(changed if isinstance(data, bytes) else changed.decode("latin-1"), kind)
