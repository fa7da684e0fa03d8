"""The reader's My Number driver and the virtual card, written apart from each other: the right card, and each fault by its row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from common.cards.channel import CardChannel
from common.cards.evidence import Answer, Environment, OriginKind, RevocationAnswer, SourceEvidence
from common.cards.possession import PossessionChallenge
from common.cards.reading import decode_reading, encode_reading
from common.cards.trust import CardTrust
from common.errors import CardRemoved, Malformed, PinBlocked, PinWrong, Refused, Unsupported
from examples.cards.faults import RemovedAt
from examples.cards.my_number.fault_table import FAULTS, MyNumberFault
from examples.cards.overheard import Overheard
from examples.cards.people import PEOPLE
from tests.cards.my_number_reader import DRIVER, NOW, PARTS, Holder, judge, read, request_for, sources, trust
from tests.cards.my_number_world import card
from tests.fakes.card import InProcessCard, Insert

SOURCES = ("jpki_signature", "text", "surface", "jpki_authentication")
TEXT_AID = bytes.fromhex("D3921000310001010408")
SURFACE_AID = bytes.fromhex("D3921000310001010402")


def test_the_right_card(insert: Insert) -> None:
    """Everything is read once, and everything that can be proven is."""
    holder = Holder()
    result = judge(read(insert(card(pretends=True)), holder))
    found = sources(result)
    assert tuple(found) == SOURCES
    assert {name: source.data_authenticity.answer for name, source in found.items()} == dict.fromkeys(SOURCES, "proven")
    assert {name: source.chip_genuineness.answer for name, source in found.items()} == dict.fromkeys(SOURCES, "proven")
    assert {name: source.holder_verification.by for name, source in found.items()} == {
        "jpki_signature": "password",
        "text": "pin",
        "surface": "printed_number",
        "jpki_authentication": "pin",
    }
    assert found["surface"].holder_verification.answer is Answer.NOT_OFFERED
    assert {name: source.revocation.answer for name, source in found.items()} == {
        "jpki_signature": "good",
        "text": "not_offered",
        "surface": "not_offered",
        "jpki_authentication": "good",
    }
    assert result.evidence.environment is Environment.PRODUCTION
    assert [(prompt.kind.name, prompt.tries_left) for prompt in holder.asked] == [
        ("jpki_signature_password", 5),
        ("jpki_authentication_pin", 3),
        ("my_number_text_pin", 3),
        ("my_number_verification_b", 10),
    ]


def test_claims_of_the_signature_certificate() -> None:
    result = judge(read(InProcessCard(card(pretends=True)), parts=["jpki_signature"]))
    person = PEOPLE["hanako"]
    assert dict(result.claims) == {
        "name": person.name,
        "family_name": "山田",
        "given_name": "花子",
        "sex": 2,
        "birth_date": "1990-03-03",
        "age_over_18": True,
        "age_over_20": True,
        "age_over_65": False,
        "address": person.address,
        "prefecture": "東京都",
        "municipality": "新宿区",
        "name_substitutes": "00000",
        "address_substitutes": "0" * len(person.address),
    }
    origin = next(one for one in result.evidence.sources[0].origins if one.claim == "age_over_20")
    assert (origin.kind, origin.file, origin.derived) == (OriginKind.SIGNED_TEXT, "jpki/0001", True)


def test_each_claim_comes_from_the_first_source_that_tells_it() -> None:
    found = sources(judge(read(InProcessCard(card(pretends=True)))))
    assert {origin.claim for origin in found["surface"].origins} == {
        *("photo", "name_image", "address_image", "card_expiry")
    }
    assert found["text"].origins == ()
    alone = judge(read(InProcessCard(card(pretends=True)), parts=["text"]))
    assert alone.claims["name"] == PEOPLE["hanako"].name
    assert alone.evidence.source_of("name").source == "text"
    expiry = next(one for one in found["surface"].origins if one.claim == "card_expiry")
    assert (expiry.kind, expiry.signed_by) == (OriginKind.UNSIGNED_CHIP_TEXT, "")


@pytest.mark.parametrize("person", PEOPLE)
def test_difficult_people(person: str) -> None:
    """Substitutes are told, dates of which nobody knows a part make the ages that are sure, and text is what the register says."""
    held = PEOPLE[person]
    chip = card(person, pretends=True)
    certified = judge(read(InProcessCard(chip), Holder(person), ["jpki_signature"]))
    assert certified.claims["name"] == held.certificate_name
    assert certified.claims["name_substitutes"] == held.name_flags
    assert certified.claims["address"] == held.certificate_address
    assert certified.claims["address_substitutes"] == held.address_flags
    whole = "00" not in (held.birth[4:6], held.birth[6:]) and held.birth[:4] != "0000"
    assert ("birth_date" in certified.claims) is whole
    assert any(claim.startswith("age_over") for claim in certified.claims) is (held.birth[:4] != "0000")
    assert certified.claims["sex"] == {"1": 1, "2": 2, "3": 0}[held.sex]
    assert held.address.startswith(str(certified.claims["prefecture"]))
    text = judge(read(InProcessCard(chip), Holder(person), ["text", "surface"]))
    assert text.claims["name"] == held.name
    assert text.claims["address"] == held.address
    assert text.evidence.source_of("photo").data_authenticity.answer is Answer.PROVEN


def test_ages_are_told_without_the_date() -> None:
    claims = judge(read(InProcessCard(card("nineteen", pretends=True)), parts=["jpki_signature"])).claims
    assert (claims["age_over_18"], claims["age_over_20"], claims["age_over_65"]) == (True, False, False)
    claims = judge(read(InProcessCard(card("taisho", pretends=True)), parts=["jpki_signature"])).claims
    assert claims["age_over_65"] is True


def test_the_individual_number_is_never_selected() -> None:
    """By file, by short identifier, by picture: in no application that has it. 照合番号A is never sent."""
    heard = Overheard(card(pretends=True))
    read(InProcessCard(heard))
    chosen = heard.selected()
    assert (TEXT_AID, 0x0002) in chosen
    assert (TEXT_AID, 0x0001) not in chosen
    assert (SURFACE_AID, 0x0005) not in chosen
    assert not {(TEXT_AID, 0x0014), (SURFACE_AID, 0x0013)} & set(chosen)
    assert not any(len(apdu) == 5 + 12 and apdu[1] == 0x20 for apdu in heard.commands)


def test_no_file_is_read_twice() -> None:
    heard = Overheard(card(pretends=True))
    read(InProcessCard(heard))
    chosen = heard.selected()
    assert len(chosen) == len(set(chosen))
    assert heard.verified() == 4


@pytest.mark.parametrize(
    ("parts", "commands"),
    [
        (["jpki_signature"], 8),
        (["jpki_authentication"], 7),
        (["text"], 9),
        (["surface"], 7),
        (sorted(PARTS), 29),
    ],
    ids=["signature", "authentication", "text", "surface", "all"],
)
def test_the_fewest_commands(parts: list[str], commands: int) -> None:
    """SELECT of each application and PIN, one READ of each file, the counter once, VERIFY, one signature. Before the signature's password
    one more: whether there is such a certificate."""
    channel = CardChannel(InProcessCard(card(pretends=True)))

    DRIVER.read(channel, request_for(Holder(), parts))
    assert channel.exchanges == commands


def test_a_reading_is_judged_elsewhere() -> None:
    reading = decode_reading(encode_reading(read(InProcessCard(card(pretends=True)))))
    assert judge(reading).evidence == judge(read(InProcessCard(card(pretends=True)))).evidence


def field(source: SourceEvidence, name: str) -> str:
    value = getattr(source, name)
    return str(getattr(value, "answer", value))


FIELDS = ("data_authenticity", "chip_genuineness", "holder_verification", "revocation", "trust_anchor")
JUDGED = [fault for fault in FAULTS if fault.changes != "no reading" and fault.name not in ("last_try", "grafted")]


@pytest.mark.parametrize("fault", JUDGED, ids=[fault.name for fault in JUDGED])
def test_each_fault_changes_what_its_row_names(fault: MyNumberFault) -> None:
    """The field that the row names, in the sources that it names, and nothing else but what rests on it (the table's own note)."""
    right = sources(judge(read(InProcessCard(card(pretends=True)))))
    found = sources(judge(read(InProcessCard(card(fault=fault.name, pretends=True)))))
    believed = trust()
    if fault.name == "test_anchor":
        of_tests = trust(pretends=False, environment=Environment.TEST)
        believed = CardTrust(
            anchors=believed.anchors + of_tests.anchors,
            revocation=of_tests.revocation,
        )
        found = sources(judge(read(InProcessCard(card(fault=fault.name, pretends=True))), believed))
    for name, source in found.items():
        changed = {one: field(source, one) for one in FIELDS if field(source, one) != field(right[name], one)}
        if name not in fault.sources or fault.changes == "nothing":
            assert changed == {}, name
            continue
        assert changed.pop(fault.changes) == fault.becomes, name
        if fault.changes == "trust_anchor" and fault.becomes == "none":
            assert changed.pop("data_authenticity") == "failed"
        if fault.changes in ("trust_anchor", "data_authenticity"):
            assert set(changed.values()) <= {"not_checked", "none"}, name
        else:
            assert changed == {}, name


def test_attributes_that_were_grafted_show_only_beside_another_part() -> None:
    """Nothing in the text application ties attributes to the card's key: alone they pass, beside a certificate they do not."""
    alone = judge(read(InProcessCard(card(fault="grafted", pretends=True)), parts=["text"]))
    assert alone.evidence.sources[0].data_authenticity.answer is Answer.PROVEN
    assert "attributes_bound_to_chip" in alone.evidence.sources[0].not_checked
    beside = judge(read(InProcessCard(card(fault="grafted", pretends=True))))
    assert sources(beside)["text"].data_authenticity.reason == "another_person"
    assert beside.claims["name"] == PEOPLE["hanako"].name


@pytest.mark.parametrize(
    ("fault", "source", "reason"),
    [
        ("clone", "jpki_signature", "bad_signature"),
        ("clone", "text", "bad_signature"),
        ("foreign_card_key", "text", "key_not_signed"),
    ],
)
def test_why_a_chip_is_not_genuine(fault: str, source: str, reason: str) -> None:
    found = sources(judge(read(InProcessCard(card(fault=fault, pretends=True)))))
    assert found[source].chip_genuineness.reason == reason


@pytest.mark.parametrize(
    ("fault", "source", "reason"),
    [
        ("altered_attributes", "text", "other_digest"),
        ("altered_record", "text", "bad_signature"),
        ("altered_photo", "surface", "bad_signature"),
        ("expired", "jpki_signature", "expired"),
        ("expired_authority", "jpki_signature", "ca_expired"),
        ("wrong_purpose", "jpki_signature", "key_usage"),
        ("wrong_certificate", "jpki_signature", "untrusted_issuer"),
        ("altered_certificate", "jpki_signature", "bad_signature"),
        ("wrong_certificate", "text", "bad_signature"),
    ],
)
def test_why_data_is_not_authentic(fault: str, source: str, reason: str) -> None:
    result = judge(read(InProcessCard(card(fault=fault, pretends=True)), parts=[source]))
    assert sources(result)[source].data_authenticity.reason == reason
    assert dict(result.claims) == {}


def test_a_revoked_certificate_says_since_when_and_why() -> None:
    revocation = sources(judge(read(InProcessCard(card(fault="revoked", pretends=True)))))["jpki_signature"].revocation
    assert (revocation.answer, revocation.source, revocation.reason) == (
        RevocationAnswer.REVOKED,
        "crl",
        "affiliationChanged",
    )
    assert revocation.revoked_at is not None


def test_a_test_card_makes_no_production_evidence() -> None:
    """Told to believe the test hierarchy as production, the reader still knows it by its names."""
    reading = read(InProcessCard(card()))
    result = judge(reading, trust(pretends=False, environment=Environment.PRODUCTION))
    assert {source.trust_anchor for source in result.evidence.sources} == {Environment.TEST}
    assert result.evidence.environment is Environment.TEST
    nobody = judge(reading, trust(pretends=False, environment=Environment.TEST).without_test())
    assert {source.trust_anchor for source in nobody.evidence.sources} == {Environment.NONE}
    assert dict(nobody.claims) == {}


def test_with_nobody_trusted_nothing_is_believed() -> None:
    result = judge(read(InProcessCard(card(pretends=True))), CardTrust())
    assert dict(result.claims) == {}
    found = sources(result)
    assert found["jpki_signature"].data_authenticity.reason == "untrusted_issuer"
    assert found["text"].data_authenticity.reason == "unknown_ca"
    assert {source.revocation.answer for source in found.values()} == {"not_checked", "not_offered"}


def test_without_a_source_revocation_is_not_checked_and_with_an_old_one_unknown() -> None:
    reading = read(InProcessCard(card(pretends=True)), parts=["jpki_signature"])
    silent = sources(judge(reading, replace(trust(), revocation={})))["jpki_signature"].revocation
    assert (silent.answer, silent.reason) == (RevocationAnswer.NOT_CHECKED, "no_source")

    stale = sources(judge(reading, later=timedelta(days=3)))["jpki_signature"].revocation
    assert (stale.answer, stale.reason) == (RevocationAnswer.UNKNOWN, "crl_stale")


def test_another_sessions_answers_prove_nothing() -> None:
    """A reading is replayed to an issuer that asked another question: every key's answer is one to somebody else."""

    ours = PossessionChallenge(origin="https://issuer.example", session="s-2", nonce=bytes(32))
    result = DRIVER.authenticate(read(InProcessCard(card(pretends=True))), challenge=ours, trust=trust(), now=NOW)
    assert {source.chip_genuineness.reason for source in result.evidence.sources} == {"other_challenge"}


def test_parts_of_two_people_are_not_put_together() -> None:
    mine = read(InProcessCard(card(pretends=True)), parts=["jpki_signature"])
    others = read(InProcessCard(card("taisho", pretends=True)), Holder("taisho"), ["text", "surface"])
    mixed = replace(
        mine,
        files={**mine.files, **others.files},
        exchanges={**mine.exchanges, **others.exchanges},
        accepted=mine.accepted | others.accepted,
    )
    found = sources(judge(mixed))
    assert found["text"].data_authenticity.reason == "another_person"
    assert found["surface"].data_authenticity.reason == "another_person"
    assert "photo" not in judge(mixed).claims


@pytest.mark.parametrize(
    ("part", "secret", "left"),
    [
        ("jpki_signature", "jpki_signature_password", 4),
        ("jpki_authentication", "jpki_authentication_pin", 2),
        ("text", "my_number_text_pin", 2),
        ("surface", "my_number_verification_b", 9),
    ],
)
def test_a_wrong_secret_spends_one_try_and_says_so(part: str, secret: str, left: int) -> None:
    chip = Overheard(card(pretends=True))
    if secret == "jpki_signature_password":
        holder = Holder()
        holder.secrets[secret] = b"XYZ999"
    else:
        holder = Holder(wrong=[secret])
    connection = InProcessCard(chip)
    with pytest.raises(PinWrong) as caught:
        read(connection, holder, [part])
    assert caught.value.attempts_left == left
    assert chip.verified() == 1
    again = Holder()
    read(connection, again, [part])
    assert [prompt.tries_left for prompt in again.asked] == [left]


@pytest.mark.parametrize("part", sorted(PARTS))
def test_the_last_try_needs_a_yes(part: str) -> None:
    chip = Overheard(card(fault="last_try", pretends=True))
    holder = Holder()
    with pytest.raises(Refused, match="last_try"):
        read(InProcessCard(chip), holder, [part])
    assert holder.asked[0].may_lock
    assert chip.verified() == 0
    assert read(InProcessCard(chip), Holder(last_try_ok=True), [part]).files


@pytest.mark.parametrize("part", sorted(PARTS))
def test_nobody_is_asked_for_a_blocked_secret(part: str) -> None:
    chip, holder = Overheard(card(fault="blocked_pin", pretends=True)), Holder()
    with pytest.raises(PinBlocked):
        read(InProcessCard(chip), holder, [part])
    assert (holder.asked, chip.verified()) == ([], 0)


def test_what_cannot_be_the_secret_is_not_sent() -> None:
    chip, holder = Overheard(card(pretends=True)), Holder()
    holder.secrets["jpki_signature_password"] = b"abc123"  # small letters are none of it
    with pytest.raises(Malformed, match="jpki_signature_password") as caught:
        read(InProcessCard(chip), holder, ["jpki_signature"])
    assert chip.verified() == 0
    assert "abc123" not in str(caught.value)


@pytest.mark.parametrize("label", ["JPKIAPICCTOKEN", "JPKIAPGPSETOKEN", "JPKIAPIOSTOKEN"])
def test_other_kinds_of_tokens_are_refused_before_a_secret_is_asked_for(label: str) -> None:
    holder = Holder()
    with pytest.raises(Unsupported):
        read(InProcessCard(card(pretends=True, label=label)), holder, ["jpki_signature"])
    assert holder.asked == []


def test_a_card_taken_away_at_any_command() -> None:
    """Ends as what it is, at every index; nothing is tried twice."""
    channel = CardChannel(InProcessCard(card(pretends=True)))

    DRIVER.read(channel, request_for(Holder()))
    for at in range(channel.exchanges):
        with pytest.raises(CardRemoved):
            read(InProcessCard(RemovedAt(card(pretends=True), at)))


def test_no_such_part() -> None:
    with pytest.raises(Malformed):
        read(InProcessCard(card(pretends=True)), parts=["individual_number"])
    with pytest.raises(Malformed):
        read(InProcessCard(card(pretends=True)), parts=[])
