"""The kiosk's walk, from a card to an offer, with the real issuer and virtual cards: what is asked, and how each visit ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from common.errors import Unavailable
from common.pages.catalogue import Words
from examples.cards.chip import Chip
from examples.cards.faults import RemovedAt
from examples.cards.my_number.card import build_my_number
from examples.cards.people import PEOPLE
from examples.cards.registry import CARDS
from issuer.kiosk.plan import Found
from issuer.kiosk.screen_texts import holds_of, open_texts
from issuer.kiosk.stages import Asked, Judging, Proven, PutCard, Reading, TakeCardOut, Watch
from issuer.kiosk.trouble import Trouble
from issuer.kiosk.visit import ALONE
from issuer.store.tables import CardReading
from tests.issuer.kiosk_world import PASSWORD, PIN, Script, card_authorities, deal, open_card_school, open_counter
from tests.issuer.school import TENANT, School

MY_NUMBER = {PASSWORD: ["ABC123"], PIN: ["1234"], "my_number_text_pin": ["1234"]}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = open_card_school(tmp_path_factory.mktemp("kiosk"))
    yield made
    made.deps.database.close_all()


WALKS = {
    "my-number": ("hanako", {"identity", "age", "residence"}),
    "driving-licence": ("hanako", {"identity", "age", "driving_privileges"}),
    "residence-card-1": ("nguyen", {"residence_status"}),
    "residence-card-2": ("nguyen", {"residence_status"}),
    "passport-2025": ("hanako", {"identity", "age", "nationality"}),
}
"""Card → whose, and what may be made of it, among others."""


def secrets_of(name: str, holder: str) -> dict[str, list[str]]:
    known = CARDS[name].build(holder, card_authorities(), None).known
    return {each.word: [each.value] for each in known}


@pytest.mark.parametrize("name", WALKS)
def test_each_card_is_read_judged_and_offered(school: School, name: str) -> None:
    holder, types = WALKS[name]
    person = Script(secrets=secrets_of(name, holder))
    counter = open_counter(school, deal(name, holder), person)
    assert counter.serve() is None
    (proven,) = person.of(Proven)
    assert types <= set(proven.accepted.types)
    assert person.offer is not None
    assert person.offer.offer.link.startswith("openid-credential-offer://")
    assert person.states == ["open"]
    assert isinstance(person.seen[-1], TakeCardOut)
    assert person.of(Reading)
    row = CardReading.get(CardReading.tenant == TENANT, CardReading.id == counter.fetch.asked[-1][1].rpartition("/")[2])
    assert row.state == "offered"


def test_nothing_is_promised_that_this_card_did_not_give(school: School) -> None:
    held = {}
    for name in ("my-number", "passport-2025", "driving-licence"):
        person = Script(secrets=secrets_of(name, "hanako"))
        assert open_counter(school, deal(name), person).serve() is None
        (proven,) = person.of(Proven)
        assert set(proven.accepted.holds) == set(proven.accepted.types)
        held[name] = {one["en"] for one in proven.accepted.holds["identity"]}
        assert {"Date of birth", "What the chip proved"} <= held[name]
    assert ("Portrait" in held["my-number"], "Address" in held["my-number"]) == (False, True)
    assert ("Portrait" in held["passport-2025"], "Address" in held["passport-2025"]) == (True, False)
    said = holds_of("identity", proven.accepted, Words(open_texts(), "ja"))
    assert "氏名" in said
    assert "ICチップの検証の記録" in said
    assert "顔写真" not in said


def test_a_licence_on_a_my_number_card_is_bound_to_its_holder_in_the_same_transaction(school: School) -> None:
    person = Script(secrets=secrets_of("mynumber-licence", "hanako"), parts=[("mynumber_licence", "licence")])
    counter = open_counter(school, deal("mynumber-licence"), person)
    assert counter.serve() is None
    (proven,) = person.of(Proven)
    assert "driving_privileges" in proven.accepted.types
    assert {"jpki_signature", "mynumber_licence"} <= {each.source for each in proven.accepted.evidence.sources}
    assert counter.desktop.opened == 1, "one transaction"
    asked = [stage.prompt.kind.name for stage in person.of(Asked)]
    assert asked == [PASSWORD, "mynumber_licence_pin"], "the holder's key was added"


def test_which_card_and_what_will_be_read_is_said_before_anything_is_read(school: School) -> None:
    person = Script(secrets=dict(MY_NUMBER))
    counter = open_counter(school, deal("my-number"), person)
    counter.serve()
    order = [type(stage).__name__ for stage in person.seen]
    assert order.index("Found") < order.index("Reading") < order.index("Asked") < order.index("Judging")
    (found,) = person.of(Found)
    assert [card.label_en for card in found.cards] == ["My Number card"]
    assert found.usual == {("my_number", "jpki_signature")}
    opened = next(path for method, path in counter.fetch.asked if method == "POST")
    assert opened.endswith("/sessions")


def test_tries_are_told_first_and_a_wrong_secret_is_told_with_what_is_left(school: School) -> None:
    person = Script(secrets={PASSWORD: ["WRONG1", "abc１23"]})
    counter = open_counter(school, deal("my-number"), person)
    assert counter.serve() is None
    asked = person.of(Asked)
    assert [(one.prompt.tries_left, one.problem) for one in asked] == [(5, ""), (4, "wrong")]
    assert counter.desktop.opened == 2, "the card is reset before it is asked again"


def test_what_cannot_be_the_secret_is_never_sent(school: School) -> None:
    person = Script(secrets={PASSWORD: ["AB", "ABC123"]})
    counter = open_counter(school, deal("my-number"), person)
    assert counter.serve() is None
    assert [(one.prompt.tries_left, one.problem) for one in person.of(Asked)] == [(5, ""), (5, "malformed")]


def spend(card: Chip, wrong: int) -> None:
    """Wrong signature passwords, until so many were tried."""
    card.power()
    for apdu in ["00a4040c0ad392f000260100000001", *["0020009b0657524f4e4731"] * wrong]:
        card.answer(bytes.fromhex(apdu))


def test_the_last_try_takes_an_explicit_yes(school: School) -> None:
    card = deal("my-number")
    assert isinstance(card, Chip)
    spend(card, 4)
    person = Script(secrets={PASSWORD: ["WRONG1"]})
    trouble = open_counter(school, card, person).serve()
    assert trouble == Trouble(key="stopped", card="my_number")
    assert [(one.prompt.tries_left, one.problem, one.prompt.may_lock) for one in person.of(Asked)] == [
        (1, "", True),
        (1, "not_agreed", True),
    ], "without a yes nothing was sent"
    agreed = Script(secrets={PASSWORD: ["ABC123"]}, agrees=True)
    assert open_counter(school, card, agreed).serve() is None


def test_a_card_that_gets_blocked_and_one_that_was(school: School) -> None:
    card = deal("my-number")
    assert isinstance(card, Chip)
    spend(card, 4)
    person = Script(secrets={PASSWORD: ["WRONG1"]}, agrees=True)
    assert open_counter(school, card, person).serve() == Trouble(key="pin_blocked", card="my_number")
    again = Script(secrets=dict(MY_NUMBER))
    assert open_counter(school, card, again).serve() == Trouble(key="pin_blocked", card="my_number")
    assert again.of(Asked) == [], "nobody is asked for what is blocked"


def test_a_childs_card_is_told_from_what_it_can_be_read_instead(school: School) -> None:
    child = build_my_number(PEOPLE["child"], authority=card_authorities().my_number, with_signature=False)
    person = Script(secrets=dict(MY_NUMBER))
    assert open_counter(school, child, person).serve() == Trouble(key="no_signature_certificate", card="my_number")
    assert person.of(Asked) == [], "nobody is asked for a password that there is not"
    again = Script(secrets=dict(MY_NUMBER), parts=[("my_number", "text")])
    assert open_counter(school, child, again).serve() is None


def test_a_residence_cards_number_is_not_guessed_here(school: School) -> None:
    person = Script(secrets={"residence_card_number": ["AB00000000CD"]})
    trouble = open_counter(school, deal("residence-card-2", "nguyen"), person).serve()
    assert trouble is not None
    assert (trouble.key, trouble.wait) == ("card_number_attempts", 60)
    assert len(person.of(Asked)) == 3


@pytest.mark.parametrize("stage", ["Found", "Asked", "Reading", "Proven"])
def test_the_card_is_taken_away(school: School, stage: str) -> None:
    person = Script(secrets=dict(MY_NUMBER))
    counter = open_counter(school, deal("my-number"), person)

    def take() -> None:
        counter.desktop.card = None

    person.acts[stage] = take
    trouble = counter.serve()
    if stage == "Proven":
        assert trouble is None, "it has been read: nobody needs it any more"
    else:
        assert trouble == Trouble(key="card_removed", card="my_number")
        assert person.of(Judging) == []


@pytest.mark.parametrize("how", ["another card", "another card at once", "the same card"])
def test_nobody_makes_anything_of_what_another_ones_card_proved(school: School, how: str) -> None:
    hanakos = deal("my-number")

    class Next(Script):
        """Presses "make", having put a card in place of the one that was read."""

        def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
            self.show(proven)
            counter.desktop.card = None
            if how != "another card at once":
                watch()
            counter.desktop.card = hanakos if how == "the same card" else deal("driving-licence")
            return proven.accepted.types

    counter = open_counter(school, hanakos, presser := Next(secrets=dict(MY_NUMBER)))
    assert counter.serve() == Trouble(key="left", card="my_number")
    assert presser.offer is None
    assert not any(path.endswith("/offer") for _, path in counter.fetch.asked), "nothing was made"
    assert counter.desktop.card is not None, "the next one is served at once"
    assert not presser.of(TakeCardOut)


def test_what_was_proven_is_not_shown_long_without_its_card(school: School) -> None:
    class Gone(Script):
        def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
            self.show(proven)
            counter.desktop.card = None
            watch()
            school.clock.time += ALONE - 1
            watch()
            school.clock.time += 1
            watch()
            raise AssertionError("it is still on the screen")

    counter = open_counter(school, deal("my-number"), person := Gone(secrets=dict(MY_NUMBER)))
    began = school.clock.time
    assert counter.serve() == Trouble(key="left", card="my_number")
    school.clock.time = began
    assert person.offer is None


@pytest.mark.parametrize("after", [0, 1, 3, 5, 8, 10])
def test_the_card_is_taken_away_at_any_apdu(school: School, after: int) -> None:
    person = Script(secrets=dict(MY_NUMBER))
    trouble = open_counter(school, RemovedAt(deal("my-number"), after), person).serve()
    assert trouble is not None
    assert trouble.key == "card_removed"


def test_a_card_that_nobody_knows(school: School) -> None:
    class Stranger:
        atr = b"\x3b\x00"

        def power(self) -> None:
            return None

        def answer(self, apdu: bytes) -> bytes:
            del apdu
            return b"\x6a\x82"

    trouble = open_counter(school, Stranger(), Script()).serve()
    assert trouble == Trouble(key="unknown_card")


def test_no_try_is_spent_while_the_issuer_is_away(school: School) -> None:
    person = Script(secrets=dict(MY_NUMBER))
    counter = open_counter(school, deal("my-number"), person)

    def away() -> None:
        counter.fetch.broken = True

    person.acts["Found"] = away
    assert counter.serve() == Trouble(key="issuer_silent", card="my_number")
    assert person.of(Asked) == []


def test_a_kiosk_whose_token_was_withdrawn(school: School) -> None:
    trouble = open_counter(school, deal("my-number"), Script(), token="tgt_" + "x" * 43).serve()
    assert trouble == Trouble(key="token_refused")


def test_a_clone_makes_nothing(school: School) -> None:
    person = Script(secrets=dict(MY_NUMBER))
    trouble = open_counter(school, deal("my-number", fault="clone"), person).serve()
    assert trouble is not None
    assert (trouble.key, trouble.refusals) == ("nothing_to_issue", ("chip_not_genuine",))


def test_no_reader_and_no_card_are_told_and_waited_for(school: School) -> None:
    person = Script(secrets=dict(MY_NUMBER))
    counter = open_counter(school, deal("my-number"), person)
    counter.desktop.error = Unavailable("no_reader", "no card reader is connected")

    def plug_in() -> None:
        counter.desktop.error = None

    person.acts["PutCard"] = plug_in
    assert counter.serve() is None
    assert person.seen[0] == PutCard(has_reader=False)


def test_nothing_of_a_visitor_is_printed_or_logged(
    school: School, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    person = Script(secrets={PASSWORD: ["WRONG1", "ABC123"]})
    counter = open_counter(school, deal("my-number"), person)
    assert counter.serve() is None
    kept = {name: value for name, value in vars(counter.kiosk).items() if name != "_person"}
    told = "".join(map(repr, [*person.seen, person.offer, kept])) + capsys.readouterr().out + caplog.text
    someone = PEOPLE["hanako"]
    for secret in ("WRONG1", "ABC123", someone.address, someone.certificate_name, "1990-03-03", school.token):
        assert secret not in told


def test_who_leaves_is_not_troubled(school: School) -> None:
    from common.errors import Refused

    class Leaver(Script):
        def choose_parts(self, found: Found, watch: object) -> frozenset[tuple[str, str]]:
            self.show(found)
            raise Refused("left", "nobody answered")

    person = Leaver()
    assert open_counter(school, deal("my-number"), person).serve() == Trouble(key="left", card="my_number")
    assert replace(person.of(Trouble)[0], card="") == Trouble(key="left")
