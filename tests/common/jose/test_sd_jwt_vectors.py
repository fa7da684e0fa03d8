"""The issue-and-present cases of sd-jwt-python: issued by that package and read by us, issued by us and shown as the case says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.utils.yaml_specification import load_yaml_specification
from sd_jwt.verifier import SDJWTVerifier

from common.jose.jwk import parse_public_jwk
from common.jose.sd_jwt import (
    Disclosable,
    issue_sd_jwt,
    parse_sd_jwt,
    select_disclosures,
    verify_key_binding,
    verify_sd_jwt,
)
from common.keys.software import SoftwareKey
from tests.shared_data import shared_vectors

FOLDER = shared_vectors("sd-jwt")
CASES = sorted(FOLDER.glob("*/**/specification.yml"))
NOW = 1_700_000_000


def name_of(path: Path) -> str:
    return path.parent.name


def settings_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((path.parents[1] / "settings.yml").read_text())
    return found


def as_ours(value: Any) -> Any:
    """Their tree of SDObj (around names of members and around elements) → ours of Disclosable."""
    if isinstance(value, SDObj):
        return Disclosable(as_ours(value.value))
    if isinstance(value, dict):
        return {
            (name.value if isinstance(name, SDObj) else name): Disclosable(as_ours(member))
            if isinstance(name, SDObj)
            else as_ours(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [as_ours(element) for element in value]
    return value


def paths_of(wanted: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Their tree of True and False → our claims paths."""
    if isinstance(wanted, dict):
        return [path for name, below in wanted.items() for path in paths_of(below, (*place, name))]
    if isinstance(wanted, list):
        return [path for index, below in enumerate(wanted) for path in paths_of(below, (*place, index))]
    return [place] if wanted and wanted != "None" else []


def as_they_see(presentation: str, issuer_jwk: dict[str, Any]) -> Any:
    """What their verifier makes of a presentation, key binding aside."""
    without_binding = presentation.rpartition("~")[0] + "~"
    return SDJWTVerifier(without_binding, lambda *_: JWK(**issuer_jwk)).get_verified_payload()


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_what_they_issue_and_present_we_verify(path: Path) -> None:
    case, settings = load_yaml_specification(path), settings_of(path)
    issuer_jwk, holder_jwk = settings["key_settings"]["issuer_keys"][0], settings["key_settings"]["holder_key"]
    bound = case.get("key_binding", False)
    issued = SDJWTIssuer(
        {"iss": "https://example.com", "iat": settings["iat"], **case["user_claims"]},
        JWK(**issuer_jwk),
        holder_key=JWK(**holder_jwk) if bound else None,
        add_decoy_claims=case.get("add_decoy_claims", False),
        extra_header_parameters=case.get("extra_header_parameters", {}),
    )
    holder = SDJWTHolder(issued.sd_jwt_issuance)
    aud, nonce = settings["identifiers"]["verifier"], settings["key_binding_nonce"]
    holder.create_presentation(
        case["holder_disclosed_claims"],
        nonce if bound else None,
        aud if bound else None,
        JWK(**holder_jwk) if bound else None,
    )
    parsed = parse_sd_jwt(holder.sd_jwt_presentation)
    key = parse_public_jwk({name: value for name, value in issuer_jwk.items() if name != "d"})
    claims = dict(verify_sd_jwt(parsed, key, typ=None, now=NOW).claims)
    assert claims == as_they_see(holder.sd_jwt_presentation, issuer_jwk)
    if bound:
        assert parsed.key_binding is not None
        signed_at = int(parsed.key_binding.claims["iat"])
        public = parse_public_jwk(claims.pop("cnf")["jwk"])
        assert verify_key_binding(parsed, public, audience=aud, nonce=nonce, now=signed_at) == signed_at
    for name in ("iss", "iat"):
        claims.pop(name)
    if "expect_verified_user_claims" in case:  # the examples leave it to the verifier above
        assert claims == case["expect_verified_user_claims"]


@pytest.mark.parametrize("path", CASES, ids=name_of)
def test_what_we_issue_and_present_is_what_the_case_says(path: Path) -> None:
    case = load_yaml_specification(path)
    issuer = SoftwareKey.generate()
    issued = parse_sd_jwt(issue_sd_jwt({}, as_ours(case["user_claims"]), issuer))
    chosen = select_disclosures(issued, paths_of(case["holder_disclosed_claims"]))
    presented = parse_sd_jwt("~".join((issued.presented.partition("~")[0], *chosen, "")))
    key = parse_public_jwk(issuer.public_jwk())
    shown = verify_sd_jwt(presented, key, typ=None, now=NOW, never_disclosed=()).claims
    assert shown == as_they_see(presented.presented, issuer.public_jwk())
    if "expect_verified_user_claims" in case:
        assert shown == case["expect_verified_user_claims"]
