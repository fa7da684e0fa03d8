"""What a presentation is bound to beyond audience and nonce, in formats that bind it to the exchange itself (mdoc)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationContext:
    """How a request was made and where its answer goes. Exactly one of response_uri, origin and shown_at is given.

    response_uri: the ``response_uri`` (or ``redirect_uri``) of a request by redirects. origin: of a request through the Digital Credentials
    API. encryption_thumbprint: RFC 7638 SHA-256 thumbprint, 32 bytes, of the verifier's key that the answer is encrypted to; None where it
    is not. wallet_nonce: only for wallets of ISO/IEC TS 18013-7:2024 Annex B, which put it into ``apu``: it selects that text's handover.
    shown_at: seconds since 1970, of a presentation that answers no request and is shown to whoever is here (`common.formats.in_person`).
    """

    response_uri: str | None = None
    origin: str | None = None
    encryption_thumbprint: bytes | None = None
    wallet_nonce: str | None = None
    shown_at: int | None = None

    def __post_init__(self) -> None:
        if [self.response_uri, self.origin, self.shown_at].count(None) != 2:
            raise ValueError("a presentation answers either to an address or to an origin, or is shown in person")
