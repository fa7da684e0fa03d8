"""The virtual passport by itself: what opens it, what can be read then, how the chip proves itself, on every curve."""

from __future__ import annotations

import hashlib
import io

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from PIL import Image

from examples.cards.passport import NAMED_PROFILES, PROFILES, Passport
from examples.cards.passport.active_authentication import TRAILERS
from examples.cards.passport.application import ATR_INFO, CARD_ACCESS, CARD_SECURITY, COM, DIRECTORY, SOD, data_group
from examples.cards.passport.contents import mrz_of
from examples.cards.passport.data_groups import TAGS
from examples.cards.passport.profiles import COMBINATIONS
from examples.cards.people import PEOPLE
from examples.cards.tlv import objects
from tests.amount import is_usual
from tests.cards.passport_terminal import Refused, Terminal, chip_public_key, enter, infos
from tests.cards.passport_world import passport

CHALLENGE = bytes.fromhex("f173589974bf40c6")
PUBLIC_KEY = "0.4.0.127.0.7.2.2.1.2"
WITH_CHIP_KEY = [name for name in NAMED_PROFILES if PROFILES[name].chip_keys]
ACTIVE = [name for name in NAMED_PROFILES if PROFILES[name].active]


def listed(com: bytes) -> set[int]:
    [(_, members)] = objects(com)
    tags = dict(objects(members))[0x5C]
    return {number for number, tag in TAGS.items() if tag in tags}


@pytest.mark.parametrize("name", NAMED_PROFILES)
def test_every_file_can_be_read_and_is_what_was_written(name: str) -> None:
    card = passport(name)
    terminal = enter(card)
    assert listed(terminal.read(COM)) == {
        fid & 0x1F for fid in card.chip.applications[0].files if fid not in {COM, SOD}
    }
    for fid, file in card.chip.applications[0].files.items():
        if fid == data_group(3):
            terminal.select(fid)
            with pytest.raises(Refused, match="6982"):
                terminal.send(0x00, 0xB0, 0x00, 0x00, ne=8)
            continue
        step = 2000 if card.profile.extended and fid == data_group(2) else 0xDF
        assert terminal.read(fid, step=step) == file.content  # type: ignore[attr-defined]
    [(_, zone)] = objects(dict(objects(terminal.read(data_group(1))))[0x61])
    assert zone.decode() == "".join(card.printed.lines)


def test_a_file_beyond_fifteen_bits_of_offset() -> None:
    card = passport("large_photo")
    content = enter(card).read(data_group(2), step=3000)
    assert len(content) > 40_000
    assert content == card.chip.applications[0].transparent(data_group(2)).content


@pytest.mark.parametrize("name", NAMED_PROFILES)
def test_nothing_is_read_without_a_key(name: str) -> None:
    card = passport(name)
    terminal = Terminal(card.chip)
    for fid in card.chip.mf.files if card.chip.mf else ():
        if fid != CARD_SECURITY:
            terminal.select(fid)
            assert terminal.send(0x00, 0xB0, 0x00, 0x00, ne=4)
    if CARD_SECURITY in (card.chip.mf.files if card.chip.mf else ()):
        terminal.select(CARD_SECURITY)
        with pytest.raises(Refused, match="6982"):
            terminal.send(0x00, 0xB0, 0x00, 0x00, ne=8)
    terminal.select_application()
    for fid in card.chip.applications[0].files:
        terminal.select(fid)
        for ins in ((0xB0, b""), (0xB1, bytes.fromhex("540100"))):
            with pytest.raises(Refused, match="6982"):
                terminal.send(0x00, ins[0], 0x00, 0x00, ins[1], ne=8)
    for ins in (0x88, 0x22):
        with pytest.raises(Refused):
            terminal.send(0x00, ins, 0x41 if ins == 0x22 else 0, 0xA4 if ins == 0x22 else 0, CHALLENGE, ne=256)


def test_a_plain_command_ends_the_session() -> None:
    terminal = enter(passport("japan_2006"))
    assert terminal.read(COM)
    terminal.plain(bytes.fromhex("00a4020c02011e"))
    with pytest.raises(Refused, match="6882"):
        terminal.read(COM)
    terminal.keys = None
    terminal.select_application()
    terminal.bac(passport("japan_2006").printed.mrz.information())
    assert terminal.read(COM), "and another one begins"


def test_power_ends_the_session() -> None:
    terminal = enter(passport("europe_pace"))
    terminal.card.power()
    with pytest.raises(Refused, match="6882"):
        terminal.read(COM)


def test_a_wrong_zone_does_not_open_it() -> None:
    card = passport("japan_2006")
    terminal = Terminal(card.chip)
    terminal.select_application()
    with pytest.raises(Refused, match="6300"):
        terminal.bac("L898902C<369080619406236")
    with pytest.raises(Refused, match="6985"):  # the challenge is spent
        terminal.send(0x00, 0x82, 0x00, 0x00, bytes(40), 40)
    terminal.bac(card.printed.mrz.information())
    assert terminal.read(data_group(1))


@pytest.mark.parametrize("reference", [1, 2], ids=["mrz", "can"])
def test_pace_by_either_password(reference: int) -> None:
    card = passport("europe_pace")
    assert len(card.printed.can) == 6
    assert enter(card, reference=reference).read(data_group(1))
    with pytest.raises(Refused, match="6300"):
        Terminal(card.chip).pace(card.profile.pace[0], reference, b"000000" if reference == 2 else bytes(20))


def test_pace_alone_leaves_no_other_door() -> None:
    card = passport("pace_only")
    terminal = Terminal(card.chip)
    terminal.select_application()
    with pytest.raises(Refused, match="6d00"):
        terminal.bac(card.printed.mrz.information())


USUAL = [profile for at, profile in enumerate(COMBINATIONS) if (at + at // 6) % 2 == 0]
"""Every cipher with every other curve, every curve with every other cipher, as the squares of a chessboard."""


@pytest.mark.parametrize(
    "profile",
    USUAL if is_usual() else COMBINATIONS,
    ids=lambda profile: profile.key,
)
def test_every_cipher_on_every_curve(profile) -> None:  # type: ignore[no-untyped-def]
    card = passport(profile.key)
    terminal = enter(card)
    info = infos(dict(objects(terminal.read(data_group(14))))[0x6E])
    curve, public = chip_public_key(info[PUBLIC_KEY])
    assert curve is profile.chip_keys[0].curve
    if profile.chip_authentication_mapping:
        assert curve.multiply(terminal.chip_quotient(), public) == terminal.chip_mapping_key
    terminal.authenticate_chip(curve, public, profile.chip_keys[0].ciphers[0], profile.chip_keys[0].identifier)
    assert terminal.read(data_group(1))


@pytest.mark.parametrize("name", WITH_CHIP_KEY)
def test_chip_authentication(name: str) -> None:
    card = passport(name)
    for at, kind in enumerate(card.profile.chip_keys):
        for cipher in kind.ciphers:
            terminal = enter(card)
            public = kind.curve.multiply(_chip_private(card, at))
            keys = terminal.keys
            terminal.authenticate_chip(kind.curve, public, cipher, kind.identifier)
            assert terminal.read(data_group(1))
            assert terminal.keys is not keys


def _chip_private(card: Passport, at: int) -> int:
    authentication = card.chip.applications[0].chip_authentication  # type: ignore[attr-defined]
    return int(authentication.keys[at].private)


def test_chip_authentication_names_the_key_where_there_are_several() -> None:
    card = passport("pace_cam_p521")
    terminal = enter(card)
    assert terminal.read(data_group(14)).count(bytes.fromhex("060904007f000702020102")) == 2
    kind = card.profile.chip_keys[0]
    with pytest.raises(Refused, match="6a88"):
        terminal.authenticate_chip(kind.curve, kind.curve.g, kind.ciphers[0], 7)
    terminal.authenticate_chip(kind.curve, kind.curve.multiply(_chip_private(card, 0)), kind.ciphers[0], None)
    assert terminal.read(data_group(1)), "one key has that cipher alone: it need not be named"


@pytest.mark.parametrize("name", ["pace_cam", "pace_cam_p521"])
def test_chip_authentication_mapping(name: str) -> None:
    card = passport(name)
    terminal = enter(card)
    curve = card.profile.pace[-1].curve
    terminal.send(0x00, 0xA4, 0x00, 0x0C, bytes.fromhex("3f00"))
    content = terminal.read(CARD_SECURITY)
    public = curve.multiply(_chip_private(card, 0))
    assert curve.encode(public) in content, "the key stands in EF.CardSecurity"
    assert curve.multiply(terminal.chip_quotient(), public) == terminal.chip_mapping_key


def verified_active(card: Passport, dg15: bytes, challenge: bytes, answer: bytes) -> bool:
    """As a reader must do it, from DG15 alone but for the hash of ECDSA."""
    public = serialization.load_der_public_key(dict(objects(dg15))[0x6F])
    assert card.profile.active is not None
    hash_name = card.profile.active.hash_name
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        size = public.key_size // 8
        recovered = pow(int.from_bytes(answer, "big"), numbers.e, numbers.n).to_bytes(size, "big")
        trailer = bytes.fromhex(TRAILERS[hash_name])
        digest_size = hashlib.new(hash_name).digest_size
        message, digest = (
            recovered[1 : -digest_size - len(trailer)],
            recovered[-digest_size - len(trailer) : -len(trailer)],
        )
        framed = recovered[0] == 0x6A and recovered.endswith(trailer)
        return framed and hashlib.new(hash_name, message + challenge).digest() == digest
    assert isinstance(public, ec.EllipticCurvePublicKey)
    if not card.profile.active.der:
        half = (public.curve.key_size + 7) // 8
        assert len(answer) == 2 * half
        answer = encode_dss_signature(int.from_bytes(answer[:half], "big"), int.from_bytes(answer[half:], "big"))
    algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}[hash_name]
    try:
        public.verify(answer, challenge, ec.ECDSA(algorithm))
    except Exception:
        return False
    return True


@pytest.mark.parametrize("name", ACTIVE)
def test_active_authentication(name: str) -> None:
    card = passport(name)
    terminal = enter(card)
    dg15 = terminal.read(data_group(15))
    first, second = terminal.sign_challenge(CHALLENGE), terminal.sign_challenge(CHALLENGE)
    assert first != second, "there is a lot in it"
    assert verified_active(card, dg15, CHALLENGE, first)
    assert not verified_active(card, dg15, bytes(8), first)
    for length in (0, 7, 9, 16):
        with pytest.raises(Refused, match="6700"):
            terminal.sign_challenge(bytes(length))


def test_the_hash_of_ecdsa_is_named() -> None:
    for name, arc in (("ecdsa_active", 3), ("ecdsa_active_der", 4)):
        found = infos(dict(objects(enter(passport(name)).read(data_group(14))))[0x6E])
        assert found["2.23.136.1.1.5"][2].dump().hex() == f"060a04007f00070101040{1}0{arc}"


@pytest.mark.parametrize("name", ["japan_2006", "large_photo"])
def test_the_photo_is_a_picture_in_its_container(name: str) -> None:
    card = passport(name)
    content = card.chip.applications[0].transparent(data_group(2)).content
    [(_, group)] = objects(content)
    [(_, templates)] = objects(group)
    number, (_, template) = list(objects(templates))
    assert number == (0x02, b"\x01")
    record = dict(objects(template))[0x5F2E]
    assert record[:8] == b"FAC\x00010\x00"
    assert int.from_bytes(record[8:12], "big") == len(record)
    assert record[12:14] == b"\x00\x01"
    assert int.from_bytes(record[14:18], "big") == len(record) - 14
    image = record[14 + 20 + 12 :]
    assert len(image) == card.profile.photo
    with Image.open(io.BytesIO(image)) as picture:
        picture.load()
        assert picture.format == ("JPEG2000" if card.profile.jpeg_2000 else "JPEG")
        assert picture.size == (int.from_bytes(record[36:38], "big"), int.from_bytes(record[38:40], "big"))
        low, high = picture.convert("L").getextrema()
        assert high - low > 100, "a face, not a wall"  # type: ignore[operator]


def test_names_and_dates_that_are_difficult() -> None:
    expected = {"kiyo": "41<<<<", "unknown_birth": "<<<<<<", "mononym": "010228", "takasaki": "851231"}
    for key, birth in expected.items():
        card = passport("japan_2025", person=key)
        terminal = enter(card)
        zone = dict(objects(dict(objects(terminal.read(data_group(1))))[0x61]))[0x5F1F].decode()
        assert zone[57:63] == birth
        details = dict(objects(dict(objects(terminal.read(data_group(11))))[0x6B]))
        assert details[0x5F0E].decode() == PEOPLE[key].name.replace("\u3000", "<<")
        assert details[0x5F2B].decode() == PEOPLE[key].birth
    assert passport("japan_2025", person="mononym").printed.lines[0].rstrip("<") == "P<JPNSULASTRI"


def test_short_and_extended_length() -> None:
    short, long = passport("japan_2006"), passport("japan_2025")
    assert short.chip.answer(bytes.fromhex("00a4040c000007a0000002471001")).hex() == "6700"
    information = short.chip.mf.transparent(ATR_INFO).content if short.chip.mf else b""
    assert information.hex() == "4703940100"
    information = long.chip.mf.transparent(ATR_INFO).content if long.chip.mf else b""
    assert information.hex() == "47039401407f66080202040002021000"
    terminal = enter(long)
    terminal.select(data_group(2))
    assert len(terminal.send(0x00, 0xB0, 0x00, 0x00, ne=4000)) == 4000
    long.chip.power()
    assert Terminal(long.chip).read(DIRECTORY).hex() == "61094f07a0000002471001"
    short.chip.power()
    with pytest.raises(Refused, match="6a82"):
        Terminal(short.chip).read(CARD_ACCESS)


def test_numbers_and_printed_secrets_are_not_shown() -> None:
    card = passport("europe_pace")
    number = mrz_of(PEOPLE["hanako"], card.profile, card.dates).number
    assert card.printed.mrz.number == number
    assert number not in repr(card)
    assert card.printed.can not in repr(card.printed)
