"""The card relay's endpoint, and the invitations that lead to it. Protocol: `common.cards.relay`; what is said: `issuer.flows.relay_card`.

A relay holds a thread for as long as a person takes to type. So relays have threads of their own, `MAX_RELAYS` in a process, and people who
are being relayed take nothing from those who are served; one more is told to come back.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import anyio
import anyio.from_thread
import anyio.to_thread
import structlog
from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect
from pydantic import BaseModel

from common.cards.relay import MAX_FRAME, SUBPROTOCOL, End, build_text
from common.errors import TegataError, Unavailable
from common.web.limits import client_address
from common.web.login import Visitor
from issuer.deps import Deps
from issuer.flows.invite_card import invite_card
from issuer.flows.open_card_session import find_card_session, is_card_token, origin_of
from issuer.flows.relay_card import relay_card

MAX_RELAYS: Final = 32
"""In one process. Each is a thread that sleeps, and for moments a database connection."""
MAX_OF_SESSION: Final = 2
"""One that is used, and one that hangs where a link broke off. More would let one invitation keep everybody else out."""
MAX_OF_ADDRESS: Final = 8
"""From one address, as `client_address` counts them: where anyone may begin (``card_page``), nobody alone keeps all others out."""
SEND_SECONDS: Final = 20.0
_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_-]{16,128})", re.ASCII)

log = structlog.get_logger("issuer.relay")


class Occupied:
    """How many relays this process holds now: of each session, from each address. Counted in the event loop, so by one at a time."""

    def __init__(self) -> None:
        self.of_session: Counter[str] = Counter()
        self.of_address: Counter[str] = Counter()

    @property
    def value(self) -> int:
        return self.of_session.total()

    def is_full(self, session_id: str, address: str) -> bool:
        return (
            self.value >= MAX_RELAYS
            or self.of_session[session_id] >= MAX_OF_SESSION
            or self.of_address[address] >= MAX_OF_ADDRESS
        )

    @contextlib.contextmanager
    def one(self, session_id: str, address: str) -> Iterator[None]:
        self.of_session[session_id] += 1
        self.of_address[address] += 1
        try:
            yield
        finally:
            self.of_session[session_id] -= 1
            self.of_address[address] -= 1
            # forgets those that are none
            self.of_session, self.of_address = +self.of_session, +self.of_address


BUSY = Occupied()


class InvitationOut(BaseModel):
    """link: for the holder alone; whoever has it can have a card read in this session. expires_at: seconds since 1970."""

    session: str
    link: str
    expires_at: int


def card_relay_routes(deps: Deps) -> APIRouter:
    router = APIRouter(tags=["staff"])
    desk = deps.desk
    staff = Depends(deps.login.api("staff"))
    threads = anyio.CapacityLimiter(MAX_RELAYS)
    own_origin = origin_of(desk.settings.public_url)

    @router.post("/{tenant}/api/cards/invitations", status_code=201)
    def invite(visitor: Visitor = staff) -> InvitationOut:
        """A link with which somebody can prove themselves with a card in their own reader (`tegata wallet card LINK`)."""
        made = invite_card(desk, visitor.tenant, actor=visitor.actor)
        link = desk.addresses.invitation(visitor.tenant, made.id, made.token)
        return InvitationOut(session=made.id, link=link, expires_at=made.expires_at)

    @router.websocket("/{tenant}/card/{session_id}/relay")
    async def relay(socket: WebSocket, tenant: str, session_id: str) -> None:
        if not await anyio.to_thread.run_sync(_may_enter, desk, tenant, session_id, socket, own_origin):
            await socket.close()  # before it was accepted: 403
            return
        address = client_address(socket)
        if BUSY.is_full(session_id, address):
            await socket.accept(subprotocol=SUBPROTOCOL)
            await socket.send_text(
                build_text(End("relays_full", "too many cards are being read here just now; try again in a minute"))
            )
            await socket.close()
            return
        with BUSY.one(session_id, address):
            await socket.accept(subprotocol=SUBPROTOCOL)
            outcome = await anyio.to_thread.run_sync(partial(_run, deps, tenant, session_id, socket), limiter=threads)
            log.info("card_relay", outcome=outcome)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close()

    return router


def _may_enter(desk: Any, tenant: str, session_id: str, socket: WebSocket, own_origin: str) -> bool:
    """By the invitation's token, and from no other page: a browser names its page's origin, our client is none."""
    bearer = _BEARER.fullmatch(socket.headers.get("authorization", ""))
    if bearer is None or socket.headers.get("origin", own_origin) != own_origin:
        return False
    if SUBPROTOCOL not in socket.scope.get("subprotocols", ()):
        return False
    try:
        desk.keys.identity(tenant)
        if not is_card_token(desk, tenant, session_id, bearer[1]):
            return False
        find_card_session(desk, tenant, session_id)
    except TegataError:
        return False
    return True


def _run(deps: Deps, tenant: str, session_id: str, socket: WebSocket) -> str:
    """In a thread of the relays. Answers a word for the log; whatever happens, the holder is told and nothing is left behind."""
    line = _SocketLine(socket)
    try:
        relay_card(deps.desk, tenant, session_id, line)
    except TegataError as error:
        with contextlib.suppress(TegataError):
            line.send(build_text(End(error.code, error.detail[:512])))
        return error.code
    except Exception as error:
        log.error("card_relay_failed", kind=type(error).__name__, exc_info=error)
        with contextlib.suppress(TegataError):
            line.send(build_text(End("internal_error")))
        return "internal_error"
    finally:
        deps.database.close()
    return "offered"


class _SocketLine:
    """`common.cards.relay.Line` over a WebSocket of the event loop, for a thread that the loop has started."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._is_lost = False

    def send(self, frame: str | bytes) -> None:
        self._call(self._send, frame)

    def receive(self, seconds: float) -> str | bytes:
        frame: str | bytes = self._call(self._receive, seconds)
        return frame

    def _call(self, act: Any, argument: Any) -> Any:
        if self._is_lost:
            raise _lost()
        try:
            return anyio.from_thread.run(act, argument)
        except TimeoutError:
            raise Unavailable("link_slow", "the holder's side did not answer in time") from None
        except (WebSocketDisconnect, RuntimeError, OSError):
            self._is_lost = True
            raise _lost() from None

    async def _send(self, frame: str | bytes) -> None:
        with anyio.fail_after(SEND_SECONDS):
            if isinstance(frame, str):
                await self._socket.send_text(frame)
            else:
                await self._socket.send_bytes(frame)

    async def _receive(self, seconds: float) -> str | bytes:
        with anyio.fail_after(seconds):
            message = await self._socket.receive()
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect
        data = message.get("bytes")
        frame: str | bytes = data if data is not None else message.get("text") or ""
        if len(frame) > MAX_FRAME:
            raise WebSocketDisconnect
        return frame


def _lost() -> Unavailable:
    return Unavailable("link_lost", "the link to the holder's side broke off")
