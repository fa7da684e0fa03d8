"""Evidence as plain JSON values: for the W3C member ``evidence``, for a claim of an SD-JWT VC or an mdoc, and back.

Times are UTC, in a credential floored to the hour: two credentials of one reading are not told to be so by a second, and a freshness that
is floored only looks older than it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from common.cards.evidence import (
    Answer,
    Environment,
    Evidence,
    Finding,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
)
from common.errors import Malformed

TYPE = "ChipEvidence"
HOUR = 3600
MAX_SOURCES = 16
MAX_ORIGINS = 128
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,127}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FINDINGS = ("data_authenticity", "chip_genuineness", "holder_verification")
_TIMES = ("checked_at", "this_update", "next_update", "revoked_at")
_E = TypeVar("_E", bound=StrEnum)


def build_evidence(evidence: Evidence, *, resolution: int = HOUR) -> list[dict[str, Any]]:
    """Evidence → JSON values, one object per source: the W3C member as it is, and the value of a claim ``evidence`` elsewhere.

    resolution: seconds to which times are floored; 1 keeps them (for the sealed record).
    """
    return [_source(source, evidence, resolution) for source in evidence.sources]


def _source(source: SourceEvidence, evidence: Evidence, resolution: int) -> dict[str, Any]:
    built: dict[str, Any] = {
        "type": [TYPE],
        "card": evidence.card,
        "read_at": _write_time(evidence.read_at, resolution),
        "source": source.source,
        "trust_anchor": source.trust_anchor.value,
    }
    if source.anchor:
        built["anchor"] = source.anchor
    for name in _FINDINGS:
        finding: Finding = getattr(source, name)
        built[name] = _filled(answer=finding.answer.value, by=finding.by, reason=finding.reason)
    revocation = source.revocation
    built["revocation"] = _filled(
        answer=revocation.answer.value,
        source=revocation.source,
        reason=revocation.reason,
        **{name: _write_time(value, resolution) for name in _TIMES if (value := getattr(revocation, name)) is not None},
    )
    origins = [
        _filled(claim=origin.claim, kind=origin.kind.value, file=origin.file, signed_by=origin.signed_by)
        | ({"derived": True} if origin.derived else {})
        for origin in source.origins
    ]
    lists = {"origins": origins, "not_checked": list(source.not_checked)}
    return built | {
        name: value for name, value in lists.items() if value
    }  # an empty list states nothing (`plain_members`)


def _filled(**members: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def parse_evidence(value: object) -> Evidence:
    """JSON values of somebody's credential → Evidence. Raises Malformed. Whether its issuer is believed is the caller's question.

    Objects of other types in the list are passed over: the W3C member is anybody's. None of ours is an error.
    """
    try:
        entries = [entry for entry in _objects(value, MAX_SOURCES) if TYPE in _types(entry)]
        if not entries:
            raise ValueError("no chip evidence")
        cards = {_word(entry, "card") for entry in entries}
        if len(cards) != 1:
            raise ValueError("evidence of two cards")
        return Evidence(
            card=cards.pop(),
            read_at=min(_read_time(entry["read_at"]) for entry in entries),
            sources=tuple(_parse_source(entry) for entry in entries),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise Malformed("bad_evidence", "the evidence is not as it should be") from wrong


def _parse_source(entry: Mapping[str, Any]) -> SourceEvidence:
    told = SourceEvidence(
        source=_word(entry, "source"),
        origins=tuple(_parse_origin(origin) for origin in _objects(entry.get("origins", []), MAX_ORIGINS)),
        data_authenticity=_parse_finding(entry["data_authenticity"]),
        chip_genuineness=_parse_finding(entry["chip_genuineness"]),
        holder_verification=_parse_finding(entry["holder_verification"]),
        revocation=_parse_revocation(entry["revocation"]),
        trust_anchor=_member(Environment, entry["trust_anchor"]),
        anchor=_word(entry, "anchor", ""),
    )
    words = [_text(word) for word in _sequence(entry.get("not_checked", []), MAX_ORIGINS)]
    return replace(told, unexamined=tuple(word for word in words if word not in told.not_checked))


def _parse_finding(value: Mapping[str, Any]) -> Finding:
    return Finding(
        answer=_member(Answer, value["answer"]), by=_word(value, "by", ""), reason=_word(value, "reason", "")
    )


def _parse_revocation(value: Mapping[str, Any]) -> RevocationFinding:
    times = {name: _read_time(value[name]) for name in _TIMES if name in value}
    return RevocationFinding(
        answer=_member(RevocationAnswer, value["answer"]),
        source=_word(value, "source", ""),
        reason=_word(value, "reason", ""),
        **times,
    )


def _parse_origin(value: Mapping[str, Any]) -> Origin:
    derived = value.get("derived", False)
    if not isinstance(derived, bool):
        raise TypeError("derived")
    return Origin(
        claim=_word(value, "claim"),
        kind=_member(OriginKind, value["kind"]),
        file=_word(value, "file"),
        signed_by=_word(value, "signed_by", ""),
        derived=derived,
    )


def _objects(value: object, most: int) -> list[Mapping[str, Any]]:
    found = _sequence([value] if isinstance(value, Mapping) else value, most)
    if not all(isinstance(entry, Mapping) for entry in found):
        raise TypeError("not an object")
    return list(found)


def _sequence(value: object, most: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise TypeError("not a list, or too long a one")
    return value


def _types(entry: Mapping[str, Any]) -> tuple[object, ...]:
    kind = entry.get("type", ())
    return tuple(kind) if isinstance(kind, list | tuple) else (kind,)


def _member(kind: type[_E], value: object) -> _E:
    return kind(_text(value))


def _word(entry: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = entry[name] if default is None else entry.get(name, default)
    return "" if default == "" and value == "" else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise ValueError("not a word")
    return value


def _write_time(seconds: int, resolution: int) -> str:
    return datetime.fromtimestamp(seconds - seconds % resolution, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_time(value: object) -> int:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("not a time")
    return int(datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
