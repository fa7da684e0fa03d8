"""Data Integrity under random documents and random damage: what was signed verifies, what was touched does not, nothing else is raised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import Malformed, Rejected, TegataError, Unsupported
from common.formats.data_integrity import LdpVc
from common.formats.data_integrity.policy import Policy, Profile
from common.formats.data_integrity.verification_methods import VerificationMethods
from common.formats.data_integrity.verify import verify_credential
from common.formats.data_integrity.verify_presentation import verify_presentation_document
from common.formats.vcdm.credential import read_credential
from common.formats.vcdm.envelope import read_envelope
from common.formats.vcdm.presentation import read_presentation
from common.formats.vcdm.related_resource import read_related_resources
from common.jose.jwk import parse_public_jwk
from tests.common.formats.data_integrity.cast import (
    HOLDER,
    ISSUER,
    NOBODY_ELSE,
    NOW,
    SUITE_KEYS,
    V2,
    check,
    credential,
    did_of,
    signed,
)

TERMS = {"@vocab": "https://school.example/terms#"}
MEMBER = LdpVc()
KEY = parse_public_jwk(ISSUER.public_jwk())
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAMES = st.text("abcdefghijklmnop", min_size=1, max_size=6).map(lambda name: f"x{name}")
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)
CLAIMS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).filter(lambda each: not any(isinstance(x, list) for x in each))
        | st.dictionaries(NAMES, inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)
SUBJECTS = st.dictionaries(NAMES, CLAIMS, min_size=1, max_size=5)
ANY_JSON = st.recursive(
    st.one_of(st.none(), SCALARS, st.sampled_from([V2, "VerifiableCredential", "did:key:z6Mk", "z1"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.one_of(
                TEXTS,
                st.sampled_from(["@context", "id", "type", "issuer", "credentialSubject", "proof", "@id", "@type"]),
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(("suite", "key"), SUITE_KEYS, ids=lambda value: getattr(value, "alg", value))
@SLOW
@given(subject=SUBJECTS)
def test_sign_and_verify(suite: str, key: Any, subject: dict[str, Any]) -> None:
    document = credential(key, credentialSubject={"id": did_of(HOLDER), **subject}) | {"@context": [V2, TERMS]}
    text = json.dumps(signed({**document, "type": ["VerifiableCredential"]}, key, cryptosuite=suite))
    assert check(json.loads(text)).credential.subject == subject


TEXT_OF = {
    suite: json.dumps(signed(key=key, cryptosuite=suite), ensure_ascii=False).encode() for suite, key in SUITE_KEYS[:3]
}


@pytest.mark.parametrize("suite", TEXT_OF)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_flip_any_byte(suite: str, data: st.DataObject) -> None:
    """One bit of the text: another document, or the same one spelt otherwise (white space, an escape), never another one believed."""
    whole = TEXT_OF[suite]
    place = data.draw(st.integers(0, len(whole) - 1))
    broken = bytearray(whole)
    broken[place] ^= 1 << data.draw(st.integers(0, 7))
    key = parse_public_jwk(dict(SUITE_KEYS)[suite].public_jwk())
    try:
        text = broken.decode()
    except UnicodeDecodeError:
        return
    try:
        parsed = MEMBER.parse(text)
        found = MEMBER.verify(parsed, key, now=NOW)
    except (Malformed, Rejected, Unsupported):
        return
    assert json.loads(text) == json.loads(whole), found


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [path for name, child in value.items() for path in _paths(child, (*at, name))]
    if isinstance(value, list):
        return [path for number, child in enumerate(value) for path in _paths(child, (*at, number))]
    return [at]


@pytest.mark.parametrize(("suite", "key"), SUITE_KEYS, ids=lambda value: getattr(value, "alg", value))
def test_every_value_counts(suite: str, key: Any) -> None:
    """Each value of the signed document replaced by another of its kind: the types and the proof's options included."""
    whole = signed(key=key, cryptosuite=suite, domain="school.example", challenge="c", nonce="n", id="urn:example:p")
    for path in _paths(whole):
        changed = json.loads(json.dumps(whole))
        target = changed
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = _another(target[path[-1]])
        assert _refused(changed), f"{path} was changed and nobody noticed"


def _refused(document: dict[str, Any]) -> bool:
    try:
        check(document)
    except (Malformed, Rejected, Unsupported):
        return True
    return False


def _another(value: str) -> str:
    """Another value of the same kind; a moment becomes another moment."""
    if value.startswith(("2026-", "2027-")):
        return f"202{int(value[3]) - 1}{value[4:]}"
    return value[:-1] + ("x" if value[-1] != "x" else "y")


@SLOW
@given(ANY_JSON)
def test_any_json_is_a_typed_refusal(value: Any) -> None:
    text = json.dumps(value)
    for parse in (MEMBER.parse, MEMBER.parse_presentation):
        with pytest.raises(Malformed):
            parse(text)
    document = value if isinstance(value, dict) else {"value": value}
    for read in (read_credential, read_presentation, read_related_resources):
        try:
            read(document)
        except TegataError:
            continue
        assert read is read_related_resources
    with pytest.raises(Malformed):
        read_envelope(value, "EnvelopedVerifiableCredential")


@settings(max_examples=150, deadline=None)
@given(member=st.sampled_from([*signed(), "relatedResource", "credentialSchema", "evidence", "name"]), value=ANY_JSON)
def test_any_value_in_any_member(member: str, value: Any) -> None:
    """A valid credential with one member replaced by anything."""
    document = {**signed(), member: value}
    try:
        check(document, policy=Policy(profile=Profile.PROOF_ONLY))
    except TegataError:
        return
    assert json.loads(json.dumps(document)) == signed() or member == "proof"


PROOF = signed()["proof"]


@settings(max_examples=150, deadline=None)
@given(
    member=st.sampled_from([*PROOF, "id", "domain", "challenge", "expires", "previousProof", "@context"]),
    value=ANY_JSON,
)
def test_any_value_in_the_proof(member: str, value: Any) -> None:
    document = {**credential(), "proof": {**PROOF, member: value}}
    try:
        check(document)
    except TegataError:
        return
    assert value == {**PROOF, "@context": document["@context"]}.get(member)


@SLOW
@given(ANY_JSON)
def test_any_text_as_a_presentation(value: Any) -> None:
    with pytest.raises(TegataError):
        verify_presentation_document(
            {"@context": [V2], "type": "VerifiablePresentation", "verifiableCredential": value, "proof": value},
            methods=NOBODY_ELSE,
            now=NOW,
            domain=None,
            challenge=None,
        )


@SLOW
@given(ANY_JSON)
def test_any_controller_document(document: Any) -> None:
    methods = VerificationMethods(resolve=lambda did: document if isinstance(document, dict) else {"id": did})
    signed_by_web = {**signed(), "issuer": "did:web:school.example"}
    signed_by_web["proof"] = {**signed_by_web["proof"], "verificationMethod": "did:web:school.example#k"}
    with pytest.raises(TegataError):
        verify_credential(signed_by_web, methods=methods, now=NOW)
