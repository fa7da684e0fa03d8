"""IACA roots and document signers: each rule of ISO/IEC 18013-5 Annex B.1 by a certificate that breaks only that one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from common.errors import Malformed, Rejected
from common.x509.iaca import MDL_DS, IacaRoots, parse_signer
from common.x509.sandbox_ca import CertificateAuthority, Use, issue_leaf, make_ca
from common.x509.sandbox_iaca import issue_document_signer, make_crl, make_iaca

NOW = 1_790_000_000
DAY = 86400
ADDRESS = "https://issuer.example/sakuragawa"
ROOT = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW)
KEY = ec.generate_private_key(ec.SECP256R1())


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def signer(iaca: CertificateAuthority = ROOT, **options: Any) -> x509.Certificate:
    return issue_document_signer(
        iaca, KEY.public_key(), **{"name": "Sandbox signer", "address": ADDRESS, "now": NOW, **options}
    ).certificate


def usage(**bits: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


Extension = tuple[x509.ExtensionType, bool]


def built(
    subject_key: ec.EllipticCurvePublicKey,
    extensions: list[Extension],
    *,
    subject: x509.Name,
    issuer: x509.Name = ROOT.certificate.subject,
    by: ec.EllipticCurvePrivateKey = ROOT.key,
    days: int = 100,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(subject_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(NOW - DAY, UTC))
        .not_valid_after(datetime.fromtimestamp(NOW + days * DAY, UTC))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(by, hashes.SHA256())


def name(country: str | None = "JP", *, state: str | None = None, common: str = "Signer") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, country)] if country else []
    parts += [x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, state)] if state else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


ROOT_ID = ROOT.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
GOOD: dict[str, Extension] = {
    "usage": (usage(digital_signature=True), True),
    "purpose": (x509.ExtendedKeyUsage([ObjectIdentifier(MDL_DS)]), True),
    "own": (x509.SubjectKeyIdentifier.from_public_key(KEY.public_key()), False),
    "authority": (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ROOT_ID), False),
    "alternative": (x509.IssuerAlternativeName([x509.UniformResourceIdentifier(ADDRESS)]), False),
}


def changed(**change: Extension | None) -> x509.Certificate:
    extensions = [extension for extension in {**GOOD, **change}.values() if extension is not None]
    return built(KEY.public_key(), extensions, subject=name())


def refused(certificate: x509.Certificate, reason: str = "untrusted_key", **options: Any) -> None:
    roots = options.pop("roots", (ROOT.certificate,))
    with pytest.raises(Rejected) as caught:
        IacaRoots(roots).verify([der(certificate)], **{"now": NOW, **options})
    assert caught.value.reason == reason


def test_a_signer_and_its_root() -> None:
    certificate = signer(crl_address="https://iaca.example/crl")
    found = IacaRoots([ROOT.certificate]).verify([der(certificate)], now=NOW)
    assert found.signer.issuer == ADDRESS
    assert (found.signer.country, found.signer.state, found.signer.subject) == ("JP", None, "Sandbox signer")
    assert found.root_subject == "Sandbox IACA"
    assert found.root_sha256 == ROOT.certificate.fingerprint(hashes.SHA256()).hex()
    assert found.signer.public_key == KEY.public_key()
    assert found.signer.not_after - NOW == 457 * DAY
    assert IacaRoots([ROOT.certificate]).verify([der(changed())], now=NOW).signer.issuer == ADDRESS


def test_the_issuer_is_called_by_its_subject_where_it_has_no_address() -> None:
    mail = (x509.IssuerAlternativeName([x509.RFC822Name("iaca@issuer.example")]), False)
    assert parse_signer(der(changed(alternative=mail))).issuer == "mailto:iaca@issuer.example"
    assert parse_signer(der(changed(alternative=None))).issuer == "CN=Signer,C=JP"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"usage": None}, id="no key usage"),
        pytest.param({"usage": (usage(digital_signature=True), False)}, id="key usage not critical"),
        pytest.param({"usage": (usage(digital_signature=True, key_agreement=True), True)}, id="one bit more"),
        pytest.param({"usage": (usage(content_commitment=True), True)}, id="another bit"),
        pytest.param({"purpose": None}, id="no purpose"),
        pytest.param(
            {"purpose": (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), True)}, id="another purpose"
        ),
        pytest.param(
            {"purpose": (x509.ExtendedKeyUsage([ObjectIdentifier(MDL_DS), ExtendedKeyUsageOID.SERVER_AUTH]), True)},
            id="one purpose more",
        ),
        pytest.param(
            {"purpose": (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), True)}, id="any purpose"
        ),
        pytest.param({"own": None}, id="no key identifier"),
        pytest.param({"authority": None}, id="no authority key identifier"),
        pytest.param(
            {"authority": (x509.AuthorityKeyIdentifier(b"another key identifi", None, None), False)}, id="another key's"
        ),
        pytest.param({"alternative": None}, id="no issuer alternative name"),
        pytest.param(
            {"alternative": (x509.IssuerAlternativeName([x509.DNSName("issuer.example")]), False)}, id="a host as name"
        ),
        pytest.param({"more": (x509.BasicConstraints(True, None), True)}, id="an authority"),
        pytest.param({"more": (x509.InhibitAnyPolicy(0), False)}, id="a forbidden extension"),
        pytest.param(
            {"more": (x509.NameConstraints([x509.DNSName("example")], None), True)}, id="another forbidden extension"
        ),
        pytest.param(
            {"more": (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\5\0"), True)},
            id="unknown and critical",
        ),
        pytest.param(
            {
                "more": (
                    x509.CRLDistributionPoints(
                        [
                            x509.DistributionPoint(
                                [x509.UniformResourceIdentifier("https://iaca.example/crl")],
                                None,
                                frozenset({x509.ReasonFlags.key_compromise}),
                                None,
                            )
                        ]
                    ),
                    False,
                )
            },
            id="a list for some reasons only",
        ),
    ],
)
def test_signers_that_break_the_profile(change: dict[str, Any]) -> None:
    refused(changed(**change))


def test_an_unknown_extension_that_is_not_critical_does_no_harm() -> None:
    certificate = changed(more=(x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\5\0"), False))
    assert IacaRoots([ROOT.certificate]).verify([der(certificate)], now=NOW)


@pytest.mark.parametrize(
    ("subject", "root_state"),
    [
        (name("DE"), None),
        (name(None), None),
        (name(state="Tokyo"), None),
        (name(), "Tokyo"),
        (name(state="Osaka"), "Tokyo"),
    ],
)
def test_country_and_state_agree(subject: x509.Name, root_state: str | None) -> None:
    root = make_iaca("Sandbox IACA", country="JP", state=root_state, address="https://iaca.example", now=NOW)
    identifier = root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    extensions = {
        **GOOD,
        "authority": (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    }
    certificate = built(
        KEY.public_key(), list(extensions.values()), subject=subject, issuer=root.certificate.subject, by=root.key
    )
    refused(certificate, roots=(root.certificate,))
    found = IacaRoots([root.certificate]).verify([der(signer(root))], now=NOW)
    assert found.signer.state == root_state


ROOT_GOOD: dict[str, Extension] = {
    "usage": (usage(key_cert_sign=True, crl_sign=True), True),
    "constraints": (x509.BasicConstraints(True, 0), True),
    "own": (x509.SubjectKeyIdentifier.from_public_key(ROOT.key.public_key()), False),
    "alternative": (x509.IssuerAlternativeName([x509.UniformResourceIdentifier("https://iaca.example")]), False),
}


@pytest.mark.parametrize(
    "change",
    [
        {"usage": None},
        {"usage": (usage(key_cert_sign=True), True)},
        {"usage": (usage(key_cert_sign=True, crl_sign=True, digital_signature=True), True)},
        {"constraints": None},
        {"constraints": (x509.BasicConstraints(False, None), True)},
        {"constraints": (x509.BasicConstraints(True, 1), True)},
        {"constraints": (x509.BasicConstraints(True, None), True)},
        {"constraints": (x509.BasicConstraints(True, 0), False)},
        {"own": None},
        {"alternative": None},
        {"more": (x509.NameConstraints([x509.DNSName("example")], None), True)},
    ],
)
def test_roots_that_break_the_profile(change: dict[str, Any]) -> None:
    def root(**change: Extension | None) -> x509.Certificate:
        extensions = [extension for extension in {**ROOT_GOOD, **change}.values() if extension is not None]
        return built(ROOT.key.public_key(), extensions, subject=ROOT.certificate.subject, days=5000)

    assert IacaRoots([root()]).verify([der(signer())], now=NOW)
    refused(signer(), roots=(root(**change),))


def test_several_roots_of_one_name() -> None:
    """Decided by key and signature: each generation's signers are believed by their own root, whatever the order."""
    generations = [make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW) for _ in range(3)]
    roots = [generation.certificate for generation in generations]
    for generation in generations:
        for order in (roots, roots[::-1]):
            found = IacaRoots(order).verify([der(signer(generation))], now=NOW)
            assert found.root_sha256 == generation.certificate.fingerprint(hashes.SHA256()).hex()
    stranger = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW)
    refused(signer(stranger), roots=tuple(roots))
    refused(signer(), roots=())


def test_validity() -> None:
    certificate = signer(days=10)
    refused(certificate, "expired", now=NOW + 11 * DAY)
    refused(certificate, "not_yet_valid", now=NOW - DAY)
    old = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW, days=5)
    extensions = {
        **GOOD,
        "authority": (x509.AuthorityKeyIdentifier.from_issuer_public_key(old.key.public_key()), False),
    }
    outlives = built(
        KEY.public_key(), list(extensions.values()), subject=name(), issuer=old.certificate.subject, by=old.key
    )
    assert IacaRoots([old.certificate]).verify([der(outlives)], now=NOW)
    refused(outlives, "expired", roots=(old.certificate,), now=NOW + 6 * DAY)
    assert IacaRoots([old.certificate, ROOT.certificate]).verify([der(signer())], now=NOW + 6 * DAY)


def test_what_may_come_along_in_the_chain() -> None:
    roots = IacaRoots([ROOT.certificate])
    certificate = signer()
    assert roots.verify([der(certificate), der(ROOT.certificate)], now=NOW)
    for chain in ([der(certificate), der(certificate)], [der(certificate), der(make_ca("Root", now=NOW).certificate)]):
        with pytest.raises(Rejected, match="untrusted_key"):
            roots.verify(chain, now=NOW)
    with pytest.raises(Rejected, match="untrusted_key"):
        roots.verify([der(ROOT.certificate)], now=NOW)
    for broken in ([], [der(certificate)] * 4, [b""], [der(certificate)[:-1]], [bytes(12289)]):
        with pytest.raises(Malformed):
            roots.verify(broken, now=NOW)


def test_issuers_of_web_credentials_do_not_sign_mdocs() -> None:
    ca = make_ca("Root", now=NOW)
    leaf = issue_leaf(ca, KEY.public_key(), name="Issuer", use=Use.ISSUER, now=NOW, uris=(ADDRESS,))
    refused(leaf.certificate, roots=(ca.certificate,))


def test_revocation() -> None:
    roots = IacaRoots([ROOT.certificate])
    good, bad = signer(), signer()
    crl = make_crl(ROOT, [bad], now=NOW)
    assert roots.verify([der(good)], now=NOW, crls=(crl,))
    refused(bad, "revoked", crls=(crl,))
    stranger = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW)
    refused(bad, "revoked", crls=(make_crl(stranger, [], now=NOW), crl))
    for useless in (
        make_crl(stranger, [], now=NOW),
        make_crl(ROOT, [], now=NOW - 40 * DAY),
        make_crl(ROOT, [], now=NOW + DAY),
    ):
        refused(good, "status_unknown", crls=(useless,))


def test_every_byte_of_a_certificate_counts() -> None:
    roots, whole = IacaRoots([ROOT.certificate]), bytearray(der(signer()))
    for position in range(0, len(whole), 3):
        whole[position] ^= 1
        with pytest.raises((Rejected, Malformed)):
            roots.verify([bytes(whole)], now=NOW)
        whole[position] ^= 1
    assert roots.verify([bytes(whole)], now=NOW)


def second_opinion(certificate: x509.Certificate, roots: list[x509.Certificate], now: int) -> bool:
    """``cryptography``'s path validation, which knows RFC 5280 but not the profile's own rules."""
    policy = ExtensionPolicy.permit_all()
    builder = PolicyBuilder().store(Store(roots)).max_chain_depth(0).time(datetime.fromtimestamp(now, UTC))
    of_roots = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.CRITICAL, None)
    builder = builder.extension_policies(ca_policy=of_roots, ee_policy=policy)
    try:
        builder.build_client_verifier().verify(certificate, [])
    except VerificationError:
        return False
    return True


@pytest.mark.parametrize("now", [NOW, NOW - 2 * DAY, NOW + 99 * DAY, NOW + 101 * DAY, NOW + 4000 * DAY])
def test_whom_we_believe_is_believed_by_others_too(now: int) -> None:
    other = make_iaca("Sandbox IACA", country="JP", address="https://iaca.example", now=NOW)
    certificates = [changed(), signer(), signer(other), signer(days=100)]
    for roots in ([ROOT.certificate], [other.certificate], [other.certificate, ROOT.certificate]):
        for certificate in certificates:
            try:
                IacaRoots(roots).verify([der(certificate)], now=now)
                believed = True
            except Rejected:
                believed = False
            assert believed == second_opinion(certificate, roots, now)
