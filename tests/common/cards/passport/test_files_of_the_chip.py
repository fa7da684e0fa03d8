"""What stands in a passport's files: data groups with the text's own examples, the picture, SecurityInfos, EF.ATR/INFO."""

from __future__ import annotations

import struct

import pytest
from asn1crypto import core

from common.cards.channel import CardChannel
from common.cards.drivers.passport.atr_info import AtrInfo, apply_atr_info, parse_atr_info
from common.cards.drivers.passport.country_codes import certificate_countries
from common.cards.drivers.passport.data_groups import parse_dg1, parse_dg11, parse_dg12
from common.cards.drivers.passport.face_image import (
    ImageKind,
    parse_dg2,
    parse_extensible_face_record,
    parse_face_record,
)
from common.cards.drivers.passport.security_infos import (
    ActiveAuthenticationInfo,
    ChipAuthenticationInfo,
    PaceInfo,
    parse_card_access,
    parse_dg14,
    parse_security_infos,
)
from common.cards.tlv import encode_tlv
from common.errors import Malformed
from tests.common.cards.scripted import Script

# --- Doc 9303-10 App. A: the text's examples of DG1 and DG11

DG1 = bytes.fromhex(
    "614B5F1F48493C55544F4552494B53534F4E3C3C414E4E413C4D415249413C3C3C3C3C3C3C3C3C3C3C4432333134353839303755544F37343038"
    "31323246313230343135393C3C3C3C3C3C3C36"
)
DG11 = bytes.fromhex(
    "6B605C0A5F0E5F115F425F125F135F0E0D534D4954483C3C4A4F484E3C4A5F110A414E59544F574E3C4D4E5F4217313233204D41504C452052"
    "443C414E59544F574E3C4D4E5F120B31363132353535313231325F130C54524156454C3C4147454E54"
)


def test_dg1_of_the_text() -> None:
    zone = parse_dg1(DG1)
    assert (zone.surname, zone.given_names, zone.number) == ("ERIKSSON", "ANNA MARIA", "D23145890")


def test_dg11_of_the_text() -> None:
    details = parse_dg11(DG11)
    assert details.full_name == "SMITH JOHN J"
    assert details.birth_place == ("ANYTOWN", "MN")
    assert details.address == ("123 MAPLE RD", "ANYTOWN", "MN")
    assert details.birth_date == ""


@pytest.mark.parametrize(
    "file",
    [b"", DG1[:-1], DG1[:-1] + b"\xff", b"\x62" + DG1[1:], b"\x61\x03\x5f\x1f\x00", encode_tlv(0x61, encode_tlv(0x5F1F, b"<" * 88))],
)  # fmt: skip
def test_no_dg1(file: bytes) -> None:
    with pytest.raises(Malformed):
        parse_dg1(file)


def dg(tag: int, *objects: tuple[int, bytes]) -> bytes:
    return encode_tlv(tag, b"".join(encode_tlv(inner, value) for inner, value in objects))


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (b"19900303", "1990-03-03"),
        (bytes.fromhex("19900303"), "1990-03-03"),
        (b"19900000", ""),
        (b"1990030", ""),
        (b"\xff\xff\xff\xff", ""),
        ("１９９００３０３".encode(), ""),
        (b"19900230", ""),
    ],
)
def test_dates_in_both_forms(value: bytes, date: str) -> None:
    assert parse_dg11(dg(0x6B, (0x5F2B, value))).birth_date == date
    assert parse_dg12(dg(0x6C, (0x5F26, value))).issue_date == date


def test_the_state_s_own_script() -> None:
    assert parse_dg11(dg(0x6B, (0x5F0E, "髙橋<<花子".encode()))).full_name == "髙橋 花子"
    assert parse_dg12(dg(0x6C, (0x5F19, "外務省".encode()))).issuing_authority == "外務省"
    assert parse_dg12(dg(0x6C, (0x5F19, b"Gen\xe8ve"))).issuing_authority == "Genève"


def test_the_personal_number_is_left_alone() -> None:
    details = parse_dg11(dg(0x6B, (0x5F10, b"123456789012"), (0x5F0E, b"A<<B")))
    assert not any(b"123456789012".decode() in str(getattr(details, name)) for name in details.__struct_fields__)


@pytest.mark.parametrize("value", [b"a\x00b", b"x" * 1025, b"a\nb", "a\u202eb".encode()])
def test_texts_that_are_none(value: bytes) -> None:
    with pytest.raises(Malformed):
        parse_dg11(dg(0x6B, (0x5F0E, value)))


def test_an_object_that_stands_twice_is_read_in_no_way() -> None:
    with pytest.raises(Malformed):
        parse_dg12(dg(0x6C, (0x5F26, b"20200101"), (0x5F26, b"20210101")))


# --- DG2

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200)) + b"\xff\xd9"
JPEG_2000 = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(100)


def face(
    image: bytes, *, points: int = 0, faces: int = 1, total: int | None = None, length: int | None = None
) -> bytes:
    body = bytes(8 * points) + struct.pack(">BBHHBBHH", 1, 1, 413, 531, 1, 2, 0, 0) + image
    block = 20 + len(body)
    head = struct.pack(">IH", block if length is None else length, points) + bytes(14)
    size = 14 + block
    return b"FAC\x00010\x00" + struct.pack(">IH", size if total is None else total, faces) + head + body


def dg2(record: bytes, *, count: bytes = b"\x01", tag: int = 0x5F2E) -> bytes:
    template = encode_tlv(0x7F60, encode_tlv(0xA1, b"\x80\x02\x01\x01") + encode_tlv(tag, record))
    return encode_tlv(0x75, encode_tlv(0x7F61, encode_tlv(0x02, count) + template))


@pytest.mark.parametrize(
    ("image", "kind"), [(JPEG, ImageKind.JPEG), (JPEG_2000, ImageKind.JPEG_2000), (b"\xff\x4f\xff\x51" + bytes(9), ImageKind.JPEG_2000)]
)  # fmt: skip
@pytest.mark.parametrize("points", [0, 1, 12])
def test_the_picture(image: bytes, kind: ImageKind, points: int) -> None:
    found = parse_dg2(dg2(face(image, points=points)))
    assert (found.data, found.kind, found.width, found.height) == (image, kind, 413, 531)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"FAC\x00010\x00",
        b"FIR" + face(JPEG)[3:],
        face(JPEG)[:-1],
        face(b""),
        face(b"GIF89a" + bytes(50)),
        face(JPEG, faces=0),
        face(JPEG, faces=200),
        face(JPEG, length=33),
        face(JPEG, length=1 << 31),
        face(JPEG, total=1 << 31),
        face(JPEG, total=20),
        face(JPEG)[:14] + struct.pack(">IH", len(face(JPEG)) - 14, 60000) + face(JPEG)[20:],
    ],
    ids=[
        "empty", "head only", "fingers", "cut", "no picture", "GIF", "no face", "many faces", "short block", "long block",
        "long record", "short record", "many points",
    ],
)  # fmt: skip
def test_no_face_record(record: bytes) -> None:
    with pytest.raises(Malformed):
        parse_face_record(record)


def extensible(image: bytes, *, size: bytes = bytes.fromhex("a7088002019d81020213")) -> bytes:
    """ISO/IEC 39794-5 as Doc 9303 profiles it: generation 3, one representation, a picture of 413 by 531."""
    information = encode_tlv(0xA1, bytes.fromhex("a003800102") + size)
    base = encode_tlv(0xA0, encode_tlv(0xA0, encode_tlv(0x80, image) + information))
    one = encode_tlv(0x30, b"\x80\x01\x00" + encode_tlv(0xA1, base))
    version = bytes.fromhex("a007800103810207e3")
    return encode_tlv(0xA1, encode_tlv(0x65, version + encode_tlv(0xA1, one)))


def test_the_picture_in_the_newer_record() -> None:
    for image, kind in ((JPEG, ImageKind.JPEG), (JPEG_2000, ImageKind.JPEG_2000)):
        found = parse_dg2(dg2(extensible(image), tag=0x7F2E))
        assert (found.data, found.kind, found.width, found.height) == (image, kind, 413, 531)
    assert parse_extensible_face_record(extensible(JPEG, size=b"")).width == 0


@pytest.mark.parametrize(
    "record", [b"", b"\x30\x00", extensible(JPEG)[:-1], extensible(b""), extensible(b"GIF89a"), b"\xa1\x02\x65\x00"]
)
def test_no_newer_record(record: bytes) -> None:
    with pytest.raises(Malformed):
        parse_extensible_face_record(record)


def test_dg2_without_a_template() -> None:
    for file in (b"", dg2(face(JPEG), count=b"\x00"), encode_tlv(0x75, encode_tlv(0x7F61, encode_tlv(0x02, b"\x01")))):
        with pytest.raises(Malformed):
            parse_dg2(file)


# --- SecurityInfos


def info(oid: str, *values: bytes) -> bytes:
    return encode_tlv(0x30, core.ObjectIdentifier(oid).dump() + b"".join(values))


def number(value: int) -> bytes:
    return bytes(core.Integer(value).dump())


BSI = "0.4.0.127.0.7.2.2"


def test_all_kinds_of_security_infos() -> None:
    key = encode_tlv(0x30, b"\x05\x00")
    der = encode_tlv(
        0x31,
        info(f"{BSI}.4.2.2", number(2), number(13))
        + info(f"{BSI}.4.2", encode_tlv(0x30, b"\x05\x00"), number(13))
        + info(f"{BSI}.3.2.4", number(1), number(7))
        + info(f"{BSI}.3.2.2", number(1))
        + info(f"{BSI}.1.2", key, number(7))
        + info("2.23.136.1.1.5", number(1), core.ObjectIdentifier("0.4.0.127.0.7.1.1.4.1.3").dump())
        + info(f"{BSI}.2", number(1))
        + info("1.2.3.4", number(1)),
    )
    found = parse_security_infos(der)
    assert found.pace == (PaceInfo(protocol=f"{BSI}.4.2.2", version=2, number=13),)
    assert found.chip_authentication == (
        ChipAuthenticationInfo(protocol=f"{BSI}.3.2.4", version=1, key_id=7),
        ChipAuthenticationInfo(protocol=f"{BSI}.3.2.2", version=1, key_id=None),
    )
    assert [(one.key, one.key_id) for one in found.chip_keys] == [(key, 7)]
    assert found.active_authentication == (ActiveAuthenticationInfo(signature_algorithm="0.4.0.127.0.7.1.1.4.1.3"),)
    assert parse_dg14(encode_tlv(0x6E, der)) == found
    assert parse_card_access(der + bytes(10)) == found


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        encode_tlv(0x31, b"\x02\x01\x01"),
        encode_tlv(0x31, info(f"{BSI}.4.2.2")),
        encode_tlv(0x31, info(f"{BSI}.4.2.2", b"\x04\x00")),
        encode_tlv(0x31, info(f"{BSI}.4.2.2", number(2), b"\x04\x00")),
        encode_tlv(0x31, info("2.23.136.1.1.5", number(1))),
        encode_tlv(0x31, info("1.2.3", number(1)) * 65),
    ],
    ids=["empty", "sequence", "integers", "no version", "version of bytes", "number of bytes", "no algorithm", "many"],
)
def test_no_security_infos(der: bytes) -> None:
    with pytest.raises(Malformed):
        parse_security_infos(der)


# --- EF.ATR/INFO


def atr_info(capabilities: str, command: int, answer: int) -> bytes:
    lengths = encode_tlv(0x02, command.to_bytes(2, "big")) + encode_tlv(0x02, answer.to_bytes(2, "big"))
    return encode_tlv(0x47, bytes.fromhex(capabilities)) + encode_tlv(0x7F66, lengths)


def test_lengths_of_the_chip() -> None:
    found = parse_atr_info(atr_info("940140", 1024, 4096))
    assert found == AtrInfo(extended=True, longest_answer=4094)
    channel = CardChannel(Script())
    apply_atr_info(channel, found)
    assert (channel.extended, channel.most) == (None, 4094), (
        "the first long command shows whether the reader carries it"
    )
    apply_atr_info(channel, AtrInfo(extended=False, longest_answer=None))
    assert (channel.extended, channel.most) == (False, 256)
    assert parse_atr_info(encode_tlv(0x47, bytes.fromhex("940100"))) == AtrInfo(extended=False, longest_answer=None)
    assert parse_atr_info(b"") == AtrInfo(extended=None, longest_answer=None)


def test_lengths_that_no_chip_has_are_passed_over() -> None:
    channel = CardChannel(Script())
    for answer in (0, 1, 2, 200):
        apply_atr_info(channel, parse_atr_info(atr_info("940140", 0, answer)))
    assert channel.most == 65536
    with pytest.raises(Malformed):
        parse_atr_info(encode_tlv(0x7F66, encode_tlv(0x02, b"\x01")))


# --- countries


@pytest.mark.parametrize(
    ("state", "countries"),
    [("JPN", {"JP"}), ("D", {"DE"}), ("GBD", {"GB"}), ("CHN", {"CN", "HK", "MO"}), ("UTO", {"UT"}), ("XXX", set()), ("", set())],
)  # fmt: skip
def test_states_and_countries(state: str, countries: set[str]) -> None:
    assert certificate_countries(state) == countries
