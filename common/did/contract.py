"""What a DID method must offer. Add one: a file in ``methods/``, a line in ``registry.py``, vectors in its test."""

from __future__ import annotations

from typing import Any, Protocol

from common.did.syntax import ParsedDid
from common.ports import Fetch


class DidMethod(Protocol):
    """One DID method, read side."""

    @property
    def name(self) -> str:
        """The method's name, as between the first two colons."""

    @property
    def self_contained(self) -> bool:
        """True where the document follows from the DID alone: no network, and the same for ever."""

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool) -> dict[str, Any]:
        """The DID document, as JSON. Its ``id`` is the DID.

        Raises Malformed for an identifier or a document that breaks the method's rules, Rejected("untrusted_key") for a DID that was
        deactivated or does not exist, Unavailable when the network does not answer, Refused when it may not be asked.
        """
