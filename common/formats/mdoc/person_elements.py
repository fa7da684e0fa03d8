"""Data elements about a person that documents of a school share.

Names are those of ISO/IEC 18013-5 §7.2.1 where it has one (family_name, birth_date, age_over_NN, issuing_authority …), else those of the
flat claims. Names in national characters stand under the plain names, readings and transcriptions beside them.
"""

from __future__ import annotations

from common.formats.mdoc.document_type import Element, Kind

ISSUER_ELEMENTS = (
    Element(name="issuing_authority", mandatory=True),
    Element(name="issuing_country", kind=Kind.COUNTRY, mandatory=True),
    Element(name="affiliation", claim=("eduperson_primary_affiliation",)),
)
PERSON_ELEMENTS = (
    Element(name="family_name", mandatory=True),
    Element(name="given_name", mandatory=True),
    Element(name="family_name_kana", claim=("family_name#ja-Kana-JP",)),
    Element(name="given_name_kana", claim=("given_name#ja-Kana-JP",)),
    Element(name="family_name_latin", claim=("family_name#ja-Latn-JP",)),
    Element(name="given_name_latin", claim=("given_name#ja-Latn-JP",)),
    Element(name="birth_date", kind=Kind.FULL_DATE, claim=("birthdate",)),
    Element(name="age_over_18", kind=Kind.BOOL, claim=("age_equal_or_over", "18")),
    Element(name="age_over_20", kind=Kind.BOOL, claim=("age_equal_or_over", "20")),
    Element(name="portrait", kind=Kind.BYTES),
    Element(name="student_number"),
    Element(name="faculty"),
    Element(name="department"),
    Element(name="start_date", kind=Kind.FULL_DATE),
)
