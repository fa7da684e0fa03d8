"""The bytes of a gate pass, typed by hand from RFC 8949, RFC 9052 and RFC 8392, and every malformation by name."""

from __future__ import annotations

import hashlib

import pytest

from common.cose.sign1 import to_be_signed
from common.errors import Malformed
from common.formats.base45 import base45_encode
from common.formats.gate_pass.build import write_pass_text
from common.formats.gate_pass.labels import aad_of, audience_of
from common.formats.gate_pass.parse import parse_gate_pass, parse_pass_bytes, parse_pass_token
from common.keys.compressed_point import check_point_signature, known_point_key
from tests.common.formats.gate_pass.passes import (
    BEGINS,
    CTI,
    ENDS,
    EVENT,
    HOLDER_POINT,
    ISSUER_POINT,
    NOW,
    proof,
    token,
)

SIGNATURE = bytes(range(64))


def by_hand(
    *,
    exp: str = "1a 6a64fc20",
    nbf: str = "",
    cnf: bool = True,
    ticket: str = "83 03 1a 0001e240 05",
    claims: int | None = None,
) -> bytes:
    """A token whose bytes are written here, with a signature that is none."""
    count = 3 + bool(nbf) + cnf if claims is None else claims
    payload = bytes((0xA0 + count,)) + b"\x04" + bytes.fromhex(exp)
    payload += b"\x05" + bytes.fromhex(nbf) if nbf else b""
    payload += b"\x07\x48" + CTI
    payload += bytes.fromhex("08 a1 01 a4 01 02 20 01 21 5820") + HOLDER_POINT[1:] + b"\x22\xf5" if cnf else b""
    payload += bytes.fromhex("3a 00010000") + bytes.fromhex(ticket)
    head = bytes((0x40 + len(payload),)) if len(payload) < 24 else bytes((0x58, len(payload)))
    return bytes.fromhex("84 49 a2 01 26 04 44 aabbccdd a0") + head + payload + b"\x58\x40" + SIGNATURE


def test_a_token_byte_by_byte() -> None:
    assert HOLDER_POINT[0] == 3, "by_hand writes an odd y"
    read = parse_pass_token(by_hand(nbf="1a 6a657580"))
    assert (read.kid, read.cti, read.klass, read.index, read.flags) == (bytes.fromhex("aabbccdd"), CTI, 3, 123_456, 5)
    assert (read.exp, read.nbf, read.holder, read.signature) == (0x6A64FC20, 0x6A657580, HOLDER_POINT, SIGNATURE)


def test_what_is_built_is_what_is_written_here() -> None:
    built = token(exp=0x6A64FC20, nbf=0x6A657580)
    kid = hashlib.sha256(ISSUER_POINT).digest()[:4]
    expected = by_hand(nbf="1a 6a657580").replace(bytes.fromhex("aabbccdd"), kid)
    assert built[:-64] == expected[:-64]


def test_a_proof_byte_by_byte() -> None:
    inner = token()
    made = proof(inner, cnonce=b"\x01\x02")
    audience = hashlib.sha256(b"TG1\0hanabi-2026-x7k2\x003").digest()[:4]
    protected = bytes.fromhex("a2 01 26 0d") + inner
    payload = (
        bytes.fromhex("a3 03 44") + audience + b"\x06\x1a" + NOW.to_bytes(4, "big") + bytes.fromhex("1827 42 0102")
    )
    assert made[:-64] == b"\x84\x58" + bytes((len(protected),)) + protected + b"\xa0" + bytes(
        (0x40 + len(payload),)
    ) + payload + bytes.fromhex("5840")
    signed = b"\x84\x6aSignature1\x58" + bytes((len(protected),)) + protected + b"\x53TG1hanabi-2026-x7k2"
    signed += bytes((0x40 + len(payload),)) + payload
    assert signed == to_be_signed(protected, payload, aad_of(EVENT))
    check_point_signature(known_point_key(HOLDER_POINT).checker, made[-64:], signed)


def test_the_promised_sizes() -> None:
    """243 bytes, 249 with nbf; one code of version 12 at level M holds 419 characters (ISO/IEC 18004 table 7)."""
    assert len(proof(token(nbf=None))) == 243
    assert len(proof(token())) == 249
    largest = proof(token(index=(1 << 32) - 1, klass=255, flags=255), cnonce=b"\xff\xff")
    assert len(largest) == 256
    assert len(write_pass_text(largest)) <= 419


@pytest.mark.parametrize("klass", [0, 23, 24, 255])
@pytest.mark.parametrize("index", [0, 23, 24, 255, 256, 65535, 65536, (1 << 32) - 1])
def test_numbers_at_the_lengths_of_heads(klass: int, index: int) -> None:
    read = parse_pass_token(token(klass=klass, index=index, flags=klass, holder=None, nbf=None))
    assert (read.klass, read.index, read.flags, read.nbf, read.holder) == (klass, index, klass, None, None)


@pytest.mark.parametrize("time", [0, 23, 24, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, (1 << 53) - 1])
def test_times_at_the_lengths_of_heads(time: int) -> None:
    read = parse_pass_bytes(proof(token(exp=time, nbf=time), iat=time))
    assert (read.token.exp, read.token.nbf, read.iat) == (time, time, time)


@pytest.mark.parametrize(
    "change", [{"klass": 256}, {"flags": -1}, {"index": 1 << 32}, {"exp": 1 << 53}, {"cti": b"123"}]
)
def test_nothing_is_built_that_no_gate_reads(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        token(**change)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_pass"),
        ("tg1:BB8", "not_a_pass"),
        ("TG2:BB8", "not_a_pass"),
        ("TG1:" + "0" * 600, "too_large"),
        ("TG1:A", "bad_base45"),
        ("TG1:", "bad_pass_token"),
        ("TG1:" + base45_encode(b"\x84\x58"), "bad_pass_proof"),
    ],
)
def test_texts_that_are_none(text: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_gate_pass(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        by_hand(exp="18 17"),  # longer heads than need be, RFC 8949 §4.2.1
        by_hand(exp="19 00ff"),
        by_hand(exp="1a 0000ffff"),
        by_hand(exp="1b 00000000ffffffff"),
        by_hand(exp="1b 0020000000000000"),  # 2^53
        by_hand(exp="20"),  # negative
        by_hand(exp="c1 1a 6a64fc20"),  # tagged
        by_hand(exp="fb 41da993f08000000"),  # a float
        by_hand(nbf="f6"),
        by_hand(ticket="83 03 1b 0000000100000000 05"),
        by_hand(ticket="83 19 0100 00 05"),
        by_hand(ticket="82 03 04"),
        by_hand(ticket="84 03 04 05 06"),
        by_hand(ticket="9f 03 04 05 ff"),  # indefinite
        by_hand(claims=5),
        by_hand(claims=3),
        by_hand() + b"\0",
        by_hand()[:-1],
        b"\xd2" + by_hand(),  # tag 18
        by_hand().replace(b"\x84\x49", b"\x84\x58\x09", 1),
        by_hand().replace(b"\xa2\x01\x26\x04\x44", b"\xa2\x04\x26\x01\x44", 1),  # keys out of order
        by_hand().replace(b"\x01\x26", b"\x01\x27", 1),  # EdDSA
        by_hand().replace(b"\xdd\xa0", b"\xdd\xa1", 1),
        by_hand().replace(b"\x20\x01\x21", b"\x20\x02\x21", 1),  # P-384
        by_hand().replace(b"\x22\xf5", b"\x22\xf6", 1),
    ],
)
def test_tokens_of_another_shape(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse_pass_token(data)
    assert caught.value.code == "bad_pass_token"


def test_proofs_of_another_shape() -> None:
    good, inner = proof(), token()
    length = len(inner) + 4
    tail = good[3 + length :]
    for bad in (
        good + b"\0",
        good[:-1],
        b"\x84\x58" + bytes((length - 1,)) + good[3:],
        b"\x84\x58" + bytes((length + 1,)) + good[3:],
        good[: 3 + length] + b"\xa1\x01\x02" + tail[1:],
        good[: 3 + length] + b"\xa0\x4e" + tail[2:],
        good.replace(b"\xa2\x01\x26\x0d", b"\xa2\x01\x26\x0e", 1),
        good.replace(b"\xa2\x03\x44", b"\xa3\x03\x44", 1),
    ):
        with pytest.raises(Malformed) as caught:
            parse_pass_bytes(bad)
        assert caught.value.code in ("bad_pass_proof", "bad_pass_token")
    for code, bad in (
        ("holder_proof_missing", inner),
        ("bad_pass_token", good[:9] + b"\x45" + good[10:]),
        ("paper_with_proof", _around(token(holder=None), tail)),
        ("too_large", good + bytes(400)),
    ):
        with pytest.raises(Malformed) as caught:
            parse_pass_bytes(bad)
        assert caught.value.code == code


def _around(inner: bytes, tail: bytes) -> bytes:
    protected = b"\xa2\x01\x26\x0d" + inner
    return b"\x84\x58" + bytes((len(protected),)) + protected + tail


@pytest.mark.parametrize("size", [0, 1, 5])
def test_a_challenge_has_two_to_four_bytes(size: int) -> None:
    with pytest.raises(Malformed):
        proof(cnonce=bytes(size))


@pytest.mark.parametrize("event", ["", "A", "a" * 65, "a b", "ä", "a\n", "a/b"])
def test_identifiers_of_events(event: str) -> None:
    with pytest.raises(Malformed):
        aad_of(event)
    with pytest.raises(Malformed):
        audience_of(event, 1)


def test_times_of_the_cast() -> None:
    assert BEGINS < NOW < ENDS
