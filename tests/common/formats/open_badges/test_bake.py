"""Baked badges: what the specification's examples look like, there and back, and every picture that is refused."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest

from common.errors import Malformed, Unsupported
from common.formats.open_badges.bake import bake
from common.formats.open_badges.png import SIGNATURE, Chunk, read_chunks, write_chunks, write_text
from common.formats.open_badges.unbake import MAX_IMAGE_BYTES, is_picture, unbake

JWT = "header.payload.signature"
BADGE: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "id": "http://example.edu/credentials/3732",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": "https://example.edu/issuers/565049", "type": "Profile", "name": "Example University"},
    "validFrom": "2010-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:ebfeb1f712ebc6f1c276e12ec21"},
    "proof": {},
}
"""The example of Open Badges 3.0 §5.3."""
JSON = json.dumps(BADGE, ensure_ascii=False)

SVG = b"""<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"><desc title="1 > 0">picture</desc></svg>
"""
EXAMPLE_WITH_JWT = b"""<?xml version="1.0" encoding="UTF-8"?>
  <svg xmlns="http://www.w3.org/2000/svg"
    xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"
    viewBox="0 0 512 512">
    <openbadges:credential verify="header.payload.signature"></openbadges:credential>

    <!-- rest-of-image -->
  </svg>
""".lstrip()
EXAMPLE_WITH_PROOF = b"""<?xml version="1.0" encoding="UTF-8"?>
  <svg xmlns="http://www.w3.org/2000/svg"
    xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"
    viewBox="0 0 512 512">
    <openbadges:credential>
      <![CDATA[
        %s
      ]]>
    </openbadges:credential>
    <!-- rest-of-image -->
  </svg>
""" % JSON.encode()


def raw_chunk(name: bytes, data: bytes) -> bytes:
    """A chunk as PNG §5.3 writes it, by another hand than ours."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


HEADER = raw_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXELS = raw_chunk(b"IDAT", zlib.compress(b"\0\xff"))
END = raw_chunk(b"IEND", b"")
PNG = SIGNATURE + HEADER + PIXELS + END


def text_chunk(text: bytes, *, keyword: bytes = b"openbadgecredential", flags: bytes = b"\0\0") -> bytes:
    return raw_chunk(b"iTXt", keyword + b"\0" + flags + b"\0\0" + text)


def test_the_examples_of_the_specification() -> None:
    assert unbake(EXAMPLE_WITH_JWT) == JWT
    assert json.loads(unbake(EXAMPLE_WITH_PROOF)) == BADGE
    assert unbake(SIGNATURE + HEADER + text_chunk(JWT.encode()) + PIXELS + END) == JWT
    assert unbake(SIGNATURE + HEADER + PIXELS + text_chunk(JSON.encode()) + END) == JSON


def test_a_png_is_baked_as_the_specification_writes_it() -> None:
    assert bake(PNG, JWT) == SIGNATURE + HEADER + text_chunk(JWT.encode()) + PIXELS + END
    assert bake(PNG, JSON) == SIGNATURE + HEADER + text_chunk(JSON.encode()) + PIXELS + END


def test_an_svg_is_baked_as_the_specification_writes_it() -> None:
    baked = bake(SVG, JWT).decode()
    namespace = 'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    assert (
        f'viewBox="0 0 512 512" {namespace}><openbadges:credential verify="{JWT}"></openbadges:credential><d' in baked
    )
    assert baked.replace(f" {namespace}", "").count("openbadges") == 2
    assert f"<openbadges:credential><![CDATA[{JSON}]]></openbadges:credential>" in bake(SVG, JSON).decode()


@pytest.mark.parametrize(
    "picture",
    [
        PNG,
        SVG,
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg' id='a&gt;\"b>'\n />",
        b'<a:svg xmlns:a="http://www.w3.org/2000/svg"><a:g/></a:svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"><g/></svg>',
    ],
)
@pytest.mark.parametrize(
    "credential",
    [JWT, JSON, json.dumps({"name": "a]]>b & <c> \ufffe\uffff 卒業 😀 ]]>", "n": [[["]]"]]]}, ensure_ascii=False)],
)
def test_there_and_back(picture: bytes, credential: str) -> None:
    baked = bake(picture, credential)
    assert is_picture(baked)
    found = unbake(baked)
    assert found == credential if credential is JWT else json.loads(found) == json.loads(credential)
    with pytest.raises(Malformed) as caught:
        bake(baked, credential)
    assert caught.value.code == "already_baked"


def test_what_is_not_baked() -> None:
    for text in ("eyJ.eyJ.c2ln~", "omppc3N1ZXI"):
        with pytest.raises(Unsupported):
            bake(PNG, text)
    with pytest.raises(Malformed):
        bake(SVG, 'a.b"><script>.c')
    assert not is_picture(JSON.encode())
    assert not is_picture(JWT.encode())


def svg(inside: str, *, before: str = "", root: str = "svg", encoding: str = "utf-8") -> bytes:
    text = (
        f'{before}<{root} xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
        f"{inside}</{root}>"
    )
    return text.encode(encoding)


TAG = '<openbadges:credential verify="a.b.c"/>'
BOMB = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (svg(""), "not_baked"),
        (svg('<credential xmlns="http://openbadges.org" verify="a.b.c"/>'), "not_baked"),
        (svg(TAG + TAG), "baked_twice"),
        (svg(TAG + f"<g>{TAG}</g>"), "baked_twice"),
        (svg('<openbadges:credential verify="a.b.c">{}</openbadges:credential>'), "bad_badge"),
        (svg('<openbadges:credential verify=""/>'), "bad_badge"),
        (svg("<openbadges:credential> </openbadges:credential>"), "bad_badge"),
        (svg("<openbadges:credential><g/></openbadges:credential>"), "bad_svg"),
        (svg(f"<openbadges:credential>{TAG}</openbadges:credential>"), "bad_svg"),
        (svg(TAG, root="html"), "bad_svg"),
        (svg(TAG, before="<!DOCTYPE svg>"), "bad_svg"),
        (svg("<openbadges:credential>&i;</openbadges:credential>", before=BOMB), "bad_svg"),
        (svg("&x;" + TAG, before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "bad_svg"),
        (svg(TAG, before='<!DOCTYPE svg SYSTEM "http://127.0.0.1/x.dtd">'), "bad_svg"),
        (svg("&lt;&undefined;" + TAG), "bad_svg"),
        (svg(TAG, before='<?xml version="1.0" encoding="utf-16"?>'), "bad_svg"),
        (svg(TAG, before='<?xml version="1.0" encoding="shift_jis"?>'), "bad_svg"),
        (svg(TAG, encoding="utf-16"), "bad_svg"),
        (svg("<g>" * 300 + TAG + "</g>" * 300), "bad_svg"),
        (svg("<g/>" * 100_001 + TAG), "bad_svg"),
        (svg(TAG)[:-3], "bad_svg"),
        (svg(TAG) + b"<svg/>", "bad_svg"),
        (svg("\x00" + TAG), "bad_svg"),
        (svg('<g xmlns:openbadges="https://evil.example"><openbadges:credential verify="a.b.c"/></g>'), "not_baked"),
        (b"", "bad_svg"),
        (b"<", "bad_svg"),
        (b"no picture", "bad_svg"),
        (b"\xff\xfe<svg/>", "bad_svg"),
        (PNG, "not_baked"),
        (SIGNATURE, "bad_png"),
        (SIGNATURE + HEADER, "bad_png"),
        (SIGNATURE + END, "bad_png"),
        (SIGNATURE + PIXELS + HEADER + END, "bad_png"),
        (PNG + b"\0", "bad_png"),
        (PNG + END, "bad_png"),
        (PNG[:-1], "bad_png"),
        (SIGNATURE + HEADER + b"\xff\xff\xff\xff" + b"IDAT" + b"abcd", "bad_png"),
        (SIGNATURE + HEADER + b"\x00\x00", "bad_png"),
        (SIGNATURE + HEADER + raw_chunk(b"ID4T", b"") + END, "bad_png"),
        (SIGNATURE + HEADER + raw_chunk(b"tEXt", b"") * 16_384 + END, "bad_png"),
        (SIGNATURE + HEADER + text_chunk(b"x") * 2 + END, "baked_twice"),
        (SIGNATURE + HEADER + text_chunk(zlib.compress(b"{}"), flags=b"\1\0") + END, "bad_badge"),
        (SIGNATURE + HEADER + text_chunk(b"\xff") + END, "bad_badge"),
        (SIGNATURE + HEADER + text_chunk(b"  ") + END, "bad_badge"),
        (SIGNATURE + HEADER + text_chunk(JWT.encode(), keyword=b"openbadges") + END, "not_baked"),
        (SIGNATURE + HEADER + text_chunk(b"x", flags=b"\2\0") + END, "bad_png"),
        (SIGNATURE + HEADER + raw_chunk(b"iTXt", b"openbadgecredential") + END, "bad_png"),
        (SIGNATURE + HEADER + raw_chunk(b"iTXt", b"openbadgecredential\0\0\0") + END, "bad_png"),
        (SIGNATURE + HEADER + raw_chunk(b"iTXt", b"k" * 80 + b"\0\0\0\0\0") + END, "bad_png"),
        (bytes(MAX_IMAGE_BYTES + 1), "image_too_large"),
    ],
)
def test_refused(picture: bytes, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        unbake(picture)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "picture", [svg("", root="svg").replace(b"https://purl.imsglobal.org/ob/v3p0", b"https://evil.example")]
)
def test_a_prefix_that_means_something_else_is_not_taken_over(picture: bytes) -> None:
    with pytest.raises(Malformed):
        bake(picture, JWT)


def test_every_checksum_counts() -> None:
    baked = bake(PNG, JSON)
    for at in range(0, len(baked), 7):
        changed = bytearray(baked)
        changed[at] ^= 1
        with pytest.raises(Malformed):
            unbake(bytes(changed))


def test_chunks_are_written_as_they_were_read() -> None:
    assert write_chunks(read_chunks(PNG)) == PNG
    assert write_text("openbadgecredential", JWT) == Chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + JWT.encode())
