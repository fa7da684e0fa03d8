"""The ``parameters`` of a log entry: who may write the next one, who must witness it, and what the DID is from now on.

did:webvh 1.0, "did:webvh DID Method Parameters". An entry names what it changes; what it does not name stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from common.did.multihash import MULTIHASH
from common.errors import Malformed, Rejected
from common.keys.multikey import decode_multikey

METHOD = "did:webvh:1.0"
MAX_UPDATE_KEYS, MAX_NEXT_KEYS, MAX_WITNESSES, MAX_WATCHERS = 20, 100, 50, 20
MAX_TTL = 2**31
DEFAULT_TTL = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """threshold: how many of the keys must approve. keys: the witnesses' Ed25519 keys as multikeys. Without keys nobody witnesses."""

    threshold: int = 0
    keys: tuple[str, ...] = ()
    as_published: Mapping[str, Any] | None = None


NOBODY = Witnesses()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What is in force after an entry. update_keys: multikeys. next_key_hashes: non-empty while pre-rotation is active. ttl: seconds."""

    scid: str
    update_keys: tuple[str, ...]
    next_key_hashes: tuple[str, ...] = ()
    witnesses: Witnesses = NOBODY
    watchers: tuple[str, ...] = ()
    portable: bool = False
    deactivated: bool = False
    ttl: int = DEFAULT_TTL


def first_parameters(raw: Mapping[str, Any]) -> Parameters:
    """The first entry's. Raises Malformed, Rejected("algorithm_not_allowed") for a method version that is not known here."""
    if "method" not in raw or "scid" not in raw or "updateKeys" not in raw:
        raise Malformed("bad_parameters", "the first entry says method, scid and updateKeys")
    scid = raw["scid"]
    if not isinstance(scid, str) or not MULTIHASH.fullmatch(scid):
        raise Malformed("bad_parameters", "scid is a SHA-256 multihash in base58")
    return _changed(Parameters(scid=scid, update_keys=()), {**raw, "scid": None})


def next_parameters(previous: Parameters, raw: Mapping[str, Any]) -> Parameters:
    """A later entry's, after the previous ones. Raises Malformed, Rejected for a change that is not allowed."""
    if raw.get("scid") is not None:
        raise Malformed("bad_parameters", "only the first entry says scid")
    if raw.get("portable") is True:
        raise Rejected("untrusted_key", "only the first entry can make a DID portable")
    if previous.next_key_hashes and not ("updateKeys" in raw and "nextKeyHashes" in raw):
        raise Rejected(
            "untrusted_key", "while keys are committed in advance, every entry says updateKeys and nextKeyHashes"
        )
    return _changed(previous, raw)


def _changed(before: Parameters, raw: Mapping[str, Any]) -> Parameters:
    unknown = raw.keys() - _READERS.keys() - {"method", "scid"}
    if unknown:
        raise Malformed("bad_parameters", "a parameter that did:webvh 1.0 does not define")
    if raw.get("method", METHOD) != METHOD:
        raise Rejected("algorithm_not_allowed", f"the only version known here is {METHOD}")
    # null was once written for "not any more"; it means the default (the text's note on early implementations).
    changes = {field: read(raw[name]) for name, (field, read) in _READERS.items() if name in raw}
    return replace(before, **changes)


def _texts(limit: int) -> Any:
    def read(value: object) -> tuple[str, ...]:
        if value is None:
            return ()
        if (
            not isinstance(value, list)
            or len(value) > limit
            or not all(isinstance(one, str) and 0 < len(one) <= 512 for one in value)
            or len(set(value)) != len(value)
        ):
            raise Malformed("bad_parameters", f"a list of at most {limit} different texts is needed")
        return tuple(value)

    return read


def _update_keys(value: object) -> tuple[str, ...]:
    keys: tuple[str, ...] = _texts(MAX_UPDATE_KEYS)(value)
    for key in keys:
        check_ed25519(key)
    return keys


def check_ed25519(multikey: str) -> None:
    """Raises Malformed or Rejected("algorithm_not_allowed"): eddsa-jcs-2022 signs with Ed25519 and nothing else."""
    if decode_multikey(multikey)["crv"] != "Ed25519":
        raise Rejected("algorithm_not_allowed", "a key of did:webvh 1.0 is an Ed25519 key")


def _flag(value: object) -> bool:
    if value is not None and not isinstance(value, bool):
        raise Malformed("bad_parameters", "portable and deactivated are true or false")
    return bool(value)


def _ttl(value: object) -> int:
    if value is None:
        return DEFAULT_TTL
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_TTL:
        raise Malformed("bad_parameters", "ttl is a number of seconds")
    return value


def _witnesses(value: object) -> Witnesses:
    """Malformed witnesses never mean "no witnesses". A bare multikey is read as its did:key: some write it so."""
    if value is None or value == {}:
        return NOBODY
    listed = value.get("witnesses") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(listed, list) or not 0 < len(listed) <= MAX_WITNESSES:
        raise Malformed("bad_parameters", f"witness names a threshold and 1 to {MAX_WITNESSES} witnesses")
    keys = []
    for one in listed:
        name = one.get("id") if isinstance(one, dict) else None
        if not isinstance(name, str):
            raise Malformed("bad_parameters", "a witness has an id")
        key = name.removeprefix("did:key:")
        check_ed25519(key)
        keys.append(key)
    threshold = value.get("threshold")
    if not isinstance(threshold, int) or isinstance(threshold, bool) or not 1 <= threshold <= len(keys):
        raise Malformed("bad_parameters", "the witnesses' threshold lies between 1 and their number")
    if len(set(keys)) != len(keys):
        raise Malformed("bad_parameters", "every witness is named once")
    return Witnesses(threshold=threshold, keys=tuple(keys), as_published=value)


_READERS: Mapping[str, tuple[str, Any]] = {
    "updateKeys": ("update_keys", _update_keys),
    "nextKeyHashes": ("next_key_hashes", _texts(MAX_NEXT_KEYS)),
    "witness": ("witnesses", _witnesses),
    "watchers": ("watchers", _texts(MAX_WATCHERS)),
    "portable": ("portable", _flag),
    "deactivated": ("deactivated", _flag),
    "ttl": ("ttl", _ttl),
}
