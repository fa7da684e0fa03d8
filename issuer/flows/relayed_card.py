"""A card in somebody else's reader as a `common.ports.CardConnection`: commands go over the relay, and what must not go is translated.

A driver presents a secret and asks for a signature as on any card. Here the first becomes ``present`` (the value is typed and sent at the
holder's side), the second ``sign`` (what is signed is built there); neither secret nor digest is on the line. See `common.cards.relay`.
"""

from __future__ import annotations

import re
import time
from typing import Final, NoReturn

from common.cards.possession import PossessionChallenge, build_digest_info, build_possession
from common.cards.prompts import GivenSecret, SecretKind, SecretPrompt
from common.cards.relay import (
    PERSON_SECONDS,
    STEP_SECONDS,
    Line,
    Open,
    Opened,
    Present,
    Sign,
    build_frame,
    build_text,
    expect,
    parse_frame,
    parse_from_holder,
)
from common.cards.secret import Secret
from common.encoding import b64url_encode
from common.errors import CardRemoved, Malformed, Refused, TegataError, Unavailable

_VERIFY: Final = 0x20
_SIGN: Final = b"\x80\x2a\x00"
_KEYS: Final = {0x9A: "jpki_signature", 0x97: "jpki_authentication", 0x00: "card"}
_NO_PIN: Final = b"****"
_MOST: Final = 32


class RelayedCard:
    """seconds: that are left of the session. One step at a time; after a failure every further one fails in the same way."""

    def __init__(self, line: Line, challenge: PossessionChallenge, *, seconds: float) -> None:
        self._line = line
        self._challenge = challenge
        self._signed = build_digest_info(build_possession(challenge))
        self._until = time.monotonic() + seconds
        self._index = 0
        self._awaited: SecretKind | None = None
        self._failed: TegataError | None = None

    def ask(self, prompt: SecretPrompt) -> GivenSecret:
        """Stands in for a secret that only the holder's side knows. Whether a last try is spent is decided there."""
        self._awaited = prompt.kind
        return GivenSecret(secret=Secret(_stand_in(prompt.kind)), last_try_ok=True)

    def transmit(self, command: bytes) -> bytes:
        """As the port says. Raises CardRemoved, Unavailable("link_lost" | "link_slow"), Refused with the code of the holder's ``end``."""
        frame, seconds = self._translate(command)
        answer = self._step(frame, seconds)
        if isinstance(answer, str):
            return self._fail(_ended(answer))
        index, apdu = self._parse(answer)
        if index != self._index - 1:
            return self._fail(Malformed("bad_relay_frame", "an answer to another step"))
        return apdu

    def open(self, kind: SecretKind) -> Opened:
        """The handshake at the holder's side. Raises as `transmit`."""
        answer = self._step(build_text(Open(self._index, kind.name)), PERSON_SECONDS)
        if isinstance(answer, bytes):
            return self._fail(Malformed("bad_relay_message", "session keys were due"))
        try:
            opened = expect(parse_from_holder(answer), Opened)
        except TegataError:
            return self._fail(_ended(answer))
        if opened.index != self._index - 1:
            return self._fail(Malformed("bad_relay_message", "an answer to another step"))
        return opened

    def _translate(self, command: bytes) -> tuple[str | bytes, float]:
        if len(command) > 5 and command[1] == _VERIFY and command[5:] != _NO_PIN:
            kind, self._awaited = self._awaited, None
            if kind is None:
                raise ValueError("a secret is about to leave that nobody was asked for")
            return build_text(Present(self._index, kind.name)), PERSON_SECONDS
        if command[:3] == _SIGN:
            if command[5 : 5 + len(self._signed)] != self._signed or command[3] not in _KEYS:
                raise ValueError("a signature over something else than this session's possession")
            sign = Sign(self._index, _KEYS[command[3]], self._challenge.session, b64url_encode(self._challenge.nonce))
            return build_text(sign), STEP_SECONDS
        return build_frame(self._index, command), STEP_SECONDS

    def _step(self, frame: str | bytes, seconds: float) -> str | bytes:
        if self._failed is not None:
            raise self._failed
        self._index += 1
        left = self._until - time.monotonic()
        if left <= 0:
            return self._fail(Unavailable("card_session_over", "the time of this session is over"))
        try:
            self._line.send(frame)
            return self._line.receive(min(seconds, left))
        except TegataError as error:
            return self._fail(error)

    def _parse(self, answer: bytes) -> tuple[int, bytes]:
        try:
            return parse_frame(answer)
        except Malformed as error:
            return self._fail(error)

    def _fail(self, error: TegataError) -> NoReturn:
        self._failed = error
        raise error


def _ended(text: str) -> TegataError:
    """What a text says that came instead of an answer."""
    try:
        expect(parse_from_holder(text), Opened)
    except Refused as refused:
        return CardRemoved() if refused.code == "card_removed" else refused
    except Malformed as malformed:
        return malformed
    return Malformed("bad_relay_message", "an answer to another step")


def _stand_in(kind: SecretKind) -> str:
    """Something of the secret's form. It is never sent; `RelayedCard.transmit` puts a message in its place."""
    for character in "0A":
        for length in range(1, _MOST + 1):
            if re.fullmatch(kind.pattern, character * length):
                return character * length
    raise ValueError(f"no value has the form of {kind.name}")
