"""What we do not secure with JOSE and COSE, and which parts of a document its holder may hold back."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed
from common.formats.vc_jose_cose.claims_path import parse_path
from common.formats.vc_jose_cose.media_type import VC_COSE, VC_JWT, VC_SD_JWT, MediaType
from common.formats.vcdm.terms import CONTEXT_V1, CONTEXT_V2
from common.jose.sd_jwt import parse_sd_jwt, present_sd_jwt
from tests.common.formats.samples import NOW
from tests.common.formats.secured_samples import FULL, credential, secured
from tests.common.formats.test_vc_secured import CREDENTIALS, verify


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"badExtension": 1}, "undefined_term"),
        ({"validuntil": "2099-01-01T00:00:00Z"}, "undefined_term"),
        ({"vc": {}}, "bad_claims"),
        ({"proof": {"type": "x"}}, "secured already"),
        ({"issuer": None}, "bad_issuer"),
        ({"credentialSubject": None}, "bad_subject"),
        ({"@context": [CONTEXT_V1], "issuanceDate": "2020-01-01T00:00:00Z"}, "bad_context"),
        ({"iss": "https://other.example"}, "bad_claims"),
        ({"credentialStatus": {"id": "urn:x"}}, "bad_type"),
    ],
)
@pytest.mark.parametrize("kind", CREDENTIALS, ids=lambda kind: kind.typ)
def test_what_we_do_not_sign(change: dict[str, Any], match: str, kind: MediaType) -> None:
    if kind is VC_COSE and "iss" in change:
        return  # in COSE the document has no claims about the signature
    with pytest.raises(Malformed, match=match):
        secured(credential(**change), kind)


def test_members_are_known_by_name() -> None:
    inline = {
        "ownTerm": "https://university.example/terms#own",
        "OwnType": {"@id": "urn:x", "@context": {"scoped": "urn:y"}},
    }
    assert secured(credential(**{"@context": [CONTEXT_V2, inline], "ownTerm": 1}), VC_JWT)
    assert secured(
        credential(**{"@context": [CONTEXT_V2, inline], "type": ["VerifiableCredential", "OwnType"], "scoped": 1}),
        VC_JWT,
    )
    for context in ({"@vocab": "https://university.example/#"}, "https://unknown.example/context", inline):
        with pytest.raises(Malformed, match="undefined_term"):
            secured(credential(**{"@context": [CONTEXT_V2, context], "scoped": 1}), VC_JWT)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b-c.d", ("a", "b-c", "d")),
        ("a[0].b[12]", ("a", 0, "b", 12)),
        ("a[*]", ("a", None)),
        (["a.b", None, 3], ("a.b", None, 3)),
    ],
)
def test_disclosure_paths(text: Any, path: tuple[Any, ...]) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "[0]",
        "a[",
        "a[x]",
        "a[-1]",
        "a]b",
        [],
        [0],
        [None],
        [True],
        [1.5],
        ["a", -1],
        5,
        None,
        "a" * 40 + ".a" * 40,
    ],
)
def test_what_is_no_disclosure_path(text: Any) -> None:
    with pytest.raises(Malformed, match="bad_path"):
        parse_path(text)


@pytest.mark.parametrize(
    "path",
    [
        "@context",
        "type",
        "issuer",
        "validUntil",
        "credentialStatus",
        "credentialSubject.missing",
        "credentialSubject[0]",
        "name[7]",
    ],
)
def test_what_cannot_be_held_back(path: str) -> None:
    with pytest.raises(Malformed, match="bad_path"):
        secured(FULL, VC_SD_JWT, disclosable=[parse_path(path)])
    with pytest.raises(Malformed, match="bad_options"):
        secured(FULL, VC_JWT, disclosable=[("credentialSubject",)])
    with pytest.raises(Malformed, match="bad_options"):
        secured(FULL, VC_COSE, disclosable=[("credentialSubject",)])


def test_what_is_held_back_shows_where_it_was_chosen() -> None:
    paths = [("credentialSubject",), ("credentialSubject", "name"), ("evidence",), ("name",)]
    text = str(secured(FULL, VC_SD_JWT, disclosable=paths))
    parsed = parse_sd_jwt(text)
    assert len(parsed.disclosures) == 4
    assert verify(text, VC_SD_JWT).document["credentialSubject"] == FULL["credentialSubject"]
    shown = present_sd_jwt(parsed, paths=[("credentialSubject",)], holder=None, audience="", nonce="", now=NOW)
    found = verify(shown, VC_SD_JWT).document
    assert found["credentialSubject"] == FULL["credentialSubject"]
    assert "evidence" not in found
