"""Any text is a DID, a DID URL, or Malformed; any document gives a key or one of our errors."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from common.did.document import check_document, find_key
from common.did.methods.web import document_address
from common.did.syntax import parse_did, parse_did_url
from common.errors import Malformed, TegataError

near_dids = st.from_regex(r"did:[a-z0-9]{0,4}:[A-Za-z0-9._%:/?#@-]{0,30}", fullmatch=True)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["did:web:a.example", "did:web:a.example#k", "#k"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "controller", "publicKeyJwk", "kty", "crv", "x", "y"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.text() | near_dids)
def test_text_is_a_did_or_malformed(text: str) -> None:
    try:
        parsed = parse_did(text)
    except Malformed:
        return
    assert parsed.did == text == f"did:{parsed.method}:{parsed.identifier}"


@given(st.text() | near_dids)
def test_text_is_a_did_url_or_malformed(text: str) -> None:
    try:
        parsed = parse_did_url(text)
    except Malformed:
        return
    query = "" if parsed.query is None else f"?{parsed.query}"
    fragment = "" if parsed.fragment is None else f"#{parsed.fragment}"
    assert f"{parsed.did.did}{parsed.path}{query}{fragment}" == text


@given(st.text().map("did:web:".__add__) | st.from_regex(r"did:web:[a-z0-9.%:/A-]{0,40}", fullmatch=True))
def test_a_did_web_leads_to_its_own_host_or_nowhere(did: str) -> None:
    try:
        address = document_address(did, sandbox=False)
    except Malformed:
        return
    host = did.removeprefix("did:web:").split(":")[0].replace("%3A", ":")
    assert address.startswith(f"https://{host}/")
    assert address.endswith("/did.json")
    assert ".." not in address.removeprefix("https://").split("/")
    assert "%" not in address


@given(
    st.dictionaries(
        st.sampled_from(
            ["@context", "id", "controller", "verificationMethod", "assertionMethod", "service", "alsoKnownAs"]
        ),
        json_values,
    )
)
def test_any_document_ends_in_a_key_or_one_of_our_errors(document: dict[str, object]) -> None:
    document["id"] = "did:web:a.example"
    with contextlib.suppress(TegataError):
        check_document(document, did="did:web:a.example")
    with contextlib.suppress(TegataError):
        find_key(document, "did:web:a.example#k", "assertionMethod")
