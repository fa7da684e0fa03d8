"""Claims about the person that every certificate of a school shares, and where their names come from.

- OIDC Core 1.0 §5.1: family_name, given_name, birthdate. §5.2 writes readings and other scripts with a language tag after "#":
  ``family_name#ja-Kana-JP`` is the specification's own example.
- EUDI PID rulebook (SD-JWT VC encoding): age_equal_or_over with one member per age, issuing_authority, issuing_country.
- eduPerson (201602): eduPersonPrimaryAffiliation, in the snake case that REFEDS uses for OIDC.
- schema.org: department, startDate, educationalCredentialAwarded, award date.
- No vocabulary has a plain student number (schac_personal_unique_code is a URN) or a faculty: those two are ours.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from issuer.catalogue.contract import Claim, Disclosure, PersonFacts

OIDC = "OIDC Core 1.0 §5.1"
OIDC_SCRIPTS = "OIDC Core 1.0 §5.2"
PID = "EUDI PID rulebook"
EDUPERSON = "eduPerson 201602"
SCHEMA_ORG = "schema.org"
OWN = "Tegata"

_SCHEMA_IRI = "https://schema.org/"

AGES = (18, 20)
"""Ages a shop or a ballot in Japan asks for. The answer is computed on the day of issue and does not change within a credential."""


def _claim(
    name: str, ja: str, en: str, disclosure: Disclosure, source: str, term: str = "", *, below: tuple[str, ...] = ()
) -> Claim:
    return Claim(path=(*below, name), ja=ja, en=en, disclosure=disclosure, source=source, term=term)


ISSUING_AUTHORITY = _claim("issuing_authority", "発行機関", "Issued by", Disclosure.ALWAYS, PID)
ISSUING_COUNTRY = _claim("issuing_country", "発行国", "Country of issue", Disclosure.ALWAYS, PID)
AFFILIATION = _claim(
    "eduperson_primary_affiliation",
    "身分",
    "Affiliation",
    Disclosure.ALWAYS,
    EDUPERSON,
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.5",
)
FAMILY_NAME = _claim("family_name", "姓", "Family name", Disclosure.SELECTIVE, OIDC, _SCHEMA_IRI + "familyName")
GIVEN_NAME = _claim("given_name", "名", "Given name", Disclosure.SELECTIVE, OIDC, _SCHEMA_IRI + "givenName")
FAMILY_NAME_KANA = _claim(
    "family_name#ja-Kana-JP",
    "姓（カナ）",
    "Family name (kana)",
    Disclosure.SELECTIVE,
    OIDC_SCRIPTS,
)
GIVEN_NAME_KANA = _claim(
    "given_name#ja-Kana-JP",
    "名（カナ）",
    "Given name (kana)",
    Disclosure.SELECTIVE,
    OIDC_SCRIPTS,
)
FAMILY_NAME_LATIN = _claim(
    "family_name#ja-Latn-JP",
    "姓（ローマ字）",
    "Family name (Latin)",
    Disclosure.SELECTIVE,
    OIDC_SCRIPTS,
)
GIVEN_NAME_LATIN = _claim(
    "given_name#ja-Latn-JP",
    "名（ローマ字）",
    "Given name (Latin)",
    Disclosure.SELECTIVE,
    OIDC_SCRIPTS,
)
BIRTHDATE = _claim("birthdate", "生年月日", "Date of birth", Disclosure.HIDEABLE_ONLY, OIDC, _SCHEMA_IRI + "birthDate")
AGE_CLAIMS = tuple(
    _claim(
        str(age),
        f"{age}歳以上",
        f"{age} or older",
        Disclosure.SELECTIVE,
        PID,
        below=("age_equal_or_over",),
    )
    for age in AGES
)
STUDENT_NUMBER = _claim("student_number", "学籍番号", "Student number", Disclosure.SELECTIVE, OWN)
FACULTY = _claim("faculty", "学部・研究科", "Faculty", Disclosure.SELECTIVE, OWN)
DEPARTMENT = _claim(
    "department", "学科・専攻", "Department", Disclosure.SELECTIVE, SCHEMA_ORG, _SCHEMA_IRI + "department"
)
START_DATE = _claim(
    "start_date", "入学年月日", "Date of enrolment", Disclosure.SELECTIVE, SCHEMA_ORG, _SCHEMA_IRI + "startDate"
)
ENROLMENT_STATUS = _claim("enrolment_status", "在籍の状態", "Enrolment status", Disclosure.SELECTIVE, OWN)
DEGREE = _claim(
    "degree", "学位", "Degree", Disclosure.SELECTIVE, SCHEMA_ORG, _SCHEMA_IRI + "educationalCredentialAwarded"
)
AWARDED_DATE = _claim(
    "awarded_date",
    "卒業年月日",
    "Date of graduation",
    Disclosure.SELECTIVE,
    "Open Badges 3.0 (awardedDate)",
    "https://purl.imsglobal.org/spec/vc/ob/vocab.html#awardedDate",
)

PERSON_CLAIMS = (
    FAMILY_NAME,
    GIVEN_NAME,
    FAMILY_NAME_KANA,
    GIVEN_NAME_KANA,
    FAMILY_NAME_LATIN,
    GIVEN_NAME_LATIN,
    BIRTHDATE,
    *AGE_CLAIMS,
    STUDENT_NUMBER,
    FACULTY,
    DEPARTMENT,
    START_DATE,
)


def age_on(birth_date: date, today: date) -> int:
    """Age in whole years. Who was born on 29 February grows older on 1 March of a common year."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def build_person_claims(person: PersonFacts, institution: str, today: date) -> dict[str, Any]:
    """The claims of PERSON_CLAIMS and the issuing authority; what the roll leaves empty is left out."""
    age = age_on(person.birth_date, today)
    claims: dict[str, Any] = {
        "issuing_authority": institution,
        "issuing_country": "JP",
        "family_name": person.family_name,
        "given_name": person.given_name,
        "family_name#ja-Kana-JP": person.family_name_kana,
        "given_name#ja-Kana-JP": person.given_name_kana,
        "family_name#ja-Latn-JP": person.family_name_latin,
        "given_name#ja-Latn-JP": person.given_name_latin,
        "birthdate": person.birth_date.isoformat(),
        "age_equal_or_over": {str(limit): age >= limit for limit in AGES},
        "student_number": person.student_number,
        "faculty": person.faculty,
        "department": person.department,
        "start_date": person.enrolled_on.isoformat(),
    }
    return {name: value for name, value in claims.items() if value not in ("", None)}


SAMPLE = PersonFacts(
    student_number="S2600001",
    family_name="髙橋",
    given_name="花子",
    family_name_kana="タカハシ",
    given_name_kana="ハナコ",
    family_name_latin="TAKAHASHI",
    given_name_latin="Hanako",
    birth_date=date(2005, 4, 2),
    email="hanako@example.jp",
    faculty="文学部",
    department="日本文学科",
    degree="",
    enrolled_on=date(2024, 4, 1),
    graduated_on=None,
    status="enrolled",
    withdrawn_on=None,
    language="ja",
)
"""A person who does not exist, for samples of credentials."""
