"""Disclosures and the digests that stand for them. RFC 9901 §4.2 (form), §7.1 step 3–5 (putting them back, and what is refused)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

import msgspec

from common.encoding import b64url_decode, b64url_encode, parse_json
from common.errors import Malformed, Rejected

DIGESTS, PLACEHOLDER, HASH_NAME = "_sd", "...", "_sd_alg"
_RESERVED = (DIGESTS, PLACEHOLDER)
HASHES: Mapping[str, Callable[[bytes], Any]] = MappingProxyType(
    {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
)
MAX_DEPTH = 32
"""Levels of nesting, disclosures within disclosures included."""


@dataclass(slots=True)  # not frozen: that alone would cost a credential of twelve claims a twentieth of its signature
class Disclosable:
    """Marks, in claims to be issued, an object's member or an array's element that the holder may hold back."""

    value: Any = field(repr=False)


def hash_of(payload: Mapping[str, Any]) -> Callable[[bytes], Any]:
    """The hash that ``_sd_alg`` names, SHA-256 by default (§4.1.1). Raises Rejected("algorithm_not_allowed")."""
    name = payload.get(HASH_NAME, "sha-256")
    chosen = HASHES.get(name) if isinstance(name, str) else None
    if chosen is None:
        raise Rejected("algorithm_not_allowed", f"_sd_alg must be one of {', '.join(HASHES)}")
    return chosen


def digest_of(disclosure: str, chosen: Callable[[bytes], Any]) -> str:
    """Base64url of the hash over the disclosure's own base64url text (§4.2.3)."""
    return b64url_encode(chosen(disclosure.encode("ascii")).digest())


def digests_of(disclosures: Collection[bytes], chosen: Callable[[bytes], Any]) -> list[str]:
    """`digest_of` for many: one base64 over all of them, each filled up with zeros to whole groups of three bytes."""
    hashes = [chosen(text).digest() for text in disclosures]
    if not hashes:
        return []
    filler = b"\0" * (-len(hashes[0]) % 3)
    encoded = b64url_encode(filler.join(hashes) + filler)
    step = (len(hashes[0]) + len(filler)) // 3 * 4
    length = -(len(hashes[0]) * -4 // 3)
    return [encoded[at : at + length] for at in range(0, len(encoded), step)]


_read_text_claim = msgspec.json.Decoder(tuple[str, str, str]).decode
"""The reader of what nearly every disclosure is. Three texts have no members to repeat and no numbers to round."""


def read_disclosure(text: str | bytes) -> Sequence[Any]:
    """``[salt, value]`` (array element) or ``[salt, name, value]`` (object member). Raises Malformed or Rejected("disclosure_invalid")."""
    raw = b64url_decode(text)
    parts: Sequence[Any]
    try:
        parts = _read_text_claim(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        parts = _read_other_claim(raw)
    if len(parts) == 3 and parts[1] in _RESERVED:
        _refuse("a disclosure names its claim _sd or ...")
    return parts


def _read_other_claim(raw: bytes) -> list[Any]:
    parts = parse_json(raw)
    texts = {2: 1, 3: 2}.get(len(parts)) if isinstance(parts, list) else None
    if texts is None or not all(isinstance(part, str) for part in parts[:texts]):
        raise Malformed(
            "bad_disclosure", "a disclosure is an array: salt, then name (both are texts) and value, or value alone"
        )
    return list(parts)


def _refuse(detail: str) -> NoReturn:
    raise Rejected("disclosure_invalid", detail)


def unpack(
    payload: Mapping[str, Any],
    disclosures: Collection[str],
    *,
    never_disclosed: Collection[str] = (),
) -> dict[str, Any]:
    """The processed payload: every disclosure in its place, every digest gone. ``payload``'s signature is the caller's matter.

    As `unpack_and_tell`, without what is held back.
    """
    return unpack_and_tell(payload, disclosures, never_disclosed=never_disclosed)[0]


def unpack_and_tell(
    payload: Mapping[str, Any],
    disclosures: Collection[str],
    *,
    never_disclosed: Collection[str] = (),
) -> tuple[dict[str, Any], frozenset[str]]:
    """The processed payload, and the names of its top-level claims of which something inside is held back: digests stayed closed in it.

    A decoy (§4.2.5) cannot be told from something held back, and counts as that.
    never_disclosed: top-level claims that must stand in the open, with all that is in them.
    Raises Rejected("disclosure_invalid") for each case of §7.1: a digest met twice, a disclosure that nothing refers to (or sent
    twice), a member where an element belongs or the reverse, a name that is taken, ``_sd`` or ``...``; and Malformed.
    """
    chosen = hash_of(payload)
    texts = [text.encode("ascii") for text in disclosures]
    waiting = dict(zip(digests_of(texts, chosen), map(read_disclosure, texts), strict=True))
    if len(waiting) != len(disclosures):
        _refuse("a disclosure was sent twice")
    opening = _Opening(waiting)
    opened = opening.open_object(payload, 0)
    if waiting:  # §7.1 step 5
        _refuse("a disclosure that no digest refers to")
    opened.pop(HASH_NAME, None)
    if HASH_NAME in opening.disclosed_at_top:
        _refuse("a disclosure cannot set _sd_alg")
    for name in opening.disclosed_at_top.intersection(never_disclosed):
        _refuse(f"{name} cannot be selectively disclosed")
    for name in never_disclosed:
        if name in opened and opened[name] is not payload[name] and opened[name] != payload[name]:
            _refuse(f"{name} cannot hold anything selectively disclosed")  # something was opened, or hidden, inside
    return opened, frozenset(opening.partly_shown)


def _holds_digests(value: Any, depth: int) -> bool:
    """Whether an object or array has ``_sd`` or ``...`` anywhere in it: else it is the same after opening. Raises Malformed: too deep."""
    if depth > MAX_DEPTH:
        raise Malformed("too_deep", f"more than {MAX_DEPTH} levels")
    if value.__class__ is dict:
        if DIGESTS in value or PLACEHOLDER in value:
            return True
        value = value.values()
    for inner in value:  # noqa: SIM110 - on the hot path, and any() would make a generator for each object
        if inner.__class__ in _CONTAINERS and _holds_digests(inner, depth + 1):
            return True
    return False


class _Opening:
    """One walk over a payload. ``waiting`` loses each disclosure as it finds its place; ``top`` is the top-level claim it is in."""

    __slots__ = ("disclosed_at_top", "partly_shown", "seen", "top", "waiting")

    def __init__(self, waiting: dict[str, Sequence[Any]]) -> None:
        self.waiting = waiting
        self.seen: set[str] = set()
        self.disclosed_at_top: set[str] = set()
        self.partly_shown: set[str] = set()
        self.top = ""

    def _take_element(self, digest: object) -> Sequence[Any] | None:
        if not isinstance(digest, str):
            raise Malformed("bad_digest", "a digest is text")
        if digest in self.seen:  # §7.1 step 4
            _refuse("a digest stands in two places")
        self.seen.add(digest)
        found = self.waiting.pop(digest, None)
        if found is not None and len(found) != 2:  # §7.1 step 3.c
            _refuse("a disclosure for a member stands for an array element")
        return found

    def _open(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return self.open_object(value, depth)
        if isinstance(value, list):
            return self._open_array(value, depth)
        return value

    def open_object(self, source: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise Malformed("too_deep", f"more than {MAX_DEPTH} levels")
        if PLACEHOLDER in source:
            raise Malformed("bad_placeholder", "... is no claim's name, it stands alone for an array's element")
        opened = dict(source)
        opened.pop(DIGESTS, None)
        for name, value in opened.items():
            if value.__class__ in _CONTAINERS and _holds_digests(value, depth + 1):
                if depth == 0:
                    self.top = name
                opened[name] = self._open(value, depth + 1)
        if DIGESTS not in source:
            return opened
        digests = source[DIGESTS]
        if not isinstance(digests, list) or not _TEXTS.issuperset(map(type, digests)):
            raise Malformed("bad_digest", "_sd is an array of digests")
        new = set(digests)
        if len(new) != len(digests) or not self.seen.isdisjoint(new):  # §7.1 step 4
            _refuse("a digest stands in two places")
        self.seen |= new
        found = [one for one in self.waiting if one in new]  # as they came: the digests' own order means nothing
        if depth and len(found) < len(new):
            self.partly_shown.add(self.top)
        for digest in found:
            self._put(opened, self.waiting.pop(digest), depth)
        return opened

    def _put(self, opened: dict[str, Any], found: Sequence[Any], depth: int) -> None:
        if len(found) != 3:  # §7.1 step 3.c
            _refuse("a disclosure for an array element stands for a member")
        name, value = found[1], found[2]
        if name in opened:  # §7.1 step 3.c.ii.3
            _refuse("a disclosed claim is there already")
        if depth == 0:
            self.top = name
            self.disclosed_at_top.add(name)
        opened[name] = self._open(value, depth + 1) if value.__class__ in _CONTAINERS else value

    def _open_array(self, source: list[Any], depth: int) -> list[Any]:
        if depth > MAX_DEPTH:
            raise Malformed("too_deep", f"more than {MAX_DEPTH} levels")
        opened = []
        for element in source:
            if isinstance(element, dict) and PLACEHOLDER in element:
                if len(element) != 1:
                    raise Malformed("bad_placeholder", "... stands alone in its object")
                found = self._take_element(element[PLACEHOLDER])
                if found is not None:
                    opened.append(self._open(found[1], depth + 1))
                else:
                    self.partly_shown.add(self.top)
            else:
                opened.append(self._open(element, depth + 1))
        return opened


_CONTAINERS: frozenset[type] = frozenset({dict, list})
_TEXTS: frozenset[type] = frozenset({str})
