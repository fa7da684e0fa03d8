"""What a verified credential says, and what is refused: VC Data Integrity 1.0 §2.1, §4.4; VCDM 2.0 §4, §5; VCDM 1.1."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from types import MappingProxyType
from typing import Any

import pytest

from common.encoding import b64url_encode
from common.errors import Malformed, Rejected, Unsupported
from common.formats.credential import StatusReference
from common.formats.data_integrity.issue import add_proof, write_options
from common.formats.data_integrity.policy import Policy, Profile, Unknown
from common.formats.data_integrity.verification_methods import VerificationMethods
from common.formats.data_integrity.verify import verify_credential
from common.formats.vcdm.typed_objects import SchemaReference
from common.keys.software import SoftwareKey
from common.proofs.contexts.store import PINNED
from common.proofs.suites.registry import SUITES as CRYPTOSUITES
from tests.common.formats.data_integrity.cast import (
    DI,
    HOLDER,
    ISSUER,
    NOW,
    OTHER,
    P256,
    SUITE_KEYS,
    V1,
    V2,
    check,
    credential,
    did_of,
    options,
    signed,
    url_of,
)

PROOF_ONLY = Policy(profile=Profile.PROOF_ONLY)
SUITES = pytest.mark.parametrize(("suite", "key"), SUITE_KEYS, ids=lambda value: getattr(value, "alg", value))


@SUITES
def test_issued_and_verified(suite: str, key: SoftwareKey) -> None:
    found = check(signed(key=key, cryptosuite=suite))
    assert found.credential.issuer == did_of(key)
    assert found.credential.subject == {"motto": "学而時習之"}
    assert found.credential.holder_did == did_of(HOLDER)
    assert found.credential.holder_jwk is not None
    assert found.credential.holder_jwk["x"] == HOLDER.public_jwk()["x"]
    assert found.credential.claims == credential(key)
    assert found.credential.issued_at == NOW - 60
    assert found.credential.valid_until == 1798729200
    assert found.proofs[0].proof.cryptosuite == suite


def test_types_are_addresses_where_addresses_are_signed() -> None:
    assert check(signed()).credential.types == ("https://school.example/terms#EnrolmentCredential",)
    assert check(signed(cryptosuite="eddsa-jcs-2022")).credential.types == ("EnrolmentCredential",)


def test_the_suite_follows_the_signer() -> None:
    assert signed()["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert signed(key=P256)["proof"]["cryptosuite"] == "ecdsa-rdfc-2019"


# Proofs


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"type": "Ed25519Signature2020"}, Malformed, "bad_proof"),
        ({"type": None}, Malformed, "bad_proof"),
        ({"type": ["DataIntegrityProof"]}, Malformed, "bad_proof"),
        ({"cryptosuite": "eddsa-2000"}, Unsupported, "unknown_cryptosuite"),
        ({"cryptosuite": None}, Malformed, "bad_proof"),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, Rejected, "algorithm_not_allowed"),
        ({"proofPurpose": None}, Malformed, "bad_proof"),
        ({"proofPurpose": "authentication"}, Rejected, "wrong_type"),
        ({"proofPurpose": "keyAgreement"}, Rejected, "wrong_type"),
        ({"verificationMethod": None}, Malformed, "bad_proof"),
        ({"verificationMethod": "no url"}, Malformed, "bad_proof"),
        ({"verificationMethod": {"id": "did:example:1#k"}}, Malformed, "bad_proof"),
        ({"verificationMethod": did_of(ISSUER)}, Malformed, "bad_verification_method"),
        ({"verificationMethod": did_of(ISSUER) + "#key-1"}, Malformed, "bad_verification_method"),
        ({"verificationMethod": "did:web:school.example#key-1"}, Rejected, "untrusted_key"),
        ({"verificationMethod": "https://school.example/issuer#key-1"}, Rejected, "untrusted_key"),
        ({"verificationMethod": url_of(OTHER)}, Rejected, "bad_signature"),
        ({"proofValue": None}, Malformed, "bad_proof"),
        ({"proofValue": "u" + "A" * 86}, Malformed, "bad_proof_value"),
        ({"created": "yesterday"}, Malformed, "bad_time"),
        ({"created": 1_790_000_000}, Malformed, "bad_time"),
        ({"created": "2026-09-21T15:00:00Z"}, Rejected, "not_yet_valid"),
        ({"expires": "2026-09-21T14:00:00Z"}, Rejected, "expired"),
        ({"expires": "soon"}, Malformed, "bad_time"),
        ({"id": "no url"}, Malformed, "bad_proof"),
        ({"domain": 5}, Malformed, "bad_proof"),
        ({"domain": []}, Malformed, "bad_proof"),
        ({"challenge": 5}, Malformed, "bad_proof"),
        ({"nonce": ["n"]}, Malformed, "bad_proof"),
    ],
)
def test_proofs_that_are_refused(suite: str, change: dict[str, Any], error: type[Exception], match: str) -> None:
    document = signed(cryptosuite=suite)
    proof = {name: value for name, value in {**document["proof"], **change}.items() if value is not None}
    with pytest.raises(error, match=match):
        check({**document, "proof": proof})


@pytest.mark.parametrize("proof", [None, "text", 5, [], [[]], {}, [None]])
def test_no_proof(proof: object) -> None:
    with pytest.raises(Malformed, match="bad_proof"):
        check({**credential(), "proof": proof})
    with pytest.raises(Malformed, match="bad_proof"):
        check(credential())


def test_times_of_a_proof() -> None:
    check(signed(expires=NOW + 10))
    check(signed(created=NOW + 30))
    with pytest.raises(Rejected, match="expired"):
        check(signed(expires=NOW - 60))
    with pytest.raises(Rejected, match="not_yet_valid"):
        check(signed(created=NOW + 61))


def test_a_time_without_zone_is_utc() -> None:
    """§2.1 allows to read what others wrote wrongly; the signature is over what they wrote."""
    for member in ("created", "expires"):
        wrong = {**write_options(options(), "eddsa-rdfc-2022"), member: "2026-09-21T14:13:20"}
        proof = CRYPTOSUITES["eddsa-rdfc-2022"].create_proof(credential(), wrong, ISSUER)
        found = check({**credential(), "proof": proof}, now=NOW).proofs[0].proof
        assert getattr(found, member) == NOW


def test_domain_and_challenge() -> None:
    document = signed(domain="school.example", challenge="c-1")
    check(document)
    check(document, domain="school.example", challenge="c-1")
    check(signed(domain=["a.example", "b.example"]), domain={"b.example", "a.example"})
    for asked in ("other.example", {"school.example", "other.example"}, ()):
        with pytest.raises(Rejected, match="wrong_audience"):
            check(document, domain=asked)
    with pytest.raises(Rejected, match="wrong_audience"):
        check(signed(domain=["a.example", "b.example"]), domain="a.example")
    with pytest.raises(Rejected, match="wrong_nonce"):
        check(document, challenge="c-2")
    for bare in ({"domain": "school.example"}, {"challenge": "c-1"}):
        with pytest.raises(Rejected):
            check(signed(), **bare)


# Names that are not signed


def test_inline_terms_cannot_change_places() -> None:
    """The quads stay the same when two terms and two members change places, so the signature holds; the reader would be deceived."""
    terms = {name: f"https://school.example/terms#{name}" for name in ("EnrolmentCredential", "passed", "enrolled")}
    subject = {"id": did_of(HOLDER), "passed": False, "enrolled": True}
    document = signed(credential(credentialSubject=subject) | {"@context": [V2, terms]})
    assert check(document).credential.subject == {"passed": False, "enrolled": True}
    swapped = {**terms, "passed": terms["enrolled"], "enrolled": terms["passed"]}
    deceiving = {
        **document,
        "@context": [V2, swapped],
        "credentialSubject": {"id": did_of(HOLDER), "enrolled": False, "passed": True},
    }
    assert check(deceiving, policy=PROOF_ONLY).credential.subject["passed"] is True
    with pytest.raises(Rejected, match="no proof covers that"):
        check(deceiving)


# Document


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_validity(suite: str) -> None:
    document = signed(cryptosuite=suite)
    with pytest.raises(Rejected, match="expired"):
        check(document, now=1798729200 + 60)
    with pytest.raises(Rejected, match="not_yet_valid"):
        check(document, now=1767225600 - 61)


def test_rules_of_the_document_come_first() -> None:
    document = signed()
    for change in (
        {"issuer": "text"},
        {"credentialSubject": {}},
        {"type": ["EnrolmentCredential"]},
        {"@context": [DI]},
        {"relatedResource": ["https://www.w3.org/ns/credentials/v2"]},
        {"credentialSchema": {"id": "https://school.example/schema"}},
    ):
        with pytest.raises(Malformed):
            check({**document, **change})


def test_several_subjects() -> None:
    subjects = [{"id": did_of(HOLDER), "motto": "学"}, {"motto": "習"}]
    found = check(signed(credential(credentialSubject=subjects))).credential
    assert (found.subject, found.holder_did, found.claims["credentialSubject"]) == ({}, None, subjects)


def test_statuses() -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "42",
        "statusListCredential": "https://school.example/status/1",
    }
    found = check(signed(credential(credentialStatus=[entry, {**entry, "statusPurpose": "suspension"}]))).credential
    uri = "https://school.example/status/1"
    assert found.statuses == tuple(StatusReference(uri=uri, index=42, purpose=p) for p in ("revocation", "suspension"))
    assert found.status == found.statuses[0]
    with pytest.raises(Rejected, match="status_unknown"):
        check(signed(credential(credentialStatus={"type": "https://school.example/terms#Ours"})))


V2_BYTES = PINNED.read_bytes(V2)


@pytest.mark.parametrize(
    ("digest", "ok"),
    [
        ({"digestSRI": "sha384-" + b64encode(hashlib.sha384(V2_BYTES).digest()).decode()}, True),
        ({"digestMultibase": "u" + b64url_encode(hashlib.sha256(V2_BYTES).digest())}, True),
        ({"digestMultibase": "u" + b64url_encode(b"\x12\x20" + hashlib.sha256(V2_BYTES).digest())}, True),
        ({"digestSRI": "sha256-" + b64encode(hashlib.sha256(b"other").digest()).decode()}, False),
        ({"digestMultibase": "u" + b64url_encode(hashlib.sha256(b"other").digest())}, False),
    ],
)
def test_related_resources(digest: dict[str, str], ok: bool) -> None:
    document = credential(relatedResource={"id": V2, **digest})
    if ok:
        assert check(signed(document)).unchecked_resources == ()
        return
    with pytest.raises(Rejected, match="related resource"):
        signed(document)
    with pytest.raises(Rejected, match="related resource"):
        check(add_proof(document, ISSUER, options()))


def test_resources_that_are_not_held_here() -> None:
    digest = {"digestMultibase": "u" + b64url_encode(hashlib.sha256(b"held").digest())}
    address = "https://school.example/syllabus.pdf"
    document = signed(credential(relatedResource={"id": address, **digest}))
    assert check(document).unchecked_resources == (address,)
    with pytest.raises(Rejected, match="request_not_met"):
        check(document, policy=Policy(unknown=Unknown.REFUSED))
    held = Policy(unknown=Unknown.REFUSED, contents={address: b"held"}.get)
    assert check(document, policy=held).unchecked_resources == ()
    with pytest.raises(Rejected, match="bad_signature"):
        check(document, policy=Policy(contents={address: b"changed"}.get))


def test_schemas() -> None:
    schema = {"id": "https://school.example/schema", "type": "JsonSchema"}
    document = signed(credential(credentialSchema=schema))
    assert check(document).unchecked_schemas == ("https://school.example/schema",)
    with pytest.raises(Rejected, match="request_not_met"):
        check(document, policy=Policy(unknown=Unknown.REFUSED))

    def checker(reference: SchemaReference, claims: Any) -> bool:
        assert reference.types == ("JsonSchema",)
        if "motto" not in claims["credentialSubject"]:
            raise Malformed("schema_not_kept", "no motto")
        return True

    assert check(document, policy=Policy(unknown=Unknown.REFUSED, check_schema=checker)).unchecked_schemas == ()
    with pytest.raises(Malformed, match="schema_not_kept"):
        check(
            signed(credential(credentialSchema=schema, credentialSubject={"id": did_of(HOLDER)})),
            policy=Policy(check_schema=checker),
        )


def version_1(**change: Any) -> dict[str, Any]:
    document = credential(validFrom=None, validUntil=None, issuanceDate="2026-01-01T00:00:00Z")
    return {**document, "@context": [V1, DI, *document["@context"][1:]], **change}


def test_version_1_1() -> None:
    found = check(add_proof(version_1(expirationDate="2027-01-01T00:00:00Z"), ISSUER, options())).credential
    assert (found.valid_from, found.valid_until) == (1767225600, 1798761600)
    with pytest.raises(Rejected, match="expired"):
        check(add_proof(version_1(expirationDate="2026-02-01T00:00:00Z"), ISSUER, options()))
    without = {name: value for name, value in version_1().items() if name != "issuanceDate"}
    with pytest.raises(Malformed, match="issuanceDate"):
        check(add_proof(without, ISSUER, options()))


def test_a_mapping_is_enough() -> None:
    found = verify_credential(MappingProxyType(signed()), methods=VerificationMethods(), now=NOW)
    assert found.credential.credential_id == "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"
