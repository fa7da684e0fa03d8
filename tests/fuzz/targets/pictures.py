"""Open Badges baked into pictures, and time-stamps: files of other people's tools."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from cryptography.x509 import Certificate

from common.formats.open_badges.bake import KEYWORD, bake
from common.formats.open_badges.png import Chunk, read_chunks, read_text, write_chunks
from common.formats.open_badges.svg import read_svg
from common.formats.open_badges.unbake import unbake
from common.x509.time_stamp import build_time_stamp_request, parse_time_stamp, verify_time_stamp
from tests.fuzz.target import of_bytes, reading
from tests.tsa import make_authority

JWT = "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"
PNG = write_chunks((Chunk(b"IHDR", bytes(13)), Chunk(b"IDAT", b""), Chunk(b"IEND", b"")))
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'
TEXT = KEYWORD.encode() + b"\0\0\0ja\0\0" + JWT.encode()


def _in_a_png(data: bytes) -> str:
    """Any bytes as the text of a picture whose checksums are right."""
    return unbake(write_chunks((Chunk(b"IHDR", bytes(13)), Chunk(b"iTXt", data), Chunk(b"IEND", b""))))


def _in_an_svg(data: bytes) -> str:
    """Any bytes inside a picture that knows the namespace of badges."""
    space = b'xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    return unbake(b"<svg " + space + b">" + data + b"</svg>")


DIGEST = bytes(range(32))


def _stamped() -> tuple[tuple[bytes, ...], tuple[Certificate, ...]]:
    """A genuine time-stamp and its root, where there is an ``openssl`` to make one."""
    if shutil.which("openssl") is None:
        return (), ()
    with tempfile.TemporaryDirectory() as folder:
        authority = make_authority(Path(folder) / "tsa")
        return (authority.reply(build_time_stamp_request(DIGEST, nonce=7)),), (authority.root,)


STAMPS, ROOTS = _stamped()


def _stamp(data: bytes) -> object:
    return verify_time_stamp(parse_time_stamp(data), digest=DIGEST, roots=ROOTS)


TARGETS = (
    of_bytes(unbake, bake(PNG, JWT), bake(SVG, JWT), bake(SVG, '{"@context":[],"type":[],"proof":{}}')),
    of_bytes(read_chunks, PNG),
    reading(read_text, _in_a_png, TEXT),
    reading(read_svg, _in_an_svg, b"<openbadges:credential><![CDATA[{}]]></openbadges:credential>"),
    of_bytes(parse_time_stamp, *STAMPS),
    reading(verify_time_stamp, _stamp, *STAMPS),
)
