"""An institution's keys as its staff sees them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from issuer.flows.desk import Desk
from issuer.flows.key_ring import signing_rows
from issuer.flows.renew_certificates import certificate_until
from issuer.store.tables import Credential, SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """state: next | active | retired | compromised. Times in seconds since 1970, 0 for never. certificate_until: 0 without one.

    copies: signed with it, not revoked and not over.
    """

    kid: str
    alg: str
    state: str
    backend: str
    published_at: int
    active_from: int
    retired_at: int
    compromised_since: int
    certificate_until: int
    copies: int


def list_keys(desk: Desk, tenant: str) -> list[KeyView]:
    """All keys that the institution ever had, newest first. Raises NotFound."""
    desk.keys.identity(tenant)
    rows = list(
        SigningKey.select()
        .where(SigningKey.tenant == tenant)
        .order_by(SigningKey.created_at.desc(), SigningKey.active_from.desc(), SigningKey.id)
    )
    signing = {row.id for row in signing_rows(rows, desk.now).values()}
    live = Credential.select(Credential.kid).where(
        Credential.tenant == tenant, Credential.state != "revoked", Credential.valid_until > desk.now
    )
    copies = Counter(kid for (kid,) in live.tuples())
    return [
        KeyView(
            kid=row.id,
            alg=row.alg,
            state=_state(row, signing),
            backend=row.backend,
            published_at=row.published_at,
            active_from=row.active_from,
            retired_at=row.retired_at or 0,
            compromised_since=row.compromised_since or 0,
            certificate_until=certificate_until(row),
            copies=copies[row.id],
        )
        for row in rows
    ]


def _state(row: Any, signing: set[str]) -> str:
    """As things are, whether or not the job has written it down."""
    if row.compromised_since is not None:
        return "compromised"
    if row.id in signing:
        return "active"
    return "retired" if row.state == "active" else str(row.state)
