"""What lists and responders say, and what makes their word worth nothing: *unknown* with its reason, never *good*."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from common.errors import Unavailable
from common.ports import Fetched
from common.x509.crl import CrlSource
from common.x509.ocsp import OcspSource
from common.x509.revocation import FirstToKnow, RevocationStatus, Standing, unknown
from tests.common.x509.jpki_authority import (
    DAY,
    NOW,
    Authority,
    answer,
    der,
    distinguished,
    issue,
    key,
    make_authority,
    make_list,
    make_responder,
)

SERIAL = 7654321


@cache
def ca() -> Authority:
    return make_authority("3")


@cache
def leaf() -> x509.Certificate:
    return issue(ca(), serial=SERIAL)


def by_lists(*lists: bytes, certificate: x509.Certificate | None = None) -> RevocationStatus:
    asked = der(certificate or leaf())
    return CrlSource(lambda: lists).status(leaf=asked, issuer=ca().der, now=NOW)


def test_a_list_without_the_number() -> None:
    assert by_lists(make_list(ca(), {1: None})) == RevocationStatus(
        standing=Standing.GOOD, source="crl", this_update=NOW - 3600, next_update=NOW + DAY
    )


def test_a_list_with_it() -> None:
    status = by_lists(make_list(ca(), {SERIAL: x509.ReasonFlags.affiliation_changed}))
    assert (status.standing, status.reason, status.revoked_at) == (
        Standing.REVOKED,
        "affiliationChanged",
        NOW - 5 * DAY,
    )
    assert by_lists(make_list(ca(), {SERIAL: None})).reason == "unspecified"
    assert by_lists(make_list(ca(), {SERIAL: x509.ReasonFlags.certificate_hold})).standing is Standing.REVOKED


def point(name: str = "CN=partition 1") -> list[x509.GeneralName]:
    return [x509.DirectoryName(x509.Name.from_rfc4514_string(name))]


def scope(full_name: list[x509.GeneralName] | None = None, **only: bool) -> x509.IssuingDistributionPoint:
    every = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    return x509.IssuingDistributionPoint(
        full_name=full_name,
        relative_name=None,
        only_some_reasons=None,
        **{name: only.get(name, False) for name in every},
    )


@pytest.mark.parametrize(
    ("reason", "changed"),
    [
        ("crl_stale", {"end": NOW - 1}),
        ("crl_not_yet_valid", {"start": NOW + 1}),
        ("crl_signature", {"signed_by": key("ca rogue")}),
        ("crl_scope", {"extra": [(x509.DeltaCRLIndicator(3), True)]}),
        ("crl_scope", {"extra": [(scope(only_contains_ca_certs=True), True)]}),
        ("crl_scope", {"extra": [(scope(point(), indirect_crl=True), True)]}),
        ("crl_scope", {"extra": [(scope(point()), True)]}),
        ("no_list", {"name": distinguished("JPKI for user authentication")}),
    ],
    ids=["stale", "early", "signature", "delta", "ca_only", "indirect", "other_part", "other_issuer"],
)
def test_lists_that_say_nothing(reason: str, changed: dict[str, object]) -> None:
    """Even one that names the leaf: who cannot be believed cannot revoke either."""
    status = by_lists(make_list(ca(), {SERIAL: None}, **changed))  # type: ignore[arg-type]
    assert (status.standing, status.reason) == (Standing.UNKNOWN, reason)


def test_a_part_of_a_list_covers_the_leaves_that_name_it() -> None:
    points = x509.CRLDistributionPoints([x509.DistributionPoint(point(), None, None, None)])
    mine = issue(ca(), serial=SERIAL, extra=[(points, False)])
    part = make_list(ca(), {}, extra=[(scope(point(), only_contains_user_certs=True), True)])
    assert by_lists(part, certificate=mine).standing is Standing.GOOD
    other = make_list(ca(), {}, extra=[(scope(point("CN=partition 2")), True)])
    assert by_lists(other, certificate=mine).reason == "crl_scope"


def test_no_list_and_no_list_of_ours() -> None:
    assert by_lists() == unknown("no_list", source="crl")
    assert by_lists(b"garbage").reason == "crl_malformed"
    other_generation = make_authority("2")
    assert by_lists(make_list(other_generation, {})).reason == "no_list"


def test_of_several_lists_one_that_revokes_decides() -> None:
    older = make_list(ca(), {SERIAL: None}, start=NOW - 7200)
    assert by_lists(older, make_list(ca(), {})).standing is Standing.REVOKED
    assert by_lists(make_list(ca(), {}), b"garbage", make_list(ca(), {}, end=NOW - 1)).standing is Standing.GOOD


class Responder:
    """A `Fetch` whose other end answers as told."""

    def __init__(self, *, flip: bool = False, **how: Any) -> None:
        self.how, self.flip, self.asked = how, flip, b""

    def get(self, url: str, *, accept: str = "", headers: object = None) -> Fetched:
        raise AssertionError("OCSP is posted here")

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "", headers: object = None) -> Fetched:
        assert content_type == "application/ocsp-request"
        self.asked = body
        made = answer(body, leaf(), ca(), **self.how)
        if self.flip:
            made = made[:-1] + bytes([made[-1] ^ 1])  # the signature's last byte
        return Fetched(url=url, status=200, body=made)


def by_responder(*, nonce_required: bool = True, **how: Any) -> RevocationStatus:
    source = OcspSource(Responder(**how), "http://ocsp.example/", nonce_required=nonce_required)
    return source.status(leaf=der(leaf()), issuer=ca().der, now=NOW)


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()], ids=["sha1", "sha256"])
@pytest.mark.parametrize("delegated", [False, True], ids=["issuer", "delegated"])
def test_an_answer(algorithm: hashes.HashAlgorithm, delegated: bool) -> None:
    responder = make_responder(ca()) if delegated else None
    assert by_responder(algorithm=algorithm, responder=responder) == RevocationStatus(
        standing=Standing.GOOD, source="ocsp", this_update=NOW - 60, next_update=NOW + 600
    )


def test_a_revoking_answer() -> None:
    status = by_responder(status=ocsp.OCSPCertStatus.REVOKED)
    assert (status.standing, status.reason, status.revoked_at) == (
        Standing.REVOKED,
        "affiliationChanged",
        NOW - 5 * DAY,
    )


def test_an_answer_for_now_only() -> None:
    assert by_responder(next_update=None).standing is Standing.GOOD
    assert by_responder(next_update=None, this_update=NOW - 3601).reason == "ocsp_stale"


@pytest.mark.parametrize(
    ("reason", "changed"),
    [
        ("ocsp_nonce", {"nonce": None}),
        ("ocsp_nonce", {"nonce": bytes(32)}),
        ("ocsp_stale", {"next_update": NOW - 1}),
        ("ocsp_not_yet_valid", {"this_update": NOW + 301, "next_update": NOW + 900}),
        ("ocsp_unknown", {"status": ocsp.OCSPCertStatus.UNKNOWN}),
        ("ocsp_signature", {"flip": True}),
    ],
    ids=["no_nonce", "other_nonce", "stale", "early", "does_not_know", "signature"],
)
def test_answers_that_say_nothing(reason: str, changed: dict[str, Any]) -> None:
    status = by_responder(**changed)
    assert (status.standing, status.reason) == (Standing.UNKNOWN, reason)


def test_a_nonce_can_be_waived_but_not_changed() -> None:
    assert by_responder(nonce=None, nonce_required=False).standing is Standing.GOOD
    assert by_responder(nonce=bytes(32), nonce_required=False).reason == "ocsp_nonce"


@pytest.mark.parametrize(
    "changed",
    [
        {"purposes": [ExtendedKeyUsageOID.SERVER_AUTH]},
        {"no_check": False},
        {"signed_by": key("ca rogue")},
        {"end": NOW - 1},
    ],
    ids=["purpose", "would_have_to_be_asked_about", "not_appointed", "expired"],
)
def test_responders_that_nobody_appointed(changed: dict[str, object]) -> None:
    assert by_responder(responder=make_responder(ca(), **changed)).reason == "ocsp_signer"  # type: ignore[arg-type]


def test_a_responder_that_does_not_show_itself() -> None:
    assert by_responder(responder=make_responder(ca()), along=False).reason == "ocsp_signer"


def test_an_answer_about_somebody_else() -> None:
    class Swapped(Responder):
        def post(
            self, url: str, *, body: bytes, content_type: str, accept: str = "", headers: object = None
        ) -> Fetched:
            return Fetched(url=url, status=200, body=answer(body, issue(ca(), serial=SERIAL + 1), ca()))

    status = OcspSource(Swapped(), "http://ocsp.example/").status(leaf=der(leaf()), issuer=ca().der, now=NOW)
    assert status.reason == "ocsp_other_certificate"


def test_an_answer_of_another_generation() -> None:
    other = make_authority("2")

    class Swapped(Responder):
        def post(
            self, url: str, *, body: bytes, content_type: str, accept: str = "", headers: object = None
        ) -> Fetched:
            return Fetched(url=url, status=200, body=answer(body, leaf(), other))

    status = OcspSource(Swapped(), "http://ocsp.example/").status(leaf=der(leaf()), issuer=ca().der, now=NOW)
    assert status.reason == "ocsp_other_certificate"


class Broken:
    """A `Fetch` with a fixed answer, or none."""

    def __init__(self, fetched: Fetched | None) -> None:
        self.fetched = fetched

    def get(self, url: str, *, accept: str = "", headers: object = None) -> Fetched:
        raise AssertionError

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "", headers: object = None) -> Fetched:
        if self.fetched is None:
            raise Unavailable("unreachable")
        return self.fetched


REFUSED = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)


@pytest.mark.parametrize(
    ("reason", "fetched"),
    [
        ("unreachable", None),
        ("http_status", Fetched(url="", status=500)),
        ("ocsp_malformed", Fetched(url="", status=200, body=b"")),
        ("ocsp_malformed", Fetched(url="", status=200, body=bytes(70000))),
        ("ocsp_refused", Fetched(url="", status=200, body=der(REFUSED))),
    ],
    ids=["unreachable", "status", "empty", "large", "try_later"],
)
def test_no_answer(reason: str, fetched: Fetched | None) -> None:
    source = OcspSource(Broken(fetched), "http://ocsp.example/")
    assert source.status(leaf=der(leaf()), issuer=ca().der, now=NOW) == unknown(reason, source="ocsp")


def test_questions_are_never_the_same_twice() -> None:
    responder = Responder()
    source = OcspSource(responder, "http://ocsp.example/")
    asked = set()
    for _ in range(2):
        source.status(leaf=der(leaf()), issuer=ca().der, now=NOW)
        asked.add(responder.asked)
    assert len(asked) == 2


def test_the_first_that_knows_decides() -> None:
    silent, good = OcspSource(Broken(None), "http://o.example/"), CrlSource(lambda: [make_list(ca(), {})])
    both = FirstToKnow(silent, good)
    assert both.status(leaf=der(leaf()), issuer=ca().der, now=NOW).standing is Standing.GOOD
    neither = FirstToKnow(silent, CrlSource(tuple))
    assert neither.status(leaf=der(leaf()), issuer=ca().der, now=NOW).reason == "no_list"
    assert FirstToKnow().status(leaf=b"", issuer=b"", now=NOW).reason == "no_source"


@pytest.mark.parametrize("source", [CrlSource(tuple), OcspSource(Broken(None), "")], ids=["crl", "ocsp"])
def test_what_is_no_certificate_is_unknown(source: CrlSource | OcspSource) -> None:
    assert source.status(leaf=b"x", issuer=ca().der, now=NOW).reason == "bad_certificate"


def test_no_number_leaves_the_sources() -> None:
    told = repr((by_lists(make_list(ca(), {SERIAL: None})), by_responder()))
    assert str(SERIAL) not in told
