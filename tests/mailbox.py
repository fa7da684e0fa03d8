"""A mail server in this process that the issuer sends to."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_port


class Mailbox:
    """Takes everything. deliveries: (recipient, Message-ID) → how often it came. texts: recipient → the text of the last letter."""

    def __init__(self) -> None:
        self.deliveries: Counter[tuple[str, str]] = Counter()
        self.texts: dict[str, str] = {}
        self.port = free_port()
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    @property
    def settings(self) -> dict[str, str]:
        """The issuer's settings that reach it."""
        sender = {"smtp_from": "kyomu@sakuragawa.example", "mails_per_minute": "100000"}
        return {"smtp_host": "127.0.0.1", "smtp_port": str(self.port), "smtp_security": "none", **sender}

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        for recipient in envelope.rcpt_tos:
            self.deliveries[recipient, str(message["Message-ID"])] += 1
            self.texts[recipient] = str(body.get_content())
        return "250 taken"

    def close(self) -> None:
        self._server.stop()
