"""The four attributes in a JPKI signature certificate: six ``otherName`` entries of its subjectAltName. cards.md §3.3 [C].

Read strictly: each once, each a UTF8String in DER. Only what they say, not what a date or an address means. One published list swaps
address and address flags; a test pins our order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography import x509

from common.errors import Malformed

_ARC = "1.2.392.200149.8.5.5."
NAME, NAME_FLAGS, SEX, BIRTH_DATE, ADDRESS, ADDRESS_FLAGS = (_ARC + str(n) for n in range(1, 7))
_MOST = {NAME: 200, NAME_FLAGS: 200, SEX: 1, BIRTH_DATE: 9, ADDRESS: 400, ADDRESS_FLAGS: 400}
"""Characters. The profile names 200 for the address; twice that is still a short text."""
_MAX_NAMES = 32
_UTF8_STRING = 0x0C


@dataclass(frozen=True, slots=True, kw_only=True)
class JpkiAttributes:
    """name, address: as certified. name_flags, address_flags: one digit a character, 1 where a character stands for one that the
    certificate cannot say. sex: 1, 2 or 3. birth_date: EYYYYMMDD. None of it is printed."""

    name: str = field(repr=False)
    name_flags: str = field(repr=False)
    sex: str = field(repr=False)
    birth_date: str = field(repr=False)
    address: str = field(repr=False)
    address_flags: str = field(repr=False)


def read_attributes(certificate: x509.Certificate) -> JpkiAttributes:
    """The attributes of a certificate that the caller has verified.

    1. subjectAltName: otherName entries, and at most directory names beside them     RFC 5280 §4.2.1.6
    2. each of the six stands exactly once                                           cards.md §4
    3. each is one UTF8String and nothing after it, of bounded length
    4. sex is a digit 1 to 3; flags are 0 and 1, as many as there are characters
    Raises Malformed: "attributes_missing", "attribute_twice", "attribute_malformed", "substitutes_malformed".
    """
    # 1 · entries
    try:
        names = list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        raise Malformed("attributes_missing", "the certificate has no attributes") from None
    if len(names) > _MAX_NAMES:
        raise Malformed("attribute_malformed", "too many alternative names")
    # 2 · each once
    found: dict[str, str] = {}
    for name in names:
        # A directory name beside them is no attribute: JPKI's own CAs have one in their certificates.
        if isinstance(name, x509.DirectoryName):
            continue
        if not isinstance(name, x509.OtherName):
            raise Malformed("attribute_malformed", "an alternative name of a kind that JPKI does not use")
        oid = name.type_id.dotted_string
        if oid in found:
            raise Malformed("attribute_twice", "an attribute stands in the certificate twice")
        # 3 · text
        found[oid] = _read_text(name.value, _MOST[oid]) if oid in _MOST else ""
    if missing := [oid for oid in _MOST if oid not in found]:
        raise Malformed("attributes_missing", f"{len(missing)} of the six attributes are missing")
    # 4 · values
    if found[SEX] not in ("1", "2", "3"):
        raise Malformed("attribute_malformed", "the attribute for sex is none of its values")
    _check_flags(found, NAME, NAME_FLAGS)
    _check_flags(found, ADDRESS, ADDRESS_FLAGS)
    return JpkiAttributes(
        name=found[NAME],
        name_flags=found[NAME_FLAGS],
        sex=found[SEX],
        birth_date=found[BIRTH_DATE],
        address=found[ADDRESS],
        address_flags=found[ADDRESS_FLAGS],
    )


def _check_flags(found: Mapping[str, str], text: str, flags: str) -> None:
    if len(found[text]) != len(found[flags]) or set(found[flags]) - {"0", "1"}:
        raise Malformed("substitutes_malformed", "the flags for substituted characters do not fit their text")


def _read_text(der: bytes, most: int) -> str:
    """The text of one UTF8String, in DER: its shortest length, nothing left over, no control characters, not empty."""
    if len(der) < 3 or der[0] != _UTF8_STRING:
        raise Malformed("attribute_malformed", "an attribute is not a UTF8String")
    length, at = der[1], 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(der[2 : 2 + count], "big"), 2 + count
        if not 1 <= count <= 2 or length < (0x80 if count == 1 else 0x100):
            raise Malformed("attribute_malformed", "the length of an attribute is not DER")
    if len(der) != at + length or length > 4 * most:
        raise Malformed("attribute_malformed", "an attribute is longer or shorter than it says, or than it may be")
    try:
        text = der[at:].decode("utf-8")
    except UnicodeDecodeError:
        # The cause would quote the bytes: they are somebody's name.
        raise Malformed("attribute_malformed", "an attribute is not UTF-8") from None
    if not text or len(text) > most or any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in text):
        raise Malformed("attribute_malformed", "an attribute is empty, too long, or has control characters")
    return text
