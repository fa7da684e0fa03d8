"""``tegata issuer invite-card`` and ``withdraw-invitation``: somebody may prove themselves with a card in their own reader."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from common.adapters.terminal import Json, print_json, print_qr, say
from issuer.cli.desk import Institution, actor, choose_institution, open_desk
from issuer.flows.invite_card import invite_card, withdraw_invitation
from issuer.flows.person_facts import JST

app = typer.Typer()


@app.command("invite-card")
def invite(institution: Institution = "", as_json: Json = False) -> None:
    """Invite somebody to have a card read in their own reader; prints the link, also as a QR code.

    They type: tegata wallet card LINK. Whoever has the link can use it, once, with a card of their own.
    """
    deps = open_desk()
    tenant = choose_institution(institution)
    made = invite_card(deps.desk, tenant, actor=actor())
    link = deps.desk.addresses.invitation(tenant, made.id, made.token)
    if as_json:
        print_json({"session": made.id, "link": link, "expires_at": made.expires_at})
        return
    print_qr(link)
    until = datetime.fromtimestamp(made.expires_at, UTC).astimezone(JST)
    say(f"page for the holder: {link}\nopen until: {until:%Y-%m-%d %H:%M} (JST)\ninvitation: {made.id}")


@app.command("withdraw-invitation")
def withdraw(
    invitation: Annotated[
        str, typer.Argument(help="Id of an invitation, as invite-card prints it.", show_default=False)
    ],
    institution: Institution = "",
) -> None:
    """Take an invitation back that nobody has used."""
    deps = open_desk()
    withdraw_invitation(deps.desk, choose_institution(institution), invitation, actor=actor())
    say("The invitation was withdrawn.")
