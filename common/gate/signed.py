"""What all files and messages of gates are: an untagged COSE_Sign1 of one shape, ES256, told apart by external_aad. RFC 9052 §4.2, §4.4.

[ bstr { 1: -7, 4: first 8 bytes of SHA-256(compressed key) }, {}, bstr payload, bstr signature ]        deterministic, RFC 8949 §4.2.1
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from common.cbor import decode, encode, encode_bytes
from common.cose.sign1 import to_be_signed
from common.errors import Malformed, Rejected
from common.keys.compressed_point import check_point_signature, compress, known_point_key
from common.ports import Signer
from common.record import Record

PACK, DELTA, HEAD, ADMIT, ENROL = b"TG1-pack", b"TG1-delta", b"TG1-head", b"TG1-admit", b"TG1-enrol"
"""external_aad: a signature over the one kind is none over another."""
MEDIA_TYPE = "application/cbor"
NAME_SIZE = 8
SIGNATURE_SIZE = 64
_PROTECTED = b"\xa2\x01\x26\x04\x48"
PROTECTED_SIZE = len(_PROTECTED) + NAME_SIZE
_START = b"\x84\x4d" + _PROTECTED
_PAYLOAD_AT = len(_START) + NAME_SIZE + 1


class SignedMessage(Record, frozen=True):
    """As read, not verified. key_name: who says that he signed."""

    key_name: bytes
    payload: bytes
    signature: bytes

    @property
    def protected(self) -> bytes:
        return _PROTECTED + self.key_name

    def encode(self) -> bytes:
        """The bytes that it was read from."""
        return write_message(self.protected, self.payload, self.signature)


def name_of(point: bytes) -> bytes:
    """Compressed point → the 8 bytes that gates and signers of packs go by."""
    return hashlib.sha256(point).digest()[:NAME_SIZE]


def sign_message(payload: bytes, signer: Signer, aad: bytes) -> bytes:
    """Raises Rejected("algorithm_not_allowed") unless the signer is of P-256."""
    protected = _PROTECTED + name_of(compress(signer.public_jwk()))
    return write_message(protected, payload, signer.sign(to_be_signed(protected, payload, aad)))


def write_message(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return b"\x84\x4d%b\xa0%b\x58\x40%b" % (protected, encode_bytes(payload), signature)


def parse_message(data: bytes, *, max_bytes: int) -> SignedMessage:
    """Raises Malformed: "too_large", "bad_message"."""
    if len(data) > max_bytes:
        raise Malformed("too_large", f"more than {max_bytes} bytes")
    head_and_payload, signature = data[_PAYLOAD_AT : -SIGNATURE_SIZE - 2], data[-SIGNATURE_SIZE:]
    name = data[len(_START) : _PAYLOAD_AT - 1]
    payload = _content(head_and_payload)
    if payload is None or write_message(_PROTECTED + name, payload, signature) != data or len(name) != NAME_SIZE:
        raise Malformed("bad_message", "not a signed message of a gate's one shape")
    return SignedMessage(name, payload, signature)


def _content(string: bytes) -> bytes | None:
    """A byte string without its head; the caller compares what it would be written as."""
    if not string or not 0x40 <= string[0] <= 0x5A:
        return None
    return string[1 + {0x58: 1, 0x59: 2, 0x5A: 4}.get(string[0], 0) :]


def verify_message(message: SignedMessage, points: Iterable[bytes], aad: bytes) -> bytes:
    """The point, one of ``points``, whose key signed it.

    1. the key by the name in the header, among those that the caller knows   RFC 9052 §3.1
    2. the signature                                                        RFC 9052 §4.4
    Raises Rejected("untrusted_key" | "bad_signature"), Malformed for a point that is none.
    """
    known = [point for point in points if name_of(point) == message.key_name]
    if not known:
        raise Rejected("untrusted_key", "signed with a key that is not known here")
    signed = to_be_signed(message.protected, message.payload, aad)
    for point in known[1:]:
        try:
            check_point_signature(known_point_key(point).checker, message.signature, signed)
        except Rejected:
            continue
        return point
    check_point_signature(known_point_key(known[0]).checker, message.signature, signed)
    return known[0]


def decode_exact(data: bytes, *, max_bytes: int) -> Any:
    """Deterministic CBOR → value. Raises Malformed for every other encoding of the same value too."""
    value = decode(data, max_bytes=max_bytes)
    try:
        again = encode(value)
    except ValueError:
        raise Malformed("bad_cbor", "a value that these files do not have") from None
    if again != data:
        raise Malformed("not_deterministic", "CBOR that is not in its one deterministic form")
    return value
