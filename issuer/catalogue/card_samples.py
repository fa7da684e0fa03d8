"""What the cards of people who do not exist would prove, for samples of credentials. The signatures named here were made by nobody."""

from __future__ import annotations

from collections.abc import Mapping

from common.cards.contract import ClaimValue
from common.cards.evidence import (
    Environment,
    Evidence,
    Finding,
    Origin,
    OriginKind,
    RevocationAnswer,
    RevocationFinding,
    SourceEvidence,
    not_offered,
    proven,
)
from issuer.catalogue.contract import CardFacts

_NOW = 1_775_001_600
"""2026-04-01, in Japan."""
_PICTURE = b"\xff\xd8\xff\xe0sample"


def _sample(
    card: str,
    source: str,
    claims: Mapping[str, ClaimValue],
    *,
    by: str,
    signer: str,
    chip: Finding,
    holder: Finding,
    revocation: RevocationFinding,
) -> CardFacts:
    origins = tuple(
        Origin(
            claim=name,
            kind=OriginKind.SIGNED_IMAGE if isinstance(value, bytes) else OriginKind.SIGNED_TEXT,
            file=f"{card}/0001",
            signed_by=signer,
        )
        for name, value in claims.items()
    )
    told = SourceEvidence(
        source=source,
        origins=origins,
        data_authenticity=proven(by),
        chip_genuineness=chip,
        holder_verification=holder,
        revocation=revocation,
        trust_anchor=Environment.TEST,
        anchor="sample",
        unexamined=("holder_present",),
    )
    return CardFacts(claims=claims, evidence=Evidence(card=card, read_at=_NOW, sources=(told,)))


_NO_SERVICE = RevocationFinding(answer=RevocationAnswer.NOT_OFFERED, reason="no_service")
_GOOD = RevocationFinding(answer=RevocationAnswer.GOOD, source="crl", checked_at=_NOW, this_update=_NOW)
MY_NUMBER_SAMPLE = _sample(
    "my_number",
    "jpki_signature",
    {
        "name": "見本　花子",
        "family_name": "見本",
        "given_name": "花子",
        "name_substitutes": "00000",
        "birth_date": "1990-03-03",
        "sex": 2,
        "address": "東京都新宿区西新宿一丁目1番1号",
        "prefecture": "東京都",
        "municipality": "新宿区",
        "age_over_18": True,
        "age_over_20": True,
        "age_over_65": False,
        "photo": _PICTURE,
    },
    by="certificate_chain",
    signer="jpki_signature_ca",
    chip=proven("possession_signature"),
    holder=proven("password"),
    revocation=_GOOD,
)
LICENCE_SAMPLE = _sample(
    "driving_licence",
    "driving_licence",
    {
        "categories": ("ordinary", "moped"),
        "category_dates": ("2010-05-06", "2008-00-00"),
        "expiry_date": "2029-04-03",
        "issue_date": "2024-03-20",
        "conditions": ("眼鏡等",),
        "colour": "優良",
        "licence_number": "301234567890",
        "issuing_authority": "東京都公安委員会",
    },
    by="card_signature",
    signer="public_safety_commission",
    chip=not_offered("no_challenge"),
    holder=proven("pin"),
    revocation=_NO_SERVICE,
)
RESIDENCE_CARD_SAMPLE = _sample(
    "residence_card",
    "residence_card",
    {
        "residence_status_code": "R01",
        "work_restriction": "none",
        "period_of_stay": "P3Y",
        "stay_until": "2028-10-01",
        "permission_code": "1",
        "permission_date": "2025-10-01",
        "card_expiry": "2028-10-01",
        "nationality": "VNM",
        "front_image": _PICTURE,
    },
    by="card_signature",
    signer="immigration_services_agency",
    chip=not_offered("number_is_printed"),
    holder=not_offered("number_is_printed", by="printed_number"),
    revocation=_NO_SERVICE,
)
PASSPORT_SAMPLE = _sample(
    "passport",
    "passport",
    {
        "family_name": "MIHON",
        "given_name": "HANAKO",
        "birth_date": "1990-03-03",
        "sex": 2,
        "nationality": "JPN",
        "issuing_state": "JPN",
        "document_number": "TR0000000",
        "card_expiry": "2033-02-01",
        "photo": _PICTURE,
    },
    by="security_object",
    signer="document_signer",
    chip=proven("active_authentication"),
    holder=not_offered("mrz_is_printed", "mrz"),
    revocation=_GOOD,
)
