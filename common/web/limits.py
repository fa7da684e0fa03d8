"""Bounds on guessing: how often one client may try at one thing of one tenant. Counted in the program's database.

The database is what the workers share already, and a count that survives a restart cannot be reset by causing one. A try costs one
upsert on a small table; only guessable things (transaction codes, tokens, claim pages) are counted, not every request.
Fixed windows: at most twice the limit fits around the edge of two windows, which a limit on guessing can bear.
"""

from __future__ import annotations

import hashlib
import ipaddress
from typing import Any

from limits import RateLimitItem, parse
from starlette.requests import HTTPConnection

from common.errors import Misconfigured, TooMany
from common.ports import Clock


class Limits:
    """Counts tries. table: what `common.web.tables.limit_table` made."""

    def __init__(self, clock: Clock, table: type[Any]) -> None:
        self.clock = clock
        self.table = table
        self._parsed: dict[str, RateLimitItem] = {}

    def count(self, tenant: str, limit: str, *subject: str) -> None:
        """Counts one try. limit: ``"5/minute"``. subject: what is tried and by whom (`client_address`); kept as a hash only.

        Raises TooMany once the window is full, with the seconds until the next one.
        """
        now = self.clock.now()
        item, window, seconds = self._window(limit, now)
        rows, digest = self.table, _digest(limit, subject)
        upsert = (
            rows.insert(tenant=tenant, subject=digest, window=window, count=1, expires_at=window + seconds)
            .on_conflict(conflict_target=[rows.tenant, rows.subject, rows.window], update={rows.count: rows.count + 1})
            .returning(rows.count)
        )
        (row,) = list(upsert.execute())  # one statement: the count that comes back is this try's own number
        if row.count > item.amount:
            raise _too_many(window + seconds - now)

    def require_room(self, tenant: str, limit: str, *subject: str) -> None:
        """Raises TooMany where the window is full already; counts nothing.

        For what is counted only when it was wrong: without this a guesser over the limit would still hear which guess was right.
        """
        now = self.clock.now()
        item, window, seconds = self._window(limit, now)
        rows = self.table
        row = rows.get_or_none(rows.tenant == tenant, rows.subject == _digest(limit, subject), rows.window == window)
        if row is not None and row.count >= item.amount:
            raise _too_many(window + seconds - now)

    def _window(self, limit: str, now: int) -> tuple[RateLimitItem, int, int]:
        """The limit, the beginning of its present window, and the window's length in seconds."""
        item = self._parsed.get(limit) or self._parsed.setdefault(limit, parse_limit(limit))
        seconds = item.get_expiry()
        return item, now - now % seconds, seconds

    def sweep(self, tenant: str) -> int:
        """Deletes the tenant's windows that are over. For the retention job."""
        rows = self.table
        return int(rows.delete().where(rows.tenant == tenant, rows.expires_at <= self.clock.now()).execute())


def _digest(limit: str, subject: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join((limit, *subject)).encode()).hexdigest()


def _too_many(wait: int) -> TooMany:
    return TooMany("too_many_tries", "too many tries; wait a little", retry_after=wait)


def parse_limit(text: str) -> RateLimitItem:
    """``"30/minute"`` as the package ``limits`` reads it. Raises Misconfigured."""
    try:
        return parse(text)
    except ValueError as error:
        raise Misconfigured("invalid_limit", f"{text!r} is not a limit such as 30/minute") from error


def client_address(request: HTTPConnection) -> str:
    """Whom to count: the peer's address (of a believed proxy: the one it forwards). An IPv6 client is its /64 network."""
    host = request.client.host if request.client else ""
    if ":" in host:
        try:
            return str(ipaddress.ip_network((host, 64), strict=False))
        except ValueError:
            return host
    return host
