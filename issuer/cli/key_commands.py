"""``tegata issuer key …``: the institution's signing keys."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from common.adapters.terminal import Json, print_json, say
from common.errors import Malformed
from issuer.cli.desk import Institution, actor, choose_institution, open_desk
from issuer.flows.change_keys import add_key, declare_compromised, rotate_key
from issuer.flows.key_homes import ALGS
from issuer.flows.list_keys import list_keys
from issuer.flows.renew_certificates import renew_certificates

app = typer.Typer(help="Signing keys: make, rotate, withdraw, renew their certificates.", no_args_is_help=True)

Alg = Annotated[str, typer.Option("--alg", help=f"Algorithm: {', '.join(ALGS)}.")]
Where = Annotated[
    Literal["software", "pkcs11"] | None,
    typer.Option(
        "--backend", help="Where the new key lives; default: the PKCS#11 token if one is set.", show_default=False
    ),
]
Kid = Annotated[str, typer.Option("--kid", help="The key, as [bold]key list[/] names it.", show_default=False)]


@app.command()
def add(alg: Alg, backend: Where = None, institution: Institution = "") -> None:
    """Make a key for one more algorithm. Where there is one already, nothing is made."""
    deps = open_desk()
    typer.echo(add_key(deps.desk, choose_institution(institution), alg, actor=actor(), backend=backend))


@app.command()
def rotate(
    alg: Alg = "ES256",
    overlap: Annotated[
        int | None,
        typer.Option(help="Seconds between publishing the new key and signing with it; default by setting.", min=0),
    ] = None,
    replacing: Annotated[
        str, typer.Option(help="The kid to be replaced; where it has been, nothing is done.", show_default=False)
    ] = "",
    backend: Where = None,
    institution: Institution = "",
    as_json: Json = False,
) -> None:
    """Replace a key in good order. Issuing never stops, and what the old key signed stays valid.

    The new key is published now and signs after the overlap, so that verifiers have heard of it by then.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    done = rotate_key(
        deps.desk, tenant, alg=alg, overlap=overlap, replacing=replacing or None, backend=backend, actor=actor()
    )
    if as_json:
        return print_json(asdict(done))
    when = "now" if done.active_from <= deps.desk.now else f"from {_moment(done.active_from)}"
    say(f"{done.alg}: {done.kid} signs {when}, in the place of {done.replaces}")
    return None


@app.command("list")
def list_command(institution: Institution = "", as_json: Json = False) -> None:
    """All keys, newest first: what they do, where they live, and how many living copies they signed."""
    deps = open_desk()
    keys = list_keys(deps.desk, choose_institution(institution))
    if as_json:
        return print_json({"keys": [asdict(key) for key in keys]})
    for key in keys:  # no table: a kid is 43 characters that people copy
        since = _moment(key.compromised_since or key.retired_at or key.active_from)
        until = f", certificate until {_moment(key.certificate_until)}" if key.certificate_until else ""
        say(f"{key.kid}\n  {key.alg}, {key.state} since {since}, in {key.backend}, {key.copies} living copies{until}")
    return None


@app.command()
def compromised(
    kid: Kid,
    since: Annotated[
        str, typer.Option(help="When it may have fallen into strange hands: 2026-11-21T09:00 (UTC), or seconds.")
    ],
    institution: Institution = "",
) -> None:
    """A key is in the hands of strangers. It never signs again and is no longer published; a new one signs at once.

    What it signed is then refused, save what a time-stamp proves to be older. Offer it anew: [bold]reissue-roll[/].
    """
    deps = open_desk()
    done = declare_compromised(
        deps.desk, choose_institution(institution), kid, since=_read_moment(since), actor=actor()
    )
    print_json(asdict(done))


@app.command("renew-certificate")
def renew_certificate(kid: Kid = "", institution: Institution = "") -> None:
    """Give keys (one, or all that sign) new X.509 certificates now. The server does so by itself, 30 days before they end."""
    deps = open_desk()
    tenant = choose_institution(institution)
    for done in renew_certificates(deps.desk, tenant, actor=actor(), kid=kid, always=True):
        typer.echo(done)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _read_moment(text: str) -> int:
    """Seconds, or an ISO time; without a zone it is UTC. Raises Malformed."""
    try:
        if text.isascii() and text.isdigit():
            return int(text)
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise Malformed("bad_time", "write a time as 2026-11-21T09:00 (UTC) or as seconds since 1970") from None
