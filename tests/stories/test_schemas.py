"""A certificate and its JSON Schema, from an issuer to a verifier: kept, violated, unknown, hostile; nobody is asked for a schema.

Both programs in one process. The verifier's internet is what the issuer publishes, and remembers every request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from common.adapters.schema_files import open_schemas
from common.did.document import build_document
from common.did.resolve import Resolver
from common.encoding import compact_json
from common.errors import Misconfigured
from common.formats.vc_jose_cose.media_type import media_type
from common.formats.vc_jose_cose.secure import secure
from common.keys.software import SoftwareKey
from common.ports import Fetched
from common.trust.anchors import TrustAnchors, TrustedIssuer
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.flows.make_offer import make_offer
from tests.common.formats.json_schema.schemas import written
from tests.fakes.fetch import FakeFetch
from tests.fuzz.cast import ec_key
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school
from verifier.checks.verdict import Verdict
from verifier.flows.believe_schema import SchemaBeliever
from verifier.flows.check_text import check_text
from verifier.flows.gather_facts import FactGatherer

FORMATS = ("enrolment_w3c_jwt", "enrolment_w3c_di")
OWN = f"{BASE}/types/enrolment/schema.json"
DID = f"did:web:localhost%3A8101:{TENANT}"
MINISTRY = "did:web:ministry.example"
SCHEMA_CREDENTIAL = "https://ministry.example/credentials/enrolment-schema"
MINISTRY_KEY: SoftwareKey = ec_key(77)


@dataclass(frozen=True)
class Town:
    """The school, what its wallet holds by configuration, and the schema that it publishes."""

    school: School
    held: dict[str, str]
    published: bytes


class _Internet(FakeFetch):
    """What the school answers, and some pages beside it."""

    def __init__(self, school: School, pages: Mapping[str, bytes]) -> None:
        super().__init__(pages)
        self._school = school

    def _answer(self, method: str, url: str, body: bytes) -> Fetched:
        if not url.startswith(f"{BASE}/"):
            return super()._answer(method, url, body)
        self.requests.append((method, url))
        answer = self._school.client.get(url.removeprefix(BASE))
        return Fetched(url=url, status=answer.status_code, body=answer.content)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("school")
    made = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder, named_schemas=("enrolment",))
    held = {name: _claim(made, name) for name in FORMATS}
    yield Town(school=made, held=held, published=made.client.get("/types/enrolment/schema.json").content)
    made.deps.database.close_all()


def _claim(school: School, name: str) -> str:
    kind = CONFIGURATIONS[name]
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], formats=[kind.format], actor="test")
    wallet = Wallet(school)
    wallet.redeem(made)
    text = wallet.ask(name, wallet.proofs(did=True))["credentials"][0]["credential"]
    return text if isinstance(text, str) else compact_json(text).decode()


@dataclass(frozen=True)
class Looked:
    verdict: Verdict
    fetch: FakeFetch

    @property
    def schema(self) -> tuple[str, str, str]:
        """(answer, reason, place) of the check."""
        (branch,) = self.verdict.presentations
        (found,) = [check for check in branch.checks if check.name == "schema_kept"]
        return found.answer.value, found.reason, found.place


def look(
    town: Town,
    text: str,
    tmp_path: Path,
    *schemas: bytes | str,
    demanded: bool = False,
    ministry: frozenset[str] = frozenset(),
    pages: Mapping[str, bytes] = MappingProxyType({}),
) -> Looked:
    """What a verifier says that holds these schemas. ministry: types that it trusts the ministry with. pages: of others."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    for number, schema in enumerate(schemas):
        name, data = ("jwt", schema.encode()) if isinstance(schema, str) else ("json", schema)
        (folder / f"{number}.{name}").write_bytes(data)
    fetch, clock = _Internet(town.school, pages), town.school.clock
    types = {"EnrolmentCredential", f"{BASE}/types/terms/EnrolmentCredential"}
    issuers = [TrustedIssuer(identifier=DID, types=frozenset(types))]
    if ministry:
        issuers.append(TrustedIssuer(identifier=MINISTRY, types=ministry))
    gatherer = FactGatherer(
        fetch=fetch,
        resolver=Resolver(fetch, clock, sandbox=True),
        anchors=TrustAnchors(issuers=tuple(issuers)),
        sandbox=True,
        status_cache_seconds=0,
    )
    library = open_schemas(folder, believe=SchemaBeliever(gatherer, clock), demanded=demanded)
    assert library is not None
    knowing = gatherer.with_schemas(library.check)
    verdict = check_text(text, gatherer=knowing, max_status_age=86_400, now=clock.now())
    return Looked(verdict, fetch)


def asked(looked: Looked) -> set[str]:
    """Which pages, but for the keys and the lists of the issuer."""
    return {
        url
        for _, url in looked.fetch.requests
        if url != f"{BASE}/{TENANT}/did.json" and f"{BASE}/{TENANT}/status/" not in url
    }


every_format = pytest.mark.parametrize("name", FORMATS)


@every_format
def test_a_schema_that_holds(town: Town, tmp_path: Path, name: str) -> None:
    looked = look(town, town.held[name], tmp_path, town.published)
    assert looked.verdict.accepted, looked.verdict
    assert looked.schema == ("passed", "schema_kept", "")
    assert asked(looked) == set()


@every_format
def test_a_schema_that_is_violated(town: Town, tmp_path: Path, name: str) -> None:
    strict = written(id=OWN, properties={"credentialSubject": {"properties": {"family_name": {"maxLength": 1}}}})
    looked = look(town, town.held[name], tmp_path, strict)
    assert not looked.verdict.accepted
    assert looked.schema == ("failed", "schema_violated", "/credentialSubject/family_name")
    assert looked.verdict.reason == "schema_violated"
    assert "髙橋" not in str(looked.verdict.as_json())


@every_format
def test_a_schema_that_is_unknown(town: Town, tmp_path: Path, name: str) -> None:
    """Told, and no error; where schemas are demanded, left open. It is published, and still nobody goes there."""
    other = written(id="https://elsewhere.example/schema")
    looked = look(town, town.held[name], tmp_path, other)
    assert looked.verdict.accepted
    assert looked.schema == ("passed", "schema_not_known", "")
    (tmp_path / "again").mkdir()
    strict = look(town, town.held[name], tmp_path / "again", other, demanded=True)
    assert strict.schema == ("undetermined", "schema_demanded", "")
    assert not strict.verdict.accepted
    assert asked(looked) == asked(strict) == set()


@every_format
def test_a_pattern_bomb(town: Town, tmp_path: Path, name: str) -> None:
    """Years for an engine that backtracks; here a violation like any other."""
    names = {"given_name": {"pattern": "^((.*)*)*!$"}, "issuing_authority": {"pattern": "^(.|..)+$"}}
    looked = look(
        town, town.held[name], tmp_path, written(id=OWN, properties={"credentialSubject": {"properties": names}})
    )
    assert looked.schema == ("failed", "schema_violated", "/credentialSubject/given_name")


@every_format
def test_a_schema_that_never_ends(town: Town, tmp_path: Path, name: str) -> None:
    looked = look(town, town.held[name], tmp_path, written(id=OWN, ref="#"))
    assert looked.schema == ("failed", "schema_violated", "")


@pytest.mark.parametrize(
    "reference", ["https://stranger.example/schema.json", "degree.json", f"{BASE}/{TENANT}/did.json"]
)
def test_a_reference_to_the_network(town: Town, tmp_path: Path, reference: str) -> None:
    """Refused when the verifier starts; no request left for it."""
    with pytest.raises(Misconfigured, match="not held here"):
        look(town, town.held[FORMATS[0]], tmp_path, written(id=OWN, allOf=[{"$ref": reference}]))


def schema_credential(**schema: Any) -> str:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": SCHEMA_CREDENTIAL,
        "type": ["VerifiableCredential", "JsonSchemaCredential"],
        "issuer": MINISTRY,
        "credentialSubject": {
            "type": "JsonSchema",
            "jsonSchema": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": "https://ministry.example/s",
                **schema,
            },
        },
    }
    return str(secure(document, media_type("vc+jwt"), MINISTRY_KEY, key_id=f"{MINISTRY}#k77", issued_at=1_789_999_000))


@pytest.fixture(scope="module")
def by_ministry(town: Town) -> str:
    """A credential of the school's that names the ministry's schema."""
    body = {
        "credential": {
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                {"EnrolmentCredential": f"{BASE}/types/terms/EnrolmentCredential"},
            ],
            "type": ["VerifiableCredential", "EnrolmentCredential"],
            "issuer": DID,
            "credentialSubject": {"id": "did:example:hanako", "name": "花子"},
            "credentialSchema": {"id": SCHEMA_CREDENTIAL, "type": "JsonSchemaCredential"},
        },
        "options": {},
    }
    answer = town.school.client.post(f"/{TENANT}/credentials/issue", json=body, headers=town.school.staff)
    assert answer.status_code == 201, answer.text
    return compact_json(answer.json()["verifiableCredential"]).decode()


@pytest.mark.parametrize(
    ("trusted", "schema", "expected"),
    [
        (True, {}, ("passed", "schema_kept", "")),
        (True, {"required": ["evidence"]}, ("failed", "schema_violated", "")),
        (False, {"required": ["evidence"]}, ("passed", "schema_not_known", "")),
    ],
    ids=["kept", "violated", "untrusted"],
)
def test_a_schema_in_a_credential_is_believed_as_any_credential_is(
    town: Town, by_ministry: str, tmp_path: Path, trusted: bool, schema: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    types = frozenset({"JsonSchemaCredential"}) if trusted else frozenset()
    document = build_document(MINISTRY, [MINISTRY_KEY.public_jwk()])
    pages = {"https://ministry.example/.well-known/did.json": compact_json(document)}
    looked = look(town, by_ministry, tmp_path, schema_credential(**schema), ministry=types, pages=pages)
    assert looked.schema == expected
    assert asked(looked) == (set(pages) if trusted else set())
