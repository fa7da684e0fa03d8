"""A terminal for the virtual passport alone, as small as can be. It stands on the chip's own ciphers and curves: what holds those to the
outside world are the worked examples (test_virtual_passport_examples.py) and the reader of common/cards, which shares nothing with them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from asn1crypto.core import Integer, ObjectIdentifier, Sequence, SetOf
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from examples.cards.chip import Card
from examples.cards.passport.application import AID, CARD_ACCESS
from examples.cards.passport.build import Passport
from examples.cards.passport.ciphers import TRIPLE_DES, CipherSuite, pad, unpad
from examples.cards.passport.curves import CURVES, Curve
from examples.cards.passport.integrated_mapping import map_to_generator
from examples.cards.passport.objects import oid_value
from examples.cards.passport.pace import PaceOffer
from examples.cards.tlv import objects, tlv

RANDOM = bytes(range(1, 33))


class Refused(Exception):
    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04x}")
        self.sw = sw


@dataclass
class Keys:
    """The terminal's end of secure messaging."""

    cipher: CipherSuite
    enc: bytes
    mac: bytes
    ssc: int = 0

    @classmethod
    def of_secret(cls, cipher: CipherSuite, secret: bytes) -> Keys:
        return cls(cipher, cipher.derive(secret, 1), cipher.derive(secret, 2))

    def _next(self) -> bytes:
        self.ssc += 1
        return self.ssc.to_bytes(self.cipher.block, "big")

    def _iv(self, counter: bytes) -> bytes:
        return bytes(8) if self.cipher.block == 8 else self.cipher.block_cipher(self.enc, counter)

    def _seal(self, octets: bytes) -> bytes:
        return self.cipher.mac(self.mac, octets if self.cipher.block == 8 else pad(octets, 16))

    def protect(self, apdu: tuple[int, int, int, int], data: bytes, ne: int) -> bytes:
        """Extended length where the protected command or the answer needs it."""
        cla, ins, p1, p2 = apdu
        counter = self._next()
        body = b""
        if data:
            cryptogram = self.cipher.encipher(self.enc, pad(data, self.cipher.block), self._iv(counter))
            body = tlv(0x85, cryptogram) if ins & 1 else tlv(0x87, b"\x01", cryptogram)
        if ne:
            body += tlv(0x97, ne.to_bytes(2, "big") if ne > 256 else bytes([ne & 0xFF]))
        header = bytes([cla | 0x0C, ins, p1, p2])
        body += tlv(0x8E, self._seal(counter + pad(header, self.cipher.block) + body))
        if ne > 256 or len(body) > 255:
            return header + b"\x00" + len(body).to_bytes(2, "big") + body + b"\x00\x00"
        return header + bytes([len(body)]) + body + b"\x00"

    def open(self, answer: bytes) -> bytes:
        """The data inside. Raises Refused of the status inside, AssertionError for what does not hold."""
        counter = self._next()
        sealed, mac = answer[:-12], answer[-10:-2]
        assert answer[-12:-10] == b"\x8e\x08", answer.hex()
        assert mac == self._seal(counter + sealed), "MAC"
        found = dict(objects(sealed))
        assert found[0x99] == answer[-2:], "the status word outside is another one"
        if (sw := int.from_bytes(found[0x99], "big")) not in {0x9000, 0x6282}:
            raise Refused(sw)
        cryptogram = found.get(0x85) or found.get(0x87, b"\x01")[1:]
        return unpad(self.cipher.decipher(self.enc, cryptogram, self._iv(counter))) if cryptogram else b""


@dataclass
class Terminal:
    card: Card
    keys: Keys | None = None
    apdus: int = 0
    chip_authentication_data: bytes = field(default=b"", repr=False)
    chip_mapping_key: tuple[int, int] = (0, 0)

    def plain(self, apdu: bytes) -> bytes:
        """The data of the answer, pieces put together. Raises Refused."""
        return self._status(self._exchange(apdu))

    def _exchange(self, apdu: bytes) -> bytes:
        answer = self.card.answer(apdu)
        self.apdus += 1
        data = answer[:-2]
        while answer[-2] == 0x61:
            answer = self.card.answer(bytes([0x00, 0xC0, 0x00, 0x00, answer[-1]]))
            self.apdus += 1
            data += answer[:-2]
        return data + answer[-2:]

    @staticmethod
    def _status(answer: bytes) -> bytes:
        if answer[-2:] not in {b"\x90\x00", b"\x62\x82"}:
            raise Refused(int.from_bytes(answer[-2:], "big"))
        return answer[:-2]

    def send(self, cla: int, ins: int, p1: int, p2: int, data: bytes = b"", ne: int = 0) -> bytes:
        """Under secure messaging where there is one."""
        if self.keys is not None:
            answer = self._exchange(self.keys.protect((cla, ins, p1, p2), data, ne))
            return self.keys.open(answer) if len(answer) > 2 else self._status(answer)
        apdu = (
            bytes([cla, ins, p1, p2])
            + (bytes([len(data)]) + data if data else b"")
            + (bytes([ne & 0xFF]) if ne else b"")
        )
        return self.plain(apdu)

    def select_application(self) -> None:
        self.send(0x00, 0xA4, 0x04, 0x0C, AID)

    def select(self, fid: int) -> None:
        self.send(0x00, 0xA4, 0x02, 0x0C, fid.to_bytes(2, "big"))

    def read(self, fid: int, *, step: int = 0xDF) -> bytes:
        """A whole file: four octets to know its length, then the rest."""
        self.select(fid)
        head = self.send(0x00, 0xB0, 0x00, 0x00, ne=6)
        at = 2 + (head[1] & 0x7F if head[1] & 0x80 else 0)
        size = at + (int.from_bytes(head[2:at], "big") if head[1] & 0x80 else head[1])
        content = head[:size]
        while len(content) < size:
            wanted = min(step, size - len(content))
            if len(content) < 0x8000:
                content += self.send(0x00, 0xB0, len(content) >> 8, len(content) & 0xFF, ne=wanted)
            else:
                offset = tlv(0x54, len(content).to_bytes(4, "big"))
                content += dict(objects(self.send(0x00, 0xB1, 0x00, 0x00, offset, ne=wanted + 5)))[0x53][:wanted]
        return content

    def bac(self, mrz_information: str, *, rnd: bytes = RANDOM[:8], k_ifd: bytes = RANDOM[16:32]) -> None:
        seed = hashlib.sha1(mrz_information.encode()).digest()[:16]
        enc, mac = TRIPLE_DES.derive(seed, 1), TRIPLE_DES.derive(seed, 2)
        rnd_ic = self.send(0x00, 0x84, 0x00, 0x00, ne=8)
        sent = TRIPLE_DES.encipher(enc, rnd + rnd_ic + k_ifd)
        answer = self.send(0x00, 0x82, 0x00, 0x00, sent + TRIPLE_DES.mac(mac, sent), 40)
        assert TRIPLE_DES.mac(mac, answer[:32]) == answer[32:]
        plain = TRIPLE_DES.decipher(enc, answer[:32])
        assert plain[:16] == rnd_ic + rnd
        seed = bytes(ours ^ theirs for ours, theirs in zip(k_ifd, plain[16:], strict=True))
        self.keys = Keys(
            TRIPLE_DES,
            TRIPLE_DES.derive(seed, 1),
            TRIPLE_DES.derive(seed, 2),
            int.from_bytes(rnd_ic[4:] + rnd[4:], "big"),
        )

    def pace(
        self, offer: PaceOffer, reference: int, password: bytes, scalars: tuple[int, int] = (0xABCDEF01, 0x98765432)
    ) -> None:
        """password: as the chip keeps it. Raises Refused, AssertionError where the chip's token is wrong."""
        curve, cipher = offer.curve, offer.cipher
        selected = (
            tlv(0x80, oid_value(offer.protocol)) + tlv(0x83, bytes([reference])) + tlv(0x84, bytes([curve.identifier]))
        )
        self.send(0x00, 0x22, 0xC1, 0xA4, selected)
        cryptogram = self._step(0x10, b"", 0x80)
        nonce = cipher.decipher(cipher.derive(password, 3), cryptogram)
        if offer.mapping == "im":
            ours = RANDOM[: cipher.key_size]
            assert self._step(0x10, tlv(0x81, ours), 0x82) == b""
            generator = map_to_generator(cipher, curve, nonce, ours)
        else:
            mapping = curve.decode(self._step(0x10, tlv(0x81, curve.encode(curve.multiply(scalars[0]))), 0x82))
            self.chip_mapping_key = mapping
            generator = curve.add(curve.multiply(int.from_bytes(nonce, "big")), curve.multiply(scalars[0], mapping))
        public = curve.multiply(scalars[1], generator)
        theirs = curve.decode(self._step(0x10, tlv(0x83, curve.encode(public)), 0x84))
        secret = curve.multiply(scalars[1], theirs)[0].to_bytes(curve.size, "big")

        def token(point: tuple[int, int]) -> bytes:
            covered = tlv(0x7F49, tlv(0x06, oid_value(offer.protocol)), tlv(0x86, curve.encode(point)))
            return cipher.mac(cipher.derive(secret, 2), covered)

        answer = self._step(0x00, tlv(0x85, token(theirs)), None)
        assert answer[0x86] == token(public), "the chip's token"
        self.chip_authentication_data = answer.get(0x8A, b"")
        self.keys = Keys.of_secret(cipher, secret)

    def _step(self, cla: int, data: bytes, tag: int | None):  # type: ignore[no-untyped-def]
        answer = dict(objects(dict(objects(self.send(cla, 0x86, 0x00, 0x00, tlv(0x7C, data), 256)))[0x7C]))
        return answer if tag is None else answer[tag]

    def chip_quotient(self) -> int:
        """CA_IC of chip authentication mapping."""
        assert self.keys is not None
        iv = self.keys.cipher.block_cipher(self.keys.enc, b"\xff" * 16)
        return int.from_bytes(unpad(self.keys.cipher.decipher(self.keys.enc, self.chip_authentication_data, iv)), "big")

    def authenticate_chip(
        self,
        curve: Curve,
        public: tuple[int, int],
        cipher: CipherSuite,
        identifier: int | None,
        scalar: int = 0x1234567,
    ) -> None:
        """New keys; whether the chip has them too shows with the next command."""
        point = curve.encode(curve.multiply(scalar))
        key = tlv(0x84, bytes([identifier])) if identifier is not None else b""
        if cipher is TRIPLE_DES:
            self.send(0x00, 0x22, 0x41, 0xA6, tlv(0x91, point) + key)
        else:
            protocol = tlv(0x80, oid_value(f"0.4.0.127.0.7.2.2.3.2.{cipher.number}"))
            self.send(0x00, 0x22, 0x41, 0xA4, protocol + key)
            assert self.send(0x00, 0x86, 0x00, 0x00, tlv(0x7C, tlv(0x80, point)), 256) == b"\x7c\x00"
        shared = curve.multiply(scalar, public)
        self.keys = Keys.of_secret(cipher, shared[0].to_bytes(curve.size, "big"))

    def sign_challenge(self, challenge: bytes) -> bytes:
        return self.send(0x00, 0x88, 0x00, 0x00, challenge, 256)


def enter(passport: Passport, *, card: Card | None = None, reference: int = 1) -> Terminal:
    """Powered, and through the best door that there is: the last offer of EF.CardAccess, else BAC; then the application is selected."""
    terminal = Terminal(card or passport.chip)
    terminal.card.power()
    mrz = passport.printed.mrz.information()
    if passport.profile.pace:
        assert terminal.read(CARD_ACCESS)
        password = hashlib.sha1(mrz.encode()).digest() if reference == 1 else passport.printed.can.encode()
        terminal.pace(passport.profile.pace[-1], reference, password)
        terminal.select_application()
    else:
        terminal.select_application()
        terminal.bac(mrz)
    return terminal


def infos(der: bytes) -> dict[str, Sequence]:
    """SecurityInfos by protocol."""
    found = SetOf.load(der, spec=Sequence)
    return {ObjectIdentifier.load(info[0].dump()).native: info for info in found}


def chip_public_key(info: Sequence) -> tuple[Curve, tuple[int, int]]:
    """Of a ChipAuthenticationPublicKeyInfo, whichever way it writes its curve: told by the size, of this project's chips."""
    spki = info[1]
    point = spki[1].contents[1:]
    parameters = spki[0][1].dump()
    if isinstance(spki[0][1], Integer):
        curve = CURVES[spki[0][1].native]
    elif isinstance(spki[0][1], ObjectIdentifier):
        public = load_der_public_key(spki.dump())
        assert isinstance(public, ec.EllipticCurvePublicKey)
        curve = next(curve for curve in CURVES.values() if curve.named().name == public.curve.name)
    else:
        curve = next(
            curve for curve in CURVES.values() if tlv(0x02, b"\x00", curve.n.to_bytes(curve.size, "big")) in parameters
        )
    return curve, curve.decode(point)
