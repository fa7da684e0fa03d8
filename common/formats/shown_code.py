"""A presentation ↔ the text of a QR code that is read from a phone's screen.

As it stands a presentation is base64 of JSON of base64, or JSON with its contexts in it: 2200 to 3800 characters, when a QR code at level M
ends at 3391 and is hard to read long before. So the code carries the same bytes packed: base64url undone, deflated with a dictionary of the
words that every credential has, in base45. Nothing is lost: unpacked it is the very text, to the byte. The packing proves nothing and
hides nothing. What is too much for one code even so goes into several (`common.formats.shown_frames`).

    TEGATA1: base45( deflate( part… ) )      a JWT or several
             part: length (15 bits) and whether it was base64url (1 bit), content, the separator after it
    TEGATA2: base45( deflate( content ) )    a JSON object (it begins with a brace) as it is, or the bytes of one base64url text (CBOR)
"""

from __future__ import annotations

import re
import zlib

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Unsupported
from common.formats.base45 import base45_decode, base45_encode
from common.formats.shown_words import WORDS_OF_DOCUMENTS, WORDS_OF_JWTS

JWTS, DOCUMENT = "TEGATA1:", "TEGATA2:"
MAX_TEXT = 1 << 16
"""Characters of a presentation that is shown in person, packed or not."""
MAX_PACKED = 12 * 1420
"""Characters of a packed one: twelve codes full."""
_MAX_INFLATED = MAX_TEXT + 3 * 200
_MAX_PART = 1 << 15
_SEPARATED = re.compile(r"([.~])")
_BRACE = b"{"


def pack(text: str) -> str:
    """Presentation → what codes carry, of characters that a QR code holds densely. Raises Unsupported("too_long_for_qr")."""
    if len(text) > MAX_TEXT:
        raise too_long()
    content = _as_document(text)
    code = JWTS + _deflate(_split(text), WORDS_OF_JWTS) if content is None else _document_code(content)
    if len(code) > MAX_PACKED:
        raise too_long()
    return code


def unpack(code: str) -> str:
    """What codes carried → the presentation; what is not packed is answered as it came. Raises Malformed."""
    if code.startswith(JWTS):
        text = _join(_inflate(code.removeprefix(JWTS), WORDS_OF_JWTS))
    elif code.startswith(DOCUMENT):
        text = _of_document(_inflate(code.removeprefix(DOCUMENT), WORDS_OF_DOCUMENTS))
    else:
        text = code
    if len(text) > MAX_TEXT:
        raise Malformed("too_large", f"more than {MAX_TEXT} characters")
    return text


def _document_code(content: bytes) -> str:
    return DOCUMENT + _deflate(content, WORDS_OF_DOCUMENTS)


def _deflate(content: bytes, words: bytes) -> str:
    if len(content) > _MAX_INFLATED:
        raise too_long()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=words)
    return base45_encode(deflate.compress(content) + deflate.flush())


def _inflate(packed: str, words: bytes) -> bytes:
    """At most _MAX_INFLATED bytes, however much more there would be."""
    if len(packed) > MAX_PACKED:
        raise Malformed("too_large", "longer than all codes together")
    inflate = zlib.decompressobj(-15, zdict=words)
    try:
        content = inflate.decompress(base45_decode(packed), _MAX_INFLATED)
    except zlib.error:
        raise _broken() from None
    if not inflate.eof or inflate.unused_data:
        raise _broken()
    return content


def _as_document(text: str) -> bytes | None:
    """The content of a ``TEGATA2``; None for a text that it would not give back to the byte."""
    if text.startswith("{"):
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise too_long() from None
    content, undone = _undo(text) if text.isascii() else (b"", False)
    return content if undone and content and not content.startswith(_BRACE) else None


def _of_document(content: bytes) -> str:
    if not content.startswith(_BRACE):
        if not content:
            raise _broken()
        return b64url_encode(content)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise _broken() from None


def _split(text: str) -> bytes:
    if not text.isascii():
        raise too_long()
    raw = bytearray()
    pieces = [*_SEPARATED.split(text), "\0"]
    for piece, separator in zip(pieces[::2], pieces[1::2], strict=True):
        content, undone = _undo(piece)
        if len(content) >= _MAX_PART:
            raise too_long()
        raw += (len(content) << 1 | undone).to_bytes(2, "big") + content + separator.encode("ascii")
    return bytes(raw)


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
    if at != len(raw) or not text.isascii():
        raise _broken()
    return text


def _undo(piece: str) -> tuple[bytes, bool]:
    """The bytes that the piece is base64url of, where it is exactly that; else its characters."""
    try:
        return b64url_decode(piece), True
    except Malformed:
        return piece.encode("ascii"), False


def too_long() -> Unsupported:
    return Unsupported(
        "too_long_for_qr", "this is too much for a QR code: show less of it, or answer a question instead"
    )


def _broken() -> Malformed:
    return Malformed("bad_code", "this code cannot be read; scan it again")
