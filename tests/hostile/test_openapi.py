"""schemathesis against the OpenAPI of each program: whatever is sent, the answer is one that the document promises.

Each operation is tried with valid and with broken input, with the right token and without, at a tenant's own things and at noise. No
answer is a 5xx, none shows a stack trace, every 4xx is a problem document or the error of the protocol at the protocols' own paths.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport.serialization import Binary

from common import cbor
from common.errors import TegataError
from tests.amount import examples
from tests.hostile.residents import Door, Place

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
PROTOCOL = {
    "/{tenant}/token",
    "/{tenant}/credential",
    "/{tenant}/notification",
    "/{tenant}/response/{session}",
}
"""Here the error is the text's own JSON (RFC 6749 §5.2), where the text has a word for it."""
SLOWEST = 30.0
"""Seconds that one answer may take on a busy machine."""
TRACES = ("Traceback", 'File "', "sqlite3", "psycopg", "peewee", "/site-packages/")
EXAMPLES = examples(6, 20)
MANY = 300


@schemathesis.serializer("application/cbor")
def write_cbor(_: Any, value: Any) -> bytes:
    """Any bytes at all, and any value in this form: what is broken in it is for the reader to find."""
    if isinstance(value, bytes | Binary):
        return value.data if isinstance(value, Binary) else value
    try:
        return cbor.encode(value)
    except (TegataError, TypeError, ValueError, OverflowError):
        return repr(value).encode()


def operations(place: Place) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_asgi("/openapi.json", place.app)
    for found in schema.get_all_operations():
        yield found.ok()


def check_refusal(path: str, answer: Any) -> None:
    """A 4xx is a problem document, or at a protocol's path the protocol's JSON."""
    given = answer.headers.get("content-type", "")  # schemathesis keeps each header as a list
    kind = (given if isinstance(given, str) else given[0]).partition(";")[0]
    if kind == "application/json" and path in PROTOCOL:
        assert isinstance(answer.json()["error"], str)
        return
    assert kind == "application/problem+json", (path, answer.status_code, kind, answer.text[:200])
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert problem["detail"]


def fuzz(place: Place, operation: Any, most: int) -> None:
    path = operation.path
    door = Door(operation.method.upper(), path)
    modes = schemathesis.GenerationMode
    cases = st.one_of(
        operation.as_strategy(generation_mode=modes.POSITIVE), operation.as_strategy(generation_mode=modes.NEGATIVE)
    )
    who, seen = place.a, set()

    @given(
        case=cases, at_home=st.sampled_from((True, True, False)), known=st.booleans(), token=st.sampled_from((1, 1, 0))
    )
    @settings(
        max_examples=most,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def one(case: Any, at_home: bool, known: bool, token: int) -> None:
        if at_home and "tenant" in door.names:
            case.path_parameters = {**(case.path_parameters or {}), "tenant": who.slug}
        if known:
            own = {name: who.ids[name] for name in door.names if name in who.ids}
            case.path_parameters = {**(case.path_parameters or {}), **own}
        headers = place.own_headers.get(path, lambda one: one.headers)(who) if token else {}
        began = time.monotonic()
        answer = case.call(headers=headers)
        took = time.monotonic() - began
        assert took < SLOWEST, f"{door} took {took:.1f} s"
        text = answer.content.decode("utf-8", "replace")
        assert not any(trace in text for trace in TRACES), (door, text[:500])
        assert answer.status_code < 500, (door, answer.status_code, text[:500])
        if answer.status_code >= 400:
            check_refusal(path if answer.status_code not in (405,) else "", answer)
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    one()
    assert seen


@pytest.mark.timeout(300)
def test_answers_are_those_of_the_document(place: Place) -> None:
    tried = 0
    for operation in operations(place):
        if operation.path.endswith("/events"):
            continue  # a stream that ends by time: test_raw_bytes watches it
        fuzz(place, operation, EXAMPLES)
        tried += 1
    assert tried >= 12


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_answers_are_those_of_the_document_at_length(place: Place) -> None:
    for operation in operations(place):
        if not operation.path.endswith("/events"):
            fuzz(place, operation, MANY)


def test_the_document_names_its_locks(place: Place) -> None:
    """An operation that refuses a stranger says which token it wants, and that scheme is described; the others want none."""
    document = place.client.get("/openapi.json").json()
    schemes = document["components"].get("securitySchemes", {})
    assert all(scheme["type"] == "http" for scheme in schemes.values())
    for path, found in document["paths"].items():
        for method, operation in found.items():
            door = Door(method.upper(), path)
            named = [name for entry in operation.get("security", []) for name in entry]
            closed = "tenant" in door.names and door not in place.public
            assert bool(named) == closed, f"{door}: security is {named}"
            assert set(named) <= schemes.keys(), f"{door} names a scheme that is not described"


def test_the_document_is_whole(place: Place) -> None:
    """Each operation has an identifier of its own, path parameters are declared, references lead somewhere, and refusals are described."""
    document = place.client.get("/openapi.json").json()
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]
    identifiers = []
    for path, found in document["paths"].items():
        for method, operation in found.items():
            door = Door(method.upper(), path)
            identifiers.append(operation["operationId"])
            declared = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert declared == set(door.names), door
            assert "default" in operation["responses"], door
            assert "422" not in operation["responses"], door
    assert len(identifiers) == len(set(identifiers))


def test_methods_that_are_not_there(place: Place) -> None:
    for door in place.all_doors():
        ids = {**place.a.ids, "name": "enrolment"}
        answer = place.client.request("PATCH", door.address(place.a.slug, ids))
        assert answer.status_code == 405, (door, answer.status_code)
        check_refusal("", answer)
        assert answer.headers.get("allow")
