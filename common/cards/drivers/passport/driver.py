"""The passport as a card of `common.cards.contract`."""

from __future__ import annotations

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated, Part
from common.cards.drivers.passport.authenticate import authenticate_passport
from common.cards.drivers.passport.layout import CARD, DETAILS, IDENTITY, PHOTO, PRINTED
from common.cards.drivers.passport.read import read_passport
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest
from common.cards.reading import Reading
from common.cards.trust import CardTrust
from common.errors import Malformed

_SECRETS = (PRINTED,)


class PassportDriver:
    """DG1 is read with every part: without it nobody knows whose signature to ask for."""

    name = CARD
    parts = (
        Part(
            name=IDENTITY,
            label_ja="氏名・国籍・生年月日・旅券番号など（機械読取部）",
            label_en="Name, nationality, date of birth, document number (machine readable zone)",
            secrets=_SECRETS,
            claims=(
                "document_code",
                "document_number",
                "issuing_state",
                "nationality",
                "family_name",
                "given_name",
                "birth_date",
                "birth_date_incomplete",
                "sex",
                "card_expiry",
            ),
        ),
        Part(name=PHOTO, label_ja="顔写真", label_en="Photo", secrets=_SECRETS, claims=("photo",)),
        Part(
            name=DETAILS,
            label_ja="自国の文字による氏名・出生地・住所・発行機関・発行日（記録がある場合）",
            label_en="Name in the state's own script, place of birth, address, issuing authority, date of issue (where recorded)",
            secrets=_SECRETS,
            claims=("full_name", "birth_place", "address", "issuing_authority", "issue_date"),
        ),
    )

    def read(self, channel: CardChannel, request: ReadRequest) -> Reading:
        """As `CardDriver.read`. Raises Malformed("unknown_part") before anything is sent, or for no part at all."""
        if not request.parts or request.parts - {part.name for part in self.parts}:
            raise Malformed("unknown_part", "a passport has no such part")
        return read_passport(channel, request)

    def authenticate(
        self, reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust, now: int
    ) -> Authenticated:
        return authenticate_passport(reading, challenge=challenge, trust=trust, now=now)
