"""SD-JWT VC: a presentation with key binding verified, and a credential issued, against the signatures that nobody can save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from cryptography.hazmat.primitives.asymmetric import ec

from common.formats.credential import CredentialContent, StatusReference
from common.formats.sd_jwt_vc import SdJwtVc
from common.jose.jwk import CURVES, PublicKey, ecdsa_to_der, forget_parsed_keys, parse_public_jwk
from common.jose.sd_jwt import parse_sd_jwt
from common.keys.software import SoftwareKey
from tests.bench.figure import Figure, ratio

BOUND, ISSUE_BOUND = 1.8, 4.5
NOW = 1_790_000_000
ISSUER, VCT = "https://issuer.example/sakuragawa", "https://issuer.example/types/enrolment"
AUDIENCE, NONCE = "x509_san_dns:cafe.example", "0f4b6f0a1c2d3e4f5a6b7c8d9e0f1a2b"
CLAIMS = {
    "family_name": "桜川",
    "given_name": "花子",
    "family_name_kana": "サクラガワ",
    "given_name_kana": "ハナコ",
    "name_latin": "SAKURAGAWA Hanako",
    "birthdate": "2005-04-02",
    "student_number": "24A0123",
    "faculty": "理工学部",
    "department": "情報工学科",
    "enrolled_on": "2024-04-01",
    "expected_graduation": "2028-03-31",
    "status_of_student": "enrolled",
}
SHOWN = [("family_name",), ("given_name",), ("faculty",), ("status_of_student",)]
_SCHEME = CURVES["P-256"].scheme


@dataclass(frozen=True, slots=True)
class _Case:
    text: str
    issuer_key: PublicKey
    signatures: tuple[tuple[ec.EllipticCurvePublicKey, bytes, bytes], ...]


def make_content(holder: SoftwareKey) -> CredentialContent:
    return CredentialContent(
        type_name="enrolment",
        vct=VCT,
        claims=CLAIMS,
        issuer=ISSUER,
        holder_jwk=holder.public_jwk(),
        issued_at=NOW,
        valid_from=NOW,
        valid_until=NOW + 31_536_000,
        status=StatusReference(uri="https://issuer.example/sakuragawa/status/1", index=123_456),
    )


def _make_input(issuer: SoftwareKey) -> _Case:
    """A fresh credential for a fresh holder, presented once. The issuer's key is known beforehand, as it is to a verifier."""
    holder = SoftwareKey.generate()
    content = make_content(holder)
    sd_jwt_vc = SdJwtVc()
    text = sd_jwt_vc.present(
        sd_jwt_vc.issue(content, issuer), paths=SHOWN, holder=holder, audience=AUDIENCE, nonce=NONCE, now=NOW
    )
    parsed = parse_sd_jwt(text)
    assert parsed.key_binding is not None
    assert len(parsed.disclosures) == len(SHOWN)
    signatures = tuple(
        (cast(ec.EllipticCurvePublicKey, key.key), ecdsa_to_der(jws.signature, 32), jws.signing_input)
        for key, jws in (
            (parse_public_jwk(issuer.public_jwk()), parsed.token.jws),
            (parse_public_jwk(holder.public_jwk()), parsed.key_binding.jws),
        )
    )
    return _Case(text, parse_public_jwk(issuer.public_jwk()), signatures)


def _make_stranger(issuer: SoftwareKey) -> _Case:
    """The same, and nothing that was parsed on the way is remembered."""
    case = _make_input(issuer)
    forget_parsed_keys()
    return case


def _make_new_holder() -> tuple[CredentialContent, bytes]:
    """What is to be issued, and as many bytes as are signed for it. The holder's key is new, and was read when its proof was verified."""
    content = make_content(SoftwareKey.generate())
    parse_public_jwk(content.holder_jwk)
    return content, b"s" * 1400


def measure() -> list[Figure]:
    """Two figures. Keys of holders are new in every input; before verifying, the cache of parsed keys is emptied."""
    issuer = SoftwareKey.generate()
    issuer_key = cast(ec.EllipticCurvePrivateKey, issuer.private_key())
    sd_jwt_vc = SdJwtVc()

    def verify(case: _Case) -> None:
        parsed = sd_jwt_vc.parse_presentation(case.text)
        shown = sd_jwt_vc.verify_presentation(parsed, case.issuer_key, audience=AUDIENCE, nonce=NONCE, now=NOW + 5)
        assert len(shown.credential.subject) == len(SHOWN)

    def raw_verify(case: _Case) -> None:
        for key, signature, data in case.signatures:
            key.verify(signature, data, _SCHEME)

    def issue(case: tuple[CredentialContent, bytes]) -> None:
        assert sd_jwt_vc.issue(case[0], issuer).count("~") == len(CLAIMS) + 1

    def raw_sign(case: tuple[CredentialContent, bytes]) -> None:
        issuer_key.sign(case[1], _SCHEME)

    verified = ratio(verify, raw_verify, lambda: _make_stranger(issuer))
    issued = ratio(issue, raw_sign, _make_new_holder)
    return [
        Figure(
            name="SD-JWT VC + key binding verify, 12 claims, 4 shown",
            value=round(verified, 3),
            unit="× two raw P-256 verifications",
            bound=BOUND,
            ok=verified <= BOUND,
            note="least times of 20 interleaved rounds of 50 fresh presentations by new holders",
        ),
        Figure(
            name="SD-JWT VC issue, 12 claims, each disclosable",
            value=round(issued, 3),
            unit="× one raw P-256 signature",
            bound=ISSUE_BOUND,
            ok=issued <= ISSUE_BOUND,
            note="least times of 20 interleaved rounds of 50 credentials for new holders, who have just proven their key",
        ),
    ]
