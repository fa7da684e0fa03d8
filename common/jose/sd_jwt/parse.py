"""``<Issuer-signed JWT>~<Disclosure>~…~<KB-JWT or nothing>`` → its parts, nothing believed. RFC 9901 §4, §7.1 step 1."""

from __future__ import annotations

from common.errors import Malformed
from common.jose.jwt import ParsedJwt, parse_jwt
from common.record import Record

MAX_BYTES = 1 << 18
MAX_DISCLOSURES = 1000


class ParsedSdJwt(Record, frozen=True):
    """Read, not verified. presented: all up to and including the last tilde, what ``sd_hash`` covers. key_binding: the KB-JWT."""

    token: ParsedJwt
    disclosures: tuple[str, ...]
    presented: str
    key_binding: ParsedJwt | None


def parse_sd_jwt(text: str, *, max_bytes: int = MAX_BYTES) -> ParsedSdJwt:
    """Compact SD-JWT or SD-JWT+KB → parts. Raises Malformed: no tilde, an empty disclosure, too many, not ASCII, JWTs that are none."""
    if len(text) > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    if not text.isascii():
        raise Malformed("bad_sd_jwt", "an SD-JWT is ASCII text")
    token, *disclosures = text.split("~")
    if not disclosures:
        raise Malformed("bad_sd_jwt", "an SD-JWT has a tilde after its JWT")
    key_binding = disclosures.pop()
    if "" in disclosures or len(disclosures) > MAX_DISCLOSURES:
        raise Malformed("bad_sd_jwt", "an empty disclosure, or too many")
    return ParsedSdJwt(
        parse_jwt(token),
        tuple(disclosures),
        text[: len(text) - len(key_binding)],
        parse_jwt(key_binding) if key_binding else None,
    )
