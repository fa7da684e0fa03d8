"""Showing in person under random input: any text ends in an error of ours; a changed one is refused, or is the very same showing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cbor import encode
from common.encoding import b64url_encode, compact_json
from common.errors import TegataError
from common.formats.mdoc.in_person import ENVELOPE
from common.formats.registry import FORMATS
from common.formats.shown_code import pack, unpack
from common.formats.shown_frames import join_frames, split_frames
from common.formats.shown_presentation import parse_shown
from tests.common.formats.test_shown_presentation import shown, verify
from verifier.flows.read_shown import read_shown

SHOWN = {form: shown(form) for form in FORMATS.names}
CODES = {form: "\n".join(split_frames(pack(text))) for form, text in SHOWN.items()}
EACH = pytest.mark.parametrize("form", FORMATS.names)
simple = st.none() | st.booleans() | st.integers(-(1 << 63), 1 << 63) | st.text(max_size=8)
values = st.recursive(
    simple, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=8), one, max_size=3)
)
texts = st.one_of(
    st.text(max_size=200),
    st.text("TEGATA12:/.~ 0ABCDEF{}\n", max_size=80),
    st.binary(max_size=80).map(b64url_encode),
    values.map(lambda value: compact_json({"type": ["VerifiablePresentation"], "proof": value}).decode()),
    st.tuples(values, values, values).map(lambda rest: b64url_encode(encode([ENVELOPE, *rest]))),
)


@settings(deadline=None)
@given(texts)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_shown(text)
    except TegataError:
        return
    assert found.format in FORMATS.names
    assert len(found.digest) == 32


@EACH
def test_a_code_brings_the_text(form: str) -> None:
    assert unpack(join_frames(CODES[form])) == SHOWN[form]


@EACH
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_changed_text_is_refused_or_the_same_showing(form: str, data: st.DataObject) -> None:
    """White space in a document changes nothing; nor does a certificate's own signature, which `common.x509` judges."""
    text = SHOWN[form]
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from('Aa9_-.~{"} é'))
    try:
        found = parse_shown(text[:place] + other + text[place + 1 :])
        believed = verify(found)
    except TegataError:
        return
    original = parse_shown(text)
    assert found.identity == original.identity
    assert believed.credential.subject == verify(original).credential.subject


@EACH
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_changed_code_is_refused(form: str, data: st.DataObject) -> None:
    """One character read wrongly: nothing else than what was shown comes out of it."""
    codes = CODES[form]
    place = data.draw(st.integers(0, len(codes) - 1))
    other = data.draw(st.sampled_from("0A$%*+-./: Z"))
    changed = codes[:place] + other + codes[place + 1 :]
    try:
        found = parse_shown(unpack(join_frames(changed)))
        verify(found)
    except TegataError:
        return
    assert found.identity == parse_shown(SHOWN[form]).identity
