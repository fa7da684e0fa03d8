"""One issued copy on its way into the table of credentials."""

from __future__ import annotations

from dataclasses import dataclass

from common.status.allocator import AllocatedIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """thumbprint: of the holder's key, empty where it has none. kid: of the issuer's.

    digest: what shall be time-stamped of it; empty for types that are not. cti: of a gate pass, in hex; empty for all else.
    """

    text: str
    index: AllocatedIndex
    thumbprint: str
    kid: str
    digest: str = ""
    cti: str = ""
