"""A terminal for residence cards, written for tests from the specifications' 別添1 and 別添2 alone, with primitives of its own."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from examples.cards.chip import Card
from examples.cards.residence.holders import ENGINEER, ResidenceHolder
from examples.cards.residence_card import build_residence_card
from tests.cards.authorities import residence_authority

RND_IFD = bytes.fromhex("1122334455667788")
K_IFD = bytes.fromhex("404142434445464748494a4b4c4d4e4f")


class Terminal:
    """key: of the generation's length in blocks, 8 or 16. After `open`, `session` is KSenc."""

    def __init__(self, card: Card, *, block: int) -> None:
        self.card, self.block = card, block
        self.session = b""
        self.log: list[tuple[str, str]] = []

    def send(self, apdu: bytes | str) -> bytes:
        apdu = bytes.fromhex(apdu) if isinstance(apdu, str) else apdu
        answer = self.card.answer(apdu)
        self.log.append((apdu.hex().upper(), answer.hex().upper()))
        return answer

    def data(self, apdu: bytes | str) -> bytes:
        answer = self.send(apdu)
        assert answer[-2:] == b"\x90\x00", answer[-2:].hex()
        return answer[:-2]

    def cbc(self, key: bytes, data: bytes, *, encrypt: bool) -> bytes:
        algorithm = AES(key) if self.block == 16 else TripleDES(key + key[:8])
        cipher = Cipher(algorithm, modes.CBC(bytes(self.block)))
        run = cipher.encryptor() if encrypt else cipher.decryptor()
        return run.update(data) + run.finalize()

    def mac(self, key: bytes, data: bytes) -> bytes:
        if self.block == 16:
            cmac = CMAC(AES(key))
            cmac.update(data)
            return cmac.finalize()[:8]
        chain = bytes(8)
        padded = data + b"\x80" + bytes(-(len(data) + 1) % 8)
        for at in range(0, len(padded), 8):
            chain = self._des(key[:8], bytes(a ^ b for a, b in zip(chain, padded[at : at + 8], strict=True)))
        return self._des(key[:8], self._des(key[8:], chain, encrypt=False))

    @staticmethod
    def _des(key: bytes, block: bytes, *, encrypt: bool = True) -> bytes:
        cipher = Cipher(TripleDES(key * 3), modes.ECB())
        run = cipher.encryptor() if encrypt else cipher.decryptor()
        return run.update(block) + run.finalize()

    def open(self, number: bytes) -> bytes:
        """The handshake and VERIFY. Returns the last status word that is not 9000, or 9000."""
        key = hashlib.sha1(number).digest()[:16]
        challenge = self.data("0084000008")
        mine = self.cbc(key, RND_IFD + challenge + K_IFD, encrypt=True)
        answer = self.send(bytes.fromhex("0082000028") + mine + self.mac(key, mine) + b"\x00")
        if answer[-2:] != b"\x90\x00":
            return answer[-2:]
        theirs, mac = answer[:32], answer[32:40]
        assert mac == self.mac(key, theirs)
        plain = self.cbc(key, theirs, encrypt=False)
        assert plain[:16] == challenge + RND_IFD
        mixed = bytes(a ^ b for a, b in zip(K_IFD, plain[16:], strict=True))
        self.session = hashlib.sha1(mixed + bytes([0, 0, 0, 1])).digest()[:16]
        return self.verify(number)

    def verify(self, number: bytes) -> bytes:
        value = self.cbc(self.session, number + bytes.fromhex("80000000"), encrypt=True)
        return self.send(bytes.fromhex("0820008613861101") + value)[-2:]

    def select(self, name: bytes) -> bytes:
        return self.send(bytes.fromhex("00a4040c10") + name)[-2:]

    def read_secure(self, p1: int, *, offset: int = 0, wanted: int = 0) -> bytes:
        answer = self.data(bytes([0x08, 0xB0, p1, offset, 0, 0, 4, 0x96, 2]) + wanted.to_bytes(2, "big") + bytes(2))
        assert answer[0] == 0x86
        at = 2 if answer[1] < 0x80 else 3 if answer[1] == 0x81 else 4
        assert answer[at] == 1
        plain = self.cbc(self.session, answer[at + 1 :], encrypt=False).rstrip(b"\x00")
        assert plain[-1] == 0x80
        return plain[:-1]

    def read_plain(self, p1: int) -> bytes:
        return self.data(bytes([0x00, 0xB0, p1, 0x00, 0x00, 0x00, 0x00]))


BLOCK = {1: 8, 2: 16}
"""Of the ciphers, by generation."""


def opened(generation: int, holder: ResidenceHolder = ENGINEER, **options) -> Terminal:  # type: ignore[no-untyped-def]
    """A terminal whose card of that generation has let it in."""
    terminal = Terminal(
        build_residence_card(holder, authority=residence_authority(generation), **options), block=BLOCK[generation]
    )
    assert terminal.open(holder.secret) == b"\x90\x00"
    return terminal


def tags(content: bytes) -> dict[int, bytes]:
    """The objects of a file up to its filler."""
    found, at = {}, 0
    while at < len(content) and content[at] != 0:
        size = 2 if content[at] == 0xDF else 1
        tag = int.from_bytes(content[at : at + size], "big")
        at += size
        if content[at] == 0x82:
            length, at = int.from_bytes(content[at + 1 : at + 3], "big"), at + 3
        else:
            assert content[at] < 0x80
            length, at = content[at], at + 1
        found[tag] = content[at : at + length]
        at += length
    assert not any(content[at:])
    return found
