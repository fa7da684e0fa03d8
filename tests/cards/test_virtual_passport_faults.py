"""Every fault of the virtual passport is there, and nothing else is wrong: judged by a terminal, by hand, and by OpenSSL."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest
from asn1crypto import cms
from asn1crypto.crl import CertificateList
from asn1crypto.x509 import Certificate
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from examples.cards.faults import fragmented
from examples.cards.passport import FAULTS, PROFILES, Passport, build_passport
from examples.cards.passport.application import COM, SOD, data_group
from examples.cards.passport.authority import COUNTRIES
from examples.cards.passport.signing_keys import HASHES
from examples.cards.people import PEOPLE
from examples.cards.tlv import objects
from tests.cards.passport_terminal import Refused, Terminal, chip_public_key, enter, infos
from tests.cards.passport_world import passport, world
from tests.cards.test_virtual_passport import CHALLENGE, PUBLIC_KEY, listed, verified_active

PROFILE = "ecdsa_active"
"""Signed with ECDSA throughout, so that its signatures are judged here by a few lines."""
NAMES = [fault.name for fault in FAULTS]


def signed(card: Passport) -> cms.SignedData:
    [(_, content)] = objects(card.chip.applications[0].transparent(SOD).content)
    return cms.ContentInfo.load(content)["content"]


def holds(certificate: Certificate, signature: bytes, covered: bytes, hash_name: str) -> bool:
    public = load_der_public_key(certificate.public_key.dump())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    try:
        public.verify(signature, covered, ec.ECDSA(HASHES[hash_name]))
    except InvalidSignature:
        return False
    return True


def judged(card: Passport) -> set[str]:
    """What passive authentication finds wrong, each question for itself."""
    data = signed(card)
    signer: Certificate = data["certificates"][0].chosen
    info = data["signer_infos"][0]
    lds = data["encap_content_info"]["content"].parsed.dump()
    attributes = {attribute["type"]: attribute["values"][0] for attribute in info["signed_attrs"].native}
    wrong = set()
    if attributes["message_digest"] != hashlib.new(info["digest_algorithm"]["algorithm"].native, lds).digest():
        wrong.add("digest")
    if not holds(signer, info["signature"].native, info["signed_attrs"].untag().dump(), "sha256"):
        wrong.add("signature")
    [(_, body)] = objects(lds)
    hashes = {
        number[0]: digest
        for _, entry in objects(list(objects(body))[2][1])
        for (_, number), (_, digest) in [objects(entry)]
    }
    for fid, file in card.chip.applications[0].files.items():
        if fid in {COM, SOD}:
            continue
        if fid - 0x100 not in hashes:
            wrong.add("not listed")
        elif hashlib.sha256(file.content).digest() != hashes[fid - 0x100]:  # type: ignore[attr-defined]
            wrong.add("hash")
    if set(hashes) - {fid - 0x100 for fid in card.chip.applications[0].files}:
        wrong.add("missing")
    if signer.issuer.native["country_name"] != COUNTRIES[card.profile.state]:
        wrong.add("country")
    else:
        cscas = [world().state(card.profile.state).csca(generation) for generation in (1, 2, 3)]
        covered = signer["tbs_certificate"].dump()
        if not any(holds(csca, bytes(signer["signature_value"]), covered, "sha256") for csca in cscas):
            wrong.add("anchor")
    validity = signer["tbs_certificate"]["validity"]
    when: datetime = attributes["signing_time"]
    if not validity["not_before"].native <= when <= validity["not_after"].native:
        wrong.add("time")
    revoked = CertificateList.load(world().state(card.profile.state).crl())["tbs_cert_list"]["revoked_certificates"]
    if signer.serial_number in [entry["user_certificate"].native for entry in revoked]:
        wrong.add("revoked")
    return wrong


EXPECTED = {
    "proof_removed": {"missing"},
    "altered_data_group": {"hash"},
    "altered_photo": {"hash"},
    "data_group_not_listed": {"not listed"},
    "altered_security_object": {"digest"},
    "wrong_document_signer": {"signature"},
    "country_mismatch": {"country"},
    "expired_document_signer": {"time"},
    "untrusted_csca": {"anchor"},
    "expired_csca": {"anchor"},
    "revoked_document_signer": {"revoked"},
}


@pytest.mark.parametrize("name", [None, *NAMES])
def test_one_thing_is_wrong_with_the_data(name: str | None) -> None:
    profile = PROFILE if name not in {"pace_token"} else "pace_only"
    assert judged(passport(profile, fault=name)) == EXPECTED.get(name or "", set())


@pytest.mark.parametrize("profile", ["japan_2006", "pace_cam", "signature_only"])
@pytest.mark.parametrize("name", NAMES)
def test_profiles_have_the_faults_that_they_can_have(name: str, profile: str) -> None:
    fault = next(fault for fault in FAULTS if fault.name == name)
    if fault.needs(PROFILES[profile]):
        card = passport(profile, fault=name)
        if fault.changes == "no reading":
            with pytest.raises((Refused, AssertionError)):
                enter(card).read(SOD)
        else:
            assert enter(card).read(data_group(1))
    else:
        with pytest.raises(ValueError, match=name):
            passport(profile, fault=name)


def test_what_is_not_known_is_named() -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        passport(PROFILE, fault="nothing")
    with pytest.raises(ValueError, match="unknown profile"):
        build_passport(PEOPLE["hanako"], authority=world(), profile="atlantis")


@pytest.mark.parametrize("name", ["japan_2006", "ecdsa_active", "large_photo"])
def test_clones_cannot_sign(name: str) -> None:
    for fault, proves in ((None, True), ("clone", False), ("replayed_signature", False)):
        card = passport(name, fault=fault)
        terminal = enter(card)
        assert (
            verified_active(card, terminal.read(data_group(15)), CHALLENGE, terminal.sign_challenge(CHALLENGE))
            is proves
        )


@pytest.mark.parametrize("name", ["japan_2025", "europe_pace", "pace_cam", "bac_chip_authentication", "pace_3des"])
def test_clones_cannot_agree_on_keys(name: str) -> None:
    terminal = enter(passport(name, fault="clone"))
    kind = PROFILES[name].chip_keys[0]
    curve, public = chip_public_key(infos(dict(objects(terminal.read(data_group(14))))[0x6E])[PUBLIC_KEY])
    assert (
        terminal.chip_authentication_data == b""
        or curve.multiply(terminal.chip_quotient(), public) != terminal.chip_mapping_key
    )
    terminal.authenticate_chip(curve, public, kind.ciphers[0], kind.identifier)
    with pytest.raises(Refused, match="6988"):
        terminal.read(data_group(1))


def test_a_clone_has_the_files_of_the_genuine_one_to_the_byte() -> None:
    genuine, clone = passport("pace_3des"), passport("pace_3des", fault="clone")
    for number in (1, 2, 11, 12, 14):
        files = [card.chip.applications[0].transparent(data_group(number)).content for card in (genuine, clone)]
        assert files[0] == files[1]


def test_the_proof_that_was_removed_is_nowhere_but_in_the_security_object() -> None:
    card = passport("japan_2025", fault="proof_removed")
    terminal = enter(card)
    assert listed(terminal.read(COM)) == {1, 2, 11, 12}
    for number in (14, 15):
        with pytest.raises(Refused, match="6a82"):
            terminal.select(data_group(number))
    with pytest.raises(Refused, match="6d00"):
        terminal.sign_challenge(CHALLENGE)


def test_what_the_altered_name_says() -> None:
    lines = [
        dict(objects(dict(objects(enter(passport(PROFILE, fault=fault)).read(data_group(1))))[0x61]))[0x5F1F]
        for fault in (None, "altered_data_group", "altered_security_object")
    ]
    assert [line[:20] for line in lines] == [b"P<UTOYAMADA<<HANAKO<", b"P<UTOYAMADB<<HANAKO<", b"P<UTOYAMADB<<HANAKO<"]


def test_messaging_that_cannot_be_trusted() -> None:
    with pytest.raises(AssertionError, match="MAC"):
        enter(passport(PROFILE, fault="forged_answer")).read(SOD)
    with pytest.raises(AssertionError, match="status word"):
        enter(passport(PROFILE, fault="unprotected_status")).read(SOD)
    with pytest.raises(AssertionError, match="token"):
        enter(passport("pace_only", fault="pace_token"))


def test_another_data_page_opens_neither_door() -> None:
    for reference in (1, 2):
        with pytest.raises(Refused, match="6300"):
            enter(passport("europe_pace", fault="other_mrz"), reference=reference)
    card = passport("europe_pace", fault="other_mrz")
    terminal = Terminal(card.chip)
    terminal.select_application()
    with pytest.raises(Refused, match="6300"):
        terminal.bac(card.printed.mrz.information())


def test_a_document_whose_day_is_over() -> None:
    card = passport("japan_2006", fault="expired_document")
    assert card.dates.expiry < world().now
    signer: Certificate = signed(card)["certificates"][0].chosen
    assert signer["tbs_certificate"]["validity"]["not_after"].native > world().now


def test_the_table() -> None:
    assert len(set(NAMES)) == len(FAULTS)
    assert {fault.changes for fault in FAULTS} == {
        "chip_genuineness", "data_authenticity", "trust_anchor", "revocation", "nothing", "no reading",
    }  # fmt: skip
    for fault in FAULTS:
        assert bool(fault.becomes) is (fault.changes != "nothing")
        assert fault.en != fault.ja


def test_the_authority_that_had_ended_is_listed_and_did_sign() -> None:
    signer: Certificate = signed(passport(PROFILE, fault="expired_csca"))["certificates"][0].chosen
    old = world().state("UTO").csca(0)
    assert old in world().cscas()
    assert holds(old, bytes(signer["signature_value"]), signer["tbs_certificate"].dump(), "sha256")
    assert (
        old["tbs_certificate"]["validity"]["not_after"].native
        < signer["tbs_certificate"]["validity"]["not_before"].native
    )


@pytest.mark.parametrize("name", ["japan_2006", "pace_cam"])
def test_long_answers_in_pieces_are_the_same_answers(name: str) -> None:
    whole, pieces = passport(name), passport(name)
    fragmented(pieces.chip, piece=61)
    one, other = enter(whole), enter(pieces)
    for fid in (SOD, data_group(1), data_group(2)):
        expected = whole.chip.applications[0].transparent(fid).content
        assert one.read(fid) == expected
        if fid != SOD:  # signed anew for each chip
            assert other.read(fid) == expected
    assert other.apdus > one.apdus
