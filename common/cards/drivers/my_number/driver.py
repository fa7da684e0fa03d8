"""The My Number card as a driver: which parts there are, one reading of those asked for, one judgement. cards.md §3.9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from common.cards.channel import CardChannel
from common.cards.contract import Authenticated, ClaimValue, Part
from common.cards.drivers.my_number.jpki import AUTHENTICATION, SIGNATURE, KeyPair, read_jpki
from common.cards.drivers.my_number.jpki_judgement import judge_jpki
from common.cards.drivers.my_number.person_claims import (
    PersonClaims,
    build_person_claims,
    parse_jpki_birth_date,
    parse_sex,
)
from common.cards.drivers.my_number.secret_kinds import JPKI_PASSWORD, JPKI_PIN, NUMBER_B, TEXT_PIN
from common.cards.drivers.my_number.surface import CERTIFICATE as SURFACE_CERTIFICATE
from common.cards.drivers.my_number.surface import FACE, judge_surface, read_surface
from common.cards.drivers.my_number.surface import SOURCE as SURFACE
from common.cards.drivers.my_number.text import ATTRIBUTES, judge_text, read_text
from common.cards.drivers.my_number.text import SOURCE as TEXT
from common.cards.evidence import Evidence, Origin, OriginKind, SourceEvidence, failed
from common.cards.japanese_date import parse_gregorian_date
from common.cards.possession import PossessionChallenge
from common.cards.prompts import ReadRequest
from common.cards.reading import Reading
from common.cards.trust import CardTrust
from common.errors import Malformed
from common.x509.jpki_attributes import read_attributes

_PERSON = (
    *("name", "family_name", "given_name", "birth_date", "sex", "address"),
    *("age_over_18", "age_over_20", "age_over_65", "prefecture", "municipality"),
)
_KNOWN_SEXES = (1, 2)
TEXT_FILES = frozenset({ATTRIBUTES, "text/0003", "text/0004", "text/0007"})
SURFACE_FILES = frozenset({FACE, SURFACE_CERTIFICATE})
_Judged = tuple[SourceEvidence, dict[str, ClaimValue]]


class MyNumberDriver:
    """`CardDriver` of the My Number card.

    Where several parts tell the same claim, the first that is authentic does: JPKI's signature certificate, since it can be revoked; then
    the text application; then the surface. A part that names another person than an earlier one is *failed*.
    """

    name = "my_number"
    parts = (
        Part(
            name=SIGNATURE.source,
            label_ja="署名用電子証明書（氏名・生年月日・性別・住所）",
            label_en="Signature certificate (name, birth date, sex, address)",
            secrets=(JPKI_PASSWORD,),
            claims=(*_PERSON, "name_substitutes", "address_substitutes"),
        ),
        Part(
            name=AUTHENTICATION.source,
            label_ja="利用者証明用電子証明書（本人であることの証明のみ）",
            label_en="User authentication certificate (no attributes)",
            secrets=(JPKI_PIN,),
        ),
        Part(
            name=TEXT,
            label_ja="券面事項（氏名・住所・生年月日・性別の文字）",
            label_en="Card information as text (name, address, birth date, sex)",
            secrets=(TEXT_PIN,),
            claims=_PERSON,
        ),
        Part(
            name=SURFACE,
            label_ja="券面の画像（顔写真）",
            label_en="Card face (photo)",
            secrets=(NUMBER_B,),
            claims=("photo", "name_image", "address_image", "birth_date", "sex", "card_expiry"),
        ),
    )

    def read(self, channel: CardChannel, request: ReadRequest) -> Reading:
        """As `CardDriver.read`. Raises Malformed("unknown_part") before anything is sent, or for no part at all."""
        if not request.parts or request.parts - {part.name for part in self.parts}:
            raise Malformed("unknown_part", "a My Number card has no such part")
        readings = []
        pairs = tuple(pair for pair in (SIGNATURE, AUTHENTICATION) if pair.source in request.parts)
        if pairs:
            readings.append(read_jpki(channel, request, pairs))
        if TEXT in request.parts:
            readings.append(read_text(channel, request))
        if SURFACE in request.parts:
            readings.append(read_surface(channel, request))
        return Reading(
            card=self.name,
            files={name: data for reading in readings for name, data in reading.files.items()},
            exchanges={name: one for reading in readings for name, one in reading.exchanges.items()},
            accepted=frozenset().union(*(reading.accepted for reading in readings)),
        )

    def authenticate(
        self, reading: Reading, *, challenge: PossessionChallenge, trust: CardTrust, now: int
    ) -> Authenticated:
        """As `CardDriver.authenticate`. Raises Malformed("wrong_card") for another card's reading, "empty_reading" for one of nothing."""
        if reading.card != self.name:
            raise Malformed("wrong_card", "a reading of another kind of card")
        judged: list[_Judged] = []
        if SIGNATURE.file in reading.files:
            judged.append(_judge_signature(reading, challenge, trust, now))
        if TEXT_FILES & reading.files.keys():
            judged.append(_judge_text(reading, challenge, trust, now))
        if SURFACE_FILES & reading.files.keys():
            judged.append(_judge_surface(reading, challenge, trust, now))
        if AUTHENTICATION.file in reading.files:
            judged.append(_judge_pair(reading, AUTHENTICATION, challenge, trust, now))
        if not judged:
            raise Malformed("empty_reading", "a reading of nothing")
        return _together(judged, now)


def _together(judged: list[_Judged], now: int) -> Authenticated:
    """Each claim from the first source that tells it; a source that contradicts an earlier one tells nothing."""
    claims: dict[str, ClaimValue] = {}
    sources = []
    for evidence, told in judged:
        if _is_another_person(claims, told):
            data = failed(evidence.data_authenticity.by, "another_person")
            sources.append(replace(evidence, origins=(), data_authenticity=data))
            continue
        new = {name: value for name, value in told.items() if name not in claims}
        sources.append(replace(evidence, origins=tuple(one for one in evidence.origins if one.claim in new)))
        claims |= new
    return Authenticated(claims=claims, evidence=Evidence(card="my_number", read_at=now, sources=tuple(sources)))


def _is_another_person(one: Mapping[str, ClaimValue], other: Mapping[str, ClaimValue]) -> bool:
    """By what every source tells, so that two that differ cannot be of one card. Of sex, sources say *not known* in several ways."""
    for name in ("birth_date", "birth_date_incomplete"):
        if name in one and name in other and one[name] != other[name]:
            return True
    sexes = {told["sex"] for told in (one, other) if told.get("sex") in _KNOWN_SEXES}
    return len(sexes) > 1


def _judge_pair(reading: Reading, pair: KeyPair, challenge: PossessionChallenge, trust: CardTrust, now: int) -> _Judged:
    return judge_jpki(reading, pair, challenge=challenge, trust=trust, now=now).evidence, {}


def _judge_signature(reading: Reading, challenge: PossessionChallenge, trust: CardTrust, now: int) -> _Judged:
    judged = judge_jpki(reading, SIGNATURE, challenge=challenge, trust=trust, now=now)
    if judged.certificate is None:
        return judged.evidence, {}
    try:
        attributes = read_attributes(judged.certificate.certificate)
        person = build_person_claims(
            name=attributes.name,
            birth_date=parse_jpki_birth_date(attributes.birth_date),
            sex=parse_sex(attributes.sex),
            address=attributes.address,
            now=now,
        )
    except Malformed as malformed:
        return replace(judged.evidence, data_authenticity=failed("certificate_chain", malformed.code)), {}
    flags = {"name_substitutes": attributes.name_flags, "address_substitutes": attributes.address_flags}
    origins = _origins(person, SIGNATURE.file, "jpki_signature_ca") + tuple(
        Origin(claim=name, kind=OriginKind.SIGNED_TEXT, file=SIGNATURE.file, signed_by="jpki_signature_ca")
        for name in flags
    )
    return replace(judged.evidence, origins=origins), {**person.values, **flags}


def _judge_text(reading: Reading, challenge: PossessionChallenge, trust: CardTrust, now: int) -> _Judged:
    judged = judge_text(reading, challenge=challenge, trust=trust)
    if judged.attributes is None:
        return judged.evidence, {}
    try:
        person = build_person_claims(
            name=judged.attributes.name,
            birth_date=parse_gregorian_date(judged.attributes.birth_date),
            sex=_read_digit(judged.attributes.sex),
            address=judged.attributes.address,
            now=now,
        )
    except Malformed as malformed:
        return replace(judged.evidence, data_authenticity=failed("integrity_record", malformed.code)), {}
    origins = _origins(person, ATTRIBUTES, "my_number_issuer")
    return replace(judged.evidence, origins=origins), dict(person.values)


def _judge_surface(reading: Reading, challenge: PossessionChallenge, trust: CardTrust, now: int) -> _Judged:
    judged = judge_surface(reading, challenge=challenge, trust=trust)
    face = judged.face
    if face is None:
        return judged.evidence, {}
    try:
        person = build_person_claims(
            name=None,
            birth_date=parse_gregorian_date(face.birth_date),
            sex=_read_digit(face.sex),
            address=None,
            now=now,
        )
        expiry = parse_gregorian_date(face.expiry)
    except Malformed as malformed:
        return replace(judged.evidence, data_authenticity=failed("face_record", malformed.code)), {}
    images = {"photo": face.photo, "name_image": face.name_image, "address_image": face.address_image}
    claims: dict[str, ClaimValue] = {**person.values, **images}
    origins = _origins(person, FACE, "my_number_issuer") + tuple(
        Origin(claim=name, kind=OriginKind.SIGNED_IMAGE, file=FACE, signed_by="my_number_issuer") for name in images
    )
    if expiry is not None and expiry.whole is not None:
        claims["card_expiry"] = expiry.text
        origins += (Origin(claim="card_expiry", kind=OriginKind.UNSIGNED_CHIP_TEXT, file=FACE),)
    return replace(judged.evidence, origins=origins), claims


def _origins(person: PersonClaims, file: str, signed_by: str) -> tuple[Origin, ...]:
    return tuple(
        Origin(claim=name, kind=OriginKind.SIGNED_TEXT, file=file, signed_by=signed_by, derived=name in person.derived)
        for name in person.values
    )


def _read_digit(value: bytes) -> int:
    try:
        return parse_sex(value.decode("ascii"))
    except UnicodeDecodeError:
        raise Malformed("sex_malformed", "the attribute for sex is none of its values") from None
