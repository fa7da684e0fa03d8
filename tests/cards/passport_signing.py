"""Security objects signed as a test wants them, and what passive authentication says of them."""

from __future__ import annotations

from datetime import datetime

from asn1crypto.x509 import Certificate as Asn1Certificate

from common.cards.drivers.passport.passive_authentication import PassiveAuthentication, judge_passive_authentication
from common.cards.drivers.passport.security_object import parse_security_object
from common.cards.evidence import Environment
from common.cards.trust import TrustAnchor
from examples.cards.passport.authority import YEAR
from examples.cards.passport.signed_data import Signer, lds_security_object, security_object
from examples.cards.passport.signing_keys import Style
from tests.cards.passport_world import NOW, world

SECONDS = int(NOW.timestamp())
GROUPS = {1: b"\x61\x01a", 2: b"\x75\x01b", 15: b"\x6f\x01c"}
UT = frozenset({"UT"})
P256 = Style(kind="ecdsa", key="P-256")
ISSUED = NOW - 2 * YEAR


def anchor(one: Asn1Certificate) -> TrustAnchor:
    return TrustAnchor(scheme="csca", environment=Environment.TEST, material=one.dump())


def anchors(*codes: str) -> tuple[TrustAnchor, ...]:
    return tuple(anchor(one) for one in world().cscas(codes or ("UTO",)))


def signer(style: Style = P256, *, at: datetime = ISSUED, variant: str = "", **words: bool) -> Signer:
    return world().state("UTO").document_signer(style, at=at, variant=variant, **words)


def sod(
    by: Signer,
    *,
    hash_name: str = "sha256",
    at: datetime | None = ISSUED,
    groups: dict[int, bytes] = GROUPS,
    version: int = 0,
) -> bytes:
    return security_object(lds_security_object(groups, hash_name=hash_name, version=version), by, signing_time=at)


def judged(
    file: bytes,
    *,
    groups: dict[int, bytes] = GROUPS,
    trusted: tuple[TrustAnchor, ...] | None = None,
    countries: frozenset[str] | None = UT,
    now: int = SECONDS,
) -> PassiveAuthentication:
    believed = anchors() if trusted is None else trusted
    return judge_passive_authentication(parse_security_object(file), groups, believed, countries=countries, now=now)
