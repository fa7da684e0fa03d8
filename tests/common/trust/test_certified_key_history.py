"""A key that its issuer declared compromised is not revived by a certificate that still vouches for it."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from common.did.resolve import Resolver
from common.errors import Rejected, Unavailable
from common.formats.credential import IssuerKeyHint
from common.keys.history import UNRECORDED, KeyEntry
from common.keys.software import SoftwareKey
from common.ports import Fetched
from common.trust.anchors import KEY_PATHS, TrustAnchors, TrustedIssuer
from common.trust.issuer_key import FoundKey, IssuerKeyFinder
from common.trust.issuer_metadata import build_issuer_metadata
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from common.x509.sandbox_iaca import issue_document_signer, make_iaca
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

NOW, T = 1_790_000_000, 1_780_000_000
ISSUER = "https://issuer.example/sakuragawa"
ADDRESS = "https://issuer.example/.well-known/jwt-vc-issuer/sakuragawa"
OLD, NEW = SoftwareKey.generate(kid="old"), SoftwareKey.generate(kid="new")
CA = make_ca("Root of a ministry", now=NOW)
IACA = make_iaca("Authority", country="JP", address="https://authority.example", now=NOW)
PUBLIC = OLD.private_key().public_key()
CHAIN = issue_leaf(CA, PUBLIC, name="桜川大学", use=Use.ISSUER, now=NOW, uris=(ISSUER,)).x5c
SIGNER = issue_document_signer(IACA, PUBLIC, name="桜川大学", address=ISSUER, now=NOW).x5c
BY_CHAIN = IssuerKeyHint(format="dc+sd-jwt", iss=ISSUER, kid=None, x5c=CHAIN, alg="ES256")
BY_SIGNER = IssuerKeyHint(format="mso_mdoc", iss=None, kid=None, x5c=SIGNER, alg="ES256")
BOTH = pytest.mark.parametrize("hint", [BY_CHAIN, BY_SIGNER], ids=["x5c", "document signer"])


def metadata(*keys: SoftwareKey, **life: int) -> bytes:
    history = {"old": KeyEntry(key_id="old", **life)}
    return json.dumps(build_issuer_metadata(ISSUER, [key.public_jwk() for key in keys], history)).encode()


def finder(page: Any, *, key_paths: Any = KEY_PATHS) -> IssuerKeyFinder:
    fetch = FakeFetch({} if page is None else {ADDRESS: page})
    issuer = TrustedIssuer(identifier=ISSUER, types=frozenset({"T"}), key_paths=frozenset(key_paths))
    anchors = TrustAnchors(roots=(CA.certificate, IACA.certificate), issuers=(issuer,))
    return IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), anchors)


def find(hint: IssuerKeyHint, page: Any, **how: Any) -> FoundKey:
    return finder(page, **how).find(hint, now=NOW)


@BOTH
def test_the_issuer_has_the_last_word(hint: IssuerKeyHint) -> None:
    found = find(hint, metadata(NEW, OLD, compromised_since=T))
    assert (found.path, found.history.compromised_since, found.history_unknown) == ("x5c", T, "")
    with pytest.raises(Rejected) as error:
        finder(metadata(NEW, OLD, compromised_since=T)).key(hint, NOW)
    assert error.value.reason == "key_compromised"


@BOTH
def test_the_name_of_the_key_does_not_matter(hint: IssuerKeyHint) -> None:
    """Found by thumbprint: certificates know no kid, and a thief would write another."""
    page = json.loads(metadata(NEW, OLD, compromised_since=T))
    page["historical_keys"]["keys"][0]["kid"] = "called otherwise"
    assert find(replace(hint, kid="new"), json.dumps(page).encode()).history.compromised_since == T


@BOTH
def test_sound_and_revoked_counts_as_revoked(hint: IssuerKeyHint) -> None:
    page = json.loads(metadata(NEW, OLD, compromised_since=T))
    page["jwks"]["keys"].append(OLD.public_jwk())
    assert find(hint, json.dumps(page).encode()).history.compromised_since == T


@BOTH
def test_rotated_out_in_good_order(hint: IssuerKeyHint) -> None:
    assert find(hint, metadata(NEW, OLD, retired_at=T)).history.retired_at == T


@BOTH
@pytest.mark.parametrize("page", [metadata(NEW), Fetched(url=ADDRESS, status=404), Fetched(url=ADDRESS, status=410)])
def test_nothing_is_said_of_it(hint: IssuerKeyHint, page: Any) -> None:
    """Others' keys, or no metadata at all: the certificate vouches, as before."""
    found = find(hint, page)
    assert (found.history, found.history_unknown) == (UNRECORDED, "")
    assert finder(page).key(hint, NOW).thumbprint == found.key.thumbprint


AWAY = [
    None,
    Fetched(url=ADDRESS, status=503),
    b"<p>captive portal</p>",
    metadata(NEW).replace(b"sakuragawa", b"other"),
]


@BOTH
@pytest.mark.parametrize("page", AWAY, ids=["away", "error", "not metadata", "of another"])
def test_who_cannot_be_asked_leaves_it_open(hint: IssuerKeyHint, page: Any) -> None:
    """Not "no history": who cuts the line would else revive a stolen key."""
    found = find(hint, page)
    assert found.history == UNRECORDED
    assert found.history_unknown != ""
    with pytest.raises(Unavailable):
        finder(page).key(hint, NOW)


@BOTH
@pytest.mark.parametrize("page", AWAY, ids=["away", "error", "not metadata", "of another"])
def test_an_issuer_without_a_server_is_listed_as_such(hint: IssuerKeyHint, page: Any) -> None:
    found = find(hint, page, key_paths={"x5c"})
    assert (found.history, found.history_unknown) == (UNRECORDED, "")


@BOTH
def test_where_it_can_be_asked_a_narrow_entry_hides_nothing(hint: IssuerKeyHint) -> None:
    page = metadata(NEW, OLD, compromised_since=T)
    assert find(hint, page, key_paths={"x5c"}).history.compromised_since == T


def test_a_chain_that_is_remembered_does_not_keep_an_old_life() -> None:
    fetch = FakeFetch({ADDRESS: metadata(NEW, OLD)})
    keys = IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), TrustAnchors(roots=(CA.certificate,)))
    assert keys.find(BY_CHAIN, now=NOW).history.compromised_since is None
    fetch.pages[ADDRESS] = metadata(NEW, OLD, compromised_since=T)
    assert keys.find(BY_CHAIN, now=NOW + 301).history.compromised_since == T


def test_dates_that_are_none_leave_it_open() -> None:
    page = json.loads(metadata(NEW, OLD, compromised_since=T))
    page["historical_keys"]["keys"][0]["revoked"] = {"revoked_at": "yesterday"}
    assert find(BY_CHAIN, json.dumps(page).encode()).history_unknown == "bad_issuer_metadata"


def test_the_chains_are_what_they_seem() -> None:
    """Both certify the old key; the test would prove nothing otherwise."""
    for ca in (CA, IACA):
        assert b64encode(ca.certificate.public_bytes(Encoding.DER)).decode() not in (*CHAIN, *SIGNER)
    assert {find(hint, None).key.thumbprint for hint in (BY_CHAIN, BY_SIGNER)} == {
        find(replace(BY_CHAIN, x5c=(), kid="old"), metadata(OLD)).key.thumbprint
    }
