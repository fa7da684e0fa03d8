"""A JWT signed with ES256: from its text to its claims, against the signature verification that nobody can save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from cryptography.hazmat.primitives.asymmetric import ec

from common.jose.jwk import CURVES, PublicKey, ecdsa_to_der, parse_public_jwk
from common.jose.jwt import build_jwt, parse_jwt, verify_jwt
from common.keys.software import SoftwareKey
from tests.bench.figure import Figure, ratio
from tests.bench.formats.sd_jwt_vc import CLAIMS, NOW

BOUND = 1.15
ABOUT = ("family_name", "given_name", "birthdate", "student_number", "faculty", "department", "status_of_student")
TYP, AUDIENCE = "example+jwt", "https://verifier.example"
_SCHEME = CURVES["P-256"].scheme


@dataclass(frozen=True, slots=True)
class _Case:
    text: str
    key: PublicKey
    raw_key: ec.EllipticCurvePublicKey
    signature: bytes
    data: bytes


def _make_input(issuer: SoftwareKey, public: PublicKey, number: int) -> _Case:
    """Twelve claims: five that a token has, seven about a person; no two inputs are alike."""
    own = {
        "iss": "https://issuer.example/sakuragawa",
        "aud": AUDIENCE,
        "iat": NOW,
        "exp": NOW + 3600,
        "sub": str(number),
    }
    text = build_jwt({"typ": TYP, "kid": "key-1"}, {**own, **{name: CLAIMS[name] for name in ABOUT}}, issuer)
    jws = parse_jwt(text).jws
    der = ecdsa_to_der(jws.signature, 32)
    return _Case(text, public, cast(ec.EllipticCurvePublicKey, public.key), der, jws.signing_input)


def measure() -> list[Figure]:
    """One figure. The issuer's key was read before; the claims are verified with signature, typ, times and audience."""
    issuer = SoftwareKey.generate()
    public = parse_public_jwk(issuer.public_jwk())
    numbers = iter(range(1 << 30))

    def ours(case: _Case) -> None:
        claims = verify_jwt(parse_jwt(case.text), case.key, typ=TYP, now=NOW + 5, audience=AUDIENCE)
        assert claims["faculty"] == CLAIMS["faculty"]

    def raw(case: _Case) -> None:
        case.raw_key.verify(case.signature, case.data, _SCHEME)

    value = ratio(ours, raw, lambda: _make_input(issuer, public, next(numbers)))
    return [
        Figure(
            name="ES256 JWT verify, 12 claims",
            value=round(value, 3),
            unit="× one raw P-256 verification",
            bound=BOUND,
            ok=value <= BOUND,
            note="least times of 20 interleaved rounds of 50 fresh tokens of one issuer",
        )
    ]
