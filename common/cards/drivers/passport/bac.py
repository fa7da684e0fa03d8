"""Basic access control: keys from the machine readable zone, session keys from an exchange under them. ICAO Doc 9303-11 §4.3. Not PACE.

A handshake takes secrets and gives `SessionKeys`; it reads no file. So it can run where the document is, and the reading elsewhere.
"""

from __future__ import annotations

from common.cards.apdu import Command
from common.cards.block_cipher import decrypt_triple_des, encrypt_triple_des, retail_mac, same
from common.cards.channel import CardChannel
from common.cards.drivers.passport.key_agreement import Random
from common.cards.drivers.passport.key_derivation import Cipher, Purpose, SessionKeys, derive_key, session_keys
from common.cards.drivers.passport.password import Password
from common.cards.status_words import DONE, NOT_VERIFIED, SECURITY_NOT_SATISFIED
from common.errors import CardError, PinWrong

_NONCE, _KEY, _MAC = 8, 16, 8
_ANSWER = 2 * _NONCE + _KEY + _MAC
_REFUSED = frozenset({NOT_VERIFIED, SECURITY_NOT_SATISFIED, 0x6985, 0x6988, 0x6A80})
"""What chips answer to a wrong zone; Doc 9303-11 §4.3.4.1 leaves it open."""


def run_bac(channel: CardChannel, password: Password, random: Random) -> SessionKeys:
    """GET CHALLENGE and EXTERNAL AUTHENTICATE; the application is selected. §4.3.4. The channel is left as it was.

    1. K_Enc and K_MAC from the zone                                  §9.7.2
    2. the chip's challenge                                           §4.3.4.1
    3. ours, its challenge and key material, encrypted and MACed      §4.3.1 step 2
    4. the chip's answer: its MAC, then both challenges in it         §4.3.1 step 4 — before, nothing of it is believed
    5. session keys of both key materials; the counter of both challenges
    Raises PinWrong(None) where the chip does not accept the zone, CardError("access_failed") where it does not know it.
    """
    # 1
    seed = password.bac_seed()
    k_enc = derive_key(seed, Purpose.ENCRYPTION, Cipher.TRIPLE_DES)
    k_mac = derive_key(seed, Purpose.MAC, Cipher.TRIPLE_DES)
    # 2
    challenge = channel.send(Command(0x00, 0x84, 0x00, 0x00, le=_NONCE), what="give a challenge").data
    if len(challenge) != _NONCE:
        raise CardError("access_failed", "the chip's challenge has another length than it should")
    # 3
    ours, material = random(_NONCE), random(_KEY)
    encrypted = encrypt_triple_des(k_enc, ours + challenge + material)
    command = Command(0x00, 0x82, 0x00, 0x00, encrypted + retail_mac(k_mac, encrypted), le=_ANSWER)
    response = channel.send(command, expect=None)
    if response.sw in _REFUSED:
        raise PinWrong(None, sw=response.sw)
    if response.sw != DONE or len(response.data) != _ANSWER:
        raise CardError("access_failed", "the chip broke off basic access control", sw=response.sw)
    # 4
    answer, mac = response.data[:-_MAC], response.data[-_MAC:]
    if not same(mac, retail_mac(k_mac, answer)):
        raise CardError("access_failed", "the chip does not know the machine readable zone")
    plain = decrypt_triple_des(k_enc, answer)
    if plain[:_NONCE] != challenge or plain[_NONCE : 2 * _NONCE] != ours:
        raise CardError("access_failed", "the chip answered to another challenge")
    # 5
    theirs = plain[2 * _NONCE :]
    secret = bytes(a ^ b for a, b in zip(material, theirs, strict=True))
    return session_keys(secret, Cipher.TRIPLE_DES, ssc=challenge[4:] + ours[4:])
