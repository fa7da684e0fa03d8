"""運転免許証 as a driver."""

from __future__ import annotations

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated, Part
from common.cards.drivers.driving_licence.authenticate import authenticate_driving_licence
from common.cards.drivers.driving_licence.read import (
    CARD,
    ENTRIES_PART,
    PIN_1,
    PIN_2,
    SIGNATURE_PART,
    read_driving_licence,
)
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest
from common.cards.reading import Reading
from common.cards.trust import CardTrust
from common.errors import Malformed


class DrivingLicenceDriver:
    """`CardDriver` of the driving licence."""

    name = CARD
    parts = (
        Part(
            name=ENTRIES_PART,
            label_ja="記載事項（氏名・生年月日・住所・免許の種類など。本籍と写真を除く）",
            label_en="Entries (name, birth date, address, categories; without domicile and photo)",
            secrets=(PIN_1,),
            claims=(
                *("name", "name_substitutes", "name_kana", "name_alias", "name_unified_kana"),
                *("birth_date", "birth_date_incomplete", "address", "address_substitutes"),
                *("licence_number", "issue_date", "expiry_date", "colour", "conditions", "issuing_authority"),
                *("categories", "category_dates", "motorcycle_since", "other_since", "second_class_since"),
                *("name_since", "name_kana_since", "address_since"),
                *("conditions_added", "conditions_lifted", "remarks"),
            ),
        ),
        Part(
            name=SIGNATURE_PART,
            label_ja="電子署名の検証（本籍と写真は検証だけに使い、残さない）",
            label_en="Check of the signature (domicile and photo are used for it alone and not kept)",
            secrets=(PIN_1, PIN_2),
        ),
    )

    def read(self, channel: CardChannel, request: ReadRequest) -> Reading:
        """As `CardDriver.read`. Raises Malformed("unknown_part") before anything is sent, or for no part at all."""
        if not request.parts or request.parts - {part.name for part in self.parts}:
            raise Malformed("unknown_part", "a driving licence has no such part")
        return read_driving_licence(channel, request)

    def authenticate(
        self, reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust, now: int
    ) -> Authenticated:
        """As `CardDriver.authenticate`. No key of the card answers anything: the challenge has no part in it."""
        del challenge
        if reading.card != self.name:
            raise Malformed("wrong_card", "a reading of another kind of card")
        return authenticate_driving_licence(reading, trust=trust, now=now)
