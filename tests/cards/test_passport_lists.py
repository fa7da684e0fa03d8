"""Master lists and revocation lists of passports' authorities, right and wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import core, crl

from common.cards.drivers.passport.certificate import parse_certificate
from common.cards.drivers.passport.country_authority import find_authority
from common.cards.drivers.passport.country_crl import CountryCrlSource, parse_country_crl
from common.cards.drivers.passport.master_list import parse_master_list, verify_master_list
from common.cards.drivers.passport.signed_data import parse_signed_data
from common.cards.evidence import Environment
from common.cards.trust import TrustAnchor
from common.errors import Malformed, Rejected
from common.x509.revocation import RevocationStatus, Standing
from examples.cards.passport.authority import DAY, YEAR
from examples.cards.passport.certificates import name, revocation_list
from examples.cards.passport.signed_data import (
    LDS_SECURITY_OBJECT,
    Signer,
)
from examples.cards.passport.signing_keys import SigningKey
from tests.cards.passport_signing import P256, SECONDS, anchors, judged, signer, sod
from tests.cards.passport_world import NOW, world

# --- master lists


def test_a_master_list_makes_anchors() -> None:
    parsed = parse_master_list(world().master_list())
    verified = verify_master_list(parsed, anchors(), now=SECONDS)
    assert verified.left_out == 0
    assert verified.publisher.certificate.country == "UT"
    assert verified.signing_time == SECONDS - 86400
    assert {one.country for one in verified.authorities} == {"JP", "DE", "NZ", "FR", "UT"}
    made = verified.anchors()
    assert {one.environment for one in made} == {Environment.TEST}, "as the publisher's authority"
    assert judged(sod(signer()), trusted=made).is_proven


@pytest.mark.parametrize("variant", ["wrong_purpose", "stranger"])
def test_master_lists_that_nobody_believes(variant: str) -> None:
    parsed = parse_master_list(world().master_list(variant=variant))
    with pytest.raises(Rejected):
        verify_master_list(parsed, anchors(), now=SECONDS)


def test_a_master_list_of_an_unknown_publisher_or_out_of_time() -> None:
    parsed = parse_master_list(world().master_list())
    with pytest.raises(Rejected, match="untrusted_issuer"):
        verify_master_list(parsed, anchors("JPN"), now=SECONDS)
    with pytest.raises(Rejected, match="expired"):
        verify_master_list(parsed, anchors(), now=SECONDS + 3 * 365 * 86400)
    for publishers in ((), (replace(anchors()[0], material=b"none"),)):
        with pytest.raises(Rejected):
            verify_master_list(parsed, publishers, now=SECONDS)


def test_an_altered_master_list() -> None:
    der = world().master_list()
    place = der.index(world().state("JPN").csca(3).dump()) + 200
    altered = der[:place] + bytes((der[place] ^ 1,)) + der[place + 1 :]
    with pytest.raises((Rejected, Malformed)):
        verify_master_list(parse_master_list(altered), anchors(), now=SECONDS)


def test_a_sod_is_no_master_list() -> None:
    file = sod(signer())
    with pytest.raises(Malformed):
        parse_master_list(file[4:])
    assert parse_signed_data(file[4:]).content_type == LDS_SECURITY_OBJECT


# --- revocation


def status(
    lists: list[bytes], leaf: Signer, *, now: int = SECONDS, trusted: tuple[TrustAnchor, ...] | None = None
) -> RevocationStatus:
    believed = anchors() if trusted is None else trusted
    certificate = parse_certificate(leaf.certificate.dump())
    issuer = find_authority(certificate, anchors()).certificate
    return CountryCrlSource(lambda: lists, believed).status(leaf=certificate.der, issuer=issuer.der, now=now)


def country_crl(
    *revoked: int,
    key: SigningKey | None = None,
    start: timedelta = -DAY,
    end: timedelta = 30 * DAY,
    country: str = "UT",
) -> bytes:
    return revocation_list(
        issuer=name(country, f"CSCA {country}"),
        key=key or world().state("UTO").key(3),
        number=1,
        this_update=NOW + start,
        next_update=NOW + end,
        revoked=[(serial, NOW - 20 * DAY) for serial in revoked],
    )


def test_one_list_for_all_generations() -> None:
    """The leaf was issued by the second key, the list is signed with the third."""
    leaf = signer(at=NOW - 5 * YEAR)
    serial = leaf.certificate.serial_number
    good = status([country_crl(serial + 1)], leaf)
    assert (good.standing, good.source) == (Standing.GOOD, "crl")
    assert (good.this_update, good.next_update) == (SECONDS - 86400, SECONDS + 30 * 86400)
    revoked = status([country_crl(1, serial)], leaf)
    assert (revoked.standing, revoked.reason, revoked.revoked_at) == (
        Standing.REVOKED,
        "keyCompromise",
        SECONDS - 20 * 86400,
    )


def test_what_no_list_can_say() -> None:
    leaf = signer()
    assert status([], leaf).reason == "no_list"
    assert status([country_crl(country="JP")], leaf).reason == "no_list"
    assert status([b"none"], leaf).reason == "crl_malformed"
    assert status([country_crl(key=SigningKey("somebody", P256))], leaf).reason == "crl_signature"
    assert status([country_crl(end=-timedelta(hours=1))], leaf).reason == "crl_stale"
    assert status([country_crl(start=DAY)], leaf).reason == "crl_not_yet_valid"
    for each in ([], [b"none"], [country_crl(end=-timedelta(hours=1))]):
        assert status(each, leaf).standing is Standing.UNKNOWN


def test_of_several_lists_one_that_revokes_decides() -> None:
    leaf = signer()
    serial = leaf.certificate.serial_number
    lists = [country_crl(), country_crl(serial, start=-3 * DAY), b"none"]
    for order in (lists, lists[::-1]):
        assert status(order, leaf).standing is Standing.REVOKED


def test_an_altered_list() -> None:
    der = country_crl(5)
    found = parse_country_crl(der)
    assert dict(found.revoked) == {5: (SECONDS - 20 * 86400, "keyCompromise")}
    leaf = signer()
    for place in range(0, 8 * len(der), 211):
        altered = bytearray(der)
        altered[place // 8] ^= 1 << place % 8
        assert status([bytes(altered)], leaf).standing is Standing.UNKNOWN


def test_a_list_of_changes_only() -> None:
    """It says so in a critical extension; taken for a whole list it would call everybody good."""
    key = world().state("UTO").key(3)
    whole = crl.CertificateList.load(country_crl())["tbs_cert_list"]
    tbs = crl.TbsCertList(
        {
            "version": "v2",
            "signature": key.style.algorithm(),
            "issuer": name("UT", "CSCA UT"),
            "this_update": whole["this_update"],
            "next_update": whole["next_update"],
            "crl_extensions": [{"extn_id": "delta_crl_indicator", "critical": True, "extn_value": core.Integer(1)}],
        }
    )
    parts = {"tbs_cert_list": tbs, "signature_algorithm": key.style.algorithm(), "signature": key.sign(tbs.dump())}
    delta = crl.CertificateList(parts).dump()
    assert status([delta], signer()).reason == "crl_scope"
