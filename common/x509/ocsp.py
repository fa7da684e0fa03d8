"""Revocation by asking a responder. RFC 6960, RFC 9654 (nonce).

An answer counts if the issuer, or one that the issuer appointed for this, signed it, now, for our question. Anything else is *unknown*.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from common.errors import TegataError
from common.ports import Fetch
from common.x509.revocation import RevocationStatus, Standing, unknown
from common.x509.unreadable import UNREADABLE

SOURCE = "ocsp"
MAX_BYTES = 1 << 16
NONCE_BYTES = 32
SKEW = 300
"""Seconds that a responder's clock may be ahead of ours."""
MAX_AGE = 3600
"""Seconds for which an answer without nextUpdate counts: it says that newer word is always to be had (RFC 6960 §4.2.2.1)."""
_HASHES = frozenset({"sha256", "sha384", "sha512"})
_CONTENT = ("application/ocsp-request", "application/ocsp-response")
_SERVED = frozenset({ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE, ExtensionOID.BASIC_CONSTRAINTS})


class _NotBelieved(Exception):
    """reason: a word for `unknown`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OcspSource:
    """Asks one responder. nonce_required: an answer that does not repeat our nonce counts for nothing (it may be an old one)."""

    def __init__(
        self,
        fetch: Fetch,
        address: str,
        *,
        nonce_required: bool = True,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._fetch, self._address = fetch, address
        self._nonce_required, self._random = nonce_required, random

    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        """As `RevocationSource.status`. Reasons of *unknown*: "unreachable", "http_status", "bad_certificate", and of `read_response`."""
        try:
            child, parent = x509.load_der_x509_certificate(leaf), x509.load_der_x509_certificate(issuer)
            nonce = self._random(NONCE_BYTES)
            question = build_request(child, parent, nonce=nonce)
        except UNREADABLE:
            return unknown("bad_certificate", source=SOURCE)
        try:
            answer = self._fetch.post(self._address, body=question, content_type=_CONTENT[0], accept=_CONTENT[1])
        except TegataError:
            return unknown("unreachable", source=SOURCE)
        if answer.status != 200:
            return unknown("http_status", source=SOURCE)
        return read_response(
            answer.body, leaf=child, issuer=parent, nonce=nonce, nonce_required=self._nonce_required, now=now
        )


def build_request(leaf: x509.Certificate, issuer: x509.Certificate, *, nonce: bytes) -> bytes:
    """One question about one certificate, named by SHA-1 as every responder understands (RFC 6960 §4.3). DER."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1())  # noqa: S303  # a name, not a signature
    built = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    return built.public_bytes(serialization.Encoding.DER)


def read_response(
    der: bytes, *, leaf: x509.Certificate, issuer: x509.Certificate, nonce: bytes, nonce_required: bool, now: int
) -> RevocationStatus:
    """A responder's answer → what it says about the leaf.

    1. readable, of moderate size, "successful", one answer to one question      RFC 6960 §4.2.1
    2. it is about our certificate                                               §3.2 (1)
    3. signed by the issuer, or by a responder that the issuer appointed         §3.2 (2)–(4), §4.2.2.2
    4. it repeats our nonce                                                      §4.4.1
    5. fresh: updated by now, its successor not yet due                          §3.2 (5), (6)
    Never raises. Reasons of *unknown*: "ocsp_malformed", "ocsp_refused", "ocsp_other_certificate", "ocsp_signer", "ocsp_signature",
    "ocsp_nonce", "ocsp_not_yet_valid", "ocsp_stale", "ocsp_unknown" (the responder does not know the certificate).
    """
    if len(der) > MAX_BYTES:
        return unknown("ocsp_malformed", source=SOURCE)
    try:
        return _read(der, leaf, issuer, nonce, nonce_required, now)
    except _NotBelieved as reason:
        return unknown(reason.reason, source=SOURCE)
    except UNREADABLE:
        return unknown("ocsp_malformed", source=SOURCE)


def _read(
    der: bytes, leaf: x509.Certificate, issuer: x509.Certificate, nonce: bytes, nonce_required: bool, now: int
) -> RevocationStatus:
    # 1 · form
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise _NotBelieved("ocsp_refused")
    singles = list(response.responses)
    if len(singles) != 1:
        raise _NotBelieved("ocsp_malformed")
    single = singles[0]
    # 2 · subject
    if not _is_about(single, leaf, issuer):
        raise _NotBelieved("ocsp_other_certificate")
    # 3 · signature
    _check_signature(response, _find_signer(response, issuer, now))
    # 4 · nonce
    try:
        repeated = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        repeated = None
    if (repeated is None and nonce_required) or (repeated is not None and repeated != nonce):
        raise _NotBelieved("ocsp_nonce")
    # 5 · freshness
    this = int(single.this_update_utc.timestamp())
    until = single.next_update_utc
    following = None if until is None else int(until.timestamp())
    reason = ""
    if this > now + SKEW:
        reason = "ocsp_not_yet_valid"
    elif (this + MAX_AGE if following is None else following) < now:
        reason = "ocsp_stale"
    elif single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        reason = "ocsp_unknown"
    if reason:
        return RevocationStatus(
            standing=Standing.UNKNOWN, source=SOURCE, reason=reason, this_update=this, next_update=following
        )
    if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return RevocationStatus(standing=Standing.GOOD, source=SOURCE, this_update=this, next_update=following)
    since, why = single.revocation_time_utc, single.revocation_reason
    return RevocationStatus(
        standing=Standing.REVOKED,
        source=SOURCE,
        reason="unspecified" if why is None else why.value,
        this_update=this,
        next_update=following,
        revoked_at=None if since is None else int(since.timestamp()),
    )


def _is_about(single: ocsp.OCSPSingleResponse, leaf: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the answer's name of a certificate is the leaf's, by the answer's own hash."""
    name = single.hash_algorithm.name
    if name not in ("sha1", "sha256"):
        return False
    key = issuer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        bits = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        bits = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    else:
        return False
    return (
        single.serial_number == leaf.serial_number
        and single.issuer_name_hash == hashlib.new(name, issuer.subject.public_bytes()).digest()
        and single.issuer_key_hash == hashlib.new(name, bits).digest()
    )


def _find_signer(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: int) -> x509.Certificate:
    """The issuer itself, or the one responder that came along and that the issuer appointed."""
    if _names(response, issuer):
        return issuer
    for responder in response.certificates[:4]:
        if _names(response, responder) and _is_appointed(responder, issuer, now):
            return responder
    raise _NotBelieved("ocsp_signer")


def _names(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == certificate.subject
    digest = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    return response.responder_key_hash == digest


def _is_appointed(responder: x509.Certificate, issuer: x509.Certificate, now: int) -> bool:
    """Issued by the issuer's own key for this purpose, in force, and not to be asked about in turn (id-pkix-ocsp-nocheck)."""
    try:
        responder.verify_directly_issued_by(issuer)
        purposes = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        responder.extensions.get_extension_for_class(x509.OCSPNoCheck)
    except (InvalidSignature, x509.ExtensionNotFound, *UNREADABLE):
        return False
    if any(extension.critical and extension.oid not in _SERVED for extension in responder.extensions):
        return False
    return (
        responder.not_valid_before_utc.timestamp() <= now <= responder.not_valid_after_utc.timestamp()
        and ExtendedKeyUsageOID.OCSP_SIGNING in purposes
    )


def _check_signature(response: ocsp.OCSPResponse, signer: x509.Certificate) -> None:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    if algorithm is None or algorithm.name not in _HASHES:
        raise _NotBelieved("ocsp_signature")
    try:
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            raise _NotBelieved("ocsp_signature")
    except InvalidSignature:
        raise _NotBelieved("ocsp_signature") from None
