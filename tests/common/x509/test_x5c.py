"""Certificate chains: what a root vouches for, and everything that it does not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from common.errors import Malformed, Rejected
from common.x509.pem import parse_certificates, to_x5c
from common.x509.sandbox_ca import CertificateAuthority, Use, issue_leaf, load_ca, make_ca
from common.x509.x5c import VerifiedChain, parse_x5c, sha256_hash, verify_x5c

NOW = 1_790_000_000
DAY = 86400
CA = make_ca("Sandbox root", now=NOW)
KEY = ec.generate_private_key(ec.SECP256R1())
USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
STRANGER = ec.generate_private_key(ec.SECP256R1())
URI = "https://issuer.example/sakuragawa"
LEAF = issue_leaf(
    CA, KEY.public_key(), name="桜川大学", use=Use.ISSUER, now=NOW, dns_names=["issuer.example"], uris=[URI]
)


def certificate(
    issuer: CertificateAuthority | None = CA,
    *,
    key: ec.EllipticCurvePrivateKey = KEY,
    name: str = "x",
    ca: bool | None = False,
    path_length: int | None = None,
    usage: str | None = "sign",
    start: int = NOW - 10,
    end: int = NOW + DAY,
    extra: tuple[Any, bool] | None = None,
    dns: str = "a.example",
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(start, UTC))
        .not_valid_after(datetime.fromtimestamp(end, UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(dns)]), critical=False)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    if usage is not None:
        flags = dict.fromkeys(USAGES, False)
        flags |= {
            "sign": {"digital_signature": True},
            "certify": {"key_cert_sign": True},
            "agree": {"key_agreement": True},
        }[usage]
        builder = builder.add_extension(x509.KeyUsage(**flags), critical=True)
    if extra is not None:
        builder = builder.add_extension(extra[0], critical=extra[1])
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


def authority(issuer: CertificateAuthority | None = None, **options: Any) -> CertificateAuthority:
    key = ec.generate_private_key(ec.SECP256R1())
    options = {"ca": True, "usage": "certify", **options}
    return CertificateAuthority(certificate=certificate(issuer, key=key, **options), key=key)


def verify(
    *chain: x509.Certificate, roots: tuple[x509.Certificate, ...] = (CA.certificate,), **options: Any
) -> VerifiedChain:
    return verify_x5c(to_x5c(chain), roots, **{"now": NOW, **options})


def test_a_leaf_of_the_sandbox_holds() -> None:
    found = verify_x5c(LEAF.x5c, [CA.certificate], now=NOW, dns_name="issuer.example")
    assert found.public_key == KEY.public_key()
    assert found.subject == "桜川大学"
    assert found.uris == (URI,)
    assert found.dns_names == ("issuer.example",)
    assert found.root_subject == "Sandbox root"
    assert sha256_hash(LEAF.x5c) == LEAF.sha256


def test_a_root_that_came_along_is_dropped() -> None:
    assert verify(LEAF.certificate, CA.certificate).uris == (URI,)


def test_several_roots_of_one_name_are_told_apart_by_key() -> None:
    twins = [make_ca("Sandbox root", now=NOW) for _ in range(2)]
    roots = (twins[0].certificate, CA.certificate, twins[1].certificate)
    assert verify(LEAF.certificate, roots=roots).root_sha256 == CA.certificate.fingerprint(hashes.SHA256()).hex()
    with pytest.raises(Rejected, match="untrusted_key"):
        verify(LEAF.certificate, roots=(twins[0].certificate, twins[1].certificate))


def test_no_roots_no_trust() -> None:
    with pytest.raises(Rejected, match="untrusted_key"):
        verify(LEAF.certificate, roots=())


def test_intermediates() -> None:
    root = authority(name="root")
    middle = authority(root, name="middle", path_length=0)
    assert verify(certificate(middle), middle.certificate, roots=(root.certificate,)).root_subject == "root"


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param(lambda: [certificate(CA, ca=True)], id="leaf is an authority"),
        pytest.param(lambda: [CA.certificate], id="the root itself"),
        pytest.param(lambda: [certificate(CA, usage="certify")], id="leaf may certify"),
        pytest.param(lambda: [certificate(CA, usage="agree")], id="leaf may not sign"),
        pytest.param(lambda: [certificate(None)], id="signs itself"),
        pytest.param(lambda: [certificate(make_ca("Sandbox root", now=NOW))], id="another root of that name"),
        pytest.param(lambda: [certificate(CA), LEAF.certificate], id="no chain"),
        pytest.param(
            lambda: [certificate(CA, extra=(x509.OCSPNoCheck(), True))],
            id="unknown critical extension",
        ),
    ],
)
def test_untrusted(chain: Any) -> None:
    with pytest.raises(Rejected, match="untrusted_key"):
        verify(*chain())


def test_a_leaf_cannot_issue() -> None:
    signer = CertificateAuthority(certificate=LEAF.certificate, key=KEY)
    with pytest.raises(Rejected, match="no authority"):
        verify(certificate(signer, key=STRANGER), LEAF.certificate)
    with pytest.raises(Rejected, match="no authority"):  # not even where the leaf itself was put among the roots
        verify(certificate(signer, key=STRANGER), roots=(LEAF.certificate,))


def test_an_authority_needs_constraints_and_usage() -> None:
    root = authority(name="root")
    for options in ({"ca": None}, {"ca": False}, {"usage": "sign"}):
        middle = authority(root, name="middle", **options)
        with pytest.raises(Rejected, match="untrusted_key"):
            verify(certificate(middle), middle.certificate, roots=(root.certificate,))


def test_critical_extensions_of_authorities_and_purposes_are_not_overlooked() -> None:
    names = x509.NameConstraints(permitted_subtrees=[x509.DNSName("b.example")], excluded_subtrees=None)
    root = authority(name="root", extra=(names, True))
    with pytest.raises(Rejected, match="critical"):
        verify(certificate(root), roots=(root.certificate,))
    plain = authority(name="root")
    middle = authority(plain, name="middle", extra=(names, True))
    with pytest.raises(Rejected, match="critical"):
        verify(certificate(middle), middle.certificate, roots=(plain.certificate,))
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    with pytest.raises(Rejected, match="critical"):
        verify(certificate(CA, extra=(purpose, True)))
    assert verify(certificate(CA, extra=(purpose, False)))


def test_path_length_counts_intermediates() -> None:
    for allowed, ok in [(0, False), (1, True), (None, True)]:
        root = authority(name="root", path_length=allowed)
        middle = authority(root, name="middle")
        chain = (certificate(middle), middle.certificate)
        if ok:
            verify(*chain, roots=(root.certificate,))
        else:
            with pytest.raises(Rejected, match="longer"):
                verify(*chain, roots=(root.certificate,))
    root = authority(name="root")
    upper = authority(root, name="upper", path_length=0)
    lower = authority(upper, name="lower")
    with pytest.raises(Rejected, match="longer"):
        verify(certificate(lower), lower.certificate, upper.certificate, roots=(root.certificate,))


@pytest.mark.parametrize(
    ("start", "end", "reason"), [(NOW - DAY, NOW - 1, "expired"), (NOW + 1, NOW + DAY, "not_yet_valid")]
)
def test_validity_of_leaf_intermediate_and_root(start: int, end: int, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        verify(certificate(CA, start=start, end=end))
    root = authority(name="root")
    middle = authority(root, name="middle", start=start, end=end)
    with pytest.raises(Rejected, match=reason):
        verify(certificate(middle), middle.certificate, roots=(root.certificate,))
    old = authority(name="old", start=start, end=end)
    with pytest.raises(Rejected, match=reason):
        verify(certificate(old), roots=(old.certificate,))


def test_names_are_matched_against_the_leaf_only() -> None:
    root = authority(name="root")
    middle = authority(root, name="b.example", dns="b.example")
    chain = (certificate(middle, name="b.example", dns="a.example"), middle.certificate)
    assert verify(*chain, roots=(root.certificate,), dns_name="A.example.").dns_names == ("a.example",)
    for name in ("b.example", "example", "x.a.example", "*.example", ""):
        with pytest.raises(Rejected, match="another name"):
            verify(*chain, roots=(root.certificate,), dns_name=name)
    with pytest.raises(Rejected, match="another name"):
        verify(certificate(CA, dns="*.example"), dns_name="a.example")


@pytest.mark.parametrize(
    "chain", [None, [], "text", [5], [""], ["!!"], ["AAAA"], LEAF.x5c * 7, ["A" * 20000], {"a": 1}]
)
def test_malformed(chain: Any) -> None:
    with pytest.raises(Malformed):
        parse_x5c(chain)


def test_every_changed_byte_is_noticed() -> None:
    der = LEAF.certificate.public_bytes(Encoding.DER)
    for position in range(len(der)):
        changed = der[:position] + bytes([der[position] ^ 1]) + der[position + 1 :]
        with pytest.raises((Malformed, Rejected)):
            verify_x5c([base64.b64encode(changed).decode()], [CA.certificate], now=NOW)


def test_files() -> None:
    again = load_ca(CA.pem, CA.key_pem)
    assert again.certificate == CA.certificate
    assert parse_certificates(CA.pem + LEAF.pem) == (CA.certificate, LEAF.certificate)
    assert "PRIVATE" not in repr(CA)
    with pytest.raises(Malformed):
        load_ca(CA.pem, make_ca("x", now=NOW).key_pem)
    for bad in (b"", b"text"):
        with pytest.raises(Malformed):
            parse_certificates(bad)


def test_tls_leaf_and_addresses() -> None:
    leaf = issue_leaf(
        CA, KEY.public_key(), name="LAN", use=Use.TLS_SERVER, now=NOW, dns_names=["tegata.local", "192.168.1.5"]
    )
    names = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.5"]
    assert leaf.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    with pytest.raises(ValueError, match="needs a name"):
        issue_leaf(CA, KEY.public_key(), name="x", use=Use.ISSUER, now=NOW)
