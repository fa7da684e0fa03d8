"""One status table, several renderings. A new one: a class like `Rendering` in ``renderings.py``, and its line in ``registry.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from common.ports import Signer

VALID, REVOKED, SUSPENDED = 0, 1, 2
"""What an entry of the table says of its credential. The numbers are those of Token Status List draft-20 §7.1."""
STATE = 0b011
REFRESH = 0b100
"""Beside the state: a newer version of this credential can be had (Bitstring Status List 1.0 §2.1, ``refresh``). Never taken back."""

Family = Literal["token_status_list", "bitstring"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTable:
    """One list as its issuer keeps it. values: index → state and refresh mark, all others are 0 (valid).

    version counts changes from 0; changed_at: seconds since 1970 of the last one.
    """

    size: int
    values: Mapping[int, int] = field(repr=False)
    version: int
    changed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIssuer:
    """Who signs a list: the issuer of the credentials in it, by the name and the key that they carry.

    id: https identifier or DID. key_id: what stands in ``kid``, or as verification method of a proof. x5c: base64 DER, leaf first.
    """

    id: str
    key_id: str
    signer: Signer = field(repr=False)
    x5c: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTimes:
    """Seconds since 1970, and ttl in seconds: how long a verifier may keep the list."""

    issued_at: int
    expires_at: int
    ttl: int


class Rendering(Protocol):
    """One way in which the table is published."""

    @property
    def name(self) -> str: ...

    @property
    def family(self) -> Family:
        """Which renderings share an address and are chosen between by ``Accept``."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """What to ask for to get it; the first is its own name, the others are broader ones that it answers to."""

    def render(
        self,
        table: StatusTable,
        *,
        uri: str,
        purpose: str,
        issuer: ListIssuer,
        times: ListTimes,
        aggregation_uri: str | None = None,
    ) -> bytes:
        """The signed list as it goes over the wire. purpose: of a bitstring; empty for Token Status Lists."""
