"""Person identification data of the EUDI wallet: ``eu.europa.ec.eudi.pid.1``. PID rulebook, encoding for ISO/IEC 18013-5."""

from __future__ import annotations

from common.formats.mdoc.document_type import DocumentType, Element, Kind

PID = DocumentType(
    name="eu.europa.ec.eudi.pid.1",
    namespaces={
        "eu.europa.ec.eudi.pid.1": (
            Element(name="family_name", kind=Kind.SHORT_TEXT, mandatory=True),
            Element(name="given_name", kind=Kind.SHORT_TEXT, mandatory=True),
            Element(name="birth_date", kind=Kind.FULL_DATE, mandatory=True, claim=("birthdate",)),
            Element(name="place_of_birth", kind=Kind.ANY),
            Element(name="nationality", kind=Kind.ANY, claim=("nationalities",)),
            Element(name="resident_address", kind=Kind.SHORT_TEXT, claim=("address", "formatted")),
            Element(name="resident_country", kind=Kind.COUNTRY, claim=("address", "country")),
            Element(name="resident_state", kind=Kind.SHORT_TEXT, claim=("address", "region")),
            Element(name="resident_city", kind=Kind.SHORT_TEXT, claim=("address", "locality")),
            Element(name="resident_postal_code", kind=Kind.SHORT_TEXT, claim=("address", "postal_code")),
            Element(name="resident_street", kind=Kind.SHORT_TEXT, claim=("address", "street_address")),
            Element(name="resident_house_number", kind=Kind.SHORT_TEXT, claim=("address", "house_number")),
            Element(name="personal_administrative_number", kind=Kind.SHORT_TEXT),
            Element(name="portrait", kind=Kind.BYTES, claim=("picture",)),
            Element(name="family_name_birth", kind=Kind.SHORT_TEXT, claim=("birth_family_name",)),
            Element(name="given_name_birth", kind=Kind.SHORT_TEXT, claim=("birth_given_name",)),
            Element(name="sex", kind=Kind.UINT),
            Element(name="email_address", claim=("email",)),
            Element(name="mobile_phone_number", claim=("phone_number",)),
            *(
                Element(name=f"age_over_{age}", kind=Kind.BOOL, claim=("age_equal_or_over", str(age)))
                for age in (13, 16, 18, 20, 21, 25, 60, 62, 65, 68)
            ),
            Element(name="age_in_years", kind=Kind.UINT),
            Element(name="age_birth_year", kind=Kind.UINT),
            Element(name="expiry_date", kind=Kind.FULL_DATE_OR_TDATE, mandatory=True, claim=("date_of_expiry",)),
            Element(name="issuing_authority", mandatory=True),
            Element(name="issuing_country", kind=Kind.COUNTRY, mandatory=True),
            Element(name="document_number", kind=Kind.SHORT_TEXT),
            Element(name="issuing_jurisdiction"),
            Element(name="location_status"),
            Element(name="issuance_date", kind=Kind.FULL_DATE_OR_TDATE, claim=("date_of_issuance",)),
            Element(name="trust_anchor"),
        )
    },
)
