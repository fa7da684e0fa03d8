"""Reading and judging the virtual passports in a test: who is believed, what the person types, clean readings made once."""

from __future__ import annotations

from functools import cache

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.drivers.passport.country_crl import CountryCrlSource
from common.cards.drivers.passport.driver import PassportDriver
from common.cards.drivers.passport.layout import IDENTITY, PHOTO
from common.cards.evidence import Environment, SourceEvidence
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest, SecretPrompt
from common.cards.reading import Reading
from common.cards.secret import Secret
from common.cards.trust import CardTrust, TrustAnchor
from examples.cards.passport import Passport
from tests.cards.passport_world import NOW, passport, world
from tests.fakes.card import insert_in_process

DRIVER = PassportDriver()
SECONDS = int(NOW.timestamp())
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))


@cache
def trust(environment: Environment = Environment.TEST) -> CardTrust:
    """Every authority of the virtual world, and its revocation lists as they were at first."""
    anchors = tuple(TrustAnchor(scheme="csca", environment=environment, material=one.dump()) for one in world().cscas())
    lists = tuple(world().crls().values())
    return CardTrust(anchors=anchors, revocation={"csca": CountryCrlSource(lambda: lists, anchors)})


def trust_after_revocation() -> CardTrust:
    """With the lists of now: the virtual world revokes a signer when it makes a passport of it."""
    anchors, lists = trust().anchors, tuple(world().crls().values())
    return CardTrust(anchors=anchors, revocation={"csca": CountryCrlSource(lambda: lists, anchors)})


def printed(card: Passport, *, can: bool = False) -> str:
    return card.printed.can if can else "\n".join(card.printed.lines)


def request(text: str, *parts: str) -> ReadRequest:
    def ask(_: SecretPrompt) -> GivenSecret:
        return GivenSecret(secret=Secret(text))

    return ReadRequest(parts=frozenset(parts or (IDENTITY, PHOTO)), ask=ask, challenge=CHALLENGE)


def read(card: Passport, *parts: str, can: bool = False) -> tuple[Reading, CardChannel]:
    channel = CardChannel(insert_in_process(card.chip))
    return DRIVER.read(channel, request(printed(card, can=can), *parts)), channel


def judge(reading: Reading, believed: CardTrust | None = None) -> Authenticated:
    return DRIVER.authenticate(reading, challenge=CHALLENGE, trust=believed or trust(), now=SECONDS)


def source(told: Authenticated) -> SourceEvidence:
    [found] = told.evidence.sources
    return found


@cache
def clean(profile: str) -> tuple[Reading, Authenticated]:
    reading, _ = read(passport(profile))
    return reading, judge(reading)
