"""Mail through a real SMTP server: TLS, login, what bounces and what may be tried again."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pydantic import SecretStr

from common.adapters.mail import MailSettings, SmtpMail, build_message
from common.errors import Malformed, Refused, Unavailable
from common.ports import Mail
from tests.common.adapters.certificate import make_certificate
from tests.fakes.clock import FixedClock
from tests.ports import free_port

MAIL = Mail(
    to="hanako@example.jp",
    subject="在学証明書のご案内",
    text="髙橋さん\nhttps://x.example/claim/1",
    html="<p>髙橋さん</p>",
)


class Server:
    """Answers each recipient as its local part says: ``bounce``, ``later``, else it takes the message."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if address.startswith("bounce"):
            return "550 no such user here"
        if address.startswith("later"):
            return "451 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
        return self.answer


@contextmanager
def serving(**options: Any) -> Iterator[tuple[Server, Controller]]:
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), ready_timeout=20, **options)
    controller.start()
    try:
        yield server, controller
    finally:
        controller.stop()


def sender(controller: Controller, *, tls: ssl.SSLContext | None = None, **fields: Any) -> SmtpMail:
    settings = MailSettings(
        smtp_host="127.0.0.1",
        smtp_port=controller.port,
        smtp_from="office@sakuragawa.example",
        smtp_from_name="桜川大学",
        **{"smtp_security": "none", **fields},
    )
    return SmtpMail(settings, FixedClock(), tls=tls)


def test_the_message_arrives_whole() -> None:
    with serving() as (server, controller):
        sender(controller).send(MAIL)
    (message,) = server.taken
    assert message["To"] == "hanako@example.jp"
    assert str(message["From"]) == "桜川大学 <office@sakuragawa.example>"
    assert message["Subject"] == "在学証明書のご案内"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@sakuragawa.example>")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert "髙橋さん" in text.get_content()
    assert html is not None


def test_a_bounce_is_for_good_and_a_delay_is_not() -> None:
    with serving() as (server, controller):
        with pytest.raises(Refused, match="mail_bounced"):
            sender(controller).send(Mail(to="bounce@example.jp", subject="x", text="x"))
        with pytest.raises(Unavailable, match="mail_unavailable") as later:
            sender(controller).send(Mail(to="later@example.jp", subject="x", text="x"))
        assert later.value.retry_after >= 60
        server.answer = "554 spam"
        with pytest.raises(Refused):
            sender(controller).send(MAIL)
        server.answer = "452 disk full"
        with pytest.raises(Unavailable):
            sender(controller).send(MAIL)
    assert server.taken == []


def test_a_server_that_is_gone_is_unavailable() -> None:
    with serving() as (_, controller):
        gone = sender(controller)
    with pytest.raises(Unavailable):
        gone.send(MAIL)


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("", "x"),
        ("hanako", "x"),
        ("hanako@", "x"),
        ("a@b.example, c@d.example", "x"),
        ("a@b.example\r\nBcc: all@x.example", "x"),
        ("a@b.example", "x\r\nBcc: all@x.example"),
        ("<a@b.example>", "x"),
    ],
)
def test_an_address_or_subject_smuggles_nothing_in(to: str, subject: str) -> None:
    settings = MailSettings(smtp_from="office@sakuragawa.example")
    with pytest.raises(Malformed):
        build_message(Mail(to=to, subject=subject, text="x"), settings, now=1_790_000_000)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def test_starttls_and_login(certificate: tuple[Path, Path]) -> None:
    def judge(_: Any, __: Any, ___: Any, ____: Any, login: Any) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"office", b"right"), handled=False)

    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(*certificate)
    client_side = ssl.create_default_context(cafile=certificate[0])
    options = {"tls_context": server_side, "authenticator": judge, "auth_required": True}
    login = {"smtp_security": "starttls", "smtp_user": "office"}
    with serving(**options) as (server, controller):
        sender(controller, tls=client_side, **login, smtp_password=SecretStr("right")).send(MAIL)
        assert len(server.taken) == 1
        with pytest.raises(Unavailable):
            sender(controller, tls=client_side, **login, smtp_password=SecretStr("wrong")).send(MAIL)
        with pytest.raises(Unavailable):  # a server that nobody vouches for gets no password
            sender(controller, **login, smtp_password=SecretStr("right")).send(MAIL)
    with serving() as (server, controller):
        with pytest.raises((Unavailable, Refused)):  # asked for TLS, offered none: nothing is sent in the clear
            sender(controller, tls=client_side, **login).send(MAIL)
        assert server.taken == []
