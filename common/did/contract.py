"""What a DID method must offer. Add one: a file in ``methods/``, a line in ``registry.py``, vectors in its test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeGuard

from common.did.syntax import ParsedDid
from common.errors import Rejected
from common.ports import Fetch


class DidNotFound(Rejected):
    """The DID, or the version asked for, does not exist. Nobody's key can be found in it, hence the reason ``untrusted_key``."""

    def __init__(self, detail: str) -> None:
        super().__init__("untrusted_key", detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierVersion:
    """A document that a proven log once held. Valid from since until ``until``, seconds since 1970."""

    document: Mapping[str, Any]
    since: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What resolving gave. document None exactly where the DID was deactivated.

    metadata: DID document metadata (DID Core 1.0 §7.1.3). earlier: newest first, for methods that prove their history. since: when the
    document became valid, None where nobody proves it. version_ids: of all proven versions, oldest first. lifetime: seconds for which
    the controller wishes it to be remembered at most, None where it does not say.
    """

    document: dict[str, Any] | None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    earlier: tuple[EarlierVersion, ...] = ()
    since: int | None = None
    version_ids: tuple[str, ...] = ()
    lifetime: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionQuery:
    """Which version of a document is wanted: by its id, its number (did:webvh), or a time in microseconds since 1970. One of them."""

    version_id: str | None = None
    version_number: int | None = None
    version_time: int | None = None


class DidMethod(Protocol):
    """One DID method, read side."""

    @property
    def name(self) -> str:
        """The method's name, as between the first two colons."""

    @property
    def self_contained(self) -> bool:
        """True where the document follows from the DID alone: no network, and the same for ever."""

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool, now: int) -> Resolved:
        """The newest DID document, as JSON. Its ``id`` is the DID, unless the method itself proves that it moved.

        Raises Malformed for an identifier or a document that breaks the method's rules, DidNotFound for a DID that does not exist,
        Rejected for one that is not to be believed, Unavailable when the network does not answer, Refused when it may not be asked.
        """


class VersionedDidMethod(DidMethod, Protocol):
    """A method whose older documents can be had too."""

    def resolve_version(
        self, did: ParsedDid, version: VersionQuery, *, fetch: Fetch, sandbox: bool, now: int
    ) -> Resolved:
        """The document of that version, also of a DID that is deactivated now. Raises as `resolve` does."""


def is_versioned(method: DidMethod) -> TypeGuard[VersionedDidMethod]:
    """Whether the method is a `VersionedDidMethod`."""
    return hasattr(method, "resolve_version")
