"""W3C credentials that name a JSON Schema, and keep it before they are signed; the schemas that we publish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.encoding import compact_json
from common.errors import Misconfigured
from common.formats.json_schema.library import SchemaLibrary
from common.formats.json_schema.read_held import parse_held_schema
from common.formats.vc_jose_cose.parse import parse_credential as parse_jwt
from common.formats.vcdm.typed_objects import read_schemas
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.catalogue.registry import CATALOGUE
from issuer.flows.make_offer import make_offer
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school
from tests.issuer.test_vc_api import DID, document

OWN = f"{BASE}/types/enrolment/schema.json"
STRICT = "https://ministry.example/schemas/graduation.json"
HOUSE = "https://school.example/schemas/member.json"
NEWEST = "https://json-schema.org/draft/2020-12/schema"


def _schema(address: str, **subject: Any) -> bytes:
    return compact_json({"$schema": NEWEST, "$id": address, "properties": {"credentialSubject": subject}})


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("school")
    schemas = folder / "schemas"
    schemas.mkdir()
    (schemas / "graduation.json").write_bytes(_schema(STRICT, required=["honours"]))
    (schemas / "member.json").write_bytes(_schema(HOUSE, properties={"name": {"type": "string", "maxLength": 10}}))
    named = ("enrolment", f"graduation={STRICT}", f"graduation_badge={HOUSE}")
    made = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder, schemas=schemas, named_schemas=named)
    yield made
    made.deps.database.close_all()


def issued(school: School, configuration: str, number: str = "S001", *, expect: int = 200) -> Any:
    """The credential's document; what the wallet is told where there is none."""
    kind = CONFIGURATIONS[configuration]
    person = school.person(number)
    made = make_offer(school.desk, TENANT, person, types=[kind.type.name], formats=[kind.format], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    answer = wallet.ask(configuration, wallet.proofs(did=True), expect=expect)
    if expect != 200:
        return answer
    text = answer["credentials"][0]["credential"]
    if isinstance(text, dict):
        return text
    return parse_jwt(text).document if kind.format == "jwt_vc_json" else json.loads(text)


def published(school: School, name: str) -> Any:
    return school.client.get(f"/types/{name}/schema.json")


def test_the_schema_is_published_and_may_be_kept_for_a_while(school: School) -> None:
    answer = published(school, "enrolment")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.json()["$id"] == OWN
    assert published(school, "graduation").status_code == 200
    for nothing in ("graduation_badge", "none", "vc_api"):
        assert published(school, nothing).status_code == 404


@pytest.mark.parametrize("name", ["enrolment", "graduation"])
def test_it_says_what_the_claims_are_like(school: School, name: str) -> None:
    schema = published(school, name).json()
    library = SchemaLibrary([parse_held_schema(compact_json(schema))])
    kind = CATALOGUE[name]
    claims = kind.build(kind.sample, "桜川大学", school.clock.today()) if hasattr(school.clock, "today") else {}
    claims = claims or {
        "issuing_authority": "桜川大学",
        "issuing_country": "JP",
        "eduperson_primary_affiliation": "student",
    }
    good: dict[str, Any] = {
        "type": ["VerifiableCredential", kind.w3c_type],
        "issuer": DID,
        "credentialSubject": {"id": "did:example:alice", **claims},
        "credentialSchema": {"id": schema["$id"], "type": "JsonSchema"},
    }
    (reference,) = read_schemas(good)
    assert library.check(reference, good)
    subject = good["credentialSubject"]
    for broken in (
        {**good, "type": ["VerifiableCredential"]},
        {**good, "credentialSubject": {**subject, "issuing_country": 81}},
        {**good, "credentialSubject": {**subject, "age_equal_or_over": {"18": "yes"}}},
        {**good, "credentialSubject": {**subject, "family_name": ""}},
        {**good, "credentialSubject": {name: value for name, value in subject.items() if name != "issuing_authority"}},
    ):
        with pytest.raises(Exception, match="schema_violated"):
            library.check(reference, broken)
    assert library.check(reference, {**good, "credentialSubject": {**subject, "a_claim_of_next_year": 1}})


@pytest.mark.parametrize("configuration", ["enrolment_w3c_jwt", "enrolment_w3c_di"])
def test_a_certificate_names_its_schema_and_keeps_it(school: School, configuration: str) -> None:
    credential = issued(school, configuration)
    assert credential["credentialSchema"] == {"id": OWN, "type": "JsonSchema"}
    library = SchemaLibrary([parse_held_schema(published(school, "enrolment").content)])
    assert library.check(read_schemas(credential)[0], credential)


@pytest.mark.parametrize("configuration", ["graduation_w3c_jwt", "graduation_w3c_di"])
def test_what_would_violate_its_schema_is_not_signed(school: School, configuration: str) -> None:
    answer = issued(school, configuration, "G003", expect=400)
    assert answer["error"] == "credential_request_denied"
    assert "/credentialSubject does not keep required" in answer["error_description"]


def test_a_badge_names_the_schema_that_the_operator_gave(school: School) -> None:
    assert issued(school, "graduation_badge_w3c_di", "G003")["credentialSchema"]["id"] == HOUSE


def api(school: School, schema: Any, name: str, *, expect: int, **options: Any) -> Any:
    subject = {"id": "did:example:alice", "name": name}
    credential = document(credentialSubject=subject, credentialSchema=schema)
    body = {"credential": credential, "options": options}
    answer = school.client.post(f"/{TENANT}/credentials/issue", json=body, headers=school.staff)
    assert answer.status_code == expect, answer.text
    return answer.json()


@pytest.mark.parametrize("options", [{}, {"mediaType": "application/vc+jwt"}], ids=["proof", "envelope"])
def test_the_vc_api_keeps_schemas_that_are_known(school: School, options: dict[str, str]) -> None:
    known = {"id": HOUSE, "type": "JsonSchema"}
    assert api(school, known, "Alice", expect=201, **options)["verifiableCredential"]
    refused = api(school, known, "Alice in Wonderland", expect=400, **options)
    assert refused["code"] == "schema_violated"
    assert "/credentialSubject/name does not keep maxLength" in refused["detail"]
    assert "Wonderland" not in json.dumps(refused)
    assert api(school, {"id": OWN, "type": "JsonSchema"}, "Alice", expect=400, **options)["code"] == "schema_violated"
    unknown = {"id": "https://elsewhere.example/schema", "type": "JsonSchema"}
    assert api(school, [unknown, known], "Alice", expect=201, **options)


def test_only_what_is_named_has_a_schema(tmp_path: Path) -> None:
    """Behind all others: a second school takes the process's database."""
    plain = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path)
    try:
        assert "credentialSchema" not in issued(plain, "enrolment_w3c_di")
        assert published(plain, "enrolment").status_code == 200
    finally:
        plain.deps.database.close_all()


@pytest.mark.parametrize("named", ["nobody", "graduation_badge", f"enrolment={STRICT}x", "=x"])
def test_mistakes_are_found_at_the_start(tmp_path: Path, named: str) -> None:
    with pytest.raises(Misconfigured, match="named_schemas"):
        open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path, named_schemas=(named,))
