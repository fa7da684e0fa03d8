"""``tegata gate hub``: https under this machine's own name, one relying party for the venue, and its operator's token."""

from __future__ import annotations

import os
from pathlib import Path

from common.adapters.terminal import print_qr, quiet_logs, say
from common.errors import NotFound
from common.web.server import serve
from verifier.cli.gate_certificate import certify, own_name
from verifier.cli.gate_desk import VENUE
from verifier.deps import Deps, build_deps
from verifier.flows.create_relying_party import NewRelyingParty, create_relying_party
from verifier.gate.settings import GateSettings
from verifier.store.relying_parties import list_relying_parties


def serve_hub(*, name: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Until it is told to end. Prints where scanners and the operator go, and what phones must trust."""
    settings = GateSettings.load()
    host = name or own_name()
    root: Path | None = None
    certificate, key = tls_cert or settings.tls_cert, tls_key or settings.tls_key
    if certificate is None or key is None:
        deps = build_deps(settings)
        made = certify(settings.data_dir / "hub", host, now=deps.clock.now())
        deps.database.close_all()
        certificate, key, root = made.certificate, made.key, made.root
    values = {
        "PUBLIC_URL": f"https://{host}:{port}",
        "PORT": str(port),
        "HOST": "0.0.0.0",  # noqa: S104 - phones on the LAN shall reach it
        "TLS_CERT": str(certificate),
        "TLS_KEY": str(key),
    }
    os.environ.update(
        {f"TEGATA_GATE_{field}": value for field, value in values.items()}
    )  # each worker reads them afresh
    settings = GateSettings.load()
    quiet_logs(settings)
    deps = build_deps(settings)
    if VENUE not in list_relying_parties():
        found_venue(deps)
        say(f"operator's token (shown only now)  {deps.login.new_token(VENUE, 'first', 'operator')}")
    say(f"scanners   https://{host}:{port}/gate/")
    print_qr(f"https://{host}:{port}/gate/")
    say(f"operator   https://{host}:{port}/gate/operator")
    if root is not None:
        say(f"phones must trust once  {root}")
    deps.database.close_all()
    serve("verifier.cli.gate_app:create_hub", settings)


def new_token(name: str) -> str:
    """An operator's token of this machine's hub. Raises NotFound where there is none yet."""
    settings = GateSettings.load()
    quiet_logs(settings)
    deps = build_deps(settings)
    if VENUE not in list_relying_parties():
        raise NotFound("no_hub", "this machine has no hub yet: tegata gate hub")
    return deps.login.new_token(VENUE, name, "operator")


def withdraw_tokens(name: str) -> int:
    """Ends all tokens of that name and whatever was logged in by them. Raises NotFound where there is none."""
    settings = GateSettings.load()
    quiet_logs(settings)
    withdrawn = build_deps(settings).login.revoke_token(VENUE, name)
    if not withdrawn:
        raise NotFound("unknown_token", f"there is no token in force of the name {name}")
    return withdrawn


def found_venue(deps: Deps) -> None:
    create_relying_party(
        NewRelyingParty(slug=VENUE, name_ja="会場のハブ", name_en="Venue hub"),
        addresses=deps.addresses,
        box=deps.box,
        sandbox=deps.settings.is_sandbox,
        now=deps.clock.now(),
        actor=f"cli:{os.getuid()}",
    )
