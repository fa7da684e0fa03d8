"""The virtual text application by itself: files against cards.md §3.4 and the test card's of §9, conditions, challenge, session."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from examples.cards.my_number import text
from examples.cards.people import PEOPLE, Person
from examples.cards.tlv import objects, tlv
from tests.cards.my_number_world import authorities, card, read, say, select, verify

SELECT = select(text.AID)
PIN = verify(0x11, b"1234")
CODE_A, CODE_B = verify(0x14, bytes(12).replace(b"\x00", b"0")), verify(0x15, PEOPLE["hanako"].printed_code.encode())
PUBLISHED = (
    "ff2065df2108000e002000590064df220fe9bb92e6a190e38080e5b9b9e4b99fdf2336e69db1e4baace983bde6b885e7"
    "80ace5b882e8a6b3e5b883e5ad90e58d97efbc91efbc92efbc8defbc97efbc8defbc92efbc90efbc92df24083139383030323137df250131"
)


def public_key(data: bytes) -> rsa.RSAPublicKey:
    numbers = dict(objects(data))
    assert len(numbers[0x91]) == 256
    return rsa.RSAPublicNumbers(int.from_bytes(numbers[0x90], "big"), int.from_bytes(numbers[0x91], "big")).public_key()


def check(key: rsa.RSAPublicKey, signature: bytes, message: bytes) -> None:
    key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())


def opened(*, by: bytes = PIN, **options: str) -> dict[int, bytes]:
    """All files that can be read, by FID, without status words and filler."""
    chip = card(**options)  # type: ignore[arg-type]
    say(chip, SELECT, by)
    return {fid: answer[:-2] for fid in range(1, 8) if (answer := read(chip, fid))[-2:] == b"\x90\x00"}


def test_the_attributes_of_the_test_card() -> None:
    somebody = Person(
        key="test_card", name="黒桐　幹也", kana="", latin=("", ""), birth="19800217", sex="1",
        address="東京都清瀬市観布子南１２－７－２０２",
    )  # fmt: skip
    assert text.attributes_record(somebody).hex() == PUBLISHED


@pytest.mark.parametrize(
    ("by", "files"),
    [
        (b"\x00\x20\x00\x91", {4, 5}),
        (PIN, {1, 2, 3, 4, 5, 6, 7}),
        (CODE_A, {1, 3, 4, 5, 6, 7}),
        (CODE_B, {2, 3, 4, 5, 6, 7}),
    ],
    ids=["nothing", "pin", "code-a", "code-b"],
)
def test_who_may_read_what(by: bytes, files: set[int]) -> None:
    assert set(opened(by=by)) == files


def test_no_number_is_anybodys() -> None:
    numbers = {opened(person=person)[1] for person in ("hanako", "takasaki", "child")}
    assert numbers == {bytes.fromhex("ff100c") + b"0" * 12 + b"\xff\xff"}


def test_names_are_as_in_the_register() -> None:
    [(_, value)] = objects(opened(person="takasaki")[2].rstrip(b"\xff"))
    fields = dict(objects(value))
    assert fields[0xDF22].decode() == "髙﨑　𠮷乃"
    assert fields[0xDF24] == b"19851231"


@pytest.mark.parametrize("person", list(PEOPLE))
def test_the_table_of_offsets_points_at_the_objects(person: str) -> None:
    record = text.attributes_record(PEOPLE[person])
    [(_, value)] = objects(record)
    table = dict(objects(value))[0xDF21]
    at = [int.from_bytes(table[i : i + 2], "big") for i in range(0, 8, 2)]
    assert [record[offset : offset + 2].hex() for offset in at] == ["df22", "df23", "df24", "df25"]


def test_the_chain_from_the_authority_to_the_attributes() -> None:
    files = opened()
    # the certificate: ids, key, signature
    assert (len(files[4]), files[4][:5].hex()) == (568, "7f21820233")
    [(_, value)] = objects(files[4])
    parts = dict(objects(value))
    body = parts[0x5F4E]
    assert (len(body), body[:12]) == (297, b"6000033\x08\x05001")
    authority = serialization.load_der_public_key(authorities().cards.authority_spki("33"))
    assert isinstance(authority, rsa.RSAPublicKey)
    check(authority, parts[0x5F37], body)
    issuer = public_key(body[32:])
    # the record: two digests and their signature
    assert files[3][:5].hex() == "ff3082014b"
    [(_, value)] = objects(files[3])
    record = dict(objects(value))
    check(issuer, record[0xDF33], value[: value.index(b"\xdf\x33")])
    attributes = files[2][: 3 + files[2][2]]
    assert record[0xDF31] == hashlib.sha256(files[1]).digest()
    assert record[0xDF32] == hashlib.sha256(attributes[attributes.index(b"\xdf\x22") :]).digest()
    # the card's key
    assert files[7][:5].hex() == "ff50820213"
    [(_, value)] = objects(files[7])
    check(issuer, dict(objects(value))[0xDF52], value[: value.index(b"\xdf\x52")])


def challenge(chip) -> bytes:  # type: ignore[no-untyped-def]
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"challenge").digest()
    return say(chip, b"\x80\x2a\x00\x00\x33" + info + b"\x00")


@pytest.mark.parametrize(("fault", "genuine"), [(None, True), ("clone", False), ("foreign_card_key", True)])
def test_a_challenge_needs_no_pin_and_is_answered_by_the_cards_key(fault: str | None, genuine: bool) -> None:
    chip = card(fault=fault)
    say(chip, SELECT)
    answer = challenge(chip)
    assert answer[-2:] == b"\x90\x00"
    say(chip, PIN)
    [(_, value)] = objects(read(chip, 7)[:-2])
    key = public_key(dict(objects(value))[0xDF51])
    if genuine:
        check(key, answer[:-2], b"challenge")
    else:
        with pytest.raises(InvalidSignature):
            check(key, answer[:-2], b"challenge")


def test_a_key_that_the_issuer_never_signed() -> None:
    files = opened(fault="foreign_card_key")
    issuer = authorities().cards.issuer_key().public_key()
    [(_, value)] = objects(files[7])
    with pytest.raises(InvalidSignature):
        check(issuer, dict(objects(value))[0xDF52], value[: value.index(b"\xdf\x52")])


def test_the_spare_password_is_blocked_from_the_start() -> None:
    assert say(card(), SELECT, "00200092") == b"\x63\xc0"
    assert say(card(), SELECT, verify(0x12, b"1234")) == b"\x69\x84"


class Terminal:
    """Our own side of the session, written from the reference."""

    def __init__(self, chip) -> None:  # type: ignore[no-untyped-def]
        self.chip, self.seed, self.count = chip, bytes(range(32)), 0

    def deliver(self, message: bytes = b"") -> bytes:
        key = public_key(dict(objects(read(self.chip, 6)[:-2]))[0xA1])
        message = message or tlv(0xA0, tlv(0x80, self.seed))
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        sent = key.encrypt(message, oaep)
        return say(self.chip, b"\x80\xae\x00\x00\x00\x01\x00" + sent)

    def cipher(self) -> Cipher[modes.CBC]:
        key = algorithms.AES(self.seed[:16])
        block = Cipher(key, modes.ECB()).encryptor().update(self.count.to_bytes(16, "big"))
        return Cipher(key, modes.CBC(block))

    def send(self, head: str, data: bytes) -> bytes:
        self.count += 1
        padded = data + b"\x80" + bytes(15 - len(data) % 16)
        inside = tlv(0x86, b"\x01" + self.cipher().encryptor().update(padded))
        return say(self.chip, bytes.fromhex(head) + bytes([len(inside)]) + inside)

    def read(self, head: str, wanted: int) -> bytes:
        self.count += 1
        answer = say(
            self.chip, bytes.fromhex(head) + b"\x00\x00\x05\x96\x03\x00" + wanted.to_bytes(2, "big") + bytes(2)
        )
        if len(answer) == 2:
            return answer
        [(tag, value)] = objects(answer[:-2])
        assert (tag, value[0]) == (0x86, 1)
        return self.cipher().decryptor().update(value[1:]).rstrip(b"\x00")[:-1] + answer[-2:]


def session() -> Terminal:
    terminal = Terminal(card())
    say(terminal.chip, SELECT, PIN)
    assert terminal.deliver() == b"\x90\x00"
    return terminal


def test_a_session_hides_what_is_read_and_what_is_presented() -> None:
    terminal = session()
    assert terminal.send("08200095", PEOPLE["hanako"].printed_code.encode()) == b"\x90\x00"
    assert terminal.send("08a4020c", b"\x00\x02") == b"\x90\x00"
    assert say(terminal.chip, "00a4020c020004") == b"\x90\x00", "plain commands do not count"
    assert terminal.send("08a4020c", b"\x00\x02") == b"\x90\x00"
    whole = terminal.read("08b00000", 0)
    assert whole[:-2].rstrip(b"\xff") == text.attributes_record(PEOPLE["hanako"])
    assert terminal.read("08b00003", 4) == whole[3:7] + b"\x90\x00"


def test_a_refusal_counts_too() -> None:
    terminal = session()
    assert terminal.send("08200091", b"9999") == b"\x63\xc2"
    assert terminal.send("08200092", b"9999") == b"\x69\x84"
    assert terminal.send("08200091", b"1234") == b"\x90\x00"


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        ("08b00000059603000010", "9000"),
        ("08b00000050000", "6700"),
        ("08b0000005960301001000", "6988"),
        ("08b0000004960200100000", "6700"),
        ("08b000000386010100", "6988"),
        ("08200095039601ff", "6988"),
        ("0820009504960300ff", "6988"),
        ("082000950486020211", "6988"),
        ("08200095", "6987"),
        ("0c2000950486020111", "6987"),
        ("08a4020c1386110100112233445566778899aabbccddeeff", "6988"),
    ],
)
def test_a_bad_object_ends_the_session(apdu: str, sw: str) -> None:
    terminal = session()
    terminal.send("08a4020c", b"\x00\x02")
    assert say(terminal.chip, apdu)[-2:].hex() == sw
    if sw in {"6988", "6987"}:
        assert terminal.send("08a4020c", b"\x00\x02") == b"\x69\xfc"


def test_a_counter_that_is_off_ends_the_session() -> None:
    terminal = session()
    terminal.count = 5
    assert terminal.send("08a4020c", b"\x00\x02") == b"\x69\x88"


def test_who_may_deliver_a_session_key() -> None:
    chip = card()
    terminal = Terminal(chip)
    say(chip, SELECT, CODE_A)
    assert terminal.deliver() == b"\x69\x82"
    say(chip, PIN)
    assert terminal.deliver(tlv(0xA0, tlv(0x81, bytes(32)))) == b"\x6a\x80"
    assert terminal.deliver(tlv(0xA0, tlv(0x80, bytes(16)))) == b"\x6a\x80"
    assert say(chip, b"\x80\xae\x00\x00\x00\x01\x00" + bytes(256)) == b"\x6a\x80"
    assert say(chip, b"\x80\xae\x00\x00\x00\x01\x00" + b"\xff" * 256) == b"\x6f\x00"
    assert say(chip, "80ae010001aa") == b"\x6a\x86"


def test_a_session_ends_when_an_application_is_selected() -> None:
    terminal = session()
    say(terminal.chip, SELECT)
    assert terminal.send("08a4020c", b"\x00\x02") == b"\x69\xfc"
