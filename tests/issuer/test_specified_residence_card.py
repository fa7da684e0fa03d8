"""特定在留カード at the kiosk: with the agency's key that the issuer tells, bound to the My Number card that it is on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.cards.evidence import Answer, Environment
from common.encoding import parse_json
from examples.cards.registry import CARDS
from issuer.flows.accept_card import find_accepted
from issuer.kiosk.stages import Asked, Proven
from issuer.kiosk.trouble import Trouble
from issuer.store.tables import CardAttempt, CardReading
from tests.issuer.kiosk_world import PASSWORD, Script, card_authorities, deal, open_card_school, open_counter
from tests.issuer.school import TENANT, School

CARD, HOLDER, NUMBER = "specified-residence-card", "nguyen", "residence_card_number"
PARTS = [("residence_card", "card"), ("residence_card", "photo")]


def visitor(**other: list[str]) -> Script:
    known = CARDS[CARD].build(HOLDER, card_authorities(), None).known
    return Script(secrets={**{each.word: [each.value] for each in known}, **other}, parts=PARTS)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = open_card_school(tmp_path_factory.mktemp("specified"))
    yield made
    made.deps.database.close_all()


def test_read_judged_and_offered(school: School) -> None:
    person = visitor()
    counter = open_counter(school, deal(CARD, HOLDER), person)
    assert counter.serve() is None
    (proven,) = person.of(Proven)
    assert "residence_status" in proven.accepted.types
    sources = {each.source: each for each in proven.accepted.evidence.sources}
    assert sources["residence_card"].data_authenticity.answer is Answer.PROVEN
    assert sources["residence_card"].chip_genuineness.answer is Answer.PROVEN, "of the same chip as the certificate"
    assert sources["jpki_signature"].chip_genuineness.answer is Answer.PROVEN
    assert [each.prompt.kind.name for each in person.of(Asked)] == [PASSWORD, NUMBER]
    assert counter.desktop.opened == 1, "one transaction"
    (row,) = CardReading.select().where(CardReading.tenant == TENANT)
    assert (row.state, row.card, row.environment) == ("offered", "residence_card", "test")
    assert find_accepted(school.desk, TENANT, row.id).environment is Environment.TEST


def test_a_wrong_number_is_asked_for_again(school: School) -> None:
    right = visitor().secrets[NUMBER]
    person = visitor(**{NUMBER: ["AB00000000CD", *right]})
    assert open_counter(school, deal(CARD, HOLDER), person).serve() is None
    problems = [(each.prompt.kind.name, each.problem) for each in person.of(Asked)]
    assert problems == [(PASSWORD, ""), (NUMBER, ""), (PASSWORD, ""), (NUMBER, "wrong")]
    counted = [len(parse_json(row.failed_at)) for row in CardAttempt.select().where(CardAttempt.tenant == TENANT)]
    assert counted == [1], "the password that was right takes no wrong number back"


def test_without_the_agencys_key_it_is_said_who_can_mend_it(tmp_path: Path) -> None:
    school = open_card_school(tmp_path, card_trust=(keyless(tmp_path),))
    person = visitor()
    trouble = open_counter(school, deal(CARD, HOLDER), person).serve()
    school.deps.database.close_all()
    assert trouble == Trouble(key="specified_residence_card", card="residence_card")
    assert NUMBER not in [each.prompt.kind.name for each in person.of(Asked)], "nobody is asked for its number"


def keyless(folder: Path) -> Path:
    """The roots without the delivery key. Apart from those that `open_card_school` writes."""
    made = folder / "keyless"
    card_authorities().write(made)
    (made / "test/residence_card_delivery/key.der").unlink()
    return made
