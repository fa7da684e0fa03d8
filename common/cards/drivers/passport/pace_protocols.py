"""The ways to run PACE that a chip can name, and which of them is taken. ICAO Doc 9303-11 §4.4.2, §9.2.3. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from common.cards.drivers.passport.curve import Curve
from common.cards.drivers.passport.domain_parameters import BY_NUMBER
from common.cards.drivers.passport.key_derivation import Cipher
from common.cards.drivers.passport.security_infos import PACE, PaceInfo
from common.errors import Unsupported
from common.record import Record

_VERSION = 2


class Mapping(Enum):
    """How the nonce becomes a generator. CHIP_AUTHENTICATION is GENERIC with a proof of the chip's key behind it."""

    GENERIC = "gm"
    INTEGRATED = "im"
    CHIP_AUTHENTICATION = "cam"


class PaceProtocol(Record, frozen=True):
    """One way that this program can go: protocol (dotted OID), mapping, cipher, curve."""

    oid: str
    mapping: Mapping
    cipher: Cipher
    curve: Curve


_CIPHERS = {"1": Cipher.TRIPLE_DES, "2": Cipher.AES_128, "3": Cipher.AES_192, "4": Cipher.AES_256}
_MAPPINGS = {"2": Mapping.GENERIC, "4": Mapping.INTEGRATED, "6": Mapping.CHIP_AUTHENTICATION}
"""Those over curves; 1 and 3 are modulo a prime, which no passport seen so far asks for alone."""


_NAMES = {"1": "DH-GM", "2": "ECDH-GM", "3": "DH-IM", "4": "ECDH-IM", "6": "ECDH-CAM"}
_KNOWN = ("ECDH-GM", "ECDH-IM (AES)", "ECDH-CAM")


def known_protocol(info: PaceInfo) -> PaceProtocol | None:
    """What a PACEInfo names, None where it cannot be run here."""
    if info.version != _VERSION or info.number not in BY_NUMBER:
        return None
    kind, _, cipher_number = info.protocol.removeprefix(PACE + ".").partition(".")
    mapping, cipher, curve = _MAPPINGS.get(kind), _CIPHERS.get(cipher_number), BY_NUMBER[info.number]
    if mapping is None or cipher is None:
        return None
    if cipher is Cipher.TRIPLE_DES and mapping is not Mapping.GENERIC:
        return None  # with chip authentication mapping there is none; the integrated one under 3DES has no published example to hold it to
    if mapping is Mapping.INTEGRATED and curve.p % 4 != 3:
        return None
    return PaceProtocol(oid=info.protocol, mapping=mapping, cipher=cipher, curve=curve)


def _name(info: PaceInfo) -> str:
    """As people call it: "DH-GM" is the one modulo a prime. Doc 9303-11 §9.2.1."""
    kind = info.protocol.removeprefix(PACE + ".").partition(".")[0]
    return _NAMES.get(kind, "something unknown")


def choose_protocol(infos: Iterable[PaceInfo], *, prove_chip: bool = True) -> PaceProtocol:
    """The one that proves most, then the strongest cipher, then the first named. Raises Unsupported("pace_protocol").

    prove_chip: whether the proof in chip authentication mapping is of use to who asks; else it counts as the generic one.
    """
    infos = tuple(infos)
    known = [protocol for info in infos if (protocol := known_protocol(info)) is not None]
    if not known:
        offered = ", ".join(dict.fromkeys(_name(info) for info in infos))
        raise Unsupported(
            "pace_protocol",
            f"the chip offers PACE as {offered}; known here: {', '.join(_KNOWN)}",
            known=_KNOWN,
        )

    def worth(one: PaceProtocol) -> tuple[bool, bool, int, bool]:
        is_aes = one.cipher is not Cipher.TRIPLE_DES
        proves = prove_chip and one.mapping is Mapping.CHIP_AUTHENTICATION
        return proves, one.mapping is not Mapping.INTEGRATED, one.cipher.key_bytes, is_aes

    return max(known, key=worth)
