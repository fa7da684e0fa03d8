"""Key proofs: who may be bound, and every way a proof can be wrong (OpenID4VCI 1.0 appendix F)."""

from __future__ import annotations

from typing import Any

import pytest

from common.did.methods.jwk import did_of_jwk
from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.jose.jwt import build_jwt
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.oid4vci.errors import credential_problem
from common.oid4vci.proof_jwt import (
    PROOF_TYP,
    VerifiedProof,
    build_proof_jwt,
    parse_proof_jwt,
    verify_proof_jwt,
    verify_proofs,
)

ISSUER = "https://credential-issuer.example.com"
NOW = 1_701_960_444
# The example of appendix F.1 (nonce LarRGSbmUPYtRYO6BQ4yn8)
EXAMPLE = (
    "eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoiblVXQW9BdjNYWml0aDh"
    "FN2kxOU9kYXhPTFlGT3dNLVoyRXVNMDJUaXJUNCIsInkiOiJIc2tIVThCalVpMVU5WHFpN1N3bWo4Z3dBS18weGtjRGpFV183MVNvc0VZIn19.eyJhdWQiOiJodHRwcz"
    "ovL2NyZWRlbnRpYWwtaXNzdWVyLmV4YW1wbGUuY29tIiwiaWF0IjoxNzAxOTYwNDQ0LCJub25jZSI6IkxhclJHU2JtVVBZdFJZTzZCUTR5bjgifQ.-a3EDsxClUB4O3L"
    "eDD5DVGEnNMT01FCQW4P6-2-BNBqc_Zxf0Qw4CWayLEpqkAomlkLb9zioZoipdP-jvh1WlA"
)
KEY = SoftwareKey.generate()


def check(text: str, **options: Any) -> VerifiedProof:
    return verify_proof_jwt(parse_proof_jwt(text), **{"issuer": ISSUER, "now": NOW, **options})


def test_the_example_of_the_text_verifies() -> None:
    proof = check(EXAMPLE)
    assert proof.nonce == "LarRGSbmUPYtRYO6BQ4yn8"
    assert proof.holder_did is None
    assert proof.holder_jwk["x"] == "nUWAoAv3XZith8E7i19OdaxOLYFOwM-Z2EuM02TirT4"


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_each_way_to_name_the_key(alg: str) -> None:
    key = SoftwareKey.generate(alg)
    multibase = encode_did_key(key.public_jwk())
    did_jwk = did_of_jwk(key.public_jwk())
    for kid, did in (
        (None, None),
        (f"did:key:{multibase}#{multibase}", f"did:key:{multibase}"),
        (f"{did_jwk}#0", did_jwk),
    ):
        proof = check(build_proof_jwt(key, issuer=ISSUER, nonce="n", now=NOW, kid=kid))
        assert proof.holder_did == did
        assert proof.thumbprint == check(build_proof_jwt(key, issuer=ISSUER, nonce="n", now=NOW)).thumbprint


def forge(header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None) -> str:
    public = {name: KEY.public_jwk()[name] for name in ("kty", "crv", "x", "y")}
    whole = {"typ": PROOF_TYP, "jwk": public, **(header or {})}
    body = {"aud": ISSUER, "iat": NOW, "nonce": "n", **(claims or {})}
    return build_jwt(
        {name: value for name, value in whole.items() if value is not None},
        {name: value for name, value in body.items() if value is not None},
        KEY,
    )


OTHER = SoftwareKey.generate()
DID = did_of_jwk(OTHER.public_jwk())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (forge(header={"typ": "JWT"}), "invalid_proof"),
        (forge(header={"typ": None}), "invalid_proof"),
        (forge(header={"jwk": None}), "invalid_proof"),
        (forge(header={"kid": "x"}), "invalid_proof"),
        (forge(header={"jwk": KEY.private_jwk()}), "invalid_proof"),
        (forge(header={"jwk": OTHER.public_jwk()}), "invalid_proof"),
        (forge(header={"jwk": None, "kid": f"{DID}#0"}), "invalid_proof"),
        (forge(header={"jwk": None, "kid": f"{DID}#1"}), "invalid_proof"),
        (forge(header={"jwk": None, "kid": "did:web:a.example#1"}), "invalid_proof"),
        (forge(header={"jwk": None, "kid": 5}), "invalid_proof"),
        (forge(header={"jwk": None, "x5c": ["AA"]}), "invalid_proof"),
        (forge(header={"crit": ["x"], "x": 1}), "invalid_proof"),
        (forge(claims={"aud": "https://other.example"}), "invalid_proof"),
        (forge(claims={"aud": [ISSUER]}), "invalid_proof"),
        (forge(claims={"aud": None}), "invalid_proof"),
        (forge(claims={"iat": None}), "invalid_proof"),
        (forge(claims={"iat": NOW - 1000}), "invalid_proof"),
        (forge(claims={"iat": NOW + 1000}), "invalid_proof"),
        (forge(claims={"iat": "now"}), "invalid_proof"),
        (forge(claims={"iss": "somebody"}), "invalid_proof"),
        (forge(claims={"nonce": None}), "invalid_proof"),
        (forge(claims={"nonce": ""}), "invalid_proof"),
        (forge(claims={"nonce": 7}), "invalid_proof"),
        (forge()[:-4] + "AAAA", "invalid_proof"),
        ("eyJhbGciOiJub25lIn0.e30.", "invalid_proof"),
        ("nonsense", "invalid_proof"),
    ],
)
def test_wrong_proofs(text: str, code: str) -> None:
    with pytest.raises(TegataError) as raised:
        verify_proofs([text], issuer=ISSUER, now=NOW)
    assert isinstance(raised.value, Malformed | Rejected)
    assert credential_problem(raised.value).error == code
    assert credential_problem(raised.value).status == 400


def test_what_the_metadata_does_not_list_is_refused() -> None:
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        check(forge(), algs=("EdDSA",))
    with pytest.raises(Rejected, match="untrusted_key"):
        check(forge(), methods=("did:key",))


def test_client_and_nonce_rules() -> None:
    assert check(forge(claims={"iss": "w"}), client_id="w").nonce == "n"
    with pytest.raises(Rejected, match="wrong_holder"):
        check(forge(), client_id="w")
    assert check(forge(claims={"nonce": None}), nonce_needed=False).nonce is None
    with pytest.raises(Unsupported):
        parse_proof_jwt(forge(header={"jwk": None, "kid": "did:web:a.example#1"}))


def test_a_batch_needs_different_keys_and_one_nonce() -> None:
    texts = [build_proof_jwt(SoftwareKey.generate(), issuer=ISSUER, nonce="n", now=NOW) for _ in range(3)]
    assert len(verify_proofs(texts, issuer=ISSUER, now=NOW)) == 3
    with pytest.raises(Malformed, match="invalid_proof"):
        verify_proofs([texts[0], texts[0]], issuer=ISSUER, now=NOW)
    other = build_proof_jwt(SoftwareKey.generate(), issuer=ISSUER, nonce="m", now=NOW)
    with pytest.raises(Rejected) as raised:
        verify_proofs([*texts, other], issuer=ISSUER, now=NOW)
    assert credential_problem(raised.value).error == "invalid_nonce"
