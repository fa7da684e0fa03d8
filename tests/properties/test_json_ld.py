"""Our expander and PyLD never disagree on the bytes that get signed; where ours reads a document, PyLD reads the same in it."""

from __future__ import annotations

import json
import random
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from common.errors import Malformed, TegataError, Unsupported
from common.proofs.canonical import canonize
from common.proofs.contexts import PINNED
from tests.common.proofs.json_ld_contexts import contexts_of_vectors
from tests.properties.json_ld_credentials import credentials
from tests.properties.json_ld_documents import JSON, documents
from tests.properties.json_ld_oracle import OracleCrashed, OracleRefused, oracle_quads
from tests.shared_data import shared_vectors

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")
SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


def _ours(document: Any, contexts: Any) -> str | None:
    try:
        return canonize(document, contexts=contexts)
    except Malformed as refused:
        event(f"refused: {refused.code}")
        return None


def _agree(document: Any, contexts: Any) -> bool:
    """Whether both read the document; fails where they read it differently, or only we do."""
    ours = _ours(document, contexts)
    if ours is None:
        return False
    try:
        theirs = oracle_quads(document, contexts)
    except OracleCrashed:
        assume(False)
    except OracleRefused as refused:
        pytest.fail(f"read by us only: {refused}")
    assert ours == theirs
    return True


@settings(SLOW, max_examples=250)
@given(documents())
def test_documents_with_contexts_of_their_own(document: dict[str, Any]) -> None:
    event("read by both" if _agree(document, PINNED) else "refused")


@settings(SLOW, max_examples=150)
@given(credentials(contexts_of_vectors()))
def test_credentials_of_published_contexts(document: dict[str, Any]) -> None:
    event("read by both" if _agree(document, contexts_of_vectors()) else "refused")


def _example_documents() -> list[Any]:
    found = []
    for folder in ("vc-di-eddsa", "vc-di-ecdsa", "vc-di-bbs", "di-proof-chains"):
        root = shared_vectors(folder)
        for path in sorted(root.rglob("*.json")):
            document = json.loads(path.read_text())
            if isinstance(document, dict) and "@context" in document and not path.is_relative_to(root / "contexts"):
                found.append(pytest.param(document, id=f"{folder}/{path.stem}"))
    return found


@pytest.mark.parametrize("document", _example_documents())
def test_documents_of_the_data_integrity_texts(document: dict[str, Any]) -> None:
    contexts = contexts_of_vectors()
    try:
        theirs = oracle_quads(document, contexts)
    except OracleRefused:
        with pytest.raises((Malformed, Unsupported)):
            canonize(document, contexts=contexts)
    else:
        assert canonize(document, contexts=contexts) == theirs


@settings(SLOW, max_examples=60)
@given(credentials(contexts_of_vectors()), st.randoms(use_true_random=False))
def test_order_of_members_says_nothing(document: dict[str, Any], shuffler: random.Random) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, list):
            return [shuffled(each) for each in value]
        if not isinstance(value, dict):
            return value
        names = list(value)
        shuffler.shuffle(names)
        return {name: shuffled(value[name]) for name in names}

    assert _ours(shuffled(document), contexts_of_vectors()) == _ours(document, contexts_of_vectors())


@SLOW
@given(st.one_of(JSON, documents(), st.fixed_dictionaries({"@context": JSON}, optional={"a": JSON})))
def test_anything_gives_quads_or_a_typed_error(document: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            canonize(document)
        except TegataError:
            return
