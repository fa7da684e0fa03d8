"""The passport driver against the virtual passports: every profile is read and proven, each fault changes what its row names, few APDUs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.drivers.passport import PassportDriver
from common.cards.drivers.passport.bac import run_bac
from common.cards.drivers.passport.country_crl import CountryCrlSource
from common.cards.drivers.passport.layout import APPLICATION, DETAILS, IDENTITY, PHOTO
from common.cards.drivers.passport.pace import run_pace
from common.cards.drivers.passport.pace_protocols import choose_protocol
from common.cards.drivers.passport.password import can_password, parse_password
from common.cards.drivers.passport.security_infos import parse_card_access
from common.cards.evidence import Answer, Environment, SourceEvidence
from common.cards.files import Sfi, read_file, select_application
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest, SecretPrompt
from common.cards.reading import Exchange, Reading, decode_reading, encode_reading
from common.cards.secret import Secret
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import CardError, CardRemoved, Malformed, PinWrong, Refused, TegataError
from common.ports import CardConnection
from examples.cards.faults import Endless, GarbageAt, RemovedAt
from examples.cards.passport import FAULTS, NAMED_PROFILES, PROFILES, Passport, PassportFault
from examples.cards.people import PEOPLE
from tests.cards.passport_world import NOW, passport, world
from tests.fakes.card import Insert, insert_in_process

DRIVER = PassportDriver()
SECONDS = int(NOW.timestamp())
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))
OVERHEAD = 12
"""APDUs beyond those that the files' sizes demand, at most (issue 4)."""


@cache
def trust(environment: Environment = Environment.TEST) -> CardTrust:
    anchors = tuple(TrustAnchor(scheme="csca", environment=environment, material=one.dump()) for one in world().cscas())
    source = CountryCrlSource(lambda: tuple(world().crls().values()), anchors)
    return CardTrust(anchors=anchors, revocation={"csca": source})


def printed(card: Passport, *, can: bool = False) -> str:
    return card.printed.can if can else "\n".join(card.printed.lines)


def request(text: str, *parts: str) -> ReadRequest:
    def ask(_: SecretPrompt) -> GivenSecret:
        return GivenSecret(secret=Secret(text))

    return ReadRequest(parts=frozenset(parts or (IDENTITY, PHOTO)), ask=ask, challenge=CHALLENGE)


def read(card: Passport, *parts: str, can: bool = False) -> tuple[Reading, CardChannel]:
    channel = CardChannel(insert_in_process(card.chip))
    return DRIVER.read(channel, request(printed(card, can=can), *parts)), channel


def judge(reading: Reading, believed: CardTrust | None = None) -> Authenticated:
    return DRIVER.authenticate(reading, challenge=CHALLENGE, trust=believed or trust(), now=SECONDS)


def source(told: Authenticated) -> SourceEvidence:
    [found] = told.evidence.sources
    return found


@cache
def clean(profile: str) -> tuple[Reading, Authenticated]:
    reading, _ = read(passport(profile))
    return reading, judge(reading)


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
    name for name in PROFILES if name not in NAMED_PROFILES and not name.endswith(("p521", "p_521", "512r1"))
]
"""Every mapping and cipher on the shorter curves; the long ones once, in MEANS."""


def test_every_named_profile_is_here() -> None:
    assert set(MEANS) == set(NAMED_PROFILES)


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
    assert told.claims["document_number"] in card.printed.lines[1]


# --- few APDUs


def demanded(reading: Reading, card: Passport) -> int:
    """What the files' sizes and the length of an answer demand: EF.CardAccess is plain, of protected ones padding and objects take 40."""
    limit = card.profile.extended[1] - 2 if card.profile.extended else 256
    room = {name: limit if name == "card_access" else limit - 40 for name in reading.files}
    return sum(-(-len(file) // room[name]) for name, file in reading.files.items())


@pytest.mark.parametrize("profile", MEANS)
def test_few_apdus(profile: str) -> None:
    card = passport(profile)
    reading, channel = read(card)
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


# --- faults

ROWS = [(profile, fault) for profile in ("japan_2006", "ecdsa_active", "europe_pace", "pace_cam", "pace_only")
        for fault in FAULTS if fault.needs(PROFILES[profile])]  # fmt: skip
FIELDS = ("data_authenticity", "chip_genuineness", "holder_verification", "revocation", "trust_anchor")


def field(found: SourceEvidence, name: str) -> str:
    value = getattr(found, name)
    return str(getattr(value, "answer", value))


@pytest.mark.parametrize(("profile", "fault"), ROWS, ids=[f"{profile}-{fault.name}" for profile, fault in ROWS])
def test_each_fault_changes_what_its_row_names(profile: str, fault: PassportFault) -> None:
    """The field that the row names, and nothing else but what rests on it: what nobody authentic vouches for, vouches for no key."""
    card = passport(profile, fault=fault.name)
    if fault.changes == "no reading":
        with pytest.raises(TegataError) as caught:
            read(card)
        assert fault.becomes in (caught.value.code, "")
        return
    right, told = source(clean(profile)[1]), judge(read(card)[0])
    found = source(told)
    changed = {name: field(found, name) for name in FIELDS if field(found, name) != field(right, name)}
    if fault.changes == "nothing":
        assert changed == {}
        return
    assert changed.pop(fault.changes) == fault.becomes
    if fault.changes == "trust_anchor":
        assert changed.pop("data_authenticity") == "failed"
    if fault.changes in ("trust_anchor", "data_authenticity"):
        assert set(changed.values()) <= {"not_checked"}
        assert dict(told.claims) == {}
    else:
        assert changed == {}
        assert told.claims.keys() == clean(profile)[1].claims.keys()


# --- who is believed


def test_nobody_is_believed_by_default() -> None:
    found = source(judge(clean("ecdsa_active")[0], CardTrust()))
    assert found.data_authenticity.reason == "untrusted_issuer"
    assert found.trust_anchor is Environment.NONE
    assert found.chip_genuineness.answer is Answer.NOT_CHECKED


def test_test_anchors_are_told_from_production() -> None:
    reading, _ = clean("ecdsa_active")
    assert source(judge(reading, trust(Environment.PRODUCTION))).trust_anchor is Environment.PRODUCTION
    assert source(judge(reading, trust().without_test())).trust_anchor is Environment.NONE


def test_an_authority_counts_for_its_own_country_only() -> None:
    others = tuple(
        anchor for anchor in trust().anchors if world().state("UTO").csca(1).issuer.dump() not in anchor.material
    )
    assert 0 < len(others) < len(trust().anchors)
    found = source(judge(clean("ecdsa_active")[0], CardTrust(anchors=others)))
    assert found.data_authenticity.reason == "untrusted_issuer"


def test_without_a_source_revocation_is_not_checked() -> None:
    found = source(judge(clean("ecdsa_active")[0], CardTrust(anchors=trust().anchors)))
    assert (found.revocation.answer.value, found.revocation.reason) == ("not_checked", "no_source")


@pytest.mark.parametrize("profile", ["japan_2006", "ecdsa_active"])
def test_an_answer_to_another_challenge_proves_nothing(profile: str) -> None:
    reading, _ = clean(profile)
    other = replace(CHALLENGE, nonce=bytes(32))
    told = DRIVER.authenticate(reading, challenge=other, trust=trust(), now=SECONDS)
    assert source(told).chip_genuineness.reason == "other_challenge"


@pytest.mark.parametrize(("profile", "name"), [("europe_pace", "chip_authentication"), ("pace_cam", "pace_cam")])
def test_an_altered_proof_of_the_chip_fails(profile: str, name: str) -> None:
    reading, _ = clean(profile)
    exchange = reading.exchanges[name]
    for changed in (
        Exchange(challenge=exchange.challenge, answer=exchange.answer[:-3] + b"\x00" + exchange.answer[-2:]),
        Exchange(challenge=exchange.challenge, answer=b""),
        Exchange(challenge=bytes(len(exchange.challenge)), answer=exchange.answer),
    ):
        found = source(judge(replace(reading, exchanges={name: changed})))
        assert found.chip_genuineness.answer is Answer.FAILED
        assert found.data_authenticity.answer is Answer.PROVEN


@pytest.mark.parametrize(
    ("profile", "without", "reason"),
    [
        ("japan_2006", (), "key_unusable"),
        ("japan_2006", ("dg15",), "proof_withheld"),
        ("europe_pace", (), "key_unusable"),
        ("europe_pace", ("dg14",), "proof_withheld"),
    ],
)
def test_a_withheld_proof_is_failed_and_not_missing(profile: str, without: tuple[str, ...], reason: str) -> None:
    reading, _ = clean(profile)
    files = {name: file for name, file in reading.files.items() if name not in without}
    found = source(judge(replace(reading, files=files, exchanges={})))
    assert (found.chip_genuineness.answer, found.chip_genuineness.reason) == (Answer.FAILED, reason)
    assert found.data_authenticity.answer is Answer.PROVEN


def test_weaker_access_than_the_signed_one_is_told() -> None:
    """Somebody has cut PACE out of EF.CardAccess, which nobody signs: DG14 names it once more."""
    reading, _ = clean("europe_pace")
    files = {name: file for name, file in reading.files.items() if name != "card_access"}
    found = source(judge(replace(reading, files=files, notes={"access": "bac_mrz"})))
    assert "card_access" in found.not_checked


@pytest.mark.parametrize("missing", ["sod", "dg1"])
def test_a_reading_without_its_half(missing: str) -> None:
    reading, _ = clean("ecdsa_active")
    told = judge(replace(reading, files={name: file for name, file in reading.files.items() if name != missing}))
    assert source(told).data_authenticity.answer is Answer.FAILED
    assert dict(told.claims) == {}


def test_a_reading_of_nothing_is_none() -> None:
    with pytest.raises(Malformed):
        judge(Reading(card="passport"))


# --- a handshake somewhere else


@pytest.mark.parametrize(
    ("profile", "means"), [("japan_2006", "active_authentication"), ("pace_cam", "chip_authentication")]
)
def test_only_session_keys_are_handed_over(profile: str, means: str) -> None:
    """The holder's side runs the handshake; ours gets messaging, asks nobody, and has the chip prove itself to us."""
    card = passport(profile)
    connection = insert_in_process(card.chip)
    theirs = CardChannel(connection)
    if card.profile.pace:
        infos = parse_card_access(read_file(theirs, Sfi(0x1C), max_bytes=1024, tlv=True))
        keys = run_pace(theirs, choose_protocol(infos.pace), can_password(card.printed.can), request("").random).keys
    else:
        select_application(theirs, APPLICATION)
        keys = run_bac(theirs, parse_password(printed(card).encode()), request("").random)
    ours = CardChannel(connection)
    ours.extended = theirs.extended
    ours.secure = keys.messaging()

    def nobody(_: SecretPrompt) -> GivenSecret:
        raise AssertionError("asked although the channel is open")

    reading = DRIVER.read(ours, replace(request(""), ask=nobody))
    assert reading.notes["access"] == "handed_over"
    assert reading.accepted == frozenset()
    found = source(judge(reading))
    assert found.data_authenticity.answer is Answer.PROVEN
    assert (found.chip_genuineness.answer, found.chip_genuineness.by) == (Answer.PROVEN, means)


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
            assert told.claims["document_number"] in card.printed.lines[1]


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
