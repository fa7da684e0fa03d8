"""An mdoc that is shown in person, without a request: what its device signs, and the envelope that says so to whoever reads it.

ISO/IEC 18013-5 knows proximity by Bluetooth and NFC, with a session between two devices. Here is none: one code is looked at. So the
handover is our own, and its name keeps it from being taken for one of OpenID4VP or of ISO/IEC TS 18013-7:

    SessionTranscript = [null, null, ["TegataInPersonHandover", audience tstr, nonce tstr, shown_at uint]]
    shown text        = base64url( ["TegataInPerson", shown_at uint, nonce tstr, DeviceResponse bstr] )

A DeviceResponse states neither time nor nonce, so they travel beside it; the device's signature covers both by way of the transcript.
"""

from __future__ import annotations

from typing import NamedTuple

from common.cbor import decode, encode
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed

HANDOVER = "TegataInPersonHandover"
ENVELOPE = "TegataInPerson"
MAX_NONCE = 64
_MAX_TIME = 1 << 40


class ShownResponse(NamedTuple):
    """Read, not verified. shown_at: seconds since 1970, by the holder's clock. response: the DeviceResponse as base64url text."""

    shown_at: int
    nonce: str
    response: str


def in_person_transcript(audience: str, nonce: str, shown_at: int) -> bytes:
    """The encoded SessionTranscript. audience: `common.formats.in_person.AUDIENCE`."""
    return encode([None, None, [HANDOVER, audience, nonce, shown_at]])


def build_shown_response(shown: ShownResponse) -> str:
    """The text that is shown."""
    return b64url_encode(encode([ENVELOPE, shown.shown_at, shown.nonce, b64url_decode(shown.response)]))


def parse_shown_response(text: str) -> ShownResponse:
    """Raises Malformed: an answer to a request, or a credential as it was issued, is not shown in person."""
    found = decode(b64url_decode(text))
    if not isinstance(found, list) or len(found) != 4 or found[0] != ENVELOPE:
        raise _bad("is an array of four, with its name first")
    _, shown_at, nonce, response = found
    if type(shown_at) is not int or not 0 <= shown_at < _MAX_TIME:
        raise _bad("states its time in seconds")
    if not isinstance(nonce, str) or not 0 < len(nonce) <= MAX_NONCE:
        raise _bad(f"has a nonce of up to {MAX_NONCE} characters")
    if not isinstance(response, bytes):
        raise _bad("holds a DeviceResponse")
    return ShownResponse(shown_at=shown_at, nonce=nonce, response=b64url_encode(response))


def _bad(what: str) -> Malformed:
    return Malformed("bad_presentation", f"an mdoc that is shown in person {what}")
