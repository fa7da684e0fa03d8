"""A key in strange hands: it falls at once, issuing goes on, and verifiers believe only what is proven to be older."""

from __future__ import annotations

import pytest

from common.did.contract import Resolved
from common.did.document import find_key
from common.did.history import find_key_with_history
from common.did.resolve import Resolver
from common.errors import Malformed, NotFound, Rejected
from common.formats.registry import FORMATS
from common.keys.history import verify_key_time
from common.status.token_status_list import parse_status_list_token
from common.trust.anchors import TrustAnchors
from common.trust.issuer_key import FoundKey, IssuerKeyFinder
from issuer.flows.change_keys import advance_keys, declare_compromised, rotate_key
from issuer.settings import DAY
from issuer.store.tables import Credential
from tests.fakes.fetch import FakeFetch
from tests.issuer.school import BASE, TENANT, School
from tests.issuer.signing import issue, key_set, kid_of, states

OVERLAP = 3600


def test_a_compromised_key_falls_and_issuing_goes_on(any_school: School) -> None:
    school, clock = any_school, any_school.clock
    text = issue(school)
    (old,) = states(school)
    listed = school.client.get(f"/{TENANT}/status/{Credential.get(Credential.tenant == TENANT).list_id}")
    clock.advance(DAY)
    since = clock.now() - 3600
    done = declare_compromised(school.desk, TENANT, old, since=since, actor="test")
    assert (done.credentials, done.compromised_since) == (1, since)
    assert states(school) == {done.successor: "active", old: "compromised"}
    assert {key["kid"] for key in key_set(school)} == {done.successor}
    assert kid_of(issue(school)) == done.successor
    document = school.client.get(f"/{TENANT}/did.json").json()
    url = f"{document['id']}#{old}"
    with pytest.raises(Rejected):
        find_key(document, url, "assertionMethod")
    entry = find_key_with_history(Resolved(document=document), url, "assertionMethod").entry
    assert entry.compromised_since == since
    metadata = school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}").json()
    (historical,) = metadata["historical_keys"]["keys"]
    assert (historical["kid"], historical["revoked"]) == (kid_of(text), {"revoked_at": since, "reason": "compromised"})
    again = school.client.get(listed.request.url.path)
    assert parse_status_list_token(again.text).header["kid"] == done.successor, "lists too are signed anew at once"
    assert again.headers["etag"] != listed.headers["etag"]
    # said again: the earliest time counts, and nothing else is made
    later = declare_compromised(school.desk, TENANT, old, since=clock.now(), actor="test")
    earlier = declare_compromised(school.desk, TENANT, old, since=since - 5, actor="test")
    assert (later.compromised_since, earlier.compromised_since, later.successor) == (since, since - 5, "")
    assert len(states(school)) == 2


def test_the_published_successor_takes_over(school: School) -> None:
    (old,) = states(school)
    published = rotate_key(school.desk, TENANT, overlap=OVERLAP, actor="test")
    done = declare_compromised(school.desk, TENANT, old, since=school.clock.now(), actor="test")
    assert done.successor == published.kid
    assert advance_keys(school.desk, TENANT) == 0
    third = rotate_key(school.desk, TENANT, overlap=OVERLAP, actor="test")
    fallen = declare_compromised(school.desk, TENANT, third.kid, since=school.clock.now(), actor="test")
    assert fallen.successor == ""
    assert kid_of(issue(school)) == published.kid
    for kid, since, kind in (
        ("nobody", school.clock.now(), NotFound),
        (published.kid, school.clock.now() + 1, Malformed),
        (published.kid, 0, Malformed),
    ):
        with pytest.raises(kind):
            declare_compromised(school.desk, TENANT, kid, since=since, actor="test")


def test_what_verifiers_believe_of_a_key(school: School) -> None:
    """Our own finder over what the issuer publishes, both ways: rotated in good order, and compromised."""
    clock, fetch = school.clock, FakeFetch({})

    def find(text: str, *, proven_before: int | None = None) -> FoundKey:
        for path in (f"/.well-known/jwt-vc-issuer/{TENANT}", f"/{TENANT}/did.json"):
            fetch.pages[f"{BASE}{path}"] = school.client.get(path).content
        resolver = Resolver(fetch, clock, sandbox=True)
        form = FORMATS["jwt_vc_json" if "~" not in text else "dc+sd-jwt"]
        hint = form.parse(text).issuer_key_hint
        finder = IssuerKeyFinder(fetch, resolver, TrustAnchors(roots=(), issuers=()))
        found = finder.find(hint, now=clock.now())
        verify_key_time(found.history, claimed=clock.now(), proven_before=proven_before, now=clock.now())
        return found

    texts = [issue(school), issue(school, "enrolment_w3c_jwt")]
    (old,) = states(school)
    rotate_key(school.desk, TENANT, overlap=0, actor="test")
    for text in texts:
        assert find(text).key.kid == old
    clock.advance(DAY)
    declare_compromised(school.desk, TENANT, old, since=clock.now(), actor="test")
    for text in texts:
        with pytest.raises(Rejected, match="key_compromised"):
            find(text)
        assert find(text, proven_before=clock.now() - 1).history.compromised_since == clock.now()
    for configuration in ("enrolment_sd_jwt", "enrolment_w3c_jwt"):
        find(issue(school, configuration))
