"""What is believed of a card that somebody else's reader has read: nothing that two cards, or a chip somewhere else, could have said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from common.cards.binding import SharedSession
from common.cards.channel import CardChannel
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest
from common.cards.reading import Reading
from examples.cards.my_number.card import build_my_number
from examples.cards.people import PEOPLE
from issuer.flows.accept_card import AcceptedCard, find_accepted
from issuer.flows.card_judgement import OF_MY_NUMBER
from issuer.store.base import bind
from tests.cards.my_number_reader import DRIVER, Holder
from tests.cards.my_number_world import authorities, card
from tests.fakes.card import InProcessCard
from tests.issuer.card_desk import OWN, RELAYED, accept, open_card_school, open_session, read_my_number
from tests.issuer.every_card import KINDS, read_card, roots_in, take_in_hand
from tests.issuer.school import TENANT, School

OF_JPKI = ("identity", "age", "residence")


@pytest.fixture(scope="module")
def one_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = open_card_school(tmp_path_factory.mktemp("relayed"))
    yield made
    made.deps.database.close_all()


@pytest.fixture
def school(one_school: School) -> School:
    bind(one_school.deps.database)
    return one_school


# --- attributes of one person, the key of another card


def splice(challenge: PossessionChallenge) -> Reading:
    """Who has a card of their own, and once saw the signed attributes of somebody else."""
    mine = read_my_number(challenge, parts=("text",))
    theirs = read_my_number(challenge, parts=("text",), person="takasaki")
    return replace(mine, files={**mine.files, **{name: theirs.files[name] for name in ("text/0002", "text/0003")}})


def graft(challenge: PossessionChallenge) -> Reading:
    return read_my_number(challenge, card(fault="grafted", pretends=True), parts=("text",))


@pytest.mark.parametrize("make", [splice, graft])
@pytest.mark.parametrize(
    ("setting", "shared", "types"),
    [
        ("own_reader", RELAYED, ()),
        ("own_reader", OWN, OF_JPKI),
        ("nowhere", OWN, ()),
        ("anywhere", RELAYED, OF_JPKI),
    ],
)
def test_whose_chip_answered_is_not_known(
    tmp_path: Path, make: object, setting: str, shared: SharedSession, types: tuple[str, ...]
) -> None:
    """Attributes and key of the text application are signed apart: it counts as what can be copied."""
    assert callable(make)
    school = open_card_school(tmp_path, card_copyable=setting)
    session = open_session(school)
    accepted = accept(school, session, make(session.challenge), shared=shared)
    assert accepted.types == types
    if not types:
        assert {accepted.refusals[name] for name in OF_JPKI} == {"chip_not_proven"}
    school.deps.database.close_all()


# --- two cards in one reading


def read_two_cards(challenge: PossessionChallenge) -> Reading:
    """The signature certificate of one person and the picture of another, who was born on the same day: no claim contradicts."""
    thief = replace(PEOPLE["takasaki"], key="accomplice", birth=PEOPLE["hanako"].birth, sex=PEOPLE["hanako"].sex)
    holder = Holder()
    holder.secrets["my_number_verification_b"] = thief.printed_code.encode()
    inserted = InProcessCard(build_my_number(thief, authority=authorities(pretends=True)))
    request = ReadRequest(parts=frozenset({"surface"}), ask=holder, challenge=challenge)
    one, two = read_my_number(challenge), DRIVER.read(CardChannel(inserted), request)
    return Reading(
        card=one.card,
        files={**one.files, **two.files},
        exchanges={**one.exchanges, **two.exchanges},
        accepted=one.accepted | two.accepted,
    )


def test_the_picture_of_another_card_is_not_believed(school: School) -> None:
    session = open_session(school)
    found = accept(school, session, read_two_cards(session.challenge), shared=RELAYED)
    assert found.types == OF_JPKI
    kept = find_accepted(school.desk, TENANT, session.id)
    for each in (found, kept):
        assert each.claims["name"] == PEOPLE["hanako"].name
        assert not {"photo", "name_image", "card_expiry"} & each.claims.keys()
        assert [source.source for source in each.evidence.sources] == ["jpki_signature"]


def test_our_own_reader_saw_one_card(school: School) -> None:
    session = open_session(school)
    found = accept(school, session, read_my_number(session.challenge, parts=("jpki_signature", "surface")))
    assert "photo" in found.claims
    assert [source.source for source in found.evidence.sources] == ["jpki_signature", "surface"]


def test_what_is_wrong_with_any_part_counts_although_it_is_not_kept(school: School) -> None:
    def read_relayed(fault: str) -> AcceptedCard:
        session, inserted = open_session(school), card(fault=fault, pretends=True)
        reading = read_my_number(session.challenge, inserted, parts=("jpki_signature", "text", "surface"))
        return accept(school, session, reading, shared=RELAYED)

    assert {read_relayed("grafted").refusals[name] for name in OF_JPKI} == {"another_person"}
    assert {read_relayed("foreign_card_key").refusals[name] for name in OF_JPKI} == {"chip_not_genuine"}


def test_every_part_of_a_my_number_card_is_meant() -> None:
    assert {part.name for part in DRIVER.parts} == OF_MY_NUMBER


# --- a passport whose chip proved itself to somebody in between


def test_chip_authentication_through_somebody_else_is_no_proof(tmp_path: Path) -> None:
    roots = roots_in(tmp_path / "roots")
    school = open_card_school(tmp_path, believed=roots, card_environment="test")
    kind = KINDS["passport_2025"]
    for note, types in (("pace_mrz", kind.types), ("handed_over", ())):
        session = open_session(school)
        (reading,) = read_card(kind, take_in_hand(kind), session.challenge, roots)
        assert "chip_authentication" in reading.exchanges
        told = replace(reading, notes={**reading.notes, "access": note})
        accepted = accept(school, session, told, shared=RELAYED)
        assert accepted.types == types
        if not types:
            assert {accepted.refusals[name] for name in kind.types} == {"chip_not_proven"}
    school.deps.database.close_all()
