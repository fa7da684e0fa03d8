"""What an institution publishes, read with the other side's own functions; and the catalogue's samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from common.did.document import check_document
from common.formats.data_integrity.plain_contexts import check_plain_contexts
from common.formats.sd_jwt_vc.type_metadata import parse_type_metadata
from common.oauth.authorization_server_metadata import parse_authorization_server_metadata
from common.oid4vci.issuer_metadata import parse_issuer_metadata
from common.trust.issuer_metadata import parse_issuer_metadata as parse_keys
from issuer.catalogue.configurations import CONFIGURATIONS
from issuer.catalogue.contract import CredentialType, Disclosure
from issuer.catalogue.registry import CATALOGUE
from issuer.catalogue.terms import OF_BASE_CONTEXT, SAME_AS
from issuer.flows.person_facts import today_of
from tests.issuer.school import BASE, TENANT, School

ISSUER = f"{BASE}/{TENANT}"


def test_issuer_metadata(school: School) -> None:
    answer = school.client.get(f"/.well-known/openid-credential-issuer/{TENANT}")
    found = parse_issuer_metadata(answer.content, credential_issuer=ISSUER)
    without_iaca = [one for one in CONFIGURATIONS if one.format != "mso_mdoc"]
    assert tuple(found.configurations) == tuple(one.id for one in without_iaca if one.type.source == "roll")
    assert found.batch_size == 10
    assert {one.locale for one in found.display} == {"ja", "en"}
    enrolment = found.configurations["enrolment_sd_jwt"]
    assert enrolment.vct == f"{BASE}/types/enrolment"
    assert ("age_equal_or_over", "18") in {claim.path for claim in enrolment.claims}
    w3c = found.configurations["enrolment_w3c_jwt"]
    assert w3c.types == ("VerifiableCredential", "EnrolmentCredential")
    assert ("credentialSubject", "birthdate") not in {claim.path for claim in w3c.claims}
    embedded = found.configurations["enrolment_w3c_di"]
    assert embedded.signing_algs == ("eddsa-rdfc-2022",)
    assert embedded.contexts[0] == "https://www.w3.org/ns/credentials/v2"


def test_server_metadata(school: School) -> None:
    answer = school.client.get(f"/.well-known/oauth-authorization-server/{TENANT}")
    found = parse_authorization_server_metadata(answer.content, issuer=ISSUER)
    assert found.token_endpoint == f"{ISSUER}/token"
    assert found.anonymous_pre_authorized


def test_keys_and_did(school: School) -> None:
    keys = parse_keys(school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}").content, issuer=ISSUER)
    assert [key["alg"] for key in keys] == ["ES256", "EdDSA"]
    did = f"did:web:localhost%3A8101:{TENANT}"
    document = school.client.get(f"/{TENANT}/did.json").json()
    check_document(document, did=did)
    assert document["alsoKnownAs"] == [ISSUER]
    assert document["verificationMethod"][0]["id"].startswith(f"{did}#")


def iris_of(terms: dict[str, Any]) -> Iterator[str]:
    """What the names of a context stand for, at any depth."""
    for definition in terms.values():
        if isinstance(definition, str):
            yield definition
        elif isinstance(definition, dict):
            yield from iris_of(definition)


@pytest.mark.parametrize("kind", [one for one in CATALOGUE if one.model is None], ids=lambda kind: kind.name)
def test_types_and_contexts(school: School, kind: CredentialType) -> None:
    vct = f"{BASE}/types/{kind.name}"
    found = parse_type_metadata(school.client.get(f"/types/{kind.name}").content, vct=vct)
    described = kind.claims[-1]
    assert found.label(described.path, "ja") == described.ja
    assert found.names["en"] == kind.title["en"]
    context = school.client.get(f"/types/{kind.name}/context.jsonld")
    assert context.headers["content-type"] == "application/ld+json"
    terms = context.json()["@context"]
    for claim in kind.claims:
        if claim.disclosure is not Disclosure.HIDEABLE_ONLY:
            assert (claim.path[0] in terms) is (claim.path[0] not in OF_BASE_CONTEXT)
    assert terms[kind.w3c_type] == f"{school.desk.addresses.vct_base}/terms/{kind.w3c_type}"
    assert terms["issuing_authority"] == f"{school.desk.addresses.vct_base}/terms/issuing_authority"
    assert ("ChipEvidence" in terms) is (kind.source == "card")
    check_plain_contexts({"@context": terms})  # else no verifier may read what is secured with Data Integrity under it
    same = {one["@id"]: one[SAME_AS]["@id"] for one in context.json()["@graph"]}
    if "family_name" in terms:
        assert same[terms["family_name"]] == "https://schema.org/familyName"
    assert same.keys() <= set(iris_of(terms))


@pytest.mark.parametrize("kind", list(CATALOGUE), ids=lambda kind: kind.name)
def test_the_sample_states_exactly_the_described_claims(school: School, kind: CredentialType) -> None:
    assert kind.entitled(kind.sample)
    claims = kind.build(kind.sample, "桜川大学", today_of(school.clock.now()))
    assert set(claims) == {claim.path[0] for claim in kind.claims}
    assert all(claim.source and claim.ja and claim.en for claim in kind.claims)


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-credential-issuer/nobody",
        "/nobody/did.json",
        "/types/diploma",
        "/types/graduation_badge",
        "/nobody/status/x",
    ],
)
def test_nobody_here(school: School, path: str) -> None:
    answer = school.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_health(school: School) -> None:
    assert school.client.get("/health/live").json() == {"status": "alive"}
    assert school.client.get("/health/ready").json()["checks"] == {"database": True, "migrations": True}
