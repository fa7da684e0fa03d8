"""Revocation by lists that somebody else keeps fresh. RFC 5280 §5, §6.3.

Only a list of the issuer's own, signed by the issuer's own key, in force, and covering the leaf says anything. No list: *unknown*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID

from common.x509.revocation import RevocationStatus, Standing, unknown
from common.x509.unreadable import UNREADABLE

SOURCE = "crl"
MAX_BYTES = 1 << 26
"""Of one list. A hundred thousand entries with short numbers are 2.3 MB, and a question to them takes 55 ms."""
_REMEMBERED = 4
_HASHES = frozenset({"sha256", "sha384", "sha512"})
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.CRL_NUMBER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.ISSUING_DISTRIBUTION_POINT,
    }
)


class CrlSource:
    """Asks lists. ``lists``: gives them as they are now, each in DER; fetching and keeping them is the caller's."""

    def __init__(self, lists: Callable[[], Sequence[bytes]]) -> None:
        self._lists = lists

    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        """As `RevocationSource.status`. Of several lists that cover the leaf, one that revokes it decides, else the newest.

        1. the list: readable, of the issuer's name and key identifier          RFC 5280 §6.3.3 (b)(1), (f)
        2. complete for this leaf: no delta, no other scope or part             §5.2.4, §5.2.5, §6.3.3 (b)(2)
        3. the issuer's key made the signature, with SHA-2                      §6.3.3 (g)
        4. in force: thisUpdate ≤ now ≤ nextUpdate                              §5.1.2.4, §5.1.2.5
        5. the entry
        Reasons of *unknown*: "no_list", "crl_malformed", "crl_scope", "crl_signature", "crl_not_yet_valid", "crl_stale", "bad_certificate".
        Nothing is raised, whatever the certificates and the lists are.
        """
        try:
            child, parent = x509.load_der_x509_certificate(leaf), x509.load_der_x509_certificate(issuer)
            serial = child.serial_number
        except UNREADABLE:
            return unknown("bad_certificate", source=SOURCE)
        best: RevocationStatus | None = None
        for der in self._lists():
            found = _ask(der, child, parent, serial, now)
            if found is not None and (best is None or _weight(found) > _weight(best)):
                best = found
        return best or unknown("no_list", source=SOURCE)


def _weight(status: RevocationStatus) -> tuple[int, int]:
    order = {Standing.REVOKED: 2, Standing.GOOD: 1, Standing.UNKNOWN: 0}
    return order[status.standing], status.this_update or 0


def _ask(
    der: bytes, child: x509.Certificate, parent: x509.Certificate, serial: int, now: int
) -> RevocationStatus | None:
    """None: a list of somebody else."""
    # 1 · whose
    crl = _load(der)
    if crl is None:
        return unknown("crl_malformed", source=SOURCE)
    try:
        if crl.issuer != child.issuer or crl.issuer != parent.subject or not _is_of_key(crl, parent):
            return None
        # 2 · scope
        if not _covers(crl, child):
            return unknown("crl_scope", source=SOURCE)
        # 3 · signature
        if not _is_signed(crl, parent):
            return unknown("crl_signature", source=SOURCE)
        # 4 · in force
        this, until = int(crl.last_update_utc.timestamp()), crl.next_update_utc
        following = None if until is None else int(until.timestamp())
        stale = following is None or following < now
        if this > now or stale:
            return RevocationStatus(
                standing=Standing.UNKNOWN,
                source=SOURCE,
                reason="crl_stale" if stale else "crl_not_yet_valid",
                this_update=this,
                next_update=following,
            )
        # 5 · entry
        return _read_entry(crl, serial, this, following)
    except UNREADABLE:
        return unknown("crl_malformed", source=SOURCE)


def _read_entry(crl: x509.CertificateRevocationList, serial: int, this: int, following: int | None) -> RevocationStatus:
    entry = crl.get_revoked_certificate_by_serial_number(serial)
    if entry is None:
        return RevocationStatus(standing=Standing.GOOD, source=SOURCE, this_update=this, next_update=following)
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = "unspecified"
    except UNREADABLE:
        # Named on the list, with an extension that cannot be read: revoked, whatever it says beside.
        reason = "unspecified"
    return RevocationStatus(
        standing=Standing.REVOKED,
        source=SOURCE,
        reason=reason,
        this_update=this,
        next_update=following,
        revoked_at=int(entry.revocation_date_utc.timestamp()),
    )


@lru_cache(maxsize=_REMEMBERED)
def _load(der: bytes) -> x509.CertificateRevocationList | None:
    if len(der) > MAX_BYTES:
        return None
    try:
        return x509.load_der_x509_crl(der)
    except UNREADABLE:
        return None


def _is_of_key(crl: x509.CertificateRevocationList, parent: x509.Certificate) -> bool:
    """Whether the list names the parent's key, or none at all: generations of a CA share a name, and each has lists of its own."""
    try:
        named = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        own = parent.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return True
    return named is None or named == own


def _covers(crl: x509.CertificateRevocationList, child: x509.Certificate) -> bool:
    if any(extension.critical and extension.oid not in _UNDERSTOOD for extension in crl.extensions):
        return False  # a delta list among them
    try:
        scope = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if scope.only_contains_ca_certs or scope.only_contains_attribute_certs:
        return False
    if scope.indirect_crl or scope.only_some_reasons:
        return False
    if scope.relative_name is not None:
        return False
    if scope.full_name is None:
        return True
    try:
        points = child.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return False
    own = [name for point in points for name in point.full_name or ()]
    return any(name in own for name in scope.full_name)


def _is_signed(crl: x509.CertificateRevocationList, parent: x509.Certificate) -> bool:
    """Not by a key that is not understood either: passports' authorities spell out curves that cannot be named."""
    try:
        algorithm, key = crl.signature_hash_algorithm, parent.public_key()
        if algorithm is None or algorithm.name not in _HASHES:
            return False
        if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            return False
        return crl.is_signature_valid(key)
    except (InvalidSignature, *UNREADABLE):
        return False
