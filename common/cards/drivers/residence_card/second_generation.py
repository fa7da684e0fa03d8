"""What a residence card of the second generation says: signed text, and pictures of name and address. 第2世代在留カード等仕様書 1.1 §3.3.4.

Birth date, nationality, status and periods are signed text. The *name* is a signed picture, the *address* a picture that nobody signed:
a credential takes a name from elsewhere, or from a person who compared it with the picture, and says which. Codes of the status of
residence are given as they are: no table of them is published for programs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from common.cards.japanese_date import parse_gregorian_date
from common.cards.japanese_text import parse_utf_8
from common.cards.tlv import Tlv, find, parse_tlv
from common.errors import Malformed

ENTRIES_BYTES: Final = 53
"""Special permanent residents, who have no permission and no end of stay, have 34, filled up with zeros where they are signed."""
NAME_BYTES: Final = 2500
PHOTO_BYTES: Final = 3000
SIGNATURE_BYTES: Final = 96
_NAME, _PHOTO, _ADDRESS = 0xD0, 0xD1, 0xDFD1
_SIGNATURE, _CERTIFICATE = 0xDC, 0xDD
_BIRTH = 0xC6
_DATES: Final = {0xC5: "card_expiry", _BIRTH: "birth_date", 0xCB: "permission_date", 0xCD: "stay_until"}
_SEX: Final = {"1": 1, "2": 2, "3": 0}
"""→ ISO/IEC 5218. 3 is 未指定, not known."""
_WORK: Final = {"1": "unrestricted", "2": "as_status_allows", "4": "as_designated", "9": "not_permitted"}
_GENERAL: Final = {"0": "none", "1": "28_hours", "2": "28_hours_education"}
_ENTRIES: Final = (
    *((0xC5, 8), (0xC6, 8), (0xC7, 1), (0xC8, 3), (0xC9, 10), (0xCE, 4)),
    *((0xCA, 2), (0xCB, 8), (0xCC, 1), (0xCD, 8)),
)
"""Tags and lengths in the order of the file. Special permanent residents have the first line only."""
_SHORT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCard:
    """entries: the values of DF1/EF02 by tag, in the order of the file. name: MMR in TIFF; photo: JPEG 2000, empty where there is none.

    signature: r ‖ s, and certificate; both empty where the card has none.
    """

    entries: dict[int, bytes] = field(repr=False)
    name: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    certificate: bytes = field(repr=False)

    @property
    def is_signed(self) -> bool:
        return bool(self.signature or self.certificate)


def parse_signed_card(entries: bytes, pictures: bytes, signature: bytes) -> SignedCard:
    """DF1/EF02, DF1/EF03 and DF3/EF01, whole files. Raises Malformed, also for entries of another order or length than specified.

    The signature covers the entries' values and neither tags nor lengths: in another order, or cut elsewhere, the same signed bytes
    would say that somebody was born on the day on which the card expires.
    """
    objects, shown, checked = parse_tlv(entries), parse_tlv(pictures), parse_tlv(signature)
    form = tuple((each.tag, len(each.value)) for each in objects)
    if form not in (_ENTRIES, _ENTRIES[:_SHORT]):
        raise Malformed("card_entries_malformed", "the entries of the card are not in their order and lengths")
    return SignedCard(
        entries={each.tag: each.value for each in objects},
        name=_value(shown, _NAME),
        photo=_value(shown, _PHOTO),
        signature=_value(checked, _SIGNATURE),
        certificate=_value(checked, _CERTIFICATE),
    )


def signed_bytes(card: SignedCard) -> bytes:
    """What the signature covers: entries ‖ photo ‖ name picture, values only, each filled up with zeros to its length (§3.4.3.1).

    Raises Malformed for a picture that is longer than its field.
    """
    entries = b"".join(card.entries.values())
    if len(card.photo) > PHOTO_BYTES or len(card.name) > NAME_BYTES:
        raise Malformed("card_picture_too_long", "a picture of the card is longer than its field")
    return (
        entries.ljust(ENTRIES_BYTES, b"\0") + card.photo.ljust(PHOTO_BYTES, b"\0") + card.name.ljust(NAME_BYTES, b"\0")
    )


def ecdsa_signature(value: bytes) -> bytes:
    """The card's r ‖ s as DER. What has another length is passed on: some describe the field as "ASN.1 format", and else it is none."""
    if len(value) != SIGNATURE_BYTES:
        return value
    half = SIGNATURE_BYTES // 2
    return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))


def entry_claims(card: SignedCard) -> dict[str, str | int]:
    """The signed text. A value that is not as it has to be raises Malformed: it was signed, so it was not a slip of the line."""
    values = {tag: parse_utf_8(value).strip() for tag, value in card.entries.items()}
    claims: dict[str, str | int] = {}
    for tag, name in _DATES.items():
        if (text := values.get(tag)) and (day := parse_gregorian_date(text.encode())):
            claims[name if tag != _BIRTH or day.whole else "birth_date_incomplete"] = day.text
    if text := values.get(0xC7):
        if text not in _SEX:
            raise Malformed("sex_malformed", "the card's word for sex is none of its values")
        claims["sex"] = _SEX[text]
    if text := values.get(0xCC):
        claims["work_restriction"] = _WORK.get(text, f"code_{text}")
    for tag, name in ((0xC8, "nationality"), (0xC9, "residence_status_code"), (0xCA, "permission_code")):
        if text := values.get(tag):
            claims[name] = text
    if text := values.get(0xCE):
        claims["period_of_stay"] = duration(text)
    return claims


def duration(period: str) -> str:
    """``0306`` → ``P3Y6M``, ``090`` → ``P90D`` (ISO 8601), ``0000`` → ``indefinite``; anything else as it is."""
    if not re.fullmatch(r"[0-9]{3,4}", period):
        return period
    if len(period) == 3:
        return f"P{int(period)}D"
    years, months = int(period[:2]), int(period[2:])
    if not years and not months:
        return "indefinite"
    return "P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "")


def address_picture(data: bytes) -> bytes:
    """DF1/EF04. Unsigned. Its tag has two bytes, and is none that BER knows (``DFD1`` would go on). Raises Malformed."""
    return _value(parse_tlv(data, tag_bytes=2), _ADDRESS)


def permission_claims(permission: bytes, renewal: bytes, remarks: bytes) -> dict[str, str | bool]:
    """DF2/EF01 to EF03 (of special permanent residents the last only). Unsigned. Raises Malformed."""
    claims: dict[str, str | bool] = {}
    objects = (*parse_tlv(permission), *parse_tlv(renewal), *parse_tlv(remarks))
    general = _text(objects, 0xD5)
    if general:
        claims["general_permission"] = _GENERAL.get(general, f"code_{general}")
    if (until := _text(objects, 0xD6)) and (day := parse_gregorian_date(until.encode())):
        claims["general_permission_until"] = day.text
    for tag, name in ((0xD7, "single_permission"), (0xD8, "renewal_pending"), (0xD9, "has_remarks")):
        if (flag := _text(objects, tag)) in ("0", "1"):
            claims[name] = flag == "1"
    if note := _text(objects, 0xDE):
        claims["remarks"] = note
    return claims


def _text(objects: tuple[Tlv, ...], tag: int) -> str:
    return parse_utf_8(_value(objects, tag)).strip()


def _value(objects: tuple[Tlv, ...], tag: int) -> bytes:
    found = find(objects, tag)
    return b"" if found is None else found.value
