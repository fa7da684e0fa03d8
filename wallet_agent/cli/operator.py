"""The operator's commands: serve, settings, audit, retention; and the holder's files: backup, restore, key file, passphrase."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from common.adapters.key_file import open_key_file
from common.adapters.terminal import Json, print_json, print_settings, say
from common.errors import Conflict, Malformed
from common.web.server import serve as run_server
from wallet_agent.cli.desk import Holder, ask_passphrase, choose_holder, open_desk, open_vault
from wallet_agent.holder.backup import make_backup, restore_backup
from wallet_agent.holder.retention import sweep
from wallet_agent.holder.unlock import change_passphrase, set_key_file
from wallet_agent.settings import WalletSettings
from wallet_agent.store.audit import AUDIT
from wallet_agent.store.tries import delete_old_tries
from wallet_agent.vault.sealed_file import MAX_FILE

app = typer.Typer()
audit = typer.Typer(help="The append-only record of acts, without personal data.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="Path of the file.", show_default=False)]


@app.command()
def serve() -> None:
    """Run the server. Stop it with Ctrl-C: requests in work are finished first."""
    run_server("wallet_agent.app:create_app", WalletSettings.load())


@app.command()
def settings(as_json: Json = False) -> None:
    """Every setting with its value (secrets redacted), where it came from, and what it is for."""
    print_settings(WalletSettings.load(), as_json=as_json)


@app.command()
def backup(
    file: File,
    own_passphrase: Annotated[bool, typer.Option(help="Give the file a passphrase of its own.")] = False,
    holder: Holder = "",
) -> None:
    """Write everything in the vault into one sealed file. It opens with the wallet's passphrase of this moment, or its own."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    own = (
        str(typer.prompt("Passphrase of the file", hide_input=True, confirmation_prompt=True, err=True))
        if own_passphrase
        else None
    )
    content = make_backup(vault, passphrase=own, clock=deps.clock, cost=deps.settings.passphrase_cost)
    _write_new(file, content)
    say(f"{file}: {len(content)} bytes")


@app.command()
def restore(file: File, holder: Holder = "") -> None:
    """Put back what a backup holds and this wallet lacks. Twice is the same as once."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    passphrase = ask_passphrase(deps, "Passphrase of the file")
    try:
        with file.open("rb") as source:
            content = source.read(MAX_FILE + 1)
    except OSError as error:
        raise Malformed("file_unreadable", f"{file.name}: {error.strerror}") from error
    print_json(asdict(restore_backup(vault, content, passphrase, clock=deps.clock)))


@app.command("key-file")
def key_file(
    file: File,
    remove: Annotated[bool, typer.Option("--remove", help="Take it back: the file opens nothing any more.")] = False,
    holder: Holder = "",
) -> None:
    """Make a key file that opens this vault without a passphrase, for unattended use. Whoever reads the file has the vault."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    if remove:
        set_key_file(vault, None, clock=deps.clock)
        return
    set_key_file(vault, open_key_file(file, strict=not deps.settings.is_sandbox), clock=deps.clock)


@app.command()
def passphrase(holder: Holder = "") -> None:
    """Change the passphrase. Every session ends; key files go on opening the vault."""
    deps = open_desk()
    tenant = choose_holder(deps, holder)
    old = ask_passphrase(deps, "Old passphrase")
    new = str(typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True))
    change_passphrase(tenant, old, new, clock=deps.clock, cost=deps.settings.passphrase_cost)


@app.command("sweep")
def sweep_command() -> None:
    """Delete sessions that are over, and offers and requests older than their retention. The server does this by itself."""
    deps = open_desk()
    found = sweep(
        clock=deps.clock,
        offer_seconds=deps.settings.offer_retention,
        request_seconds=deps.settings.request_retention,
    )
    print_json({**asdict(found), "tries": delete_old_tries(now=deps.clock.now())})


@audit.command()
def verify(
    known_head: Annotated[str, typer.Option(help="A head that you kept elsewhere; it must stand in the chain.")] = "",
    holder: Holder = "",
) -> None:
    """Seal what is open and inspect the whole hash chain of one wallet. Needs no passphrase. Exit status 1 where it is broken."""
    deps = open_desk()
    tenant = choose_holder(deps, holder)
    AUDIT.seal_all(tenant, now=deps.clock.now())
    report = AUDIT.verify(tenant, known_head=known_head or None)
    print_json(asdict(report))
    if not report.whole:
        raise typer.Exit(1)


def _write_new(file: Path, content: bytes) -> None:
    """Only for its owner, and never over another file. Raises Conflict, Malformed."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict("file_exists", f"{file.name} exists already; name another file") from error
    except OSError as error:
        raise Malformed("file_unwritable", f"{file.name}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
