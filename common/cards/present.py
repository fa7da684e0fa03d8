"""Presenting a person's secret to a card: counter first, then the question, then the secret, once, and then it is forgotten."""

from __future__ import annotations

import re

from common.cards.channel import CardChannel
from common.cards.files import Tries, ask_tries, check_may_try, verify_pin
from common.cards.prompts import ReadRequest, SecretKind, SecretPrompt
from common.errors import Malformed


def present_secret(
    channel: CardChannel, request: ReadRequest, kind: SecretKind, *, p2: int = 0x80, tries: Tries | None = None
) -> None:
    """Asks the card how many tries are left, the person for the secret, and presents it (`verify_pin`). p2, tries: as there.

    What cannot be the secret by its form is not sent, so it spends no try: Malformed("secret_malformed").
    Raises PinBlocked, CardError("pin_already_open") (both before anybody is asked), PinWrong, Refused (the person's, or "last_try").
    """
    if tries is None:
        tries = ask_tries(channel, p2=p2)
    check_may_try(tries)
    given = request.ask(SecretPrompt(kind=kind, tries_left=tries.left))
    try:
        if not re.fullmatch(kind.pattern.encode("ascii"), given.secret.reveal()):
            raise Malformed("secret_malformed", f"this cannot be what is asked for: {kind.name}")
        # The connection is ours alone, and a card that was exchanged meanwhile is gone: what it said still holds.
        verify_pin(channel, given.secret, p2=p2, tries=tries, last_try_ok=given.last_try_ok, what=f"check {kind.name}")
    finally:
        given.secret.forget()
