"""What the flows with many needs are given: the ports and what this deployment believes. ``deps`` makes it."""

from __future__ import annotations

from dataclasses import dataclass

from common.did.resolve import Resolver
from common.ports import Clock, Fetch
from common.status.fetch_status import StatusChecker
from common.trust.anchors import Anchors
from common.trust.issuer_key import IssuerKeyFinder


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """lease: seconds that one process may work on an offer before another takes it up. batch: copies of a card to ask for."""

    fetch: Fetch
    clock: Clock
    resolver: Resolver
    anchors: Anchors
    keys: IssuerKeyFinder
    statuses: StatusChecker
    sandbox: bool
    lease: int = 30
    batch: int = 4
