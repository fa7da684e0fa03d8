"""JWTs and SD-JWT VCs by the peers: each function takes what the job is set up with and gives what works on one input."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

Job = Callable[[Any], object]


def jwt_pyjwt(given: dict[str, Any]) -> Job:
    import jwt

    key = jwt.PyJWK(given["public"])
    return lambda text: jwt.decode(text, key, algorithms=["ES256"], audience=given["audience"])["faculty"]


def jwt_joserfc(given: dict[str, Any]) -> Job:
    from joserfc import jwt
    from joserfc.jwk import ECKey

    key = ECKey.import_key(given["public"])
    rules = jwt.JWTClaimsRegistry(aud={"essential": True, "value": given["audience"]})

    def verify(text: str) -> object:
        token = jwt.decode(text, key, algorithms=["ES256"])
        rules.validate(token.claims)
        return token.claims["faculty"]

    return verify


def jwt_jwcrypto(given: dict[str, Any]) -> Job:
    from jwcrypto import jwk, jwt

    key = jwk.JWK(**given["public"])

    def verify(text: str) -> object:
        token = jwt.JWT(jwt=text, key=key, algs=["ES256"], check_claims={"aud": given["audience"], "exp": None})
        return json.loads(token.claims)["faculty"]

    return verify


def sd_jwt_verify_openvc(given: dict[str, Any]) -> Job:
    from openvc.proof.sd_jwt import SdJwtVcProofSuite

    suite = SdJwtVcProofSuite()

    def verify(text: str) -> object:
        found = suite.verify(
            text,
            public_key_jwk=given["public"],
            audience=given["audience"],
            nonce=given["nonce"],
            require_key_binding=True,
            expected_vct=given["vct"],
        )
        assert found.key_bound
        return found.claims["faculty"]

    return verify


def sd_jwt_verify_sd_jwt(given: dict[str, Any]) -> Job:
    from jwcrypto.jwk import JWK
    from sd_jwt.verifier import SDJWTVerifier

    key = JWK(**given["public"])

    def verify(text: str) -> object:
        verifier = SDJWTVerifier(text, lambda issuer, header: key, given["audience"], given["nonce"])
        return verifier.get_verified_payload()["faculty"]

    return verify


def _issued_claims(given: dict[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": given["issuer"], "vct": given["vct"], "iat": now, "nbf": now, "exp": now + 31_536_000}


def sd_jwt_issue_openvc(given: dict[str, Any]) -> Job:
    from openvc.keys import P256SigningKey
    from openvc.proof.sd_jwt import SdJwtVcProofSuite

    suite, key = SdJwtVcProofSuite(), P256SigningKey.from_jwk(given["private"], "key-1")
    claims = {**_issued_claims(given), **given["claims"]}

    def issue(_: object) -> object:
        text = suite.issue(
            dict(claims),
            signing_key=key,
            disclosable=list(given["claims"]),
            holder_jwk=given["holder"],
            vct=given["vct"],
        )
        assert text.count("~") == len(given["claims"]) + 1
        return text

    return issue


def sd_jwt_issue_sd_jwt(given: dict[str, Any]) -> Job:
    from jwcrypto.jwk import JWK
    from sd_jwt.common import SDObj
    from sd_jwt.issuer import SDJWTIssuer

    key, holder = JWK(**given["private"]), JWK(**given["holder"])
    plain = _issued_claims(given)

    def issue(_: object) -> object:
        claims = {**plain, **{SDObj(name): value for name, value in given["claims"].items()}}
        made = SDJWTIssuer(claims, key, holder, extra_header_parameters={"typ": "dc+sd-jwt", "kid": "key-1"})
        assert made.sd_jwt_issuance.count("~") == len(given["claims"]) + 1
        return made.sd_jwt_issuance

    return issue
