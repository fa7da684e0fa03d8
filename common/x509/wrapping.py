"""What stands around the signed part of a certificate, and what no signature covers. RFC 5280 §4.1.1."""

from __future__ import annotations

from cryptography import x509


def check_wrapping(der: bytes, certificate: x509.Certificate) -> None:
    """Lets through what is as it has to be: algorithm outside as inside, no unused bits in the signature, a serial number above zero.

    Else whoever passes a certificate on could change it, and with it its fingerprint, though no key of theirs made it.
    der: what ``certificate`` was read from. Raises ValueError.
    """
    signed = certificate.tbs_certificate_bytes
    at = der.index(signed) + len(signed)
    algorithm = der[at : at + 2 + der[at + 1]]
    if algorithm not in signed or der[-len(certificate.signature) - 1] != 0 or certificate.serial_number <= 0:
        raise ValueError("RFC 5280 §4.1.1.2, §4.1.1.3, §4.1.2.2")
