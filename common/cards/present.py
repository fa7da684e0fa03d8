"""Presenting a person's secret to a card: counter first, then the question, then the secret, once, and then it is forgotten."""

from __future__ import annotations

import re

from common.cards.channel import CardChannel
from common.cards.files import tries_left, verify_pin
from common.cards.prompts import ReadRequest, SecretKind, SecretPrompt
from common.errors import Malformed, PinBlocked


def present_secret(channel: CardChannel, request: ReadRequest, kind: SecretKind, *, p2: int = 0x80) -> None:
    """Asks the card how many tries are left, the person for the secret, and presents it (`verify_pin`). p2: as there.

    What cannot be the secret by its form is not sent, so it spends no try: Malformed("secret_malformed").
    Raises PinBlocked (before anybody is asked), PinWrong, Refused (the person's, or "last_try"), CardError.
    """
    left = tries_left(channel, p2=p2)
    if left == 0:
        raise PinBlocked
    given = request.ask(SecretPrompt(kind=kind, tries_left=left))
    try:
        if not re.fullmatch(kind.pattern.encode("ascii"), given.secret.reveal()):
            raise Malformed("secret_malformed", f"this cannot be what is asked for: {kind.name}")
        verify_pin(channel, given.secret, p2=p2, last_try_ok=given.last_try_ok, what=f"check {kind.name}")
    finally:
        given.secret.forget()
