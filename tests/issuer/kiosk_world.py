"""A kiosk for tests: the real issuer behind its staff API in this process, virtual cards, and visitors who know what they want."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from common.cards.offered_parts import PartName
from common.cards.secret import Secret
from common.errors import CardRemoved, Refused, Unavailable
from common.ports import CardConnection, Fetched
from examples.cards.authorities import Authorities
from examples.cards.chip import Card
from examples.cards.registry import CARDS
from issuer.kiosk.issuer_desk import Contact
from issuer.kiosk.plan import Found
from issuer.kiosk.staff_api import StaffApi
from issuer.kiosk.stages import AddressAsked, Answered, Asked, Proven, Stage, Taking, Watch
from issuer.kiosk.trouble import Trouble
from issuer.kiosk.visit import Kiosk
from tests.cards.my_number_world import NOW, authorities
from tests.fakes.app_client import AppClient
from tests.fakes.card import InProcessCard
from tests.issuer.school import BASE, TENANT, School, open_school

TIME = int(NOW.timestamp())


@cache
def card_authorities() -> Authorities:
    """Those behind every virtual card, made once in a process."""
    made = Authorities(now=NOW, keys=authorities().keys)
    for name, holder in DEALT:
        CARDS[name].build(holder, made, None)
    return made


DEALT = (
    ("my-number", "hanako"),
    ("driving-licence", "hanako"),
    ("residence-card-1", "nguyen"),
    ("residence-card-2", "nguyen"),
    ("passport-2025", "hanako"),
)


def deal(name: str, holder: str = "hanako", fault: str | None = None) -> Card:
    return CARDS[name].build(holder, card_authorities(), fault).card


def open_card_school(folder: Path, **more: Any) -> School:
    """A school that believes the virtual cards, on SQLite."""
    roots = folder / "roots"
    card_authorities().write(roots)
    settings: dict[str, Any] = {"card_trust": (roots,), "card_environment": "test", **more}
    school = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder, **settings)
    school.clock.time = TIME
    return school


@dataclass
class AppFetch:
    """Implements ports.Fetch over an app in this process. broken: from then on nobody answers."""

    client: AppClient
    broken: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def get(self, url: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None) -> Fetched:
        return self._ask("GET", url, b"", {**(headers or {}), "Accept": accept})

    def post(
        self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched:
        return self._ask("POST", url, body, {**(headers or {}), "Accept": accept, "Content-Type": content_type})

    def _ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Fetched:
        self.asked.append((method, url))
        if self.broken:
            raise Unavailable("no_answer", "the other side did not answer in time, or not in HTTP")
        answer = self.client.request(method, url, content=body, headers=dict(headers))
        names = {name.lower(): value for name, value in answer.headers.items()}
        return Fetched(url=url, status=answer.status_code, headers=names, body=answer.content)


class Desktop:
    """Implements `CardSlot` over cards within this process. Opening resets the card; the visitor takes it out by `card = None`."""

    def __init__(self, card: Card | None) -> None:
        self._card = card
        self.moves = 0
        self.opened = 0
        self.error: Unavailable | None = None

    @property
    def card(self) -> Card | None:
        return self._card

    @card.setter
    def card(self, card: Card | None) -> None:
        self.moves += card is not self._card
        self._card = card

    def wait(self, seconds: float) -> str:
        if self.error is not None:
            raise self.error
        if self.card is None:
            raise Unavailable("no_card", "no card is in the reader")
        return "desktop"

    @contextmanager
    def open(self, reader: str) -> Iterator[CardConnection]:
        if self.card is None:
            raise Unavailable("no_card", "no card is in the reader")
        self.opened += 1
        yield _Held(self, InProcessCard(self.card))

    def is_gone(self, reader: str, seconds: float = 0.0) -> bool:
        if seconds:  # whoever waits for it, gets it
            self.card = None
        return self.card is None

    def count_moves(self, reader: str) -> int:
        return self.moves


class _Held:
    def __init__(self, desktop: Desktop, connection: InProcessCard) -> None:
        self._desktop, self._connection = desktop, connection

    def transmit(self, command: bytes) -> bytes:
        if self._desktop.card is None:
            raise CardRemoved
        return self._connection.transmit(command)


@dataclass
class Script:
    """Implements `Person`: answers from a list, and writes down what was shown.

    secrets: by kind, the answers in order (the last one again and again). agrees: to the last try. acts: by the name of a stage's class,
    something that happens when it is reached.
    """

    secrets: dict[str, list[str]] = field(default_factory=dict)
    parts: Iterable[PartName] | None = None
    types: tuple[str, ...] | None = None
    agrees: bool = False
    addresses: list[str] = field(default_factory=list)
    acts: dict[str, Callable[[], None]] = field(default_factory=dict)
    seen: list[Stage] = field(default_factory=list)
    offer: Taking | None = None
    states: list[str] = field(default_factory=list)

    def show(self, stage: Stage) -> None:
        self.seen.append(stage)
        self._act(stage)

    def choose_parts(self, found: Found, watch: Watch) -> frozenset[PartName]:
        self.show(found)
        watch()
        return found.usual if self.parts is None else frozenset(self.parts)

    def leave_address(self, asked: AddressAsked, watch: Watch) -> Contact | None:
        self.show(asked)
        watch()
        typed = self.addresses.pop(0) if self.addresses else ""
        return Contact(email=typed, language="en") if typed else None

    def give_secret(self, asked: Asked, watch: Watch) -> Answered:
        self.show(asked)
        watch()
        if asked.problem == "not_agreed":
            raise Refused("stopped", "they would not")
        answers = self.secrets[asked.prompt.kind.name]
        return Answered(typed=Secret(answers.pop(0) if len(answers) > 1 else answers[0]), agreed=self.agrees)

    def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
        self.show(proven)
        watch()
        return proven.accepted.types if self.types is None else self.types

    def take(self, taking: Taking, state: Callable[[], str]) -> None:
        self.show(taking)
        self.offer = taking
        self.states.append(state())

    def read_on(self, stage: Trouble) -> None:
        self.show(stage)

    def of(self, kind: type[Any]) -> list[Any]:
        return [stage for stage in self.seen if isinstance(stage, kind)]

    def _act(self, stage: Stage) -> None:
        act = self.acts.get(type(stage).__name__)
        if act is not None:
            act()


PASSWORD, PIN = "jpki_signature_password", "jpki_authentication_pin"


@dataclass
class Counter:
    """Everything of one visit. serve: one visitor."""

    school: School
    desktop: Desktop
    person: Script
    fetch: AppFetch
    kiosk: Kiosk

    def serve(self) -> Trouble | None:
        return self.kiosk.serve_one()


def open_counter(school: School, card: Card | None, person: Script, *, token: str = "") -> Counter:
    fetch = AppFetch(school.client)
    api = StaffApi(fetch, f"{BASE}/{TENANT}", Secret(token or school.token))
    desktop = Desktop(card)
    kiosk = Kiosk(slot=desktop, issuer=api, person=person, now=school.clock.now)
    return Counter(school=school, desktop=desktop, person=person, fetch=fetch, kiosk=kiosk)
