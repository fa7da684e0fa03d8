"""Our mirrors of the W3C's data model suite: names, validity and the advanced concepts. VCDM 2.0 §4.6, §4.9, §5."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256, sha384
from typing import Any

from common.encoding import b64url_encode
from common.proofs.contexts.store import PINNED
from tests.interop.w3c.model_doors import ABSENT, TERMS, V2, ModelDoors, changed, held
from tests.interop.w3c.titles import mirrors

NO_URL = "https ://sakuragawa.example/1"
DIGEST = bytes.fromhex("59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734")
"""SHA-256 of the base context, VCDM 2.0 §B.1."""
BASE = {"id": V2, "digestMultibase": f"u{b64url_encode(DIGEST)}"}
ENGLISH = {"@value": "Library card", "@language": "en"}
HEBREW = {"@value": "כרטיס ספרייה", "@language": "he", "@direction": "rtl"}
JAPANESE = {"@value": "貸出券", "@language": "ja"}
TEXTS: tuple[Any, ...] = ("Library card", ENGLISH, HEBREW, [ENGLISH, JAPANESE])
NO_TEXTS: tuple[Any, ...] = (
    {**ENGLISH, "url": "https://a.example"},
    [ENGLISH, {**JAPANESE, "x": 1}],
    1,
    None,
    {"@id": "x"},
)
RENEWALS = [{"id": f"https://sakuragawa.example/renew/{number}", "type": "CardRenewal"} for number in (1, 2)]


@mirrors(
    "Names and Descriptions If present, the value of the name property MUST be a string or a language value "
    "object as described in 11.1 Language and Base Direction."
)
def test_a_name_is_text_or_language_values(model: ModelDoors) -> None:
    model.issue(name=ABSENT)
    for text in TEXTS:
        model.issue(name=text)
    for wrong in NO_TEXTS:
        model.refuse("bad_text", name=wrong)


@mirrors(
    "Names and Descriptions If present, the value of the description property MUST be a string or a language "
    "value object as described in 11.1 Language and Base Direction."
)
def test_a_description_is_text_or_language_values(model: ModelDoors) -> None:
    model.issue(description=ABSENT)
    for text in TEXTS:
        model.issue(description=text)
    for wrong in NO_TEXTS:
        model.refuse("bad_text", description=wrong)


@mirrors(
    "Names and Descriptions If present (on `issuer`), the value of the name property MUST be a string or a "
    "language value object as described in 11.1 Language and Base Direction."
)
def test_an_issuers_name_is_text_or_language_values(model: ModelDoors) -> None:
    _of_the_issuer(model, "name")


@mirrors(
    "Names and Descriptions If present (on `issuer`), the value of the description property MUST be a string "
    "or a language value object as described in 11.1 Language and Base Direction."
)
def test_an_issuers_description_is_text_or_language_values(model: ModelDoors) -> None:
    _of_the_issuer(model, "description")


def _of_the_issuer(model: ModelDoors, member: str) -> None:
    model.issue(issuer={"id": model.did_key})
    for text in TEXTS:
        model.issue(issuer={"id": model.did_key, member: text})
    for wrong in NO_TEXTS:
        model.refuse("bad_text", issuer={"id": model.did_key, member: wrong})


@mirrors(
    "Validity Period If present, the value of the validFrom property MUST be an [XMLSCHEMA11-2] dateTimeStamp"
    " string value representing the date and time the credential becomes valid, which could be a date and "
    "time in the future or in the past."
)
def test_valid_from_is_a_moment_with_its_zone(model: ModelDoors) -> None:
    for moment in ("2026-04-01T09:00:00.447Z", "2026-03-31T19:10:39-06:00", "2026-04-01T09:00:00Z"):
        model.verify(model.issue(validFrom=moment))
    model.verify(model.issue(validFrom="4026-04-01T00:00:00Z"), "not_yet_valid")
    for wrong in (
        "Wed 1 Apr 2026 09:00:00 AM JST",
        "2026-04-01T09:00:00",
        "2026-04-01",
        "令和8年4月1日",
        1775001600,
        None,
    ):
        model.refuse("bad_time", validFrom=wrong)


@mirrors(
    "Validity Period If present, the value of the validUntil property MUST be an [XMLSCHEMA11-2] "
    "dateTimeStamp string value representing the date and time the credential ceases to be valid, which could"
    " be a date and time in the past or in the future."
)
def test_valid_until_is_a_moment_with_its_zone(model: ModelDoors) -> None:
    for moment in ("2027-03-31T23:59:59Z", "2027-03-31T23:59:59.999Z", "2027-03-31T19:21:29-06:00"):
        model.verify(model.issue(validUntil=moment))
    model.verify(model.issue(validUntil="2020-04-01T00:00:00Z"), "expired")
    for wrong in ("Wed, 31 Mar 2027 23:59:59 +0900", "2027-03-31T23:59:59", "2027-02-29T00:00:00Z", 1806537599, None):
        model.refuse("bad_time", validUntil=wrong)


@mirrors(
    "Validity Period If a validUntil value also exists, the validFrom value MUST express a datetime that is "
    "temporally the same or earlier than the datetime expressed by the validUntil value."
)
def test_valid_from_is_no_later_than_valid_until(model: ModelDoors) -> None:
    model.verify(model.issue(validFrom="2025-04-01T00:00:00Z", validUntil="2027-04-01T00:00:00Z"))
    model.issue(validFrom="2027-04-01T00:00:00Z", validUntil="2027-04-01T00:00:00Z")
    model.refuse("bad_time", validFrom="2027-04-01T00:00:00Z", validUntil="2025-04-01T00:00:00Z")


@mirrors(
    "Validity Period If a validFrom value also exists, the validUntil value MUST express a datetime that is "
    "temporally the same or later than the datetime expressed by the validFrom value."
)
def test_valid_until_is_no_earlier_than_valid_from_in_any_zone(model: ModelDoors) -> None:
    model.issue(validFrom="2027-04-01T00:00:00Z", validUntil="2027-04-01T09:00:00+09:00")
    model.refuse("bad_time", validFrom="2027-04-01T00:00:00Z", validUntil="2027-04-01T08:59:59+09:00")


@mirrors(
    "Advanced Concepts When processing the active context defined by the base JSON-LD Context document "
    "defined in this specification, compliant JSON-LD-based processors produce an error when a JSON-LD "
    "context redefines any term."
)
def test_no_context_redefines_a_protected_term(model: ModelDoors) -> None:
    model.not_issued("bad_context", context=[V2, {"VerifiableCredential": "https://sakuragawa.example/terms#Bad"}])
    protected = [V2, {"@protected": True, "LibraryCard": TERMS["LibraryCard"]}]
    another = {"LibraryCard": "https://sakuragawa.example/terms#Bad"}
    model.issue(type=["VerifiableCredential", "LibraryCard"], context=protected)
    model.not_issued("bad_context", type=["VerifiableCredential", "LibraryCard"], context=[*protected, another])


@mirrors(
    "Advanced Concepts The value of the relatedResource property MUST be one or more objects of the following form:"
)
def test_related_resources_are_objects_with_id_and_digest(model: ModelDoors) -> None:
    text = PINNED.read_bytes(V2)
    assert sha256(text).digest() == DIGEST
    sri = {"id": V2, "digestSRI": f"sha384-{b64encode(sha384(text).digest()).decode()}"}
    for stated in (BASE, sri, [{**sri, "mediaType": "application/ld+json"}], {**BASE, **sri}):
        assert model.verify(model.issue(relatedResource=stated))["warnings"] == []
    for wrong in ([V2], V2, [BASE, V2], [], None):
        model.refuse("bad_related_resource", relatedResource=wrong)
    for changes in (
        {"mediaType": "context"},
        {"digestSRI": "md5-AAAA"},
        {"digestSRI": 1},
        {"digestMultibase": "m_"},
        {"digestMultibase": "uAAAA"},
    ):
        model.refuse("bad_related_resource", relatedResource=changed(BASE, **changes))


@mirrors(
    "Advanced Concepts The identifier for the resource is REQUIRED and conforms to the format defined in "
    "Section 4.4 Identifiers."
)
def test_a_related_resource_has_one_url_as_its_id(model: ModelDoors) -> None:
    for wrong in (ABSENT, None, NO_URL, [V2]):
        model.refuse("bad_related_resource", relatedResource=[changed(BASE, id=wrong)])


@mirrors("Advanced Concepts The value MUST be unique among the list of related resource objects.")
def test_no_related_resource_is_named_twice(model: ModelDoors) -> None:
    model.refuse("bad_related_resource", relatedResource=[BASE, BASE])
    other = {"id": V2, "digestSRI": f"sha256-{b64encode(DIGEST).decode()}"}
    model.issue(relatedResource=[other])
    model.refuse("bad_related_resource", relatedResource=[other, BASE])


@mirrors(
    "Advanced Concepts Each object associated with relatedResource MUST contain at least a digestSRI or a "
    "digestMultibase value."
)
def test_a_related_resource_has_a_digest(model: ModelDoors) -> None:
    model.refuse("bad_related_resource", relatedResource=[{"id": V2}])


@mirrors(
    "Advanced Concepts If the digest provided by the issuer does not match the digest computed for the "
    "retrieved resource, the conforming verifier implementation MUST produce an error."
)
def test_a_related_resource_with_another_digest_is_refused(model: ModelDoors) -> None:
    wrong = sha256(b"another").digest()
    model.refuse("bad_signature", relatedResource=[{"id": V2, "digestMultibase": f"u{b64url_encode(wrong)}"}])
    model.refuse("bad_signature", relatedResource=[{"id": V2, "digestSRI": f"sha256-{b64encode(wrong).decode()}"}])
    model.refuse("bad_signature", relatedResource=[{**BASE, "digestSRI": f"sha256-{b64encode(wrong).decode()}"}])


@mirrors(
    "Advanced Concepts The value of the refreshService property MUST be one or more refresh services that "
    "provides enough information to the recipient's software such that the recipient can refresh the "
    "verifiable credential."
)
def test_a_credential_has_one_refresh_service_or_several(model: ModelDoors) -> None:
    for stated in (RENEWALS[0], RENEWALS):
        model.verify(model.issue(refreshService=stated))
    for wrong in ("https://sakuragawa.example/renew/1", [RENEWALS[0], "again"]):
        model.refuse("bad_refreshService", refreshService=wrong)


@mirrors("Advanced Concepts Each refreshService value MUST specify its type.")
def test_every_refresh_service_has_a_type(model: ModelDoors) -> None:
    model.refuse("bad_type", refreshService={"id": RENEWALS[0]["id"]})
    model.refuse("bad_type", refreshService=[RENEWALS[0], {"id": RENEWALS[1]["id"]}])


@mirrors(
    "Advanced Concepts The value of the termsOfUse property MUST specify one or more terms of use policies "
    "under which the creator issued the credential or presentation."
)
def test_a_credential_has_one_policy_or_several(model: ModelDoors) -> None:
    for stated in ({"type": "LoanRules"}, [{"type": "LoanRules"}, {"type": "LoanRules", "id": "did:example:rules"}]):
        model.verify(model.issue(termsOfUse=stated))
    for wrong in ("be careful", ["be careful"]):
        model.refuse("bad_termsOfUse", termsOfUse=wrong)


@mirrors(
    "Advanced Concepts Each termsOfUse value MUST specify its type, for example, IssuerPolicy, and MAY "
    "specify its instance id."
)
def test_terms_of_use_say_their_type_and_may_have_an_id(model: ModelDoors) -> None:
    model.issue(termsOfUse={"type": "LoanRules", "id": "did:example:rules"})
    model.refuse("bad_type", termsOfUse={"id": "did:example:rules"})
    model.refuse("bad_termsOfUse", termsOfUse={"type": "LoanRules", "id": NO_URL})


@mirrors(
    "Advanced Concepts If present, the value associated with the evidence property is a single object or a "
    "set of one or more objects."
)
def test_evidence_is_one_object_or_several(model: ModelDoors) -> None:
    check = {"type": "CounterCheck"}
    for stated in (check, [check, check]):
        model.verify(model.issue(evidence=stated))
    for wrong in ("seen", [check, "seen"], 1):
        model.refuse("bad_evidence", evidence=wrong)
    assert model.verify(held(evidence=[check, check]))["verified"] is True
