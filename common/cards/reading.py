"""A reading: what came off a card, as bytes and nothing else, so that it can be made in one place and judged in another.

What it says of the conversation itself (`Reading.accepted`, `Reading.notes`) is believed as far as its maker is: our own reader, or our own
end of a relay. Signatures in it speak for themselves. It holds personal data and prints none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from common import cbor
from common.errors import Malformed

MAX_BYTES = 1 << 21
MAX_ENTRIES = 64
MAX_NAME = 64
_VERSION = 1
_MEMBERS = frozenset({"v", "card", "files", "exchanges", "accepted", "notes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question to a key of the card, and its answer, as sent and received."""

    challenge: bytes = field(repr=False)
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """card: the driver's name. files: whole files by the driver's names ("text/0002"), only those that the card gave.

    exchanges: by the driver's names ("active_authentication"). accepted: names of the secrets that the card accepted. notes: other words
    about the conversation ("access": "pace_can").
    """

    card: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    exchanges: Mapping[str, Exchange] = field(default_factory=dict, repr=False)
    accepted: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("files", "exchanges", "notes"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def file(self, name: str) -> bytes:
        """The file's bytes. Raises Malformed("file_missing") if the reading has none of that name."""
        try:
            return self.files[name]
        except KeyError:
            raise Malformed("file_missing", f"the reading has no file {name}") from None


def encode_reading(reading: Reading) -> bytes:
    """Deterministic CBOR: equal readings are equal bytes."""
    return cbor.encode(
        {
            "v": _VERSION,
            "card": reading.card,
            "files": dict(reading.files),
            "exchanges": {name: [one.challenge, one.answer] for name, one in reading.exchanges.items()},
            "accepted": sorted(reading.accepted),
            "notes": dict(reading.notes),
        }
    )


def decode_reading(data: bytes) -> Reading:
    """Bytes → Reading. Raises Malformed: another version or form, more than MAX_BYTES, more than MAX_ENTRIES of a kind."""
    value = cbor.decode(data, max_bytes=MAX_BYTES)
    if (
        not isinstance(value, dict)
        or value.keys() != _MEMBERS
        or value["v"] != _VERSION
        or isinstance(value["v"], bool)
    ):
        raise Malformed("bad_reading", "not a reading of this version")
    exchanges = {}
    for name, pair in _map(value["exchanges"], list).items():
        if len(pair) != 2 or not all(isinstance(part, bytes) for part in pair):
            raise Malformed("bad_reading", "an exchange is a question and an answer")
        exchanges[name] = Exchange(challenge=pair[0], answer=pair[1])
    accepted = value["accepted"]
    if not isinstance(accepted, list) or len(accepted) > MAX_ENTRIES:
        raise Malformed("bad_reading", "accepted secrets are a list of names")
    return Reading(
        card=_name(value["card"]),
        files=_map(value["files"], bytes),
        exchanges=exchanges,
        accepted=frozenset(_name(one) for one in accepted),
        notes={name: _name(note) for name, note in _map(value["notes"], str).items()},
    )


def _map(value: object, kind: type[Any]) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > MAX_ENTRIES:
        raise Malformed("bad_reading", "not a map, or too large a one")
    if not all(isinstance(content, kind) for content in value.values()):
        raise Malformed("bad_reading", "a map holds something else than it should")
    return {_name(name): content for name, content in value.items()}


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise Malformed("bad_reading", "not a name")
    return value
