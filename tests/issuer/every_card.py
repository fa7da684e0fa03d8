"""Every kind of card that is read: a virtual one of each, what its holder knows, and the readings that an issuer is given of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from common.adapters.card_trust_files import open_card_trust
from common.cards.channel import CardChannel
from common.cards.contract import CardDriver
from common.cards.drivers.residence_card.authorities import find_delivery_key
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest, SecretPrompt
from common.cards.reading import Reading
from common.cards.registry import DRIVERS
from common.cards.secret import Secret
from common.cards.trust import CardTrust
from examples.cards.authorities import Authorities
from examples.cards.chip import Card
from examples.cards.registry import CARDS
from tests.amount import examples
from tests.cards.my_number_reader import NOW
from tests.cards.my_number_world import authorities
from tests.fakes.card import InProcessCard

_ALL = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of card. virtual: of `examples.cards`. readings: by driver, the parts that are read ("*": all). types: issued of it.

    main: the one that is issued of it in a usual run.
    """

    virtual: str
    readings: Mapping[str, tuple[str, ...]]
    types: tuple[str, ...]
    main: str

    @property
    def tried(self) -> tuple[str, ...]:
        """The types of a usual run, or of a long one."""
        others = [name for name in self.types if name != self.main]
        return tuple(name for name in self.types if name == self.main or name in others[: examples(0, 99)])


_OF_JPKI = ("identity", "age", "residence")
KINDS: Mapping[str, Kind] = {
    "my_number_jpki": Kind(
        virtual="my-number",
        readings={"my_number": ("jpki_signature", "jpki_authentication")},
        main="identity",
        types=_OF_JPKI,
    ),
    "my_number_text": Kind(
        virtual="my-number", readings={"my_number": ("text", "surface")}, main="age", types=_OF_JPKI
    ),
    "driving_licence": Kind(
        virtual="driving-licence",
        readings={"driving_licence": _ALL},
        main="driving_privileges",
        types=("identity", "age", "driving_privileges"),
    ),
    "mynumber_licence": Kind(
        virtual="mynumber-licence",
        readings={"mynumber_licence": _ALL, "my_number": ("jpki_signature",)},
        main="driving_privileges",
        types=(*_OF_JPKI, "driving_privileges"),
    ),
    "residence_card_1": Kind(
        virtual="residence-card-1",
        readings={"residence_card": _ALL},
        main="residence_status",
        types=("residence_status",),
    ),
    "residence_card_2": Kind(
        virtual="residence-card-2",
        readings={"residence_card": _ALL},
        main="residence_status",
        types=("age", "residence_status"),
    ),
    "specified_residence_card": Kind(
        virtual="specified-residence-card",
        readings={"residence_card": _ALL, "my_number": ("jpki_signature",)},
        main="residence",
        types=(*_OF_JPKI, "residence_status"),
    ),
    "passport": Kind(
        virtual="passport", readings={"passport": _ALL}, main="nationality", types=("identity", "age", "nationality")
    ),
    "passport_2025": Kind(
        virtual="passport-2025", readings={"passport": _ALL}, main="identity", types=("identity", "age", "nationality")
    ),
}


@cache
def behind_the_cards() -> Authorities:
    made = Authorities(now=datetime.fromtimestamp(NOW, UTC), keys=authorities().keys)
    for card in CARDS.values():
        card.build(card.holders[0], made, None)
    return made


def roots_in(folder: Path) -> CardTrust:
    """What the sandbox's authorities write for an issuer, as an issuer reads it."""
    behind_the_cards().write(folder)
    return open_card_trust([folder], responders={}, fetch=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A card and what its holder knows, by the names of the secrets."""

    card: Card
    secrets: Mapping[str, str]

    def __call__(self, prompt: SecretPrompt, /) -> GivenSecret:
        return GivenSecret(secret=Secret(self.secrets[prompt.kind.name]))


def take_in_hand(kind: Kind, fault: str | None = None) -> InHand:
    virtual = CARDS[kind.virtual]
    dealt = virtual.build(virtual.holders[0], behind_the_cards(), fault)
    return InHand(card=dealt.card, secrets={known.word: known.value for known in dealt.known})


def read_card(kind: Kind, inserted: InHand, challenge: PossessionChallenge, trust: CardTrust) -> list[Reading]:
    """Everything of it that the kind names, in one session of the card."""
    connection = InProcessCard(inserted.card)
    readings = []
    for name, parts in kind.readings.items():
        driver: CardDriver = DRIVERS[name]
        if kind.virtual == "specified-residence-card" and name == "residence_card":
            driver = ResidenceCardDriver(find_delivery_key(trust))
        wanted = frozenset(part.name for part in driver.parts) if parts == _ALL else frozenset(parts)
        request = ReadRequest(parts=wanted, ask=inserted, challenge=challenge)
        readings.append(driver.read(CardChannel(connection), request))
    return readings
