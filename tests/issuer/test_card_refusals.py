"""What is not issued: every fault of every virtual card, what nobody vouches for, what only looks like this session's card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from common.cards.evidence import Environment
from common.cards.reading import Exchange, Reading
from common.cards.trust import CardTrust
from common.errors import Conflict, Malformed, NotFound, Refused, Rejected, TegataError, Unsupported
from common.x509.revocation import Standing
from examples.cards.registry import CARDS
from issuer.flows.accept_card import AcceptedCard
from issuer.flows.create_institution import create_institution
from issuer.store.base import bind
from tests.cards.my_number_reader import NOW, trust
from tests.issuer.card_desk import (
    OWN,
    RELAYED,
    Told,
    accept,
    accept_my_number,
    open_card_school,
    open_session,
    read_my_number,
    told,
)
from tests.issuer.every_card import KINDS, behind_the_cards, read_card, roots_in, take_in_hand
from tests.issuer.school import School

_TOLD = {"data_authenticity", "chip_genuineness", "trust_anchor"}
_BAD = {"failed", "none", "not_offered"}
_SOURCES = {"my_number_jpki": "jpki_signature", "my_number_text": "text"}
FAULTS = [
    pytest.param(kind, row.name, id=f"{kind}-{row.name}")
    for kind in KINDS
    if kind not in ("mynumber_licence", "specified_residence_card", "passport_2025")
    for row in CARDS[KINDS[kind].virtual].faults
    if row.changes in _TOLD and row.becomes in _BAD
    if kind not in _SOURCES or _SOURCES[kind] in row.sources  # type: ignore[attr-defined]  # of this card's own rows
]


@dataclass
class Sandbox:
    school: School
    trust: CardTrust

    def insert(self, name: str, fault: str | None = None) -> AcceptedCard:
        session = open_session(self.school)
        readings = read_card(KINDS[name], take_in_hand(KINDS[name], fault), session.challenge, self.trust)
        return accept(self.school, session, *readings)


@pytest.fixture(scope="module")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("sandbox")
    roots = roots_in(folder / "roots")
    school = open_card_school(folder, believed=roots, card_environment="test")
    yield Sandbox(school, roots)
    school.deps.database.close_all()


@pytest.fixture
def sandbox(one_sandbox: Sandbox) -> Sandbox:
    bind(one_sandbox.school.deps.database)
    return one_sandbox


@pytest.fixture(scope="module")
def one_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """One for all: whatever a test needs of its card it does to a card of its own; time only goes on, by hours."""
    made = open_card_school(tmp_path_factory.mktemp("cards"))
    yield made
    made.deps.database.close_all()


@pytest.fixture
def cards(one_school: School) -> School:
    """The tables have one database at a time: tests in between have opened others."""
    bind(one_school.deps.database)
    return one_school


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_nothing_is_issued_of_a_card_with_a_fault(sandbox: Sandbox, name: str, fault: str) -> None:
    accepted = sandbox.insert(name, fault)
    assert KINDS[name].main not in accepted.types
    assert accepted.refusals[KINDS[name].main] in {
        "chip_not_genuine", "data_not_authentic", "data_not_signed", "another_person",
    }  # fmt: skip


def test_the_faults_are_many() -> None:
    assert len(FAULTS) > 30


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("own_reader", (True, False)), ("anywhere", (True, True)), ("nowhere", (False, False))],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_be_copied_is_taken_at_our_own_reader_alone(
    tmp_path: Path, sandbox: Sandbox, setting: str, expected: tuple[bool, bool]
) -> None:
    school = open_card_school(tmp_path, believed=sandbox.trust, card_environment="test", card_copyable=setting)
    for name in ("driving_licence", "residence_card_1", "residence_card_2"):
        for shared, taken in zip((OWN, RELAYED), expected, strict=True):
            session = open_session(school)
            readings = read_card(KINDS[name], take_in_hand(KINDS[name]), session.challenge, sandbox.trust)
            accepted = accept(school, session, *readings, shared=shared)
            assert (KINDS[name].main in accepted.types) is taken
            if not taken:
                assert accepted.refusals[KINDS[name].main] == "chip_not_proven"
    school.deps.database.close_all()


def test_a_licence_on_a_my_number_card_needs_that_card(sandbox: Sandbox) -> None:
    school, kind = sandbox.school, KINDS["mynumber_licence"]
    session = open_session(school)
    licence, holder = read_card(kind, take_in_hand(kind), session.challenge, sandbox.trust)
    assert accept(school, session, licence).refusals["driving_privileges"] == "chip_not_proven"
    for readings in ((licence, licence), (holder, holder), (licence, holder, holder)):
        with pytest.raises(Refused, match="do not belong together"):
            accept(school, open_session(school), *readings)
    relayed = open_session(school)
    both = read_card(kind, take_in_hand(kind), relayed.challenge, sandbox.trust)
    assert "driving_privileges" not in accept(school, relayed, *both, shared=RELAYED).types


def test_a_document_of_one_person_and_the_card_of_another(sandbox: Sandbox) -> None:
    school, session = sandbox.school, open_session(sandbox.school)
    kind, other = KINDS["specified_residence_card"], CARDS["my-number"].build("nineteen", behind_the_cards(), None)
    document, holder = read_card(kind, take_in_hand(kind), session.challenge, sandbox.trust)
    stranger = read_my_number(session.challenge, other.card, person="nineteen")
    with pytest.raises(Rejected, match="two people"):
        accept(school, session, document, stranger)
    assert "residence_status" in accept(school, session, document, holder).types


@pytest.mark.parametrize(("name", "fault"), [("my_number_jpki", "revoked"), ("passport", "revoked_document_signer")])
def test_a_list_that_comes_later_counts_from_then(tmp_path: Path, name: str, fault: str) -> None:
    believed = roots_in(tmp_path / "roots")
    school = open_card_school(tmp_path, believed=believed, card_environment="test")
    held = take_in_hand(KINDS[name], fault)  # now the authorities know it

    def refusals() -> dict[str, str]:
        session = open_session(school)
        return dict(accept(school, session, *read_card(KINDS[name], held, session.challenge, believed)).refusals)

    assert KINDS[name].main not in refusals()
    roots_in(tmp_path / "roots")
    assert refusals()[KINDS[name].main] == "revoked"
    school.deps.database.close_all()


def test_an_answer_to_another_session_is_a_copy(cards: School) -> None:
    first, second = open_session(cards), open_session(cards)
    reading = read_my_number(first.challenge)
    assert set(accept(cards, second, reading).refusals.values()) == {"chip_not_genuine"}
    assert "identity" in accept(cards, first, reading).types


def test_a_challenge_is_answered_once(cards: School) -> None:
    session = open_session(cards)
    reading = read_my_number(session.challenge)
    accept(cards, session, reading)
    with pytest.raises(Conflict) as refused:
        accept(cards, session, reading)
    assert refused.value.code == "card_session_over"


def test_a_session_ends(cards: School) -> None:
    session = open_session(cards)
    reading = read_my_number(session.challenge)
    cards.clock.advance(cards.desk.settings.card_session_seconds)
    with pytest.raises(Conflict):
        accept(cards, session, reading)


def test_another_institutions_session_is_not_here(cards: School) -> None:
    create_institution(cards.desk, "umeda", name_ja="梅田", name_en="Umeda", seal="梅", actor="test")
    session = open_session(cards)
    with pytest.raises(NotFound):
        accept(cards, session, read_my_number(session.challenge), tenant="umeda")


@pytest.mark.parametrize(
    "strange",
    [
        Reading(card="my_number"),
        Reading(card="my_number", files={"jpki/0001": b""}),
        Reading(card="passport", files={"dg1": b"\0" * 50}),
        Reading(card="driving_licence", files={"licence/ef01": b"\xff" * 40}),
        Reading(card="library_card"),
    ],
    ids=["nothing", "an empty certificate", "a passport", "a licence", "an unknown card"],
)
def test_bytes_that_say_nothing_leave_the_session_open_or_prove_nothing(cards: School, strange: Reading) -> None:
    session = open_session(cards)
    try:
        accepted = accept(cards, session, strange)
    except (Malformed, Unsupported):
        assert "identity" in accept(cards, session, read_my_number(session.challenge)).types
    else:
        assert accepted.types == ()


def test_a_signature_of_the_reader_s_choice_proves_nothing(cards: School) -> None:
    session = open_session(cards)
    reading = read_my_number(session.challenge)
    forged = {name: Exchange(challenge=b"x" * 32, answer=one.answer) for name, one in reading.exchanges.items()}
    assert accept(cards, session, replace(reading, exchanges=forged)).refusals["identity"] == "chip_not_genuine"
    without = open_session(cards)
    silent = replace(read_my_number(without.challenge), exchanges={})
    assert accept(cards, without, silent).refusals["identity"] == "chip_not_proven"


def test_who_knew_no_password_is_nobody(cards: School) -> None:
    session = open_session(cards)
    unproven = replace(read_my_number(session.challenge), accepted=frozenset())
    assert accept(cards, session, unproven).refusals["identity"] == "holder_not_verified"


@pytest.mark.parametrize("setting", ["refuse", "issue"])
@pytest.mark.parametrize("standing", Standing)
def test_revocation_is_asked_for(tmp_path: Path, standing: Standing, setting: str) -> None:
    school = open_card_school(tmp_path, believed=told(Told(standing)), card_unknown_revocation=setting)
    accepted = accept_my_number(school)
    expected = {
        Standing.GOOD: None,
        Standing.REVOKED: "revoked",
        Standing.UNKNOWN: "revocation_unknown" if setting == "refuse" else None,
    }[standing]
    assert accepted.refusals.get("identity") == expected
    school.deps.database.close_all()


def test_no_source_is_not_good(tmp_path: Path) -> None:
    school = open_card_school(tmp_path, believed=replace(trust(), revocation={}))
    assert accept_my_number(school).refusals["identity"] == "revocation_unknown"
    school.deps.database.close_all()


def test_a_test_hierarchy_is_not_believed_in_production(tmp_path: Path) -> None:
    of_test = trust(environment=Environment.TEST)
    for setting, expected in (("production", Environment.NONE), ("test", Environment.TEST)):
        folder = tmp_path / setting
        folder.mkdir()
        school = open_card_school(folder, believed=of_test, card_environment=setting)
        accepted = accept_my_number(school)
        assert accepted.environment is expected
        assert ("identity" in accepted.types) is (setting == "test")
        school.deps.database.close_all()


def test_no_cards_are_read_without_roots(tmp_path: Path) -> None:
    from tests.issuer.school import open_school

    school = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path, now=NOW)
    with pytest.raises(Refused, match="card_trust"):
        open_session(school)
    school.deps.database.close_all()


def test_every_refusal_is_an_error_of_ours_or_a_word(sandbox: Sandbox) -> None:
    """Faults that end the reading itself never come here: they are typed errors at the reader."""
    for name in ("driving_licence", "passport"):
        rows = [row for row in CARDS[KINDS[name].virtual].faults if row.changes == "no reading"]
        for row in rows:
            with pytest.raises(TegataError):
                sandbox.insert(name, row.name)
