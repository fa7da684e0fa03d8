"""Somebody who draws codes himself, for whoever scans them: codes that unfold, codes of two showings, a showing written anew."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, TegataError, Unsupported
from common.formats.base45 import base45_encode
from common.formats.in_person import AUDIENCE
from common.formats.registry import FORMATS
from common.formats.shown_code import DOCUMENT, JWTS, pack, unpack
from common.formats.shown_frames import join_frames, split_frames
from common.formats.shown_presentation import build_shown, parse_shown
from common.formats.shown_words import WORDS_OF_DOCUMENTS, WORDS_OF_JWTS
from common.oid4vp.client_id import parse_client_id
from tests.common.formats.samples import HOLDER, ISSUER, NOW, issue_for, public

Document = dict[str, Any]


def bomb(head: str, words: bytes, content: bytes) -> str:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=words)
    return head + base45_encode(deflate.compress(content) + deflate.flush())


@pytest.mark.parametrize(
    "content",
    [
        *(bytes(10_000_000), b"{" * 66_136, b"[" * 66_137, b"\0\0." * 22_000, b"\x9f" * 48_000, b"\x81" * 48_000),
        *(b"\xd8\x18" * 24_000, b"\x9a\xff\xff\xff\xff", b"\xbf" * 48_000, b"\x84\x6eTegataInPerson\x5b" + b"\xff" * 8),
    ],
    ids=range(10),
)
def test_codes_that_unfold(content: bytes) -> None:
    for code in (bomb(JWTS, WORDS_OF_JWTS, content), bomb(DOCUMENT, WORDS_OF_DOCUMENTS, content)):
        began = time.process_time()
        with pytest.raises(Malformed):
            parse_shown(unpack(join_frames(code)))
        assert time.process_time() - began < 0.5


def test_a_code_in_a_code_is_not_unpacked_twice() -> None:
    inner = pack(issue_for(FORMATS["dc+sd-jwt"]))
    twice = bomb(DOCUMENT, WORDS_OF_DOCUMENTS, b64url_decode(b64url_encode(inner.encode())))
    with pytest.raises(TegataError):
        parse_shown(unpack(twice))


def test_codes_of_two_showings_never_make_a_third() -> None:
    packed = [DOCUMENT + "ABC" * 1500 + tail for tail in ("AAA", "BBB")]
    first, second = (split_frames(each) for each in packed)
    assert len(first) == len(second) > 1
    assert join_frames("\n".join(reversed(first))) == packed[0]
    assert join_frames("\n".join((*first, *second))) == packed[1]
    with pytest.raises(Malformed, match="incomplete_code"):
        join_frames("\n".join((*first[:-1], second[-1])))
    check, another = (codes[-1].split("/")[2][:8] for codes in (first, second))
    disguised = second[-1].replace(another, check)
    with pytest.raises(Malformed, match="bad_code"):
        join_frames("\n".join((*first[:-1], disguised)))


def test_no_verifier_is_called_like_whoever_is_here() -> None:
    """A request that bore this name would get an answer that passes for one shown in person."""
    with pytest.raises(Unsupported):
        parse_client_id(AUDIENCE)


@pytest.mark.parametrize("form", ["dc+sd-jwt", "jwt_vc_json"])
def test_a_showing_has_one_identity_however_it_is_written(form: str) -> None:
    text = build_shown(form, issue_for(FORMATS[form]), paths=None, holder=HOLDER, now=NOW)
    found = parse_shown(text)
    head, _, signature = text.rpartition(".")
    other = bytearray(b64url_decode(signature))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    other[32:] = (order - int.from_bytes(other[32:], "big")).to_bytes(32, "big")
    again = parse_shown(f"{head}.{b64url_encode(bytes(other))}")
    assert again.text != found.text
    assert again.identity == found.identity


def _with_context(extra: Any) -> Callable[[Document], None]:
    return lambda document: document.update({"@context": [*document["@context"], extra]})


def _with_proof(**change: Any) -> Callable[[Document], None]:
    return lambda document: document["proof"].update(change)


def _with_two_challenges(document: Document) -> None:
    document["proof"]["https://w3id.org/security#challenge"] = document["proof"]["challenge"]
    document["proof"]["challenge"] = "another"


def _with_method(text: str) -> Callable[[Document], None]:
    return lambda document: document["proof"].update(
        verificationMethod=document["proof"]["verificationMethod"].replace("did:", text, 1)
    )


@pytest.mark.parametrize(
    "rewrite",
    [
        _with_context({"challenge": None}),
        _with_context({"challenge": {"@id": None}}),
        _with_context({"@language": "ja"}),
        _with_context({"@direction": "ltr"}),
        _with_context({"@vocab": "https://w3id.org/security#"}),
        _with_context({"did": "did:"}),
        _with_context({"x": "https://w3id.org/security#challenge"}),
        _with_context("https://w3id.org/security/data-integrity/v2"),
        _with_proof(challenge="another"),
        _with_proof(challenge=["another"]),
        _with_proof(challenge={"@value": "another"}),
        _with_proof(id="urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5"),
        _with_proof(type=["DataIntegrityProof"]),
        _with_proof(domain=[AUDIENCE]),
        _with_proof(nonce="another"),
        _with_proof(**{"@context": {"challenge": "https://w3id.org/security#nonce"}}),
        _with_two_challenges,
        _with_method("DID:"),
        _with_method("did:./"),
        _with_method("did%3A"),
        lambda document: document.update(proof=[document["proof"]]),
        lambda document: document.update(verifiableCredential=[document["verifiableCredential"]]),
    ],
    ids=range(22),
)
def test_no_rewriting_of_a_document_makes_another_showing(rewrite: Callable[[Document], None]) -> None:
    """Statements are signed, not JSON: where two writings hold, both have to be recognised as the one showing."""
    form = FORMATS["ldp_vc"]
    text = build_shown("ldp_vc", issue_for(form), paths=None, holder=HOLDER, now=NOW)
    document = json.loads(text)
    rewrite(document)
    try:
        again = parse_shown(json.dumps(document))
        form.verify_presentation(
            form.parse_presentation(again.text), public(ISSUER), audience=AUDIENCE, nonce=again.nonce, now=NOW
        )
    except TegataError:
        return
    assert again.identity == parse_shown(text).identity
