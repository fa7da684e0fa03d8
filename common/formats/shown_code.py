"""A presentation ↔ the text of a QR code that is read from a phone's screen.

As it stands a presentation is base64 of JSON of base64: 2200 characters, 3000 with a certificate in its header, when a QR code at level
M ends at 2331 and is hard to read long before. So the code carries the same bytes packed: base64url undone part by part, deflated with a
dictionary of the words that every credential has, in base45. Nothing is lost: unpacked it is the very text, to the byte. The packing
proves nothing and hides nothing.

    TEGATA1: base45( deflate( part… ) )      part: length (15 bits) and whether it was base64url (1 bit), content, the separator after it
"""

from __future__ import annotations

import re
import zlib

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Unsupported
from common.formats.base45 import base45_decode, base45_encode

PREFIX = "TEGATA1:"
MAX_CODE = 2780
"""Characters in the densest code that we draw: version 36 at level M."""
MAX_TEXT = 12_000
"""Characters of a presentation that is shown in person, packed or not."""
_MAX_PACKED = 4296  # what the largest of all QR codes holds
_MAX_INFLATED = MAX_TEXT + 3 * 200
_SEPARATED = re.compile(r"([.~])")
_WORDS = (
    b'"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:key:'
    b'"verifiableCredential":[{"id":"data:application/vc+jwt,eyJhbGciOiJFUzI1NiIs"type":"EnvelopedVerifiableCredential"}]'
    b'"given_name#ja-Latn-JP","family_name#ja-Latn-JP","birthdate","age_equal_or_over","18",true'
    b'"faculty","department","degree","student_number","enrolment_status","awarded_date","start_date"'
    b'"given_name","family_name","eduperson_primary_affiliation":"student","issuing_country":"JP","issuing_authority":"'
    b'"jti":"urn:uuid:"aka_vcts":["vct#integrity":"sha256-'
    b'{"iss":"https://","vct":"https:///types/","iat":17,"nbf":17,"exp":18,"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"","y":""}},'
    b'"status":{"status_list":{"idx":,"uri":"https://localhost:8101/status/"}},"_sd":["","],"_sd_alg":"sha-256"}'
    b'{"alg":"ES256","typ":"dc+sd-jwt","x5c":["MII","kid":"","typ":"vp+jwt","cty":"vp"'
    b'{"alg":"ES256","typ":"kb+jwt","kid":""}{"iat":17,"aud":"shown:in-person","nonce":"","sd_hash":""}'
)
"""Never to be changed for ``TEGATA1``; what stands last is found cheapest."""


def pack(text: str) -> str:
    """Presentation → text of the code, of characters that a QR code holds densely. Raises Unsupported("too_long_for_qr")."""
    if len(text) > MAX_TEXT or not text.isascii():
        raise _too_long()
    raw = bytearray()
    pieces = [*_SEPARATED.split(text), "\0"]
    for piece, separator in zip(pieces[::2], pieces[1::2], strict=True):
        content, undone = _undo(piece)
        raw += (len(content) << 1 | undone).to_bytes(2, "big") + content + separator.encode("ascii")
    if len(raw) > _MAX_INFLATED:
        raise _too_long()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    code = PREFIX + base45_encode(deflate.compress(bytes(raw)) + deflate.flush())
    if len(code) > MAX_CODE:
        raise _too_long()
    return code


def unpack(code: str) -> str:
    """Text of a code → the presentation; what is not packed is answered as it came. Raises Malformed."""
    if not code.startswith(PREFIX):
        if len(code) > MAX_TEXT:
            raise Malformed("too_large", f"more than {MAX_TEXT} characters")
        return code
    if len(code) > _MAX_PACKED:
        raise Malformed("too_large", "longer than any QR code")
    inflate = zlib.decompressobj(-15, zdict=_WORDS)
    try:
        raw = inflate.decompress(base45_decode(code.removeprefix(PREFIX)), _MAX_INFLATED)
    except zlib.error:
        raise _broken() from None
    if not inflate.eof or inflate.unused_data:
        raise _broken()
    return _join(raw)


def _join(raw: bytes) -> str:
    out: list[str] = []
    at, separator = 0, b""
    while separator != b"\0":
        head = int.from_bytes(raw[at : at + 2], "big")
        end = at + 2 + (head >> 1)
        content, separator = raw[at + 2 : end], raw[end : end + 1]
        if separator not in (b".", b"~", b"\0") or not separator:
            raise _broken()
        out.append(b64url_encode(content) if head & 1 else content.decode("latin-1"))
        out.append(separator.decode("ascii"))
        at = end + 1
    text = "".join(out[:-1])
    if at != len(raw) or not text.isascii() or len(text) > MAX_TEXT:
        raise _broken()
    return text


def _undo(piece: str) -> tuple[bytes, bool]:
    """The bytes that the piece is base64url of, where it is exactly that; else its characters."""
    try:
        return b64url_decode(piece), True
    except Malformed:
        return piece.encode("ascii"), False


def _broken() -> Malformed:
    return Malformed("bad_code", "this code cannot be read; scan it again")


def _too_long() -> Unsupported:
    return Unsupported(
        "too_long_for_qr", "this is too much for a QR code: show less of it, or answer a question instead"
    )
