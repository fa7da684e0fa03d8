"""Texts that are no pass: each breaks one rule of the encoding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.vectors.gate.passes import CTI, proof, token
from tests.vectors.gate.wire import EVEN, EVENT, NOW, Case, Raw, aad, audience, base45, cbor


def malformed_passes() -> Iterator[Case]:
    def case(name: str, data: bytes | str) -> Case:
        text = data if isinstance(data, str) else "TG1:" + base45(data)
        return {"name": name, "text": text, "malformed": True}

    inner = token()
    whole = proof(inner)
    text = base45(whole)
    yield case("empty", "")
    yield case("prefix alone", "TG1:")
    yield case("another prefix", "TG2:" + text)
    yield case("prefix in small letters", "tg1:" + text)
    yield case("small letters", "TG1:" + text.lower())
    yield case("a character that is none", "TG1:" + text[:-1] + "_")
    yield case("full width", "TG1:" + text[:-1] + "Ａ")
    yield case("a space before", " TG1:" + text)
    yield case("a line end", "TG1:" + text + "\n")
    yield case("one character too few", "TG1:" + base45(bytes(2)) + "0")
    yield case("three characters beyond two bytes", "TG1:" + ":::" + text[3:])
    yield case("two characters beyond a byte", "TG1:" + text[:-2] + "::")
    yield case("601 characters", "TG1:" + "0" * 597)
    yield case("401 bytes", bytes(401))
    yield case("one byte", b"\x84")
    yield case("a proof missing", inner)
    yield case(
        "a proof around paper",
        EVEN.sign1({1: -7, 13: Raw(token(holder=None))}, cbor({3: audience(EVENT, 1), 6: NOW}), aad(EVENT)),
    )
    yield case("cut by a byte", whole[:-1])
    yield case("a byte more", whole + b"\0")
    for tag in (b"\xd2", b"\xd8\x3d"):
        yield case(f"tagged {tag.hex()}", tag + whole)
    yield case("array without end", b"\x9f" + whole[1:] + b"\xff")
    yield case("three parts", b"\x83" + whole[1:])
    yield case("something unprotected", whole.replace(b"\xa0\x4d\xa2\x03", b"\xa1\x04\x00\x4d\xa2\x03", 1))
    proofs: dict[str, dict[Any, Any]] = {
        "no audience": {6: NOW},
        "no iat": {3: audience(EVENT, 1)},
        "audience of three": {3: bytes(3), 6: NOW},
        "audience as text": {3: "abcd", 6: NOW},
        "iat below zero": {3: audience(EVENT, 1), 6: -1},
        "iat of 2^53": {3: audience(EVENT, 1), 6: 2**53},
        "iat as a fraction": {3: audience(EVENT, 1), 6: Raw(b"\xf9\x3c\x00")},
        "a nonce of one": {3: audience(EVENT, 1), 6: NOW, 39: b"a"},
        "a nonce of five": {3: audience(EVENT, 1), 6: NOW, 39: b"abcde"},
        "a nonce as a number": {3: audience(EVENT, 1), 6: NOW, 39: 1234},
        "one claim more": {3: audience(EVENT, 1), 6: NOW, 7: b"x"},
    }
    for name, claims in proofs.items():
        yield case(f"proof: {name}", EVEN.sign1({1: -7, 13: Raw(inner)}, cbor(claims), aad(EVENT)))
    tail = b"\x06\x1a" + NOW.to_bytes(4, "big")
    yield case("proof: claims out of order", _proof_payload(inner, b"\xa2" + tail + b"\x03\x44" + audience(EVENT, 1)))
    yield case("proof: a claim twice", _proof_payload(inner, b"\xa3\x03\x44" + audience(EVENT, 1) + tail + tail))
    longer = b"\xa2\x03\x44" + audience(EVENT, 1) + b"\x06\x1b\0\0\0\0" + NOW.to_bytes(4, "big")
    yield case("proof: iat longer than needed", _proof_payload(inner, longer))
    headers: dict[str, dict[int, Any]] = {
        "another algorithm": {1: -8, 13: Raw(inner)},
        "no algorithm": {13: Raw(inner)},
        "one header more": {1: -7, 4: b"1234", 13: Raw(inner)},
        "token as bytes": {1: -7, 13: inner},
    }
    for name, protected in headers.items():
        yield case(f"proof: {name}", EVEN.sign1(protected, cbor({3: audience(EVENT, 1), 6: NOW}), aad(EVENT)))
    key = {1: 2, -1: 1, -2: EVEN.x, -3: EVEN.odd}
    right: dict[Any, Any] = {4: NOW + 86_400, 7: CTI, 8: {1: key}, -65537: [1, 70_000, 5]}
    for name, changed in {
        "no exp": without(right, 4),
        "no cti": without(right, 7),
        "no private label": without(right, -65537),
        "cti of seven": right | {7: bytes(7)},
        "cti of nine": right | {7: bytes(9)},
        "class of 256": right | {-65537: [256, 70_000, 5]},
        "class below zero": right | {-65537: [-1, 70_000, 5]},
        "index of 2^32": right | {-65537: [1, 2**32, 5]},
        "flags of 256": right | {-65537: [1, 70_000, 256]},
        "two parts": right | {-65537: [1, 70_000]},
        "four parts": right | {-65537: [1, 70_000, 5, 0]},
        "exp as text": right | {4: "soon"},
        "exp of 2^53": right | {4: 2**53},
        "nbf below zero": right | {5: -1},
        "a name": right | {2: "somebody"},
        "y as a coordinate": right | {8: {1: key | {-3: EVEN.x}}},
        "another curve": right | {8: {1: key | {-1: 2}}},
        "another kind of key": right | {8: {1: key | {1: 1}}},
        "x of 31": right | {8: {1: key | {-2: EVEN.x[1:]}}},
        "a key identifier": right | {8: {3: b"kid"}},
        "a key and more": right | {8: {1: key | {3: -7}}},
    }.items():
        yield case(f"token: {name}", proof(token(payload=cbor(changed))))
    for name, kid in (("three", b"abc"), ("five", b"abcde")):
        yield case(f"token: kid of {name}", proof(token(kid=kid)))
    padded = cbor(right).replace(b"\x83\x01\x1a\x00\x01\x11\x70\x05", b"\x83\x18\x01\x1a\x00\x01\x11\x70\x05")
    yield case("token: class longer than needed", proof(token(payload=padded)))


def _proof_payload(inner: bytes, payload: bytes) -> bytes:
    return EVEN.sign1({1: -7, 13: Raw(inner)}, payload, aad(EVENT))


def without(claims: dict[Any, Any], name: int) -> dict[Any, Any]:
    return {key: value for key, value in claims.items() if key != name}
