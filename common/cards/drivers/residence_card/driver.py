"""在留カード and 特別永住者証明書 of both generations, and 特定在留カード, as one driver."""

from __future__ import annotations

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated, Part
from common.cards.drivers.residence_card.authenticate import authenticate_residence_card
from common.cards.drivers.residence_card.layout import ADDRESS, CARD, PERMISSIONS, PHOTOGRAPH
from common.cards.drivers.residence_card.read import CARD_NUMBER, read_residence_card
from common.cards.drivers.residence_card.specified import read_delivery_key
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest
from common.cards.reading import Reading
from common.cards.trust import CardTrust
from common.errors import Malformed

_NUMBER = (CARD_NUMBER,)


class ResidenceCardDriver:
    """delivery_key: the agency's for 特定在留カード, DER (SubjectPublicKeyInfo); empty where it is not configured. Raises Misconfigured."""

    name = "residence_card"
    parts = (
        Part(
            name=CARD,
            label_ja="在留資格・就労制限・在留期間など（券面）",
            label_en="Status of residence, work restriction, period of stay (face of the card)",
            secrets=_NUMBER,
            claims=(
                "front_image",
                "name_image",
                "card_expiry",
                "birth_date",
                "birth_date_incomplete",
                "sex",
                "nationality",
                "residence_status_code",
                "period_of_stay",
                "permission_code",
                "permission_date",
                "work_restriction",
                "stay_until",
                "document",
            ),
        ),
        Part(name=PHOTOGRAPH, label_ja="顔写真", label_en="Photo", secrets=_NUMBER, claims=("photo",)),
        Part(
            name=ADDRESS,
            label_ja="住居地（署名の対象外）",
            label_en="Address (outside the signature)",
            secrets=_NUMBER,
            claims=("address", "address_since", "municipality_code", "address_image"),
        ),
        Part(
            name=PERMISSIONS,
            label_ja="資格外活動許可・申請中の有無（署名の対象外）",
            label_en="Permission for other activities, pending applications (outside the signature)",
            secrets=_NUMBER,
            claims=(
                "general_permission",
                "general_permission_until",
                "single_permission",
                "renewal_pending",
                "has_remarks",
                "remarks",
            ),
        ),
    )

    def __init__(self, delivery_key: bytes = b"") -> None:
        self._delivery_key = read_delivery_key(delivery_key) if delivery_key else None

    def read(self, channel: CardChannel, request: ReadRequest) -> Reading:
        """As `CardDriver.read`. Raises Malformed("unknown_part") before anything is sent, or for no part at all."""
        if not request.parts or request.parts - {part.name for part in self.parts}:
            raise Malformed("unknown_part", "a residence card has no such part")
        return read_residence_card(channel, request, delivery_key=self._delivery_key)

    def authenticate(
        self, reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust, now: int
    ) -> Authenticated:
        """As `CardDriver.authenticate`. No key of the card answers anything: the challenge has no part in it."""
        del challenge
        if reading.card != self.name:
            raise Malformed("wrong_card", "a reading of another kind of card")
        return authenticate_residence_card(reading, trust=trust, now=now)
