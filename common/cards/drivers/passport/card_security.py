"""EF.CardSecurity: the chip's keys for PACE with chip authentication mapping. Doc 9303-11 §9.2.10, TR-03110-3 A.1.2.5. Not verified here.

It bears a signature of its own and stands in no SOD; `passive_authentication.judge_signer` judges it.
"""

from __future__ import annotations

from common.cards.drivers.passport.security_infos import SecurityInfos, parse_security_infos
from common.cards.drivers.passport.signed_data import ParsedSignedData, parse_signed_data
from common.errors import Malformed
from common.record import Record

CONTENT_TYPE = "0.4.0.127.0.7.3.2.1"
"""id-SecurityObject."""


class CardSecurity(Record, frozen=True):
    """infos: what the chip can do. signed: the signature around it, not verified."""

    infos: SecurityInfos
    signed: ParsedSignedData


def parse_card_security(file: bytes) -> CardSecurity:
    """Raises Malformed, Unsupported."""
    signed = parse_signed_data(file)
    if signed.content_type != CONTENT_TYPE:
        raise Malformed("bad_card_security", "EF.CardSecurity signs something else")
    return CardSecurity(infos=parse_security_infos(signed.content), signed=signed)
