"""Where things are on a passport's chip, and what they are called in a reading. ICAO Doc 9303-10 §3, §4."""

from __future__ import annotations

from typing import Final

from common.cards.drivers.passport.password import PATTERN
from common.cards.files import Sfi
from common.cards.prompts import SecretKind

CARD: Final = "passport"
APPLICATION: Final = bytes.fromhex("A0000002471001")
IDENTITY, PHOTO, DETAILS = "identity", "photo", "details"
"""The driver's parts."""
CARD_ACCESS, CARD_SECURITY, SECURITY_OBJECT = "card_access", "card_security", "sod"
"""Names of files in a reading; those of data groups are ``dg1`` to ``dg16``."""
PACE_CAM, CHIP_AUTHENTICATION, ACTIVE_AUTHENTICATION = "pace_cam", "chip_authentication", "active_authentication"
"""Names of exchanges in a reading, and of the means in evidence."""
HANDED_OVER: Final = "handed_over"
"""The note ``access`` of a reading whose session somebody else opened, at the holder's side of a relay."""
MF: Final = b"\x3f\x00"
ATR_INFO: Final = Sfi(0x01)
FILES: Final = {CARD_ACCESS: Sfi(0x1C), CARD_SECURITY: Sfi(0x1D), SECURITY_OBJECT: Sfi(0x1D)}
"""The first two under the MF, as EF.ATR/INFO, the third in the application."""
GROUPS_OF = {IDENTITY: (1,), PHOTO: (2,), DETAILS: (11, 12)}
PRINTED = SecretKind(
    name="passport_mrz",
    pattern=PATTERN,
    label_ja="旅券番号・生年月日・有効期間満了日（各YYMMDD、空白区切り）、機械読取部の全文、または6桁のCAN",
    label_en="Document number, date of birth, date of expiry (YYMMDD, blanks between), the whole MRZ, or the six-digit CAN",
    counted=False,
    printed=True,
)
"""One question for all: what it opens, the document decides."""


def group_name(number: int) -> str:
    return f"dg{number}"


def group_file(number: int) -> Sfi:
    """A data group's short identifier is its number."""
    return Sfi(number)


def long_name(file: Sfi) -> int:
    """The two-byte identifier of the same file: 011C, 011D, 0101 to 0110."""
    return 0x0100 | file
