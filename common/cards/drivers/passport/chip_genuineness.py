"""Whether the chip is the one that its country made: from the exchanges of a reading, under keys that a verified signature covers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from common.cards.drivers.passport.active_authentication import (
    CHALLENGE_BYTES,
    DER,
    parse_dg15,
    verify_active_authentication,
)
from common.cards.drivers.passport.card_security import parse_card_security
from common.cards.drivers.passport.chip_authentication import choose_chip_key, verify_chip_authentication
from common.cards.drivers.passport.curve import parse_point
from common.cards.drivers.passport.layout import (
    ACTIVE_AUTHENTICATION,
    CARD_SECURITY,
    CHIP_AUTHENTICATION,
    HANDED_OVER,
    PACE_CAM,
    group_name,
)
from common.cards.drivers.passport.pace_mapping import verify_chip_mapping
from common.cards.drivers.passport.passive_authentication import PassiveAuthentication, judge_signer
from common.cards.drivers.passport.public_key import EcKey, parse_public_key
from common.cards.drivers.passport.security_infos import SecurityInfos, parse_dg14
from common.cards.drivers.passport.security_object import SecurityObject
from common.cards.evidence import Finding, failed, not_checked, not_offered, proven
from common.cards.possession import PossessionChallenge, derive_challenge
from common.cards.reading import Reading
from common.cards.trust import TrustAnchor
from common.errors import Malformed, Rejected, TegataError

_MEANS = (PACE_CAM, CHIP_AUTHENTICATION, ACTIVE_AUTHENTICATION)
_PROOF_GROUPS = (14, 15)


def judge_chip(
    reading: Reading,
    security_object: SecurityObject,
    passive: PassiveAuthentication,
    *,
    challenge: PossessionChallenge,
    anchors: Sequence[TrustAnchor],
    countries: frozenset[str],
    now: int,
) -> Finding:
    """The first of the three means that the reading has an exchange of. countries: those of certificates for the state in DG1.

    1. the key is certified: DG14 or DG15 as a trusted signer signed it, or EF.CardSecurity with a signature of its own
    2. the exchange holds under it; for active authentication under *our* challenge
    A chip whose SOD lists DG14 or DG15 and that gives neither is *failed*: a copy leaves out what it cannot answer. Only a SOD that
    lists neither is *not offered*. The first two means prove the chip to who ran the reading (`pace_mapping`, `chip_authentication`), and
    name neither an issuer nor a session: over a channel that was handed over, whoever stands in between may have got that proof from
    somebody who wanted to prove something else to somebody else. There they are *not checked*, and *failed* where they do not hold.
    """
    by = next((means for means in _MEANS if means in reading.exchanges), "")
    if not passive.is_certified:
        return not_checked("key_not_certified", by)
    if not by:
        return _judge_silence(reading, security_object, passive)
    try:
        if by == PACE_CAM:
            infos, _ = judge_card_security(reading, anchors, countries=countries, now=now)
            _judge_mapping(reading, passive, infos)
        elif by == CHIP_AUTHENTICATION:
            dg14 = _certified(reading, passive, 14)
            verify_chip_authentication(choose_chip_key(parse_dg14(dg14)), reading.exchanges[by], dg14)
        else:
            return _judge_signature(reading, passive, challenge)
    except TegataError as problem:
        return failed(by, problem.code)
    return not_checked("relayed_session", by) if reading.notes.get("access") == HANDED_OVER else proven(by)


def _judge_silence(reading: Reading, security_object: SecurityObject, passive: PassiveAuthentication) -> Finding:
    listed = [number for number in _PROOF_GROUPS if number in security_object.digests]
    missing = [number for number in listed if group_name(number) not in reading.files]
    if 15 in listed:
        # Nothing was asked although there is a key: DG15 was withheld, or cannot be read.
        return failed(ACTIVE_AUTHENTICATION, "proof_withheld" if 15 in missing else "key_unusable")
    if 14 in missing:
        return failed(CHIP_AUTHENTICATION, "proof_withheld")
    if 14 in listed and _names_chip_keys(reading, passive):
        return failed(CHIP_AUTHENTICATION, "key_unusable")
    return not_offered("no_key")


def _names_chip_keys(reading: Reading, passive: PassiveAuthentication) -> bool:
    """DG14 may be there for PACE alone."""
    try:
        return bool(parse_dg14(_certified(reading, passive, 14)).chip_keys)
    except TegataError:
        return True


def _certified(reading: Reading, passive: PassiveAuthentication, number: int) -> bytes:
    file = reading.file(group_name(number))
    if not passive.certifies(number):
        raise Rejected("disclosure_invalid", "the chip's key is not the one that was signed")
    return file


def judge_card_security(
    reading: Reading, anchors: Sequence[TrustAnchor], *, countries: frozenset[str], now: int
) -> tuple[SecurityInfos, PassiveAuthentication]:
    """What EF.CardSecurity says, and who signed it: a signer of the document's own country, in its time. Raises Malformed, Rejected.

    It stands in no SOD. Any other country's signer could else vouch for the chip of this one's passports.
    """
    security = parse_card_security(reading.file(CARD_SECURITY))
    verdict = judge_signer(security.signed, anchors, countries=countries, now=now)
    if not verdict.is_proven:
        raise Rejected("untrusted_key", f"EF.CardSecurity is not signed as it should be: {verdict.reason}")
    return security.infos, verdict


def _judge_mapping(reading: Reading, passive: PassiveAuthentication, infos: SecurityInfos) -> None:
    """PACE with chip authentication mapping. The static key is that of EF.CardSecurity on the mapping's curve; of several the one whose
    number is the curve's (TR-03110-3 A.1.1.2).

    infos: of EF.CardSecurity. That the document has this mapping at all is what its DG14 says, which its SOD lists (Doc 9303-11 §9.2.11):
    else a copy of any passport could choose this proof, under a key of another one, instead of its own.
    """
    protocol, _, told = reading.notes.get("pace", "").rpartition("/")
    if protocol not in {one.protocol for one in parse_dg14(_certified(reading, passive, 14)).pace}:
        raise Rejected("untrusted_key", "the document does not have this mapping, as it says itself")
    exchange = reading.exchanges[PACE_CAM]
    number = int(told) if re.fullmatch("[0-9]{1,2}", told) else -1
    keys = [(one.key_id, key) for one in infos.chip_keys if isinstance(key := _key(one.key), EcKey)]
    on_curve = [(key_id, key) for key_id, key in keys if key.curve.number == number]
    chosen = next((key for key_id, key in on_curve if key_id == number), on_curve[0][1] if on_curve else None)
    if chosen is None:
        raise Malformed("bad_card_security", "EF.CardSecurity has no key for this mapping")
    verify_chip_mapping(chosen.curve, parse_point(chosen.curve, exchange.challenge), exchange.answer, chosen)


def _key(info: bytes) -> object:
    try:
        return parse_public_key(info)
    except TegataError:
        return None


def _judge_signature(reading: Reading, passive: PassiveAuthentication, challenge: PossessionChallenge) -> Finding:
    """Active authentication; that a signature came as DER, which the text does not allow, is told."""
    by = ACTIVE_AUTHENTICATION
    exchange = reading.exchanges[by]
    if exchange.challenge != derive_challenge(challenge, by, CHALLENGE_BYTES):
        return failed(by, "other_challenge")
    infos = SecurityInfos()
    if group_name(14) in reading.files and passive.certifies(14):
        infos = parse_dg14(reading.file(group_name(14)))
    key = parse_dg15(_certified(reading, passive, 15))
    form = verify_active_authentication(key, infos, exchange.challenge, exchange.answer)
    return proven(f"{by}_der" if form == DER else by)
