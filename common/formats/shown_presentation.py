"""A presentation that is shown in person, in each format: made by the holder, and read far enough to be judged and recognised.

| format | audience, nonce, time | covered by the holder's signature |
|---|---|---|
| dc+sd-jwt | ``aud``, ``nonce``, ``iat`` of the key binding JWT | the JWT's signing input |
| jwt_vc_json | ``aud``, ``nonce``, ``iat`` of the VP JWT | the JWT's signing input |
| ldp_vc | ``domain``, ``challenge``, ``created`` of the one proof | these, the proof's method among them, and the document's statements |
| mso_mdoc | the session transcript (`common.formats.mdoc.in_person`) | DeviceAuthentication, by the device's key |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from common.encoding import compact_json, random_token
from common.errors import Malformed, TegataError
from common.formats.credential import ClaimsPath
from common.formats.data_integrity.parse import parse_presentation
from common.formats.detect import format_of
from common.formats.in_person import AUDIENCE, NONCE_BYTES
from common.formats.mdoc.device_auth import device_authentication
from common.formats.mdoc.device_response import ParsedDeviceResponse, parse_device_response
from common.formats.mdoc.in_person import (
    ShownResponse,
    build_shown_response,
    in_person_transcript,
    parse_shown_response,
)
from common.formats.presentation_context import PresentationContext
from common.formats.registry import FORMATS
from common.jose.jwt import parse_jwt, time_claim
from common.ports import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPresentation:
    """Unverified. text: the presentation, as its format takes it. nonce: the holder's own, "" where there is none.

    shown_at: seconds, by the holder's clock. context: for formats that are bound to the exchange. identity: bytes that the holder's
    signature covers and that no other showing has: what is the same showing has the same, however its text was rewritten. Signatures are
    not among them, since of an ECDSA signature anybody can make a second valid one.
    """

    format: str
    text: str = field(repr=False)
    nonce: str
    shown_at: int | None
    identity: bytes = field(repr=False)
    context: PresentationContext | None = None


def build_shown(
    format_name: str, credential: str, *, paths: Sequence[ClaimsPath] | None, holder: Signer, now: int
) -> str:
    """Credential → the text to be shown, with a fresh nonce. paths: as `CredentialFormat.present` takes them. Raises as that does."""
    nonce, is_mdoc = random_token(NONCE_BYTES), format_name == "mso_mdoc"
    text = FORMATS[format_name].present(
        credential,
        paths=paths,
        holder=holder,
        audience=AUDIENCE,
        nonce=nonce,
        now=now,
        context=PresentationContext(shown_at=now) if is_mdoc else None,
    )
    return build_shown_response(ShownResponse(shown_at=now, nonce=nonce, response=text)) if is_mdoc else text


def parse_shown(text: str) -> ShownPresentation:
    """Raises Malformed: nothing that a wallet shows."""
    return _READERS[format_of(text)](text)


def _read_jwt(text: str) -> ShownPresentation:
    by_holder = text.rpartition("~")[2]
    if not by_holder:
        raise Malformed(
            "bad_presentation", "this is a credential as it was issued, and nobody shows it: no holder has signed"
        )
    token = parse_jwt(by_holder)
    nonce = token.claims.get("nonce")
    return ShownPresentation(
        format=format_of(text),
        text=text,
        nonce=nonce if isinstance(nonce, str) else "",
        shown_at=time_claim(token.claims, "iat"),
        identity=token.jws.signing_input,
    )


def _read_data_integrity(text: str) -> ShownPresentation:
    """The statements of a document can be written in many ways without touching its signature, so the text says nothing of identity.

    One proof: of several, one could be a copyist's own, made over a showing of somebody else's to make it look new.
    """
    proofs = parse_presentation(text).proofs
    if len(proofs) != 1 or not proofs[0].challenge:
        raise Malformed("bad_presentation", "what is shown in person has one proof, with a challenge of its holder's")
    (proof,) = proofs
    return ShownPresentation(
        format="ldp_vc",
        text=text,
        nonce=str(proof.challenge),
        shown_at=proof.created,
        identity=compact_json([proof.verification_method, proof.challenge]),
    )


def _read_mdoc(text: str) -> ShownPresentation:
    shown = parse_shown_response(text)
    parsed = parse_device_response(shown.response)
    transcript = in_person_transcript(AUDIENCE, shown.nonce, shown.shown_at)
    return ShownPresentation(
        format="mso_mdoc",
        text=shown.response,
        nonce=shown.nonce,
        shown_at=shown.shown_at,
        identity=_device_of(parsed) + device_authentication(transcript, parsed.doc_type, parsed.device_namespaces),
        context=PresentationContext(shown_at=shown.shown_at),
    )


def _device_of(parsed: ParsedDeviceResponse) -> bytes:
    """Whose key: else somebody could show a document of their own with the nonce seen in another's code, and use that one up."""
    try:
        return parsed.issuer_signed.mso.read_device_key().thumbprint.encode()
    except TegataError:
        return b""  # a key that proves nothing


_READERS: Mapping[str, Callable[[str], ShownPresentation]] = {
    "dc+sd-jwt": _read_jwt,
    "jwt_vc_json": _read_jwt,
    "ldp_vc": _read_data_integrity,
    "mso_mdoc": _read_mdoc,
}
