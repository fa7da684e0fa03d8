"""Card readers over PC/SC (pcsc-lite, Windows, macOS). The only place that speaks to pyscard. PC/SC Workgroup Specification part 5.

A card is opened in exclusive mode: no other program can reach it until it is closed, so nobody can select away under us or use what
a PIN has opened. (A transaction in shared mode would do the same, but Windows resets a card in one that is idle for five seconds, as
it is while a person types.) The card is reset on opening and on closing, so that no PIN of somebody else's session is taken for
ours, nor ours for theirs.

Everything here ends: waiting has a limit, and an exchange that takes longer than ``patience`` is given up. A call into PC/SC cannot be
interrupted; it runs in a thread of its own, which stays behind until the reader answers or goes away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Final

from common.adapters.card_traffic import trace
from common.errors import CardError, CardRemoved, TegataError, Unavailable

try:
    from smartcard import scard
except ImportError:  # an extra: whoever has no reader does not compile it
    scard = None

PATIENCE: Final = 30.0
"""Seconds for one exchange. The slowest honest one, an RSA signature on a card held at a distance, takes two."""
CARD_TIME: Final = 180.0
"""Seconds that a card may take in one conversation, all its answers together; a person who is typing costs nothing of it. A passport
with a large photo takes ten over the slowest readers."""
_LOOK_AGAIN: Final = 0.5
"""Seconds after which readers are listed anew, since one may have been plugged in."""
_BUSY: Final = 0.05
_NOTICED_WITHIN: Final = 1.5
"""Seconds within which the service notices that a card is gone (it asks some readers every 400 ms)."""


def list_readers() -> tuple[str, ...]:
    """The names of the readers that are there, with or without a card; sorted. Raises Unavailable where there is no PC/SC."""
    with _context() as context:
        return _readers(context)


def wait_for_card(*, seconds: float, readers: Sequence[str] | None = None) -> str:
    """The name of the first reader that holds a card, of those named or of all. Waits no longer than ``seconds`` for one.

    Raises Unavailable: "no_reader" where none of them is there, "no_card", or as `list_readers`.
    """
    deadline = monotonic() + seconds
    with _context() as context:
        while True:
            there = [name for name in _readers(context) if readers is None or name in readers]
            states = _states(context, there)
            for name, state in states:
                if state & scard.SCARD_STATE_PRESENT and not state & scard.SCARD_STATE_MUTE:
                    return name
            left = deadline - monotonic()
            if left <= 0:
                raise _no_card() if there else Unavailable("no_reader", "no card reader is connected")
            _wait_for_change(context, states, min(left, _LOOK_AGAIN))


def wait_for_removal(reader: str, *, seconds: float) -> bool:
    """Whether the reader was empty, or gone itself, at some time in the next ``seconds``. Raises Unavailable as `list_readers`."""
    deadline = monotonic() + seconds
    with _context() as context:
        while True:
            states = _states(context, [reader])
            if not all(state & scard.SCARD_STATE_PRESENT for _, state in states) or not states:
                return True
            left = deadline - monotonic()
            if left <= 0:
                return False
            _wait_for_change(context, states, min(left, _LOOK_AGAIN))


def count_moves(reader: str) -> int:
    """How often a card was put into that reader or taken out, as the service counts; only a change of it says something. -1 without the
    reader; always the same where a service does not count. Raises Unavailable as `list_readers`."""
    with _context() as context:
        states = _states(context, [reader])
        return states[0][1] >> 16 & 0xFFFF if states else -1


def open_card(
    reader: str, *, seconds: float = 3.0, patience: float = PATIENCE, card_time: float = CARD_TIME
) -> PcscConnection:
    """The card in that reader, for us alone, freshly reset. Waits up to ``seconds`` for a card that is just being inserted, or for a
    program that holds it. patience: seconds for one answer; card_time: for all of them together.

    Raises Unavailable: "no_reader", "no_card", "reader_busy"; CardError: "card_mute", "card_protocol".
    """
    deadline = monotonic() + seconds
    context = _establish()
    try:
        while True:
            outcome, handle, _ = scard.SCardConnect(
                context, reader, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1
            )
            if outcome == scard.SCARD_S_SUCCESS:
                outcome, _ = scard.SCardReconnect(
                    handle, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1, scard.SCARD_RESET_CARD
                )
                if outcome == scard.SCARD_S_SUCCESS:
                    return PcscConnection(context, handle, reader, patience=patience, card_time=card_time)
                scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)
            if monotonic() >= deadline or outcome in (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_PROTO_MISMATCH):
                raise _refused(outcome)
            sleep(_BUSY)
    except BaseException:
        scard.SCardReleaseContext(context)
        raise


class PcscConnection:
    """A card held for us: `common.ports.CardConnection`. `open_card` makes it; close it, or use it with ``with``.

    Used by one thread at a time. After CardRemoved or "reader_slow" it says nothing more than that.
    """

    def __init__(self, context: int, handle: int, reader: str, *, patience: float, card_time: float) -> None:
        self.reader = reader
        self._context, self._handle = context, handle
        self._patience, self._card_time = patience, card_time
        self._worker: _Worker | None = _Worker()
        self._failure: Callable[[], TegataError] | None = None
        self._hangs = False

    @property
    def is_lost(self) -> bool:
        """Whether the card is gone or does not answer any more."""
        return self._failure is not None

    def __enter__(self) -> PcscConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def transmit(self, command: bytes) -> bytes:
        """As the port says. Raises CardRemoved, Unavailable("reader_failed" | "reader_slow")."""
        if self._worker is None:
            raise Unavailable("reader_failed", "the card was closed")
        if self._failure is not None:
            raise self._failure()
        sent = list(command)
        asked = monotonic()
        try:
            outcome, answer = self._worker.call(
                lambda: scard.SCardTransmit(self._handle, scard.SCARD_PCI_T1, sent),
                min(self._patience, self._card_time),
            )
        except TimeoutError:
            self._hangs = True
            self._failure = lambda: Unavailable("reader_slow", "the card did not answer in time")
            raise self._failure() from None
        self._card_time = max(0.0, self._card_time - (monotonic() - asked))
        # Some drivers say success of an exchange that brought nothing.
        if outcome != scard.SCARD_S_SUCCESS or not answer:
            if not self._is_gone(outcome):
                raise Unavailable("reader_failed", "the card reader did not carry the command")
            self._failure = CardRemoved
            raise self._failure()
        told = bytes(byte & 0xFF for byte in answer)
        trace(command, told)
        return told

    def close(self) -> None:
        """Resets the card and lets others at it. A second time does nothing; never raises, and waits for nobody who hangs."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.last(self._let_go, 0.0 if self._hangs else _NOTICED_WITHIN)

    def _let_go(self) -> None:
        scard.SCardDisconnect(self._handle, scard.SCARD_RESET_CARD)
        scard.SCardReleaseContext(self._context)

    def _is_gone(self, outcome: int) -> bool:
        """Whether an exchange failed because the card is not there any more. A driver may only say that it failed; the service looks
        for cards now and then, and is given the time to do so."""
        if outcome in (scard.SCARD_W_REMOVED_CARD, scard.SCARD_W_RESET_CARD, scard.SCARD_E_NO_SMARTCARD):
            return True
        try:
            return wait_for_removal(self.reader, seconds=_NOTICED_WITHIN)
        except Unavailable:
            return False


class _Worker:
    """A thread that makes one call after the other, while who asked waits only so long."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._answered: SimpleQueue[Any] = SimpleQueue()
        self._thread = Thread(target=self._run, name="card-reader", daemon=True)
        self._thread.start()

    def call(self, act: Callable[[], Any], seconds: float) -> Any:
        """Raises TimeoutError; the worker is of no use then but for `last`."""
        self._asked.put(act)
        try:
            return self._answered.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None

    def last(self, act: Callable[[], Any], seconds: float) -> None:
        """One more call, whenever it gets to it, and the end of the thread. Waits up to ``seconds`` for that."""
        self._asked.put(act)
        self._asked.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (act := self._asked.get()) is not None:
            self._answered.put(act())


def _establish() -> int:
    if scard is None:
        raise Unavailable("card_readers_missing", "card readers are not supported here: pyscard is not installed")
    outcome, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if outcome != scard.SCARD_S_SUCCESS:
        raise Unavailable("card_service_missing", "the PC/SC service (pcscd) does not answer")
    return int(context)


@contextmanager
def _context() -> Iterator[int]:
    context = _establish()
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def _readers(context: int) -> tuple[str, ...]:
    outcome, names = scard.SCardListReaders(context, [])
    if outcome == scard.SCARD_E_NO_READERS_AVAILABLE:
        return ()
    if outcome != scard.SCARD_S_SUCCESS:
        raise Unavailable("card_service_missing", "the PC/SC service (pcscd) does not answer")
    return tuple(sorted(names))


def _states(context: int, readers: Sequence[str]) -> list[tuple[str, int]]:
    """(reader, its state now); nothing where they have gone in the meantime."""
    if not readers:
        return []
    outcome, states = scard.SCardGetStatusChange(context, 0, [(name, scard.SCARD_STATE_UNAWARE) for name in readers])
    return [(name, state) for name, state, _ in states] if outcome == scard.SCARD_S_SUCCESS else []


def _wait_for_change(context: int, states: list[tuple[str, int]], seconds: float) -> None:
    if states:
        scard.SCardGetStatusChange(context, max(1, int(seconds * 1000)), states)
    else:
        sleep(seconds)


def _no_card() -> TegataError:
    return Unavailable("no_card", "no card is in the reader")


def _refused(outcome: int) -> TegataError:
    if outcome == scard.SCARD_E_SHARING_VIOLATION:
        return Unavailable("reader_busy", "another program holds the card")
    if outcome in (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE):
        return Unavailable("no_reader", "that card reader is not connected")
    if outcome == scard.SCARD_E_PROTO_MISMATCH:
        return CardError("card_protocol", "the card does not speak T=1")
    if outcome in (scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD):
        return CardError("card_mute", "the card does not answer")
    if outcome in (scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD):
        return _no_card()
    return Unavailable("reader_failed", "the card cannot be opened")
