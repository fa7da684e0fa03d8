"""Selective proofs over whatever strangers send: any bytes and any document give a value, a proof or a typed error."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import cbor
from common.encoding import b64url_encode
from common.errors import Malformed, Unsupported
from common.proofs.selective import bbs_proof_value, ecdsa_sd_proof_value
from tests.common.proofs.selective.documents import OPEN_BADGE, options
from tests.common.proofs.selective.scenes import DERIVED, SCENES, Scene, every_suite, refused

PARSERS = [
    ecdsa_sd_proof_value.parse_base,
    ecdsa_sd_proof_value.parse_derived,
    bbs_proof_value.parse_base,
    bbs_proof_value.parse_derived,
]
simple = st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.text(max_size=8) | st.binary(max_size=100)
cbor_values = st.recursive(
    simple,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.integers(0, 2000), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(("parse", "kind"), [(parse, kind) for kind, parse in enumerate(PARSERS)])
@settings(max_examples=150, deadline=None)
@given(
    body=st.binary(max_size=300)
    | st.lists(cbor_values, min_size=5, max_size=5).map(cbor.encode)
    | cbor_values.map(cbor.encode),
    head=st.just(b"\xd9\x5d") | st.binary(max_size=2),
)
def test_any_bytes_give_a_value_or_a_typed_error(parse: Any, kind: int, body: bytes, head: bytes) -> None:
    for last in {kind, len(body) % 12}:
        with contextlib.suppress(Malformed, Unsupported):
            parse({"proofValue": "u" + b64url_encode(head + bytes([last]) + body)})


@every_suite
@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=80) | st.binary(max_size=80).map(lambda data: "u" + b64url_encode(data)))
def test_any_text_as_proof_value_gives_a_typed_error(scene: Scene, text: str) -> None:
    document, proof = DERIVED[scene.suite.name]
    refused(scene, document, {**proof, "proofValue": text})
    refused(scene, OPEN_BADGE, {**proof, "proofValue": text}, base=True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "@id", "@type", "name", "@value", "@list"]) | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@every_suite
@settings(max_examples=60, deadline=None)
@given(value=json_values, place=st.sampled_from(["credentialSubject", "issuer", "name", "validFrom", "@context", "x"]))
def test_any_document_gives_a_proof_or_a_typed_error(scene: Scene, value: Any, place: str) -> None:
    """And where a document can be signed, all of it can be shown."""
    document = {**OPEN_BADGE, place: value}
    try:
        proof = scene.issue(document)
    except (Malformed, Unsupported):
        return
    scene.suite.verify_base_proof(document, proof, scene.key)
    shown, derived = scene.suite.derive_proof(document, proof, selective_pointers=[""])
    scene.suite.verify_proof(shown, derived, scene.key)
    try:
        shown, derived = scene.suite.derive_proof(document, proof, selective_pointers=[f"/{place}"])
    except Malformed:
        return
    scene.suite.verify_proof(shown, derived, scene.key)


definitions = st.sampled_from(["@language", "@index", "@set", "@list", "@graph", "@id", "@type"]).map(
    lambda container: {"@id": "https://example.org/t", "@container": container}
) | st.sampled_from(["@json", "@id", "@vocab"]).map(lambda kind: {"@id": "https://example.org/t", "@type": kind})
members = st.recursive(
    st.sampled_from(["a", "_:x", "_:y", "urn:x:1", 1, True, None]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["t", "v", "id", "type", "@id", "en", "@value", "@list"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=120, deadline=None)
@given(definition=definitions, inside=members, outside=members)
def test_whatever_json_ld_can_say_is_shown_as_it_was_signed(definition: Any, inside: Any, outside: Any) -> None:
    scene = SCENES[0]
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", {"t": definition, "v": "https://example.org/v"}],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"t": inside},
        "t": outside,
        "v": inside,
    }
    try:
        proof = scene.suite.create_proof(
            document, options(scene.suite.name, "urn:x:key"), scene.signer, mandatory_pointers=["/issuer"]
        )
    except (Malformed, Unsupported):
        return
    scene.suite.verify_base_proof(document, proof, scene.key)
    for pointer in ("", "/t", "/v", "/credentialSubject", "/credentialSubject/t"):
        try:
            shown, derived = scene.suite.derive_proof(document, proof, selective_pointers=[pointer])
        except Malformed as refused:
            if not pointer:
                raise AssertionError("the whole document can always be shown") from refused
            continue
        scene.suite.verify_proof(shown, derived, scene.key)
