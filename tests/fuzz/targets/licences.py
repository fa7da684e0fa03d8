"""Driving licences and residence cards: files off a chip, in the writing of Japanese cards."""

from __future__ import annotations

from common.cards.drivers.driving_licence.changes import parse_changes
from common.cards.drivers.driving_licence.entries import parse_entries
from common.cards.drivers.mynumber_licence import parse_licence_information
from common.cards.drivers.residence_card.certificates import parse_card_certificate
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.drivers.residence_card.first_generation import parse_pictures
from common.cards.drivers.residence_card.second_generation import parse_signed_card
from common.cards.evidence import Environment
from common.cards.japanese_date import (
    parse_era_date,
    parse_full_width_era_date,
    parse_gregorian_date,
)
from common.cards.japanese_text import parse_digits, parse_jis_x_0201, parse_jis_x_0208, parse_utf_8
from common.cards.police.objects import parse_objects
from common.cards.possession import PossessionChallenge
from common.cards.reading import Reading
from common.cards.trust import CardTrust, TrustAnchor
from examples.cards.licence.entries import Contents
from examples.cards.licence.holders import HANAKO, MOVED, TAKASAKI
from examples.cards.mynumber_licence import information
from examples.cards.residence_authority import ResidenceAuthority
from tests.fuzz.target import of_bytes, reading

AUTHORITY = ResidenceAuthority(generation=2)
TRUST = CardTrust(
    anchors=(TrustAnchor(scheme="residence_card", environment=Environment.TEST, material=AUTHORITY.root_der),)
)
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s", nonce=bytes(32))
RESIDENCE = ResidenceCardDriver()
ENTRIES = (
    "c5083230323930353230c6083139383531323331c70132c803555341c90a54313030303030303031"
    "ce0430353030ca023032cb083230323430353230cc0132cd083230323930353230"
)


def _thirds(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Three files out of one input: each but the last after its length (2 bytes)."""
    files = []
    for _ in range(2):
        n = int.from_bytes(data[:2], "big")
        files.append(data[2 : 2 + n])
        data = data[2 + n :]
    return files[0], files[1], data


def _join(*files: bytes) -> bytes:
    *before, last = files
    return b"".join(len(each).to_bytes(2, "big") + each for each in before) + last


def _residence(card_type: str, names: tuple[str, str, str], data: bytes) -> object:
    files = dict(zip(names, _thirds(data), strict=True))
    files |= {"df2/ef01": data, "df2/ef02": data, "df2/ef03": data, "df2/ef04": data, "df1/ef04": data} | files
    notes = {"card_type": card_type, "parts": "card photo address permissions"}
    made = Reading(card="residence_card", files=files, notes=notes)
    return RESIDENCE.authenticate(made, challenge=CHALLENGE, trust=TRUST, now=1_795_000_000)


TARGETS = (
    of_bytes(parse_jis_x_0208, bytes.fromhex("3b33455021214240"), b"\xff\xf1\x30\x21\xff\xfa\x21\x21"),
    of_bytes(parse_jis_x_0201, b"301012345670  ", b"\xb1\xb2\\~"),
    of_bytes(parse_utf_8, "東京都千代田区\0\0".encode()),
    reading(parse_digits, lambda data: parse_digits(data, 6), b"131016"),
    of_bytes(parse_era_date, b"3550217", b"0000000"),
    of_bytes(parse_full_width_era_date, bytes.fromhex("2335233023352331233223322334")),
    of_bytes(parse_gregorian_date, b"19800217"),
    of_bytes(parse_objects, Contents(HANAKO).files()[1], information(TAKASAKI), b"\x05\x01\x01"),
    of_bytes(parse_entries, Contents(HANAKO).files()[1], Contents(TAKASAKI).files()[1]),
    of_bytes(parse_changes, Contents(MOVED).files()[4]),
    of_bytes(parse_licence_information, information(HANAKO)),
    of_bytes(parse_card_certificate, AUTHORITY.certificate_der, AUTHORITY.root_der + bytes(9)),
    reading(
        parse_pictures,
        lambda data: _residence("1", ("df1/ef01", "df1/ef02", "df3/ef01"), data),
        _join(b"\xd0\x04II*\0", b"\xd1\x00", b"\xda\x00\xdb\x00"),
    ),
    reading(
        parse_signed_card,
        lambda data: _residence("05", ("df1/ef02", "df1/ef03", "df3/ef01"), data),
        _join(
            bytes.fromhex(ENTRIES),
            b"\xd0\x04II*\0\xd1\x00",
            b"\xdc\x60"
            + bytes(96)
            + b"\xdd\x82"
            + len(AUTHORITY.certificate_der).to_bytes(2, "big")
            + AUTHORITY.certificate_der,
        ),
    ),
)
