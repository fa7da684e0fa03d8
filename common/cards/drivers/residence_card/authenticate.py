"""What a reading of a residence card is worth: claims, and the evidence for each. Pure.

What is proven is that the agency signed these pictures and entries. That the card lies there is not: its secret is printed on it, and who
has read it once can write another (cards.md §6.4). Nobody can be asked whether the card was withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from common.cards.contract import Authenticated
from common.cards.drivers.residence_card import first_generation, second_generation
from common.cards.drivers.residence_card.authorities import ALGORITHMS, find_authority, verify_signer
from common.cards.drivers.residence_card.certificates import holds, parse_card_certificate
from common.cards.drivers.residence_card.ciphers import Generation
from common.cards.drivers.residence_card.layout import (
    ADDRESS,
    ADDRESS_PICTURE,
    CHECK_CODE,
    ENTRIES,
    FRONT,
    GENERAL_PERMISSION,
    KINDS,
    PENDING,
    PERMISSION,
    PERMISSIONS,
    PHOTO,
    PHOTOGRAPH,
    PICTURES,
    REMARKS,
    RENEWAL,
    RESIDENCE,
    SIGNATURE,
    SINGLE_PERMISSION,
)
from common.cards.drivers.residence_card.specified import SPECIFIED_TYPES
from common.cards.evidence import (
    Answer,
    Environment,
    Evidence,
    Finding,
    Origin,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    failed,
    not_checked,
    not_offered,
    proven,
)
from common.cards.reading import Reading
from common.cards.source_claims import SourceClaims
from common.cards.trust import CardTrust
from common.errors import Malformed, Rejected

SIGNED, OPEN = "residence_card", "residence_card_unsigned"
"""The two sources of evidence: what the signature covers, and what it does not."""
AGENCY: Final = "immigration_services_agency"
BY: Final = "card_signature"
_NO_REVOCATION = RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_service")
_UNEXAMINED = ("holder_present", "document_loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    finding: Finding
    environment: Environment = Environment.NONE
    anchor: str = ""


_OUTSIDE = _Judged(finding=not_offered("outside_signature"))


def authenticate_residence_card(reading: Reading, *, trust: CardTrust, now: int) -> Authenticated:
    """Judges a reading.

    1. Type → generation. The type itself is signed by nobody: it chooses how to check, and a wrong choice fails.
    2. The signed objects, and what the signature has to cover.
    3. Its certificate, up to a root of ours that is in force (`find_authority`, `verify_signer`).
    4. The signature over them. A card without one (a holder under 16) is *not_offered*, which no policy takes for proven.
    5. Claims: what is covered if 4 did not fail, then what is not covered, told apart in the evidence.

    The caller owes: the expiry date of the card, the holder's face, and for 特定在留カード the binding to JPKI.
    Raises Malformed where there is nothing that could be judged: no type, no file, no object where one must be.
    """
    # 1
    card_type = reading.notes.get("card_type", "")
    if card_type not in KINDS:
        raise Malformed("card_type_missing", "the reading does not say which residence card it is of")
    parts = frozenset(reading.notes.get("parts", "").split())
    first = card_type in ("1", "2")
    # 2 to 4
    signed, judged = _first(reading, parts, trust, now) if first else _second(reading, parts, trust, now)
    # 5
    has_failed = judged.finding.answer is Answer.FAILED
    is_signed = judged.finding.answer is Answer.PROVEN
    if has_failed:
        signed = SourceClaims()
    loose = SourceClaims() if has_failed else _open(reading, card_type, parts, first)
    genuine = not_checked("not_bound") if card_type in SPECIFIED_TYPES else not_offered("number_is_printed")
    sources = [_source(SIGNED, signed.origins(signed_by=AGENCY if is_signed else ""), judged, genuine)]
    if loose.values:
        sources.append(_source(OPEN, loose.origins(signed_by=""), _OUTSIDE, genuine))
    evidence = Evidence(card="residence_card", read_at=now, sources=tuple(sources))
    return Authenticated(claims=signed.values | loose.values, evidence=evidence)


def _source(name: str, origins: tuple[Origin, ...], judged: _Judged, genuine: Finding) -> SourceEvidence:
    return SourceEvidence(
        source=name,
        origins=origins,
        data_authenticity=judged.finding,
        chip_genuineness=genuine,
        holder_verification=not_offered("number_is_printed", by="printed_number"),
        revocation=_NO_REVOCATION,
        trust_anchor=judged.environment,
        anchor=judged.anchor,
        unexamined=_UNEXAMINED,
    )


def _first(reading: Reading, parts: frozenset[str], trust: CardTrust, now: int) -> tuple[SourceClaims, _Judged]:
    pictures = first_generation.parse_pictures(
        reading.file(FRONT.name), reading.file(PHOTO.name), reading.file(CHECK_CODE.name)
    )
    told = SourceClaims()
    told.add(FRONT.name, {"front_image": trim(pictures.front)})
    if PHOTOGRAPH in parts:
        told.add(PHOTO.name, {"photo": trim(pictures.photo)})
    if not pictures.is_signed:
        return told, _Judged(finding=not_offered("no_signature_on_card"))
    judged = _judge(
        Generation.FIRST,
        certificate=pictures.certificate,
        signature=pictures.check_code,
        signed=first_generation.signed_bytes(pictures),
        trust=trust,
        now=now,
    )
    return told, judged


def _second(reading: Reading, parts: frozenset[str], trust: CardTrust, now: int) -> tuple[SourceClaims, _Judged]:
    card = second_generation.parse_signed_card(
        reading.file(ENTRIES.name), reading.file(PICTURES.name), reading.file(SIGNATURE.name)
    )
    told = SourceClaims()
    told.add(ENTRIES.name, second_generation.entry_claims(card))
    told.add(PICTURES.name, {"name_image": trim(card.name)})
    if PHOTOGRAPH in parts:
        told.add(PICTURES.name, {"photo": trim(card.photo)})
    if not card.is_signed:
        return told, _Judged(finding=not_offered("no_signature_on_card"))
    judged = _judge(
        Generation.SECOND,
        certificate=card.certificate,
        signature=second_generation.ecdsa_signature(card.signature),
        signed=second_generation.signed_bytes(card),
        trust=trust,
        now=now,
    )
    return told, judged


def _judge(
    generation: Generation, *, certificate: bytes, signature: bytes, signed: bytes, trust: CardTrust, now: int
) -> _Judged:
    try:
        signer = parse_card_certificate(certificate)
    except Malformed:
        return _Judged(finding=failed(BY, "bad_certificate"))
    authority = find_authority(signer, trust)
    if authority is None:
        return _Judged(finding=failed(BY, "untrusted_issuer"))
    finding = proven(BY)
    try:
        verify_signer(signer, authority, generation, now=now)
        if not holds(signer.key, signature, signed, algorithm=ALGORITHMS[generation]):
            finding = failed(BY, "bad_signature")
    except Rejected as rejected:
        finding = failed(BY, rejected.reason)
    return _Judged(finding=finding, environment=authority.environment, anchor=authority.label)


def _open(reading: Reading, card_type: str, parts: frozenset[str], first: bool) -> SourceClaims:
    """What stands on the chip and is signed by nobody. Bytes that make no sense there are no claim: nothing depends on them."""
    told = SourceClaims()
    told.add("mf/ef02", {"document": KINDS[card_type]})
    for part, tell in ((ADDRESS, _tell_address), (PERMISSIONS, _tell_permissions)):
        if part in parts:
            with suppress(Malformed):
                tell(told, reading.files, first)
    return told


def _tell_address(told: SourceClaims, files: Mapping[str, bytes], first: bool) -> None:
    if first:
        told.add(RESIDENCE.name, first_generation.residence_claims(files.get(RESIDENCE.name, b"")))
    else:
        picture = second_generation.address_picture(files.get(ADDRESS_PICTURE.name, b""))
        told.add(ADDRESS_PICTURE.name, {"address_image": trim(picture)})


def _tell_permissions(told: SourceClaims, files: Mapping[str, bytes], first: bool) -> None:
    names = (GENERAL_PERMISSION, SINGLE_PERMISSION, PENDING) if first else (PERMISSION, RENEWAL, REMARKS)
    generation = first_generation if first else second_generation
    told.add("df2", generation.permission_claims(*(files.get(each.name, b"") for each in names)))


def trim(picture: bytes) -> bytes:
    """A picture without the zeros that fill its field. JPEG 2000 ends with FFD9; TIFF readers go by offsets and miss no zero at its end."""
    return picture.rstrip(b"\0")
