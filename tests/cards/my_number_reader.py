"""The reader's side for tests of the My Number card: somebody who knows the secrets, whom we believe, and what comes of a card."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cryptography.hazmat.primitives import serialization

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated
from common.cards.drivers.my_number.driver import MyNumberDriver
from common.cards.evidence import Environment, SourceEvidence
from common.cards.possession import PossessionChallenge
from common.cards.prompts import GivenSecret, ReadRequest, SecretPrompt
from common.cards.reading import Reading
from common.cards.secret import Secret
from common.cards.trust import CardTrust, TrustAnchor
from common.ports import CardConnection
from common.x509.crl import CrlSource
from common.x509.revocation import RevocationSource
from examples.cards.my_number.card import PASSWORD, PIN
from examples.cards.my_number.card_certificates import SURFACE, TEXT
from examples.cards.my_number.jpki_authority import GENERATIONS, Purpose
from examples.cards.my_number.revocation import build_crl
from examples.cards.people import PEOPLE
from tests.cards.my_number_world import NOW as WHEN
from tests.cards.my_number_world import authorities

DRIVER = MyNumberDriver()
NOW = int(WHEN.timestamp())
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(range(32)))
PARTS = frozenset(part.name for part in DRIVER.parts)


class Holder:
    """Answers what is asked, and writes down what was. wrong: names of secrets that they get wrong."""

    def __init__(self, person: str = "hanako", *, wrong: Iterable[str] = (), last_try_ok: bool = False) -> None:
        self.secrets = {
            "jpki_signature_password": PASSWORD,
            "jpki_authentication_pin": PIN,
            "my_number_text_pin": PIN,
            "my_number_verification_b": PEOPLE[person].printed_code.encode(),
        }
        for name in wrong:
            self.secrets[name] = self.secrets[name][::-1]
        self.last_try_ok = last_try_ok
        self.asked: list[SecretPrompt] = []

    def __call__(self, prompt: SecretPrompt, /) -> GivenSecret:
        self.asked.append(prompt)
        return GivenSecret(secret=Secret(self.secrets[prompt.kind.name]), last_try_ok=self.last_try_ok)


def request_for(holder: Holder, parts: Iterable[str] = PARTS) -> ReadRequest:
    return ReadRequest(parts=frozenset(parts), ask=holder, challenge=CHALLENGE)


def read(connection: CardConnection, holder: Holder | None = None, parts: Iterable[str] = PARTS) -> Reading:
    return DRIVER.read(CardChannel(connection), request_for(holder or Holder(), parts))


def trust(*, pretends: bool = True, environment: Environment = Environment.PRODUCTION) -> CardTrust:
    """Every generation's CAs and both CAs of the other applications; CRLs of today."""
    behind = authorities(pretends=pretends)
    anchors, sources = [], dict[str, RevocationSource]()
    for purpose in (Purpose.SIGNATURE, Purpose.AUTHENTICATION):
        scheme = "jpki_signature" if purpose is Purpose.SIGNATURE else "jpki_authentication"
        cas = [behind.jpki(purpose, generation) for generation in GENERATIONS]
        anchors += [TrustAnchor(scheme=scheme, environment=environment, material=ca.der) for ca in cas]
        sources[scheme] = CrlSource(lambda cas=cas: [build_crl(ca) for ca in cas])  # type: ignore[misc]
    anchors += [
        TrustAnchor(
            scheme="my_number_cvc",
            environment=environment,
            material=behind.cards.authority_spki(application),
            key_id=behind.cards.authority_id(application),
        )
        for application in (TEXT, SURFACE)
    ]
    return CardTrust(anchors=tuple(anchors), revocation=sources)


def judge(reading: Reading, believed: CardTrust | None = None, *, later: timedelta | None = None) -> Authenticated:
    now = NOW + int((later or timedelta()).total_seconds())
    return DRIVER.authenticate(reading, challenge=CHALLENGE, trust=believed or trust(), now=now)


def sources(authenticated: Authenticated) -> dict[str, SourceEvidence]:
    return {source.source: source for source in authenticated.evidence.sources}


DER = serialization.Encoding.DER
