"""What is shown in person in each format: who, when and once are in the holder's signature, and nothing else passes for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.cbor import decode, encode
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected, TegataError
from common.formats.credential import VerifiedPresentation
from common.formats.in_person import AUDIENCE
from common.formats.mdoc.in_person import (
    ENVELOPE,
    HANDOVER,
    ShownResponse,
    build_shown_response,
    in_person_transcript,
    parse_shown_response,
)
from common.formats.mdoc.session_transcript import session_transcript
from common.formats.presentation_context import PresentationContext
from common.formats.registry import FORMATS
from common.formats.shown_presentation import ShownPresentation, build_shown, parse_shown
from tests.common.formats.samples import (
    CONTEXT,
    HOLDER,
    ISSUER,
    NONCE,
    NOW,
    STRANGER,
    issue_for,
    present_for,
    public,
    subject_for,
)

EACH = pytest.mark.parametrize("form", FORMATS.names)
CREDENTIALS = {member.name: issue_for(member) for member in FORMATS}


def shown(form: str, **change: Any) -> str:
    credential = change.pop("credential", CREDENTIALS[form])
    return build_shown(form, credential, **{"paths": None, "holder": HOLDER, "now": NOW, **change})


def verify(found: ShownPresentation, **change: Any) -> VerifiedPresentation:
    member = FORMATS[found.format]
    how = {"audience": AUDIENCE, "nonce": found.nonce, "now": NOW, "context": found.context, **change}
    return member.verify_presentation(member.parse_presentation(found.text), public(ISSUER), **how)


@EACH
def test_it_is_read_and_believed(form: str) -> None:
    found = parse_shown(shown(form))
    assert (found.format, found.shown_at) == (form, NOW)
    assert len(found.nonce) == 22
    assert verify(found).credential.subject == subject_for(form)
    other = parse_shown(shown(form))
    assert other.nonce != found.nonce
    assert other.identity != found.identity


@EACH
def test_a_thief_cannot_show_it(form: str) -> None:
    with pytest.raises(Rejected, match="wrong_holder"):
        verify(parse_shown(shown(form, holder=STRANGER)))


@EACH
def test_an_answer_to_a_question_is_not_shown_in_person(form: str) -> None:
    answer = present_for(FORMATS[form], CREDENTIALS[form])
    with pytest.raises(TegataError) as refusal:
        verify(parse_shown(answer))
    assert refusal.value.code == ("bad_presentation" if form == "mso_mdoc" else "wrong_audience")


@EACH
def test_what_is_shown_in_person_answers_no_question(form: str) -> None:
    found = parse_shown(shown(form))
    with pytest.raises(Rejected) as refusal:
        verify(found, audience="x509_san_dns:cafe.example", context=CONTEXT)
    assert refusal.value.reason == ("wrong_holder" if form == "mso_mdoc" else "wrong_audience")


@EACH
def test_nobody_shows_a_credential_as_it_was_issued(form: str) -> None:
    with pytest.raises(Malformed):
        verify(parse_shown(CREDENTIALS[form]))


def test_of_an_mdoc_only_what_is_chosen_is_shown() -> None:
    (namespace,) = subject_for("mso_mdoc")
    text = shown("mso_mdoc", paths=[(namespace, "birthdate")])
    assert verify(parse_shown(text)).credential.subject == {namespace: {"birthdate": "2005-04-02"}}
    assert "髙橋".encode() not in b64url_decode(text)


@pytest.mark.parametrize("change", [{"shown_at": NOW + 1}, {"shown_at": NOW - 60}, {"nonce": "another"}], ids=range(3))
def test_time_and_nonce_of_an_mdoc_are_signed(change: dict[str, Any]) -> None:
    """They travel beside the DeviceResponse, where anybody can write another."""
    forged = parse_shown_response(shown("mso_mdoc"))._replace(**change)
    with pytest.raises(Rejected, match="wrong_holder"):
        verify(parse_shown(build_shown_response(forged)))


def test_an_answer_to_a_question_in_our_envelope_is_not_by_the_holder() -> None:
    answer = present_for(FORMATS["mso_mdoc"], CREDENTIALS["mso_mdoc"])
    text = build_shown_response(ShownResponse(shown_at=NOW, nonce=NONCE, response=answer))
    with pytest.raises(Rejected, match="wrong_holder"):
        verify(parse_shown(text))


def test_the_transcript_is_like_no_other() -> None:
    """§9.1.5.1 has three elements; the name of the handover is what no other text gives to one."""
    ours = in_person_transcript(AUDIENCE, NONCE, NOW)
    assert decode(ours) == [None, None, [HANDOVER, AUDIENCE, NONCE, NOW]]
    assert session_transcript(PresentationContext(shown_at=NOW), audience=AUDIENCE, nonce=NONCE) == ours
    others = (
        PresentationContext(response_uri="https://a.example"),
        PresentationContext(origin="https://a.example"),
        PresentationContext(response_uri="https://a.example", wallet_nonce="n"),
    )
    for context in others:
        handover = decode(session_transcript(context, audience=AUDIENCE, nonce=NONCE))[2]
        assert handover[0] != HANDOVER
        assert len(handover) != 4


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        [ENVELOPE, NOW, NONCE],
        ["TegataInPersons", NOW, NONCE, b""],
        [ENVELOPE, -1, NONCE, b""],
        [ENVELOPE, 1 << 50, NONCE, b""],
        [ENVELOPE, True, NONCE, b""],
        [ENVELOPE, 1.5, NONCE, b""],
        [ENVELOPE, NOW, "", b""],
        [ENVELOPE, NOW, "x" * 65, b""],
        [ENVELOPE, NOW, b"nonce", b""],
        [ENVELOPE, NOW, NONCE, "text"],
        [ENVELOPE, NOW, NONCE, b"", 1],
        [ENVELOPE, NOW, NONCE, b"noise"],
    ],
    ids=range(14),
)
def test_envelopes_that_are_none(value: Any) -> None:
    with pytest.raises(Malformed):
        parse_shown(b64url_encode(encode(value)))


def test_two_proofs_are_not_shown_in_person() -> None:
    """The second may be a copyist's own, over somebody else's showing: it would look like another one."""
    document = json.loads(shown("ldp_vc"))
    for proofs in ([document["proof"]] * 2, [], [{**document["proof"], "challenge": ""}], "proof"):
        with pytest.raises(Malformed):
            parse_shown(json.dumps({**document, "proof": proofs}))
    bare = {name: value for name, value in document["proof"].items() if name != "challenge"}
    with pytest.raises(Malformed):
        parse_shown(json.dumps({**document, "proof": bare}))


def test_a_document_written_anew_is_the_same_showing() -> None:
    found = parse_shown(shown("ldp_vc"))
    document = json.loads(found.text)
    again = parse_shown(json.dumps(dict(reversed(document.items())), indent=2))
    assert verify(again)
    assert again.identity == found.identity
    assert again.text != found.text


@EACH
def test_nobody_uses_up_the_showing_of_another(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nonce stands in a code that anybody near can read: with it, and a certificate of one's own, one is still somebody else."""
    monkeypatch.setattr("common.formats.shown_presentation.random_token", lambda _: NONCE)
    own = issue_for(FORMATS[form], holder_jwk=STRANGER.public_jwk())
    copied = parse_shown(shown(form, credential=own, holder=STRANGER))
    found = parse_shown(shown(form))
    assert verify(copied)
    assert copied.nonce == found.nonce
    assert copied.identity != found.identity
