"""Mail by SMTP, one message a connection: offers are few, throttled by their sender, and each failure must belong to one message.

A permanent answer (5xx) is Refused("mail_bounced"), everything that may pass is Unavailable("mail_unavailable"). The fail-points
``mail.before_send`` and ``mail.after_send`` stand around the send: who sends records the intent first and the outcome after.
"""

from __future__ import annotations

import smtplib
import ssl
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from common import failpoints
from common.errors import Malformed, Refused, Unavailable
from common.ports import Clock, Mail

TIMEOUT_SECONDS = 20.0


class MailSettings(BaseModel):
    """How to reach the mail server. A program that sends mixes these fields into its settings."""

    smtp_host: str = Field("", description="mail server; empty: no mail is sent")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="none only to a server on this machine"
    )
    smtp_user: str = Field("", description="login name; empty: no login")
    smtp_password: SecretStr = Field(SecretStr(""), description="password of smtp_user")
    smtp_from: str = Field("", description="sender's address")
    smtp_from_name: str = Field("", description="sender's name as people read it")


class SmtpMail:
    """Implements ``ports.SendMail``. tls: the context to verify the server with; default: the system's roots."""

    def __init__(self, settings: MailSettings, clock: Clock, *, tls: ssl.SSLContext | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.tls = tls or ssl.create_default_context()

    def send(self, mail: Mail) -> None:
        """Hands the message to the server. Raises Malformed for an address that is none, Refused("mail_bounced"), Unavailable."""
        message = build_message(mail, self.settings, now=self.clock.now())
        failpoints.hit("mail.before_send")
        try:
            with self._connect() as server:
                server.send_message(message, from_addr=self.settings.smtp_from, to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            raise _outcome(next(iter(error.recipients.values()))[0]) from error
        except (
            smtplib.SMTPAuthenticationError
        ) as error:  # our fault, and the next attempt may find it mended: not a bounce
            raise Unavailable("mail_unavailable", "the mail server refused our login", retry_after=600) from error
        except smtplib.SMTPResponseException as error:
            raise _outcome(error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("mail_bounced", "the mail server cannot deliver to such an address") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable("mail_unavailable", "the mail server does not answer", retry_after=60) from error
        failpoints.hit("mail.after_send")

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS, context=self.tls
            )
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=self.tls)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


def build_message(mail: Mail, settings: MailSettings, *, now: int) -> EmailMessage:
    """The message as it travels: plain text, an HTML alternative if there is one, auto-generated (RFC 3834).

    Raises Malformed("bad_address") for a recipient or sender that is no address, or that smuggles a header in.
    """
    message = EmailMessage(policy=SMTP_POLICY)
    try:
        message["To"] = Address(addr_spec=mail.to)
        message["From"] = Address(display_name=settings.smtp_from_name, addr_spec=settings.smtp_from)
        message["Subject"] = mail.subject
    except (ValueError, IndexError, TypeError, MessageError) as error:
        # all of these the email package raises on a broken address
        raise Malformed("bad_address", "this is not a mail address, or the subject has a line break") from error
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = mail.message_id or make_msgid(domain=settings.smtp_from.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def _outcome(code: int) -> Refused | Unavailable:
    if 500 <= code < 600:
        return Refused("mail_bounced", f"the mail server refused the message for good ({code})")
    return Unavailable("mail_unavailable", f"the mail server cannot take the message now ({code})", retry_after=300)
