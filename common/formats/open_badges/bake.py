"""Puts a credential into a picture. Open Badges 3.0 §5.3.1.1 (PNG), §5.3.2.1 (SVG)."""

from __future__ import annotations

import re

from common.errors import Malformed, Unsupported
from common.formats.detect import format_of
from common.formats.open_badges.png import SIGNATURE, Chunk, read_chunks, read_text, write_chunks, write_text
from common.formats.open_badges.svg import OPEN_BADGES, PREFIX, read_svg, root_tag_end

KEYWORD = "openbadgecredential"
BAKED_FORMATS = ("ldp_vc", "jwt_vc_json")
"""The text of such a credential is what is baked: the JSON with its proof, or the compact JWS."""
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_ESCAPED = {"\ufffe": "\\ufffe", "\uffff": "\\uffff"}
"""Characters that JSON may hold and XML may not. They stand in strings alone, so their escape says the same."""


def bake(image: bytes, credential: str) -> bytes:
    """image: a PNG or SVG without a badge in it. credential: as it was issued.

    Raises Malformed("bad_png" | "bad_svg" | "already_baked"), Unsupported("format_not_baked").
    """
    if format_of(credential) not in BAKED_FORMATS:
        raise Unsupported("format_not_baked", known=BAKED_FORMATS)
    return (_bake_png if image.startswith(SIGNATURE) else _bake_svg)(image, credential.strip())


def is_credential_chunk(chunk: Chunk) -> bool:
    return chunk.type == b"iTXt" and read_text(chunk).keyword == KEYWORD


def _bake_png(image: bytes, credential: str) -> bytes:
    header, *others = read_chunks(image)
    if any(is_credential_chunk(chunk) for chunk in others):
        raise _twice()
    return write_chunks((header, write_text(KEYWORD, credential), *others))


def _bake_svg(image: bytes, credential: str) -> bytes:
    read = read_svg(image)
    if read.credentials or read.declared not in (None, OPEN_BADGES):
        raise _twice()
    end = root_tag_end(image, read.root_at)
    is_empty = image[end - 1] == ord("/")
    tag = image[read.root_at : end - is_empty].rstrip()
    if read.declared is None:
        tag += f' xmlns:{PREFIX}="{OPEN_BADGES}"'.encode()
    parts = [image[: read.root_at], tag, b">", _element(credential).encode("utf-8")]
    name = tag[1:].split(None, 1)[0]
    return b"".join((*parts, b"</" + name + b">" if is_empty else b"", image[end + 1 :]))


def _element(credential: str) -> str:
    if format_of(credential) == "jwt_vc_json":
        if _COMPACT_JWS.fullmatch(credential) is None:
            raise Malformed("bad_jwt", "not a compact JWS")
        return f'<{PREFIX}:credential verify="{credential}"></{PREFIX}:credential>'
    for character, escape in _ESCAPED.items():
        credential = credential.replace(character, escape)
    inside = credential.replace("]]>", "]]\\u003e")  # a ">" stands in strings alone, too
    return f"<{PREFIX}:credential><![CDATA[{inside}]]></{PREFIX}:credential>"


def _twice() -> Malformed:
    return Malformed("already_baked", "this picture has a badge in it already")
