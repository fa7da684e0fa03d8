"""What opens the chip: the machine readable zone or the card access number, as a person gives it. ICAO Doc 9303-11 §4.3, §9.7.

Both stand printed on the document: they show that somebody saw it, not who holds it. They are secrets all the same: who knows them may read
the chip from afar.
"""

from __future__ import annotations

import re
from enum import Enum
from hashlib import sha1

from common.cards.drivers.passport.mrz import mrz_information, parse_mrz
from common.cards.secret import Secret
from common.errors import Malformed

PATTERN = r"\s*(?:\d{6}|[0-9A-Za-z<]{5,22}[\s,/]+\d{6}[\s,/]+\d{6}|(?:[0-9A-Z<]\s*){72,90})\s*"
"""A card access number; or document number, birth and expiry (YYMMDD) with blanks, commas or strokes between; or the whole zone."""
_CAN = re.compile(r"\d{6}")


class PasswordKind(Enum):
    """The value of tag 83 in MSE:Set AT. Doc 9303-11 §4.4.4.1."""

    MRZ = 1
    CAN = 2


class Password:
    """Kind and material. Printed it says only its kind."""

    __slots__ = ("_material", "kind")

    def __init__(self, kind: PasswordKind, material: bytes) -> None:
        self.kind = kind
        self._material = Secret(material)

    def bac_seed(self) -> bytes:
        """K_seed of basic access control: 16 bytes. Doc 9303-11 §9.7.2. Raises ValueError for a card access number."""
        if self.kind is not PasswordKind.MRZ:
            raise ValueError("basic access control takes the machine readable zone")
        return sha1(self._material.reveal()).digest()[:16]  # noqa: S324 — prescribed

    def pace_secret(self) -> bytes:
        """f(π) of PACE: SHA-1 over the MRZ information, or the card access number as it is. Doc 9303-11 §9.7.3."""
        material = self._material.reveal()
        return sha1(material).digest() if self.kind is PasswordKind.MRZ else material  # noqa: S324 — prescribed

    def forget(self) -> None:
        self._material.forget()

    def __repr__(self) -> str:
        return f"Password({self.kind.name})"


def mrz_password(number: str, birth: str, expiry: str) -> Password:
    """Document number and two dates (YYMMDD). Raises Malformed("bad_mrz")."""
    return Password(PasswordKind.MRZ, mrz_information(number, birth, expiry).encode())


def can_password(digits: str) -> Password:
    """The six digits of a card access number. Raises Malformed("bad_can")."""
    if not (digits.isascii() and _CAN.fullmatch(digits)):
        raise Malformed("bad_can", "a card access number has six digits")
    return Password(PasswordKind.CAN, digits.encode())


def parse_password(text: bytes) -> Password:
    """What a person typed or scanned, as `PATTERN` says. Raises Malformed; what was typed is in no error."""
    try:
        typed = text.decode("ascii").strip().upper()
    except UnicodeDecodeError:
        raise Malformed("bad_mrz", "letters, digits and < only") from None
    if _CAN.fullmatch(typed):
        return can_password(typed)
    parts = [part for part in re.split(r"[\s,/]+", typed) if part]
    if len(parts) == 3 and all(len(part) < 30 for part in parts):
        return mrz_password(*parts)
    return Password(PasswordKind.MRZ, parse_mrz(typed).information.encode())
