"""The Python reference library ``sd-jwt`` reads what we write, and we read what it writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from common.errors import Rejected
from common.formats.credential import CredentialContent
from common.formats.registry import FORMATS
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey

NOW = 1_800_000_000
ISSUER, HOLDER = SoftwareKey.generate(), SoftwareKey.generate()
AUDIENCE, NONCE = "x509_san_dns:shop.example", "n-0S6_WzA2Mj"
CLAIMS: dict[str, Any] = {
    "family_name": "辻󠄀",
    "family_name#ja-Kana-JP": "ツジ",
    "age_equal_or_over": {"18": True, "20": False},
    "faculty": "法学部",
}
OURS = FORMATS["dc+sd-jwt"]


def public(key: SoftwareKey) -> PublicKey:
    return parse_public_jwk({name: value for name, value in key.private_jwk().items() if name != "d"})


def theirs(key: SoftwareKey) -> JWK:
    return JWK(**key.private_jwk())


def find_key(_issuer: str, _header: dict[str, Any]) -> JWK:
    return theirs(ISSUER)


def issued_by_us() -> str:
    content = CredentialContent(
        type_name="enrolment",
        vct="https://issuer.example/types/enrolment",
        claims=CLAIMS,
        issuer="https://issuer.example/sakuragawa",
        holder_jwk=public(HOLDER).jwk,
        issued_at=NOW,
        valid_from=NOW,
        valid_until=NOW + 86_400,
    )
    return OURS.issue(content, ISSUER)


def issued_by_them() -> str:
    claims: dict[Any, Any] = {SDObj(name): value for name, value in CLAIMS.items()}
    claims |= {"iss": "https://issuer.example", "vct": "https://issuer.example/types/enrolment"}
    claims |= {"iat": NOW, "exp": NOW + 86_400}
    issuer = SDJWTIssuer(
        claims,
        theirs(ISSUER),
        holder_key=theirs(HOLDER),
        sign_alg="ES256",
        add_decoy_claims=True,
        extra_header_parameters={"typ": "dc+sd-jwt"},
    )
    text: str = issuer.sd_jwt_issuance
    return text


def presented_by_us(text: str) -> str:
    shown = [("family_name",), ("age_equal_or_over", "18")]
    return OURS.present(text, paths=shown, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)


def presented_by_them(text: str) -> str:
    holder = SDJWTHolder(text)
    shown = {"family_name": True, "age_equal_or_over": {"18": True}}
    holder.create_presentation(shown, nonce=NONCE, aud=AUDIENCE, holder_key=theirs(HOLDER), sign_alg="ES256")
    presentation: str = holder.sd_jwt_presentation
    return presentation


def test_what_we_issue_they_read() -> None:
    read = SDJWTVerifier(issued_by_us(), find_key).get_verified_payload()
    assert {name: read[name] for name in CLAIMS} == CLAIMS


def test_what_they_issue_we_read() -> None:
    read = OURS.verify(OURS.parse(issued_by_them()), public(ISSUER), now=NOW)
    assert {name: read.claims[name] for name in CLAIMS} == CLAIMS


@pytest.mark.parametrize("issued", [issued_by_us, issued_by_them])
def test_what_we_present_they_read(issued: Callable[[], str]) -> None:
    verifier = SDJWTVerifier(presented_by_us(issued()), find_key, AUDIENCE, NONCE)
    read = verifier.get_verified_payload()
    assert read["family_name"] == CLAIMS["family_name"]
    assert read["age_equal_or_over"]["18"] is True
    assert "faculty" not in read


@pytest.mark.parametrize("issued", [issued_by_us, issued_by_them])
def test_what_they_present_we_read(issued: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sd_jwt.holder.time", lambda: NOW)
    presentation = presented_by_them(issued())
    read = OURS.verify_presentation(
        OURS.parse_presentation(presentation), public(ISSUER), audience=AUDIENCE, nonce=NONCE, now=NOW
    )
    assert read.credential.claims["family_name"] == CLAIMS["family_name"]
    assert "faculty" not in read.credential.claims
    with pytest.raises(Rejected):
        OURS.verify_presentation(
            OURS.parse_presentation(presentation), public(ISSUER), audience=AUDIENCE, nonce="other", now=NOW
        )
