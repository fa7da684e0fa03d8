"""共通カードAP: what the card says of itself, unsigned and free. cards.md §3.6."""

from __future__ import annotations

import hashlib

from examples.cards.files import Application, Pin, Records
from examples.cards.my_number.card_certificates import key_id
from examples.cards.people import Person
from examples.cards.tlv import tlv

AID = bytes.fromhex("d3921000310001010100")
CARD_INFO, KEY_REFERENCE, PIN = 0x0001, 0x0002, 0x001C


class CommonCardApplication(Application):
    def __init__(self, person: Person) -> None:
        super().__init__(
            aid=AID,
            files=[
                Records(fid=CARD_INFO, records=(card_info(person),)),
                Records(fid=KEY_REFERENCE, records=(key_id("6000012"),)),
                Pin(fid=PIN, name="pin", value=b"1234", limit=3),
            ],
        )


def card_info(person: Person) -> bytes:
    """28 digits: serial number 15, municipality 5, expiry 8. The serial number is made of the person's key: nobody else's has 49 first."""
    serial = f"49{int.from_bytes(hashlib.sha256(person.key.encode()).digest(), 'big') % 10**13:013}"
    return tlv(0x01, f"{serial}{person.municipality}{person.card_expires}".encode())
