"""Certificates as PEM text: an operator's file of trusted roots."""

from __future__ import annotations

import base64

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from common.errors import Malformed


def parse_certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM file, in order. Raises Malformed when there is none, or one cannot be read."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise Malformed("bad_pem", "no certificate in PEM") from None


def to_x5c(certificates: tuple[x509.Certificate, ...]) -> tuple[str, ...]:
    """Certificates, leaf first → members of ``x5c``."""
    return tuple(
        base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii") for certificate in certificates
    )
