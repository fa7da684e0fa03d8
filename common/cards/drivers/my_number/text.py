"""The text application: the four attributes as text, signed, and a key that answers without a secret. cards.md §3.4 [C].

Its file 0001 is the individual number: it is never selected. Its digest stands in the integrity record, and nothing is done with it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from common.cards.channel import CardChannel
from common.cards.drivers.my_number.challenge import DEFAULT_KEY, judge_answer, sign
from common.cards.drivers.my_number.cvc import CertifiedKey, is_signed, parse_cvc, parse_public_key, verify_cvc
from common.cards.drivers.my_number.named_files import read_named_file
from common.cards.drivers.my_number.objects import check_offsets, open_record
from common.cards.drivers.my_number.secret_kinds import TEXT_PIN
from common.cards.evidence import (
    Environment,
    Finding,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    proven,
)
from common.cards.files import select_application, select_file
from common.cards.japanese_text import parse_utf_8
from common.cards.possession import PossessionChallenge, build_possession
from common.cards.present import present_secret
from common.cards.prompts import Progress, ReadRequest
from common.cards.reading import Exchange, Reading
from common.cards.tlv import Tlv
from common.cards.trust import CardTrust
from common.errors import Malformed
from common.x509.rejected import CertificateRejected

AID = bytes.fromhex("D3921000310001010408")
SOURCE = "text"
ATTRIBUTES, INTEGRITY, CERTIFICATE, CARD_KEY = "text/0002", "text/0003", "text/0004", "text/0007"
_PIN = 0x0011
_FILES = {
    ATTRIBUTES: (0x0002, 2, 2048),
    INTEGRITY: (0x0003, 2, 1024),
    CERTIFICATE: (0x0004, None, 1024),
    CARD_KEY: (0x0007, 2, 1024),
}
"""Identifier, bytes of a tag (None: as BER has it), most bytes. 0001 is not here, and must never be."""
_RECORD, _CHALLENGE = "integrity_record", "card_challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAttributes:
    """As the card writes them: birth_date YYYYMMDD, sex one digit. None of it is printed."""

    name: str = field(repr=False)
    address: str = field(repr=False)
    birth_date: bytes = field(repr=False)
    sex: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedText:
    """attributes: None unless their record is signed by a trusted key."""

    evidence: SourceEvidence
    attributes: TextAttributes | None


def read_text(channel: CardChannel, request: ReadRequest) -> Reading:
    """Attributes, integrity record, certificate, card key, and an answer to the challenge. Raises CardError, Malformed, Refused."""
    select_application(channel, AID, what="open the text application")
    request.progress(Progress(step=SOURCE))
    select_file(channel, _PIN, what=f"ask for {TEXT_PIN.name}")
    present_secret(channel, request, TEXT_PIN)
    files = {
        name: read_named_file(channel, fid, max_bytes=most, tlv=True, tag_bytes=tag_bytes, what="read a record")
        for name, (fid, tag_bytes, most) in _FILES.items()
    }
    challenge = build_possession(request.challenge)
    answer = Exchange(challenge=challenge, answer=sign(channel, challenge, DEFAULT_KEY))
    return Reading(card="my_number", files=files, exchanges={SOURCE: answer}, accepted=frozenset({TEXT_PIN.name}))


def parse_attributes(data: bytes) -> TextAttributes:
    """File 0002 → what it says. Raises Malformed."""
    objects = open_record(data, 0xFF20, (0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25))
    check_offsets(data, objects)
    _, name, address, birth_date, sex = objects
    if len(birth_date.value) != 8 or len(sex.value) != 1:
        raise Malformed("attribute_malformed", "birth date or sex are of other sizes than they can have")
    return TextAttributes(
        name=parse_utf_8(name.value), address=parse_utf_8(address.value), birth_date=birth_date.value, sex=sex.value
    )


def attributes_digest(data: bytes) -> bytes:
    """What the integrity record holds of file 0002: SHA-256 over its objects from DF22 on, the offset table left out. Raises Malformed."""
    objects = open_record(data, 0xFF20, (0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25))
    return hashlib.sha256(b"".join(each.raw for each in objects[1:])).digest()


def judge_text(reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust) -> JudgedText:
    """What the text application proves.

    1. the certificate in 0004, by the operator's table                                        §3.7, `verify_cvc`
    2. the integrity record 0003, signed by that key over its two digests                      §3.4
    3. the digest of the attributes 0002
    4. the card's key 0007, signed by that key; our challenge, signed by the card's key        §3.4
    There is no revocation information. No signature covers attributes and card key together, so that this key is of the card of this
    person is not told ("attributes_bound_to_chip" stays unexamined). Nothing is raised for what the card said: each is a finding.
    """
    issuer: CertifiedKey | None = None
    attributes: TextAttributes | None = None
    try:
        # 1 · certificate
        issuer = verify_cvc(parse_cvc(reading.file(CERTIFICATE)), trust)
        # 2 · record, 3 · digest
        if not is_record_signed(reading.file(INTEGRITY), issuer):
            data = failed(_RECORD, "bad_signature")
        elif not _is_of_record(reading.file(ATTRIBUTES), reading.file(INTEGRITY)):
            data = failed(_RECORD, "other_digest")
        else:
            attributes = parse_attributes(reading.file(ATTRIBUTES))
            data = proven(_RECORD)
    except CertificateRejected as rejected:
        data = failed("card_verifiable_certificate", rejected.check)
    except Malformed as malformed:
        data = failed(_RECORD, malformed.code)
    is_known = TEXT_PIN.name in reading.accepted
    evidence = SourceEvidence(
        source=SOURCE,
        origins=(),
        data_authenticity=data,
        chip_genuineness=_judge_chip(reading, issuer, challenge),
        holder_verification=proven("pin") if is_known else not_checked("not_asked", "pin"),
        revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_revocation_service"),
        trust_anchor=Environment.NONE if issuer is None else issuer.environment,
        anchor="" if issuer is None else issuer.anchor,
        unexamined=("holder_present", "attributes_bound_to_chip"),
    )
    return JudgedText(evidence=evidence, attributes=attributes)


def is_record_signed(record: bytes, issuer: CertifiedKey) -> bool:
    """Whether file 0003 is signed over its two digests, as written. Raises Malformed."""
    own, others, signature = _open_integrity(record)
    return is_signed(issuer.public_key, own.raw + others.raw, signature.value)


def _is_of_record(attributes: bytes, record: bytes) -> bool:
    return attributes_digest(attributes) == _open_integrity(record)[1].value


def _open_integrity(record: bytes) -> tuple[Tlv, Tlv, Tlv]:
    first, second, signature = open_record(record, 0xFF30, (0xDF31, 0xDF32, 0xDF33))
    return first, second, signature


def _judge_chip(reading: Reading, issuer: CertifiedKey | None, challenge: PossessionChallenge) -> Finding:
    if issuer is None:
        return not_checked("key_not_certified", _CHALLENGE)
    exchange = reading.exchanges.get(SOURCE)
    if exchange is None:
        return not_checked("not_asked", _CHALLENGE)
    try:
        key, signature = open_record(reading.file(CARD_KEY), 0xFF50, (0xDF51, 0xDF52))
        if not is_signed(issuer.public_key, key.raw, signature.value):
            return failed(_CHALLENGE, "key_not_signed")
        return judge_answer(parse_public_key(key.value), exchange, challenge, _CHALLENGE)
    except Malformed as malformed:
        return failed(_CHALLENGE, malformed.code)
