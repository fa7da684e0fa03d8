"""Country signing authorities (CSCA) that are trusted, and the one that issued a signer. ICAO Doc 9303-12 §6, 9303-11 §5.1. Pure.

Every authority is trusted for its own country and for nothing else. Link certificates are authorities like others: they bear the new key,
and who put them into the list vouches for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from common.cards.drivers.passport.certificate import Certificate, are_same_names, parse_certificate, verify_issued
from common.cards.evidence import Environment
from common.cards.trust import TrustAnchor
from common.errors import Malformed, Rejected, TegataError
from common.record import Record

SCHEME = "csca"
_REMEMBERED = 2048
"""Authorities that are not read anew for each passport. All countries together have some 600 in force."""


class Authority(Record, frozen=True):
    """A country's authority as trusted. label: for evidence: country and the first bytes of the certificate's SHA-256."""

    certificate: Certificate
    environment: Environment
    label: str


def find_authority(signer: Certificate, anchors: Sequence[TrustAnchor]) -> Authority:
    """The trusted authority that issued ``signer``.

    1. of the signer's own country
    2. its name is the issuer's, its key identifier (where both tell one) the one that the signer names
    3. it is an authority, and its key is for certificates
    4. it was valid when it issued the signer
    5. its key made the signer's signature
    Left to the caller: everything about the signer itself. Raises Rejected("untrusted_issuer").
    """
    for anchor in anchors:
        authority = _read(anchor.material)
        if authority is not None and _is_issuer(authority, signer):
            return Authority(
                certificate=authority, environment=anchor.environment, label=anchor.label or _label(authority)
            )
    raise Rejected("untrusted_issuer", "no trusted country authority issued the signer's certificate")


def authorities_of(country: str, anchors: Sequence[TrustAnchor]) -> tuple[Certificate, ...]:
    """All trusted authorities of a country, two letters."""
    return tuple(one for anchor in anchors if (one := _read(anchor.material)) is not None and one.country == country)


@lru_cache(maxsize=_REMEMBERED)
def _read(material: bytes) -> Certificate | None:
    """None for what cannot be read: one broken certificate in a list must not take the others with it."""
    try:
        return parse_certificate(material)
    except Malformed:
        return None


def _is_issuer(authority: Certificate, signer: Certificate) -> bool:
    # 1
    if not authority.country or authority.country != signer.country:
        return False
    # 2, 3, 4
    ids = (authority.subject_key_id, signer.authority_key_id)
    if None not in ids and ids[0] != ids[1]:
        return False
    if not authority.is_authority or authority.unknown_critical or not authority.may("key_cert_sign"):
        return False
    if not authority.not_before <= signer.not_before <= authority.not_after:
        return False
    try:
        if not are_same_names(authority.subject, signer.issuer):
            return False
        # 5
        verify_issued(signer, authority)
    except TegataError:
        return False
    return True


def _label(authority: Certificate) -> str:
    return f"csca:{authority.country}:{sha256(authority.der).hexdigest()[:16]}"
