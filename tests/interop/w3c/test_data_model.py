"""Our mirrors of the W3C's data model suite: conformance, contexts, identifiers, issuer, subjects and presentations. VCDM 2.0 §1.3, §4."""

from __future__ import annotations

from typing import Any

from tests.interop.w3c.model_doors import (
    ABSENT,
    DI,
    HOLDER_DID,
    TERMS,
    V2,
    ModelDoors,
    changed,
    held,
    presented,
    wrongly_presented,
)
from tests.interop.w3c.titles import mirrors

LIBRARY = "https://sakuragawa.example/cards/1"
NO_URL = "https ://sakuragawa.example/cards/1"


@mirrors(
    "Basic Conformance A conforming document MUST be secured by at least one securing mechanism as described "
    "in Section 4.12 Securing Mechanisms."
)
@mirrors(
    "Basic Conformance A conforming issuer implementation MUST secure the conforming documents it produces "
    "using a securing mechanismdescribed in Section 4.12 Securing Mechanisms."
)
def test_what_is_issued_is_secured(model: ModelDoors) -> None:
    proof = model.issue()["proof"]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", "eddsa-rdfc-2022")
    assert proof["proofValue"].startswith("z")
    assert model.issue(options={})["proof"]["proofValue"]
    enveloped = model.secure(model.credential(issuer=model.did_web), {"mediaType": "application/vc+jwt"})
    assert enveloped["id"].startswith("data:application/vc+jwt,")
    assert model.verify(enveloped)["checks"][0]["check"] == "signature"


@mirrors(
    "Basic Conformance A conforming issuer implementation MUST include all required properties in the "
    "conforming documents it produces."
)
def test_what_is_issued_has_every_required_property(model: ModelDoors) -> None:
    assert {"@context", "type", "issuer", "credentialSubject", "proof"} <= model.issue().keys()


@mirrors(
    "Basic Conformance A conforming verifier implementation MUST perform verification on a conforming "
    "document as described inSection 4.12 Securing Mechanisms."
)
def test_what_is_issued_is_believed(model: ModelDoors) -> None:
    secured = model.issue()
    answer = model.verify(secured)
    assert [one["check"] for one in answer["checks"]] == ["proof", "validity"]
    model.verify({**secured, "credentialSubject": {"id": "did:example:mallory"}}, "bad_signature")
    model.verify(changed(secured, proof=ABSENT), "bad_proof")


@mirrors(
    "Basic Conformance A conforming verifier implementation MUST produce errors when non-conforming documents"
    " are detected."
)
def test_what_is_no_conforming_document_is_refused(model: ModelDoors) -> None:
    model.verify({"type": ["Haiku"]}, "bad_context")
    model.verify_presentation({"type": ["Haiku"]}, "bad_context")
    model.verify(held(type=["LibraryCard"]), "bad_type")
    model.verify_presentation(wrongly_presented(type=["LibraryVisit"]), "bad_type")


@mirrors("Contexts Verifiable credentials MUST include a @context property.")
def test_a_credential_has_a_context(model: ModelDoors) -> None:
    assert model.issue()["@context"] == [V2, TERMS]
    model.refuse("bad_context", context=ABSENT)


@mirrors(
    "Contexts Verifiable credentials: The value of the @context property MUST be an ordered set where the "
    "first item is a URL with the value https://www.w3.org/ns/credentials/v2."
)
def test_the_first_context_of_a_credential_is_the_base_context(model: ModelDoors) -> None:
    assert model.issue()["@context"][0] == V2
    for wrong in ([DI], [TERMS, V2], [], ["https://www.w3.org/ns/credentials/v2#"]):
        model.refuse("bad_context", context=wrong)


@mirrors(
    'Contexts Verifiable Credential `@context`: "Subsequent items in the ordered set MUST be composed of any '
    'combination of URLs and/or objects where each is processable as a JSON-LD Context."'
)
def test_further_contexts_of_a_credential_are_addresses_and_objects(model: ModelDoors) -> None:
    model.issue(context=[V2, DI])
    model.issue(context=[V2, {"LibraryCard": TERMS["LibraryCard"]}], type=["VerifiableCredential", "LibraryCard"])
    model.issue(context=[V2, DI, TERMS])
    for wrong in (NO_URL, 20260401, None, ["https://sakuragawa.example"]):
        model.refuse("bad_context", context=[V2, wrong])
    model.not_issued("unknown_context", context=[V2, "https://nobody.example/terms"])


@mirrors("Contexts Verifiable presentations MUST include a @context property.")
def test_a_presentation_has_a_context(model: ModelDoors) -> None:
    shown = presented()
    model.verify_presentation(shown)
    model.verify_presentation(changed(shown, context=ABSENT), "bad_context")
    model.verify_presentation(wrongly_presented(context=ABSENT), "bad_context")


@mirrors(
    "Contexts Verifiable presentations: The value of the @context property MUST be an ordered set where the "
    "first item is a URL with the value https://www.w3.org/ns/credentials/v2."
)
def test_the_first_context_of_a_presentation_is_the_base_context(model: ModelDoors) -> None:
    model.verify_presentation(wrongly_presented())
    for wrong in ([TERMS, V2], [DI, V2], [DI], []):
        model.verify_presentation(wrongly_presented(context=wrong), "bad_context")


@mirrors(
    'Contexts Verifiable Presentation `@context`: "Subsequent items in the ordered set MUST be composed of '
    'any combination of URLs and/or objects where each is processable as a JSON-LD Context."'
)
def test_further_contexts_of_a_presentation_are_addresses_and_objects(model: ModelDoors) -> None:
    shown = presented(held(), context=[V2, DI])
    model.verify_presentation(shown)
    kinds = ["VerifiablePresentation", "LibraryVisit"]
    model.verify_presentation(presented(held(), context=[V2, {"LibraryVisit": TERMS["LibraryVisit"]}], type=kinds))
    model.verify_presentation(changed(shown, context=[V2, "https://nobody.example"]), "unknown_context")
    for wrong in (NO_URL, 20260401, None):
        model.verify_presentation(wrongly_presented(held(), context=[V2, wrong]), "bad_context")


@mirrors("Identifiers If present, the value of the id property MUST be a single URL, which MAY be dereferenceable.")
def test_an_identifier_is_one_url(model: ModelDoors) -> None:
    model.issue(id=ABSENT, credentialSubject={"id": "did:example:hanako"})
    model.issue(id=LIBRARY)
    model.issue(id="urn:uuid:0d4b7a52-8f0e-4d7b-9b9e-6a4c3a1f5e21", credentialSubject={"description": "花子"})
    wrongs: tuple[Any, ...] = (None, [LIBRARY, f"{LIBRARY}2"], NO_URL, "card", {}, 1)
    for wrong in wrongs:
        model.refuse("bad_id", id=wrong)
    for wrong in (None, ["did:example:hanako", "did:example:taro"], NO_URL):
        model.refuse("bad_subject", credentialSubject={"id": wrong})


@mirrors("Issuer A verifiable credential MUST have an issuer property.")
def test_a_credential_has_an_issuer(model: ModelDoors) -> None:
    assert model.issue()["issuer"] == model.did_key
    model.refuse("bad_issuer", issuer=ABSENT)


@mirrors(
    "Issuer The value of the issuer property MUST be either a URL or an object containing an id property "
    "whose value is a URL; in either case, the issuer selects this URL to identify itself in a globally "
    "unambiguous way."
)
def test_an_issuer_is_a_url_or_an_object_with_one_as_its_id(model: ModelDoors) -> None:
    secured = model.issue(issuer={"id": model.did_key})
    assert secured["issuer"] == {"id": model.did_key}
    model.verify(secured)
    for wrong in ("library", None, {"id": None}, {"id": "library"}, {}, {"type": "LibraryCard"}, [model.did_key], 1):
        model.refuse("bad_issuer", issuer=wrong)


@mirrors("Credential Subject A verifiable credential MUST contain a credentialSubject property.")
def test_a_credential_has_a_subject(model: ModelDoors) -> None:
    model.issue()
    for wrong in (ABSENT, None, "did:example:hanako", []):
        model.refuse("bad_subject", credentialSubject=wrong)


@mirrors(
    "Credential Subject The value of the credentialSubject property is a set of objects where each object "
    "MUST be the subject of one or more claims, which MUST be serialized inside the credentialSubject "
    "property."
)
def test_every_subject_makes_a_claim(model: ModelDoors) -> None:
    model.issue(credentialSubject=[{"id": "did:example:hanako"}, {"id": "did:example:taro"}])
    hanako = {"id": "did:example:hanako"}
    wrongs: tuple[Any, ...] = ({}, [hanako, {}], [hanako, "did:example:taro"])
    for wrong in wrongs:
        model.refuse("bad_subject", credentialSubject=wrong)


@mirrors(
    "Verifiable Presentations If [the `id` field is] present, the normative guidance in Section 4.4 "
    "Identifiers MUST be followed."
)
def test_the_identifier_of_a_presentation_is_one_url(model: ModelDoors) -> None:
    model.verify_presentation(presented(id="urn:uuid:4a9b8c43-6f0d-4c7a-8a55-0d5b0a3c8e10"))
    for wrong in ("visit", ["urn:example:1", "urn:example:2"], NO_URL):
        model.verify_presentation(wrongly_presented(id=wrong), "bad_id")


@mirrors("Verifiable Presentations The type property MUST be present.")
def test_a_presentation_has_a_type(model: ModelDoors) -> None:
    model.verify_presentation(presented())
    model.verify_presentation(wrongly_presented(type=ABSENT), "bad_type")


@mirrors(
    "Verifiable Presentations One value of this property MUST be VerifiablePresentation, but additional types"
    " MAY be included.The related normative guidance in Section 4.5 Types MUST be followed."
)
def test_one_type_of_a_presentation_is_verifiable_presentation(model: ModelDoors) -> None:
    model.verify_presentation(presented(type=["VerifiablePresentation", "LibraryVisit"]))
    model.verify_presentation(presented(type="VerifiablePresentation"))
    for wrong in (["LibraryVisit"], "VerifiableCredential", []):
        model.verify_presentation(wrongly_presented(type=wrong), "bad_type")


@mirrors(
    "Verifiable Presentations The verifiableCredential property MAY be present. The value MUST beone or more "
    "verifiable credential and/or enveloped verifiable credential objects (the values MUST NOT be non-object "
    "values such as numbers, strings, or URLs)."
)
def test_a_presentation_holds_objects(model: ModelDoors) -> None:
    both = [held("did:example:hanako"), held("did:example:taro")]
    assert len(model.verify_presentation(presented(*both))["checks"]) == len(["proof", *2 * ["proof", "validity"]])
    enveloped = model.secure(model.credential(issuer=model.did_web), {"mediaType": "application/vc+jwt"})
    model.verify_presentation(presented(model.issue(), enveloped))
    for wrong in (20260401, "credential", LIBRARY, None, [held()]):
        model.verify_presentation(wrongly_presented(held(), wrong), "bad_presentation")
    model.verify_presentation(presented(held(), held(issuer="did:example:nobody")), "untrusted_key")


@mirrors(
    "Verifiable Presentations If present (holder), the value MUST be either a URL or an object containing an "
    "id property."
)
def test_a_holder_is_a_url_or_an_object_with_one_as_its_id(model: ModelDoors) -> None:
    assert model.verify_presentation(presented(held(), holder=HOLDER_DID))["holder"] == HOLDER_DID
    assert model.verify_presentation(presented(held(), holder={"id": HOLDER_DID}))["holder"] == HOLDER_DID
    for wrong in ("hanako", {"name": "hanako"}, {"id": "hanako"}, None, [HOLDER_DID]):
        model.verify_presentation(wrongly_presented(held(), holder=wrong), "bad_holder")


@mirrors(
    "Algorithms This section contains an algorithm that conforming verifier implementations MUST run when "
    "verifying a verifiable credential or a verifiable presentation."
)
def test_verifying_runs_the_algorithm_of_the_text(model: ModelDoors) -> None:
    model.verify(model.issue())
    shown = presented()
    model.verify_presentation(shown)
    short = "z" + "2Jv7" * 7
    model.verify_presentation({**shown, "proof": {**shown["proof"], "proofValue": short}}, "bad_signature")
    other = presented(id="urn:example:another")["proof"]["proofValue"]
    model.verify_presentation({**shown, "proof": {**shown["proof"], "proofValue": other}}, "bad_signature")
