"""The contexts that a process knows, by address. What is not here is ``Unsupported("unknown_context")``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from common.encoding import parse_json_object
from common.errors import Malformed, Unsupported
from common.proofs.contexts.table import TABLE


class ContextStore:
    """Context documents by address. Immutable; ``extended`` makes another one.

    A deployment works with ``PINNED``; tests and conformance runs extend it with the contexts that their fixtures name.
    """

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._bytes = dict(documents)
        self._parsed: dict[str, dict[str, Any]] = {}

    def __contains__(self, address: object) -> bool:
        return address in self._bytes

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(self._bytes)

    def read_bytes(self, address: str) -> bytes:
        """The document as published, for digests. Raises Unsupported("unknown_context")."""
        try:
            return self._bytes[address]
        except KeyError:
            raise Unsupported(
                "unknown_context",
                f"the context {address[:200]!r} is not among those carried here, and none is fetched",
                known=self.addresses,
            ) from None

    def document(self, address: str) -> dict[str, Any]:
        """The parsed document, ``{"@context": …}``; shared, never to be changed. Raises Unsupported("unknown_context")."""
        found = self._parsed.get(address)
        if found is None:
            found = parse_json_object(self.read_bytes(address))
            if "@context" not in found:
                raise Malformed("bad_context", f"the document at {address} has no @context")
            self._parsed[address] = found
        return found

    def extended(self, documents: Mapping[str, bytes]) -> ContextStore:
        """This store and more. Raises ValueError for an address that is pinned already with other bytes."""
        for address, data in documents.items():
            if self._bytes.get(address, data) != data:
                raise ValueError(f"{address} is pinned with other bytes")
        return ContextStore({**self._bytes, **documents})


def _carried() -> dict[str, bytes]:
    folder = resources.files(__package__)
    return {each.address: (folder / each.file).read_bytes() for each in TABLE}


PINNED = ContextStore(_carried())
"""What the product carries."""


def context_bytes(address: str) -> bytes:
    """The pinned document as published. Raises Unsupported("unknown_context")."""
    return PINNED.read_bytes(address)


def context_document(address: str) -> Mapping[str, Any]:
    """The pinned document, parsed. Raises Unsupported("unknown_context")."""
    return PINNED.document(address)
