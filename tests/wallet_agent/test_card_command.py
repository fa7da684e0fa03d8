"""`tegata wallet card` as it is typed: from the invitation to the certificate in the wallet, and what it says if not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from common.cards.relay import Offer, Progress
from common.ports import CardConnection
from examples.cards.chip import Chip
from issuer.flows.card_record import open_contact
from issuer.store.tables import CardReading
from tests.cards.my_number_reader import NOW
from tests.cards.my_number_world import card
from tests.fakes.card import InProcessCard
from tests.issuer.relay_server import HOST, RelayServer, serving
from tests.issuer.school import TENANT
from wallet_agent.cli import app
from wallet_agent.cli import card as command


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayServer]:
    with serving(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.fixture
def chip() -> Chip:
    return card(pretends=True)


@pytest.fixture(autouse=True)
def _here(server: RelayServer, chip: Chip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wallet of hanako's, and a reader with her card."""
    for name, value in {
        "environment": "sandbox",
        "data_dir": tmp_path,
        "fixed_clock": NOW,
        "fetch_hosts": f"{HOST}=127.0.0.1",
        "fetch_roots": server.root,
        "holder": "hanako",
        "passphrase": "a river of cherries",
        "passphrase_passes": 1,
        "passphrase_memory": 8 << 10,
    }.items():
        monkeypatch.setenv(f"TEGATA_WALLET_{name.upper()}", str(value))

    @contextlib.contextmanager
    def opened(_: str) -> Iterator[CardConnection]:
        yield InProcessCard(chip)

    monkeypatch.setattr(command, "wait_for_card", lambda **_: "reader")
    monkeypatch.setattr(command, "open_card", opened)
    assert tegata("new", "hanako").exit_code == 0


def tegata(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=typed)


def last_line(done: Result) -> str:
    """What the command answers; the runner writes what was typed before it."""
    return done.stdout.splitlines()[-1]


def counter(chip: Chip) -> int:
    return next(pin.left for one in chip.applications for pin in one.pins() if pin.name == "signature")


def test_from_the_invitation_to_the_wallet(server: RelayServer) -> None:
    typed = "y\nABC123\nno address\nhanako@example.jp\n"
    done = tegata("card", server.invite(), "--certificate", "identity", "--json", typed=typed)
    assert done.exit_code == 0, done.stderr
    assert "We write only when this certificate's card is revoked" in done.stderr
    assert "This is no mail address." in done.stderr
    (row,) = CardReading.select().where(CardReading.tenant == TENANT, CardReading.state == "offered")
    contact = open_contact(server.school.desk, row)
    assert (contact.email, contact.language) == ("hanako@example.jp", "en")
    assert json.loads(last_line(done))["link"].startswith("openid-credential-offer://")
    assert "Sakuragawa University" in done.stderr
    assert f"https://{HOST}:{server.port}" in done.stderr
    assert "Tries left: 5" in done.stderr
    assert "ABC123" not in done.output
    cards: Any = json.loads(tegata("list", "--json").stdout)
    assert len(cards) == 1


def test_only_the_link(server: RelayServer) -> None:
    done = tegata("card", server.invite(), "--yes", "--no-accept", "--lang", "ja", typed="abc123\n")
    assert done.exit_code == 0, done.stderr
    assert last_line(done).startswith("openid-credential-offer://")
    assert "桜川大学" in done.stderr
    assert "残り回数: 5" in done.stderr


def test_no_is_no(server: RelayServer, chip: Chip) -> None:
    done = tegata("card", server.invite(), typed="n\n")
    assert done.exit_code != 0
    assert "declined" in done.stderr
    assert counter(chip) == 5


def test_wrong_values_are_told_with_what_is_left(server: RelayServer, chip: Chip) -> None:
    done = tegata("card", server.invite(), "--yes", "--no-accept", typed="WRONG1\nABC123\n")
    assert done.exit_code == 0, done.stderr
    assert "The card did not accept that." in done.stderr
    assert "Tries left: 4" in done.stderr
    assert counter(chip) == 5


def test_the_last_try_needs_a_yes(server: RelayServer, chip: Chip) -> None:
    next(pin for one in chip.applications for pin in one.pins() if pin.name == "signature").left = 1
    done = tegata("card", server.invite(), "--yes", "--no-accept", typed="n\n")
    assert done.exit_code != 0
    assert "may lock the card" in done.stderr
    assert "tries left: 1" in done.stderr
    assert counter(chip) == 1
    done = tegata("card", server.invite(), "--yes", "--no-accept", typed="y\nABC123\n")
    assert done.exit_code == 0, done.stderr


def test_a_blocked_card_is_told_before_anybody_types(server: RelayServer, chip: Chip) -> None:
    next(pin for one in chip.applications for pin in one.pins() if pin.name == "signature").left = 0
    done = tegata("card", server.invite(), "--yes", "--no-accept")
    assert done.exit_code != 0
    assert "blocked" in done.stderr


def test_what_is_no_invitation() -> None:
    for link in ("", "https://issuer.example/", "openid-credential-offer://?x", "https://issuer.example/a/card/b/c"):
        done = tegata("card", link)
        assert done.exit_code != 0
        assert "bad_invitation" in done.stderr


@pytest.mark.parametrize("words", [(), ("--no-accept",)], ids=["accept", "link"])
def test_an_offer_of_another_issuer_is_not_taken(
    server: RelayServer, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Who invites cannot put somebody else's offer into the wallet, nor have its address fetched."""
    evil = Offer("openid-credential-offer://?credential_offer_uri=https://evil.example/1", f"https://{HOST}/claim", 0)
    monkeypatch.setattr(command, "relay_in_reader", lambda *_, **__: evil)
    done = tegata("card", server.invite(), "--yes", *words)
    assert done.exit_code == 1
    assert "other_issuer" in done.stderr
    assert done.stdout == ""
    assert json.loads(tegata("list", "--json").stdout) == []


def test_a_relay_cannot_play_with_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    person = command.Terminal()
    person.show(Progress("my_number", "done\x1b[2J\x9b\N{RIGHT-TO-LEFT OVERRIDE}"))
    mark = "\N{REPLACEMENT CHARACTER}"
    assert capsys.readouterr().err == f"Reading: done{mark}[2J{mark}{mark}\n"
