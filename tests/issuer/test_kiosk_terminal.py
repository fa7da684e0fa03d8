"""``tegata issuer kiosk`` in the terminal: within the process, and over a real pcscd with the virtual reader."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from common.cards.offered_parts import PartName
from common.cards.secret import Secret
from common.pages.catalogue import Words
from common.ports import Fetched
from examples.cards.chip import Card, Chip
from examples.cards.people import PEOPLE
from issuer.cli import app
from issuer.cli import kiosk as command
from issuer.kiosk import card_slot as slots
from issuer.kiosk.card_slot import PcscSlot
from issuer.kiosk.issuer_desk import MadeOffer
from issuer.kiosk.plan import Found
from issuer.kiosk.screen_texts import open_texts
from issuer.kiosk.staff_api import StaffApi
from issuer.kiosk.stages import AddressAsked, Answered, Asked, Proven, Watch
from issuer.kiosk.terminal_person import TerminalPerson
from issuer.kiosk.trouble import Trouble
from issuer.kiosk.visit import Kiosk
from tests.issuer.kiosk_world import PASSWORD, AppFetch, Desktop, Script, deal, open_card_school
from tests.issuer.school import BASE, TENANT, School, Wallet
from tests.issuer.test_kiosk import secrets_of, spend
from tests.pcscd import Slot

ADDRESS = f"{BASE}/{TENANT}"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = open_card_school(tmp_path_factory.mktemp("kiosk-terminal"))
    yield made
    made.deps.database.close_all()


@dataclass
class Taking(AppFetch):
    """A visitor's phone takes what is offered, as soon as the kiosk looks whether it has. taken: what is done then."""

    school: School | None = None
    taken: Callable[[], None] = lambda: None
    link: str = ""

    def _ask(self, method: str, url: str, body: bytes, headers: object) -> Fetched:
        answer = super()._ask(method, url, body, headers)  # type: ignore[arg-type]
        if url.endswith("/offer"):
            self.link = json.loads(answer.body)["link"]
        elif self.link and method == "GET" and self.school is not None:
            Wallet(self.school).claim(MadeOffer(link=self.link, expires_at=0), "age_sd_jwt")
            self.link = ""
            self.taken()
            return super()._ask(method, url, body, headers)  # type: ignore[arg-type]
        return answer


@dataclass
class Terminal:
    """run: the command with what is typed, a card on the reader."""

    school: School
    monkeypatch: pytest.MonkeyPatch
    token_file: Path
    hold: Callable[[Card], None]
    let_go: Callable[[], None]

    def run(self, card: Card, typed: str, *options: str) -> Result:
        fetch = Taking(self.school.client, school=self.school, taken=self.let_go)

        def open_issuer(address: str, token: str, **_: object) -> StaffApi:
            assert address == ADDRESS
            return StaffApi(fetch, address, Secret(token))

        self.monkeypatch.setattr(command, "open_issuer", open_issuer)
        self.hold(card)
        words = ["kiosk", "--once", "--issuer", ADDRESS, "--token-file", str(self.token_file), *options]
        return CliRunner().invoke(app, words, input=typed)


@pytest.fixture(params=["in-process", pytest.param("pcscd", marks=pytest.mark.pcscd)])
def terminal(
    request: pytest.FixtureRequest, school: School, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Terminal]:
    token_file = tmp_path / "token"
    token_file.write_text(school.token)
    if request.param == "pcscd":
        slot: Slot = request.getfixturevalue("card_slot")
        yield Terminal(school, monkeypatch, token_file, slot.hold, slot.empty)
        slot.empty()
        return
    desktop = Desktop(None)
    monkeypatch.setattr(slots, "PcscSlot", lambda readers: desktop)

    def put(card: Card) -> None:
        desktop.card = card

    yield Terminal(school, monkeypatch, token_file, put, lambda: put_nothing(desktop))


def put_nothing(desktop: Desktop) -> None:
    desktop.card = None


def test_from_a_card_to_a_certificate(terminal: Terminal) -> None:
    # read what is ticked; an address that is none, and none at all; a wrong password and the right one; the second certificate
    ended = terminal.run(deal("my-number"), "\nno address\n\nWRONG1\nABC123\n2\n", "--language", "en")
    assert ended.exit_code == 0, ended.output
    told = [
        "Your card: My Number card",
        "Shall we write to you if this card is revoked?",
        "This is no mail address.",
        "Tries left: 5",
        "The card did not accept this.",
        "Tries left: 4",
        "The chip is no copy: yes",
        "Proof of Age",
        "▄",
        "openid-credential-offer://",
        "It is in your wallet",
    ]
    places = [ended.output.find(text) for text in told]
    assert -1 not in places, [text for text, place in zip(told, places, strict=True) if place < 0]
    assert places == sorted(places)
    assert "WRONG1" not in ended.output
    assert "ABC123" not in ended.output


class Paper(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass
class RealTerminal:
    """keys: where somebody types. paper: what is written."""

    keys: int
    paper: Paper


@contextmanager
def at_a_terminal() -> Iterator[RealTerminal]:
    keys, line = os.openpty()
    with os.fdopen(line, encoding="utf-8") as typed, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", typed)
        patch.setattr(sys, "stdout", paper := Paper())
        yield RealTerminal(keys, paper)
    os.close(keys)


@dataclass
class Walker(TerminalPerson):
    """At a terminal, but for what other tests type. at_proven: what happens when what was proven is on the screen."""

    at_proven: Callable[[], None]

    def __post_init__(self) -> None:
        super().__init__(Words(open_texts(), "en"), sleep=lambda _: None)

    def choose_parts(self, found: Found, watch: Watch) -> frozenset[PartName]:
        return found.usual

    def leave_address(self, asked: AddressAsked, watch: Watch) -> None:
        return None

    def give_secret(self, asked: Asked, watch: Watch) -> Answered:
        return Answered(typed=Secret("ABC123"))

    def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
        self.at_proven()
        return super().choose_types(proven, watch)


def put_keys(tty: RealTerminal, keys: bytes) -> None:
    os.write(tty.keys, keys)


def walk(school: School, desktop: Desktop, at_proven: Callable[[], None]) -> Trouble | None:
    api = StaffApi(Taking(school.client, school=school), ADDRESS, Secret(school.token))
    return Kiosk(slot=desktop, issuer=api, person=Walker(at_proven), now=school.clock.now).serve_one()


def test_nothing_of_a_visitor_stays_on_a_terminal(school: School) -> None:
    with at_a_terminal() as tty:
        assert walk(school, Desktop(deal("my-number")), lambda: put_keys(tty, b"2\n")) is None
    before, wiped, after = tty.paper.getvalue().partition("\x1b[2J\x1b[3J\x1b[H")
    assert PEOPLE["hanako"].address in before
    assert "openid-credential-offer://" in before
    assert wiped
    assert "It is in your wallet" in after
    assert PEOPLE["hanako"].address not in after
    assert "openid-credential-offer://" not in after


def test_a_terminal_does_not_wait_for_a_line_while_another_ones_card_is_put(school: School) -> None:
    desktop = Desktop(deal("my-number"))

    def swap() -> None:
        desktop.card = None
        desktop.card = deal("driving-licence")

    with at_a_terminal() as tty:
        assert walk(school, desktop, swap) == Trouble(key="left", card="my_number")
    before, wiped, after = tty.paper.getvalue().partition("\x1b[2J\x1b[3J\x1b[H")
    assert PEOPLE["hanako"].address in before
    assert wiped
    assert PEOPLE["hanako"].address not in after


def test_a_licence_on_a_my_number_card(terminal: Terminal) -> None:
    pin = secrets_of("mynumber-licence", "hanako")["mynumber_licence_pin"][0]
    ended = terminal.run(deal("mynumber-licence"), f"1 5\n\n\nABC123\n{pin}\n\n")
    assert ended.exit_code == 0, ended.output
    assert "マイナ免許証" in ended.output
    assert "運転免許の証明書" in ended.output


def test_the_last_try_is_not_spent_without_a_yes(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(school.token)
    desktop = Desktop(None)
    monkeypatch.setattr(slots, "PcscSlot", lambda readers: desktop)
    card = deal("my-number")
    assert isinstance(card, Chip)
    spend(card, 4)

    def hold(given: Card) -> None:
        desktop.card = given

    terminal = Terminal(school, monkeypatch, token_file, hold, lambda: None)
    said = terminal.run(card, "\n\nperhaps\n", "--language", "en")
    assert said.exit_code == 1
    assert "This is the last try" in said.output
    assert "The last try was not used" in said.output
    yes = terminal.run(card, "\n\nyes\nABC123\n2\n", "--language", "en")
    assert yes.exit_code == 0, yes.output


def test_the_help_teaches() -> None:
    told = CliRunner().invoke(app, ["kiosk", "--help"], env={"COLUMNS": "140"}).output
    for words in (
        "put",
        "--page",
        "--token-file",
        "tegata issuer new-token",
        "tegata sandbox cards",
        "chromium --kiosk",
        "pcscd",
    ):
        assert words in told


def test_what_cannot_be_an_address_or_a_token(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["kiosk", "--issuer", "ftp://issuer.example/x"]).exit_code == 1
    assert CliRunner().invoke(app, ["kiosk", "--issuer", "https://issuer.example"]).exit_code == 1
    missing = ["kiosk", "--issuer", ADDRESS, "--token-file", str(tmp_path / "none")]
    assert CliRunner().invoke(app, missing).exit_code == 2
    assert CliRunner().invoke(app, ["kiosk", "--language", "fr"]).exit_code == 1


@pytest.mark.pcscd
@pytest.mark.parametrize("stage", ["Found", "Asked"])
def test_the_card_is_taken_out_of_a_real_reader(school: School, card_slot: Slot, stage: str) -> None:
    person = Script(secrets={PASSWORD: ["ABC123"]})
    person.acts[stage] = card_slot.empty
    card_slot.hold(deal("my-number"))
    api = StaffApi(AppFetch(school.client), ADDRESS, Secret(school.token))
    kiosk = Kiosk(slot=PcscSlot((card_slot.reader,)), issuer=api, person=person, now=school.clock.now)
    trouble = None
    while trouble is None:  # the card is seen within half a second
        trouble = kiosk.serve_one()
    assert trouble == Trouble(key="card_removed", card="my_number")
