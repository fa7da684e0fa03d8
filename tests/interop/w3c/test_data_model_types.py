"""Our mirrors of the W3C's data model suite: types, statuses and schemas. VCDM 2.0 §4.5, §4.10, §4.11."""

from __future__ import annotations

import pytest

from tests.interop.w3c.model_doors import ABSENT, V2, ModelDoors, changed, presented, wrongly_presented
from tests.interop.w3c.titles import mirrors

NO_URL = "https ://sakuragawa.example/1"
CARD = ["VerifiableCredential", "LibraryCard"]
OTHERS = ["https://sakuragawa.example/terms#Reader", "https://sakuragawa.example/terms#Borrower"]
SCHEMAS = [{"id": f"did:example:schemas:{number}", "type": "CardSchema"} for number in (1, 2)]


@mirrors("Types Verifiable credentials MUST contain a type property with an associated value.")
def test_a_credential_has_a_type(model: ModelDoors) -> None:
    model.issue()
    for wrong in (ABSENT, None, [], 1, {"type": "VerifiableCredential"}, ["VerifiableCredential", 1], [*CARD, ""]):
        model.refuse("bad_type", type=wrong)


@mirrors("Types Verifiable presentations MUST contain a type property with an associated value.")
def test_a_presentation_has_a_type(model: ModelDoors) -> None:
    model.verify_presentation(presented())
    for wrong in (ABSENT, None, []):
        model.verify_presentation(wrongly_presented(type=wrong), "bad_type")


@mirrors("Types The value of the type property MUST be one or more terms and/or absolute URL strings.")
def test_a_type_is_a_term_or_an_absolute_url(model: ModelDoors) -> None:
    model.issue(type=["VerifiableCredential", OTHERS[0]])
    model.issue(type=CARD)
    model.not_issued("bad_context", type=CARD, context=[V2, {"LibraryCard": "https ://sakuragawa.example#LibraryCard"}])
    model.not_issued("undefined_term", type=CARD, context=[V2])
    model.not_issued("undefined_term", type=CARD, context=[V2, {"@vocab": None}])


@mirrors("Types If more than one (type) value is provided, the order does not matter.")
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_order_of_types_does_not_matter(model: ModelDoors, place: int) -> None:
    types = [*OTHERS[:place], "VerifiableCredential", *OTHERS[place:]]
    assert model.issue(type=types)["type"] == types


@mirrors("Types Verifiable Credential objects MUST have a type specified.")
def test_one_type_of_a_credential_is_verifiable_credential(model: ModelDoors) -> None:
    model.issue(type=CARD)
    model.refuse("bad_type", type=["LibraryCard"])


@mirrors("Types Verifiable Presentation objects MUST have a type specified.")
def test_one_type_of_a_presentation_is_verifiable_presentation(model: ModelDoors) -> None:
    model.verify_presentation(presented(type=["VerifiablePresentation", "LibraryVisit"]))
    model.verify_presentation(wrongly_presented(type=["LibraryVisit"]), "bad_type")


@mirrors("Types `credentialStatus` objects MUST have a type specified.")
def test_a_status_has_a_type(model: ModelDoors) -> None:
    has_a_type(model, "credentialStatus", "LoanStatus")


@mirrors("Types `termsOfUse` objects MUST have a type specified.")
def test_terms_of_use_have_a_type(model: ModelDoors) -> None:
    has_a_type(model, "termsOfUse", "LoanRules")


@mirrors("Types `evidence` objects MUST have a type specified.")
def test_evidence_has_a_type(model: ModelDoors) -> None:
    has_a_type(model, "evidence", "CounterCheck")


@mirrors("Types `refreshService` objects MUST have a type specified.")
def test_a_refresh_service_has_a_type(model: ModelDoors) -> None:
    has_a_type(model, "refreshService", "CardRenewal")


@mirrors("Types `credentialSchema` objects MUST have a type specified.")
def test_a_schema_has_a_type(model: ModelDoors) -> None:
    has_a_type(model, "credentialSchema", "CardSchema")


def has_a_type(model: ModelDoors, member: str, term: str) -> None:
    """That objects under this member have one: alone, and each of several."""
    typed = {"id": f"did:example:{member}", "type": term}
    model.issue(**{member: typed})
    for wrong in ({"id": typed["id"]}, {**typed, "type": 2}, {**typed, "type": []}, {}):
        model.refuse("bad_type", **{member: wrong})
        model.refuse("bad_type", **{member: [typed, wrong]})
    model.refuse(f"bad_{member}", **{member: []})
    model.not_issued("undefined_term", **{member: {**typed, "type": "NobodyKnows"}})


@mirrors("Status The type property is REQUIRED.")
def test_the_type_of_a_status_is_required(model: ModelDoors) -> None:
    model.refuse("bad_type", credentialStatus={"id": "did:example:status"})


@mirrors("Status The related normative guidance in Section 4.5 Types MUST be followed.")
def test_the_type_of_a_status_is_like_other_types(model: ModelDoors) -> None:
    model.issue(credentialStatus={"id": "did:example:status", "type": "LoanStatus"})
    model.issue(credentialStatus={"type": ["LoanStatus", OTHERS[0]]})
    model.refuse("bad_type", credentialStatus={"id": "did:example:status"})
    model.not_issued("undefined_term", credentialStatus={"type": ["LoanStatus", "NobodyKnows"]})


@mirrors("Status If present (credentialStatus.id), the normative guidance in Section 4.4 Identifiers MUST be followed.")
def test_the_id_of_a_status_is_one_url(model: ModelDoors) -> None:
    model.issue(credentialStatus={"type": "LoanStatus"})
    for wrong in (["did:example:1", "did:example:2"], NO_URL, None, 4):
        model.refuse("bad_credentialStatus", credentialStatus={"type": "LoanStatus", "id": wrong})


@mirrors(
    "Status (If a credentialStatus property is present), The type property is REQUIRED. It is used to express"
    " the type of status information expressed by the object. The related normative guidance in Section 4.5 "
    "Types MUST be followed."
)
def test_the_type_of_a_status_says_what_it_is(model: ModelDoors) -> None:
    status = {"id": "did:example:status", "type": "LoanStatus"}
    held_back = model.issue(credentialStatus=status)
    model.verify(held_back, "status_unknown")  # nobody here knows what such a status means
    for wrong in (ABSENT, 2, None):
        model.refuse("bad_type", credentialStatus=changed(status, type=wrong))


@mirrors(
    "Data Schemas The value of the credentialSchema property MUST be one or more data schemas that provide "
    "verifiers with enough information to determine whether the provided data conforms to the provided "
    "schema(s)."
)
def test_a_credential_has_one_schema_or_several(model: ModelDoors) -> None:
    for stated in (SCHEMAS[0], SCHEMAS):
        answer = model.verify(model.issue(credentialSchema=stated))
        assert {note["code"] for note in answer["warnings"]} == {"schema_not_checked"}


@mirrors(
    "Data Schemas Each credentialSchema MUST specify its type (for example, JsonSchema), and an id property "
    "that MUST be a URL identifying the schema file."
)
def test_a_schema_has_a_type_and_a_url(model: ModelDoors) -> None:
    model.refuse("bad_type", credentialSchema={"id": "did:example:schemas:1"})
    for wrong in ({}, {"id": NO_URL}, {"id": None}, {"id": 7}):
        model.refuse("bad_credentialSchema", credentialSchema={"type": "CardSchema", **wrong})


@mirrors(
    "Data Schemas If multiple schemas are present, validity is determined according to the processing rules "
    "outlined by each associated type property"
)
def test_each_of_several_schemas_is_judged(model: ModelDoors) -> None:
    answer = model.verify(model.issue(credentialSchema=SCHEMAS))
    told = [note["detail"] for note in answer["warnings"]]
    assert [schema["id"] in detail for schema, detail in zip(SCHEMAS, told, strict=True)] == [True, True]
    model.refuse("bad_type", credentialSchema=[SCHEMAS[0], {"id": "did:example:schemas:2"}])
