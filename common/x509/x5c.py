"""The certificate chain in a JOSE header (``x5c``), checked up to one of the roots that the operator trusts. RFC 7515 §4.1.6, RFC 5280 §6.

Roots are compared by key and signature, never by name: several may carry one name (JPKI has three generations). Revocation is
not judged here. What a leaf may do: sign messages; it can never issue.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from common.errors import Malformed, Rejected
from common.x509.names import common_name, dns_names, has_dns_name, uris
from common.x509.wrapping import check_wrapping

_SHA256 = hashes.SHA256()
MAX_CERTIFICATES = 6
MAX_CERTIFICATE_BYTES = 16384
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    }
)
"""Extensions whose meaning is enforced (or is empty) here. Any other one that is marked critical ends the check (RFC 5280 §4.2), name
constraints and extended key usage among them. An extended key usage that is *not* critical is not judged: no purpose is registered for
these messages, and verifiers in the field use the certificates of their TLS servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedChain:
    """A leaf that a trusted root vouches for, now. public_key: the leaf's, as ``cryptography`` holds it (`export_public_jwk`).

    subject: common name, to show. root_subject, root_sha256: which root it was. not_after: seconds, when the leaf ends.
    """

    leaf: x509.Certificate = field(repr=False)
    public_key: Any = field(repr=False)
    subject: str
    dns_names: tuple[str, ...]
    uris: tuple[str, ...]
    root_subject: str
    root_sha256: str
    not_after: int


def parse_x5c(chain_b64: object) -> tuple[x509.Certificate, ...]:
    """``x5c`` (array of base64 DER, leaf first; standard alphabet with padding) → certificates. Raises Malformed."""
    if not isinstance(chain_b64, list | tuple) or not 0 < len(chain_b64) <= MAX_CERTIFICATES:
        raise Malformed("bad_x5c", f"x5c holds one to {MAX_CERTIFICATES} certificates")
    return tuple(_read(text) for text in chain_b64)


def _read(text: object) -> x509.Certificate:
    if not isinstance(text, str) or len(text) > MAX_CERTIFICATE_BYTES:
        raise Malformed("bad_x5c", "a certificate in x5c is base64 text of moderate length")
    try:
        der = base64.b64decode(text, validate=True)
        certificate = x509.load_der_x509_certificate(der)
        check_wrapping(der, certificate)
        _ = certificate.extensions, certificate.public_key()
    except (ValueError, binascii.Error, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise Malformed("bad_certificate", "not an X.509 certificate") from None
    except Exception as unreadable:  # cryptography's own UnsupportedAlgorithm and friends share no base below Exception
        raise Malformed("bad_certificate", "a certificate of an unknown kind") from unreadable
    return certificate


def verify_x5c(
    chain_b64: Sequence[str], roots: Iterable[x509.Certificate], *, now: int, dns_name: str | None = None
) -> VerifiedChain:
    """The leaf's key and names, once a trusted root vouches for them.

    1. read the certificates; drop a root that came along (HAIP §6.1.1 forbids it, others send it): only *our* copy counts
    2. every link: issuer's name and signature; validity at ``now`` (seconds)       RFC 5280 §6.1.3
    3. every issuer on the way, our root included: CA, keyCertSign, path length     RFC 5280 §6.1.4
    4. the leaf: not a CA, digitalSignature                                         RFC 5280 §4.2.1.3, §4.2.1.9
    5. the last link: some trusted root's *key* made the signature
    6. dns_name, if asked for, stands in the leaf's subjectAltName
    Left to the caller: what this name is allowed to do; revocation.
    Raises Malformed, Rejected("untrusted_key") or Rejected("expired" | "not_yet_valid").
    """
    trusted = tuple(roots)
    if not trusted:
        raise Rejected("untrusted_key", "no roots are trusted here")
    # 1 · read
    chain = list(parse_x5c(chain_b64))
    root_prints = {root.fingerprint(_SHA256) for root in trusted}
    if len(chain) > 1 and chain[-1].fingerprint(_SHA256) in root_prints:
        chain.pop()
    leaf = chain[0]
    # 2 · links and validity, 3 · issuers on the way
    for certificate in chain:
        _check_validity(certificate, now)
        _check_extensions(certificate)
    for depth, (child, issuer) in enumerate(pairwise(chain)):
        _check_issuer(issuer, intermediates_below=depth)
        if not _issued(issuer, child):
            raise Rejected("untrusted_key", "the certificates do not form a chain")
    # 4 · leaf
    _check_leaf(leaf)
    # 5 · root
    root = _find_root(chain[-1], trusted, now=now, intermediates_below=len(chain) - 1)
    # 6 · name
    if dns_name is not None and not has_dns_name(leaf, dns_name):
        raise Rejected("untrusted_key", "the certificate is for another name")
    return VerifiedChain(
        leaf=leaf,
        public_key=leaf.public_key(),
        subject=common_name(leaf),
        dns_names=dns_names(leaf),
        uris=uris(leaf),
        root_subject=common_name(root),
        root_sha256=root.fingerprint(_SHA256).hex(),
        not_after=int(leaf.not_valid_after_utc.timestamp()),
    )


def _check_validity(certificate: x509.Certificate, now: int) -> None:
    moment = datetime.fromtimestamp(now, UTC)
    if moment > certificate.not_valid_after_utc:
        raise Rejected("expired", "a certificate of the chain has expired")
    if moment < certificate.not_valid_before_utc:
        raise Rejected("not_yet_valid", "a certificate of the chain is not valid yet")


def _check_extensions(certificate: x509.Certificate) -> None:
    if any(extension.critical and extension.oid not in _UNDERSTOOD for extension in certificate.extensions):
        raise Rejected("untrusted_key", "a certificate has a critical extension that is not known here")


def _constraints(certificate: x509.Certificate) -> x509.BasicConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return None


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _check_issuer(certificate: x509.Certificate, *, intermediates_below: int) -> None:
    constraints, usage = _constraints(certificate), _usage(certificate)
    if constraints is None or not constraints.ca:
        raise Rejected("untrusted_key", "a certificate that is no authority cannot issue another")
    if constraints.path_length is not None and intermediates_below > constraints.path_length:
        raise Rejected("untrusted_key", "the chain is longer than an authority on it allows")
    if usage is not None and not usage.key_cert_sign:
        raise Rejected("untrusted_key", "an authority's key is not for signing certificates")


def _check_leaf(leaf: x509.Certificate) -> None:
    constraints, usage = _constraints(leaf), _usage(leaf)
    if constraints is not None and constraints.ca:
        raise Rejected("untrusted_key", "an authority's own key does not sign messages")
    if usage is not None and (not usage.digital_signature or usage.key_cert_sign):
        raise Rejected("untrusted_key", "the leaf's key is not for signing messages")


def _issued(issuer: x509.Certificate, child: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _find_root(
    last: x509.Certificate, roots: tuple[x509.Certificate, ...], *, now: int, intermediates_below: int
) -> x509.Certificate:
    """The root whose key signed ``last`` (or that *is* ``last``'s equal in key: a root pinned as a leaf is not accepted)."""
    problem: Rejected | None = None
    for root in roots:
        if not _issued(root, last) or _same_key(root, last):
            continue
        try:
            _check_validity(root, now)
            _check_extensions(root)
            _check_issuer(root, intermediates_below=intermediates_below)
        except Rejected as rejection:
            problem = rejection
            continue
        return root
    raise problem or Rejected("untrusted_key", "no trusted root vouches for this chain")


def _same_key(one: x509.Certificate, other: x509.Certificate) -> bool:
    return _spki(one) == _spki(other)


def _spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sha256_hash(chain_b64: Sequence[str]) -> bytes:
    """SHA-256 of the leaf's DER: what the client identifier prefix ``x509_hash`` carries (OpenID4VP 1.0 §5.9.3)."""
    return parse_x5c(chain_b64)[0].fingerprint(_SHA256)
