"""What changed in a list since a version that somebody has: a small signed statement instead of the whole list. Tegata's own.

Neither status list text has one. A gate that holds a list of ten million entries asks for ``…/changes?since=N`` and gets the entries
that changed after version N, with what they are now: a JWT typed ``tegata-statuslist-changes+jwt`` with ``sub`` (the list's address),
``iat``, ``exp`` and ``changes``:

    since, version   the statement leads from any version in since … version to version
    size             entries of the list
    set              {"0": [indices], "1": […], "2": […]}: status type of draft-20 §7.1 → entries that have it now, ascending
    sha256           base64url of the digest over the whole array at ``version``, packed with 2 bits per entry (draft-20 §4.1)

The digest makes a wrong base, a lost statement or a slip in applying visible at once: then the whole list is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.jose.jwt import ParsedJwt, build_jwt, parse_jwt, time_claim, verify_jwt
from common.ports import Signer
from common.status.bits import StatusList
from common.status.token_status_list import INVALID, SUSPENDED, VALID

TYP = "tegata-statuslist-changes+jwt"
MEDIA_TYPE = f"application/{TYP}"
MAX_CHANGES = 65_536
"""Beyond that the whole list is the smaller answer."""
MAX_TOKEN_BYTES = 1 << 20

_BITS = 2
_VALUES = {"0": VALID, "1": INVALID, "2": SUSPENDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedChanges:
    """A statement whose signature, address and times hold. entries: index → status type at ``version``. Times in seconds since 1970."""

    since: int
    version: int
    size: int
    issued_at: int
    expires_at: int
    entries: Mapping[int, int] = field(repr=False)
    digest: str


def build_status_changes(
    changed: Mapping[int, int],
    whole: StatusList,
    signer: Signer,
    *,
    uri: str,
    since: int,
    version: int,
    size: int,
    issued_at: int,
    expires_at: int,
    x5c: tuple[str, ...] = (),
) -> str:
    """changed: index → status type, of the entries that changed after ``since``. whole: the list at ``version``, 2 bits per entry."""
    if len(changed) > MAX_CHANGES or not 0 <= since <= version or whole.bits != _BITS:
        raise ValueError("the changes are too many, run backwards, or their list is not packed with 2 bits")
    header: dict[str, Any] = {"alg": signer.alg, "typ": TYP, "kid": signer.kid}
    if x5c:
        header["x5c"] = list(x5c)
    by_value = {
        name: sorted(index for index, found in changed.items() if found == value) for name, value in _VALUES.items()
    }
    body = {"since": since, "version": version, "size": size, "set": by_value, "sha256": digest_of(whole)}
    return build_jwt(header, {"sub": uri, "iat": issued_at, "exp": expires_at, "changes": body}, signer)


def digest_of(entries: StatusList) -> str:
    """Of a list packed with 2 bits per entry."""
    return b64url_encode(sha256(entries.to_bytes()).digest())


def parse_status_changes(text: str) -> ParsedJwt:
    """Statement → unverified. Raises Malformed. ``header`` tells where to look for the key."""
    return parse_jwt(text, max_bytes=MAX_TOKEN_BYTES)


def verify_status_changes(parsed: ParsedJwt, key: PublicKey, *, uri: str, now: int) -> VerifiedChanges:
    """Unverified → what may be applied to a list.

    1. signature, typ and times
    2. ``sub`` is the list's address
    3. the members and their forms; every index lies in the list and is named once

    Raises Malformed or Rejected. The caller still owes: that ``key`` belongs to the issuer whose list it is.
    """
    # 1
    claims = verify_jwt(parsed, key, typ=TYP, now=now)

    # 2
    if claims.get("sub") != uri:
        raise Rejected("status_unknown", "the changes are another list's")

    # 3
    body, issued_at, expires_at = claims.get("changes"), time_claim(claims, "iat"), time_claim(claims, "exp")
    if not isinstance(body, Mapping) or issued_at is None or expires_at is None:
        raise Malformed("bad_status_changes", "the statement has changes, iat and exp")
    since, version, size = (_count(body, name) for name in ("since", "version", "size"))
    found, digest = body.get("set"), body.get("sha256")
    if since > version or not isinstance(found, Mapping) or not isinstance(digest, str):
        raise Malformed("bad_status_changes", "the changes lead forward, in set, to a digest")
    return VerifiedChanges(
        since=since,
        version=version,
        size=size,
        issued_at=issued_at,
        expires_at=expires_at,
        entries=_entries(found, size),
        digest=digest,
    )


def apply_status_changes(entries: StatusList, changes: VerifiedChanges, *, version: int) -> StatusList:
    """The list at ``version`` → a new one at ``changes.version``, packed with 2 bits per entry. The old one stays as it is.

    Raises Rejected("stale") where the changes do not begin at or before this version, or lead to an earlier one, and
    Rejected("status_unknown") where the outcome is not the issuer's list.
    """
    if not changes.since <= version <= changes.version:
        raise Rejected("stale", "these changes are not for the version at hand")
    if entries.bits > _BITS:
        raise Rejected("status_unknown", "the list at hand has more to say than these changes")
    whole_bytes = (changes.size * _BITS + 7) // 8  # narrower entries may have been rounded up to more
    made = StatusList(_BITS, entries.widened(_BITS).to_bytes()[:whole_bytes])
    try:
        made.update(changes.entries.items())
    except IndexError:
        raise Rejected("status_unknown", "the changes are for a longer list") from None
    if digest_of(made) != changes.digest:
        raise Rejected("status_unknown", "the changed list is not the issuer's: fetch it whole")
    return made


def _count(body: Mapping[str, Any], name: str) -> int:
    found = body.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise Malformed("bad_status_changes", f"{name} is a whole number")
    return found


def _entries(found: Mapping[str, Any], size: int) -> dict[int, int]:
    if not found.keys() <= _VALUES.keys() or not all(isinstance(indices, list) for indices in found.values()):
        raise Malformed("bad_status_changes", "set has arrays of indices under 0, 1 and 2")
    named = sum(len(indices) for indices in found.values())
    entries = {index: _VALUES[name] for name, indices in found.items() for index in indices if _is_index(index, size)}
    if len(entries) != named or named > MAX_CHANGES:
        raise Malformed("bad_status_changes", "every index lies in the list and is named once")
    return entries


def _is_index(index: object, size: int) -> bool:
    return isinstance(index, int) and not isinstance(index, bool) and 0 <= index < size
