"""The surface application: what is printed on the card, photo included, and signed. cards.md §3.5 [C].

照合番号B opens it, which is printed on the card too. Name and address are pictures here. The expiry stands outside the signature.
Only file 0002 and the certificate are read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from common.cards.channel import CardChannel
from common.cards.drivers.my_number.challenge import DEFAULT_KEY, judge_answer, sign
from common.cards.drivers.my_number.cvc import CertifiedKey, parse_cvc, parse_public_key, verify_cvc
from common.cards.drivers.my_number.named_files import read_named_file
from common.cards.drivers.my_number.objects import check_offsets, open_record
from common.cards.drivers.my_number.secret_kinds import NUMBER_B
from common.cards.evidence import (
    Environment,
    Finding,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
    proven,
)
from common.cards.files import select_application, select_file
from common.cards.possession import PossessionChallenge, build_possession
from common.cards.present import present_secret
from common.cards.prompts import Progress, ReadRequest
from common.cards.reading import Exchange, Reading
from common.cards.tlv import Tlv
from common.cards.trust import CardTrust
from common.errors import Malformed
from common.x509.rejected import CertificateRejected

AID = bytes.fromhex("D3921000310001010402")
SOURCE = "surface"
FACE, CERTIFICATE = "surface/0002", "surface/0004"
MAX_FACE_BYTES = 1 << 16
_NUMBER_B = 0x0012
_TAGS = (0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27, 0xDF28, 0xDF29, 0xDF2A)
_RECORD, _CHALLENGE = "face_record", "card_challenge"
_DIGEST_INFO = bytes.fromhex("3071300d060960864801650304020105000460")
"""DigestInfo of SHA-256 around 96 bytes: three digests in the place of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFace:
    """As the card writes it: dates YYYYMMDD, pictures as files (PNG, the photo JPEG 2000). expiry is not signed. None of it is printed."""

    birth_date: bytes = field(repr=False)
    sex: bytes = field(repr=False)
    card_key: rsa.RSAPublicKey = field(repr=False)
    name_image: bytes = field(repr=False)
    address_image: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    expiry: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSurface:
    """face: None unless its record is signed by a trusted key."""

    evidence: SourceEvidence
    face: CardFace | None


def read_surface(channel: CardChannel, request: ReadRequest) -> Reading:
    """The face record, the certificate, and an answer to the challenge. Raises CardError, Malformed, Refused."""
    select_application(channel, AID, what="open the surface application")
    select_file(channel, _NUMBER_B, what=f"ask for {NUMBER_B.name}")
    present_secret(channel, request, NUMBER_B)
    request.progress(Progress(step=SOURCE))
    face = read_named_file(channel, 0x0002, max_bytes=MAX_FACE_BYTES, tlv=True, tag_bytes=2, what="read the card face")
    certificate = read_named_file(channel, 0x0004, max_bytes=1024, tlv=True, what="read a certificate")
    challenge = build_possession(request.challenge)
    answer = Exchange(challenge=challenge, answer=sign(channel, challenge, DEFAULT_KEY))
    return Reading(
        card="my_number",
        files={FACE: face, CERTIFICATE: certificate},
        exchanges={SOURCE: answer},
        accepted=frozenset({NUMBER_B.name}),
    )


def parse_face(data: bytes) -> CardFace:
    """File 0002 → what it says. Raises Malformed."""
    objects = open_record(data, 0xFF20, _TAGS)
    check_offsets(data, objects)
    _, birth_date, sex, key, name, address, photo, _, expiry, _ = objects
    if len(birth_date.value) != 8 or len(sex.value) != 1 or not photo.value:
        raise Malformed("attribute_malformed", "birth date, sex or photo are of other sizes than they can have")
    return CardFace(
        birth_date=birth_date.value,
        sex=sex.value,
        card_key=parse_public_key(key.value),
        name_image=name.value,
        address_image=address.value,
        photo=photo.value,
        expiry=expiry.value,
    )


def is_face_signed(data: bytes, issuer: rsa.RSAPublicKey) -> bool:
    """Whether DF28 signs the three digests: of DF22 to DF24, of DF25 and DF26, of DF27, each object with its header. Raises Malformed."""
    by_tag: dict[int, Tlv] = {each.tag: each for each in open_record(data, 0xFF20, _TAGS)}
    groups = ((0xDF22, 0xDF23, 0xDF24), (0xDF25, 0xDF26), (0xDF27,))
    digests = b"".join(hashlib.sha256(b"".join(by_tag[tag].raw for tag in group)).digest() for group in groups)
    try:
        recovered = issuer.recover_data_from_signature(by_tag[0xDF28].value, padding.PKCS1v15(), None)
    except (InvalidSignature, ValueError):
        return False
    return recovered == _DIGEST_INFO + digests


def judge_surface(reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust) -> JudgedSurface:
    """What the surface application proves.

    1. the certificate in 0004, by the operator's table                           §3.7, `verify_cvc`
    2. the face record 0002, signed by that key over three digests                §3.5
    3. our challenge, signed by the key inside the record (after 2)               §3.5
    What opened it is printed on the card, so no holder is verified; there is no revocation information. The day of expiry is signed by
    nobody: who passes the bytes on may have put it off ("card_expiry" stays unexamined).
    Nothing is raised for what the card said: each is a finding.
    """
    issuer: CertifiedKey | None = None
    face: CardFace | None = None
    try:
        # 1 · certificate
        issuer = verify_cvc(parse_cvc(reading.file(CERTIFICATE)), trust)
        # 2 · record
        if is_face_signed(reading.file(FACE), issuer.public_key):
            face = parse_face(reading.file(FACE))
            data = proven(_RECORD)
        else:
            data = failed(_RECORD, "bad_signature")
    except CertificateRejected as rejected:
        data = failed("card_verifiable_certificate", rejected.check)
    except Malformed as malformed:
        data = failed(_RECORD, malformed.code)
    evidence = SourceEvidence(
        source=SOURCE,
        origins=(),
        data_authenticity=data,
        chip_genuineness=_judge_chip(reading, face, challenge),
        holder_verification=not_offered("printed_on_card", "printed_number"),
        revocation=RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_revocation_service"),
        trust_anchor=Environment.NONE if issuer is None else issuer.environment,
        anchor="" if issuer is None else issuer.anchor,
        unexamined=("holder_present", "card_expiry"),
    )
    return JudgedSurface(evidence=evidence, face=face)


def _judge_chip(reading: Reading, face: CardFace | None, challenge: PossessionChallenge) -> Finding:
    # 3 · challenge: the key is one of the things that the record says
    if face is None:
        return not_checked("key_not_certified", _CHALLENGE)
    exchange = reading.exchanges.get(SOURCE)
    if exchange is None:
        return not_checked("not_asked", _CHALLENGE)
    return judge_answer(face.card_key, exchange, challenge, _CHALLENGE)
