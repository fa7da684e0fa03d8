"""The virtual cards as they are read for figures: which card, which parts, what goes over the line, whose processor time it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import thread_time, time

from common.adapters.card_trust_files import open_card_trust
from common.cards.channel import CardChannel
from common.cards.contract import CardDriver
from common.cards.detect import detect_cards
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.evidence import Answer, RevocationAnswer
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest, SecretPrompt
from common.cards.reading import Reading
from common.cards.registry import DRIVERS
from common.cards.secret import Secret
from common.ports import CardConnection
from examples.cards.authorities import Authorities
from examples.cards.chip import Card
from examples.cards.registry import CARDS, Dealt
from tests.fakes.card import insert_in_process

_READS = frozenset({0xB0, 0xB1})
_CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What is read of which virtual card. card: its name in `CARDS`; parts: of the driver's, none for all; title: for people.

    knows_short: whether it can be read in short length alone.
    """

    title: str
    card: str
    parts: tuple[str, ...] = ()
    knows_short: bool = True


JPKI = Walk(
    title="My Number card: JPKI, both certificates", card="my-number", parts=("jpki_signature", "jpki_authentication")
)
PACE = (
    Walk(title="passport, PACE, chip authentication", card="passport-2025", parts=("identity", "photo")),
    Walk(title="passport, PACE with chip authentication mapping", card="passport-cam", parts=("identity", "photo")),
)
"""With a photo of 15 kB each."""
WALKS = (
    Walk(title="My Number card: signature certificate", card="my-number", parts=("jpki_signature",)),
    JPKI,
    Walk(title="My Number card: text application", card="my-number", parts=("text",)),
    Walk(title="My Number card: surface application", card="my-number", parts=("surface",)),
    Walk(title="My Number card: everything", card="my-number"),
    Walk(title="driving licence", card="driving-licence"),
    Walk(title="マイナ免許証", card="mynumber-licence"),
    Walk(title="residence card, first generation", card="residence-card-1"),
    Walk(title="residence card, second generation", card="residence-card-2"),
    Walk(title="特定在留カード", card="specified-residence-card", knows_short=False),
    Walk(title="passport, BAC, active authentication", card="passport", parts=("identity", "photo")),
    *PACE,
)


class Metered:
    """A connection under a meter. spent: processor seconds of this thread inside ``transmit``; reads: how many READ BINARY."""

    def __init__(self, connection: CardConnection) -> None:
        self._connection = connection
        self.spent = 0.0
        self.reads = 0

    def transmit(self, command: bytes) -> bytes:
        self.reads += command[1] in _READS
        began = thread_time()
        try:
            return self._connection.transmit(command)
        finally:
            self.spent += thread_time() - began


class _Holder:
    """Somebody who knows what opens their card."""

    def __init__(self, dealt: Dealt) -> None:
        self._known = {each.word: each.value for each in dealt.known}

    def __call__(self, prompt: SecretPrompt, /) -> GivenSecret:
        return GivenSecret(secret=Secret(self._known[prompt.kind.name]))


class Deck:
    """All cards of `CARDS`, and an issuer that believes their authorities by the files in ``folder``, which has to stay."""

    def __init__(self, authorities: Authorities, folder: Path) -> None:
        self._dealt = {name: card.build(card.holders[0], authorities, None) for name, card in CARDS.items()}
        authorities.write(folder)
        self._trust = open_card_trust([folder], responders={}, fetch=None)
        self.told_after: dict[str, int] = {}
        """Commands until it was known which card it is."""
        self._drivers = {name: self._driver(name) for name in CARDS}

    def card(self, walk: Walk) -> Card:
        return self._dealt[walk.card].card

    def read(self, walk: Walk, channel: CardChannel) -> Reading:
        driver = self._drivers[walk.card]
        parts = frozenset(walk.parts or (part.name for part in driver.parts))
        request = ReadRequest(parts=parts, ask=_Holder(self._dealt[walk.card]), challenge=_CHALLENGE)
        return driver.read(channel, request)

    def authenticate(self, walk: Walk, reading: Reading) -> None:
        """Raises ValueError where something is not proven that the card proves: then a figure would be of something else."""
        driver = self._drivers[walk.card]
        told = driver.authenticate(reading, challenge=_CHALLENGE, trust=self._trust, now=int(time()))
        sources = told.evidence.sources
        if not any(source.data_authenticity.answer is Answer.PROVEN for source in sources) or any(
            source.data_authenticity.answer not in (Answer.PROVEN, Answer.NOT_OFFERED)
            or source.chip_genuineness.answer is Answer.FAILED
            or source.revocation.answer not in (RevocationAnswer.GOOD, RevocationAnswer.NOT_OFFERED)
            for source in sources
        ):
            raise ValueError(f"{walk.title} was not believed: {sources}")

    def _driver(self, name: str) -> CardDriver:
        channel = CardChannel(insert_in_process(self._dealt[name].card))
        kind = detect_cards(channel)[-1]
        self.told_after[name] = channel.exchanges
        if kind.name == "specified_residence_card":
            [delivery] = self._trust.of_scheme("residence_card_delivery")
            return ResidenceCardDriver(delivery_key=delivery.material)
        return DRIVERS[kind.driver]
