"""Everything that common needs from the outside world, on one screen. ``common/adapters`` implements it, ``tests/fakes`` too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Clock(Protocol):
    def now(self) -> int:
        """Seconds since 1970-01-01T00:00:00Z, whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer from the network. Header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Fetch(Protocol):
    """The one way to the network. Guarded: https (sandbox: also http on loopback), public addresses only, bounded in size and time.

    Raises Refused(code="address_not_allowed") for an address that may not be asked, Unavailable when nothing (or too much, or too
    slowly) came back. An HTTP error status is *returned*, not raised: protocols give them meaning.
    """

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched: ...

    def post(
        self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched: ...


class Signer(Protocol):
    """A private key that never leaves its home (software, PKCS#11)."""

    @property
    def kid(self) -> str: ...

    @property
    def alg(self) -> str:
        """JOSE name of the algorithm: ES256, ES384, ES512, EdDSA."""

    def public_jwk(self) -> dict[str, Any]:
        """The public key as a JWK, with kid and alg."""

    def sign(self, data: bytes) -> bytes:
        """The signature as JOSE writes it (ECDSA: r ‖ s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one person, plain text with an HTML alternative."""

    to: str
    subject: str
    text: str
    html: str = ""
    message_id: str = ""


class SendMail(Protocol):
    def send(self, mail: Mail) -> None:
        """Hands the message to a server. Raises Refused("mail_bounced") for good, Unavailable for now."""


class CardConnection(Protocol):
    """One card in one reader, kept from other programs from opening to closing."""

    def transmit(self, command: bytes) -> bytes:
        """Command APDU → response APDU with its status word, at least two bytes. ISO/IEC 7816-4 §5.

        Raises CardRemoved, Unavailable("reader_failed"). An error status is *returned*: cards differ in what they mean by it.
        """
