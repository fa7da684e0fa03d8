"""The virtual 特定在留カード alone, with a terminal written from the hypothesis of its session; JPKI and マイナ免許証 on one chip."""

from __future__ import annotations

from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from examples.cards.chip import Chip
from examples.cards.licence.holders import HANAKO
from examples.cards.my_number import jpki
from examples.cards.mynumber_licence import AID as LICENCE
from examples.cards.mynumber_licence import build_mynumber_licence
from examples.cards.people import PEOPLE
from examples.cards.residence.files import DF1, DF2, DF3, signed_second
from examples.cards.residence.holders import NGUYEN
from examples.cards.residence_card import FAULTS
from examples.cards.specified_residence_card import AID, build_specified_residence_card, session_keys
from tests.cards import my_number_world
from tests.cards.authorities import police_authority, residence_authority
from tests.cards.my_number_world import say, select

SECOND = 2
DELIVERED = bytes.fromhex("a0228020") + bytes(range(32))
OK = b"\x90\x00"


class Terminal:
    """counter: of the last message that went either way."""

    def __init__(self, card: Chip) -> None:
        self.card, self.counter = card, 0

    def set_session_key(self, plain: bytes = DELIVERED) -> bytes:
        key = serialization.load_der_public_key(residence_authority(SECOND).delivery_key_der)
        assert isinstance(key, rsa.RSAPublicKey)
        sent = key.encrypt(plain, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
        self.counter = 0
        return say(self.card, bytes.fromhex("80ae0000000100") + sent)

    def _cbc(self) -> Cipher[modes.CBC]:
        one = Cipher(AES(bytes(range(16))), modes.ECB()).encryptor()
        return Cipher(AES(bytes(range(16))), modes.CBC(one.update(self.counter.to_bytes(16, "big"))))

    def _checksum(self, octets: bytes) -> bytes:
        cmac = CMAC(AES(bytes(range(16, 32))))
        cmac.update(self.counter.to_bytes(16, "big") + octets)
        return cmac.finalize()[:8]

    def send(self, header: bytes, body: bytes, *, spoil: int | None = None) -> bytes:
        """A protected command; what the answer's cryptogram holds, or its status word. spoil: the byte of the message to alter."""
        data = body + b"\x8e\x08" + self._checksum(header + body)
        message = bytearray(header + b"\x00" + len(data).to_bytes(2, "big") + data + b"\x00\x00")
        if spoil is not None:
            message[spoil] ^= 1
        answer = say(self.card, bytes(message))
        self.counter += 1
        if len(answer) == 2:
            return answer
        told, checksum, sw = answer[:-12], answer[-10:-2], answer[-2:]
        assert answer[-12:-10] == b"\x8e\x08"
        assert checksum == self._checksum(told + b"\x99\x02" + sw)
        if not told:
            self.counter += 1
            return sw
        assert told[:1] == b"\x86"
        at = 2 if told[1] < 0x80 else 3 if told[1] == 0x81 else 4
        assert told[at] == 1
        plain = self._cbc().decryptor().update(told[at + 1 :]).rstrip(b"\x00")
        self.counter += 1
        return plain[:-1]

    def command(self, header: str, body: bytes, **options) -> bytes:  # type: ignore[no-untyped-def]
        self.counter += 1 if self.counter == 0 else 0
        return self.send(bytes.fromhex(header), body, **options)

    def verify(self, number: bytes) -> bytes:
        self.counter = self.counter or 1
        ciphered = self._cbc().encryptor().update(number + bytes.fromhex("80000000"))
        return self.command("08200086", b"\x86\x11\x01" + ciphered)

    def read(self, p1: int) -> bytes:
        return self.command(f"08b0{p1:02x}00", bytes.fromhex("96020000"))


def a_card(**options) -> Terminal:  # type: ignore[no-untyped-def]
    chip = build_specified_residence_card(
        NGUYEN,
        PEOPLE["nguyen"],
        authority=residence_authority(SECOND),
        my_number=my_number_world.authorities(),
        **options,
    )
    return Terminal(chip)


def opened(**options) -> Terminal:  # type: ignore[no-untyped-def]
    terminal = a_card(**options)
    assert say(terminal.card, select(AID)) == OK
    assert terminal.set_session_key() == OK
    assert terminal.verify(NGUYEN.secret) == OK
    return terminal


def test_the_application_stands_before_its_files() -> None:
    terminal = a_card()
    assert say(terminal.card, select(DF1)).hex() == "6a82"
    assert say(terminal.card, select(jpki.AID)) == OK
    assert say(terminal.card, select(DF1)).hex() == "6a82"
    assert say(terminal.card, select(AID)) == OK
    assert say(terminal.card, "00b08a0000") == b"\xc1\x0207" + OK
    assert say(terminal.card, select(DF1)) == OK
    assert say(terminal.card, "00b08300000000").hex() == "6982"
    assert (
        say(terminal.card, "0084000008", "0082000028" + "00" * 40 + "00").hex() == "6d00"
    )  # no mutual authentication here


def test_everything_is_read_and_signed_as_the_second_generation() -> None:
    terminal = opened()
    say(terminal.card, select(DF1))
    number, entries, pictures, address = (terminal.read(0x80 + sfi) for sfi in (1, 3, 4, 6))
    assert [len(file) for file in (number, entries, pictures, address)] == [14, 73, 5508, 2505]
    assert number[2:] == NGUYEN.secret
    say(terminal.card, select(DF2))
    assert len(terminal.read(0x81)) == 22
    say(terminal.card, select(DF3))
    proof = terminal.read(0x82)
    assert (len(proof), proof[:2].hex()) == (704, "dc60")
    signed = signed_second(NGUYEN)
    assert signed[53:3053] == pictures[2508:5508]
    assert signed[3053:] == pictures[4:2504]


def test_a_wrong_number_and_a_wrong_key() -> None:
    terminal = a_card()
    assert say(terminal.card, select(AID)) == OK
    for bad in (b"", DELIVERED[4:], DELIVERED[:-1], bytes.fromhex("a0028000"), DELIVERED + b"\x00"):
        assert terminal.set_session_key(bad).hex() == "6a80"
    assert say(terminal.card, "80ae0000000100" + "11" * 256).hex() == "6a80"
    assert say(terminal.card, "80ae000010" + "11" * 16).hex() == "6700"
    assert terminal.set_session_key() == OK
    for _ in range(20):
        assert terminal.verify(b"AA00000000AA").hex() == "6300"
    assert terminal.verify(NGUYEN.secret) == OK


@pytest.mark.parametrize("at", [1, 2, 8, 12, 20])
def test_an_altered_message_ends_the_session(at: int) -> None:
    terminal = opened()
    say(terminal.card, select(DF1))
    answer = terminal.command("08b08300", bytes.fromhex("96020000"), spoil=at)
    assert answer.hex() in {"6988", "6987"}
    assert say(terminal.card, "08b0830000000e96020000" + "8e08" + "00" * 8 + "0000").hex() == "69fc"


def test_a_repeated_message_ends_the_session() -> None:
    terminal = opened()
    say(terminal.card, select(DF1))
    terminal.read(0x83)
    terminal.counter -= 2
    assert terminal.read(0x83).hex() == "6988"


def test_leaving_the_application_ends_the_session() -> None:
    terminal = opened()
    assert say(terminal.card, select(jpki.AID)) == OK
    assert say(terminal.card, select(AID)) == OK
    say(terminal.card, select(DF1))
    assert terminal.read(0x83).hex() == "69fc"


def test_jpki_signs_on_the_same_chip() -> None:
    terminal = opened()
    assert say(terminal.card, select(jpki.AID), "00a4020c020018", bytes.fromhex("0020008004") + b"1234") == OK
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420") + bytes(32)
    say(terminal.card, "00a4020c020017")
    signature = say(terminal.card, b"\x80\x2a\x00\x80" + bytes([len(digest_info)]) + digest_info + b"\x00")
    assert (len(signature), signature[-2:]) == (258, OK)


def test_keys_out_of_what_was_delivered() -> None:
    assert session_keys(DELIVERED) == (bytes(range(16)), bytes(range(16, 32)))
    with pytest.raises(ValueError, match="session key"):
        session_keys(bytes.fromhex("a1228020") + bytes(32))


@pytest.mark.parametrize("fault", [row.name for row in FAULTS if row.name not in {"clone", "other_number"}])
def test_faults_are_those_of_the_second_generation(fault: str) -> None:
    before, after = files(a_card().card), files(a_card(fault=fault).card)
    changed = {name for name in before if before[name] != after[name]} - {(2, 2)}  # ECDSA differs every time
    expected = {
        "altered_entries": {(0, 3)}, "altered_photo": {(0, 4)}, "altered_name_image": {(0, 4)}, "changed_address": {(0, 6)},
    }  # fmt: skip
    assert changed == expected.get(fault, set())
    assert (after[2, 2][:4].hex() == "dc00dd00") is (fault == "no_signature")


def files(chip: Chip) -> dict[tuple[int, int], bytes]:
    inner = [application for application in chip.applications if not application.aid]
    return {
        (place, fid): application.transparent(fid).stored()
        for place, application in enumerate(inner)
        for fid in application.files
    }


def test_faults_that_it_cannot_have() -> None:
    with pytest.raises(ValueError, match="fault of the My Number card"):
        a_card(fault="clone")
    with pytest.raises(ValueError, match="unknown fault"):
        a_card(fault="cracked")


def test_the_licence_stands_beside_the_other_applications() -> None:
    """One power-up for both: a licence's PIN opens nothing else, and the other applications' PINs do not open the licence."""
    licence = build_mynumber_licence(HANAKO, authority=police_authority())
    chip = my_number_world.card("hanako", more=[licence])
    assert say(chip, select(jpki.AID), "00a4020c020018", bytes.fromhex("0020008004") + b"1234") == OK
    assert say(chip, select(LICENCE), "00b09b0001").hex() == "6982"
    assert say(chip, bytes.fromhex("0020008604") + HANAKO.pin_1.encode()) == OK
    assert say(chip, "00b09b0001")[-2:] == OK
    assert say(chip, select(jpki.AID), "00a4020c020017", "802a00800401020304" + "00").hex() == "6982"
    assert say(chip, select(LICENCE), "00b09b0001").hex() == "6982"


@cache
def shared(inside: bool) -> Terminal:
    return opened() if inside else a_card()


@given(
    inside=st.booleans(),
    apdus=st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.builds(
                lambda head, data: bytes(head) + bytes([len(data)]) + data + b"\x00",
                st.tuples(
                    st.sampled_from([0x00, 0x08, 0x80]),
                    st.sampled_from([0x20, 0xA4, 0xAE, 0xB0]),
                    st.sampled_from([0x00, 0x04, 0x81, 0x83]),
                    st.sampled_from([0x00, 0x0C, 0x86]),
                ),
                st.one_of(st.binary(min_size=1, max_size=40), st.sampled_from([AID, DF1, DF2, DF3, jpki.AID])),
            ),
        ),
        max_size=6,
    ),
)
def test_any_apdus_are_answered(inside: bool, apdus: list[bytes]) -> None:
    terminal = shared(inside)
    terminal.card.power()
    if inside:
        say(terminal.card, select(AID))
        terminal.set_session_key()
    for apdu in apdus:
        assert 2 <= len(terminal.card.answer(apdu)) <= 65538
