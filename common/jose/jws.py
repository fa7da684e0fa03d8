"""JSON Web Signature, compact serialization only. RFC 7515; RFC 8725 (best practices) for what is refused.

Does not find keys: ``jwk``, ``jku``, ``x5u`` and ``x5c`` in a header are never followed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from common.encoding import b64url_decode, b64url_encode, compact_json, parse_json_object
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.ports import Signer
from common.record import Record

MAX_BYTES = 65536


class ParsedJws(Record, frozen=True):
    """Read, not verified. header: the protected header. signing_input: the ASCII bytes that the signature covers."""

    header: Mapping[str, Any]
    payload: bytes
    signature: bytes
    signing_input: bytes

    @property
    def alg(self) -> str:
        return str(self.header["alg"])

    @property
    def kid(self) -> str | None:
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None


def parse_jws(text: str, *, max_bytes: int = MAX_BYTES) -> ParsedJws:
    """Compact JWS → its parts. Raises Malformed: too large, not three parts, not base64url, header not an object or without alg.

    RFC 7515 §5.2 steps 1–6. ``alg`` "none" is malformed: there is no unsigned JWS here.
    """
    if len(text) > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    try:
        raw = text.encode("ascii")
    except UnicodeEncodeError:
        raise Malformed("bad_jws", "a compact JWS is ASCII text") from None
    first = raw.find(b".")
    second = raw.find(b".", first + 1)
    if first < 0 or second < 0 or raw.find(b".", second + 1) >= 0:
        raise Malformed("bad_jws", "a compact JWS has three parts")
    header = raw[:first]
    return ParsedJws(
        _read_known_header(header) if first <= _MAX_REMEMBERED else _read_header(header),
        b64url_decode(raw[first + 1 : second]),
        b64url_decode(raw[second + 1 :]),
        raw[:second],
    )


def _read_header(encoded: bytes) -> Mapping[str, Any]:
    header = parse_json_object(b64url_decode(encoded))
    alg = header.get("alg")
    if not isinstance(alg, str) or alg.lower() == "none":
        raise Malformed("bad_jws", "a JWS header names its algorithm, and it is not none")
    return MappingProxyType(header)


_read_known_header = lru_cache(maxsize=512)(_read_header)
"""All that one issuer signs, and all that holders bind, bears the same header text. Bounded in number and in size: strangers send them."""
_MAX_REMEMBERED = 8192


def check_header(header: Mapping[str, Any], key: PublicKey, *, typ: str | None = None) -> None:
    """That a protected header allows this key. Raises Rejected("algorithm_not_allowed" | "wrong_type") or Malformed (``crit``)."""
    alg = header["alg"]
    if alg != key.alg and not (alg == "Ed25519" and key.alg == "EdDSA"):
        raise Rejected("algorithm_not_allowed", f"signed with {str(alg)[:20]!r}, the key is for {key.alg}")
    if "crit" in header:  # RFC 7515 §4.1.11: we understand no extension, so each is a reason to refuse
        raise Malformed("unknown_crit", "the header demands an extension that is not known here")
    if header.get("b64", True) is not True:
        raise Malformed("unknown_b64", "unencoded payloads (RFC 7797) are not known here")
    if typ is not None and not same_typ(header.get("typ"), typ):
        raise Rejected("wrong_type", f"typ must be {typ}")


def same_typ(found: object, wanted: str) -> bool:
    """Media types compare without case, and ``application/`` may be left out (RFC 7515 §4.1.9)."""
    return found == wanted or (isinstance(found, str) and found.lower().removeprefix("application/") == wanted.lower())


def verify_jws(parsed: ParsedJws, key: PublicKey, *, typ: str | None = None) -> bytes:
    """The payload, once the signature is proven.

    1. the header allows the key: alg, crit, typ   RFC 7515 §4.1, RFC 8725 §3.1, §3.11
    2. the signature                               RFC 7515 §5.2
    Left to the caller: that this key is the right one, and what the payload means.
    Raises Rejected("algorithm_not_allowed" | "wrong_type" | "bad_signature") or Malformed.
    """
    # 1 · header
    check_header(parsed.header, key, typ=typ)
    # 2 · signature
    key.verify(parsed.signature, parsed.signing_input)
    return parsed.payload


def sign_jws(header: Mapping[str, Any], payload: bytes, signer: Signer) -> str:
    """Compact JWS. ``alg`` is set from the signer; ``kid`` only where the header has one. Header order: as given, after alg."""
    protected = {"alg": signer.alg, **{name: value for name, value in header.items() if name != "alg"}}
    try:
        encoded = _encode_known_header(tuple(protected.items()))
    except TypeError:  # a value that is no text (``x5c``, ``jwk``) makes a header that is not remembered
        encoded = b64url_encode(compact_json(protected))
    signing_input = f"{encoded}.{b64url_encode(payload)}"
    return f"{signing_input}.{b64url_encode(signer.sign(signing_input.encode('ascii')))}"


@lru_cache(maxsize=512)
def _encode_known_header(items: tuple[tuple[str, Any], ...]) -> str:
    if not all(
        value.__class__ is str for _, value in items
    ):  # 1, 1.0 and True are one key of the cache, and three texts
        raise TypeError
    return b64url_encode(compact_json(dict(items)))
