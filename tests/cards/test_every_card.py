"""The whole walk of each virtual card, within the process and over a real pcscd: told by selecting, read whole, believed by the files that
`tegata sandbox cards --trust` writes, and by nobody without them."""

from __future__ import annotations

from functools import cache
from time import time

import pytest

from common.adapters.card_trust_files import open_card_trust
from common.cards.channel import CardChannel
from common.cards.detect import detect_cards
from common.cards.drivers.residence_card.driver import ResidenceCardDriver
from common.cards.evidence import Answer, Environment
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest, SecretPrompt
from common.cards.registry import DRIVERS
from common.cards.secret import Secret
from common.cards.trust import CardTrust
from examples.cards.registry import CARDS, Dealt
from tests.cards.sandbox import sandbox
from tests.fakes.card import Insert

CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))


@cache
def dealt(name: str) -> Dealt:
    return CARDS[name].build(CARDS[name].holders[0], sandbox(), None)


@pytest.fixture(scope="module")
def believed(tmp_path_factory: pytest.TempPathFactory) -> CardTrust:
    for name in CARDS:
        dealt(name)
    folder = tmp_path_factory.mktemp("trust")
    sandbox().write(folder)
    return open_card_trust([folder], responders={}, fetch=None)


def request_for(card: Dealt, parts: frozenset[str]) -> ReadRequest:
    known = {each.word: each.value for each in card.known}

    def ask(prompt: SecretPrompt, /) -> GivenSecret:
        return GivenSecret(secret=Secret(known[prompt.kind.name]))

    return ReadRequest(parts=parts, ask=ask, challenge=CHALLENGE)


@pytest.mark.parametrize("name", CARDS)
def test_told_read_and_believed(name: str, insert: Insert, believed: CardTrust) -> None:
    channel = CardChannel(insert(dealt(name).card))
    kind = detect_cards(channel)[-1]
    driver = DRIVERS[kind.driver]
    if kind.name == "specified_residence_card":
        [delivery] = believed.of_scheme("residence_card_delivery")
        driver = ResidenceCardDriver(delivery_key=delivery.material)
    parts = frozenset(part.name for part in driver.parts)
    reading = driver.read(channel, request_for(dealt(name), parts))
    told = driver.authenticate(reading, challenge=CHALLENGE, trust=believed, now=int(time()))
    assert told.claims
    for source in told.evidence.sources:
        if source.trust_anchor is not Environment.NONE:
            assert source.data_authenticity.answer is Answer.PROVEN, source
        assert source.chip_genuineness.answer is not Answer.FAILED, source
    assert Environment.TEST in {source.trust_anchor for source in told.evidence.sources}
    nobody = driver.authenticate(reading, challenge=CHALLENGE, trust=CardTrust(), now=int(time()))
    assert {source.trust_anchor for source in nobody.evidence.sources} == {Environment.NONE}
    assert Answer.PROVEN not in {source.data_authenticity.answer for source in nobody.evidence.sources}
