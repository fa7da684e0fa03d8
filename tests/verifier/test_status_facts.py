"""Gathering the status of a credential that stands in several Bitstring Status Lists: every one is asked, the worst decides."""

from __future__ import annotations

import pytest

from common.did.resolve import Resolver
from common.formats.credential import CredentialContent, IssuerKeyHint, StatusReference, VerifiedCredential
from common.formats.registry import FORMATS
from common.formats.vcdm.holder_key import did_of_holder
from common.jose.jwk import parse_public_jwk
from common.keys.software import SoftwareKey
from common.status.contract import REVOKED, SUSPENDED, ListIssuer, ListTimes, StatusTable
from common.status.registry import RENDERINGS
from common.trust.anchors import TrustAnchors, TrustedIssuer
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from verifier.checks.contract import StatusFact
from verifier.flows.gather_facts import FactGatherer

NOW = 1_790_000_000
KEY = SoftwareKey.generate(kid="0")
DID = did_of_holder(KEY.public_jwk())
BASE = "https://issuer.example/status/1"
TABLE = StatusTable(size=100, values={1: REVOKED, 2: SUSPENDED}, version=2, changed_at=NOW)


def credential(index: int, *purposes: str) -> VerifiedCredential:
    references = tuple(StatusReference(uri=f"{BASE}/{one}", index=index, purpose=one) for one in purposes)
    content = CredentialContent(
        type_name="enrolment",
        w3c_types=("EnrolmentCredential",),
        claims={"given_name": "花子"},
        issuer=DID,
        issued_at=NOW,
        holder_did=DID,
        status=references[0] if references else None,
        more_statuses=references[1:],
    )
    form = FORMATS["jwt_vc_json"]
    return form.verify(form.parse(form.issue(content, KEY)), parse_public_jwk(KEY.public_jwk()), now=NOW)


def gather(index: int, *purposes: str, published: tuple[str, ...] = ("revocation", "suspension")) -> StatusFact:
    lists = {
        f"{BASE}/{purpose}": RENDERINGS["bitstring_vc_jwt"].render(
            TABLE,
            uri=f"{BASE}/{purpose}",
            purpose=purpose,
            issuer=ListIssuer(id=DID, key_id=f"{DID}#0", signer=KEY),
            times=ListTimes(issued_at=NOW, expires_at=NOW + 600, ttl=60),
        )
        for purpose in published
    }
    fetch = FakeFetch(lists)
    gatherer = FactGatherer(
        fetch=fetch,
        resolver=Resolver(fetch, FixedClock(NOW)),
        anchors=TrustAnchors(
            roots=(), issuers=(TrustedIssuer(identifier=DID, types=frozenset({"EnrolmentCredential"})),)
        ),
        sandbox=True,
        status_cache_seconds=60,
    )
    hint = IssuerKeyHint(format="jwt_vc_json", iss=DID, kid=f"{DID}#0", x5c=(), alg="ES256")
    sought = gatherer.seek_key(hint, now=NOW)
    proven = credential(index, *purposes)
    return gatherer.status_fact(sought, proven, gatherer.issuer_fact(sought, proven), now=NOW)


@pytest.mark.parametrize(
    ("index", "value"),
    [(0, 0), (1, 1), (2, 2)],
)
def test_the_worst_of_several_lists_decides(index: int, value: int) -> None:
    for purposes in (("revocation", "suspension"), ("suspension", "revocation")):
        fact = gather(index, *purposes)
        assert (fact.listed, fact.value, fact.as_of, fact.reason) == (True, value, NOW, "")


def test_a_list_that_does_not_answer_is_not_made_good_by_the_other() -> None:
    missing = gather(0, "revocation", "suspension", published=("revocation",))
    assert (missing.listed, missing.value, missing.reason) == (True, None, "status_unreachable")
    fallen = gather(1, "suspension", "revocation", published=("revocation",))
    assert fallen.value == 1


def test_a_credential_without_status() -> None:
    assert gather(0) == StatusFact(listed=False)
