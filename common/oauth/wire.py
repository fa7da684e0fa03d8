"""What all wire messages share: a strict pydantic base, bounded field types, and one way to read JSON into them.

Wire models live in ``oauth``, ``oid4vci`` and ``oid4vp`` only and are converted at once into frozen dataclasses. Unknown members
are ignored, as the texts demand (OpenID4VCI 1.0 and OpenID4VP 1.0: "MUST ignore any unrecognized parameters"); everything known is
bounded in size, because every message comes from a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from common.encoding import compact_json, parse_json_object, too_deep
from common.errors import Malformed

MAX_ADDRESS = 2048
MAX_DEPTH = 32
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

_UNSAFE = re.compile(r"[^A-Za-z0-9_.+:\[\] -]")
_ADDRESS_CHARS = re.compile(r"[\x21-\x7e]+\Z")


class Wire(BaseModel):
    """Base of every wire model: no coercion (a number is not a text), unknown members ignored, no input in error texts."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


def check_address(text: str) -> str:
    """An absolute https address (http only on loopback; the Fetch port closes that door in production) without user or fragment.

    Raises ValueError, which pydantic turns into a located error. ``parse_address`` is the same as a TegataError.
    """
    if len(text) > MAX_ADDRESS or not _ADDRESS_CHARS.match(text) or "\\" in text:
        raise ValueError("not an address")
    parts = urlsplit(text)
    host = parts.hostname
    if not host or parts.username is not None or parts.password is not None or "#" in text:
        raise ValueError("not an absolute address without user and fragment")
    if parts.port == 0:
        raise ValueError("port 0")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK_HOSTS):
        raise ValueError("not an https address")
    return text


def check_identifier_address(text: str) -> str:
    """Like check_address, and without query: an issuer's identifier (RFC 8414 §2, OpenID4VCI 1.0 §12.2.1)."""
    if "?" in check_address(text):
        raise ValueError("an issuer identifier has no query")
    return text


def parse_address(text: str, *, code: str = "bad_address") -> str:
    """The address itself, or Malformed(code)."""
    try:
        return check_address(text)
    except ValueError:
        raise Malformed(code, "an absolute https address is needed") from None


Address = Annotated[str, AfterValidator(check_address)]
IdentifierAddress = Annotated[str, AfterValidator(check_identifier_address)]
ShortText = Annotated[str, Field(min_length=1, max_length=256)]
"""Names, identifiers, locale tags."""
LongText = Annotated[str, Field(max_length=4096)]
"""Sentences for people."""
Secret = Annotated[str, Field(min_length=1, max_length=4096)]
"""Codes, tokens, nonces."""
Compact = Annotated[str, Field(min_length=1, max_length=65536)]
"""A JWT, an SD-JWT, a JWE in its compact form."""
Encoded = Annotated[str, Field(min_length=1, max_length=1 << 18)]
"""A credential or presentation in a text form: a JWT, an SD-JWT, an mdoc in base64url."""
Document = Annotated[dict[str, Any], Field(min_length=1, max_length=256)]
"""A credential or presentation that is a JSON object on the wire (``ldp_vc``)."""
PathComponent = StrictStr | Annotated[StrictInt, Field(ge=0, le=1 << 31)] | None
ClaimsPath = Annotated[list[PathComponent], Field(min_length=1, max_length=16)]
"""Claims path pointer (OpenID4VP 1.0 §7, OpenID4VCI 1.0 appendix C): texts, non-negative integers, nulls."""
Scalar = StrictBool | StrictInt | StrictStr

Model = TypeVar("Model", bound=BaseModel)


def to_text(value: str | Mapping[str, Any]) -> str:
    """A credential as the wire has it → the text form in which formats take it: an object becomes its JSON text.

    Nothing is lost by that: securing with Data Integrity is over the document's meaning (RDF) or canonical form (JCS), not its spelling.
    """
    return value if isinstance(value, str) else compact_json(value).decode("utf-8")


def to_wire(text: str) -> str | dict[str, Any]:
    """The reverse: what begins like a JSON object travels as one (OpenID4VCI 1.0 appendix A.1.2, OpenID4VP 1.0 appendix B.1.3.2)."""
    return parse_json_object(text, max_bytes=1 << 20) if text.startswith("{") else text


def read_wire(
    model: type[Model], data: bytes | str | Mapping[str, Any], *, code: str, max_bytes: int = 1 << 18
) -> Model:
    """JSON text, or an object already decoded → wire model.

    Raises Malformed(code) naming the first member that is wrong, never its value.
    """
    if isinstance(data, (bytes, str)):
        try:
            data = parse_json_object(data, max_bytes=max_bytes)
        except Malformed as error:
            raise Malformed(code, error.detail) from error
    if too_deep(data, limit=MAX_DEPTH):
        raise Malformed(code, f"nested deeper than {MAX_DEPTH} levels")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = _UNSAFE.sub("_", ".".join(str(part) for part in first["loc"]))[:120]
        raise Malformed(code, f"{place or 'message'}: {_UNSAFE.sub('_', first['msg'])[:160]}") from None
