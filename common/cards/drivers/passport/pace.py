"""PACE: session keys from a password that eavesdroppers cannot guess afterwards. ICAO Doc 9303-11 §4.4, BSI TR-03110-2 §3.2. Not BAC.

A handshake takes secrets and gives `SessionKeys`; it reads no file. So it can run where the document is, and the reading elsewhere. All
private keys here are the terminal's own, made for one session.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from common.cards.apdu import SHORT_ANSWER, Command
from common.cards.block_cipher import (
    AES_BLOCK,
    aes_mac,
    decrypt_aes,
    decrypt_triple_des,
    encrypt_aes_block,
    retail_mac,
    same,
    unpad,
)
from common.cards.channel import CardChannel
from common.cards.drivers.passport.curve import Curve, Point, encode_point, parse_point
from common.cards.drivers.passport.key_agreement import Random, agree, by_hand, draw_private_key, public_point
from common.cards.drivers.passport.key_derivation import Cipher, Purpose, SessionKeys, derive_key, session_keys
from common.cards.drivers.passport.object_identifier import encode_oid
from common.cards.drivers.passport.pace_mapping import map_generic, map_integrated
from common.cards.drivers.passport.pace_protocols import Mapping, PaceProtocol
from common.cards.drivers.passport.password import Password
from common.cards.status_words import DONE, NOT_VERIFIED, SECURITY_NOT_SATISFIED, attempts_left
from common.cards.tlv import Tlv, encode_tlv, need, parse_tlv
from common.errors import CardError, PinBlocked, PinWrong

_NONCE_LENGTHS = (16, 32)
_MAX_CHIP_DATA = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceSession:
    """What a run of PACE leaves. Of chip authentication mapping also what proves the chip: its mapping key and the decrypted CA_IC."""

    protocol: PaceProtocol
    keys: SessionKeys
    mapping_key: Point | None = field(default=None, repr=False)
    chip_data: bytes | None = field(default=None, repr=False)


def run_pace(channel: CardChannel, protocol: PaceProtocol, password: Password, random: Random) -> PaceSession:
    """MSE:Set AT and four times GENERAL AUTHENTICATE, from the MF. §4.4.4. The channel is left as it was.

    1. the protocol, the password's kind, the domain parameters are set          §4.4.4.1
    2. the chip's nonce, decrypted with the password's key                        §4.4.1 steps 1 and 2
    3. a generator from the nonce                                                 §4.4.1 step 3 b
    4. key agreement with it: the chip's point is on the curve and not ours       §4.4.1 steps 3 c and d
    5. both show tokens over the other's point; ours first                        §4.4.1 step 3 f
    6. chip authentication mapping: the chip's encrypted data                     §4.4.3.5
    A wrong password shows at step 5 and not before: PinWrong, PinBlocked (attempts left as the chip tells). CardError("access_failed")
    for all that the chip does otherwise than it should, Malformed for points that are none.
    """
    curve = protocol.curve
    # 1
    _set(channel, protocol, password)
    # 2
    encrypted = _authenticate(channel, b"", 0x80)
    if len(encrypted) not in _NONCE_LENGTHS:
        raise CardError("access_failed", "the chip's nonce has a length that none has")
    key = derive_key(password.pace_secret(), Purpose.PASSWORD, protocol.cipher)
    nonce = (decrypt_triple_des if protocol.cipher is Cipher.TRIPLE_DES else decrypt_aes)(key, encrypted)
    # 3
    mapping_key: Point | None = None
    if protocol.mapping is Mapping.INTEGRATED:
        generator = _exchange_nonce(channel, protocol, nonce, random)
    else:
        generator, mapping_key = _exchange_mapping_keys(channel, curve, nonce, random)
    # 4
    private = draw_private_key(curve, random)
    ours = by_hand(curve, private, generator)
    theirs = _peer_point(curve, _authenticate(channel, encode_tlv(0x83, encode_point(curve, ours)), 0x84), ours)
    keys = session_keys(agree(curve, private, theirs), protocol.cipher)
    # 5
    answer = _show_token(channel, authentication_token(protocol, keys.mac, theirs))
    if not same(need(answer, 0x86).value, authentication_token(protocol, keys.mac, ours)):
        raise CardError("access_failed", "the chip does not know the password")
    # 6
    if protocol.mapping is not Mapping.CHIP_AUTHENTICATION:
        return PaceSession(protocol=protocol, keys=keys)
    return PaceSession(
        protocol=protocol,
        keys=keys,
        mapping_key=mapping_key,
        chip_data=_decrypt_chip_data(keys, need(answer, 0x8A).value),
    )


def authentication_token(protocol: PaceProtocol, mac_key: bytes, point: Point) -> bytes:
    """Over 7F49 {06 protocol, 86 point of the other side}. §4.4.3.4"""
    body = encode_tlv(0x06, encode_oid(protocol.oid)) + encode_tlv(0x86, encode_point(protocol.curve, point))
    mac = retail_mac if protocol.cipher is Cipher.TRIPLE_DES else aes_mac
    return mac(mac_key, encode_tlv(0x7F49, body))


def _set(channel: CardChannel, protocol: PaceProtocol, password: Password) -> None:
    data = (
        encode_tlv(0x80, encode_oid(protocol.oid))
        + encode_tlv(0x83, bytes((password.kind.value,)))
        + encode_tlv(0x84, bytes((protocol.curve.number,)))
    )
    response = channel.send(Command(0x00, 0x22, 0xC1, 0xA4, data), expect=None)
    if response.sw == DONE or attempts_left(response.sw) not in (None, 0):
        return  # 63Cx: accepted, with so many tries left; of a passport's printed passwords chips do not count them down
    if attempts_left(response.sw) == 0:
        raise PinBlocked(sw=response.sw)
    raise CardError("access_failed", "the chip refused to begin PACE", sw=response.sw)


def _authenticate(channel: CardChannel, data: bytes, expected: int) -> bytes:
    """One link of the chain of GENERAL AUTHENTICATE; the value of the answer's one object."""
    command = Command(0x10, 0x86, 0x00, 0x00, encode_tlv(0x7C, data), le=SHORT_ANSWER)
    response = channel.send(command, expect=None)
    if response.sw != DONE:
        raise CardError("access_failed", "the chip broke off PACE", sw=response.sw)
    return need(parse_tlv(need(parse_tlv(response.data), 0x7C).value), expected).value


def _show_token(channel: CardChannel, token: bytes) -> tuple[Tlv, ...]:
    command = Command(0x00, 0x86, 0x00, 0x00, encode_tlv(0x7C, encode_tlv(0x85, token)), le=SHORT_ANSWER)
    response = channel.send(command, expect=None)
    left = attempts_left(response.sw)
    if left == 0:
        raise PinBlocked(sw=response.sw)
    if left is not None or response.sw in (NOT_VERIFIED, SECURITY_NOT_SATISFIED):
        raise PinWrong(left, sw=response.sw)
    if response.sw != DONE:
        raise CardError("access_failed", "the chip broke off PACE", sw=response.sw)
    return parse_tlv(need(parse_tlv(response.data), 0x7C).value)


def _exchange_mapping_keys(channel: CardChannel, curve: Curve, nonce: bytes, random: Random) -> tuple[Point, Point]:
    """(generator, the chip's mapping key) of the generic mapping."""
    private = draw_private_key(curve, random)
    ours = public_point(curve, private)
    theirs = _peer_point(curve, _authenticate(channel, encode_tlv(0x81, encode_point(curve, ours)), 0x82), ours)
    return map_generic(curve, nonce, by_hand(curve, private, theirs)), theirs


def _exchange_nonce(channel: CardChannel, protocol: PaceProtocol, nonce: bytes, random: Random) -> Point:
    """The generator of the integrated mapping; the chip's answer is empty."""
    if len(nonce) != -(-protocol.cipher.key_bytes // 16) * 16:
        raise CardError("access_failed", "the chip's nonce has a length that none has")
    ours = random(protocol.cipher.key_bytes)
    _authenticate(channel, encode_tlv(0x81, ours), 0x82)
    return map_integrated(protocol.curve, nonce, ours)


def _peer_point(curve: Curve, data: bytes, ours: Point) -> Point:
    point = parse_point(curve, data)
    if point == ours:
        raise CardError("access_failed", "the chip sent our own key back")
    return point


def _decrypt_chip_data(keys: SessionKeys, encrypted: bytes) -> bytes:
    """CA_IC out of A_IC: AES-CBC, IV = E(K_Enc, FF…FF), padding method 2. §4.4.3.5.1"""
    if not encrypted or len(encrypted) % AES_BLOCK or len(encrypted) > _MAX_CHIP_DATA:
        raise CardError("access_failed", "chip authentication data have whole blocks")
    iv = encrypt_aes_block(keys.encryption, b"\xff" * AES_BLOCK)
    return unpad(decrypt_aes(keys.encryption, encrypted, iv), AES_BLOCK)
