"""Whom we believe about residence cards: the Immigration Services Agency's certification authorities, by configuration.

The agency publishes its certificates; none is kept here, only their fingerprints, so that an operator who configures the published *test*
authority as one of production gets test credentials all the same. There is no revocation service.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from common.cards.drivers.residence_card.certificates import CardCertificate, is_issued_by, parse_card_certificate
from common.cards.drivers.residence_card.ciphers import Generation
from common.cards.evidence import Environment
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Malformed, Rejected

SCHEME: Final = "residence_card"
DELIVERY_SCHEME: Final = "residence_card_delivery"
"""Of the delivery key of 特定在留カード: not a root, it vouches for nothing; configured beside them."""
PRODUCTION: Final = {
    "97f37c5967af5f3cd84e6ed694b09539abb7f8e7e76b6f7496a060008982983d": "ZairyuCard CA 2015",
    "ff02323cea7b8c3dfc0dc2de79d46e78514af587368523086b188e9690aec861": "ZairyuCard CA 2018",
    "6f50161aa80f7ff7c630505faf472906f7b101d5083e327a6182c82cd7985e67": "ZairyuCard CA 2021",
    "bf854466ed9abf61f559c39bf8790546f8acdab99b51fd2330563669ce4a71b2": "ZairyuCard CA 2024",
    "11e6ad8b8e64f0cdb1d8ba9e3689926c80e8479a2f098616f674a23582bec13b": "ZairyuCard CA2 2026",
}
"""SHA-256 of the certificates that the agency publishes for use (001460774, …75, …76, …77, 001462221), in DER."""
TEST: Final = {"1846b815d31f04fe93d57450a6d8a8c351eac3d8c444a2375d95734df7dd1057": "ZairyuCard CA2 test 2026"}
"""The same for who tries software out (001460788)."""
ALGORITHMS: Final = {Generation.FIRST: "sha256_rsa", Generation.SECOND: "sha256_ecdsa"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A root in force. environment: what its fingerprint says if it is a published one, else what the configuration says."""

    certificate: CardCertificate
    environment: Environment
    label: str


def authority_of(anchor: TrustAnchor) -> Authority:
    """Raises Malformed("bad_certificate")."""
    certificate = parse_card_certificate(anchor.material)
    fingerprint = hashlib.sha256(anchor.material).hexdigest()
    environment = anchor.environment
    if fingerprint in TEST:
        environment = Environment.TEST
    label = anchor.label or PRODUCTION.get(fingerprint) or TEST.get(fingerprint) or f"sha256 {fingerprint[:16]}"
    return Authority(certificate=certificate, environment=environment, label=label)


def find_delivery_key(trust: CardTrust) -> bytes:
    """The delivery key that is configured, for `driver.ResidenceCardDriver`; empty where there is none. The first, where there are two."""
    return next((anchor.material for anchor in trust.of_scheme(DELIVERY_SCHEME)), b"")


def find_authority(certificate: CardCertificate, trust: CardTrust) -> Authority | None:
    """The root of ours that issued a certificate: of its issuer's name, an authority, and its key decides, not the newest.

    Nothing else about the certificate is looked at. A root that cannot be read vouches for nobody.
    """
    for anchor in trust.of_scheme(SCHEME):
        try:
            authority = authority_of(anchor)
        except Malformed:
            continue
        root = authority.certificate
        if root.is_authority and _may(root, "key_cert_sign") and is_issued_by(certificate, root):
            return authority
    return None


def verify_signer(certificate: CardCertificate, authority: Authority, generation: Generation, *, now: int) -> None:
    """Whether a certificate that a root of ours issued may sign cards, now.

    1. No authority itself, a key for signatures, signed in the generation's way.
    2. It and its root in force: these certificates outlast the cards (three years of signing, seven of a card).

    Left to the caller: that the root issued it (`find_authority`). Raises Rejected: untrusted_key, algorithm_not_allowed, expired,
    not_yet_valid.
    """
    # 1
    if certificate.is_authority or not (_may(certificate, "digital_signature") or _may(certificate, "non_repudiation")):
        raise Rejected("untrusted_key", "the certificate on the card is not one for signing cards")
    if certificate.algorithm != ALGORITHMS[generation]:
        raise Rejected(
            "algorithm_not_allowed", "the certificate on the card is signed in another way than this generation's"
        )
    # 2
    for each in (certificate, authority.certificate):
        if now < each.not_before:
            raise Rejected("not_yet_valid", "a certificate of the card's chain is not in force yet")
        if now > each.not_after:
            raise Rejected("expired", "a certificate of the card's chain is not in force any more")


def _may(certificate: CardCertificate, use: str) -> bool:
    return certificate.usage is None or use in certificate.usage
