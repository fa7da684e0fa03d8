"""A chip with one file behind secure messaging, for tests of the reader's side alone: written from ICAO 9303-11 §9.8 a second time.

Nothing here calls `common.cards`: the ciphers are OpenSSL's by name, the objects are taken apart by hand. (The virtual passport
of ``examples/cards`` is a third writing, by another hand.)
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from common.cards.secure_messaging import AesMessaging, TripleDesMessaging

KEY_BYTES = {"3des": 16, "aes-128": 16, "aes-192": 24, "aes-256": 32}


def des(key: bytes, iv: bytes, data: bytes, *, back: bool = False) -> bytes:
    cipher = Cipher(TripleDES(key * 3 if len(key) == 8 else key + key[:8]), modes.CBC(iv))
    run = cipher.decryptor() if back else cipher.encryptor()
    return run.update(data)


class ProtectedFile:
    """One file, read by B0 and B1. ``alter`` may change an answer on its way out."""

    def __init__(self, content: bytes, kind: str) -> None:
        n = KEY_BYTES[kind]
        self.content, self.kind = content, kind
        self.k_enc, self.k_mac = bytes(range(1, n + 1)), bytes(range(101, 101 + n))
        self.block = 8 if kind == "3des" else 16
        self.counter = 5
        self.alter: Any = None
        self.exchanges = 0

    def reader_side(self) -> TripleDesMessaging | AesMessaging:
        ssc = self.counter.to_bytes(self.block, "big")
        return (TripleDesMessaging if self.kind == "3des" else AesMessaging)(self.k_enc, self.k_mac, ssc)

    def transmit(self, command: bytes) -> bytes:
        self.exchanges += 1
        header, body = command[:4], command[4:]
        assert header[0] & 0x0C == 0x0C
        data = body[1 : 1 + body[0]] if body[0] else body[3 : 3 + int.from_bytes(body[1:3], "big")]
        limit = 256 if body[0] else 65536
        objects = dict(self._objects(data))
        ssc = self._next()
        covered = data[: -len(objects[0x8E]) - 2]
        assert objects[0x8E] == self._mac(ssc + self._pad(header) + (self._pad(covered) if covered else b""))
        le = int.from_bytes(objects[0x97], "big") or (256 if len(objects[0x97]) == 1 else 65536)
        if header[1] == 0xB1:
            asked = self._unpad(self._crypt(ssc, objects[0x85], back=True))
            offset = int.from_bytes(asked[2:], "big")
        else:
            offset = header[3] if header[2] & 0x80 else int.from_bytes(header[2:4], "big")
        plain = self.content[offset : offset + le]
        if header[1] == 0xB1:
            room = le - 4
            plain = b"\x53\x82" + len(plain[:room]).to_bytes(2, "big") + plain[:room]
        answer = self._answer(plain, b"\x90\x00" if self.content[offset:] else b"\x6b\x00", odd=bool(header[1] & 1))
        assert len(answer) <= limit + 2
        return self.alter(answer) if self.alter else answer

    def _answer(self, plain: bytes, sw: bytes, *, odd: bool) -> bytes:
        ssc = self._next()
        objects = b""
        if plain:
            hidden = (b"" if odd else b"\x01") + self._crypt(ssc, self._pad(plain))
            n = len(hidden)
            length = bytes((n,)) if n < 128 else bytes((0x81, n)) if n < 256 else b"\x82" + n.to_bytes(2, "big")
            objects = (b"\x85" if odd else b"\x87") + length + hidden
        objects += b"\x99\x02" + sw
        return objects + b"\x8e\x08" + self._mac(ssc + self._pad(objects)) + sw

    def _objects(self, data: bytes) -> list[tuple[int, bytes]]:
        found = []
        while data:
            tag, n, head = data[0], data[1], 2
            if n > 0x80:
                head = 2 + n - 0x80
                n = int.from_bytes(data[2:head], "big")
            found.append((tag, data[head : head + n]))
            data = data[head + n :]
        return found

    def _next(self) -> bytes:
        self.counter += 1
        return self.counter.to_bytes(self.block, "big")

    def _pad(self, data: bytes) -> bytes:
        data += b"\x80"
        while len(data) % self.block:
            data += b"\x00"
        return data

    def _unpad(self, data: bytes) -> bytes:
        return data.rstrip(b"\x00")[:-1]

    def _crypt(self, ssc: bytes, data: bytes, *, back: bool = False) -> bytes:
        if self.kind == "3des":
            return des(self.k_enc, bytes(8), data, back=back)
        key = algorithms.AES(self.k_enc)
        iv = Cipher(key, modes.ECB()).encryptor().update(ssc)
        cipher = Cipher(key, modes.CBC(iv))
        return (cipher.decryptor() if back else cipher.encryptor()).update(data)

    def _mac(self, padded: bytes) -> bytes:
        if self.kind == "3des":
            one, two = self.k_mac[:8], self.k_mac[8:]
            link = des(one, bytes(8), padded)[-8:]
            return des(one, bytes(8), des(two, bytes(8), link, back=True))
        mac = CMAC(algorithms.AES(self.k_mac))
        mac.update(padded)
        return mac.finalize()[:8]
