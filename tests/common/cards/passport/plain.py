"""A protected session without protection, for tests that look at what is asked of a chip."""

from __future__ import annotations

from common.cards.apdu import Command, Response


class Plain:
    """Messaging that protects nothing, so that commands can be read."""

    def protect(self, command: Command) -> Command:
        return command

    def unprotect(self, response: Response) -> Response:
        return response

    def room(self, limit: int) -> int:
        return limit
