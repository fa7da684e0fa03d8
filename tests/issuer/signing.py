"""What tests about signing keys do with a school: issue under a key, ask for the published keys, verify, list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from common.adapters.key_file import open_key_file
from common.formats.registry import FORMATS
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws
from issuer.app import build_app
from issuer.flows.desk import open_desk
from issuer.flows.list_keys import list_keys
from issuer.flows.make_offer import make_offer
from issuer.flows.publish_status_list import StatusListPublisher
from tests.fakes.app_client import AppClient
from tests.issuer.school import BASE, TENANT, School, Wallet


def issue(school: School, configuration: str = "enrolment_sd_jwt", student: str = "S001") -> str:
    type_name = configuration.partition("_")[0]
    formats = ["jwt_vc_json"] if configuration.endswith("w3c_jwt") else []
    made = make_offer(school.desk, TENANT, school.person(student), types=[type_name], formats=formats, actor="test")
    (text,) = Wallet(school).claim(made, configuration)
    return text


def kid_of(text: str) -> str:
    return str(parse_jws(text.partition("~")[0]).kid).rpartition("#")[2]


def key_set(school: School, alg: str = "ES256") -> list[dict[str, Any]]:
    """What a verifier that asks now is told of this algorithm."""
    found = school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}")
    assert found.status_code == 200
    return [key for key in found.json()["jwks"]["keys"] if key["alg"] == alg]


def verify(text: str, keys: list[dict[str, Any]], now: int) -> None:
    (jwk,) = [jwk for jwk in keys if jwk["kid"] == kid_of(text)]
    form = FORMATS["dc+sd-jwt"]
    form.verify(form.parse(text), parse_public_jwk(jwk), now=now)


def states(school: School) -> dict[str, str]:
    """Of the keys for ES256; an institution has others too."""
    return {key.kid: key.state for key in list_keys(school.desk, TENANT) if key.alg == "ES256"}


def second_process(school: School) -> School:
    """As another process of the same deployment: the same database, memories of its own."""
    master = open_key_file(school.deps.settings.key_path, strict=False)
    desk = open_desk(school.deps.settings, school.clock, school.deps.database, master, certify=school.desk.certify)
    deps = replace(school.deps, desk=desk, publisher=StatusListPublisher())
    return replace(school, deps=deps, client=AppClient(build_app(deps), base_url=BASE))
