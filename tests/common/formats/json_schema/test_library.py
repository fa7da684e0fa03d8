"""Credentials and the schemas that are held: known or not, the same bytes or not, believed or not."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from common.encoding import compact_json
from common.errors import Malformed, Rejected, Unsupported
from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.json_schema.library import MAX_NAMED, HeldSchema, SchemaLibrary
from common.formats.json_schema.read_held import parse_held_schema
from common.formats.json_schema.violated import SchemaViolated
from common.formats.vc_jose_cose.media_type import media_type
from common.formats.vc_jose_cose.secure import secure
from common.formats.vcdm.typed_objects import read_schemas
from tests.common.formats.json_schema.schemas import ADDRESS, OLDER, written
from tests.fuzz.cast import ISSUER, NOW

SOURCE = written(properties={"credentialSubject": {"required": ["motto"], "properties": {"motto": {"type": "string"}}}})
CREDENTIAL = "https://school.example/credentials/degree-schema"
DID = "did:web:school.example"


def sri(data: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()


def naming(address: str = ADDRESS, kind: Any = "JsonSchema", **more: Any) -> dict[str, Any]:
    schema = {"id": address, "type": kind, **more.pop("entry", {})}
    return {"credentialSchema": schema, "credentialSubject": {"motto": "学而時習之"}, **more}


def check(library: SchemaLibrary, document: dict[str, Any]) -> bool:
    return library.check(read_schemas(document)[0], document)


def holding(*sources: bytes, **how: Any) -> SchemaLibrary:
    return SchemaLibrary([parse_held_schema(source) for source in sources or (SOURCE,)], **how)


def schema_credential(**change: Any) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": CREDENTIAL,
        "type": ["VerifiableCredential", "JsonSchemaCredential"],
        "issuer": DID,
        "credentialSubject": {"id": ADDRESS, "type": "JsonSchema", "jsonSchema": {**_parsed(), **change}},
    }


def _parsed() -> dict[str, Any]:
    import json

    return dict(json.loads(SOURCE))


def test_kept_violated_unknown() -> None:
    library = holding()
    assert check(library, naming())
    assert check(library, naming(kind=["JsonSchema", "Other"]))
    assert check(library, naming(kind="1EdTechJsonSchemaValidator2019"))
    for unknown in (
        naming("https://elsewhere.example/schema"),
        naming(kind="Other"),
        naming(kind="JsonSchemaCredential"),
    ):
        assert not check(library, unknown)
        assert not check(SchemaLibrary(), unknown)
    with pytest.raises(SchemaViolated, match="/credentialSubject/motto does not keep type") as violated:
        check(library, naming(credentialSubject={"motto": ["Hanako"]}))
    assert (violated.value.reason, violated.value.place) == ("schema_violated", "/credentialSubject/motto")
    assert "Hanako" not in str(violated.value)


def test_what_is_unknown_can_be_refused() -> None:
    library = holding(demanded=True)
    assert check(library, naming())
    with pytest.raises(Rejected, match="request_not_met"):
        check(library, naming("https://elsewhere.example/schema"))


def test_digests_are_over_the_bytes_that_are_held() -> None:
    library, right, wrong = holding(), sri(SOURCE), sri(b"another")
    assert check(library, naming(entry={"digestSRI": right}))
    assert check(library, naming(relatedResource={"id": ADDRESS, "digestSRI": right}))
    assert check(library, naming(relatedResource={"id": "https://else.example/", "digestSRI": wrong}))
    for changed in (
        naming(entry={"digestSRI": wrong}),
        naming(entry={"digestMultibase": "u" + "A" * 43}),
        naming(entry={"digestSRI": right}, relatedResource={"id": ADDRESS, "digestSRI": wrong}),
    ):
        with pytest.raises(Rejected, match="bad_signature"):
            check(library, changed)
    with pytest.raises(Malformed):
        check(library, naming(entry={"digestSRI": "md5-x"}))


def test_it_knows_its_bytes_for_related_resources() -> None:
    contents = holding().contents({"https://a.example/logo": b"logo"}.get)
    assert (contents(ADDRESS), contents("https://a.example/logo"), contents("urn:none")) == (SOURCE, b"logo", None)


def test_what_cannot_be_evaluated_is_not_kept() -> None:
    loop = holding(written(ref="#"))
    with pytest.raises(SchemaViolated, match="too large"):
        check(loop, naming())
    many = naming()
    many["credentialSchema"] = [{"id": f"{ADDRESS}?{n}", "type": "JsonSchema"} for n in range(MAX_NAMED)]
    many["credentialSchema"].insert(0, {"id": ADDRESS, "type": "JsonSchema"})
    with pytest.raises(SchemaViolated, match="names more than"):
        check(holding(), many)


@pytest.mark.parametrize("form", ["plain", "data integrity", "jwt"])
def test_a_schema_in_a_credential(form: str) -> None:
    document = schema_credential()
    source = compact_json(document)
    if form == "data integrity":
        options = ProofOptions(verification_method=f"{DID}#k1", created=NOW)
        source = compact_json(issue_credential(document, ISSUER, options))
    if form == "jwt":
        made = secure(document, media_type("vc+jwt"), ISSUER, key_id=f"{DID}#k1", issued_at=NOW)
        source = str(made).encode() + b"\n"
    held = parse_held_schema(source)
    assert (held.address, held.kind, held.schema.id) == (CREDENTIAL, "JsonSchemaCredential", ADDRESS)
    asked: list[str] = []

    def believe(one: HeldSchema) -> bool:
        asked.append(one.address)
        return len(asked) > 1

    library, named = SchemaLibrary([held], believe=believe), naming(CREDENTIAL, "JsonSchemaCredential")
    assert not check(library, named)
    assert check(library, named)
    with pytest.raises(SchemaViolated):
        check(library, {**named, "credentialSubject": {}})
    assert asked == [CREDENTIAL] * 3
    assert check(SchemaLibrary([held]), named)
    assert library.kind_of(CREDENTIAL) == "JsonSchemaCredential"
    assert library.kind_of(ADDRESS) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"type": ["VerifiableCredential"]},
        {"credentialSubject": [schema_credential()["credentialSubject"]] * 2},
        {"credentialSubject": {"type": "JsonSchema"}},
        {"credentialSubject": {"type": "Other", "jsonSchema": _parsed()}},
        {"credentialSubject": {"type": "JsonSchema", "jsonSchema": {"type": "object"}}},
    ],
)
def test_credentials_that_hold_no_schema(change: dict[str, Any]) -> None:
    document = {name: value for name, value in {**schema_credential(), **change}.items() if value is not None}
    with pytest.raises(Malformed):
        parse_held_schema(compact_json(document))


@pytest.mark.parametrize("data", [b"", b"a.b.c", b"\xff", b"eyJ~", b"[]", b"{", b"x" * 2_000_000])
def test_files_that_are_nothing(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_held_schema(data)


def test_one_address_one_schema() -> None:
    for second in (SOURCE, written(title="another")):
        with pytest.raises(Malformed, match="one address"):
            holding(SOURCE, second)
    with pytest.raises(Malformed, match="one address"):
        holding(SOURCE, compact_json(schema_credential(title="another")))
    both = holding(SOURCE, compact_json(schema_credential()))
    assert len(both) == len(both.held) == 2
    with pytest.raises(Malformed, match="address of another"):
        holding(SOURCE, written(OLDER, id="https://a.example/b", defs={"x": {"$id": ADDRESS}}))
    with pytest.raises(Unsupported, match="unresolved_reference"):
        holding(SOURCE, written(OLDER, id="https://a.example/b", ref=ADDRESS))
