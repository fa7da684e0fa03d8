"""Numbers that no card counts, at a kiosk and over the relay: guessed by nobody, whatever is restarted or dropped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from common.cards.drivers.residence_card.attempts import FREE, MEMORY, WAITS
from common.errors import Conflict, NotFound, TooMany
from examples.cards.registry import CARDS
from issuer.flows.number_attempts import begin_attempt, forget_attempts, release_attempt
from issuer.flows.relay_card import ACTOR
from issuer.kiosk.stages import Asked
from issuer.store.tables import CardAttempt
from tests.cards.relay_world import Somebody, relay
from tests.fakes.card import InProcessCard
from tests.issuer.card_desk import open_session
from tests.issuer.kiosk_world import TIME, Script, card_authorities, deal, open_card_school, open_counter
from tests.issuer.school import TENANT, School

NUMBER = "residence_card_number"
RIGHT = {
    known.word: known.value for known in CARDS["residence-card-2"].build("nguyen", card_authorities(), None).known
}[NUMBER]
WRONG = "AB00000000CD"


@pytest.fixture
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = open_card_school(tmp_path_factory.mktemp("numbers"), card_copyable="anywhere")
    yield made
    made.deps.database.close_all()


def visit(school: School, *numbers: str, token: str = "") -> tuple[str, int, int]:
    """At a kiosk that has just been started. How it ended, how long to wait, how often the person was asked."""
    person = Script(secrets={NUMBER: list(numbers)})
    trouble = open_counter(school, deal("residence-card-2", "nguyen"), person, token=token).serve()
    asked = len(person.of(Asked))
    return ("", 0, asked) if trouble is None else (trouble.key, trouble.wait, asked)


def test_a_kiosk_that_is_restarted_forgets_nothing(school: School) -> None:
    assert visit(school, WRONG) == ("card_number_attempts", WAITS[0], FREE)
    assert visit(school, RIGHT) == ("card_number_attempts", WAITS[0], 1), "not even the right one is tried"
    other = school.deps.login.new_token(TENANT, "kiosk-2", "staff")
    assert visit(school, RIGHT, token=other) == ("", 0, 1), "another kiosk serves its visitors"
    school.clock.time = TIME + WAITS[0]
    assert visit(school, RIGHT) == ("", 0, 1)
    assert visit(school, WRONG) == ("card_number_attempts", WAITS[1], 2), "the right number took no wrong one back"


def test_right_numbers_are_not_counted(school: School) -> None:
    for _ in range(FREE + 1):
        assert visit(school, RIGHT) == ("", 0, 1)
    assert visit(school, WRONG, RIGHT) == ("", 0, 2)
    rows = list(CardAttempt.select().where(CardAttempt.tenant == TENANT))
    assert [row.failed_at for row in rows] == [f"[{TIME}]"]
    assert not any(value in str(row.__data__) for row in rows for value in (RIGHT, WRONG))
    school.clock.time = TIME + MEMORY
    assert forget_attempts(school.desk, TENANT) == 1


def test_a_session_that_is_none_or_over_counts_nothing(school: School) -> None:
    session = open_session(school)
    with pytest.raises(NotFound):
        begin_attempt(school.desk, TENANT, "none", "kiosk", "reader")
    school.clock.time = session.expires_at
    with pytest.raises(Conflict):
        begin_attempt(school.desk, TENANT, session.id, "kiosk", "reader")
    with pytest.raises(Conflict):
        release_attempt(school.desk, TENANT, session.id, "kiosk", "reader", at=TIME)


def test_over_the_relay_the_holders_side_waits(school: School) -> None:
    person = Somebody(secrets={NUMBER: RIGHT}, answers={NUMBER: [WRONG] * FREE}, parts=[("residence_card", "card")])
    done = relay(school, InProcessCard(deal("residence-card-2", "nguyen")), person)
    assert isinstance(done.offer, TooMany)
    assert (done.offer.code, len(person.asked)) == ("card_number_attempts", FREE)
    assert 0 < done.offer.retry_after <= WAITS[0]
    assert WRONG not in str(done.holder.said)


def test_over_the_relay_a_handshake_that_does_not_end_counts_for_its_session(school: School) -> None:
    session = open_session(school)
    for _ in range(FREE):
        begin_attempt(school.desk, TENANT, session.id, ACTOR, session.id)
    with pytest.raises(TooMany) as refused:
        begin_attempt(school.desk, TENANT, session.id, ACTOR, session.id)
    assert refused.value.retry_after == WAITS[0]
    person = Somebody(secrets={NUMBER: RIGHT}, parts=[("residence_card", "card")])
    done = relay(school, InProcessCard(deal("residence-card-2", "nguyen")), person)
    assert not isinstance(done.issued, Exception), "another session is another person"
    rows = {row.failed_at for row in CardAttempt.select().where(CardAttempt.tenant == TENANT)}
    assert "[]" in rows, "a handshake that ended well was taken back"
