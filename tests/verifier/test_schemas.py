"""The verifier's VC API and its page, where credentials name schemas that the operator gave or did not give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from common.errors import Misconfigured, Rejected
from common.formats.json_schema.violated import SchemaViolated
from common.formats.vc_jose_cose.media_type import media_type
from common.formats.vc_jose_cose.secure import secure
from common.formats.vcdm.typed_objects import SchemaReference
from common.pages.catalogue import Words
from tests.common.formats.json_schema.schemas import ADDRESS, written
from tests.verifier.checks.cases import good_case
from tests.verifier.test_verdict_views import CATALOGUE, tree
from tests.verifier.vc_api_scene import check, check_shown, codes, document, presented, proven, reason
from tests.verifier.world import ISSUER_DID, World, make_world
from verifier.checks.contract import SchemaFact
from verifier.checks.registry import CHECKS
from verifier.flows.draw_verdict import verdict_tree
from verifier.flows.judge_schemas import judge_schemas
from verifier.pages.verdict_views import view_verdict

KNOWN = {"id": ADDRESS, "type": "JsonSchema"}
UNKNOWN = {"id": "https://stranger.example/schema.json", "type": "JsonSchema"}
SOURCE = written(properties={"credentialSubject": {"properties": {"name": {"type": "string", "maxLength": 9}}}})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("verifier")
    (folder / "schemas").mkdir()
    (folder / "schemas" / "degree.json").write_bytes(SOURCE)
    made = make_world(f"sqlite:///{folder / 'test.sqlite3'}", folder, schemas=folder / "schemas")
    yield made
    made.deps.database.close_all()


def named(name: str = "Alice", schema: Any = KNOWN, **more: Any) -> dict[str, Any]:
    return document(credentialSubject={"id": "did:example:alice", "name": name}, credentialSchema=schema, **more)


def enveloped(world: World, credential: dict[str, Any]) -> Any:
    method = f"{ISSUER_DID}#{world.issuer_key.kid}"
    return secure(credential, media_type("vc+jwt"), world.issuer_key, key_id=method, issued_at=world.clock.now())


@pytest.mark.parametrize("way", ["proof", "envelope"])
def test_the_vc_api(world: World, way: str) -> None:
    def made(*given: Any, **more: Any) -> Any:
        credential = named(*given, **more)
        return proven(world, credential) if way == "proof" else enveloped(world, credential)

    kept = check(world, made())
    assert {"check": "schema", "id": ADDRESS} in kept["checks"]
    assert kept["warnings"] == []
    both = check(world, made("Alice", [KNOWN, UNKNOWN]))
    assert codes(both) == ["schema_not_checked"]
    assert {"check": "schema", "id": ADDRESS} in both["checks"]
    for schemas in (KNOWN, [UNKNOWN, KNOWN]):
        violated = check(world, made("Alice Liddell", schemas), 400)
        assert (violated["reason"], violated["errors"][0]["code"]) == ("schema_violated", "schema_violated")
        assert violated["errors"][0]["type"] == "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
        assert "/credentialSubject/name does not keep maxLength" in violated["detail"]
        assert "Liddell" not in json.dumps(violated)
    assert reason(world, made("Alice", {**KNOWN, "digestMultibase": "u" + "A" * 43})) == "bad_signature"
    assert not any("stranger" in url or ADDRESS in url for _, url in world.fetch.requests)


def test_within_a_presentation(world: World) -> None:
    assert {"check": "schema", "id": ADDRESS} in check_shown(world, presented(world, proven(world, named())))["checks"]
    refused = check_shown(world, presented(world, proven(world, named("Alice Liddell"))), 400)
    assert refused["reason"] == "schema_violated"


def test_a_related_resource_may_be_the_schema(world: World) -> None:
    """It is held here, so its digest is compared; what does not fit is refused."""
    related = {"id": ADDRESS, "digestMultibase": "u" + "A" * 43}
    assert reason(world, enveloped(world, named(relatedResource=[related]))) == "bad_signature"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], SchemaFact()),
        ([True], SchemaFact(reason="schema_kept")),
        ([True, False], SchemaFact(reason="schema_not_known")),
        ([False, SchemaViolated("…", place="/a")], SchemaFact(reason="schema_violated", place="/a")),
        ([Rejected("bad_signature"), SchemaViolated("…")], SchemaFact(reason="schema_violated")),
        ([False, Rejected("bad_signature")], SchemaFact(reason="schema_changed")),
        ([Rejected("request_not_met"), True], SchemaFact(reason="schema_demanded")),
    ],
)
def test_of_several_schemas_the_worst_decides(answers: list[Any], expected: SchemaFact) -> None:
    left = list(answers)

    def ask(_: SchemaReference, __: Any) -> bool:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    schemas = {"credentialSchema": [KNOWN] * len(answers)} if answers else {}
    assert judge_schemas(schemas, ask) == expected


def test_without_schemas_and_with_malformed_ones() -> None:
    assert judge_schemas({"credentialSchema": KNOWN}, None) == SchemaFact(reason="schema_not_known")
    assert judge_schemas({"credentialSchema": {"type": "JsonSchema"}}, None) == SchemaFact(reason="schema_malformed")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "ja",
            "証明書の内容が、指定されたスキーマに従っていません。 該当箇所：/credentialSubject/name",
        ),
        ("en", "What it says does not keep the schema that it names. Place: /credentialSubject/name"),
    ],
)
def test_page_and_terminal_say_where(language: Any, sentence: str) -> None:
    fact = SchemaFact(reason="schema_violated", place="/credentialSubject/name")
    found = CHECKS["schema_kept"].check(good_case(schema=fact)).as_json()
    shown = {**tree(("VerifiableCredential", "EnrolmentCredential")), "question": "check"}
    shown["presentations"][0] |= {"checks": [found], "format": "ldp_vc"}
    view = view_verdict(shown, None, Words(CATALOGUE, language))
    assert view.nodes[0].children[0].reason == sentence
    terminal = Console(file=StringIO(), width=300)
    terminal.print(verdict_tree(shown))
    assert "at /credentialSubject/name" in terminal.file.getvalue()  # type: ignore[attr-defined]


def test_schemas_may_be_demanded(tmp_path: Path) -> None:
    """Behind all others: a second verifier takes the process's database."""
    made = make_world(f"sqlite:///{tmp_path / 'test.sqlite3'}", tmp_path, demand_schemas=True)
    try:
        assert reason(made, proven(made, named())) == "request_not_met"
        check(made, proven(made))
    finally:
        made.deps.database.close_all()
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(Misconfigured, match=r"bad\.json"):
        make_world(f"sqlite:///{tmp_path / 'other.sqlite3'}", tmp_path, schemas=tmp_path)
