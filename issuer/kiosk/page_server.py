"""Serves the kiosk's page on loopback, with the kiosk in a thread beside it; ends both together."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from threading import Thread

import uvicorn

from common.errors import Misconfigured
from issuer.kiosk.page import build_page
from issuer.kiosk.page_person import PagePerson
from issuer.kiosk.visit import Kiosk

HOST = "127.0.0.1"


def serve_page(
    person: PagePerson, kiosk: Kiosk, *, key: str, port: int, announce: Callable[[str], None]
) -> None:  # fmt: skip
    """Until Ctrl-C or SIGTERM. port: 0 for any. announce: is told the address, once it answers. Raises Misconfigured for a port in use."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise Misconfigured("port", f"port {port} is in use; choose another with --port") from error
    thread = Thread(target=kiosk.serve, name="kiosk", daemon=True)
    thread.start()
    announce(f"http://{HOST}:{listener.getsockname()[1]}/{key}/")
    config = uvicorn.Config(
        build_page(person, key),
        ws="none",
        lifespan="off",
        server_header=False,
        access_log=False,
        log_config=None,
        log_level=logging.ERROR,
        timeout_graceful_shutdown=1,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        kiosk.stop()
        person.close()
        thread.join(5)
        listener.close()
