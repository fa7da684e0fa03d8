"""The pinned contexts are what their publishers have."""

from __future__ import annotations

import hashlib
from importlib import resources

import pytest

from common.errors import Unsupported
from common.proofs.contexts import PINNED, context_bytes, context_document
from common.proofs.contexts.table import TABLE
from common.proofs.expand import expand
from tests.shared_data import shared_vectors

# VCDM 2.0 §B.1 and VC Data Integrity 1.0 §2.4 print these.
PRINTED = {
    "https://www.w3.org/ns/credentials/v2": "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    "https://w3id.org/security/data-integrity/v2": "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    "https://w3id.org/security/multikey/v1": "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
}


@pytest.mark.parametrize("pinned", TABLE, ids=lambda pinned: pinned.file)
def test_bytes_are_those_of_the_table(pinned: object) -> None:
    assert hashlib.sha256(context_bytes(pinned.address)).hexdigest() == pinned.sha256  # type: ignore[attr-defined]


def test_every_file_is_in_the_table() -> None:
    folder = resources.files("common.proofs.contexts")
    assert {each.name for each in folder.iterdir() if each.name.endswith(".json")} == {each.file for each in TABLE}


@pytest.mark.parametrize(("address", "digest"), PRINTED.items())
def test_digests_that_recommendations_print(address: str, digest: str) -> None:
    assert hashlib.sha256(context_bytes(address)).hexdigest() == digest


def test_open_badges_only_gained_terms_since_the_shared_copy() -> None:
    import json

    shared = shared_vectors("vc-di-eddsa").parents[1] / "contexts" / "open-badges-3.0.3.json"
    earlier = json.loads(shared.read_text())["@context"]
    ours = context_document("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")["@context"]
    assert {name: ours[name] for name in earlier} == earlier
    assert set(ours) - set(earlier) == {"endorsementJwt", "jti"}


def test_nothing_is_fetched() -> None:
    with pytest.raises(Unsupported) as refused:
        context_document("https://example.org/context.json")
    assert refused.value.code == "unknown_context"
    assert "https://www.w3.org/ns/credentials/v2" in refused.value.known
    with pytest.raises(Unsupported):
        expand({"@context": ["https://www.w3.org/ns/credentials/v2", "https://example.org/context.json"], "type": []})


def test_a_pinned_context_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match="other bytes"):
        PINNED.extended({"https://www.w3.org/ns/credentials/v2": b'{"@context": {}}'})
    more = PINNED.extended({"https://example.org/c": b'{"@context": {"a": "http://e.x/a"}}'})
    assert expand({"@context": "https://example.org/c", "a": "b"}, contexts=more) == [
        {"http://e.x/a": [{"@value": "b"}]}
    ]
    assert "https://example.org/c" not in PINNED


@pytest.mark.parametrize("pinned", TABLE, ids=lambda pinned: pinned.file)
def test_each_is_read_by_our_expander(pinned: object) -> None:
    """None of them needs PyLD, with all its scoped contexts."""
    from common.proofs.expand.compile import ContextProcessor
    from common.proofs.expand.term import UNSET

    processor = ContextProcessor(PINNED)
    active = processor.apply(processor.root, pinned.address)  # type: ignore[attr-defined]
    assert active.terms
    for name, term in active.terms.items():
        if term.context is not UNSET:
            is_type = not name[0].islower()
            assert processor.typed(active, (name,)) if is_type else processor.scoped_by(active, name, term)
