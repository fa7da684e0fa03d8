"""Making a wallet: a new vault, its key wrapped under the holder's passphrase, and under a key file if unattended use is wanted."""

from __future__ import annotations

from common.adapters.database import transaction
from common.encoding import compact_json, random_token
from common.errors import Malformed
from common.ids import Tenant, is_slug
from common.ports import Clock
from wallet_agent.store.audit import record
from wallet_agent.store.base import database
from wallet_agent.store.holders import insert_holder
from wallet_agent.vault.open_vault import OpenVault, new_vault
from wallet_agent.vault.wrapping import Cost, check_new_passphrase, wrap_with_key_file, wrap_with_passphrase

_PATHS = ("static", "health", "metrics", "openapi.json", "docs", "well-known", "types", "login", "api")
_PAGES = ("open", "new", "restore", "unlock", "signup")
RESERVED = frozenset(_PATHS + _PAGES)
"""First segments of addresses that belong to the program, not to a holder."""


def parse_tenant(name: str) -> Tenant:
    """A wallet's name as it stands in addresses. Raises Malformed("bad_wallet_name")."""
    if not is_slug(name) or name in RESERVED:
        raise Malformed("bad_wallet_name", "a wallet's name is 1 to 63 of a-z, 0-9 and -, and not a reserved word")
    return Tenant(name)


def create_holder(name: str, passphrase: str, *, cost: Cost, clock: Clock, key_file: bytes | None = None) -> OpenVault:
    """A new, empty, open vault. Raises Malformed (name, passphrase), Conflict("name_taken")."""
    tenant = parse_tenant(name)
    check_new_passphrase(passphrase, tenant=tenant)
    vault, vault_id = new_vault(tenant), random_token(16)
    wrapping = wrap_with_passphrase(vault.key, passphrase, label=vault_id, cost=cost)
    wrapped = wrap_with_key_file(vault.key, key_file, label=vault_id) if key_file is not None else None
    now = clock.now()
    with transaction(database, "create_holder"):
        insert_holder(
            tenant,
            vault_id=vault_id,
            wrapping=compact_json(wrapping.as_json()).decode(),
            key_file_wrapping=wrapped,
            now=now,
        )
        record(tenant, "wallet.created", now=now)
    return vault
