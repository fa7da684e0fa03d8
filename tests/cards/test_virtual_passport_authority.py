"""The passports' authorities, judged by OpenSSL: security objects with their wrapper off, chains, master lists, revocation lists."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, crl
from asn1crypto.pem import armor
from asn1crypto.x509 import Certificate

from examples.cards.passport import NAMED_PROFILES, PROFILES
from examples.cards.passport.application import CARD_SECURITY, COM, SOD, data_group
from examples.cards.passport.authority import COUNTRIES
from examples.cards.passport.signing_keys import SigningKey, Style
from examples.cards.tlv import objects
from tests.cards.passport_world import NOW, passport, world

AT = ("-attime", str(int(NOW.timestamp())))
OpenSsl = Callable[..., tuple[bool, bytes]]


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    """Words are arguments; bytes are put into a file, whose name takes their place. → whether it went well, what was printed."""

    def run(*arguments: str | bytes) -> tuple[bool, bytes]:
        words = ["openssl"]
        for at, argument in enumerate(arguments):
            if isinstance(argument, bytes):
                file = tmp_path / f"{at}"
                file.write_bytes(argument)
                argument = str(file)
            words.append(argument)
        done = subprocess.run(words, capture_output=True, check=False, timeout=120)
        return done.returncode == 0, done.stdout + done.stderr

    return run


def pem(*certificates: Certificate) -> bytes:
    return b"".join(armor("CERTIFICATE", certificate.dump()) for certificate in certificates)


def sod_of(name: str, fault: str | None = None) -> bytes:
    [(tag, content)] = objects(passport(name, fault=fault).chip.applications[0].transparent(SOD).content)
    assert tag == 0x77
    return content


def signed(sod: bytes) -> cms.SignedData:
    return cms.ContentInfo.load(sod)["content"]


@pytest.mark.parametrize("name", NAMED_PROFILES)
def test_security_objects_hold(name: str, openssl: OpenSsl, tmp_path: Path) -> None:
    """Signature by OpenSSL, hashes by hand; the chain too, unless it has explicit curves, which OpenSSL 3 refuses in chains."""
    card = passport(name)
    profile = card.profile
    sod = sod_of(name)
    good, said = openssl("cms", "-verify", "-inform", "DER", "-in", sod, "-noverify", "-out", str(tmp_path / "lds"))
    assert good, said
    lds = (tmp_path / "lds").read_bytes()
    [(_, body)] = objects(lds)
    parts = list(objects(body))
    assert parts[0][1] == bytes([profile.lds_version])
    assert (len(parts) == 4) is bool(profile.lds_version)
    listed = {}
    for _, entry in objects(parts[2][1]):
        (_, number), (_, digest) = objects(entry)
        listed[number[0]] = digest
    files = card.chip.applications[0].files
    assert listed == {
        fid - 0x100: hashlib.new(profile.data_group_hash, files[fid].content).digest()  # type: ignore[attr-defined]
        for fid in files
        if fid not in {COM, SOD}
    }
    authority = world().state(profile.state)
    trusted = pem(*(authority.csca(generation) for generation in (1, 2, 3)))
    good, said = openssl(
        "cms", "-verify", "-inform", "DER", "-in", sod, "-CAfile", trusted, *AT, "-purpose", "any", "-out", "/dev/null"
    )
    if profile.state == "D":
        assert not good
        assert b"explicit ECC parameters" in said
        signer = signed(sod)["certificates"][0].chosen
        assert held(openssl, signer, authority.csca(authority.generation_at(card.dates.issued - timedelta(days=30))))
    else:
        assert good, said


def held(openssl: OpenSsl, certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the certificate's signature is of the issuer's key, without anything of chains."""
    good, public = openssl("x509", "-inform", "DER", "-in", issuer.dump(), "-pubkey", "-noout")
    assert good, public
    digest = f"-{certificate['signature_algorithm'].hash_algo}"
    pss = certificate["signature_algorithm"].signature_algo == "rsassa_pss"
    options = ["-sigopt", "rsa_padding_mode:pss"] if pss else []
    signature, covered = bytes(certificate["signature_value"]), certificate["tbs_certificate"].dump()
    return openssl("dgst", digest, "-verify", public, *options, "-signature", signature, covered)[0]


@pytest.mark.parametrize("code", ["JPN", "D", "NZL"])
def test_generations_are_linked_and_share_a_name(code: str, openssl: OpenSsl) -> None:
    authority = world().state(code)
    cscas = [authority.csca(generation) for generation in (1, 2, 3)]
    assert len({csca.subject.dump() for csca in cscas}) == 1
    assert len({csca.key_identifier for csca in cscas}) == 3
    for generation in (2, 3):
        link = authority.link(generation)
        assert link.key_identifier == cscas[generation - 1].key_identifier
        assert link.authority_key_identifier == cscas[generation - 2].key_identifier
        assert held(openssl, link, cscas[generation - 2])
    assert not held(openssl, authority.link(3), cscas[2])
    assert held(openssl, cscas[2], cscas[2])
    for csca in cscas:
        assert csca.issuer.native["country_name"] == COUNTRIES[code]
    stranger = world().state(code, trusted=False).csca()
    assert stranger.subject == cscas[2].subject
    assert not held(openssl, stranger, cscas[2])


def test_the_kinds_of_signatures() -> None:
    """What the issue asks for is there: PKCS #1, PSS, ECDSA by name and with explicit parameters, SHA-1 to SHA-512."""
    found = {
        (PROFILES[name].style.kind, PROFILES[name].style.hash_name, PROFILES[name].style.explicit)
        for name in NAMED_PROFILES
    }
    assert found == {
        ("rsa", "sha1", False),
        ("rsa", "sha256", False),
        ("pss", "sha256", False),
        ("ecdsa", "sha256", False),
        ("ecdsa", "sha256", True),
        ("ecdsa", "sha512", False),
    }
    signer = signed(sod_of("europe_pace"))["certificates"][0].chosen
    assert signer.public_key["algorithm"]["parameters"].name == "specified"
    assert signed(sod_of("pace_3des"))["signer_infos"][0]["signature_algorithm"]["algorithm"].native == "rsassa_pss"
    assert signed(sod_of("ecdsa_active"))["signer_infos"][0]["sid"].name == "subject_key_identifier"


@pytest.mark.parametrize("hash_name", ["sha224", "sha384", "sha512"])
@pytest.mark.parametrize(("kind", "size"), [("rsa", 2048), ("pss", 2048), ("ecdsa", "P-384")])
def test_other_hashes(kind: str, size: int | str, hash_name: str, openssl: OpenSsl) -> None:
    style = Style(kind=kind, key=size, hash_name=hash_name)
    key = SigningKey("any", style)
    public = armor("PUBLIC KEY", key.public_info().dump())
    options = ["-sigopt", "rsa_padding_mode:pss"] if style.kind == "pss" else []
    good, said = openssl(
        "dgst", f"-{style.hash_name}", "-verify", public, *options, "-signature", key.sign(b"message"), b"message"
    )
    assert good, said


def test_card_security_is_signed_like_the_security_object(openssl: OpenSsl) -> None:
    content = passport("pace_cam_p521").chip.mf.transparent(CARD_SECURITY).content  # type: ignore[union-attr]
    trusted = pem(*(world().state("FRA").csca(generation) for generation in (1, 2, 3)))
    good, said = openssl(
        "cms",
        "-verify",
        "-inform",
        "DER",
        "-in",
        content,
        "-CAfile",
        trusted,
        *AT,
        "-purpose",
        "any",
        "-out",
        "/dev/null",
    )
    assert good, said


def test_master_list(openssl: OpenSsl, tmp_path: Path) -> None:
    trusted = pem(world().state("UTO").csca(3))
    check = ("-CAfile", trusted, *AT, "-purpose", "any", "-out", str(tmp_path / "list"))
    good, said = openssl("cms", "-verify", "-inform", "DER", "-in", world().master_list(), *check)
    assert good, said
    [(_, body)] = objects((tmp_path / "list").read_bytes())
    (_, version), (_, members) = objects(body)
    assert version == b"\x00"
    assert len(list(objects(members))) == 6 * len(COUNTRIES)
    assert purposes(world().master_list()) == [["2.23.136.1.1.3"]]
    good, _ = openssl("cms", "-verify", "-inform", "DER", "-in", world().master_list(variant="stranger"), *check)
    assert not good
    assert purposes(world().master_list(variant="wrong_purpose")) == []


def purposes(content: bytes) -> list[list[str]]:
    """The extended key usages of those certificates in it that have any."""
    values = [choice.chosen.extended_key_usage_value for choice in signed(content)["certificates"]]
    return [value.native for value in values if value is not None]


@pytest.mark.parametrize("code", COUNTRIES)
def test_revocation_lists(code: str, openssl: OpenSsl) -> None:
    authority = world().state(code)
    signer = authority.document_signer(Style(kind="ecdsa", key="P-256"), at=NOW, variant="revoked")
    good, said = openssl("crl", "-inform", "DER", "-in", authority.crl(), "-CAfile", pem(authority.csca(3)), "-noout")
    assert good, said
    assert b"verify OK" in said
    listed = crl.CertificateList.load(authority.crl())["tbs_cert_list"]
    serials = [entry["user_certificate"].native for entry in listed["revoked_certificates"]]
    assert signer.certificate.serial_number in serials
    good_one = authority.document_signer(Style(kind="ecdsa", key="P-256"), at=NOW)
    assert good_one.certificate.serial_number not in serials
    assert listed["this_update"].native < NOW < listed["next_update"].native


def test_document_signers_live_and_sign_as_long_as_they_should() -> None:
    card = passport("japan_2025")
    signer = signed(sod_of("japan_2025"))["certificates"][0].chosen
    validity = signer["tbs_certificate"]["validity"]
    assert validity["not_before"].native < card.dates.issued < card.dates.expiry < validity["not_after"].native
    attributes = signed(sod_of("japan_2025"))["signer_infos"][0]["signed_attrs"].native
    [signing_time] = [attribute["values"][0] for attribute in attributes if attribute["type"] == "signing_time"]
    assert validity["not_before"].native < signing_time < validity["not_after"].native
    period = next(
        extension for extension in signer["tbs_certificate"]["extensions"] if extension["extn_id"].dotted == "2.5.29.16"
    )
    assert period["extn_value"].native
    assert {extension["extn_id"].dotted for extension in signer["tbs_certificate"]["extensions"]} >= {
        "2.5.29.15", "2.5.29.16", "2.5.29.35", "2.5.29.17", "2.5.29.18", "2.23.136.1.1.6.2",
    }  # fmt: skip
    assert data_group(1) in card.chip.applications[0].files
