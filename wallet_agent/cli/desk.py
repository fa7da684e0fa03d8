"""What every command shares: live objects, and the open vault."""

from __future__ import annotations

from typing import Annotated

import typer

from common.adapters.key_file import read_key_file
from common.adapters.terminal import quiet_logs
from common.errors import Malformed
from common.ids import Tenant
from wallet_agent.deps import Deps, build_deps
from wallet_agent.holder.create_holder import parse_tenant
from wallet_agent.holder.unlock import open_with_key_file, open_with_passphrase
from wallet_agent.settings import WalletSettings
from wallet_agent.vault.open_vault import OpenVault

Holder = Annotated[
    str, typer.Option("--holder", help="Name of the wallet. Default: TEGATA_WALLET_HOLDER.", show_default=False)
]


def open_desk() -> Deps:
    """The live objects, as the server has them; logs only of what goes wrong."""
    settings = WalletSettings.load()
    quiet_logs(settings)
    return build_deps(settings)


def choose_holder(deps: Deps, name: str) -> Tenant:
    """Raises Malformed where no wallet is named."""
    chosen = name or deps.settings.holder
    if not chosen:
        raise Malformed("holder_needed", "name the wallet: --holder NAME, or TEGATA_WALLET_HOLDER")
    return parse_tenant(chosen)


def unattended_key(deps: Deps) -> bytes | None:
    """The key of ``unattended_key_file``, None where none is set. Raises Misconfigured."""
    path = deps.settings.unattended_key_file
    return None if path is None else read_key_file(path, strict=not deps.settings.is_sandbox)


def ask_passphrase(deps: Deps, prompt: str = "Passphrase", *, confirm: bool = False) -> str:
    """From the setting ``passphrase``, else from the person."""
    known = deps.settings.passphrase.get_secret_value()
    return known or str(typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))


def open_vault(deps: Deps, name: str) -> OpenVault:
    """With the key file where one is set, else the passphrase. Raises Refused, TooMany."""
    tenant = choose_holder(deps, name)
    key = unattended_key(deps)
    if key is not None:
        return open_with_key_file(tenant, key)
    return open_with_passphrase(tenant, ask_passphrase(deps), clock=deps.clock, cost=deps.settings.passphrase_cost)
