"""Whatever is posted: an answer, a refusal, or one of our own errors; never anything else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from common.encoding import compact_json
from common.errors import Malformed, Rejected
from common.jose.jwe import encrypt, generate_decryption_key, public_half
from common.oauth.form import build_form
from common.oid4vp.authorization_request import ResponseMode
from verifier.flows.examine import Shown, examine, open_credential, open_presentation
from verifier.flows.read_response import Answer, Declined, read_response

KEY = generate_decryption_key("k")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _read(form: bytes) -> None:
    for mode, key in ((ResponseMode.DIRECT_POST, None), (ResponseMode.DIRECT_POST_JWT, KEY)):
        try:
            found = read_response(form, mode=mode, decryption_key=key, state="s", query_formats={"q": "dc+sd-jwt"})
        except (Malformed, Rejected):
            continue
        assert isinstance(found, Answer | Declined)


@given(st.binary(max_size=300))
def test_any_bytes(form: bytes) -> None:
    _read(form)


@given(JSON)
def test_any_json_as_vp_token_in_the_clear_and_encrypted(value: object) -> None:
    _read(build_form({"state": "s", "vp_token": compact_json(value).decode("utf-8", "replace")}))
    inside = encrypt(compact_json({"state": "s", "vp_token": value}), public_half(KEY))
    _read(build_form({"response": inside}))


@given(st.text(max_size=200), st.sampled_from(["dc+sd-jwt", "jwt_vc_json", "mso_mdoc"]))
def test_any_text_as_a_presentation_has_a_fault_and_raises_nothing(text: str, format_name: str) -> None:
    shown = Shown(query_id="q", format=format_name, text=text)
    for opened in (open_presentation(shown), open_credential(shown)):
        assert examine(opened, None, audience="a", nonce="n", now=0).fault
