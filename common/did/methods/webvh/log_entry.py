"""Reading a log (``did.jsonl``): one JSON object on each line, bounded in number and size (did:webvh 1.0, "The DID Log File")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.did.multihash import MULTIHASH
from common.did.timestamps import parse_timestamp
from common.encoding import parse_json_object
from common.errors import Malformed

MAX_LOG_BYTES = 512 * 1024
MAX_ENTRY_BYTES = 64 * 1024
MAX_ENTRIES = 1000
MAX_PROOFS = 4
"""Per entry. One is usual; several keys may sign one entry."""
_VERSION_ID = re.compile(rf"([1-9]\d{{0,5}})-({MULTIHASH.pattern})", re.ASCII)
_MEMBERS = frozenset({"versionId", "versionTime", "parameters", "state", "proof"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line, read and not verified. time: microseconds since 1970. unsigned: the whole entry without its proofs."""

    version_id: str
    number: int
    entry_hash: str
    time: int
    time_text: str
    parameters: Mapping[str, Any]
    state: Mapping[str, Any]
    proofs: tuple[Mapping[str, Any], ...]
    unsigned: Mapping[str, Any] = field(repr=False)


def split_log(data: bytes) -> list[bytes]:
    """A log → its lines, unread; empty lines are skipped. Raises Malformed for a log that is empty or too large."""
    if len(data) > MAX_LOG_BYTES:
        raise Malformed("too_large", f"a log here has at most {MAX_LOG_BYTES} bytes")
    lines = [line for line in data.split(b"\n") if line.strip()]
    if not lines or len(lines) > MAX_ENTRIES:
        raise Malformed("bad_log", f"a log has 1 to {MAX_ENTRIES} entries")
    return lines


def parse_log(data: bytes) -> Iterator[LogEntry]:
    """A log's entries, each read when it is asked for: a broken one does not hide those before it. Raises Malformed."""
    return map(parse_entry, split_log(data))


def parse_entry(line: bytes) -> LogEntry:
    """One line → its entry. Raises Malformed."""
    entry = parse_json_object(line, max_bytes=MAX_ENTRY_BYTES)
    if entry.keys() != _MEMBERS:
        raise Malformed("bad_log", "an entry has versionId, versionTime, parameters, state and proof")
    version_id, parameters, state, proofs = (
        entry["versionId"], entry["parameters"], entry["state"], entry["proof"],
    )  # fmt: skip
    matched = _VERSION_ID.fullmatch(version_id) if isinstance(version_id, str) else None
    if matched is None:
        raise Malformed("bad_log", "a versionId is a number, a dash and a SHA-256 multihash in base58")
    if not isinstance(parameters, dict) or not isinstance(state, dict):
        raise Malformed("bad_log", "parameters and state are objects")
    proofs = [proofs] if isinstance(proofs, dict) else proofs
    if (
        not isinstance(proofs, list)
        or not 0 < len(proofs) <= MAX_PROOFS
        or not all(isinstance(p, dict) for p in proofs)
    ):
        raise Malformed("bad_log", f"an entry has 1 to {MAX_PROOFS} proofs")
    return LogEntry(
        version_id=matched[0],
        number=int(matched[1]),
        entry_hash=matched[2],
        time=parse_timestamp(entry["versionTime"], utc=True),
        time_text=entry["versionTime"],
        parameters=parameters,
        state=state,
        proofs=tuple(proofs),
        unsigned={name: value for name, value in entry.items() if name != "proof"},
    )
