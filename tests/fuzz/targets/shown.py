"""What is shown in person: every format, packed or not, in one code or several, to the point where its holder's signature is judged."""

from __future__ import annotations

from typing import Any

from common.formats.credential import CredentialContent
from common.formats.in_person import AUDIENCE
from common.formats.mdoc.in_person import parse_shown_response
from common.formats.registry import FORMATS
from common.formats.shown_code import pack, unpack
from common.formats.shown_frames import join_frames, split_frames
from common.formats.shown_presentation import build_shown, parse_shown
from tests.fuzz.cast import ADDRESS, HOLDER, ISSUER, NOW, PUBLIC, STATUS, X5C, content
from tests.fuzz.target import of_text, reading

DOCTYPE = "com.example.enrolment"
TERMS = {
    name: f"{ADDRESS}/terms#{name}" for name in ("EnrolmentCredential", "family_name", "given_name", "nationalities")
}
_CHANGES: dict[str, dict[str, Any]] = {
    "ldp_vc": {"contexts": (TERMS,), "status": None},
    "mso_mdoc": {"doctype": DOCTYPE, "issuer": ADDRESS, "claims": {DOCTYPE: {"family_name": "髙橋"}}},
}


def _shown(form: str) -> str:
    made: CredentialContent = content(**{"status": STATUS, **_CHANGES.get(form, {})})
    credential = FORMATS[form].issue(made, ISSUER, x5c=X5C if form == "mso_mdoc" else None)
    return build_shown(form, credential, paths=None, holder=HOLDER, now=NOW)


def _judge(data: bytes) -> object:
    found = parse_shown(unpack(join_frames(data.decode("utf-8", "replace"))))
    member = FORMATS[found.format]
    parsed = member.parse_presentation(found.text)
    _ = parsed.issuer_key_hint
    return member.verify_presentation(
        parsed, PUBLIC, audience=AUDIENCE, nonce=found.nonce, now=NOW, context=found.context
    )


SHOWN = {form: _shown(form) for form in FORMATS.names}

TARGETS = (
    of_text(parse_shown_response, SHOWN["mso_mdoc"]),
    reading(
        parse_shown,
        _judge,
        *(text.encode() for text in SHOWN.values()),
        *("\n".join(split_frames(pack(text))).encode() for text in SHOWN.values()),
    ),
)
