"""``BitstringStatusListCredential``: building its document, and reading it once a format has proven it. Bitstring Status List 1.0.

How the document is secured (Data Integrity, ``vc+jwt``) is the formats' part; `renderings` signs ours, `fetch_status` verifies others'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.credential import StatusReference, VerifiedCredential
from common.formats.vcdm.moment import format_moment
from common.formats.vcdm.terms import CONTEXT_V2, CREDENTIAL
from common.status.bitstring import MIN_ENTRIES, Bitstring, expand
from common.status.deflated import MAX_INFLATED_BYTES
from common.status.problems import StatusListRejected

CREDENTIAL_TYPE = "BitstringStatusListCredential"
SUBJECT_TYPE = "BitstringStatusList"
PURPOSES = ("revocation", "suspension", "message", "refresh")
"""Those that the text defines (§2.2). Others may be read: their meaning is their issuer's."""

_MAX_PURPOSES = 16
_LONGEST_TTL = 1 << 53
_STATUS = "https://www.w3.org/ns/credentials/status#"
_NAMES = frozenset({CREDENTIAL_TYPE, _STATUS + CREDENTIAL_TYPE})
"""Formats that read JSON-LD name types by their addresses."""
MESSAGE_TERMS: Mapping[str, Any] = {
    "statusSize": {"@id": f"{_STATUS}statusSize", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
    "statusMessages": {
        "@id": f"{_STATUS}statusMessages",
        "@context": {"message": f"{_STATUS}message", "status": f"{_STATUS}status"},
    },
}
"""§2.2 demands both of a list for messages, but its context defines them for entries alone: here they get their addresses (§5.1)."""


def build_bitstring_document(
    bits: Bitstring,
    *,
    uri: str,
    issuer: str,
    purposes: Sequence[str],
    valid_from: int,
    valid_until: int,
    ttl: int,
    messages: Sequence[str] = (),
) -> dict[str, Any]:
    """The credential without its proof (§2.2). uri: its address, as entries give it. Times in seconds since 1970, ttl in seconds.

    messages: value → message, for the purpose ``message`` alone; their number tells the size of an entry.
    Raises ValueError for a list without purpose, shorter than §3.2 allows, or with messages for no number of whole bits.
    """
    if not purposes or valid_until <= valid_from or ttl <= 0:
        raise ValueError("a status list has a purpose and lives for a positive time")
    size = (len(messages) - 1).bit_length() if messages else 1
    if messages and (len(messages) != 1 << size or size < 1):
        raise ValueError("every possible value has its message")
    if ("message" in purposes) != bool(messages):
        raise ValueError("messages belong to the purpose message")
    if len(bits) < MIN_ENTRIES * size:
        raise ValueError(f"a list has at least {MIN_ENTRIES} entries")
    subject: dict[str, Any] = {
        "id": f"{uri}#list",
        "type": SUBJECT_TYPE,
        "statusPurpose": purposes[0] if len(purposes) == 1 else list(purposes),
        "encodedList": bits.encode(),
        "ttl": ttl * 1000,  # the text counts milliseconds
    }
    if messages:
        subject["statusSize"] = size
        subject["statusMessages"] = [
            {"status": hex(value), "message": message} for value, message in enumerate(messages)
        ]
    return {
        "@context": [CONTEXT_V2, *([dict(MESSAGE_TERMS)] if messages else [])],
        "id": uri,
        "type": [CREDENTIAL, CREDENTIAL_TYPE],
        "issuer": issuer,
        "validFrom": format_moment(valid_from),
        "validUntil": format_moment(valid_until),
        "credentialSubject": subject,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedBitstringList:
    """A list whose proof, issuer, address and form hold. issued_at, expires_at: seconds since 1970. ttl: seconds that it may be kept."""

    uri: str
    purposes: tuple[str, ...]
    issued_at: int | None
    expires_at: int | None
    ttl: int | None
    entries: Bitstring = field(repr=False)

    def get(self, reference: StatusReference) -> int:
        """The value of an entry (§3.2 steps 5, 9 and 10). Raises StatusListRejected: purpose, length or range."""
        if reference.purpose not in self.purposes:
            raise StatusListRejected("STATUS_VERIFICATION_ERROR", "the status list is for another purpose")
        if len(self.entries) < MIN_ENTRIES * reference.size:
            raise StatusListRejected("STATUS_LIST_LENGTH_ERROR", f"the list has less than {MIN_ENTRIES} entries")
        try:
            return self.entries.get(reference.index, reference.size)
        except IndexError:
            raise StatusListRejected("RANGE_ERROR", "the status list has no such entry") from None


def verify_bitstring_list(
    credential: VerifiedCredential, *, uri: str, issuer: str, max_bytes: int = MAX_INFLATED_BYTES
) -> VerifiedBitstringList:
    """A proven credential → a list to look entries up in (§3.2).

    1. it is a status list credential (§2.1, statusListCredential), and its subject a status list (§2.2)
    2. its issuer is the credential's issuer. The text allows another; whom to believe then it leaves open, so here nobody
    3. its ``id``, where it has one, is the address that the credential named, so that no list stands in for another
    4. purposes and ttl are of their forms (§2.2)
    5. expanding, bounded (§3.4)

    Raises Malformed("malformed_value_error") or Rejected. ``credential`` comes from a format's ``verify``, with the times checked. The
    purpose, the length and the range are judged for each entry: `VerifiedBitstringList.get`.
    """
    document = credential.claims
    # 1
    subject = document.get("credentialSubject")
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    if not _NAMES.intersection(credential.types) or not isinstance(subject, Mapping):
        raise StatusListRejected("STATUS_VERIFICATION_ERROR", f"it is not a {CREDENTIAL_TYPE} with one subject")
    if subject.get("type") not in (SUBJECT_TYPE, [SUBJECT_TYPE]):
        raise Malformed("malformed_value_error", f"the subject of a status list is a {SUBJECT_TYPE}")

    # 2
    if credential.issuer != issuer:
        raise Rejected("untrusted_issuer", "the status list is another issuer's")

    # 3
    if document.get("id", uri) != uri:
        raise StatusListRejected("STATUS_VERIFICATION_ERROR", "the status list is for another address")

    # 4
    purposes, ttl = _read_purposes(subject), _read_ttl(subject)

    # 5
    try:
        entries = expand(subject.get("encodedList"), max_bytes=max_bytes)
    except Malformed as failure:
        raise Malformed("malformed_value_error", failure.detail) from failure
    return VerifiedBitstringList(
        uri=uri,
        purposes=purposes,
        issued_at=credential.valid_from if credential.valid_from is not None else credential.issued_at,
        expires_at=credential.valid_until,
        ttl=ttl,
        entries=entries,
    )


def _read_purposes(subject: Mapping[str, Any]) -> tuple[str, ...]:
    found = subject.get("statusPurpose")
    purposes = found if isinstance(found, list) else [found]
    if not 0 < len(purposes) <= _MAX_PURPOSES or not all(isinstance(one, str) and one for one in purposes):
        raise Malformed("malformed_value_error", "statusPurpose is one or more texts")
    return tuple(purposes)


def _read_ttl(subject: Mapping[str, Any]) -> int | None:
    """Milliseconds → whole seconds, rounded down: rather ask once too often."""
    if "ttl" not in subject:
        return None
    ttl = subject["ttl"]
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or not 0 <= ttl < _LONGEST_TTL:
        raise Malformed("malformed_value_error", "ttl is a number of milliseconds")
    return int(ttl) // 1000
