"""The passport driver against the virtual passports: every profile is read and proven, few APDUs, removal and garbage at any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from common.cards.channel import CardChannel
from common.cards.detect import detect_cards
from common.cards.drivers.passport.access import hand_over
from common.cards.drivers.passport.layout import DETAILS, IDENTITY
from common.cards.drivers.passport.password import parse_password
from common.cards.evidence import Answer, Environment, not_checked, proven
from common.cards.prompts import GivenSecret, SecretPrompt
from common.cards.reading import Reading, decode_reading, encode_reading
from common.errors import CardError, CardRemoved, Malformed, PinWrong, Refused, TegataError, Unsupported
from common.ports import CardConnection
from examples.cards.chip import Chip
from examples.cards.faults import Endless, GarbageAt, RemovedAt
from examples.cards.passport import NAMED_PROFILES, PROFILES, Passport, build_passport
from examples.cards.passport.application import CARD_ACCESS, LdsApplication, MasterFile
from examples.cards.people import PEOPLE
from tests.cards.passport_reader import DRIVER, clean, judge, printed, read, request, source
from tests.cards.passport_world import passport, world
from tests.common.cards.passport.plain import Plain
from tests.fakes.card import Insert, insert_in_process

OVERHEAD = 12
"""APDUs beyond those that the files' sizes demand, at most (issue 4)."""


MEANS = {
    "japan_2006": "active_authentication",
    "sha1_throughout": "active_authentication",
    "japan_2025": "chip_authentication",
    "europe_pace": "chip_authentication",
    "pace_cam": "pace_cam",
    "pace_cam_p521": "pace_cam",
    "pace_3des": "chip_authentication",
    "pace_only": "",
    "ecdsa_active": "active_authentication",
    "ecdsa_active_der": "active_authentication_der",
    "bac_chip_authentication": "chip_authentication",
    "signature_only": "",
    "large_photo": "active_authentication",
}
COMBINATIONS = [
    name
    for name in PROFILES
    if name not in NAMED_PROFILES and (name.endswith(("p_256", "256r1")) or name.startswith("gm_aes_192"))
]
"""Every mapping and cipher on the shorter curves, every curve once; of all of them the virtual card's own examples have more."""


def test_every_named_profile_is_here() -> None:
    assert set(MEANS) == set(NAMED_PROFILES)


DH_ONLY = bytes.fromhex("31143012060a04007f00070202040102020102020100")
"""EF.CardAccess with PACE modulo a prime (id-PACE-DH-GM-AES-CBC-CMAC-128, version 2, group 0) and nothing else."""


def with_dh_only(card: Passport) -> Passport:
    applications = [one for one in card.chip.applications if isinstance(one, LdsApplication)]
    return replace(card, chip=Chip(applications, mf=MasterFile(pace=None, free={CARD_ACCESS: DH_ONLY})))


def test_pace_modulo_a_prime_alone_is_gone_around_by_bac() -> None:
    reading, _ = read(with_dh_only(passport("japan_2006")))
    assert (reading.notes["pace"], reading.notes["access"]) == ("unsupported", "bac_mrz")
    assert judge(reading).claims["family_name"] == "YAMADA"


def test_pace_modulo_a_prime_without_bac_is_told_by_name() -> None:
    closed = replace(passport("japan_2006"), chip=Chip([], mf=MasterFile(pace=None, free={CARD_ACCESS: DH_ONLY})))
    with pytest.raises(Unsupported, match="DH-GM") as refused:
        read(closed)
    assert refused.value.code == "pace_protocol"
    assert "ECDH-GM" in refused.value.known


def test_a_name_that_may_go_on_beyond_its_field_is_told() -> None:
    long = replace(PEOPLE["hanako"], latin=("WOLFESCHLEGELSTEINHAUSENBERGER", "ADOLPHUS BLAINE"))
    told = judge(read(build_passport(long, authority=world(), profile="japan_2006"), IDENTITY)[0])
    assert source(told).data_authenticity.answer is Answer.PROVEN
    assert source(told).not_checked == ("holder_present", "document_loss", "name_complete")
    without_name = told.evidence.of_claims(["birth_date"]).sources[0]
    assert "name_complete" not in without_name.not_checked


@pytest.mark.parametrize("profile", MEANS)
def test_every_profile_is_read_and_proven(profile: str) -> None:
    reading, told = clean(profile)
    found = source(told)
    assert found.data_authenticity.answer is Answer.PROVEN
    assert found.chip_genuineness.by == MEANS[profile]
    assert found.chip_genuineness.answer is (Answer.PROVEN if MEANS[profile] else Answer.NOT_OFFERED)
    assert found.holder_verification.answer is Answer.NOT_OFFERED
    assert found.revocation.answer.value == "good"
    assert found.trust_anchor is Environment.TEST
    assert found.not_checked == ("holder_present", "document_loss")
    assert told.claims["family_name"] == "YAMADA"
    assert told.claims["given_name"] == "HANAKO"
    assert told.claims["birth_date"] == "1990-03-03"
    assert told.claims["sex"] == 2
    photo = told.claims["photo"]
    assert isinstance(photo, bytes)
    assert len(photo) == PROFILES[profile].photo
    assert decode_reading(encode_reading(reading)) == reading, "a reading travels"
    assert judge(decode_reading(encode_reading(reading))).claims == told.claims


@pytest.mark.parametrize("profile", COMBINATIONS)
def test_every_way_of_pace(profile: str) -> None:
    reading, told = clean(profile)
    assert reading.notes["access"] == "pace_mrz"
    assert source(told).chip_genuineness.answer is Answer.PROVEN


@pytest.mark.parametrize("profile", ["europe_pace", "pace_only"])
def test_the_access_number_opens_it_too(profile: str) -> None:
    reading, _ = read(passport(profile), can=True)
    assert reading.notes["access"] == "pace_can"
    assert source(judge(reading)).data_authenticity.answer is Answer.PROVEN


def test_an_access_number_without_pace_is_refused_before_anything_is_tried() -> None:
    card = passport("japan_2006")
    with pytest.raises(Refused, match="mrz_needed"):
        DRIVER.read(CardChannel(insert_in_process(card.chip)), request("123456"))


def test_details_in_the_state_s_own_script() -> None:
    told = judge(read(passport("japan_2025"), IDENTITY, DETAILS)[0])
    assert told.claims["full_name"] == "山田 花子"
    assert told.claims["issuing_authority"] == "外務省"
    assert "photo" not in told.claims, "nobody asked for it"
    assert {origin.file for origin in source(told).origins} == {"dg1", "dg11", "dg12"}


@pytest.mark.parametrize("person", ["mononym", "nguyen", "taisho"])
def test_difficult_names(person: str) -> None:
    card = passport("ecdsa_active", person=person)
    told = judge(read(card)[0])
    assert (told.claims["family_name"], told.claims.get("given_name", "")) == PEOPLE[person].latin
    assert str(told.claims["document_number"]) in card.printed.lines[1]


# --- few APDUs


def demanded(reading: Reading, card: Passport) -> int:
    """What the files' sizes and the length of an answer demand. EF.CardAccess is plain. In a protected answer status and MAC take 14 bytes
    and the head of the data 4, or 5 where it is long; the data are whole blocks, of which one byte at least is padding."""
    limit = card.profile.extended[1] - 2 if card.profile.extended else 256
    block = card.profile.pace[0].cipher.block if card.profile.pace else 8
    protected = (limit - 14 - (4 if limit <= 256 else 5)) // block * block - 1
    return sum(-(-len(file) // (limit if name == "card_access" else protected)) for name, file in reading.files.items())


@pytest.mark.parametrize("profile", MEANS)
def test_few_apdus(profile: str) -> None:
    """With the one that told that it is a passport."""
    card = passport(profile)
    channel = CardChannel(insert_in_process(card.chip))
    [kind] = detect_cards(channel)
    assert kind.driver == DRIVER.name
    reading = DRIVER.read(channel, request(printed(card)))
    assert channel.exchanges <= demanded(reading, card) + OVERHEAD


def test_no_file_is_read_twice() -> None:
    """Of every file each byte once; but for the eight of DG14 that prove the chip."""
    card = passport("japan_2025")
    reading, _ = read(card)
    sent: list[int] = []
    inner = insert_in_process(card.chip)

    class Counting:
        def transmit(self, command: bytes) -> bytes:
            answer = inner.transmit(command)
            if command[1] == 0xB0:
                sent.append(len(answer))
            return answer

    DRIVER.read(CardChannel(Counting()), request(printed(card)))
    files = sum(map(len, reading.files.values()))
    assert sum(sent) < files + 60 * len(sent)


# --- a handshake somewhere else


@pytest.mark.parametrize(
    ("profile", "means", "can"),
    [
        ("japan_2006", "active_authentication", False),
        ("japan_2025", "active_authentication", False),
        ("europe_pace", "chip_authentication", True),
        ("pace_3des", "chip_authentication", False),
        ("pace_cam", "chip_authentication", True),
    ],
)
def test_only_session_keys_are_handed_over(profile: str, means: str, can: bool) -> None:
    """The holder's side opens the chip; ours gets keys, asks nobody, and has the chip answer our challenge, where it can.

    Chip authentication has no challenge of ours: somebody in between passes it on from a chip that proves itself to them.
    """
    card = passport(profile)
    connection = insert_in_process(card.chip)
    theirs = CardChannel(connection)
    handed = hand_over(theirs, parse_password(printed(card, can=can).encode()), request("").random)
    for printed_text in card.printed.lines:
        assert printed_text not in repr(handed)
    assert handed.keys.encryption.hex() not in repr(handed)

    ours = CardChannel(connection)
    handed.take(ours)

    def nobody(_: SecretPrompt) -> GivenSecret:
        raise AssertionError("asked although the channel is open")

    reading = DRIVER.read(ours, replace(request(""), ask=nobody))
    assert reading.notes["access"] == "handed_over"
    assert reading.accepted == frozenset()
    found = source(judge(reading))
    assert found.data_authenticity.answer is Answer.PROVEN
    if means == "active_authentication":
        assert found.chip_genuineness == proven(means)
    else:
        assert found.chip_genuineness == not_checked("relayed_session", means)
    assert theirs.exchanges + ours.exchanges <= demanded(reading, card) + OVERHEAD + 1, "EF.CardAccess was theirs"


@pytest.mark.parametrize("profile", ["europe_pace", "pace_cam"])
def test_a_proof_that_does_not_hold_is_failed_wherever_it_was_made(profile: str) -> None:
    reading, told = clean(profile)
    means = MEANS[profile]
    assert source(told).chip_genuineness == proven(means)
    relayed = replace(reading, notes={**reading.notes, "access": "handed_over"})
    assert source(judge(relayed)).chip_genuineness == not_checked("relayed_session", means)
    exchange = reading.exchanges[means]
    other = replace(exchange, answer=exchange.answer[:-1] + bytes([exchange.answer[-1] ^ 1]))
    found = source(judge(replace(relayed, exchanges={means: other}))).chip_genuineness
    assert (found.answer, found.by) == (Answer.FAILED, means)


# --- wrong secrets, removal, garbage


@pytest.mark.parametrize("profile", ["japan_2006", "europe_pace"])
def test_a_wrong_zone(profile: str) -> None:
    card = passport(profile)
    with pytest.raises(PinWrong):
        DRIVER.read(CardChannel(insert_in_process(card.chip)), request("XX0000000 900303 300101"))


def test_a_failed_pace_is_not_followed_by_bac() -> None:
    """The chip would open by BAC; its PACE is broken (or somebody between breaks it), and that ends the reading."""
    card = passport("europe_pace", fault="pace_token")
    connection = insert_in_process(card.chip)
    with pytest.raises(CardError, match="access_failed"):
        DRIVER.read(CardChannel(connection), request(printed(card)))
    assert connection.exchanges <= 9  # type: ignore[attr-defined]  # of the in-process card


def test_a_part_that_no_passport_has() -> None:
    card = passport("japan_2006")
    connection = insert_in_process(card.chip)
    for parts in (frozenset[str](), frozenset({"fingerprints"})):
        with pytest.raises(Malformed, match="unknown_part"):
            DRIVER.read(CardChannel(connection), replace(request(""), parts=parts))
    assert connection.exchanges == 0  # type: ignore[attr-defined]


SPOILERS: dict[str, Callable[[Passport, int], CardConnection]] = {
    "removed": lambda card, n: insert_in_process(RemovedAt(card.chip, n)),
    "garbage": lambda card, n: insert_in_process(GarbageAt(card.chip, n)),
    "endless": lambda card, _: insert_in_process(Endless(card.chip)),
}


@pytest.mark.parametrize("profile", ["pace_cam", "ecdsa_active"])
def test_removal_at_every_apdu(profile: str) -> None:
    _, channel = read(passport(profile))
    for n in range(channel.exchanges):
        card = passport(profile)
        with pytest.raises(CardRemoved):
            DRIVER.read(CardChannel(SPOILERS["removed"](card, n)), request(printed(card)))


@pytest.mark.parametrize("profile", ["europe_pace", "ecdsa_active"])
def test_garbage_at_every_apdu(profile: str) -> None:
    """A typed error, or a reading in which the altered part proves nothing wrong."""
    _, channel = read(passport(profile))
    for n in range(channel.exchanges):
        card = passport(profile)
        try:
            reading = DRIVER.read(CardChannel(SPOILERS["garbage"](card, n)), request(printed(card)))
            told = judge(reading)
        except TegataError:
            continue
        if source(told).data_authenticity.answer is Answer.PROVEN:
            assert str(told.claims["document_number"]) in card.printed.lines[1]


def test_an_endless_file_ends() -> None:
    card = passport("ecdsa_active")
    with pytest.raises(TegataError):
        DRIVER.read(CardChannel(SPOILERS["endless"](card, 0)), request(printed(card)))


# --- through a real pcscd


def test_over_each_kind_of_connection(insert: Insert) -> None:
    card = passport("europe_pace")
    channel = CardChannel(insert(card.chip))
    told = judge(DRIVER.read(channel, request(printed(card))))
    assert source(told).chip_genuineness.answer is Answer.PROVEN
    assert channel.exchanges <= 20


class NoShortNames:
    """A chip without secure messaging that gives files by SELECT only: what it is asked under a session that protects nothing."""

    def __init__(self, files: dict[int, bytes]) -> None:
        self._files, self._current = files, b""
        self.selected: list[int] = []

    def transmit(self, command: bytes) -> bytes:
        if command[1] == 0xA4 and command[2] == 2:
            self.selected.append(int.from_bytes(command[5:7], "big"))
            self._current = self._files.get(self.selected[-1], b"")
            return b"\x90\x00" if self._current else b"\x6a\x82"
        if command[1] == 0xB0 and not command[2] & 0x80:
            start = int.from_bytes(command[2:4], "big")
            return self._current[start : start + (command[4] or 256)] + b"\x90\x00"
        return b"\x6a\x86"


def test_a_chip_that_knows_no_short_names() -> None:
    whole, _ = clean("signature_only")
    numbers = {"sod": 0x011D, "dg1": 0x0101, "dg2": 0x0102}
    chip = NoShortNames({numbers[name]: file for name, file in whole.files.items()})
    channel = CardChannel(chip, extended=False)
    channel.secure = Plain()
    reading = DRIVER.read(channel, request(""))
    assert dict(reading.files) == dict(whole.files)
    assert chip.selected == [0x011D, 0x0101, 0x0102], "each once"
