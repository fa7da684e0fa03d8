"""Nothing but the published list reaches a card, whatever an issuer sends. The virtual cards are the judges: what they gave away, and what
their counters say, not what the guard thinks of itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cache
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cards.apdu import Command, encode
from common.cards.drivers.my_number import jpki, surface, text
from common.cards.drivers.passport.key_derivation import Cipher, SessionKeys
from common.cards.drivers.passport.layout import APPLICATION
from common.cards.possession import PossessionChallenge, build_digest_info, build_possession, derive_challenge
from common.errors import Malformed, Refused
from examples.cards.chip import Chip
from examples.cards.driving_licence import build_driving_licence
from examples.cards.licence.holders import SAMPLES
from examples.cards.my_number.card import PASSWORD, PIN
from examples.cards.people import PEOPLE
from tests.amount import examples
from tests.cards.my_number_world import card
from tests.cards.sandbox import sandbox
from wallet_agent.reading.command_apdu import parse_command
from wallet_agent.reading.guard import find_key, find_slot, judge, settle
from wallet_agent.reading.published import LICENCE_1, LICENCE_2, build_rules
from wallet_agent.reading.rules import Rules, Session, State

MANY = settings(max_examples=examples(100, 2000), deadline=None)
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))
OURS = build_digest_info(build_possession(CHALLENGE))
JUKI = bytes.fromhex("D3921000310001010401")
COMMON = bytes.fromhex("D3921000310001010100")
GUESSES = (b"1234", b"0000", PASSWORD, PIN, b"****")
_HARMLESS = {0xA4, 0xB0, 0x20, 0xC0}
_EVERYTHING = ("jpki_signature", "jpki_authentication", "surface")

header = st.tuples(*(st.integers(0, 255) for _ in range(4)))
raw_commands = st.binary(max_size=40) | st.builds(
    lambda head, data, le: encode(Command(head[0], head[1], head[2], head[3], data, le)),
    header,
    st.binary(max_size=60),
    st.sampled_from((None, 1, 16, 256, 65536)),
)


def command(cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> bytes:
    return encode(Command(cla, ins, p1, p2, data, le))


selecting = st.sampled_from((jpki.AID, text.AID, surface.AID, JUKI, COMMON, LICENCE_1, LICENCE_2, APPLICATION)).map(
    lambda aid: command(0x00, 0xA4, 0x04, 0x0C, aid)
)
files = st.integers(0, 0x1F).map(lambda fid: command(0x00, 0xA4, 0x02, 0x0C, fid.to_bytes(2, "big")))
reading = st.builds(
    lambda p1, p2, le: command(0x00, 0xB0, p1, p2, le=le),
    st.sampled_from((0, 0, 0, 1)) | st.integers(0x80, 0x9F),
    st.sampled_from((0, 0, 16)),
    st.sampled_from((16, 256, 65536)),
)
counting = st.sampled_from((0x80, 0x81, 0x82, 0x86, 0x91, 0x95, 0x98, 0x9B)).map(lambda p2: command(0, 0x20, 0, p2))
guessing = st.builds(
    lambda ins, p2, value: command(0x00, ins, 0x00, p2, value),
    st.sampled_from((0x20, 0x24, 0x2C, 0x21)),
    st.sampled_from((0x80, 0x81, 0x82, 0x86, 0x91, 0x94, 0x98, 0x9B)),
    st.sampled_from(GUESSES),
)
signing = st.builds(
    lambda p2, digest: command(0x80, 0x2A, 0x00, p2, digest, 256),
    st.sampled_from((0x00, 0x97, 0x9A)),
    st.sampled_from((OURS, build_digest_info(b"a contract"), bytes(20))),
)
chained = st.builds(lambda data: command(0x10, 0x20, 0x00, 0x80, data), st.sampled_from(GUESSES))
presenting = st.sampled_from(
    ("jpki_signature_password", "jpki_authentication_pin", "my_number_text_pin", "my_number_verification_b")
)
hostile = st.lists(
    selecting | files | reading | counting | guessing | signing | chained | raw_commands | presenting, max_size=30
)


@dataclass
class Passing:
    """A chip behind the guard. given: what the holder knows, by the name of the secret."""

    chip: Chip
    rules: Rules
    given: dict[str, bytes]
    state: State = field(default_factory=State)

    def put(self, step: bytes | str) -> bytes | None:
        """A command through the guard, None where it did not pass; or the presentation of a secret, as the holder's side does it."""
        if isinstance(step, str):
            try:
                slot = find_slot(self.rules, self.state, step)
            except Refused:
                return None
            return self.chip.answer(command(0x00, 0x20, 0x00, slot.p2, self.given[step]))
        try:
            passed = judge(self.rules, self.state, step)
        except (Refused, Malformed):
            return None
        answer = self.chip.answer(step)
        self.state = settle(self.rules, self.state, passed, answer)
        return answer


@cache
def chip() -> Chip:
    """Its holder has a number that nothing else on the card looks like; those of the sandbox have zeros."""
    with patch("examples.cards.my_number.text.NO_NUMBER", b"918273645546"):
        return card()


def fresh(made: Chip) -> Chip:
    for application in made.applications:
        for pin in application.pins():
            pin.left = pin.limit if pin.name != "spare" else 0
    made.power()
    return made


def counters(made: Chip) -> list[int]:
    return [pin.left for application in made.applications for pin in application.pins()]


def my_number(*parts: str) -> Passing:
    given = {
        "jpki_signature_password": PASSWORD,
        "jpki_authentication_pin": PIN,
        "my_number_verification_b": PEOPLE["hanako"].printed_code.encode(),
    }
    return Passing(fresh(chip()), build_rules("my_number", parts, CHALLENGE), given)


def individual_number() -> bytes:
    """As the virtual card keeps it, in file 0001 of its text application."""
    made = fresh(chip())
    made.answer(command(0x00, 0xA4, 0x04, 0x0C, text.AID))
    made.answer(command(0x00, 0x20, 0x00, 0x91, PIN))
    whole = made.answer(command(0x00, 0xB0, 0x81, 0x00, le=256))
    assert whole[:3] == bytes.fromhex("FF100C")
    assert whole[-2:] == b"\x90\x00"
    return whole[3:15]


@MANY
@given(steps=hostile, parts=st.sets(st.sampled_from(_EVERYTHING), min_size=1))
def test_a_my_number_card_gives_away_nothing_that_is_not_on_the_list(steps: list[bytes | str], parts: set[str]) -> None:
    number, passing = individual_number(), my_number(*parts)
    digest = hashlib.sha256(b"\xff\x10\x0c" + number + b"\xff\xff").digest()
    before = counters(passing.chip)
    for step in steps:
        answer = passing.put(step)
        if answer is None or isinstance(step, str):
            continue
        assert number not in answer
        assert digest not in answer, "file 0003 of the text application: as good as the number"
        assert step[0] == 0x00
        assert step[1] in _HARMLESS, step.hex()
        assert step[1] != 0x20 or len(step) == 4, "a value for a PIN"
        if step[1] == 0xA4 and step[2] == 0x04:
            assert step[5:] in {jpki.AID, surface.AID}
    assert counters(passing.chip) == before


@pytest.mark.parametrize("lost", [jpki.AID, surface.AID], ids=["jpki", "surface"])
def test_a_refused_selection_leaves_no_way_to_the_other_application(lost: bytes) -> None:
    """The chip stays in the surface application where JPKI cannot be selected; file 0001 is a certificate there and another here."""
    passing = my_number("jpki_signature", "surface")
    passing.put(command(0x00, 0xA4, 0x04, 0x0C, surface.AID))
    passing.put(command(0x00, 0xA4, 0x02, 0x0C, b"\x00\x12"))
    assert passing.put("my_number_verification_b") == b"\x90\x00"
    selecting_it = command(0x00, 0xA4, 0x04, 0x0C, lost)
    passing.state = settle(passing.rules, passing.state, judge(passing.rules, passing.state, selecting_it), b"\x6a\x82")
    assert passing.put(command(0x00, 0xA4, 0x02, 0x0C, b"\x00\x01")) is None
    assert passing.put(command(0x00, 0xB0, 0x81, 0x00, le=256)) is None
    assert passing.put(command(0x00, 0xB0, 0x00, 0x00, le=256)) is None


NEVER = {
    "a guess": command(0x00, 0x20, 0x00, 0x80, b"1234"),
    "four asterisks": command(0x00, 0x20, 0x00, 0x80, b"****"),
    "change reference data": command(0x00, 0x24, 0x00, 0x80, b"12345678"),
    "reset retry counter": command(0x00, 0x2C, 0x00, 0x80, b"12345678"),
    "a signature over a contract": command(0x80, 0x2A, 0x00, 0x9A, build_digest_info(b"a contract"), 256),
    "the right signature, ready-made": command(0x80, 0x2A, 0x00, 0x9A, OURS, 256),
    "the individual number": command(0x00, 0xA4, 0x02, 0x0C, b"\x00\x01"),
    "the individual number by its short name": command(0x00, 0xB0, 0x81, 0x00, le=256),
    "the text application": command(0x00, 0xA4, 0x04, 0x0C, text.AID),
    "the digest of the individual number": command(0x00, 0xA4, 0x02, 0x0C, b"\x00\x03"),
    "the digest by its short name": command(0x00, 0xB0, 0x83, 0x00, le=256),
    "the resident register": command(0x00, 0xA4, 0x04, 0x0C, JUKI),
    "the number as a key": command(0x00, 0xA4, 0x02, 0x0C, b"\x00\x14"),
    "update binary": command(0x00, 0xD6, 0x00, 0x00, b"\0"),
    "erase binary": command(0x00, 0x0E, 0x00, 0x00),
    "another logical channel": command(0x01, 0xB0, 0x00, 0x00, le=256),
    "a link of a chain": command(0x10, 0x20, 0x00, 0x80, b"1234"),
    "a long form of a short command": bytes.fromhex("00b00000000010"),
    "bytes behind the end": bytes.fromhex("00a4020c020002") + b"\0\0",
    "nothing": b"",
}


@pytest.mark.parametrize("name", NEVER)
def test_what_never_passes_on_a_my_number_card(name: str) -> None:
    passing = my_number(*_EVERYTHING)
    passing.put(command(0x00, 0xA4, 0x04, 0x0C, surface.AID))
    passing.put(command(0x00, 0xA4, 0x02, 0x0C, b"\x00\x12"))
    assert passing.put("my_number_verification_b") == b"\x90\x00"
    assert passing.put(NEVER[name]) is None


def test_keys_sign_only_where_they_live() -> None:
    passing = my_number("jpki_signature", "surface")
    passing.put(command(0x00, 0xA4, 0x04, 0x0C, surface.AID))
    for name in ("jpki_signature", "jpki_authentication", "other"):
        with pytest.raises(Refused):
            find_key(passing.rules, passing.state, name)
    assert find_key(passing.rules, passing.state, "card").p2 == 0
    passing.put(command(0x00, 0xA4, 0x04, 0x0C, jpki.AID))
    assert find_key(passing.rules, passing.state, "jpki_signature").p2 == 0x9A
    for name in (
        "card",
        "jpki_authentication",
    ):  # with P2 00 the current file would be the key; the other one nobody agreed to
        with pytest.raises(Refused):
            find_key(passing.rules, passing.state, name)


@MANY
@given(steps=st.lists(selecting | files | reading | counting | guessing | raw_commands, max_size=20))
@pytest.mark.parametrize("has_pins", [True, False], ids=["with_pins", "without_pins"])
def test_a_licence_is_told_four_asterisks_only_where_nobody_chose_a_pin(has_pins: bool, steps: list[bytes]) -> None:
    made = fresh(licence(has_pins))
    passing = Passing(made, build_rules("driving_licence", ("entries", "signature"), CHALLENGE), {})
    before = counters(made)
    for step in (command(0x00, 0xA4, 0x00, 0x00), command(0x00, 0xB0, 0x8A, 0x00, le=3), *steps):
        if passing.put(step) is not None and step[1] == 0x20 and len(step) > 4:
            assert not has_pins
            assert step[5:] == b"****"
    assert counters(made) == before


@cache
def licence(has_pins: bool) -> Chip:
    found = next(one for one in SAMPLES.values() if bool(one.pin_1) == has_pins)
    made = build_driving_licence(found, authority=sandbox().police)
    assert isinstance(made, Chip)
    return made


# --- under secure messaging


KEYS = {
    cipher: SessionKeys(
        cipher=cipher,
        encryption=bytes(range(1, 1 + cipher.key_bytes)),
        mac=bytes(range(101, 101 + cipher.key_bytes)),
        ssc=bytes(cipher.block_bytes),
    )
    for cipher in Cipher
}
AA = derive_challenge(CHALLENGE, "active_authentication", 8)
_READABLE = {0x1D, 0x0E, 0x0F, 0x01}
plain_commands = st.builds(
    lambda ins, p1, p2, data, le: Command(0x00, ins, p1, p2, data, le),
    st.sampled_from((0xA4, 0xB0, 0xB1, 0x20, 0x22, 0x24, 0x2A, 0x86, 0x88, 0x84, 0x82, 0xD6)) | st.integers(0, 255),
    st.sampled_from((0x00, 0x02, 0x04, 0x41, 0x81, 0xC1)) | st.integers(0x80, 0x9F) | st.integers(0, 255),
    st.sampled_from((0x00, 0x0C, 0xA4, 0xA6, 0xB6)),
    st.sampled_from((b"", APPLICATION, b"\x01\x03", b"\x01\x1d", AA, bytes(8), b"\x54\x01\x10", b"1234"))
    | st.binary(max_size=20),
    st.sampled_from((None, 16, 256)),
)


def is_on_the_list(plain: Command) -> bool:
    """The list once more, in other words."""
    said = (plain.ins, plain.p1, plain.p2)
    if said == (0xA4, 0x04, 0x0C):
        return plain.data == APPLICATION
    if said == (0xA4, 0x02, 0x0C):
        return plain.data in {bytes((1, number)) for number in _READABLE}
    if plain.ins == 0xB0 and not plain.data:
        return plain.p1 < 0x80 or plain.p1 - 0x80 in _READABLE
    if said == (0xB1, 0, 0):
        return plain.data[:1] == b"\x54"
    if said == (0x88, 0, 0):
        return plain.data == AA
    return plain.ins in (0x22, 0x86)  # of chip authentication, which has its own test


@MANY
@given(plain=plain_commands, cipher=st.sampled_from(Cipher), counter=st.integers(0, 1 << 40))
def test_what_is_protected_is_opened_and_judged(plain: Command, cipher: Cipher, counter: int) -> None:
    keys = replace(KEYS[cipher], ssc=counter.to_bytes(cipher.block_bytes, "big"))
    rules = build_rules("passport", ("identity",), CHALLENGE)
    state = State(opened=True, application=APPLICATION, file=0x011D, session=Session(keys=keys, counter=counter))
    sent = encode(keys.messaging().protect(plain))
    try:
        passed = judge(rules, state, sent)
    except (Refused, Malformed):
        return
    assert passed.plain == plain
    assert is_on_the_list(plain), plain
    assert passed.session is not None
    assert passed.session.counter == counter + 2


@MANY
@given(at=st.integers(0, 400), bit=st.integers(0, 7), cipher=st.sampled_from(Cipher))
def test_an_altered_protected_command_does_not_pass(at: int, bit: int, cipher: Cipher) -> None:
    """All but the outer length, which says only how much fits."""
    rules = build_rules("passport", ("identity",), CHALLENGE)
    state = State(opened=True, application=APPLICATION, session=Session(keys=KEYS[cipher], counter=0))
    sent = bytearray(encode(KEYS[cipher].messaging().protect(Command(0x00, 0x88, 0x00, 0x00, AA, 256))))
    judge(rules, state, bytes(sent))
    sent[at % (len(sent) - 2)] ^= 1 << bit
    with pytest.raises((Refused, Malformed)):
        judge(rules, state, bytes(sent))


def test_a_protected_command_passes_once() -> None:
    keys = KEYS[Cipher.AES_128]
    rules = build_rules("passport", ("identity",), CHALLENGE)
    state = State(opened=True, application=APPLICATION, session=Session(keys=keys, counter=0))
    sent = encode(keys.messaging().protect(Command(0x00, 0xB0, 0x9D, 0x00, le=200)))
    state = settle(rules, state, judge(rules, state, sent), b"\x90\x00")
    with pytest.raises(Malformed):
        judge(rules, state, sent)


def test_after_chip_authentication_nothing_but_its_proof() -> None:
    """The keys are the issuer's alone from there on, so nobody here could tell a fingerprint from a photo."""
    keys = KEYS[Cipher.AES_128]
    messaging = keys.messaging()
    rules = build_rules("passport", ("identity",), CHALLENGE)
    state = State(opened=True, application=APPLICATION, session=Session(keys=keys, counter=0))
    agreement = Command(0x00, 0x86, 0x00, 0x00, bytes.fromhex("7c0480020401"), 256)
    sent = encode(messaging.protect(agreement))
    state = settle(rules, state, judge(rules, state, sent), b"\x90\x00")
    new = KEYS[Cipher.AES_256].messaging()
    for refused in (
        Command(0x00, 0xB0, 0x83, 0x00, le=8),
        Command(0x00, 0xA4, 0x02, 0x0C, b"\x01\x03"),
        Command(0x00, 0x88, 0x00, 0x00, AA, 256),
        Command(0x00, 0xB0, 0x8E, 0x08, le=8),
    ):
        with pytest.raises(Refused):
            judge(rules, state, encode(KEYS[Cipher.AES_256].messaging().protect(refused)))
    judge(rules, state, encode(new.protect(Command(0x00, 0xB0, 0x8E, 0x00, le=8))))


@pytest.mark.parametrize(
    ("p1", "p2", "data"),
    [
        (0xC1, 0xA4, "800a04007f00070202040202830101"),
        (0x81, 0xA4, "800a04007f000702020202028301ff"),
        (0x81, 0xB6, "8301ff"),
        (0x41, 0xA4, "800a04007f00070202020202"),
        (0x41, 0xB6, "830101"),
    ],
    ids=["pace", "terminal_authentication", "verify_certificate", "another_protocol", "signature_key"],
)
def test_no_other_security_environment(p1: int, p2: int, data: str) -> None:
    keys = KEYS[Cipher.AES_128]
    state = State(opened=True, application=APPLICATION, session=Session(keys=keys, counter=0))
    sent = encode(keys.messaging().protect(Command(0x00, 0x22, p1, p2, bytes.fromhex(data))))
    with pytest.raises(Refused):
        judge(build_rules("passport", ("identity",), CHALLENGE), state, sent)


@pytest.mark.parametrize("driver", ["passport", "residence_card"])
@given(raw=selecting | files | reading | counting | guessing | signing | raw_commands)
@MANY
def test_nothing_passes_before_the_handshake(driver: str, raw: bytes) -> None:
    part = {"passport": "identity", "residence_card": "card"}[driver]
    with pytest.raises((Refused, Malformed)):
        judge(build_rules(driver, (part,), CHALLENGE), State(), raw)


@MANY
@given(raw=st.binary(max_size=30) | raw_commands)
def test_a_command_has_one_form(raw: bytes) -> None:
    try:
        command_read = parse_command(raw)
    except Malformed:
        return
    assert encode(command_read) == raw
