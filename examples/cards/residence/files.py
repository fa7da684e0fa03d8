"""The files of residence cards, both generations, to the byte (在留カード等仕様書 1.5 §3.3; 第2世代 1.1 §3.3).

Objects have the sizes that the specifications give. Shorter pictures are filled with 00 inside their objects, as is the first generation's
certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from examples.cards.chip import SECURE, Application
from examples.cards.facsimile import tiff
from examples.cards.files import Condition, Transparent, all_of, free
from examples.cards.lettering import written
from examples.cards.portraits import COLOUR, portrait_of
from examples.cards.residence.holders import ResidenceHolder
from examples.cards.residence.session import NUMBER
from examples.cards.wide_tlv import filled, thing

PREFIX = bytes.fromhex("d392f0004f")
DF1, DF2, DF3 = (PREFIX + bytes([number]) + bytes(10) for number in (2, 3, 4))
FRONT_SIZE, PHOTO_SIZE, NAME_SIZE, ADDRESS_SIZE = 7000, 3000, 2500, 2500
CERTIFICATE_SIZE = 1200
ENTRIES_SIZE = 53
NUMBER_AND_MESSAGING = all_of(NUMBER, SECURE)
WITH_NUMBER = all_of(NUMBER)


def stored(sfi: int, content: bytes, size: int, read: Condition) -> Transparent:
    """A file that P1 = 80 + sfi names. The specifications give no file identifiers: theirs are taken to be the same."""
    filled(content, size)
    return Transparent(fid=sfi, sfi=sfi, content=content, size=size, filler=0x00, read=read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Check code and certificate. Empty ones stand on the card of somebody under 16."""

    code: bytes = b""
    certificate: bytes = b""


@cache
def name_image(holder: ResidenceHolder) -> bytes:
    return tiff(written([holder.name], width=480))


@cache
def address_image(holder: ResidenceHolder) -> bytes:
    return tiff(written([holder.address[at : at + 18] for at in range(0, len(holder.address), 18)], width=640))


@cache
def front_image(holder: ResidenceHolder) -> bytes:
    """What the first generation prints on the front, without photo and what was printed before."""
    lines = [
        holder.number,
        holder.name,
        f"{holder.birth[:4]}/{holder.birth[4:6]}/{holder.birth[6:]} {'MFX'[int(holder.sex) - 1]}. {holder.nationality}",
        holder.status,
        f"{holder.period} {holder.stay_until}" if holder.stay_until.strip("0") else holder.period,
        f"WORK {holder.work}",
        f"VALID {holder.expires}",
    ]
    return tiff(written(lines, width=640))


def photo(holder: ResidenceHolder) -> bytes:
    return portrait_of(holder.name, COLOUR) if holder.photo else b""


def portrait(holder: ResidenceHolder) -> bytes:
    """The photo's object: filled to its size, or nothing at all under 16."""
    return thing(0xD1, filled(photo(holder), PHOTO_SIZE) if holder.photo else b"")


# First generation


def signed_first(holder: ResidenceHolder) -> bytes:
    """§3.4.3: the two values, filled up, one after the other."""
    return filled(front_image(holder), FRONT_SIZE) + filled(photo(holder), PHOTO_SIZE)


def root_first(holder: ResidenceHolder) -> list[Transparent]:
    kind = b"2" if holder.special else b"1"
    return [stored(0x0B, thing(0xC0, b"0001"), 6, free), stored(0x0A, thing(0xC1, kind), 3, free)]


def first_generation(holder: ResidenceHolder, signed: Signed) -> list[Application]:
    front = thing(0xD0, filled(front_image(holder), FRONT_SIZE))
    address = (
        thing(0xD2, holder.address_date.encode())
        + thing(0xD3, holder.municipality.encode())
        + thing(0xD4, filled(holder.address.encode(), 320))
    )
    back = [stored(1, address, 342, WITH_NUMBER)]
    if not holder.special:
        allowed = "許可：原則週２８時間以内・風俗営業等の従事を除く" if holder.comprehensive != "0" else ""
        single = "許可：資格外活動許可書に記載された範囲内の活動" if holder.individual != "0" else ""
        back += [
            stored(2, _permission(0xD5, allowed), 122, WITH_NUMBER),
            stored(3, _permission(0xD6, single), 122, WITH_NUMBER),
            stored(4, thing(0xD7, holder.pending.encode()), 3, WITH_NUMBER),
        ]
    if signed.code:
        proof = thing(0xDA, signed.code) + thing(0xDB, filled(signed.certificate, CERTIFICATE_SIZE))
    else:
        # §3.3.5 has two forms, and does not say when which: here the second is a special permanent resident's.
        proof = thing(0xDA, b"") + (b"" if holder.special else thing(0xDB, b""))
    return [
        Application(
            aid=DF1,
            files=[
                stored(5, front, FRONT_SIZE + 4, NUMBER_AND_MESSAGING),
                stored(6, portrait(holder), PHOTO_SIZE + 4, NUMBER_AND_MESSAGING),
            ],
        ),
        Application(aid=DF2, files=back),
        Application(aid=DF3, files=[stored(2, proof, 1464, WITH_NUMBER)]),
    ]


def _permission(tag: int, text: str) -> bytes:
    """A permission that was never given, or was taken back, is 00 throughout (§3.3.4.6)."""
    return thing(tag, filled(text.encode(), 120)) if text else b""


# Second generation


def entries(holder: ResidenceHolder) -> list[tuple[int, bytes]]:
    """DF1/EF02, in the order of the file."""
    common = [
        (0xC5, holder.expires),
        (0xC6, holder.birth),
        (0xC7, holder.sex),
        (0xC8, holder.nationality),
        (0xC9, holder.status_code),
        (0xCE, holder.period),
    ]
    only_residents = [
        (0xCA, holder.permission[0]),
        (0xCB, holder.permission[1]),
        (0xCC, holder.work),
        (0xCD, holder.stay_until),
    ]
    return [(tag, text.encode("ascii")) for tag, text in common + ([] if holder.special else only_residents)]


def signed_second(holder: ResidenceHolder) -> bytes:
    """§3.4.3.1: the printed entries (filled to 53), the photo, the name picture; values without tags and lengths."""
    values = b"".join(value for _, value in entries(holder))
    return filled(values, ENTRIES_SIZE) + filled(photo(holder), PHOTO_SIZE) + filled(name_image(holder), NAME_SIZE)


def root_second(kind: bytes) -> list[Transparent]:
    return [stored(0x0B, thing(0xC0, b"0001"), 6, free), stored(0x0A, thing(0xC1, kind), 4, free)]


def second_generation(
    holder: ResidenceHolder, signed: Signed, *, secure: Condition = NUMBER_AND_MESSAGING, plain: Condition = WITH_NUMBER
) -> list[Application]:
    """secure, plain: what opens the files that are only read enciphered, and the others."""
    printed = b"".join(thing(tag, value) for tag, value in entries(holder))
    pictures = thing(0xD0, filled(name_image(holder), NAME_SIZE)) + portrait(holder)
    address = thing(0xDFD1, filled(address_image(holder), ADDRESS_SIZE))
    permissions = (
        thing(0xD5, holder.comprehensive.encode())  # seven are allowed, one is written
        + thing(0xD6, holder.comprehensive_until.encode())
        + thing(0xD7, holder.individual.encode())
    )
    other = thing(0xD9, holder.note.encode()) + thing(0xDE, holder.remarks.encode())
    proof = thing(0xDC, signed.code) + thing(0xDD, signed.certificate)
    back = [stored(3, other, 207, plain)]
    if not holder.special:
        back[:0] = [stored(1, permissions, 22, plain), stored(2, thing(0xD8, holder.pending.encode()), 3, plain)]
    return [
        Application(
            aid=DF1,
            files=[
                stored(1, thing(0xC2, holder.secret), 14, secure),
                stored(3, printed, 46 if holder.special else 73, secure),
                stored(4, pictures, 5508, secure),
                stored(6, address, 2505, secure),
            ],
        ),
        Application(aid=DF2, files=back),
        Application(aid=DF3, files=[stored(2, proof, 704, plain)]),
    ]
