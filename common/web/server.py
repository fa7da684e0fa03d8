"""The HTTP server: uvicorn, one or several worker processes behind one port, TLS when certificates are set, an orderly end.

Each worker builds its own app by calling the factory, which reads the settings afresh: what a worker must know stands in the
environment or the TOML file, not in an option of the parent.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from types import FrameType
from typing import Any

import anyio.to_thread
import uvicorn
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from common.settings import ProgramSettings
from common.web.connection import Connection

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own would hand out the texts of exceptions to whatever the environment names; ours is `common.adapters.metrics`."""

SIGN_OF_LIFE = 15.0
"""Seconds between two pings of an open WebSocket, and as long again until a silent peer is given up."""


def serve(app_factory: str, settings: ProgramSettings, *, websockets: int = 0) -> None:
    """Serves until SIGTERM or SIGINT; requests in work get ``shutdown_seconds``. app_factory: ``"issuer.app:create_app"``.

    websockets: largest message of a WebSocket in bytes, 0 for a program that has none.

    An end that was asked for is exit status 0. (uvicorn, done with its shutdown, raises the signal once more for whoever ran it.)
    """
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(_leave_stuck_requests)
        signal.signal(signal.SIGTERM, _asked_to_end)
        if settings.workers > 1:
            # Counters of all workers are summed through files; prometheus_client looks for this name when a worker imports it.
            folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="tegata-metrics-"))
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        uvicorn.run(
            app_factory,
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            loop="uvloop",
            http=Connection,
            lifespan="on",
            **websocket_options(websockets),
            proxy_headers=bool(settings.forwarded_from),
            forwarded_allow_ips=list(settings.forwarded_from),
            server_header=False,
            access_log=False,
            log_config=None,
            log_level=getattr(logging, settings.log_level.upper()),
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
            reset_contextvars=True,  # else one request's id could stand in the log lines of another
            timeout_keep_alive=settings.idle_seconds,
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )


def websocket_options(largest: int) -> dict[str, Any]:
    """What uvicorn is told about WebSockets: none, or bounded messages, nothing compressed, and a sign of life every 15 seconds."""
    if not largest:
        return {"ws": "none"}
    return {
        "ws": "websockets-sansio",
        "ws_max_size": largest,
        "ws_ping_interval": SIGN_OF_LIFE,
        "ws_ping_timeout": SIGN_OF_LIFE,
        "ws_per_message_deflate": False,
    }


def names_no_path(record: logging.LogRecord) -> bool:
    """A filter: uvicorn's own line for each WebSocket names the client's address and the path, which `common.web.edge` never does."""
    return '"WebSocket ' not in str(record.msg)


def _leave_stuck_requests() -> None:
    """Ends the process where a request has outstayed ``shutdown_seconds``: Python would wait for its thread, for ever if need be.

    It dies as by kill -9, which every commit of ours withstands.
    """
    ours = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    for one in ours:
        one.join(timeout=0.5 / len(ours))
    if any(one.is_alive() for one in ours):
        logging.getLogger("tegata.server").warning("a request that did not end was left behind")
        os._exit(0)


def _asked_to_end(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def make_lifespan(
    settings: ProgramSettings, *, start: Sequence[Callable[[], object]] = (), stop: Sequence[Callable[[], object]] = ()
) -> Callable[[FastAPI], Any]:
    """The lifespan of a program's app: bounds the threads, runs ``start`` before the first request and ``stop`` after the last.

    Both run in a worker thread, in order; a failing stop does not keep the others from running.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        logging.getLogger("uvicorn.error").addFilter(names_no_path)
        for act in start:
            await anyio.to_thread.run_sync(act)
        gc.collect()
        gc.freeze()  # what stands now stays: looking through it again and again would find nothing
        try:
            yield
        finally:
            for act in stop:
                try:
                    await anyio.to_thread.run_sync(act)
                except Exception:
                    logging.getLogger("tegata.server").exception("a step of the shutdown failed")

    return lifespan
