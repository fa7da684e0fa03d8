"""COSE messages and keys, CWT."""

from __future__ import annotations

from typing import Any

from common.cbor import encode
from common.cose.cwt import parse_cwt
from common.cose.headers import parse_message, parse_x5chain
from common.cose.key import encode_cose_key, parse_cose_key
from common.cose.mac0 import create_mac0, parse_mac0, verify_mac0
from common.cose.sign1 import parse_sign1, sign_sign1, verify_sign1
from tests.fuzz.cast import ISSUER, NOW, P384, PUBLIC, SCHOOL
from tests.fuzz.target import of_bytes, of_cbor, reading

SECRET = b"k" * 32
SIGN1 = sign_sign1(b"text", ISSUER, external_aad=b"")
MAC0 = create_mac0(b"text", SECRET)
CWT = sign_sign1(encode({1: "a", 2: "b", 4: NOW + 9, 6: NOW}), ISSUER, tagged=True)


def _sign1(data: bytes) -> Any:
    return verify_sign1(parse_sign1(data), PUBLIC)


def _mac0(data: bytes) -> Any:
    return verify_mac0(parse_mac0(data), SECRET)


TARGETS = (
    of_bytes(parse_sign1, SIGN1, CWT),
    reading(verify_sign1, _sign1, SIGN1),
    of_bytes(parse_mac0, MAC0),
    reading(verify_mac0, _mac0, MAC0),
    reading(parse_message, lambda data: parse_message(data, tag=18), SIGN1),
    of_bytes(parse_cwt, CWT),
    of_cbor(parse_cose_key, *(encode_cose_key(key.public_jwk()) for key in (ISSUER, SCHOOL, P384))),
    of_cbor(parse_x5chain, encode(b"0"), encode([b"0", b"1"])),
)
