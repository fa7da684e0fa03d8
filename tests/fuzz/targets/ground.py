"""Encodings, JSON, CBOR, forms, and what people type."""

from __future__ import annotations

import datetime as dt

import rfc8785

from common.audit.entry import AuditEntry, parse_audit_entry
from common.cbor import decode, decode_each, encode, unembed
from common.encoding import b64url_decode, b64url_encode, parse_json, parse_json_object
from common.errors import Malformed
from common.formats.base45 import base45_decode, base45_encode
from common.formats.shown_code import pack, unpack
from common.formats.shown_frames import join_frames
from common.mail_address import parse_mail_address
from common.oauth.bearer import parse_bearer
from common.oauth.form import parse_form
from common.oauth.well_known import well_known_address
from common.oauth.wire import parse_address
from common.pages.read_date import read_date
from common.proofs.jcs import canonicalize_json
from tests.fuzz.target import of_bytes, of_text, reading

JSON = '{"a":[1,-2.5e3,true,null,"\\u00e9"],"b":{"c":"髙橋"}}'
SHOWN = pack(b64url_encode(b'{"alg":"ES256"}') + ".e30.AAAA~e30~")
DOCUMENT = pack('{"type":["VerifiablePresentation"],"name":"髙橋"}')
FRAMES = b"TEGATA:2/2/80EA94CD:BBB\nTEGATA:1/2/80EA94CD:AAA"
ENTRY = AuditEntry(at=1_790_000_000, actor="staff:1", act="credential.issued", subject="c:1", detail={"type": "degree"})


def _cbor_comes_back(data: bytes) -> object:
    value = decode(data)
    try:
        written = encode(value)
    except ValueError:  # simple values, undefined: read where they may stand, never written
        return value
    assert repr(decode(written)) == repr(value)  # repr: nothing equals NaN
    return value


def _same_as_rfc8785(data: bytes) -> bytes:
    value = parse_json(data)
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        expected = None
    try:
        found = canonicalize_json(value)
    except Malformed:
        assert expected is None
        raise
    assert found == expected
    return found


def _one_text(data: bytes) -> object:
    text = data.decode("latin-1")
    assert b64url_encode(b64url_decode(text)) == text
    return text


def _base45(text: str) -> bytes:
    data = base45_decode(text)
    assert base45_encode(data) == text
    return data


def _shown(text: str) -> str:
    found = unpack(text)
    assert found.isascii() or found == text or found.startswith("{")
    return found


def _frames(text: str) -> str:
    found = join_frames(text)
    assert found == text or found.isascii()
    return found


def _day(text: str) -> dt.date | None:
    return read_date(text)


TARGETS = (
    of_text(parse_mail_address, "hanako@example.jp", "　ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ"),
    of_bytes(parse_json, JSON.encode(), b"[[[[]]]]", b'"\\ud83d\\ude00"'),
    of_bytes(parse_json_object, JSON.encode()),
    reading(decode, _cbor_comes_back, encode({"a": [1, -2, 1.5, None, True, b"x"], 1: "é"}), b"\xd8\x18\x41\x00"),
    reading(
        decode_each,
        lambda data: decode_each([data[:9], data[9:]], allow_indefinite=True),
        encode([1] * 8) + b"\x9f\xff",
    ),
    of_bytes(unembed, b"\xd8\x18\x43\x82\x01\x02"),
    reading(canonicalize_json, _same_as_rfc8785, JSON.encode(), b'{"\xee\x80\x80":1e-7,"\xf0\x90\x80\x80":1E21}'),
    reading(b64url_decode, _one_text, b"AQID", b"-_8", b""),
    reading(base45_decode, lambda data: _base45(data.decode("latin-1")), b"%69 VD92EX0"),
    reading(
        unpack, lambda data: _shown(data.decode("utf-8", "replace")), SHOWN.encode(), DOCUMENT.encode(), b"eyJ.e30.AA~"
    ),
    reading(join_frames, lambda data: _frames(data.decode("utf-8", "replace")), FRAMES, b"eyJ.e30.AA~"),
    of_text(parse_form, "a=1&b=%E9%AB%99&c="),
    of_text(parse_bearer, "Bearer abc-._~+/="),
    of_text(parse_address, "https://a.example:8443/b?c=d", "http://[::1]:80/"),
    reading(
        well_known_address,
        lambda data: well_known_address(data.decode("utf-8", "replace"), "x"),
        b"https://a.example/b",
    ),
    reading(
        read_date, lambda data: _day(data.decode("utf-8", "replace")), "平成17年11月3日".encode(), b"3 November 2005"
    ),
    of_bytes(parse_audit_entry, ENTRY.to_bytes()),
)
