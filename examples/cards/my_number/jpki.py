"""公的個人認証AP: two certificates with their CAs' and two keys, each behind its own password. cards.md §3.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa

from examples.cards.command import Answer, Command, Refusal
from examples.cards.files import Application, Condition, Internal, Pin, Transparent, any_of, free
from examples.cards.my_number.jpki_authority import Leaf
from examples.cards.my_number.signing import compute_signature, is_compute_signature

AID = bytes.fromhex("d392f000260100000001")
SIGNATURE_CERTIFICATE, SIGNATURE_CA, TOKEN_INFO, PRESENT = 0x0001, 0x0002, 0x0006, 0x0008
AUTHENTICATION_CERTIFICATE, AUTHENTICATION_CA = 0x000A, 0x000B
AUTHENTICATION_KEY, AUTHENTICATION_PIN, SIGNATURE_KEY, SIGNATURE_PASSWORD = 0x0017, 0x0018, 0x001A, 0x001B
PLASTIC, JUKI_CARD, ANDROID, IPHONE = "JPKIAPICCTOKEN2", "JPKIAPICCTOKEN", "JPKIAPGPSETOKEN", "JPKIAPIOSTOKEN"
"""Token labels: the My Number card, the older 住基カード, and the two phones."""
_CERTIFICATE_SIZE = 3072
"""Files of certificates are larger than what is in them; the rest is filler. The real size is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Certificates in DER. signature is None where no signature certificate was issued (a child's card)."""

    authentication: Leaf
    authentication_ca: bytes
    signature_ca: bytes
    signature: Leaf | None = None
    label: str = PLASTIC
    pin: bytes = field(default=b"1234", repr=False)
    password: bytes = field(default=b"ABC123", repr=False)


class JpkiApplication(Application):
    """keys: by FID; what signs, which a clone has other ones of than its certificates say."""

    def __init__(self, contents: Contents) -> None:
        holder = any_of("authentication") if contents.label == ANDROID else free
        present = b"\x8f" if contents.signature else b"\x00"
        super().__init__(
            aid=AID,
            files=[
                _certificate(SIGNATURE_CA, contents.signature_ca),
                Transparent(fid=TOKEN_INFO, content=token_info(contents.label)),
                Transparent(fid=PRESENT, content=present + b"\x8f\x00"),
                _certificate(AUTHENTICATION_CERTIFICATE, contents.authentication.der, holder),
                _certificate(AUTHENTICATION_CA, contents.authentication_ca),
                Internal(fid=AUTHENTICATION_KEY),
                Pin(fid=AUTHENTICATION_PIN, name="authentication", value=contents.pin, limit=3),
                Internal(fid=SIGNATURE_KEY),
                Pin(fid=SIGNATURE_PASSWORD, name="signature", value=contents.password, limit=5),
            ],
        )
        self.keys: dict[int, rsa.RSAPrivateKey] = {AUTHENTICATION_KEY: contents.authentication.key}
        if contents.signature:
            self.add(_certificate(SIGNATURE_CERTIFICATE, contents.signature.der, any_of("signature")))
            self.keys[SIGNATURE_KEY] = contents.signature.key

    def handle(self, command: Command) -> Answer | None:
        if (command.cla, command.ins) == (0x80, 0xAE):
            raise Refusal(0x6982)  # session keys are not for terminals like these
        if not is_compute_signature(command):
            return None
        if not command.p2 & 0x80:
            raise Refusal(0x6A86)
        file = self.by_sfi(command.p2 & 0x1F) if command.p2 & 0x1F else self.chip.file
        if file is None:
            raise Refusal(0x6A82 if command.p2 & 0x1F else 0x6986)
        key = self.keys.get(file.fid)
        if key is None:
            raise Refusal(0x6981)
        if _GUARD[file.fid] not in self.granted:
            raise Refusal(0x6982)
        self.chip.file = file
        return compute_signature(key, command)


_GUARD: Mapping[int, str] = {AUTHENTICATION_KEY: "authentication", SIGNATURE_KEY: "signature"}


def _certificate(fid: int, der: bytes, read: Condition = free) -> Transparent:
    return Transparent(fid=fid, content=der, size=_CERTIFICATE_SIZE, read=read)


def token_info(label: str) -> bytes:
    """A PKCS #11 CK_TOKEN_INFO of 160 bytes, its integers in 32 bits, big-endian; texts are filled up with spaces."""
    texts = label.encode().ljust(32) + b"JPKI".ljust(32) + b"JPKIAPICC".ljust(16) + b"0".rjust(16, b"0")
    unavailable = 0xFFFFFFFF
    flags = 0x0001 | 0x0004 | 0x0008 | 0x0400  # RNG, LOGIN_REQUIRED, USER_PIN_INITIALIZED, TOKEN_INITIALIZED
    numbers = (flags, 0, unavailable, 0, unavailable, 16, 4, *[unavailable] * 4)
    return texts + b"".join(number.to_bytes(4, "big") for number in numbers) + b"03" + b"01" + b" " * 16
