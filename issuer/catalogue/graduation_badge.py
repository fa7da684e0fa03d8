"""卒業のオープンバッジ: the graduation certificate's international face, as Open Badges 3.0 write it. Readers everywhere know its words.

What is in it is what a graduate shows in public: the name, the degree, the day and the school. Neither the day of birth nor the student
number: hashed, it could be found by trying (§A.2.9 warns of plain values, and a hash with its salt beside it hides little more).
An Open Badge has texts in one language each and no language maps, so each text says it in both.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from issuer.catalogue.contract import (
    Claim,
    CredentialType,
    DataModel,
    Disclosure,
    Institution,
    PersonFacts,
    ShapedDocument,
)
from issuer.catalogue.graduation import GRADUATION

CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SOURCE = "Open Badges 3.0"
_TERMS = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"

_DEGREES = (
    ("短期大学士", "AssociateDegree", "Associate degree"),
    ("学士", "BachelorDegree", "Bachelor's degree"),
    ("修士", "MasterDegree", "Master's degree"),
    ("博士（専門職）", "ProfessionalDoctorate", "Professional doctorate"),
    ("博士", "DoctoralDegree", "Doctoral degree"),
)
"""What Japanese degrees begin or end with, the achievementType of Open Badges, and English. The first that is found counts."""


def _entitled(person: PersonFacts) -> bool:
    return GRADUATION.entitled(person)


def degree_type(degree: str) -> tuple[str, str]:
    """A degree as the roll writes it → achievementType and its English name. What we do not know is a degree, nothing less."""
    for word, kind, english in _DEGREES:
        if word in degree:
            return kind, english
    return "Degree", "Degree"


def _build(person: PersonFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - ages are not told here
    kind, english = degree_type(person.degree)
    field = " ".join(part for part in (person.faculty, person.department) if part)
    names = {
        f"{person.family_name} {person.given_name}": None,
        f"{person.given_name_latin} {person.family_name_latin}": None,
    }
    return {
        "achievement": {
            "name": f"{person.degree or '卒業'} / {english}",
            "description": f"{institution}を卒業した人に授けられます。 Awarded to graduates of the institution.",
            "achievementType": kind,
            **({"fieldOfStudy": field} if field else {}),
        },
        "identifier": [
            {"type": "IdentityObject", "hashed": False, "identityHash": name.strip(), "identityType": "name"}
            for name in names
            if name.strip()
        ],
    }


def shape_badge(claims: Mapping[str, Any], person: PersonFacts, institution: Institution) -> ShapedDocument:
    """Open Badges 3.0 §B.1 (OpenBadgeCredential, AchievementSubject, Achievement, Profile), §B.1.12 (IdentityObject).

    The achievement has a name of its own (§B.1.2: unique), the same for all who earn it here; it is no address, as none would answer.
    """
    achievement = claims["achievement"]
    same = "\n".join((institution.did, achievement["name"], achievement.get("fieldOfStudy", "")))
    narrative = (
        f"{institution.name_ja}の課程を修め、卒業の要件を満たしたこと。"
        f" Completed the course of study at {institution.name_en} and met its requirements for graduation."
    )
    subject = {
        "type": ["AchievementSubject"],
        "achievement": {
            "id": uuid.uuid5(uuid.NAMESPACE_URL, same).urn,
            "type": ["Achievement"],
            **achievement,
            "criteria": {"narrative": narrative},
        },
        "identifier": claims["identifier"],
    }
    title = GRADUATION.title
    members = {
        "name": f"{title['ja']} / {title['en']}",
        "description": " ".join((GRADUATION.description["ja"], GRADUATION.description["en"])),
    }
    if person.graduated_on is not None:
        members["awardedDate"] = f"{person.graduated_on.isoformat()}T00:00:00+09:00"
    issuer = {
        "type": ["Profile"],
        "name": f"{institution.name_ja} / {institution.name_en}",
        "url": institution.url,
    }
    return ShapedDocument(subject=subject, members=members, issuer=issuer)


def _claim(*path: str, ja: str, en: str) -> Claim:
    return Claim(path=path, ja=ja, en=en, disclosure=Disclosure.ALWAYS, source=SOURCE, term=_TERMS + path[-1])


GRADUATION_BADGE = CredentialType(
    name="graduation_badge",
    w3c_type="OpenBadgeCredential",
    doctype="",
    title={"ja": "卒業証明書（オープンバッジ）", "en": "Graduation Badge (Open Badge)"},
    description={
        "ja": "この人が本学を卒業したことを、世界で通じるオープンバッジで証明します。",
        "en": "Certifies, as an Open Badge that is read everywhere, that this person graduated from the institution.",
    },
    claims=(
        _claim("achievement", ja="授けられたもの", en="Achievement"),
        _claim("achievement", "name", ja="学位", en="Degree"),
        _claim("achievement", "fieldOfStudy", ja="分野", en="Field of study"),
        _claim("achievement", "description", ja="説明", en="Description"),
        _claim("achievement", "achievementType", ja="種類", en="Kind"),
        _claim("achievement", "criteria", ja="要件", en="Criteria"),
        _claim("achievement", "criteria", "narrative", ja="内容", en="Narrative"),
        _claim("identifier", ja="氏名", en="Name"),
    ),
    formats=("ldp_vc", "jwt_vc_json"),
    lifetime=GRADUATION.lifetime,
    background="#f3ecfb",
    entitled=_entitled,
    build=_build,
    sample=GRADUATION.sample,
    time_stamped=True,
    model=DataModel(contexts=(CONTEXT,), purposes=("revocation",), shape=shape_badge),
)
