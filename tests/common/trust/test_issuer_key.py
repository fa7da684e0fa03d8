"""The three ways to an issuer's key, and every way to steer somebody to a wrong one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from common.did.document import build_document
from common.did.resolve import Resolver
from common.errors import Malformed, Rejected, TegataError, Unavailable
from common.formats.credential import IssuerKeyHint
from common.keys.software import SoftwareKey
from common.ports import Fetched
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.issuer_key import FoundKey, IssuerKeyFinder, find_issuer_key
from common.trust.issuer_metadata import build_issuer_metadata, metadata_address
from common.x509.sandbox_ca import Use, issue_leaf, make_ca
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch

NOW = 1_790_000_000
ISSUER = "https://issuer.example/sakuragawa"
ADDRESS = "https://issuer.example/.well-known/jwt-vc-issuer/sakuragawa"
DID = "did:web:issuer.example:sakuragawa"
DID_ADDRESS = "https://issuer.example/sakuragawa/did.json"
KEY, OTHER = SoftwareKey.generate(kid="k1"), SoftwareKey.generate(kid="k2")
CA = make_ca("Root of a ministry", now=NOW)
HINT = IssuerKeyHint(format="dc+sd-jwt", iss=ISSUER, kid="k1", x5c=(), alg="ES256")


def metadata(*keys: SoftwareKey, **changes: Any) -> bytes:
    return json.dumps({**build_issuer_metadata(ISSUER, [key.public_jwk() for key in keys]), **changes}).encode()


def leaf(
    *, uris: tuple[str, ...] = (), dns: tuple[str, ...] = (), key: SoftwareKey = KEY, days: int = 365
) -> tuple[str, ...]:
    public = key.private_key().public_key()
    return issue_leaf(CA, public, name="桜川大学", use=Use.ISSUER, now=NOW, uris=uris, dns_names=dns, days=days).x5c


def find(
    hint: IssuerKeyHint, fetch: FakeFetch | None = None, anchors: TrustAnchors | None = None, now: int = NOW
) -> FoundKey:
    fetch = fetch or FakeFetch()
    resolver = Resolver(fetch, FixedClock(now))
    return find_issuer_key(
        hint, fetch=fetch, resolver=resolver, anchors=anchors or TrustAnchors(roots=(CA.certificate,)), now=now
    )


def test_by_metadata() -> None:
    found = find(HINT, FakeFetch({ADDRESS: metadata(KEY, OTHER)}))
    found.key.verify(KEY.sign(b"x"), b"x")
    assert (found.path, found.issuer, found.evidence, found.fetched_at) == (
        "jwt_vc_issuer_metadata",
        ISSUER,
        ADDRESS,
        NOW,
    )


def test_by_metadata_with_a_key_set_elsewhere() -> None:
    keys = "https://keys.example/jwks"
    fetch = FakeFetch(
        {
            ADDRESS: json.dumps({"issuer": ISSUER, "jwks_uri": keys}).encode(),
            keys: json.dumps({"keys": [KEY.public_jwk()]}).encode(),
        }
    )
    assert find(HINT, fetch).key.kid == "k1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        metadata(KEY, issuer=ISSUER + "/"),
        metadata(KEY, issuer="https://evil.example"),
        metadata(KEY, jwks_uri="https://keys.example/jwks"),
        json.dumps({"issuer": ISSUER}).encode(),
        json.dumps({"issuer": ISSUER, "jwks_uri": 7}).encode(),
        json.dumps({"issuer": ISSUER, "jwks": []}).encode(),
        json.dumps({"issuer": ISSUER, "jwks": {"keys": [7]}}).encode(),
        json.dumps({"issuer": ISSUER, "jwks": {"keys": [{}] * 101}}).encode(),
        metadata(OTHER),
        metadata(KEY, jwks={"keys": [KEY.public_jwk(), {**OTHER.public_jwk(), "kid": "k1"}]}),
        metadata(KEY, jwks={"keys": [{**KEY.public_jwk(), "use": "enc"}]}),
        metadata(KEY, jwks={"keys": [KEY.private_jwk()]}),
        metadata(KEY, jwks={"keys": [{"kid": "k1", "kty": "oct", "k": "AA"}]}),
    ],
)
def test_metadata_that_gives_no_key(body: bytes) -> None:
    with pytest.raises((Malformed, Rejected)):
        find(HINT, FakeFetch({ADDRESS: body}))


@pytest.mark.parametrize(
    ("status", "error"), [(404, Rejected), (410, Rejected), (500, Unavailable), (302, Unavailable)]
)
def test_an_http_error_is_no_metadata(status: int, error: type[TegataError]) -> None:
    with pytest.raises(error):
        find(HINT, FakeFetch({ADDRESS: Fetched(url=ADDRESS, status=status, body=metadata(KEY))}))


def test_without_a_kid_the_only_key_is_meant() -> None:
    assert find(replace(HINT, kid=None), FakeFetch({ADDRESS: metadata(KEY)})).key.kid == "k1"
    with pytest.raises(Rejected):
        find(replace(HINT, kid=None), FakeFetch({ADDRESS: metadata(KEY, OTHER)}))


@pytest.mark.parametrize(
    ("issuer", "address"),
    [
        ("https://example.com", "https://example.com/.well-known/jwt-vc-issuer"),
        ("https://example.com/", "https://example.com/.well-known/jwt-vc-issuer"),
        ("https://example.com/tenant/1234", "https://example.com/.well-known/jwt-vc-issuer/tenant/1234"),
        ("https://example.com:8443/a/", "https://example.com:8443/.well-known/jwt-vc-issuer/a"),
        ("http://localhost:8101/a", "http://localhost:8101/.well-known/jwt-vc-issuer/a"),
    ],
)
def test_where_metadata_stands(issuer: str, address: str) -> None:
    assert metadata_address(issuer) == address


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "example.com",
        "http://example.com",
        "ftp://example.com",
        "https://",
        "https://a.example?x=1",
        "https://a.example?",
        "https://a.example#",
        "https://user@a.example/",
        "https://issuer.example/saku\nragawa",
        "https://issuer.example/a b",
        "https://issuer.example\\@evil.example/",
        "https://a.example/../b",
        "https://a.example:99999/",
        "https://[::1",
        "https://例え.jp/",
        "urn:uuid:1",
    ],
)
def test_issuers_without_an_address(issuer: str) -> None:
    with pytest.raises(Malformed):
        find(replace(HINT, iss=issuer))


def test_keys_are_remembered_and_rotation_is_noticed() -> None:
    fetch = FakeFetch({ADDRESS: metadata(KEY)})
    finder = IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), TrustAnchors())
    for second in range(0, 60, 20):
        finder.find(HINT, now=NOW + second)
    assert len(fetch.requests) == 1
    fetch.pages[ADDRESS] = metadata(KEY, OTHER)
    finder.find(replace(HINT, kid="k2"), now=NOW + 60)
    assert len(fetch.requests) == 2
    for _ in range(3):
        with pytest.raises(Rejected):
            finder.find(replace(HINT, kid="k3"), now=NOW + 61)
    assert len(fetch.requests) == 2
    finder.find(HINT, now=NOW + 60 + 300)
    assert len(fetch.requests) == 3


def test_the_server_says_how_long_keys_hold() -> None:
    answer = Fetched(url=ADDRESS, status=200, headers={"cache-control": "max-age=999999"}, body=metadata(KEY))
    assert find(HINT, FakeFetch({ADDRESS: answer})).valid_until == NOW + 3600
    fetch = FakeFetch({ADDRESS: replace(answer, headers={"cache-control": "no-store"})})
    finder = IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), TrustAnchors())
    finder.find(HINT, now=NOW)
    finder.find(HINT, now=NOW)
    assert len(fetch.requests) == 2


def test_failures_are_not_asked_again_at_once() -> None:
    fetch = FakeFetch()
    finder = IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), TrustAnchors())
    for _ in range(3):
        with pytest.raises(Unavailable):
            finder.find(HINT, now=NOW)
    assert len(fetch.requests) == 1


def test_by_certificate_for_this_very_issuer() -> None:
    fetch = FakeFetch()
    found = find(replace(HINT, x5c=leaf(uris=(ISSUER,))), fetch)
    found.key.verify(KEY.sign(b"x"), b"x")
    assert (found.path, found.issuer, found.valid_until) == ("x5c", ISSUER, NOW + 300)
    assert "Root of a ministry" in found.evidence
    assert fetch.requests == [("GET", ADDRESS)], "only what the issuer itself says of the key's life is asked for"


def test_by_certificate_for_the_host() -> None:
    assert find(replace(HINT, x5c=leaf(dns=("issuer.example",)))).issuer == ISSUER


def test_a_certificate_alone_names_the_issuer() -> None:
    assert find(replace(HINT, iss=None, x5c=leaf(uris=(ISSUER,)))).issuer == ISSUER
    assert find(replace(HINT, iss=None, x5c=leaf(dns=("issuer.example",)))).issuer == "https://issuer.example"
    with pytest.raises(Rejected):
        find(replace(HINT, iss=None, x5c=leaf(uris=(ISSUER, "https://issuer.example/other"))))


@pytest.mark.parametrize(
    "x5c",
    [
        leaf(uris=("https://issuer.example/other",)),
        leaf(uris=("https://issuer.example/other",), dns=("issuer.example",)),
        leaf(dns=("evil.example",)),
        leaf(dns=("sub.issuer.example",)),
        ("AAAA",),
    ],
)
def test_a_certificate_for_somebody_else(x5c: tuple[str, ...]) -> None:
    """Nor does a good key in the metadata help: nothing falls back."""
    with pytest.raises((Rejected, Malformed)):
        find(replace(HINT, x5c=x5c), FakeFetch({ADDRESS: metadata(KEY)}))


def test_a_certificate_of_another_root_or_time() -> None:
    other = make_ca("Root of a ministry", now=NOW)
    hint = replace(HINT, x5c=leaf(uris=(ISSUER,), days=30))
    for anchors in (TrustAnchors(), TrustAnchors(roots=(other.certificate,))):
        with pytest.raises(Rejected) as error:
            find(hint, anchors=anchors)
        assert error.value.reason == "untrusted_key"
    with pytest.raises(Rejected) as error:
        find(hint, now=NOW + 31 * 86400)
    assert error.value.reason == "expired"


def test_a_remembered_chain_is_not_another_issuers() -> None:
    fetch = FakeFetch()
    finder = IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), TrustAnchors(roots=(CA.certificate,)))
    x5c = leaf(uris=(ISSUER,))
    finder.find(replace(HINT, x5c=x5c), now=NOW)
    with pytest.raises((Malformed, Rejected)):
        finder.find(replace(HINT, iss="https://issuer.example/other", x5c=x5c), now=NOW)


def test_a_chain_is_not_remembered_beyond_its_end() -> None:
    fetch = FakeFetch()
    finder = IssuerKeyFinder(fetch, Resolver(fetch, FixedClock(NOW)), TrustAnchors(roots=(CA.certificate,)))
    hint = replace(HINT, x5c=leaf(uris=(ISSUER,), days=1))
    end = NOW + 86400
    assert finder.find(hint, now=end - 10).valid_until == end
    with pytest.raises(Rejected):
        finder.find(hint, now=end + 1)


def did_pages(*keys: SoftwareKey) -> FakeFetch:
    return FakeFetch({DID_ADDRESS: json.dumps(build_document(DID, [key.public_jwk() for key in keys])).encode()})


@pytest.mark.parametrize("kid", [f"{DID}#k1", "#k1", "k1"])
def test_by_did(kid: str) -> None:
    found = find(replace(HINT, iss=DID, kid=kid), did_pages(KEY, OTHER))
    found.key.verify(KEY.sign(b"x"), b"x")
    assert (found.path, found.issuer, found.evidence) == ("did", DID, f"{DID}#k1")


def test_by_did_without_a_kid() -> None:
    assert find(replace(HINT, iss=DID, kid=None), did_pages(KEY)).evidence == f"{DID}#k1"
    with pytest.raises(Rejected):
        find(replace(HINT, iss=DID, kid=None), did_pages(KEY, OTHER))


@pytest.mark.parametrize("kid", ["did:web:evil.example#k1", f"{DID}:sub#k1", "k9", "", "#"])
def test_a_key_of_another_did(kid: str) -> None:
    fetch = did_pages(KEY)
    evil = build_document("did:web:evil.example", [KEY.public_jwk()])
    fetch.pages["https://evil.example/.well-known/did.json"] = json.dumps(evil).encode()
    with pytest.raises((Rejected, Malformed)):
        find(replace(HINT, iss=DID, kid=kid), fetch)
    assert all("evil" not in address for _, address in fetch.requests)


def test_a_did_ignores_certificates() -> None:
    found = find(replace(HINT, iss=DID, x5c=leaf(uris=(DID,), key=OTHER)), did_pages(KEY))
    assert found.path == "did"


def test_the_key_is_of_the_algorithm_that_the_header_names() -> None:
    for hint, fetch in (
        (replace(HINT, alg="ES384"), FakeFetch({ADDRESS: metadata(KEY)})),
        (replace(HINT, alg="EdDSA", iss=DID), did_pages(KEY)),
        (replace(HINT, alg="none", x5c=leaf(uris=(ISSUER,))), FakeFetch()),
    ):
        with pytest.raises(Rejected):
            find(hint, fetch)


def test_anchors_may_leave_one_way_only() -> None:
    entry = TrustedIssuer(identifier=ISSUER, types=frozenset({"T"}), key_paths=frozenset({"x5c"}))
    anchors = TrustAnchors(roots=(CA.certificate,), issuers=(entry,))
    fetch = FakeFetch({ADDRESS: metadata(KEY)})
    with pytest.raises(Rejected):
        find(HINT, fetch, anchors)
    assert fetch.requests == []
    assert find(replace(HINT, x5c=leaf(uris=(ISSUER,))), fetch, anchors).path == "x5c"


def test_no_issuer_no_key() -> None:
    with pytest.raises(Malformed):
        find(replace(HINT, iss=None))
