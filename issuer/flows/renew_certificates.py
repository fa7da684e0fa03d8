"""Gives keys new X.509 certificates before the old ones end. The key stays: only the paper is new, so nothing that was signed changes."""

from __future__ import annotations

from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import compact_json, parse_json, parse_json_object
from common.errors import NotFound, Refused
from common.keys import bls
from common.x509.x5c import parse_x5c
from issuer.flows.desk import Desk
from issuer.settings import DAY
from issuer.store.audit import record
from issuer.store.tables import Institution, SigningKey

RENEW_DAYS = 30
"""A certificate with fewer days left is renewed by the job."""


def renew_certificates(desk: Desk, tenant: str, *, actor: str, kid: str = "", always: bool = False) -> tuple[str, ...]:
    """Renews what has less than `RENEW_DAYS` left, of the keys that sign or will; answers their kids. For the job; safe to repeat.

    kid: this key alone. always: however long it still holds, and keys that never had one. Without an authority nothing is done, or,
    with ``always``, Refused("no_authority"). An authority that ends soon itself gives no longer life: then the old one stays.
    Raises NotFound("no_such_key").
    """
    living = (SigningKey.tenant == tenant) & SigningKey.state.in_(["active", "next"]) & (SigningKey.alg != bls.ALG)
    rows = [row for row in SigningKey.select().where(living) if not kid or row.id == kid]
    if kid and not rows:
        raise NotFound("no_such_key", "no key of this name signs here")
    if desk.certify is None:
        if always:
            raise Refused("no_authority", "no certificate authority is set: ca_certificate and ca_key")
        return ()
    done = []
    for row in rows:
        left = certificate_until(row) - desk.now
        if (always or (row.x5c != "[]" and left < RENEW_DAYS * DAY)) and _renew(
            desk, tenant, row, actor, always=always
        ):
            done.append(str(row.id))
    if done:
        desk.keys.forget(tenant)
    return tuple(done)


def certificate_until(row: Any) -> int:
    """When the leaf of a row of `SigningKey` ends, in seconds since 1970; 0 where it has none."""
    chain = parse_json(row.x5c)
    return int(parse_x5c(chain)[0].not_valid_after_utc.timestamp()) if chain else 0


def _renew(desk: Desk, tenant: str, row: Any, actor: str, *, always: bool) -> bool:
    assert desk.certify is not None
    institution = Institution.get(Institution.tenant == tenant)
    fresh = desk.certify(parse_json_object(row.public_jwk), institution.name_en, desk.addresses.issuer(tenant))
    until = int(parse_x5c(fresh)[0].not_valid_after_utc.timestamp())
    if not always and until < certificate_until(row) + DAY:
        return False
    same = (SigningKey.tenant == tenant) & (SigningKey.id == row.id) & (SigningKey.x5c == row.x5c)
    with transaction(desk.database, "renew_certificate"):
        taken = changed(SigningKey.update(x5c=compact_json(list(fresh)).decode()).where(same))
        if taken:  # of two processes that renew at once one does
            record(tenant, at=desk.now, actor=actor, act="certificate_renewed", subject=row.id, until=until)
    return taken
