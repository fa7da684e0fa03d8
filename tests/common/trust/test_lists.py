"""Trust lists: read strictly, believed only of the expected signer, in date, and never older than what was seen."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import b64url_decode, parse_json_object
from common.errors import Malformed, Refused, TegataError
from common.jose.jwk import parse_public_jwk
from common.jose.jwt import build_jwt
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.lists import TrustList, merge_anchors, parse_trust_list, verify_trust_list
from common.x509.sandbox_ca import make_ca
from tests.common.trust.trust_lists import ANCHORS, DAY, ISSUER, MINISTRY, NOW, ROOT, SIGNER, STRANGER, did_of, signed

KEY = parse_public_jwk(MINISTRY.public_jwk())


def verify(text: str, **how: Any) -> TrustList:
    return verify_trust_list(parse_trust_list(text), how.pop("key", KEY), **{"signer": SIGNER, "now": NOW, **how})


def refusal(text: str, **how: Any) -> str:
    with pytest.raises(TegataError) as caught:
        verify(text, **how)
    return caught.value.code


def changed(**claims: Any) -> str:
    """The list with other claims (None takes one away), signed by the ministry all the same."""
    text = signed()
    header, body = (parse_json_object(b64url_decode(part)) for part in text.split(".")[:2])
    body = {name: value for name, value in {**body, **claims}.items() if value is not None}
    return build_jwt({"typ": header["typ"], "kid": header["kid"]}, body, MINISTRY)


def test_what_was_signed_is_read_again() -> None:
    found = verify(signed(next_update=NOW + DAY))
    assert (found.expires_at, found.next_update, found.seen.sequence) == (NOW + 30 * DAY, NOW + DAY, 7)
    assert found.anchors.roots == ANCHORS.roots
    entry = found.anchors.issuer(ISSUER)
    assert entry is not None
    assert (entry.types, entry.names["ja"], entry.key_paths) == (
        frozenset({"EnrolmentCredential"}), "桜川大学", frozenset({"x5c"})
    )  # fmt: skip
    assert entry.listed_in is not None
    assert (entry.listed_in.name["en"], entry.listed_in.signer, entry.listed_in.sequence) == ("Universities", SIGNER, 7)


def test_another_signer_is_nobody() -> None:
    assert refusal(signed(STRANGER), key=parse_public_jwk(STRANGER.public_jwk())) == "untrusted_key"
    assert refusal(signed(STRANGER, issuer=SIGNER, key_url=f"{SIGNER}#{SIGNER[8:]}")) == "bad_signature"
    with pytest.raises(Malformed):
        parse_trust_list(signed(issuer=did_of(STRANGER)))


def test_a_list_has_its_time() -> None:
    assert refusal(signed(), now=NOW + 31 * DAY) == "expired"
    assert refusal(signed(), now=NOW - DAY) == "not_yet_valid"
    assert refusal(changed(exp=None)) == "bad_trust_list"
    assert refusal(changed(iat=None)) == "bad_trust_list"
    assert refusal(changed(exp=NOW, iat=NOW)) == "bad_trust_list"


def test_nobody_shows_an_older_one() -> None:
    seen = verify(signed(sequence=8)).seen
    assert refusal(signed(), newest_seen=seen) == "stale"
    assert verify(signed(sequence=9), newest_seen=seen).seen.sequence == 9
    again = signed(sequence=9)
    seen = verify(again).seen
    assert verify(again, newest_seen=seen).seen == seen
    assert refusal(signed(sequence=9, names={"en": "Others"}), newest_seen=seen) == "stale"


def test_a_jwt_of_another_kind_is_no_list() -> None:
    body = parse_json_object(b64url_decode(signed().split(".")[1]))
    assert refusal(build_jwt({"typ": "JWT", "kid": SIGNER + "#" + SIGNER[8:]}, body, MINISTRY)) == "wrong_type"


@pytest.mark.parametrize(
    "claims",
    [
        {"sequence": None},
        {"sequence": "7"},
        {"sequence": True},
        {"sequence": -1},
        {"name": None},
        {"name": {}},
        {"name": {"en": 1}},
        {"test": 1},
        {"issuers": {}},
        {"issuers": ["https://a.example"]},
        {"issuers": [{"identifier": "http://a.example", "types": ["T"]}]},
        {"issuers": [{"identifier": "https://a.example", "types": []}]},
        {"issuers": [{"identifier": "https://a.example", "types": ["T"], "typo": 1}]},
        {"issuers": [{"identifier": "https://a.example", "types": ["T"]}] * 2},
        {"roots": ["AAAA"]},
        {"roots": [1]},
        {"roots": ["not base64"]},
        {"unknown": 1},
        {"next_update": "soon"},
    ],
)
def test_a_list_with_a_mistake_is_no_list(claims: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        verify(changed(**claims))


@pytest.mark.parametrize("text", ["", "a.b.c", "ä", "." * 100, "x" * (1 << 21)])
def test_texts_that_are_none(text: str) -> None:
    with pytest.raises(Malformed):
        parse_trust_list(text)


@pytest.mark.parametrize("claims", [{"iss": None}, {"iss": "https://ministry.example"}, {"iss": 7}])
def test_a_signer_is_a_did(claims: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse_trust_list(changed(**claims))


def test_production_refuses_what_is_for_tests() -> None:
    of_test = TrustedIssuer(identifier="https://a.example", types=frozenset({"T"}), test=True)
    for text in (
        signed(test=True),
        signed(anchors=TrustAnchors(issuers=(of_test,))),
        signed(anchors=TrustAnchors(roots=(make_ca("Sandbox root", now=NOW).certificate,))),
    ):
        with pytest.raises(Refused, match="sandbox"):
            verify(text)
        verify(text, sandbox=True)


def test_the_operators_own_word_weighs_more() -> None:
    own = TrustedIssuer(identifier=ISSUER, types=frozenset({"Other"}))
    first, second = verify(signed()), verify(signed(anchors=TrustAnchors(issuers=(own,)), names={"en": "Second"}))
    merged = merge_anchors(TrustAnchors(issuers=(own,)), [first])
    assert (merged.issuers, merged.roots) == ((own,), (ROOT.certificate,))
    merged = merge_anchors(TrustAnchors(roots=(ROOT.certificate,)), [first, second])
    (entry,) = merged.issuers
    assert entry.listed_in is not None
    assert (entry.listed_in.name["en"], len(merged.roots)) == ("Universities", 1)
