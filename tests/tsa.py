"""Time-stamping authorities of our own: OpenSSL's ``ts -reply`` with certificates made here. The tokens are genuine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from common.ports import Fetched
from common.x509.pem import parse_certificates
from common.x509.sandbox_ca import DAY, CertificateAuthority, make_ca, moment, usage_bits

NOW = 1_790_000_000
POLICY = "1.2.392.200000.1.1"
ADDRESS = "https://tsa.example/stamp"
STAMPING: Sequence[ObjectIdentifier] = (ExtendedKeyUsageOID.TIME_STAMPING,)
CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = {digest}
default_policy = {policy}
other_policies = 1.2.392.200000.1.2
digests = sha1, sha256, sha512
accuracy = secs:{accuracy}
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
"""


@dataclass
class StampingAuthority:
    """root: what a verifier trusts. Its clock is OpenSSL's, the real one. asked: how often it was asked."""

    root: x509.Certificate
    folder: Path
    asked: int = field(default=0)

    def reply(self, request: bytes) -> bytes:
        """TimeStampReq → TimeStampResp."""
        self.asked += 1
        (self.folder / "request.tsq").write_bytes(request)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "reply.tsr"],
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
        return (self.folder / "reply.tsr").read_bytes()

    def page(self, body: bytes) -> Fetched:
        """For `FakeFetch`."""
        return Fetched(
            url=ADDRESS, status=200, headers={"content-type": "application/timestamp-reply"}, body=self.reply(body)
        )


def make_authority(
    folder: Path,
    *,
    name: str = "Time-stamp root",
    root: CertificateAuthority | None = None,
    uses: Sequence[ObjectIdentifier] = STAMPING,
    critical: bool = True,
    digest: str = "sha256",
    ess: str = "sha256",
    accuracy: int = 1,
    days: int = 36_500,
) -> StampingAuthority:
    """Certificates hold from 2001 on, so that they stand at the real time and at a test's."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command here")
    folder.mkdir(parents=True, exist_ok=True)
    begin = 1_000_000_000
    authority = root or make_ca(name, now=begin, days=36_500)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{name}: clock 1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(begin))
        .not_valid_after(min(moment(begin + days * DAY), authority.certificate.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage_bits(sign=True, certify=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(list(uses)), critical=critical)
        .sign(authority.key, hashes.SHA256())
    )
    (folder / "tsa.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "serial").write_text("01\n", encoding="ascii")
    config = CONFIG.format(folder=folder, digest=digest, policy=POLICY, ess=ess, accuracy=accuracy)
    (folder / "tsa.cnf").write_text(config, encoding="ascii")
    (folder / "root.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    return open_again(folder)


def open_again(folder: Path) -> StampingAuthority:
    """An authority that was made in this folder, perhaps by another process."""
    (root,) = parse_certificates((folder / "root.pem").read_bytes())
    return StampingAuthority(root=root, folder=folder)
