"""What the virtual passport refuses, each rule of the protocols by itself, and what is left of the session then."""

from __future__ import annotations

import pytest

from examples.cards.chip import Chip
from examples.cards.passport.application import CARD_SECURITY, COM, LdsApplication, MasterFile, data_group
from examples.cards.passport.bac import BasicAccess
from examples.cards.passport.chip_authentication import ChipAuthentication, ChipKey
from examples.cards.passport.ciphers import AES_128, AES_192, TRIPLE_DES, pad
from examples.cards.passport.curves import BRAINPOOL_P256R1, P256, Curve
from examples.cards.passport.objects import oid_value
from examples.cards.passport.pace import CAN, Pace, PaceOffer
from examples.cards.tlv import tlv
from tests.cards.passport_terminal import Keys, Refused, Terminal, enter
from tests.cards.passport_world import passport

GM = PaceOffer(mapping="gm", cipher=AES_128, curve=P256)
CAN_DIGITS = b"123456"


def pace_chip(*offers: PaceOffer, scalar: int = 0x1234) -> Chip:
    """A chip with a card access number, whose ephemeral keys are all one number and whose nonce is all ones."""
    pace = Pace(offers or (GM,), {CAN: CAN_DIGITS}, random=lambda count: b"\x01" * count, scalar=lambda _: scalar)
    return Chip([LdsApplication(files={COM: bytes(4)}, bac=BasicAccess("X"))], mf=MasterFile(pace=pace, free={}))


def template(offer: PaceOffer, *, reference: int = CAN, curve: Curve | None = None) -> bytes:
    data = tlv(0x80, oid_value(offer.protocol)) + tlv(0x83, bytes([reference]))
    return data + (tlv(0x84, bytes([curve.identifier])) if curve else b"")


# Secure messaging


def sealed(keys: Keys, header: bytes, body: bytes) -> bytes:
    """Objects as they are given, under a MAC that holds."""
    counter = keys._next()
    body += tlv(0x8E, keys._seal(counter + pad(header, keys.cipher.block) + body))
    return header + bytes([len(body)]) + body + b"\x00"


LE = tlv(0x97, b"\x08")


@pytest.mark.parametrize(
    ("ins", "body"),
    [
        (0xB0, LE + LE),
        (0xB0, LE + tlv(0x87, b"\x01", bytes(16))),
        (0xB0, tlv(0x99, b"\x90\x00")),
        (0xB0, tlv(0x97, bytes(3))),
        (0xB0, tlv(0x97)),
        (0xA4, tlv(0x87, b"\x02", bytes(16))),
        (0xA4, tlv(0x87, bytes(16))),
        (0xA4, tlv(0x87, b"\x01")),
        (0xA4, tlv(0x87)),
        (0xA4, tlv(0x87, b"\x01", bytes(15))),
        (0xA4, tlv(0x85, bytes(16))),
        (0xB1, tlv(0x87, b"\x01", bytes(16))),
        (0xA4, tlv(0x87, b"\x01", bytes(16))),  # whole blocks, and no padding in them
        (0xB0, b"\x97\x81"),
    ],
)
@pytest.mark.parametrize("profile", ["japan_2006", "japan_2025"])
def test_objects_that_are_none_of_a_command(profile: str, ins: int, body: bytes) -> None:
    terminal = enter(passport(profile))
    keys = terminal.keys
    assert keys is not None
    terminal.select(COM)
    assert terminal.card.answer(sealed(keys, bytes([0x0C, ins, 0x00, 0x00]), body)).hex() == "6988"
    with pytest.raises(Refused, match="6882"):
        terminal.select(COM)


def test_a_command_without_a_mac() -> None:
    terminal = enter(passport("japan_2006"))
    assert terminal.card.answer(bytes.fromhex("0cb0000003970108") + b"\x00").hex() == "6987"
    with pytest.raises(Refused, match="6882"):
        terminal.select(COM)


def test_no_messaging_before_there_are_keys() -> None:
    assert passport("japan_2006").chip.answer(bytes.fromhex("0cb000000d9701048e08ed6705417e96ba5500")).hex() == "6882"


def test_answers_to_odd_instructions_come_in_their_own_object() -> None:
    terminal = enter(passport("large_photo"))
    terminal.select(data_group(2))
    assert terminal.keys is not None
    odd = terminal.keys.protect((0x00, 0xB1, 0x00, 0x00), bytes.fromhex("54020000"), 32)
    answer = terminal.card.answer(odd)
    assert answer[0] == 0x85
    assert terminal.keys.open(answer)[:2] == b"\x53\x1e"
    assert terminal.card.answer(terminal.keys.protect((0x00, 0xB0, 0x00, 0x00), b"", 32))[0] == 0x87


# PACE


@pytest.mark.parametrize(
    ("data", "sw"),
    [
        (b"", "6a80"),
        (template(GM)[:12], "6a80"),
        (tlv(0x83, bytes([CAN])), "6a80"),
        (template(PaceOffer(mapping="gm", cipher=AES_192, curve=P256)), "6a80"),
        (template(GM, curve=BRAINPOOL_P256R1), "6a80"),
        (template(GM, reference=1), "6a88"),
        (template(GM, reference=3), "6a88"),
        (template(GM) + template(GM), "6a80"),
        (template(GM) + tlv(0x91, b"\x00"), "6a80"),
        (template(GM)[:-1], "6a80"),
        (template(GM), "9000"),
        (template(GM, curve=P256), "9000"),
        (template(GM) + tlv(0x7F4C, b""), "9000"),
    ],
)
def test_templates(data: bytes, sw: str) -> None:
    chip = pace_chip()
    command = bytes.fromhex("0022c1a4") + (bytes([len(data)]) + data if data else b"")
    assert chip.answer(command).hex() == sw
    assert chip.answer(bytes.fromhex("10860000027c0000"))[-2:].hex() == ("9000" if sw == "9000" else "6985")


def test_one_protocol_on_two_curves_must_be_told_apart() -> None:
    other = PaceOffer(mapping="gm", cipher=AES_128, curve=BRAINPOOL_P256R1)
    chip = pace_chip(GM, other)
    for data, sw in ((template(GM), "6a88"), (template(GM, curve=BRAINPOOL_P256R1), "9000")):
        assert chip.answer(bytes.fromhex("0022c1a4") + bytes([len(data)]) + data).hex() == sw


@pytest.mark.parametrize("last", [False, True])
def test_steps_are_chained_and_the_last_one_is_not(last: bool) -> None:
    terminal = Terminal(pace_chip())
    step = terminal._step
    terminal._step = lambda cla, data, tag: step(  # type: ignore[method-assign]
        0x10 if last else 0x00 if tag == 0x80 else cla, data, tag
    )
    with pytest.raises(Refused, match="6883"):
        terminal.pace(GM, CAN, CAN_DIGITS)
    with pytest.raises(Refused, match="6985"):
        step(0x10, b"", 0x80)


def test_parameters_and_wrapping_of_a_step() -> None:
    for wrong, sw in (
        ("10860100027c0000", "6a86"),
        ("1086000002800000", "6a80"),
        ("10860000047c02800000", "6a80"),
        ("10860000", "6a80"),
    ):
        chip = pace_chip()
        data = template(GM)
        chip.answer(bytes.fromhex("0022c1a4") + bytes([len(data)]) + data)
        assert chip.answer(bytes.fromhex(wrong)).hex() == sw
        assert chip.answer(bytes.fromhex("10860000027c0000")).hex() == "6985", "from the start again"


def test_a_key_that_is_the_chips_own_is_refused() -> None:
    """A terminal that sends back what the chip is about to send would agree with it without the password."""
    terminal = Terminal(pace_chip(scalar=0x98765432))
    with pytest.raises(Refused, match="6a80"):
        terminal.pace(GM, CAN, CAN_DIGITS, scalars=(5, 0x98765432))
    terminal.pace(GM, CAN, CAN_DIGITS, scalars=(5, 6))


def test_points_that_are_none() -> None:
    point = P256.encode(P256.g)
    for wrong in (point[:-1] + b"\x00", point[:-1], b"\x00", b"\x02" + point[1:33], b""):
        for skipped in (0, 1):  # as mapping key, as ephemeral key
            chip = pace_chip()
            data = template(GM)
            chip.answer(bytes.fromhex("0022c1a4") + bytes([len(data)]) + data)
            chip.answer(bytes.fromhex("10860000027c0000"))
            if skipped:
                chip.answer(_step(0x81, P256.encode(P256.multiply(9))))
            assert chip.answer(_step(0x83 if skipped else 0x81, wrong)).hex() == "6a80"


def _step(tag: int, value: bytes) -> bytes:
    data = tlv(0x7C, tlv(tag, value))
    return bytes.fromhex("10860000") + bytes([len(data)]) + data + b"\x00"


def test_bac_takes_back_what_only_pace_opens() -> None:
    card = passport("pace_cam")
    terminal = enter(card)
    terminal.send(0x00, 0xA4, 0x00, 0x0C, bytes.fromhex("3f00"))
    assert terminal.read(CARD_SECURITY)
    terminal.keys = None
    terminal.select_application()
    terminal.bac(card.printed.mrz.information())
    terminal.send(0x00, 0xA4, 0x00, 0x0C, bytes.fromhex("3f00"))
    terminal.select(CARD_SECURITY)
    with pytest.raises(Refused, match="6982"):
        terminal.send(0x00, 0xB0, 0x00, 0x00, ne=8)


# BAC


def test_another_challenge_than_ours_is_refused() -> None:
    chip = pace_chip()
    terminal = Terminal(chip)
    terminal.select_application()
    bac = BasicAccess("X")
    terminal.send(0x00, 0x84, 0x00, 0x00, ne=8)
    enciphered = TRIPLE_DES.encipher(bac._k_enc, bytes(32))
    with pytest.raises(Refused, match="6300"):
        terminal.send(0x00, 0x82, 0x00, 0x00, enciphered + TRIPLE_DES.mac(bac._k_mac, enciphered), 40)


@pytest.mark.parametrize(("count", "length", "sw"), [(8, 39, "6700"), (4, 40, "6985"), (8, 40, "6300")])
def test_lengths_of_bac(count: int, length: int, sw: str) -> None:
    terminal = Terminal(pace_chip())
    terminal.select_application()
    terminal.send(0x00, 0x84, 0x00, 0x00, ne=count)
    with pytest.raises(Refused, match=sw):
        terminal.send(0x00, 0x82, 0x00, 0x00, bytes(length), 40)


# Chip authentication


def ca_terminal(*keys: ChipKey) -> Terminal:
    """After BAC, on a chip with these keys."""
    application = LdsApplication(
        files={COM: bytes.fromhex("60025c00")}, bac=BasicAccess("X"), chip_authentication=ChipAuthentication(keys)
    )
    terminal = Terminal(Chip([application], mf=MasterFile(pace=None, free={})))
    terminal.select_application()
    terminal.bac("X")
    return terminal


def test_keys_that_are_not_told_apart() -> None:
    keys = [ChipKey(curve=P256, private=number, ciphers=(TRIPLE_DES, AES_128), identifier=number) for number in (5, 6)]
    for cipher in (TRIPLE_DES, AES_128):
        with pytest.raises(Refused, match="6a88"):
            ca_terminal(*keys).authenticate_chip(P256, P256.multiply(6), cipher, None)
        terminal = ca_terminal(*keys)
        terminal.authenticate_chip(P256, P256.multiply(6), cipher, 6)
        assert terminal.read(COM)


def test_three_des_by_the_longer_way_too() -> None:
    """MSE:Set AT and GENERAL AUTHENTICATE serve all ciphers, 3DES among them (9303-11 §6.2.4.2); some documents want it so."""
    terminal = ca_terminal(ChipKey(curve=P256, private=5, ciphers=(TRIPLE_DES,)))
    terminal.send(0x00, 0x22, 0x41, 0xA4, tlv(0x80, oid_value("0.4.0.127.0.7.2.2.3.2.1")))
    point = P256.encode(P256.multiply(77))
    assert terminal.send(0x00, 0x86, 0x00, 0x00, tlv(0x7C, tlv(0x80, point)), 256) == b"\x7c\x00"
    terminal.keys = Keys.of_secret(TRIPLE_DES, P256.multiply(5 * 77)[0].to_bytes(32, "big"))
    assert terminal.read(COM)


def test_what_chip_authentication_refuses() -> None:
    key = ChipKey(curve=P256, private=5, ciphers=(AES_128,))
    point = P256.encode(P256.multiply(77))
    chosen = tlv(0x80, oid_value("0.4.0.127.0.7.2.2.3.2.2"))
    for p1p2, data, sw in (
        (0x41A4, tlv(0x80, oid_value("0.4.0.127.0.7.2.2.3.2.3")), "6a80"),
        (0x41A4, chosen + tlv(0x84, b"\x07"), "6a88"),
        (0x41A4, tlv(0x84, b"\x07"), "6a80"),
        (0x41A6, tlv(0x84, b"\x07"), "6a80"),
        (0x41A6, tlv(0x91, point), "6a88"),  # no key of it for 3DES
        (0xC1A4, chosen, "6d00"),
    ):
        terminal = ca_terminal(key)
        with pytest.raises(Refused, match=sw):
            terminal.send(0x00, 0x22, p1p2 >> 8, p1p2 & 0xFF, data)
        assert terminal.read(COM), "the session goes on"
    for data, sw in (
        (tlv(0x7C, tlv(0x81, point)), "6a80"),
        (tlv(0x7C), "6a80"),
        (tlv(0x7C, tlv(0x80, point[:-1])), "6a80"),
    ):
        terminal = ca_terminal(key)
        terminal.send(0x00, 0x22, 0x41, 0xA4, chosen)
        with pytest.raises(Refused, match=sw):
            terminal.send(0x00, 0x86, 0x00, 0x00, data, 256)
        assert terminal.read(COM), "under the old keys"
