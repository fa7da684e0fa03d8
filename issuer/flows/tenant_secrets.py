"""Secrets that need no table: derived from the key file, the tenant and a purpose. Who has only the database has none of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Literal

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from common.keys.sealed import KEY_BYTES, open_sealed, seal

Purpose = Literal[
    "offer reference",
    "claim token",
    "pre-authorised code",
    "transaction code",
    "nonce",
    "card session",
    "ticket",
    "order",
    "transfer",
    "gate pass",
    "gate code",
    "gate token",
    "exclusion mark",
]
TX_CODE_DIGITS = 6


def digest(secret: str) -> str:
    """What is stored of a random secret, to look it up by: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TenantSecrets:
    """master: the 32 bytes of the key file. Its repr shows nothing."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        self._master = master

    def __repr__(self) -> str:
        return "TenantSecrets()"

    def _derive(self, tenant: str, purpose: Purpose, what: str) -> bytes:
        message = "\x1f".join(("tegata.issuer.v1", tenant, purpose, what)).encode()
        return hmac.digest(self._master, message, "sha256")

    def token(self, tenant: str, purpose: Purpose, what: str) -> str:
        """The same unguessable text every time for the same tenant, purpose and thing (192 bits)."""
        return b64url_encode(self._derive(tenant, purpose, what)[:24])

    def tx_code(self, tenant: str, offer_id: str) -> str:
        """The six digits that the school tells the student by another way than the offer."""
        number = int.from_bytes(self._derive(tenant, "transaction code", offer_id), "big")
        return str(number % 10**TX_CODE_DIGITS).zfill(TX_CODE_DIGITS)

    def seal_key(self, tenant: str, kid: str, plaintext: bytes) -> bytes:
        return seal(self._master, plaintext, _key_context(tenant, kid))

    def open_key(self, tenant: str, kid: str, sealed: bytes) -> bytes:
        """Raises Rejected where the key file is another one."""
        return open_sealed(self._master, sealed, _key_context(tenant, kid))

    def seal_reading(self, tenant: str, reading_id: str, what: str, plaintext: bytes) -> bytes:
        """what: which of the sealed parts of a reading of a card."""
        return seal(self._master, plaintext, _reading_context(tenant, reading_id, what))

    def open_reading(self, tenant: str, reading_id: str, what: str, sealed: bytes) -> bytes:
        """Raises Rejected where the key file is another one."""
        return open_sealed(self._master, sealed, _reading_context(tenant, reading_id, what))

    def make_nonce(self, tenant: str, *, expires_at: int) -> str:
        """A c_nonce that proves its own origin: expiry, 16 random bytes, and a MAC over both."""
        body = expires_at.to_bytes(6, "big") + secrets.token_bytes(16)
        return b64url_encode(body + self._nonce_mac(tenant, body))

    def check_nonce(self, tenant: str, nonce: str, *, now: int) -> int:
        """When this nonce of ours expires. Raises Rejected("wrong_nonce") for another's, and for one that is too old."""
        try:
            raw = b64url_decode(nonce)
        except Malformed:
            raw = b""
        body, mac = raw[:22], raw[22:]
        if len(raw) != 38 or not hmac.compare_digest(mac, self._nonce_mac(tenant, body)):
            raise Rejected("wrong_nonce", "the nonce is not from this issuer")
        expires_at = int.from_bytes(body[:6], "big")
        if now >= expires_at:
            raise Rejected("wrong_nonce", "the nonce is too old; ask for a fresh one")
        return expires_at

    def _nonce_mac(self, tenant: str, body: bytes) -> bytes:
        return self._derive(tenant, "nonce", body.hex())[:16]


def _reading_context(tenant: str, reading_id: str, what: str) -> bytes:
    return f"issuer card reading/{tenant}/{reading_id}/{what}".encode()


def _key_context(tenant: str, kid: str) -> bytes:
    return f"issuer signing key/{tenant}/{kid}".encode()
