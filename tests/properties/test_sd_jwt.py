"""SD-JWT and the formats on it under random input: trees come back, choices hold, changes are noticed, nothing else escapes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import b64url_encode, compact_json, parse_json
from common.errors import Malformed, Rejected, TegataError
from common.formats.contract import CredentialFormat
from common.formats.registry import FORMATS
from common.jose.jwt import build_jwt
from common.jose.sd_jwt import Disclosable, issue_sd_jwt, parse_sd_jwt, select_disclosures, unpack, verify_sd_jwt
from tests.common.formats.samples import (
    AUDIENCE,
    ISSUER,
    NONCE,
    NOW,
    check_with_chain,
    issue_for,
    present_for,
    public,
)
from tests.properties.test_jose import any_text, json_values

names = st.text(max_size=6).filter(lambda name: name not in ("_sd", "...", "_sd_alg"))
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=10)
marked = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner | inner.map(Disclosable), max_size=4)
        | st.dictionaries(names, inner | inner.map(Disclosable), max_size=4)
    ),
    max_leaves=15,
)
trees = st.dictionaries(names, marked | marked.map(Disclosable), max_size=5)


def plain(value: Any, *, hidden: bool) -> Any:
    """The tree without marks; with hidden=True, without what is marked."""
    if isinstance(value, Disclosable):
        return plain(value.value, hidden=hidden)
    if isinstance(value, dict):
        return {
            name: plain(member, hidden=hidden)
            for name, member in value.items()
            if not (hidden and isinstance(member, Disclosable))
        }
    if isinstance(value, list):
        return [plain(one, hidden=hidden) for one in value if not (hidden and isinstance(one, Disclosable))]
    return value


@settings(deadline=None)
@given(trees, st.integers(0, 3), st.sampled_from(["sha-256", "sha-384", "sha-512"]))
def test_trees_come_back(tree: dict[str, Any], decoys: int, hash_name: str) -> None:
    parsed = parse_sd_jwt(issue_sd_jwt({}, tree, ISSUER, decoys=decoys, hash_name=hash_name))
    assert unpack(parsed.token.claims, parsed.disclosures) == plain(tree, hidden=False)
    assert unpack(parsed.token.claims, ()) == plain(tree, hidden=True)


@settings(deadline=None)
@given(trees, st.lists(st.lists(names | st.integers(0, 3) | st.none(), min_size=1, max_size=3), max_size=4))
def test_any_choice_of_paths_can_be_verified(tree: dict[str, Any], paths: list[list[Any]]) -> None:
    parsed = parse_sd_jwt(issue_sd_jwt({}, tree, ISSUER))
    shown = unpack(parsed.token.claims, select_disclosures(parsed, paths))
    everything = plain(tree, hidden=False)
    for path in paths:
        if path[0] in everything and len(path) == 1:
            assert shown[path[0]] == everything[path[0]]


@settings(deadline=None)
@given(trees, st.data())
def test_a_disclosure_less_is_a_claim_less_and_never_an_error_of_another_kind(
    tree: dict[str, Any], data: st.DataObject
) -> None:
    parsed = parse_sd_jwt(issue_sd_jwt({}, tree, ISSUER))
    kept = data.draw(st.lists(st.sampled_from(parsed.disclosures), unique=True) if parsed.disclosures else st.just([]))
    try:
        unpack(parsed.token.claims, kept)
    except Rejected as rejection:
        if rejection.reason != "disclosure_invalid":  # a child without its parent
            raise


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["_sd", "_sd_alg", "...", "cnf", "status", "vct", "iss", "exp", "a"]), json_values),
    st.lists(json_values, max_size=3),
)
def test_arbitrary_payloads_and_disclosures(payload: dict[str, Any], disclosures: list[Any]) -> None:
    texts = [b64url_encode(compact_json(value)) for value in disclosures]
    text = "~".join((build_jwt({"typ": "dc+sd-jwt"}, payload, ISSUER), *texts, ""))
    key = public(ISSUER)
    try:
        verify_sd_jwt(parse_sd_jwt(text), key, typ="dc+sd-jwt", now=NOW)
        FORMATS["dc+sd-jwt"].verify(FORMATS["dc+sd-jwt"].parse(text), key, now=NOW)
    except TegataError:
        return


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["@context", "type", "issuer", "credentialSubject", "validFrom", "status", "iss", "vc", "vp", "sub"]
        ),
        json_values,
    ),
    st.sampled_from(["vc+jwt", "JWT", "vp+jwt"]),
)
def test_arbitrary_documents(claims: dict[str, Any], typ: str) -> None:
    member, key = FORMATS["jwt_vc_json"], public(ISSUER)
    good = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "VerifiablePresentation"],
        "issuer": "did:web:x.example",
        "credentialSubject": {"a": 1},
    }
    text = build_jwt({"typ": typ}, {**good, **claims}, ISSUER)
    for parse, verify in (
        (member.parse, lambda parsed: member.verify(parsed, key, now=NOW)),
        (
            member.parse_presentation,
            lambda parsed: member.verify_presentation(parsed, key, audience=AUDIENCE, nonce=NONCE, now=NOW),
        ),
    ):
        try:
            parsed = parse(text)
            _ = parsed.issuer_key_hint
            verify(parsed)
        except TegataError:
            continue


@settings(deadline=None)
@given(any_text | st.lists(any_text, max_size=4).map("~".join))
def test_arbitrary_texts(text: str) -> None:
    for member in FORMATS:
        for parse in (member.parse, member.parse_presentation):
            with pytest.raises(TegataError):
                parse(text)


_PRESENTED = {member.name: present_for(member, issue_for(member), paths=[("given_name",)]) for member in FORMATS}


@pytest.mark.parametrize("member", list(FORMATS), ids=lambda member: member.name)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_other_text_than_what_was_presented_is_not_believed(member: CredentialFormat, data: st.DataObject) -> None:
    text = _PRESENTED[member.name]
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 3)))
    changed = text[:start] + data.draw(st.text(max_size=3)) + text[end:]
    if changed == text or _same_json(changed, text):
        return
    with pytest.raises(TegataError):
        check_with_chain(member, changed)


def _same_json(changed: str, text: str) -> bool:
    """A line break between two members, or before all of them, changes nothing that is said."""
    try:
        return compact_json(parse_json(changed)) == compact_json(parse_json(text))
    except Malformed:
        return False
