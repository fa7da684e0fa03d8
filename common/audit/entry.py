"""One line of the audit record: when, who (as a role or opaque id), did what, to which opaque thing. No names, no addresses, no claims.

The alphabet keeps personal data out by force: no blanks, no ``@``, nothing beyond ASCII fits into an entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed

_OPAQUE = re.compile(r"[A-Za-z0-9._:/-]{1,200}")
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MAX_DETAILS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """at: seconds since 1970. actor: ``staff:<id>``, ``holder``, ``job:retention`` … act: ``credential.issued``, ``offer.redeemed`` …

    subject: opaque id of the thing acted on. detail: code → code or number as text, e.g. {"reason": "withdrawn", "count": "3"}.
    Raises Malformed("bad_audit_entry") for anything that does not fit the alphabet of codes and ids.
    """

    at: int
    actor: str
    act: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fits = (
            type(self.at) is int  # True is an int too
            and 0 <= self.at < 1 << 53
            and _OPAQUE.fullmatch(self.actor)
            and _CODE.fullmatch(self.act)
            and _OPAQUE.fullmatch(self.subject)
            and len(self.detail) <= _MAX_DETAILS
            and all(_CODE.fullmatch(name) and _OPAQUE.fullmatch(value) for name, value in self.detail.items())
        )
        if not fits:
            raise Malformed("bad_audit_entry", "an audit entry is made of times, codes and opaque ids")
        object.__setattr__(self, "detail", MappingProxyType(dict(self.detail)))

    def to_bytes(self) -> bytes:
        """The one byte form of this entry: JSON without white space, members and details in fixed order. This is what is hashed."""
        detail = {name: self.detail[name] for name in sorted(self.detail)}
        return compact_json(
            {"at": self.at, "actor": self.actor, "act": self.act, "subject": self.subject, "detail": detail}
        )


def parse_audit_entry(encoded: bytes) -> AuditEntry:
    """The reverse of `AuditEntry.to_bytes`. Raises Malformed for bytes that are not exactly some entry's."""
    value = parse_json_object(encoded, max_bytes=16384)
    try:
        entry = AuditEntry(**value)
    except (TypeError, AttributeError):
        raise Malformed("bad_audit_entry", "not an audit entry") from None
    if entry.to_bytes() != encoded:
        raise Malformed("bad_audit_entry", "not in the one byte form of an audit entry")
    return entry
