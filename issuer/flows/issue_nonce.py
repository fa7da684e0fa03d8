"""A fresh challenge for key proofs (OpenID4VCI 1.0 §7). Nothing is stored: a nonce proves its origin, a used one is remembered."""

from __future__ import annotations

from issuer.flows.desk import Desk


def issue_nonce(desk: Desk, tenant: str) -> str:
    """Raises NotFound for an institution that is not here."""
    desk.keys.identity(tenant)
    return desk.secrets.make_nonce(tenant, expires_at=desk.now + desk.settings.nonce_seconds)
