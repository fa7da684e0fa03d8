"""Revocation lists of country authorities. ICAO Doc 9303-12 §7.1.4, §9; RFC 5280 §5.

Unlike other authorities a country keeps one list for all its generations of keys, signed with the newest: `common.x509.crl`, which asks for
the key that issued the certificate, would never find it. So here a list is of the issuer's name, by any trusted authority of its country.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from asn1crypto import algos, crl

from common.cards.drivers.passport.certificate import Certificate, are_same_names, parse_certificate
from common.cards.drivers.passport.country_authority import SCHEME, authorities_of
from common.cards.drivers.passport.der import dotted, load, reading
from common.cards.drivers.passport.signature import parse_scheme, verify_signature
from common.cards.trust import TrustAnchor
from common.errors import Malformed, TegataError
from common.record import Record
from common.x509.revocation import RevocationStatus, Standing, unknown

SOURCE = "crl"
MAX_BYTES = 1 << 23
_REASON = "2.5.29.21"
_UNDERSTOOD = frozenset({"2.5.29.20", "2.5.29.35", "2.5.29.18"})
"""CRL number, authority key identifier, issuer's alternative name. A list of a part, or of changes, says so critically and is refused."""
_REASONS = {
    0: "unspecified",
    1: "keyCompromise",
    2: "cACompromise",
    3: "affiliationChanged",
    4: "superseded",
    5: "cessationOfOperation",
    6: "certificateHold",
    9: "privilegeWithdrawn",
    10: "aACompromise",
}


class CountryCrl(Record, frozen=True):
    """As read, not verified. revoked: by serial number, since when (seconds) and why."""

    issuer: bytes
    this_update: int
    next_update: int | None
    revoked: Mapping[int, tuple[int, str]]
    unknown_critical: bool
    tbs: bytes
    algorithm: bytes
    signature: bytes


@lru_cache(maxsize=256)
def parse_country_crl(der: bytes) -> CountryCrl:
    """DER → list. Raises Malformed."""
    found = load(crl.CertificateList, der, "a revocation list", max_bytes=MAX_BYTES)
    with reading("a revocation list"):
        tbs = found["tbs_cert_list"]
        if found["signature_algorithm"].dump() != tbs["signature"].dump():
            raise Malformed("bad_crl", "a revocation list names two signature algorithms")
        following = tbs["next_update"].native
        entries = tbs["revoked_certificates"]
        return CountryCrl(
            issuer=tbs["issuer"].dump(),
            this_update=int(tbs["this_update"].native.timestamp()),
            next_update=None if following is None else int(following.timestamp()),
            revoked=MappingProxyType(
                dict(_read_entry(entry) for entry in entries) if entries.contents is not None else {}
            ),
            unknown_critical=_has_unknown(tbs["crl_extensions"]),
            tbs=tbs.dump(),
            algorithm=tbs["signature"].dump(),
            signature=bytes(found["signature"].native),
        )


def _read_entry(entry: Any) -> tuple[int, tuple[int, str]]:
    reason = 0
    for extension in entry["crl_entry_extensions"] if entry["crl_entry_extensions"].contents is not None else ():
        if dotted(extension["extn_id"]) == _REASON:
            reason = extension["extn_value"].contents[-1]
    since = int(entry["revocation_date"].native.timestamp())
    return entry["user_certificate"].native, (since, _REASONS.get(reason, "unspecified"))


def _has_unknown(extensions: Any) -> bool:
    if extensions.contents is None:
        return False
    return any(bool(one["critical"].native) and dotted(one["extn_id"]) not in _UNDERSTOOD for one in extensions)


class CountryCrlSource:
    """lists: gives the lists as they are now, each in DER; fetching and keeping them is the caller's. anchors: whose signatures count."""

    def __init__(self, lists: Callable[[], Sequence[bytes]], anchors: Sequence[TrustAnchor]) -> None:
        self._lists = lists
        self._anchors = tuple(anchor for anchor in anchors if anchor.scheme == SCHEME)

    def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
        """As `common.x509.revocation.RevocationSource`. Of several lists the newest that holds decides; one that revokes always does.

        1. the list is of the name that issued ``leaf``
        2. complete: no critical extension that is not understood                             RFC 5280 §5.2
        3. signed by an authority of the same country that is trusted and may sign lists      Doc 9303-12 §7.1.4
        4. in force: thisUpdate ≤ now ≤ nextUpdate
        5. the entry
        Reasons of *unknown*: "no_list", "crl_malformed", "crl_scope", "crl_signature", "crl_not_yet_valid", "crl_stale", "bad_certificate".
        """
        try:
            certificate, parent = parse_certificate(leaf), parse_certificate(issuer)
        except Malformed:
            return unknown("bad_certificate", source=SOURCE)
        best: RevocationStatus | None = None
        for der in self._lists():
            found = self._ask(der, certificate, parent, now)
            if found is not None and (best is None or _weight(found) > _weight(best)):
                best = found
        return best or unknown("no_list", source=SOURCE)

    def _ask(self, der: bytes, leaf: Certificate, parent: Certificate, now: int) -> RevocationStatus | None:
        """None for a list of somebody else."""
        try:
            found = parse_country_crl(der)
            # 1
            if not are_same_names(found.issuer, leaf.issuer):
                return None
        except Malformed:
            return unknown("crl_malformed", source=SOURCE)
        # 2
        if found.unknown_critical:
            return unknown("crl_scope", source=SOURCE)
        # 3
        if not any(_is_signed(found, one) for one in (parent, *authorities_of(leaf.country, self._anchors))):
            return unknown("crl_signature", source=SOURCE)
        # 4
        if now < found.this_update:
            return _status(found, Standing.UNKNOWN, "crl_not_yet_valid")
        if found.next_update is None or now > found.next_update:
            return _status(found, Standing.UNKNOWN, "crl_stale")
        # 5
        entry = found.revoked.get(leaf.serial)
        return _status(found, Standing.GOOD) if entry is None else _status(found, Standing.REVOKED, entry[1], entry[0])


def _status(found: CountryCrl, standing: Standing, reason: str = "", revoked_at: int | None = None) -> RevocationStatus:
    return RevocationStatus(
        standing=standing,
        source=SOURCE,
        reason=reason,
        this_update=found.this_update,
        next_update=found.next_update,
        revoked_at=revoked_at,
    )


def _weight(status: RevocationStatus) -> tuple[int, int]:
    rank = {Standing.UNKNOWN: 0, Standing.GOOD: 1, Standing.REVOKED: 2}[status.standing]
    return rank, status.this_update or 0


def _is_signed(found: CountryCrl, authority: Certificate) -> bool:
    if not authority.is_authority or not authority.may("crl_sign"):
        return False
    try:
        with reading("a signature algorithm"):
            scheme = parse_scheme(algos.SignedDigestAlgorithm.load(found.algorithm, strict=True))
        verify_signature(authority.public_key, scheme, found.signature, found.tbs)
    except TegataError:
        return False
    return True
