"""`./dev up`: the three programs over a data folder that stays, for trying things by hand. The first start makes everything."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
import threading
from pathlib import Path
from subprocess import CalledProcessError
from urllib.parse import urlsplit

from rich.console import Console

from examples.demo.cast import PORTS, SHOP, STUDENT, UNIVERSITY, Cast, make_cast
from examples.demo.lan import lan_cast
from examples.demo.people import Student
from examples.demo.programs import NAMES, ROOT, DidNotStart


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev up", description=__doc__)
    parser.add_argument("--lan", action="store_true", help="https under this machine's name, for real phones")
    parser.add_argument(
        "--name", default="", help="with --lan: the name that phones use (default: this machine's, .local)"
    )
    parser.add_argument(
        "--tls-cert", type=Path, help="with --lan: PEM certificate chain for that name (default: a sandbox authority's)"
    )
    parser.add_argument("--tls-key", type=Path, help="with --lan: PEM private key of --tls-cert")
    parser.add_argument(
        "--data", type=Path, help="data folder, kept (default: .data/up, with --lan .data/lan); delete it to begin anew"
    )
    options = parser.parse_args()
    if bool(options.tls_cert) != bool(options.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    options.data = (options.data or ROOT / ".data" / ("lan" if options.lan else "up")).resolve()
    return options


def main() -> int:
    options, console = arguments(), Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    memory = options.data / "cast.json"
    known = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else None
    ports = tuple(known["ports"]) if known else PORTS
    if options.lan:
        tls = (options.tls_cert, options.tls_key) if options.tls_cert else None
        cast = lan_cast(options.data, name=known["host"] if known else options.name, ports=ports, tls=tls)
    else:
        cast = make_cast(options.data, ports=ports)
    if known and [urlsplit(cast.programs[name].url).port for name in NAMES] != known["ports"]:
        console.print(
            f"[bold red]Ports {known['ports']} are taken[/], and what lies in {options.data} was issued under them.",
            highlight=False,
        )
        return 1
    try:
        if known:
            cast = dataclasses.replace(cast, **known["secrets"])
        else:
            cast.introduce()
        cast.start()
        if not known:
            Student(cast).make_wallet()
            remember(cast, memory)
        invite(cast, console)
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("\nstopping")
    except (DidNotStart, CalledProcessError) as failure:
        console.print(f"\n[bold red]Not started:[/] {failure}\n{getattr(failure, 'stderr', '') or ''}", highlight=False)
        return 1
    finally:
        cast.stop()
    return 0


def remember(cast: Cast, memory: Path) -> None:
    """Ports, name and the people's secrets of this sandbox, for the next start; readable by its owner alone."""
    addresses = [urlsplit(cast.programs[name].url) for name in NAMES]
    known = {
        "host": addresses[0].hostname,
        "ports": [address.port for address in addresses],
        "secrets": {
            "staff_token": cast.staff_token,
            "operator_token": cast.operator_token,
            "passphrase": cast.passphrase,
        },
    }
    with os.fdopen(os.open(memory, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(known, file, indent=1)


def invite(cast: Cast, console: Console) -> None:
    """Where to go next, and with which keys."""
    console.print("\n[bold]Open in a browser[/] (Ctrl-C ends everything)")
    for who, address, key, secret in (
        ("registrar", f"{cast.issuer.url}/{UNIVERSITY}/staff", "token", cast.staff_token),
        ("student", f"{cast.wallet.url}/{STUDENT}/", "passphrase", cast.passphrase),
        ("café", f"{cast.verifier.url}/{SHOP}/ask", "token", cast.operator_token),
    ):
        console.print(f"  {who:10} {address}\n  {'':10} {key} {secret}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
