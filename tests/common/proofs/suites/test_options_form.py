"""The direct way to the canonical form of a proof's options never differs from the long one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import TegataError
from common.proofs.canonical import canonize
from common.proofs.contexts.store import PINNED
from common.proofs.suites.options_form import OptionsForm, write_options_form

V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"
DI = "https://w3id.org/security/data-integrity/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
FORM = OptionsForm(PINNED)
CONTEXTS: list[Any] = [
    V2,
    [V2],
    [V2, OB],
    [V1, DI],
    [V1],
    [V2, {"motto": "https://school.example/terms#motto"}],
    [V2, {"@vocab": "https://school.example/terms#"}],
    [V2, {"@language": "ja"}],
    [V2, {"@direction": "rtl"}],
    [V2, {"@base": "https://school.example/"}],
    [V2, {"did": {"@id": "https://school.example/did/", "@prefix": True}}],
    [DI, {"did": {"@id": "https://school.example/did/", "@prefix": True}}],
    [V2, {"challenge": "https://school.example/terms#challenge", "@protected": False}],
    [V2, {"assertionMethod": "https://school.example/terms#assertionMethod"}],
    [V2, {"DataIntegrityProof": "https://school.example/terms#Other"}],
    {"type": "@type"},
    [],
    None,
    ["https://unknown.example"],
    [V2, {"xsd": "http://www.w3.org/2001/XMLSchema#"}] * 2,
]
OPTIONS: dict[str, Any] = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-09-21T14:00:00Z",
    "verificationMethod": "did:web:school.example#key-1",
    "proofPurpose": "assertionMethod",
}


def long_way(options: dict[str, Any], context: Any) -> str | None:
    try:
        return canonize({**options, "@context": context})
    except TegataError:
        return None


def direct(options: dict[str, Any], context: Any) -> str | None:
    try:
        return FORM.canonical(options, context, hash_name="sha256")
    except TegataError:
        return None


@pytest.mark.parametrize("context", CONTEXTS, ids=str)
def test_the_same_under_any_contexts(context: Any) -> None:
    for change in (
        {},
        {"domain": "verifier.example", "challenge": "c", "nonce": "n", "expires": "2027-01-01T00:00:00Z"},
        {"proofPurpose": "authentication"},
    ):
        assert direct({**OPTIONS, **change}, context) == long_way({**OPTIONS, **change}, context)


@pytest.mark.parametrize(
    "context", [V2, [V2], [V2, OB], [V1, DI], [V2, {"motto": "https://school.example/terms#motto"}]]
)
def test_the_usual_contexts_are_harmless(context: Any) -> None:
    """Else the direct way would never be gone, and only the bench would notice."""
    assert FORM._leaves_alone(context)
    assert write_options_form(OPTIONS) == long_way(OPTIONS, context)


def test_contexts_that_change_what_proofs_say_are_not() -> None:
    for context in (
        [V2, {"@language": "ja"}],
        [V1],
        ["https://unknown.example"],
        [V2, {"x": "https://x.example/" + "x" * 20_000}],
    ):
        assert not FORM._leaves_alone(context)


TEXTS = st.text(max_size=10) | st.sampled_from(
    [
        *OPTIONS.values(),
        "authentication",
        "did:web:x#y",
        "did:web:x",
        "a b",
        'a"b',
        "a\\b",
        "a\nb",
        "ü",
        "urn:x:y",
        "",
        "x>y",
        "_:b0",
    ]
)
VALUES = TEXTS | st.none() | st.booleans() | st.integers() | st.lists(TEXTS, max_size=2)


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*OPTIONS, "expires", "domain", "challenge", "nonce", "id", "previousProof", "other", "@id"]),
        VALUES,
        max_size=3,
    ),
    st.sampled_from(CONTEXTS),
)
def test_the_same_whatever_the_options_say(change: dict[str, Any], context: Any) -> None:
    options = {name: value for name, value in {**OPTIONS, **change}.items() if value is not None}
    assert direct(options, context) == long_way(options, context)


def test_what_is_left_to_the_long_way() -> None:
    for change in (
        {"id": "urn:example:1"},
        {"previousProof": "urn:example:1"},
        {"domain": ["a", "b"]},
        {"challenge": "ü"},
        {"verificationMethod": "https://school.example/#key"},
        {"proofPurpose": "capabilityInvocation"},
        {"type": "Other"},
    ):
        assert write_options_form({**OPTIONS, **change}) is None
    assert write_options_form({"cryptosuite": "eddsa-rdfc-2022"}) is None
