"""The operator's commands: serve, relying parties and their tokens, settings, jobs, audit."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from common.adapters.terminal import Json, console, print_json, print_settings, say
from common.errors import NotFound
from common.web.server import serve as run_server
from verifier.cli.desk import Party, actor, open_desk
from verifier.flows.create_relying_party import NewRelyingParty, Prefix, create_relying_party
from verifier.flows.own_identity import certify_in_sandbox, read_identity
from verifier.flows.replace_key import replace_key
from verifier.queries.registry import QUESTIONS
from verifier.settings import VerifierSettings
from verifier.store.audit import AUDIT
from verifier.store.relying_parties import find_relying_party, list_relying_parties

app = typer.Typer()
audit = typer.Typer(no_args_is_help=True, help="The record of what was asked and decided.")


@app.command()
def serve() -> None:
    """Run the server: pages, wallets and the API. Stop it with Ctrl-C: requests in work are finished first."""
    settings = VerifierSettings.load()
    run_server("verifier.app:create_app", settings)


@app.command("new-relying-party")
def new_relying_party(
    slug: Party,
    name_ja: Annotated[str, typer.Option(help="name that wallets show in Japanese")],
    name_en: Annotated[str, typer.Option(help="name that wallets show in English")],
    prefix: Annotated[
        Prefix, typer.Option(help="how wallets recognise it; the x509 ones need a certificate")
    ] = "decentralized_identifier",
    question: Annotated[list[str] | None, typer.Option(help="a question it may ask; repeat; default: all")] = None,
    forgive: Annotated[list[str] | None, typer.Option(help="a check that may stay undetermined; default: none")] = None,
    certificate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="PEM chain, leaf first")] = None,
    private_key: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="the certificate's key, PEM or JWK; default: a new one"),
    ] = None,
    sandbox_ca: Annotated[Path | None, typer.Option(help="sandbox: folder with ca.pem and ca.key, to make one")] = None,
    host: Annotated[str, typer.Option(help="host name in a certificate made by --sandbox-ca")] = "localhost",
    keep_claims: Annotated[int, typer.Option(help="seconds that disclosed claims are kept; 0: not at all")] = 3600,
    as_json: Json = False,
) -> None:
    """Take in a relying party and print its operator's token, once."""
    deps = open_desk()
    now, sandbox = deps.clock.now(), deps.settings.is_sandbox
    identity = read_identity(
        private_key=private_key.read_bytes() if private_key else None,
        certificates=certificate.read_bytes() if certificate else None,
    )
    if sandbox_ca is not None:
        authority = (sandbox_ca / "ca.pem").read_bytes(), (sandbox_ca / "ca.key").read_bytes()
        identity = certify_in_sandbox(identity, authority=authority, name=name_en, host=host, sandbox=sandbox, now=now)
    new = NewRelyingParty(
        slug=slug,
        name_ja=name_ja,
        name_en=name_en,
        prefix=prefix,
        key=identity.key,
        x5c=identity.x5c,
        questions=tuple(question) if question else QUESTIONS.names,
        forgive=tuple(forgive or ()),
        keep_claims_seconds=keep_claims,
    )
    row = create_relying_party(new, addresses=deps.addresses, box=deps.box, sandbox=sandbox, now=now, actor=actor())
    token = deps.login.new_token(slug, "first", "operator")
    if as_json:
        print_json({"tenant": slug, "did": row.did, "token": token})
        return
    say(f"{name_ja} / {name_en}: {row.did}")
    say(f"operator's token (shown only now)  {token}")


@app.command("new-key")
def new_key(
    slug: Party,
    overlap: Annotated[int, typer.Option(help="seconds between publishing it and signing with it", min=0)] = 3600,
    compromised: Annotated[
        bool, typer.Option("--compromised", help="the old key is in the hands of strangers: it goes now")
    ] = False,
    certificate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="PEM chain, leaf first")] = None,
    private_key: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="the certificate's key, PEM or JWK; default: a new one"),
    ] = None,
    sandbox_ca: Annotated[Path | None, typer.Option(help="sandbox: folder with ca.pem and ca.key, to make one")] = None,
    host: Annotated[str, typer.Option(help="host name in a certificate made by --sandbox-ca")] = "localhost",
    as_json: Json = False,
) -> None:
    """Replace the key that signs a relying party's requests; with a new certificate, where its prefix needs one.

    Questions that are open keep their key to their end. Nothing stops meanwhile.
    """
    deps = open_desk()
    now, party = deps.clock.now(), find_relying_party(slug)
    identity = read_identity(
        private_key=private_key.read_bytes() if private_key else None,
        certificates=certificate.read_bytes() if certificate else None,
    )
    if sandbox_ca is not None:
        authority = (sandbox_ca / "ca.pem").read_bytes(), (sandbox_ca / "ca.key").read_bytes()
        name, sandbox = str(party.name_en), deps.settings.is_sandbox
        identity = certify_in_sandbox(identity, authority=authority, name=name, host=host, sandbox=sandbox, now=now)
    done = replace_key(slug, identity, box=deps.box, overlap=overlap, compromised=compromised, now=now, actor=actor())
    if as_json:
        print_json(asdict(done))
        return
    say(f"{done.kid} signs from {done.active_from} (seconds since 1970), in the place of {done.replaces}")


@app.command("new-token")
def new_token(slug: Party, name: Annotated[str, typer.Argument(help="whose token it is")]) -> None:
    """Make a further operator's token and print it, once. Give each operator one, so that the record tells them apart."""
    deps = open_desk()
    find_relying_party(slug)
    typer.echo(deps.login.new_token(slug, name, "operator"))


@app.command("revoke-token")
def revoke_token(slug: Party, name: Annotated[str, typer.Argument(help="the name that new-token was given")]) -> None:
    """Withdraw the operator's tokens of that name and end their sessions: somebody has left, or lost theirs."""
    if not open_desk().login.revoke_token(slug, name):
        raise NotFound("no_such_token", f"no operator's token is called {name}")


@app.command()
def settings(as_json: Json = False) -> None:
    """Every setting with its value (secrets redacted), where it came from and what it is for."""
    print_settings(VerifierSettings.load(), as_json=as_json)


@app.command()
def jobs() -> None:
    """Run the jobs once: judge what a dead process left behind, expire and forget, seal the audit record, fetch newer gate packs."""
    deps = open_desk()
    deps.follow_events()
    for report in deps.jobs.run():
        done = report.forgotten
        say(
            f"{report.tenant}: {report.resumed} judged late, {done.expired} expired, {done.claims} claims, "
            f"{done.verdicts} verdicts and {done.sessions} sessions deleted, {report.sealed} audit entries sealed"
        )


@audit.command("verify")
def audit_verify(
    slug: Annotated[str | None, typer.Argument(help="one relying party; default: all", show_default=False)] = None,
    known_head: Annotated[str, typer.Option(help="a head that you kept elsewhere; it must stand in the chain")] = "",
) -> None:
    """Seal what is open and recompute the hash chain. Ends with 1 where it is broken, and says at which batch."""
    now = open_desk().clock.now()
    broken = False
    for tenant in [slug] if slug else list_relying_parties():
        AUDIT.seal_all(tenant, now=now)
        report = AUDIT.verify(tenant, known_head=known_head or None)
        broken = broken or not report.whole
        state = "[green]whole[/]" if report.whole else f"[red]broken at batch {report.broken_at} ({report.why})[/]"
        console.print(f"{tenant}: {state}; {report.batches} batches, {report.entries} entries; head {report.head}")
    if broken:
        raise typer.Exit(1)
