"""What no signature covers is as it has to be, wherever certificates of others come in. RFC 5280 §4.1.1."""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import count

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from common.errors import Malformed
from common.x509.iaca import parse_signer
from common.x509.jpki import parse_jpki_certificate
from common.x509.x5c import parse_x5c
from tests.common.x509.jpki_authority import issue, make_authority
from tests.common.x509.test_iaca import changed
from tests.common.x509.test_x5c import certificate

SERIALS = count(1)
JPKI = make_authority("wrapping")


@pytest.mark.parametrize(
    ("make", "read"),
    [
        (certificate, lambda der: parse_x5c([base64.b64encode(der).decode()])),
        (changed, parse_signer),
        (lambda: issue(JPKI, serial=next(SERIALS)), parse_jpki_certificate),
    ],
    ids=["x5c", "iaca", "jpki"],
)
def test_a_signature_has_no_unused_bits(make: Callable[[], x509.Certificate], read: Callable[[bytes], object]) -> None:
    """Where a signature ends in a zero bit, a reader of DER may take it for one that is a bit shorter, and the signature holds."""
    signed = next(one for one in (make() for _ in range(200)) if not one.signature[-1] & 1)
    der = signed.public_bytes(Encoding.DER)
    read(der)
    at = len(der) - len(signed.signature) - 1
    bent = der[:at] + b"\x01" + der[at + 1 :]
    assert x509.load_der_x509_certificate(bent).signature == signed.signature, "cryptography reads it"
    with pytest.raises(Malformed, match="bad_certificate"):
        read(bent)
