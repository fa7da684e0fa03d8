"""What a make-believe JPKI says of revoked certificates: a CRL (RFC 5280 §5), an OCSP responder (RFC 6960), as bytes and on loopback."""

from __future__ import annotations

import threading
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from examples.cards.keys import KeyRing
from examples.cards.my_number.jpki_authority import JpkiAuthority

_HOUR = timedelta(hours=1)


class Mood(StrEnum):
    """How the responder answers. *delegate*: by a key of its own that the CA certified for it.

    Wrong, or of no use: *stale* speaks of last week, *forged* says good of everybody and its signature fails, *uncertified* signs by
    a key that the CA certified for something else, *busy* has no time.
    """

    HONEST = "honest"
    DELEGATE = "delegate"
    STALE = "stale"
    FORGED = "forged"
    UNCERTIFIED = "uncertified"
    BUSY = "busy"


def build_crl(
    authority: JpkiAuthority, *, hours: int = 24, hours_ago: int = 1, signer: rsa.RSAPrivateKey | None = None
) -> bytes:
    """DER. hours_ago: thisUpdate, hours: how long it counts from then. signer: another key than the CA's, for a forged one."""
    begins = authority.now - hours_ago * _HOUR
    builder = (
        x509.CertificateRevocationListBuilder(authority.name)
        .last_update(begins)
        .next_update(begins + hours * _HOUR)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    for serial, (since, reason) in authority.revoked.items():
        entry = x509.RevokedCertificateBuilder(serial, since).add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signer or authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class OcspResponder:
    """One CA's. It knows what the CA issued: *good* or *revoked*, and *unknown* of everything else."""

    def __init__(self, authority: JpkiAuthority, *, keys: KeyRing, mood: Mood = Mood.HONEST) -> None:
        self.authority, self.keys, self.mood = authority, keys, mood

    def answer(self, request: bytes) -> bytes:
        """DER → DER. Nothing is signed for a request that cannot be read, or that asks for more than one certificate."""
        if self.mood is Mood.BUSY:
            return _unsigned(ocsp.OCSPResponseStatus.TRY_LATER)
        try:
            asked = ocsp.load_der_ocsp_request(request)
            serial, algorithm = asked.serial_number, asked.hash_algorithm
            hashed = asked.issuer_name_hash, asked.issuer_key_hash
        except (ValueError, RuntimeError):  # the second: of more than one certificate at once
            return _unsigned(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if hashed != _hashes(self.authority, algorithm):
            return _unsigned(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        begins = self.authority.now - (100 if self.mood is Mood.STALE else 1) * _HOUR
        known = serial in self.authority.issued
        since, reason = self.authority.revoked.get(serial, (None, None))
        if self.mood is Mood.FORGED:
            known, since, reason = True, None, None
        status = ocsp.OCSPCertStatus.REVOKED if since else ocsp.OCSPCertStatus.GOOD
        key, certificates = self._signer()
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                *hashed,
                serial,
                algorithm,
                status if known else ocsp.OCSPCertStatus.UNKNOWN,
                begins,
                begins + 24 * _HOUR,
                since if known else None,
                reason if known else None,
            )
            .responder_id(
                ocsp.OCSPResponderEncoding.HASH, certificates[0] if certificates else self.authority.certificate
            )
        )
        if certificates:
            builder = builder.certificates(certificates)
        for extension in asked.extensions:
            if isinstance(extension.value, x509.OCSPNonce):  # RFC 9654
                builder = builder.add_extension(extension.value, critical=False)
        response = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        return response[:-1] + bytes([response[-1] ^ 0x01]) if self.mood is Mood.FORGED else response

    def _signer(self) -> tuple[rsa.RSAPrivateKey, list[x509.Certificate]]:
        """Its key, and the certificate that goes with the answer if it is not the CA's own."""
        if self.mood in {Mood.DELEGATE, Mood.UNCERTIFIED}:
            key = self.keys.rsa("ocsp responder")
            return key, [self._responder_certificate(key)]
        return self.authority.key, []

    def _responder_certificate(self, key: rsa.RSAPrivateKey) -> x509.Certificate:
        """Certified for OCSP (RFC 6960 §4.2.2.2), or, *uncertified*, by the CA for nothing in particular."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OCSP responder")])
        builder = (
            x509.CertificateBuilder(self.authority.name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(self.authority.now - 48 * _HOUR)
            .not_valid_after(self.authority.now + 480 * _HOUR)
            .add_extension(x509.OCSPNoCheck(), critical=False)
        )
        if self.mood is Mood.DELEGATE:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        return builder.sign(self.authority.key, hashes.SHA256())


def _hashes(authority: JpkiAuthority, algorithm: hashes.HashAlgorithm) -> tuple[bytes, bytes]:
    """issuerNameHash and issuerKeyHash (RFC 6960 §4.1.1): of the name's DER, of the key's bits."""
    bits = authority.key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    found = []
    for data in (authority.name.public_bytes(), bits):
        digest = hashes.Hash(algorithm)
        digest.update(data)
        found.append(digest.finalize())
    return found[0], found[1]


def _unsigned(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)


@contextmanager
def serving(responder: OcspResponder, *, port: int = 0) -> Iterator[str]:
    """On loopback: POST (and GET, RFC 6960 A.1) at the yielded address, the CA's CRL at …/crl."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            self._send(responder.answer(self.rfile.read(min(size, 1 << 16))), "application/ocsp-response")

        def do_GET(self) -> None:
            if self.path == "/crl":
                self._send(build_crl(responder.authority), "application/pkix-crl")
                return
            try:
                request = b64decode(unquote(self.path[1:]), validate=True)
            except (NotBase64, ValueError):
                request = b""
            self._send(responder.answer(request), "application/ocsp-response")

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: requests name certificates."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
