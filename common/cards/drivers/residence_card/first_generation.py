"""What a residence card of the first generation says: two signed pictures, and text that nobody signed. 在留カード等仕様書 1.5 §3.3.4.

There is no name, no birth date and no nationality in it that a program could read: they stand in the picture of the card's front. Of a
holder under 16 there is no photo and no signature either (§3.3.5): such a card cannot be verified, which is not the same as valid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from common.cards.japanese_date import parse_gregorian_date
from common.cards.japanese_text import parse_digits, parse_utf_8
from common.cards.tlv import Tlv, find, parse_tlv
from common.errors import Malformed

FRONT_BYTES: Final = 7000
PHOTO_BYTES: Final = 3000
_FRONT, _PHOTO, _CHECK_CODE, _CERTIFICATE = 0xD0, 0xD1, 0xDA, 0xDB
_WRITTEN, _MUNICIPALITY, _RESIDENCE = 0xD2, 0xD3, 0xD4
_GENERAL, _SINGLE, _PENDING = 0xD5, 0xD6, 0xD7


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPictures:
    """front: MMR in TIFF. photo: JPEG 2000, empty for holders under 16. check_code: the signature; empty where the card has none."""

    front: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    check_code: bytes = field(repr=False)
    certificate: bytes = field(repr=False)

    @property
    def is_signed(self) -> bool:
        return bool(self.check_code or self.certificate)


def parse_pictures(front: bytes, photo: bytes, check: bytes) -> SignedPictures:
    """DF1/EF01, DF1/EF02 and DF3/EF01, whole files. Raises Malformed."""
    checked = parse_tlv(check)
    return SignedPictures(
        front=_value(parse_tlv(front), _FRONT),
        photo=_value(parse_tlv(photo), _PHOTO),
        check_code=_value(checked, _CHECK_CODE),
        certificate=_value(checked, _CERTIFICATE),
    )


def signed_bytes(pictures: SignedPictures) -> bytes:
    """What the check code covers: both values, each filled up with zeros to its length, without tags and lengths (§3.4.3.1, figure 3-4).

    Raises Malformed for a picture that is longer than its field.
    """
    if len(pictures.front) > FRONT_BYTES or len(pictures.photo) > PHOTO_BYTES:
        raise Malformed("card_picture_too_long", "a picture of the card is longer than its field")
    return pictures.front.ljust(FRONT_BYTES, b"\0") + pictures.photo.ljust(PHOTO_BYTES, b"\0")


def residence_claims(data: bytes) -> dict[str, str]:
    """DF2/EF01, the address written on the back. Unsigned. Raises Malformed. Empty objects are no claims."""
    objects = parse_tlv(data)
    claims = {}
    written, municipality = _value(objects, _WRITTEN).rstrip(b"\0"), _value(objects, _MUNICIPALITY).rstrip(b"\0")
    if written and (day := parse_gregorian_date(written)):
        claims["address_since"] = day.text
    if municipality:
        claims["municipality_code"] = parse_digits(municipality, 6)
    if address := parse_utf_8(_value(objects, _RESIDENCE)):
        claims["address"] = address
    return claims


def permission_claims(general: bytes, single: bytes, pending: bytes) -> dict[str, str | bool]:
    """DF2/EF02 to EF04, residents only. Unsigned. A withdrawn permission is a file of zeros. Raises Malformed."""
    claims: dict[str, str | bool] = {}
    if text := parse_utf_8(_value(parse_tlv(general), _GENERAL)):
        claims["general_permission"] = text
    if text := parse_utf_8(_value(parse_tlv(single), _SINGLE)):
        claims["single_permission"] = text
    status = _value(parse_tlv(pending), _PENDING)
    if status in (b"0", b"1"):
        claims["renewal_pending"] = status == b"1"
    return claims


def _value(objects: tuple[Tlv, ...], tag: int) -> bytes:
    found = find(objects, tag)
    return b"" if found is None else found.value
