"""W3C presentations as JWTs: the holder that the credential names, for us, just now."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed, Rejected
from common.formats.credential import VerifiedPresentation
from common.formats.vc_jose_cose.parse import ENVELOPE
from common.formats.vcdm.terms import CONTEXT_V2
from common.jose.jwt import build_jwt, parse_jwt
from tests.common.formats.samples import AUDIENCE, HOLDER, ISSUER, NONCE, NOW, content, public
from tests.common.formats.test_vc_jose_cose import DID, FORMAT, ISSUER_DID, document, v1


def vp(**change: Any) -> dict[str, Any]:
    text = FORMAT.issue(content(issuer=ISSUER_DID), ISSUER)
    envelope = {"@context": CONTEXT_V2, "id": ENVELOPE + text, "type": "EnvelopedVerifiableCredential"}
    claims = {
        "@context": [CONTEXT_V2],
        "type": ["VerifiablePresentation"],
        "holder": DID,
        "verifiableCredential": [envelope],
        "iss": DID,
        "aud": AUDIENCE,
        "nonce": NONCE,
        "iat": NOW,
        **change,
    }
    return {name: value for name, value in claims.items() if value is not None}


def check(claims: dict[str, Any], **header: Any) -> VerifiedPresentation:
    text = build_jwt({"typ": "vp+jwt", "kid": f"{DID}#0", **header}, claims, HOLDER)
    parsed = FORMAT.parse_presentation(text)
    return FORMAT.verify_presentation(parsed, public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW)


def test_presentations() -> None:
    assert check(vp()).presented_at == NOW
    assert check(vp(holder=None, iss=None)).presented_at == NOW


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"holder": "did:web:another.example"}, "wrong_holder"),
        ({"iss": "did:web:another.example"}, "wrong_holder"),
        ({"aud": None}, "wrong_audience"),
        ({"aud": ["another"]}, "wrong_audience"),
        ({"nonce": None}, "wrong_nonce"),
        ({"iat": NOW - 361}, "stale"),
        ({"iat": NOW + 61}, "not_yet_valid"),
        ({"exp": NOW - 61}, "expired"),
    ],
)
def test_rejected_presentations(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(vp(**change))
    assert caught.value.reason == reason


def test_kid_of_another_did() -> None:
    with pytest.raises(Rejected, match="wrong_holder"):
        check(vp(), kid="did:web:another.example#0")


@pytest.mark.parametrize(
    "change",
    [
        {"iat": None},
        {"type": ["VerifiableCredential"]},
        {"@context": None},
        {"verifiableCredential": None},
        {"verifiableCredential": []},
        {"verifiableCredential": [{}]},
        {"verifiableCredential": [{"id": "data:application/vc+sd-jwt,x", "type": "EnvelopedVerifiableCredential"}]},
        {"verifiableCredential": ["text"]},
        {"verifiableCredential": [document()]},  # not secured
        {"vp": {}},
    ],
)
def test_malformed_presentations(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        check(vp(**change))


def test_exactly_one_credential() -> None:
    one = vp()["verifiableCredential"][0]
    with pytest.raises(Malformed, match="exactly one"):
        check(vp(verifiableCredential=[one, one]))


def test_the_old_form_is_presented_in_the_old_form() -> None:
    text = build_jwt({"typ": "JWT", "kid": f"{ISSUER_DID}#key-1"}, v1(), ISSUER)
    shown = FORMAT.present(text, paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    token = parse_jwt(shown)
    assert token.claims["vp"]["verifiableCredential"] == [text]
    assert check(dict(token.claims), typ="JWT").credential.issuer == ISSUER_DID
