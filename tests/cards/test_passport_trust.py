"""Passive authentication, master lists and revocation of passports, against documents of the virtual authorities, right and wrong."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

import pytest
from asn1crypto.x509 import Certificate as Asn1Certificate

from common.cards.drivers.passport.card_security import parse_card_security
from common.cards.drivers.passport.certificate import are_same_names, parse_certificate, verify_issued
from common.cards.drivers.passport.country_authority import find_authority
from common.cards.drivers.passport.security_object import parse_security_object
from common.cards.drivers.passport.signed_data import find_signer
from common.cards.evidence import Environment
from common.errors import Malformed, Rejected, Unsupported
from examples.cards.passport.authority import DAY, YEAR
from examples.cards.passport.certificates import Request, Validity, certificate, name
from examples.cards.passport.signed_data import (
    LDS_SECURITY_OBJECT,
    MASTER_LIST,
    Signer,
    lds_security_object,
    security_object,
    signed_data,
)
from examples.cards.passport.signing_keys import SigningKey, Style
from tests.cards.passport_signing import GROUPS, ISSUED, P256, SECONDS, anchor, anchors, judged, signer, sod
from tests.cards.passport_world import NOW, world

STYLES = {
    "RSA SHA-1": Style(kind="rsa", key=2048, hash_name="sha1"),
    "RSA SHA-256": Style(kind="rsa", key=2048),
    "RSA SHA-512": Style(kind="rsa", key=2048, hash_name="sha512"),
    "PSS SHA-256": Style(kind="pss", key=2048),
    "PSS SHA-384": Style(kind="pss", key=2048, hash_name="sha384"),
    "ECDSA SHA-1": Style(kind="ecdsa", key="P-256", hash_name="sha1"),
    "ECDSA SHA-224": Style(kind="ecdsa", key="P-256", hash_name="sha224"),
    "ECDSA P-384 SHA-384": Style(kind="ecdsa", key="P-384", hash_name="sha384"),
    "ECDSA P-521 SHA-512": Style(kind="ecdsa", key="P-521", hash_name="sha512"),
    "ECDSA P-256 spelled out": Style(kind="ecdsa", key="P-256", explicit=True),
    "ECDSA brainpoolP256r1 spelled out": Style(kind="ecdsa", key="brainpoolP256r1", explicit=True),
    "ECDSA brainpoolP512r1": Style(kind="ecdsa", key="brainpoolP512r1", hash_name="sha512"),
}


# --- what holds


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("by_key_identifier", [False, True], ids=["by name", "by key"])
def test_every_kind_of_signature(style: str, by_key_identifier: bool) -> None:
    verdict = judged(sod(signer(STYLES[style], by_key_identifier=by_key_identifier)))
    assert verdict.is_proven
    assert verdict.authority is not None
    assert verdict.authority.label.startswith("csca:UT:")
    assert verdict.authority.environment is Environment.TEST


@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("version", [0, 1])
def test_every_digest_of_data_groups(hash_name: str, version: int) -> None:
    file = sod(signer(), hash_name=hash_name, version=version)
    assert parse_security_object(file).digests[1] == hashlib.new(hash_name, GROUPS[1]).digest()
    assert judged(file).is_proven


def test_a_group_that_was_not_read_is_not_missed() -> None:
    assert judged(sod(signer()), groups={1: GROUPS[1]}).is_proven


# --- what does not


def test_each_altered_group_is_named() -> None:
    for number in GROUPS:
        verdict = judged(sod(signer()), groups=GROUPS | {number: GROUPS[number] + b"x"})
        assert (verdict.reason, set(verdict.changed)) == ("digest_differs", {number})
        assert verdict.is_certified
        assert [one for one in GROUPS if not verdict.certifies(one)] == [number]


def test_a_group_that_is_not_listed() -> None:
    verdict = judged(sod(signer()), groups=GROUPS | {11: b"\x6b\x00"})
    assert (verdict.reason, set(verdict.changed)) == ("digest_differs", {11})


def test_a_changed_list_is_not_certified() -> None:
    file = sod(signer())
    digest = hashlib.sha256(GROUPS[1]).digest()
    verdict = judged(file.replace(digest, hashlib.sha256(b"other").digest()), groups={1: b"other"})
    assert verdict.reason == "bad_signature"
    assert not verdict.is_certified
    assert verdict.authority is not None, "the certificate in it is a real one"


def test_the_key_of_another() -> None:
    right = signer()
    verdict = judged(sod(replace(right, key=SigningKey("somebody", P256))))
    assert (verdict.reason, verdict.is_certified) == ("bad_signature", False)


def test_no_anchor_another_country_s_anchor_and_a_stranger_s() -> None:
    file = sod(signer())
    assert judged(file, trusted=()).reason == "untrusted_issuer"
    assert judged(file, trusted=anchors("JPN", "D")).reason == "untrusted_issuer"
    stranger = world().state("UTO", trusted=False)
    assert judged(file, trusted=tuple(anchor(stranger.csca(one)) for one in (1, 2, 3))).reason == "untrusted_issuer"


def test_a_signer_of_another_country() -> None:
    verdict = judged(sod(signer()), countries=frozenset({"JP"}), trusted=anchors("UTO", "JPN"))
    assert (verdict.reason, verdict.is_certified) == ("untrusted_issuer", True)
    assert judged(sod(signer()), countries=frozenset()).reason == "untrusted_issuer"
    assert judged(sod(signer()), countries=None).is_proven


def test_times() -> None:
    file = sod(signer())
    certificate = find_signer(parse_security_object(file).signed)
    assert judged(file, now=certificate.not_after).is_proven
    assert judged(file, now=certificate.not_after + 1).reason == "expired"
    assert judged(file, now=certificate.not_before - 2 * 86400).reason == "not_yet_valid"


def test_a_signing_time_that_cannot_be() -> None:
    """The private key's usage period is what counts, not the certificate's life; no signing time is no contradiction."""
    by = signer()
    assert judged(sod(by, at=None)).is_proven
    assert judged(sod(by, at=ISSUED + 100 * DAY)).reason == "expired"
    assert judged(sod(by, at=ISSUED - 100 * DAY)).reason == "not_yet_valid"
    assert judged(sod(by, at=NOW + 3 * DAY)).reason in ("expired", "not_yet_valid")
    assert judged(sod(signer(variant="expired"))).reason == "expired"


def test_an_authority_that_had_ended_when_it_issued() -> None:
    verdict = judged(sod(by_generation(1, start=NOW - 100 * DAY + 20 * YEAR)), now=SECONDS + 20 * 365 * 86400)
    assert verdict.reason == "untrusted_issuer"


def by_generation(generation: int, *, start: datetime, role: str = "ds", key: Style = P256) -> Signer:
    state = world().state("UTO")
    own = SigningKey(f"test {role}", key)
    validity = Validity(start=start, signs_until=start + YEAR, end=start + 3 * YEAR)
    issued = certificate(
        Request(
            role=role, serial=77, subject=name("UT", "Somebody"), issuer=state.csca(generation).subject, key=own,
            issuer_key=state.key(generation), validity=validity, state="UTO",
        )
    )  # fmt: skip
    return Signer(certificate=issued, key=own)


def test_a_country_vouches_for_no_other() -> None:
    """A signer that calls itself Japanese, issued by Utopia's authority."""
    state = world().state("UTO")
    own = SigningKey("utopian of japan", P256)
    validity = Validity(start=NOW - 100 * DAY, signs_until=NOW + YEAR, end=NOW + 3 * YEAR)
    issued = certificate(
        Request(
            role="ds", serial=79, subject=name("JP", "Document Signer"), issuer=state.csca(3).subject, key=own,
            issuer_key=state.key(3), validity=validity, state="JPN",
        )
    )  # fmt: skip
    file = sod(Signer(certificate=issued, key=own), at=None)
    assert judged(file, countries=frozenset({"JP"}), trusted=anchors("UTO", "JPN")).reason == "untrusted_issuer"


def test_a_signature_over_another_type_of_content() -> None:
    """Signed as a master list, shown as a security object: the type stands in the signed attributes."""
    signed = signed_data(MASTER_LIST, lds_security_object(GROUPS, hash_name="sha256"), signer())
    listed, shown = bytes.fromhex("0606678108010102"), bytes.fromhex("0606678108010101")
    assert signed.count(listed) == 2
    altered = signed.replace(listed, shown, 1)
    file = b"\x77\x82" + len(altered).to_bytes(2, "big") + altered
    assert judged(file).reason == "bad_signature"


@pytest.mark.parametrize("role", ["csca", "link"])
def test_an_authority_s_own_key_signs_no_document(role: str) -> None:
    by = by_generation(3, start=NOW - 100 * DAY, role=role)
    assert judged(sod(by, at=None)).reason == "untrusted_key"


def test_a_signer_of_documents_issues_nobody() -> None:
    """A chain over a document signer: its certificate as an anchor, put there by mistake, vouches for nobody."""
    middle = by_generation(3, start=NOW - 100 * DAY)
    own = SigningKey("below", P256)
    validity = Validity(start=NOW - 50 * DAY, signs_until=NOW + YEAR, end=NOW + YEAR)
    issued = certificate(
        Request(
            role="ds", serial=78, subject=name("UT", "Below"), issuer=middle.certificate.subject, key=own,
            issuer_key=middle.key, validity=validity, state="UTO",
        )
    )  # fmt: skip
    with pytest.raises(Rejected, match="untrusted_issuer"):
        find_authority(parse_certificate(issued.dump()), (anchor(middle.certificate),))
    verify_issued(parse_certificate(issued.dump()), parse_certificate(middle.certificate.dump()))


def test_a_link_certificate_is_an_authority() -> None:
    """Whoever has only the link from the old key to the new one knows the new key."""
    state = world().state("UTO")
    by = state.document_signer(P256, at=NOW - 10 * DAY)
    assert judged(sod(by, at=NOW - 10 * DAY), trusted=(anchor(state.link(3)),)).is_proven
    assert judged(sod(by, at=NOW - 10 * DAY), trusted=(anchor(state.csca(2)),)).reason == "untrusted_issuer"


# --- forms


def test_forms_of_a_sod_that_are_none() -> None:
    by = signer()
    file = sod(by)
    for wrong in (b"", file[:-1], file[4:], b"\x78" + file[1:], bytes(100), b"\x77\x00"):
        with pytest.raises(Malformed):
            parse_security_object(wrong)
    lds = lds_security_object(GROUPS, hash_name="sha256")
    for content in (lds[:-1], b"", lds_security_object(GROUPS, hash_name="sha256", version=3)):
        with pytest.raises(Malformed):
            parse_security_object(security_object(content, by, signing_time=None))
    other = signed_data("1.2.3.4", lds, by)
    with pytest.raises(Malformed, match="something else"):
        parse_security_object(b"\x77\x82" + len(other).to_bytes(2, "big") + other)
    with pytest.raises((Malformed, Unsupported)):
        parse_card_security(signed_data(LDS_SECURITY_OBJECT, lds, by))


def test_a_list_with_a_number_twice_or_of_no_group() -> None:
    by, lds = signer(), lds_security_object(GROUPS, hash_name="sha256")
    for wrong in (b"\x02\x01\x01", b"\x02\x01\x00", b"\x02\x01\x11"):
        with pytest.raises(Malformed):
            parse_security_object(security_object(lds.replace(b"\x02\x01\x02", wrong), by, signing_time=None))


def test_names_in_another_spelling() -> None:
    plain = name("UT", "CSCA UT")
    spelled = Asn1Certificate.load(world().state("UTO").csca().dump()).subject
    assert are_same_names(plain.dump(), spelled.dump())
    assert not are_same_names(plain.dump(), name("UT", "CSCA UTO").dump())
    assert not are_same_names(plain.dump(), name("JP", "CSCA UT").dump())
    turned = plain.dump()
    parts = [one.dump() for one in plain.chosen]
    body = b"".join(reversed(parts))
    assert are_same_names(turned, b"\x30" + bytes((len(body),)) + body), "Malaysia turns them round"


def test_no_flipped_bit_of_a_certificate_is_issued() -> None:
    """Whatever is altered in a signer's certificate: it is not a certificate any more, or nobody issued it."""
    der = signer().certificate.dump()
    for place in range(0, 8 * len(der), 149):
        altered = bytearray(der)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises((Malformed, Rejected)):
            find_authority(parse_certificate(bytes(altered)), anchors())
