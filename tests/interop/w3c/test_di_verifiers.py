"""What the W3C asks of every verifier of Data Integrity proofs, whatever the cryptosuite (``data-integrity-test-suite-assertion``).

A refusal names its rule, so that none of them passes because a signature happened to be wrong as well.
"""

from __future__ import annotations

import copy
import json

import pytest

from tests.interop.w3c.di_columns import BBS_VERIFIERS, CHAINS, VERIFIERS, rule
from tests.interop.w3c.di_documents import Column, broken, document, examiner, in_chain, secured, with_proof
from tests.interop.w3c.vc_api_doors import Doors

ALL = (*VERIFIERS, *BBS_VERIFIERS)
ABSENT = "builds on another that is not there"
FIRST, MISSING = "urn:uuid:0e1d7b0a-6f30-47c3-8d0c-40be14ca7f01", "urn:uuid:0e1d7b0a-6f30-47c3-8d0c-40be14ca7f02"


@rule("When deserializing to RDF, implementations MUST ensure that the base URL is set to null.", *ALL)
def test_no_base_url(doors: Doors, column: Column) -> None:
    """Signed over a type written in full; with a base URL the short one beside it would mean the same, and verify."""
    base, name = "https://invalid.example/", "Elsewhere"
    signed = document(column.version, examiner(column.alg))
    signed["type"].append(base + name)
    credential = secured(column, signed)
    doors.believed(credential)
    credential["type"] = [one.removeprefix(base) for one in credential["type"]]
    assert name in credential["type"]
    doors.refused(credential, "undefined_term")
    with_base = {**credential, "@context": [*credential["@context"], {"@base": base}]}
    doors.refused(with_base, "bad_signature")


@rule("Conforming processors MUST produce errors when non-conforming documents are consumed.", *ALL)
def test_what_does_not_conform_is_an_error(doors: Doors, column: Column) -> None:
    credential = secured(column)
    doors.believed(credential)
    doors.refused(with_proof(credential, type="UnknownProofType"), "bad_proof")
    doors.refused({**credential, "credentialSubject": []}, "bad_subject")
    forged = copy.deepcopy(credential)
    forged["credentialSubject"]["motto"] = "forged"
    doors.refused(forged, "bad_signature")


@rule(
    "If either securedDocument is not a map or securedDocument.proof is not a map, an error MUST be raised and SHOULD convey an error "
    "type of PARSING_ERROR.",
    *ALL,
)
def test_documents_and_proofs_are_maps(doors: Doors, column: Column) -> None:
    credential = secured(column)
    for proof in (None, "zText", [None]):
        doors.refused({**credential, "proof": proof}, "bad_proof")
    doors.refused(json.dumps(credential), "bad_base64")  # a text is read as a credential secured by JOSE or COSE
    doors.refused([credential], "invalid_request")


@rule(
    "If one or more of proof.type, proof.verificationMethod, and proof.proofPurpose does not exist, an error MUST be raised and SHOULD "
    "convey an error type of PROOF_VERIFICATION_ERROR",
    *ALL,
)
def test_type_method_and_purpose_are_there(doors: Doors, column: Column) -> None:
    """Method and purpose are absent when it is signed; the suites themselves sign nothing without a type."""
    credential = secured(column)
    doors.refused({name: value for name, value in credential.items() if name != "proof"}, "bad_proof")
    doors.refused(with_proof(credential, type=None), "bad_proof")
    doors.refused(secured(column, verificationMethod=None), "bad_proof")
    doors.refused(secured(column, proofPurpose=None), "bad_proof")


@rule("The type property MUST contain the string DataIntegrityProof.", *ALL)
def test_the_type(doors: Doors, column: Column) -> None:
    credential = secured(column)
    for name in ("UnknownProofType", "Ed25519Signature2020", "dataintegrityproof", ""):
        doors.refused(with_proof(credential, type=name), "bad_proof")


@rule(
    "If expectedProofPurpose was given, and it does not match proof.proofPurpose, an error MUST be raised and SHOULD convey an error type "
    "of PROOF_VERIFICATION_ERROR.",
    *ALL,
)
def test_the_purpose(doors: Doors, column: Column) -> None:
    """A did:key lists its key under both purposes, so only the purpose is wrong."""
    doors.refused(secured(column, proofPurpose="authentication"), "wrong_type")
    doors.refused(with_proof(secured(column), proofPurpose="invalidPurpose"), "wrong_type")


@rule("The proofValue property MUST be used, as specified in 2.1 Proofs.", *ALL)
def test_a_proof_has_a_value(doors: Doors, column: Column) -> None:
    credential = secured(column)
    doors.refused(with_proof(credential, proofValue=None), "bad_proof")
    doors.refused({**credential, "proof": {**credential["proof"], "proofValue": None}}, "bad_proof")
    doors.refused(with_proof(credential, proofValue=""), "bad_proof_value")


@rule(
    '("proof.proofValue") A string value that contains the base-encoded binary data necessary to verify the digital proof using the '
    "verificationMethod specified. The contents of the value MUST be expressed with a header and encoding as described in Section 2.4 "
    "Multibase of the Controller Documents 1.0 specification.",
    *ALL,
)
def test_the_value_is_multibase(doors: Doors, column: Column) -> None:
    credential = secured(column)
    value = credential["proof"]["proofValue"]
    headless = value.lstrip(value[0])  # a value may go on with the letter that is its header
    doors.refused(with_proof(credential, proofValue=headless), "bad_proof_value")
    for header in "mfU":
        doors.refused(with_proof(credential, proofValue=header + value[1:]), "bad_proof_value")
    foreign = ("bad_base64url", "=") if column.is_selective else ("bad_base58", "0")
    doors.refused(with_proof(credential, proofValue=value + foreign[1]), foreign[0])


@rule(
    "Implementations that use JSON-LD processing, such as RDF Dataset Canonicalization [RDF-CANON], MUST throw an error, which SHOULD be "
    "DATA_LOSS_DETECTION_ERROR, when data is dropped by a JSON-LD processor, such as when an undefined term is detected in an input "
    "document.",
    *ALL,
)
def test_nothing_is_dropped(doors: Doors, column: Column) -> None:
    """Added after signing: if the words were dropped, the signature would fit."""
    credential = secured(column)
    subject = {**credential["credentialSubject"], "undefinedTerm": "IfDroppedWillVerify"}
    doors.refused({**credential, "credentialSubject": subject}, "undefined_term")
    doors.refused({**credential, "type": [*credential["type"], "UndefinedType"]}, "undefined_term")
    doors.refused({**credential, "undefinedTerm": {"motto": "IfDroppedWillVerify"}}, "undefined_term")


@rule(
    "The value of the cryptosuite property MUST be a string that identifies the cryptographic suite. If the processing environment "
    "supports subtypes of string, the type of the cryptosuite value MUST be the https://w3id.org/security#cryptosuiteString subtype "
    "of string.",
    *ALL,
)
def test_the_cryptosuite(doors: Doors, column: Column) -> None:
    credential = secured(column)
    doors.refused(with_proof(credential, cryptosuite="UnknownCryptosuite"), "unknown_cryptosuite")
    doors.refused(with_proof(credential, cryptosuite=None), "bad_proof")
    doors.refused(with_proof(credential, cryptosuite=[column.suite]), "bad_proof")


@rule("", *BBS_VERIFIERS)
@pytest.mark.parametrize(("member", "code"), [("domain", "wrong_audience"), ("challenge", "wrong_nonce")])
def test_domain_and_challenge(doors: Doors, column: Column, member: str, code: str) -> None:
    """*If options has a non-null domain (challenge) item, it MUST be equal to* that of the proof: asked of BBS alone."""
    credential = secured(column, domain="domain.example", challenge="1235abcd6789")
    doors.believed(credential, domain="domain.example", challenge="1235abcd6789")
    doors.refused(credential, code, **{member: "invalid.example"})
    doors.refused(secured(column), code, **{member: "domain.example"})


@rule(
    "An OPTIONAL string value (proof.previousProof) or unordered list of string values. Each value identifies another data integrity "
    "proof that MUST verify before the current proof is processed.",
    *CHAINS,
)
def test_a_previous_proof(doors: Doors, column: Column) -> None:
    doors.believed(in_chain(column, FIRST, FIRST))
    doors.believed(in_chain(column, FIRST, [FIRST]))


@rule("If an unordered list (proof), all referenced proofs in the array MUST verify.", *CHAINS)
def test_a_set_of_proofs(doors: Doors, column: Column) -> None:
    credential = in_chain(column, None, None)
    doors.believed(credential)
    first, second = credential["proof"]
    doors.believed({**credential, "proof": [second, first]})
    for proofs in ([broken(first), second], [first, broken(second)]):
        doors.refused({**credential, "proof": proofs}, "bad_signature")


@rule(
    "If a proof with id equal to previousProof does not exist in allProofs, an error MUST be raised and SHOULD convey an error type of "
    "PROOF_VERIFICATION_ERROR.",
    *CHAINS,
)
def test_a_previous_proof_that_is_not_there(doors: Doors, column: Column) -> None:
    doors.refused(in_chain(column, FIRST, MISSING), "bad_signature", because=ABSENT)
    doors.refused(in_chain(column, None, FIRST), "bad_signature", because=ABSENT)


@rule(
    "If any element of previousProof list has an id attribute that does not match the id attribute of any element of allProofs, an error "
    "MUST be raised and SHOULD convey an error type of PROOF_VERIFICATION_ERROR.",
    *CHAINS,
)
def test_one_of_several_previous_proofs_that_is_not_there(doors: Doors, column: Column) -> None:
    doors.refused(in_chain(column, FIRST, [MISSING]), "bad_signature", because=ABSENT)
    doors.refused(in_chain(column, FIRST, [FIRST, MISSING]), "bad_signature", because=ABSENT)


@rule(
    "Each value identifies another data integrity proof, all of which MUST also verify for the current proof to be considered verified",
    *CHAINS,
)
def test_a_previous_proof_that_does_not_verify(doors: Doors, column: Column) -> None:
    credential = in_chain(column, FIRST, FIRST)
    first, second = credential["proof"]
    doors.refused({**credential, "proof": [broken(first), second]}, "bad_signature")
    doors.refused({**credential, "proof": [second]}, "bad_signature", because=ABSENT)
    doors.refused({**credential, "proof": [first, {**second, "previousProof": 456321}]}, "bad_proof")
