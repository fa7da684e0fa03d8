"""A relying party's key and certificate: what belongs together is taken, what does not is refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from common.errors import Malformed, Refused
from common.keys.software import SoftwareKey
from common.x509.sandbox_ca import CertificateAuthority, Use, issue_leaf, make_ca
from verifier.flows.own_identity import OwnIdentity, certify_in_sandbox, read_identity

NOW = 1_790_000_000


@pytest.fixture
def authority() -> CertificateAuthority:
    return make_ca("Tegata sandbox CA", now=NOW)


def pem(key: SoftwareKey) -> bytes:
    return key.private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_key_and_its_certificate(authority: CertificateAuthority) -> None:
    key = SoftwareKey.generate()
    public = key.private_key().public_key()
    leaf = issue_leaf(authority, public, name="Café", use=Use.VERIFIER, now=NOW, dns_names=["cafe.example"])
    identity = read_identity(private_key=pem(key), certificates=leaf.pem)
    assert identity.key.public_jwk() == key.public_jwk()
    assert identity.x5c == leaf.x5c
    for another in (pem(SoftwareKey.generate()), None):
        with pytest.raises(Malformed, match="not for the private key"):
            read_identity(private_key=another, certificates=leaf.pem)


def test_without_files_the_key_is_new_and_has_no_certificate() -> None:
    first, second = (read_identity(private_key=None, certificates=None) for _ in range(2))
    assert first.x5c == ()
    assert first.key.kid != second.key.kid


def test_only_a_sandbox_makes_its_own_certificates(authority: CertificateAuthority) -> None:
    plain = OwnIdentity(key=SoftwareKey.generate())
    files = authority.pem, authority.key_pem

    def certify(*, sandbox: bool) -> OwnIdentity:
        return certify_in_sandbox(plain, authority=files, name="Café", host="localhost", sandbox=sandbox, now=NOW)

    assert certify(sandbox=True).x5c
    with pytest.raises(Refused):
        certify(sandbox=False)
