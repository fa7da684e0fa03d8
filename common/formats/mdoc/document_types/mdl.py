"""Mobile driving licence: ``org.iso.18013.5.1.mDL``. ISO/IEC 18013-5 §7.2.1, table 5."""

from __future__ import annotations

from common.formats.mdoc.document_type import DocumentType, Element, Kind

_AGES = (13, 16, 18, 20, 21, 25, 60, 62, 65, 68)

MDL = DocumentType(
    name="org.iso.18013.5.1.mDL",
    namespaces={
        "org.iso.18013.5.1": (
            Element(name="family_name", kind=Kind.SHORT_TEXT, mandatory=True),
            Element(name="given_name", kind=Kind.SHORT_TEXT, mandatory=True),
            Element(name="birth_date", kind=Kind.FULL_DATE, mandatory=True, claim=("birthdate",)),
            Element(name="issue_date", kind=Kind.FULL_DATE_OR_TDATE, mandatory=True),
            Element(name="expiry_date", kind=Kind.FULL_DATE_OR_TDATE, mandatory=True),
            Element(name="issuing_country", kind=Kind.COUNTRY, mandatory=True),
            Element(name="issuing_authority", kind=Kind.SHORT_TEXT, mandatory=True),
            Element(name="document_number", kind=Kind.SHORT_TEXT, mandatory=True),
            Element(name="portrait", kind=Kind.BYTES, mandatory=True),
            Element(name="driving_privileges", kind=Kind.PRIVILEGES, mandatory=True),
            Element(name="un_distinguishing_sign", mandatory=True),
            Element(name="administrative_number", kind=Kind.SHORT_TEXT),
            Element(name="sex", kind=Kind.UINT),
            Element(name="height", kind=Kind.UINT),
            Element(name="weight", kind=Kind.UINT),
            Element(name="eye_colour"),
            Element(name="hair_colour"),
            Element(name="birth_place", kind=Kind.SHORT_TEXT),
            Element(name="resident_address", kind=Kind.SHORT_TEXT),
            Element(name="portrait_capture_date", kind=Kind.TDATE),
            Element(name="age_in_years", kind=Kind.UINT),
            Element(name="age_birth_year", kind=Kind.UINT),
            *(Element(name=f"age_over_{age}", kind=Kind.BOOL, claim=("age_equal_or_over", str(age))) for age in _AGES),
            Element(name="issuing_jurisdiction"),
            Element(name="nationality", kind=Kind.COUNTRY),
            Element(name="resident_city", kind=Kind.SHORT_TEXT),
            Element(name="resident_state", kind=Kind.SHORT_TEXT),
            Element(name="resident_postal_code", kind=Kind.SHORT_TEXT),
            Element(name="resident_country", kind=Kind.COUNTRY),
            Element(name="biometric_template_face", kind=Kind.BYTES),
            Element(name="family_name_national_character"),
            Element(name="given_name_national_character"),
            Element(name="signature_usual_mark", kind=Kind.BYTES),
        )
    },
)
