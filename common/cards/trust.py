"""Whom an issuer believes about cards: roots by scheme, each of production or of a test hierarchy, and who knows about revocation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.cards.evidence import Environment
from common.x509.revocation import RevocationSource


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchor:
    """One root. scheme: whose ("jpki_signature", "jpki_authentication", "my_number_cvc", "csca", "driving_licence", "residence_card" …).

    material: DER, a certificate or (where a scheme has no certificates) a SubjectPublicKeyInfo. key_id: the scheme's name of the key, if it
    has one. label: a word for evidence, never a holder's; the driver makes one of the key where it is empty.
    """

    scheme: str
    environment: Environment
    material: bytes = field(repr=False)
    key_id: bytes = b""
    label: str = ""

    def __post_init__(self) -> None:
        if self.environment is Environment.NONE:
            raise ValueError("a root is of production or of a test hierarchy")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTrust:
    """Empty by default: nobody is believed, nothing is known about revocation. revocation: the source for each scheme that has one."""

    anchors: tuple[TrustAnchor, ...] = ()
    revocation: Mapping[str, RevocationSource] = field(default_factory=dict)

    def of_scheme(self, scheme: str) -> tuple[TrustAnchor, ...]:
        return tuple(anchor for anchor in self.anchors if anchor.scheme == scheme)

    def without_test(self) -> CardTrust:
        """Production only: what a production issuer starts with, whatever its files hold."""
        kept = tuple(anchor for anchor in self.anchors if anchor.environment is Environment.PRODUCTION)
        return CardTrust(anchors=kept, revocation=self.revocation)
