"""The reader's sources of revocation ask the make-believe JPKI over http on loopback; of other generations of its name nothing is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography import x509

from common.adapters.http import GuardedFetch
from common.x509.crl import CrlSource
from common.x509.ocsp import OcspSource
from common.x509.revocation import Standing
from examples.cards.my_number.jpki_authority import JpkiAuthority, Leaf, Purpose
from examples.cards.my_number.revocation import Mood, OcspResponder, build_crl, serving
from examples.cards.people import PEOPLE
from tests.cards.my_number_world import NOW, authorities

AT = int(NOW.timestamp())


def issued() -> tuple[JpkiAuthority, Leaf]:
    authority = authorities().jpki(Purpose.SIGNATURE)
    return authority, authority.issue(authorities().keys.rsa("signature hanako"), person=PEOPLE["hanako"])


@pytest.fixture(scope="module")
def fetch() -> Iterator[GuardedFetch]:
    with GuardedFetch(sandbox=True) as guarded:
        yield guarded


@pytest.mark.parametrize("mood", [Mood.HONEST, Mood.DELEGATE])
def test_a_responder_that_revokes_and_one_that_does_not_know(fetch: GuardedFetch, mood: Mood) -> None:
    authority, leaf = issued()
    authority.revoke(leaf.serial, reason=x509.ReasonFlags.key_compromise, days_ago=3)
    _, other = issued()
    authority.issued.discard(other.serial)
    with serving(OcspResponder(authority, keys=authorities().keys, mood=mood)) as address:
        source = OcspSource(fetch, address)
        revoked = source.status(leaf=leaf.der, issuer=authority.der, now=AT)
        unknown = source.status(leaf=other.der, issuer=authority.der, now=AT)
    assert (revoked.standing, revoked.reason, revoked.revoked_at) == (Standing.REVOKED, "keyCompromise", AT - 3 * 86400)
    assert (unknown.standing, unknown.reason) == (Standing.UNKNOWN, "ocsp_unknown")


def test_a_responder_of_another_generation_answers_nothing(fetch: GuardedFetch) -> None:
    authority, leaf = issued()
    older = authorities().jpki(Purpose.SIGNATURE, 2)
    with serving(OcspResponder(older, keys=authorities().keys)) as address:
        status = OcspSource(fetch, address).status(leaf=leaf.der, issuer=authority.der, now=AT)
    assert (status.standing, status.reason) == (Standing.UNKNOWN, "ocsp_refused")


@pytest.mark.parametrize(
    ("made", "standing", "reason"),
    [
        ({}, Standing.GOOD, ""),
        ({"hours": 0}, Standing.UNKNOWN, "crl_stale"),
        ({"hours_ago": -5}, Standing.UNKNOWN, "crl_not_yet_valid"),
    ],
    ids=["in-force", "stale", "not-yet"],
)
def test_a_list(made: dict[str, int], standing: Standing, reason: str) -> None:
    authority, leaf = issued()
    crl = build_crl(authority, **made)
    status = CrlSource(lambda: [crl]).status(leaf=leaf.der, issuer=authority.der, now=AT)
    assert (status.standing, status.reason) == (standing, reason)


def test_a_list_that_revokes(fetch: GuardedFetch) -> None:
    authority, leaf = issued()
    authority.revoke(leaf.serial, days_ago=2)
    with serving(OcspResponder(authority, keys=authorities().keys)) as address:
        crl = fetch.get(f"{address}/crl").body
    status = CrlSource(lambda: [crl]).status(leaf=leaf.der, issuer=authority.der, now=AT)
    assert (status.standing, status.reason) == (Standing.REVOKED, "affiliationChanged")
    assert status.revoked_at == AT - 2 * 86400


def test_a_list_of_another_generation_says_nothing() -> None:
    authority, leaf = issued()
    crl = build_crl(authorities().jpki(Purpose.SIGNATURE, 2))
    status = CrlSource(lambda: [crl]).status(leaf=leaf.der, issuer=authority.der, now=AT)
    assert status.standing is Standing.UNKNOWN
