"""Takes the credential out of a picture. Open Badges 3.0 §5.3.1.2 (PNG), §5.3.2.2 (SVG).

Those sections let a reader stop at the first one. We read to the end and refuse a picture with two, which they forbid to make: else two
readers could take different badges out of the same picture.
"""

from __future__ import annotations

from common.errors import Malformed
from common.formats.open_badges.bake import is_credential_chunk
from common.formats.open_badges.png import SIGNATURE, read_chunks, read_text
from common.formats.open_badges.svg import read_svg

MAX_IMAGE_BYTES = 4 << 20


def is_picture(data: bytes) -> bool:
    """By its look: a PNG, or XML. No credential in any format begins so."""
    return data.startswith(SIGNATURE) or data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith(b"<")


def unbake(image: bytes) -> str:
    """The credential's text, JSON or a compact JWS, unproven.

    Raises Malformed("image_too_large" | "bad_png" | "bad_svg" | "not_baked" | "baked_twice" | "bad_badge").
    """
    if len(image) > MAX_IMAGE_BYTES:
        raise Malformed("image_too_large", f"a picture with a badge has at most {MAX_IMAGE_BYTES} bytes")
    text = (_from_png(image) if image.startswith(SIGNATURE) else _from_svg(image)).strip()
    if not text:
        raise Malformed("bad_badge", "the badge in this picture is empty")
    return text


def _from_png(image: bytes) -> str:
    found = [read_text(chunk) for chunk in read_chunks(image) if is_credential_chunk(chunk)]
    _require_one(len(found))
    if found[0].compressed:
        raise Malformed("bad_badge", "the badge in this picture is compressed, which Open Badges forbid")
    try:
        return found[0].text.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("bad_badge", "the badge in this picture is not UTF-8") from None


def _from_svg(image: bytes) -> str:
    found = read_svg(image).credentials
    _require_one(len(found))
    verify, body = found[0]
    if verify is not None and body.strip():
        raise Malformed("bad_badge", "the badge in this picture is there in two forms")
    return body if verify is None else verify


def _require_one(count: int) -> None:
    if count != 1:
        raise Malformed(
            "baked_twice" if count else "not_baked",
            f"this picture has {'several badges' if count else 'no badge'} in it",
        )
