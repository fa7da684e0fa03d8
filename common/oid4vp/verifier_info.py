"""``verifier_info``: what a verifier says about itself and its purpose (OpenID4VP 1.0 §5.1, §5.11).

One format of our own, `PURPOSE`: names and reasons in several languages. It is the verifier's word, signed with the request and by
nobody else: a wallet shows it as a statement, next to the proven client identifier, never instead of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from common.errors import Malformed
from common.oauth.wire import ShortText, Wire, read_wire

PURPOSE = "urn:tegata:verifier-info:purpose"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierInfo:
    """data: an object or text, by the format. credential_ids: DCQL ids it is about; empty means all."""

    format: str
    data: Mapping[str, Any] | str = field(repr=False)
    credential_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Language tag → text: who says it asks, why it asks, and what happens to the data. Plain text, to be escaped."""

    names: Mapping[str, str]
    purposes: Mapping[str, str]
    retention: Mapping[str, str] = field(default_factory=dict)


_Texts = Annotated[dict[ShortText, Annotated[str, Field(max_length=1000)]], Field(max_length=16)]


class InfoWire(Wire):
    """One entry, as the request object's wire model contains it."""

    format: ShortText
    data: dict[str, Any] | Annotated[str, Field(max_length=65536)]
    credential_ids: Annotated[list[ShortText], Field(min_length=1, max_length=64)] | None = None


class _PurposeWire(Wire):
    names: _Texts = {}  # noqa: RUF012 (pydantic copies defaults)
    purposes: _Texts = {}  # noqa: RUF012
    retention: _Texts = {}  # noqa: RUF012


def read_info(wire: InfoWire) -> VerifierInfo:
    return VerifierInfo(format=wire.format, data=wire.data, credential_ids=tuple(wire.credential_ids or ()))


def build_info(info: VerifierInfo) -> dict[str, Any]:
    """One entry as JSON."""
    body: dict[str, Any] = {"format": info.format, "data": info.data}
    if info.credential_ids:
        body["credential_ids"] = list(info.credential_ids)
    return body


def build_purpose(purpose: Purpose) -> VerifierInfo:
    """The entry that carries names and reasons."""
    data = {"names": dict(purpose.names), "purposes": dict(purpose.purposes)}
    if purpose.retention:
        data["retention"] = dict(purpose.retention)
    return VerifierInfo(format=PURPOSE, data=data)


def find_purpose(entries: Sequence[VerifierInfo]) -> Purpose | None:
    """The first readable purpose; other and broken entries are ignored, as §5.11 wants."""
    for entry in entries:
        if entry.format != PURPOSE or isinstance(entry.data, str):
            continue
        try:
            wire = read_wire(_PurposeWire, entry.data, code="bad_purpose")
        except Malformed:
            continue
        return Purpose(names=wire.names, purposes=wire.purposes, retention=wire.retention)
    return None
