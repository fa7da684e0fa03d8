"""What cards prove, as mdocs: ``tegata.identity.1`` and its neighbours, each with the evidence of the chip in a namespace of its own.

Names are those of ISO/IEC 18013-5 §7.2.1 where it has one. ``org.iso.18013.5.1.mDL`` is for whoever issues licences: these only repeat
what a licence said.
"""

from __future__ import annotations

from common.formats.mdoc.document_type import DocumentType, Element, Kind

EVIDENCE_NAMESPACE = "tegata.evidence.1"
_ISSUER = (
    Element(name="issuing_authority", mandatory=True),
    Element(name="issuing_country", kind=Kind.COUNTRY, mandatory=True),
)
_FAMILY_NAME, _GIVEN_NAME = Element(name="family_name"), Element(name="given_name")
_BIRTH_DATE = Element(name="birth_date", kind=Kind.FULL_DATE, claim=("birthdate",))
_SEX = Element(name="sex", kind=Kind.UINT)
_PORTRAIT = Element(name="portrait", kind=Kind.BYTES)
_EXPIRY_DATE = Element(name="expiry_date", kind=Kind.FULL_DATE)
_NATIONALITY = Element(name="nationality")


def _document(name: str, *elements: Element) -> DocumentType:
    evidence = Element(name="evidence", kind=Kind.ANY, mandatory=True)
    return DocumentType(name=name, namespaces={name: (*_ISSUER, *elements), EVIDENCE_NAMESPACE: (evidence,)})


IDENTITY = _document(
    "tegata.identity.1",
    Element(name="name"),
    _FAMILY_NAME,
    _GIVEN_NAME,
    Element(name="name_substituted", kind=Kind.BOOL),
    _BIRTH_DATE,
    _SEX,
    Element(name="resident_address", claim=("address", "formatted")),
    _PORTRAIT,
)
AGE = _document(
    "tegata.age.1",
    *(
        Element(name=f"age_over_{age}", kind=Kind.BOOL, claim=("age_equal_or_over", str(age)), mandatory=True)
        for age in (18, 20, 65)
    ),
)
RESIDENCE = _document(
    "tegata.residence.1",
    Element(name="resident_state", claim=("address", "region"), mandatory=True),
    Element(name="resident_city", claim=("address", "locality"), mandatory=True),
)
DRIVING_PRIVILEGES = _document(
    "tegata.driving_privileges.1",
    Element(name="driving_privileges", kind=Kind.PRIVILEGES, mandatory=True),
    _EXPIRY_DATE,
    Element(name="issue_date", kind=Kind.FULL_DATE),
    Element(name="conditions", kind=Kind.ANY),
    Element(name="licence_colour"),
    Element(name="document_number"),
    Element(name="licence_authority"),
)
RESIDENCE_STATUS = _document(
    "tegata.residence_status.1",
    Element(name="residence_status"),
    Element(name="work_restriction"),
    Element(name="period_of_stay"),
    Element(name="stay_until", kind=Kind.FULL_DATE),
    Element(name="permission"),
    Element(name="permission_date", kind=Kind.FULL_DATE),
    _EXPIRY_DATE,
    _NATIONALITY,
    Element(name="front_image", kind=Kind.BYTES),
)
NATIONALITY = _document(
    "tegata.nationality.1",
    _FAMILY_NAME,
    _GIVEN_NAME,
    _BIRTH_DATE,
    _SEX,
    _NATIONALITY,
    Element(name="issuing_state"),
    Element(name="document_number"),
    _EXPIRY_DATE,
    _PORTRAIT,
)
OF_CARDS = (IDENTITY, AGE, RESIDENCE, DRIVING_PRIVILEGES, RESIDENCE_STATUS, NATIONALITY)
