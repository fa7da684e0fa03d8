"""A school's issuer as a real server over https, under host names of its own, for whoever relays a card to it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.adapters.websocket import WebSocket, open_websocket
from common.cards.relay import MAX_FRAME, SUBPROTOCOL
from common.web.connection import Connection
from common.web.server import websocket_options
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from issuer.app import build_app
from tests.issuer.card_desk import open_card_school
from tests.issuer.school import TENANT, School
from tests.ports import free_port
from wallet_agent.reading.invitation import Invitation

HOST, OTHER = "issuer.example", "elsewhere.example"
ADDRESSES = {HOST: "127.0.0.1", OTHER: "127.0.0.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayServer:
    """root: the authority that the holder's machine believes for TLS."""

    school: School
    port: int
    root: Path

    def invite(self) -> str:
        """A link, as the staff gets it."""
        made = self.school.client.post(f"/{TENANT}/api/cards/invitations", headers=self.school.staff)
        assert made.status_code == 201, made.text
        link: str = made.json()["link"]
        return link

    def connect(self, invitation: Invitation, **changed: Any) -> WebSocket:
        options: dict[str, Any] = {
            "subprotocol": SUBPROTOCOL,
            "headers": {"Authorization": f"Bearer {invitation.token}"},
            "max_frame": MAX_FRAME,
            "sandbox": True,
            "addresses": ADDRESSES,
            "extra_roots": (self.root,),
            **changed,
        }
        return open_websocket(invitation.relay, **options)


@contextlib.contextmanager
def serving(folder: Path, *, https: bool = True, **more: Any) -> Iterator[RelayServer]:
    """https: else plain http under localhost, for browsers."""
    port = free_port()
    public = f"https://{HOST}:{port}" if https else f"http://localhost:{port}"
    school = open_card_school(folder, public_url=public, **more)
    ca = make_ca("Tegata sandbox CA", now=int(time.time()))
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = issue_leaf(
        ca, key.public_key(), name=HOST, use=Use.TLS_SERVER, now=int(time.time()), dns_names=[HOST, OTHER], days=1
    )
    (folder / "ca.pem").write_bytes(ca.pem)
    (folder / "tls.pem").write_bytes(leaf.pem)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.key").write_bytes(key.private_bytes(*form))
    config = uvicorn.Config(
        build_app(school.deps),
        host="127.0.0.1",
        port=port,
        http=Connection,
        log_config=None,
        timeout_keep_alive=30,
        access_log=False,
        ssl_certfile=folder / "tls.pem" if https else None,
        ssl_keyfile=folder / "tls.key" if https else None,
        **websocket_options(MAX_FRAME),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.02)
    try:
        yield RelayServer(school=school, port=port, root=folder / "ca.pem")
    finally:
        server.should_exit = True
        thread.join(15)
