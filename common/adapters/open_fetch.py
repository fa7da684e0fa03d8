"""The guarded way to the network as a program's settings want it: whom it may reach, and who writes down what was said."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from common.adapters.http import Exchange, GuardedFetch
from common.adapters.wire_log import WireLog
from common.settings import ProgramSettings


def open_fetch(settings: ProgramSettings) -> GuardedFetch:
    """One for the life of the process; close it at shutdown. In a sandbox with ``wire_log`` every exchange is recorded.

    Only a sandbox tells others the id of the request that is being served: two issuers that are asked while one page is made could
    compare it, and know that their cards lie in one wallet.
    """
    hosts = {name: address for name, _, address in (entry.partition("=") for entry in settings.fetch_hosts)}
    return GuardedFetch(
        sandbox=settings.may_fetch_loopback,
        private_hosts=frozenset(hosts),
        addresses={name: address for name, address in hosts.items() if address},
        extra_roots=settings.fetch_roots,
        request_id=_request_id if settings.is_sandbox else None,
        on_exchange=_recorder(WireLog(settings.wire_log, settings.program)) if settings.wire_log else None,
    )


def _request_id() -> str | None:
    return structlog.contextvars.get_contextvars().get("request_id")


def _recorder(log: WireLog) -> Callable[[Exchange], None]:
    def record(exchange: Exchange) -> None:
        log.write(
            "out",
            exchange.method,
            exchange.url,
            exchange.status,
            request=(exchange.request_headers.get("content-type", ""), exchange.request_body),
            response=(exchange.response_headers.get("content-type", ""), exchange.response_body),
            seconds=exchange.milliseconds / 1000,
        )

    return record
