"""Passes that are good, and passes that are whole and not to be believed. RFC 8392, 8747, 9052, 9528."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.vectors.gate.wire import (
    EVEN,
    EVENT,
    ISSUER,
    NOW,
    ODD,
    OLD_ISSUER,
    ORDER,
    OTHER_ISSUER,
    Case,
    Key,
    Raw,
    aad,
    audience,
    base45,
    cbor,
)

CTI = bytes.fromhex("a1b2c3d4e5f60718")


def token(
    *,
    holder: Key | None = EVEN,
    issuer: Key = ISSUER,
    event: str = EVENT,
    klass: int = 1,
    index: int = 70_000,
    flags: int = 5,
    exp: int = NOW + 86_400,
    nbf: int | None = None,
    kid: bytes | None = None,
    high: bool | None = None,
    payload: bytes | None = None,
) -> bytes:
    claims: dict[int, Any] = {4: exp, 7: CTI, -65537: [klass, index, flags]}
    if nbf is not None:
        claims[5] = nbf
    if holder is not None:
        claims[8] = {1: {1: 2, -1: 1, -2: holder.x, -3: holder.odd}}
    protected = {1: -7, 4: issuer.digest[:4] if kid is None else kid}
    return issuer.sign1(protected, cbor(claims) if payload is None else payload, aad(event), high=high)


def proof(
    inner: bytes,
    *,
    holder: Key = EVEN,
    event: str = EVENT,
    klass: int = 1,
    iat: int = NOW - 7,
    cnonce: bytes | None = None,
    audience_bytes: bytes | None = None,
    high: bool | None = None,
) -> bytes:
    claims: dict[int, Any] = {3: audience(event, klass) if audience_bytes is None else audience_bytes, 6: iat}
    if cnonce is not None:
        claims[39] = cnonce
    return holder.sign1({1: -7, 13: Raw(inner)}, cbor(claims), aad(event), high=high)


def told(
    *,
    holder: Key | None = EVEN,
    klass: int = 1,
    index: int = 70_000,
    flags: int = 5,
    exp: int = NOW + 86_400,
    **more: Any,
) -> Case:
    return {
        "cti": CTI.hex(),
        "class": klass,
        "index": index,
        "flags": flags,
        "exp": exp,
        "nbf": more.get("nbf"),
        "holder": holder.point.hex() if holder else None,
        "iat": more.get("iat", NOW - 7) if holder else None,
        "audience": audience(EVENT, klass).hex() if holder else None,
        "cnonce": more.get("cnonce"),
    }


def good_passes() -> Iterator[Case]:
    def case(name: str, data: bytes, expect: Case) -> Case:
        return {"name": name, "text": "TG1:" + base45(data), "bytes": data.hex(), "expect": expect}

    yield case("plain", proof(token()), told())
    yield case("not before", proof(token(nbf=NOW - 60)), told(nbf=NOW - 60))
    yield case("odd key", proof(token(holder=ODD), holder=ODD), told(holder=ODD))
    yield case("challenge", proof(token(), cnonce=b"\x04\xd2"), told(cnonce="04d2"))
    yield case("challenge of four", proof(token(), cnonce=b"\0\0\x04\xd2"), told(cnonce="000004d2"))
    yield case("paper", token(holder=None), told(holder=None))
    yield case("paper, not before", token(holder=None, nbf=NOW), told(holder=None, nbf=NOW))
    for high in (False, True):
        name = "s in the upper half" if high else "s in the lower half"
        yield case(name, proof(token(high=high), high=high), told())
    for field, values in {
        "klass": (0, 23, 24, 255),
        "index": (0, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1),
        "flags": (0, 23, 24, 255),
        "exp": (2**32 - 1, 2**32, 2**53 - 1),
        "nbf": (0, 23, 24, 255, 256, 65_535, 65_536),
    }.items():
        for value in values:
            what: Case = {field: value}
            more: Case = what if field == "klass" else {}
            yield case(f"{field} {value}", proof(token(**what), **more), told(**what))
    for iat in (0, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**53 - 1):
        yield case(f"iat {iat}", proof(token(), iat=iat), told(iat=iat))


def rejected_passes() -> Iterator[Case]:
    def case(name: str, reason: str, data: bytes) -> Case:
        return {"name": name, "text": "TG1:" + base45(data), "reason": reason}

    yield case("another event", "wrong_audience", proof(token(event="other"), event="other"))
    yield case("audience of another class", "wrong_audience", proof(token(klass=2), klass=1))
    yield case("audience of nobody", "wrong_audience", proof(token(), audience_bytes=b"\0\0\0\0"))
    yield case("paper of another event", "bad_signature", token(holder=None, event="other"))
    yield case("issuer unknown", "untrusted_issuer", proof(token(issuer=OTHER_ISSUER)))
    yield case("issuer of last year", "untrusted_issuer", proof(token(issuer=OLD_ISSUER)))
    yield case("kid of ours, key of another", "bad_signature", proof(token(issuer=OTHER_ISSUER, kid=ISSUER.digest[:4])))
    yield case("kid of nobody", "untrusted_issuer", proof(token(kid=b"\0\0\0\0")))
    yield case("expired to the second", "expired", proof(token(exp=NOW)))
    yield case("expires in a second, but is another's", "wrong_holder", proof(token(exp=NOW + 1), holder=ODD))
    yield case("begins in a second", "not_yet_valid", proof(token(nbf=NOW + 1)))
    yield case("proof by another key", "wrong_holder", proof(token(), holder=ODD))
    yield case("key swapped in the token", "bad_signature", proof(_swapped(token(), EVEN.x, ODD.x), holder=ODD))
    for name, inner in (("x of no point", bytes(31) + b"\x05"), ("x as large as the field", b"\xff" * 32)):
        yield case(name, "wrong_holder", proof(_with_x(inner)))
    whole = proof(token())
    yield case("last bit of the proof", "wrong_holder", whole[:-1] + bytes([whole[-1] ^ 1]))
    for name, r_s in (("zero", bytes(64)), ("order", ORDER.to_bytes(32, "big") * 2)):
        yield case(f"proof of {name}", "wrong_holder", whole[:-64] + r_s)


def _swapped(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) == 1
    return data.replace(old, new)


def _with_x(x: bytes) -> bytes:
    claims = {4: NOW + 86_400, 7: CTI, 8: {1: {1: 2, -1: 1, -2: x, -3: False}}, -65537: [1, 70_000, 5]}
    return token(payload=cbor(claims))
