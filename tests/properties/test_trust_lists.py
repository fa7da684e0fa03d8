"""Trust lists: any text gives a typed answer, and no changed letter makes a list that is believed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import TegataError
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import build_jwt
from common.trust.lists import TYP, parse_trust_list, verify_trust_list
from tests.common.trust.trust_lists import MINISTRY, NOW, SIGNER, signed

TEXT = signed()
KEY = parse_public_jwk(MINISTRY.public_jwk())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(text=st.text(max_size=200))
def test_any_text_is_no_list(text: str) -> None:
    with pytest.raises(TegataError):
        parse_trust_list(text)


@given(position=st.integers(min_value=0, max_value=len(TEXT) - 1), letter=st.characters())
@settings(max_examples=300)
def test_a_changed_letter_is_refused(position: int, letter: str) -> None:
    if TEXT[position] == letter:
        return
    text = TEXT[:position] + letter + TEXT[position + 1 :]
    with pytest.raises(TegataError):
        verify_trust_list(parse_trust_list(text), KEY, signer=SIGNER, now=NOW)


@given(issuers=JSON, roots=JSON, name=JSON, sequence=JSON)
@settings(max_examples=300)
def test_whatever_is_signed_is_read_or_refused(issuers: object, roots: object, name: object, sequence: object) -> None:
    claims = {
        "iss": SIGNER,
        "iat": NOW,
        "exp": NOW + 9,
        "sequence": sequence,
        "name": name,
        "issuers": issuers,
        "roots": roots,
    }
    text = build_jwt({"typ": TYP, "kid": f"{SIGNER}#{SIGNER.removeprefix('did:key:')}"}, claims, MINISTRY)
    try:
        found = verify_trust_list(parse_trust_list(text), KEY, signer=SIGNER, now=NOW)
    except TegataError:
        return
    assert found.seen.sequence == sequence
