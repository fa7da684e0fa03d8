"""What a card driver promises. To add a card: its file or folder in ``drivers/``, and its line in ``registry.py``.

`read` talks to the card and judges nothing; `authenticate` judges and touches nothing. Between them lies a `Reading`, plain bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from common.cards.evidence import Evidence
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest, SecretKind
from common.cards.reading import Reading
from common.cards.trust import CardTrust

if TYPE_CHECKING:
    from common.cards.channel import CardChannel

ClaimValue = str | bool | int | bytes | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something of a card that is read or left alone as a whole. secrets: what opens it, in the order asked. claims: what it may yield."""

    name: str
    label_ja: str
    label_en: str
    secrets: tuple[SecretKind, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated:
    """Claims with their evidence. A claim whose file failed its check is not among them; evidence says that it failed.

    Claims hold personal data and are not printed. Dates are "YYYY-MM-DD"; a picture is bytes as on the chip.
    """

    claims: Mapping[str, ClaimValue] = field(repr=False)
    evidence: Evidence

    def __post_init__(self) -> None:
        object.__setattr__(self, "claims", MappingProxyType(dict(self.claims)))
        told = {origin.claim for source in self.evidence.sources for origin in source.origins}
        if told != set(self.claims):
            raise ValueError("every claim has an origin, and every origin a claim")


class CardDriver(Protocol):
    @property
    def name(self) -> str:
        """The card, in one word: "my_number", "driving_licence", "mynumber_licence", "residence_card", "passport"."""

    @property
    def parts(self) -> tuple[Part, ...]: ...

    def read(self, channel: CardChannel, request: ReadRequest) -> Reading:
        """Reads ``request.parts`` and answers its challenge. Spends no try unasked. A channel that is secured already (a handshake at the
        holder's side) is used as it is. Raises CardError (and PinWrong, PinBlocked, CardRemoved), Malformed, Refused, Unavailable."""

    def authenticate(
        self, reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust, now: int
    ) -> Authenticated:
        """Judges. ``challenge``: the one that *we* gave, whatever the reading holds. A check that fails is a finding in the evidence;
        Malformed is raised only for bytes that say nothing at all."""
