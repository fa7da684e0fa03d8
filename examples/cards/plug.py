"""Puts a virtual card into the virtual reader of pcscd (Debian's vsmartcard-vpcd), and takes it out again.

The reader listens, the card connects. A message is two bytes of length (big endian) and so many bytes. From the reader: one byte 00
power off, 01 power on, 02 reset (none is answered), 04 give your ATR; anything longer is a command APDU. The connection *is* the
card's presence.

with plug(chip, port=35963):
    …  # pcscd looks for cards every 400 ms
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Thread
from types import TracebackType

from examples.cards.chip import Card, Removed

PORT = 35963
"""Where the packaged reader's first slot listens; the second one at the next port."""
_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4
_MOST = 65535
"""Bytes of one message: the length field has two bytes."""
_QUICK = getattr(socket, "TCP_QUICKACK", None)


class Plugged:
    """A card in a reader. ``card`` may be exchanged for another one while it is in: the reader notices nothing before it resets it."""

    def __init__(self, card: Card, connection: socket.socket) -> None:
        self.card = card
        self._connection = connection
        self._unread = b""
        self._thread = Thread(target=self._serve, name="virtual-card", daemon=True)
        self._thread.start()

    @property
    def is_in(self) -> bool:
        return self._thread.is_alive()

    def remove(self) -> None:
        """Takes the card out. A second time does nothing."""
        with suppress(OSError):  # the reader was faster
            self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._connection.close()

    def wait(self) -> None:
        """Until the card is out: removed by its own doing, or because the reader is gone."""
        self._thread.join()

    def __enter__(self) -> Plugged:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def _serve(self) -> None:
        try:
            while (message := self._receive()) is not None:
                answer = self._answer(message)
                if answer is not None:
                    self._connection.sendall(len(answer).to_bytes(2, "big") + answer)
        except (Removed, OSError):
            pass
        finally:
            self._connection.close()

    def _answer(self, message: bytes) -> bytes | None:
        if len(message) != 1:
            return self._fitting(self.card.answer(message)) if message else None
        if message[0] in (_OFF, _ON, _RESET):
            self.card.power()
        return self.card.atr if message[0] == _ATR else None

    @staticmethod
    def _fitting(answer: bytes) -> bytes:
        """The longest answers of all, of more than 65 533 bytes, do not fit into a message: as if they had been asked for less."""
        return answer if len(answer) <= _MOST else answer[: _MOST - 2] + answer[-2:]

    def _receive(self) -> bytes | None:
        """One message; None where the reader hung up."""
        head = self._take(2)
        return None if head is None else self._take(int.from_bytes(head, "big"))

    def _take(self, size: int) -> bytes | None:
        while len(self._unread) < size:
            # The driver sends length and body apart, and without an acknowledgement of the first the second waits 40 ms for it
            # (Nagle against delayed ACK). The system forgets the option, so it is set before every read.
            if _QUICK is not None:
                self._connection.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)
            more = self._connection.recv(_MOST)
            if not more:
                return None
            self._unread += more
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken


def plug(card: Card, *, port: int = PORT, host: str = "127.0.0.1", patience: float = 5.0) -> Plugged:
    """Inserts it. Raises OSError where no reader listens within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection = socket.create_connection((host, port), timeout=patience)
            break
        except OSError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Plugged(card, connection)
