"""成績証明: the courses that this person completed, as a Comprehensive Learner Record (CLR 2.0): one record of many achievements.

Every course is an AchievementCredential within the ClrCredential, whose proof covers them all. They do not name the person by the
wallet's DID, as the record does: one subject for all of them would be one node, and what Data Integrity signs would no longer say which
credits and which term belong to which course. Each names its own by the student number, hashed with a salt of its own (§A.2.9 of Open
Badges); the record itself says it in clear.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from issuer.catalogue.contract import (
    Claim,
    CourseFacts,
    CredentialType,
    DataModel,
    Disclosure,
    Institution,
    Language,
    PersonFacts,
    ShapedDocument,
)
from issuer.catalogue.graduation import GRADUATION
from issuer.catalogue.graduation_badge import CONTEXT as OPEN_BADGES

CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
SOURCE = "CLR 2.0"
_VCDM = "https://www.w3.org/ns/credentials/v2"
_TERMS = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#"
_TITLE: Mapping[Language, str] = {"ja": "成績証明書", "en": "Transcript"}


def _entitled(person: PersonFacts) -> bool:
    return person.status in ("enrolled", "on_leave", "graduated")


def _identity(value: str, kind: str) -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}


def _build(person: PersonFacts, institution: str, today: date) -> dict[str, Any]:  # noqa: ARG001 - shaped below
    names = (f"{person.family_name} {person.given_name}", f"{person.given_name_latin} {person.family_name_latin}")
    return {
        "identifier": [
            *(_identity(name.strip(), "name") for name in dict.fromkeys(names) if name.strip()),
            _identity(person.student_number, "sisSourcedId"),
        ],
        "verifiableCredential": [_course(course) for course in person.courses],
    }


def _course(course: CourseFacts) -> dict[str, Any]:
    """The subject of one course's credential, as far as the course decides it."""
    whole = course.credits == course.credits.to_integral_value()
    earned = int(course.credits) if whole else float(course.credits)
    name = " / ".join(text for text in (course.name_ja, course.name_en) if text)
    return {
        "achievement": {
            "name": name,
            "description": name,
            "achievementType": "Course",
            "humanCode": course.code,
            "creditsAvailable": earned,
        },
        "creditsEarned": earned,
        "term": course.term,
        "result": [{"type": ["Result"], "value": course.grade}],
    }


def shape_transcript(claims: Mapping[str, Any], person: PersonFacts, institution: Institution) -> ShapedDocument:
    """CLR 2.0 §B.1 (ClrCredential, ClrSubject) around Open Badges 3.0 §B.1 (AchievementCredential, Achievement, Result)."""
    issuer = {
        "type": ["Profile"],
        "name": f"{institution.name_ja} / {institution.name_en}",
        "url": institution.url,
    }
    subject = {
        "type": ["ClrSubject"],
        "identifier": claims["identifier"],
        "verifiableCredential": [
            _course_credential(stated, course, person, institution, {"id": institution.did, **issuer})
            for stated, course in zip(claims["verifiableCredential"], person.courses, strict=True)
        ],
    }
    members = {
        "name": f"{_TITLE['ja']} / {_TITLE['en']}",
        "description": f"{institution.name_ja}で修得した科目 / Courses completed at {institution.name_en}",
    }
    return ShapedDocument(subject=subject, members=members, issuer=issuer)


def _course_credential(
    stated: Mapping[str, Any],
    course: CourseFacts,
    person: PersonFacts,
    institution: Institution,
    issuer: Mapping[str, Any],
) -> dict[str, Any]:
    """Ids are names, and no addresses: the course's is the same for all who take it, the credential's this person's alone."""
    own = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join((institution.did, person.student_number, course.code, course.term)))
    same = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join((institution.did, course.code)))
    grade = uuid.uuid5(same, "grade").urn
    (result,) = stated["result"]
    return {
        "@context": [_VCDM, OPEN_BADGES],
        "id": own.urn,
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": stated["achievement"]["name"],
        "issuer": dict(issuer),
        "validFrom": f"{course.completed_on.isoformat()}T00:00:00+09:00",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            **stated,
            "identifier": [_hashed(person.student_number, salt=own.hex)],
            "achievement": {
                "id": same.urn,
                "type": ["Achievement"],
                **stated["achievement"],
                "criteria": {"narrative": "科目の単位を修得したこと / Earned the credits of the course"},
                "resultDescription": [
                    {"id": grade, "type": ["ResultDescription"], "name": "評価 / Grade", "resultType": "LetterGrade"}
                ],
            },
            "result": [{**result, "resultDescription": grade}],
        },
    }


def _hashed(identity: str, *, salt: str) -> dict[str, Any]:
    """Open Badges 3.0, IdentityHash: SHA-256 of the identity and then the salt."""
    digest = hashlib.sha256((identity + salt).encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${digest}",
        "identityType": "sisSourcedId",
        "salt": salt,
    }


def _claim(name: str, ja: str, en: str) -> Claim:
    return Claim(path=(name,), ja=ja, en=en, disclosure=Disclosure.ALWAYS, source=SOURCE, term=_TERMS + name)


_SAMPLE_COURSES = (
    CourseFacts(
        code="LIT101",
        name_ja="日本文学概論",
        name_en="Introduction to Japanese Literature",
        credits=Decimal(2),
        grade="A",
        term="2022-1",
        completed_on=date(2022, 9, 30),
    ),
    CourseFacts(
        code="LIT102",
        name_ja="古典講読",
        name_en="",
        credits=Decimal("1.5"),
        grade="S",
        term="2022-2",
        completed_on=date(2023, 3, 31),
    ),
)

TRANSCRIPT = CredentialType(
    name="transcript",
    w3c_type="ClrCredential",
    doctype="",
    title=_TITLE,
    description={
        "ja": "この人が本学で修得した科目と成績を証明します。",
        "en": "Certifies the courses that this person completed at the institution, and the grades.",
    },
    claims=(
        _claim("identifier", "氏名・学籍番号", "Name and student number"),
        _claim("verifiableCredential", "修得した科目", "Courses completed"),
    ),
    formats=("ldp_vc", "jwt_vc_json"),
    lifetime=365 * 86_400,
    background="#eaf6ee",
    entitled=_entitled,
    build=_build,
    sample=replace(GRADUATION.sample, courses=_SAMPLE_COURSES),
    model=DataModel(contexts=(CLR, OPEN_BADGES), purposes=("revocation",), shape=shape_transcript),
    states_courses=True,
)
