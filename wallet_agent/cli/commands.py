"""The holder's commands, and the whole ``tegata wallet`` put together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from common.adapters.terminal import Json, SaysErrors, print_json, print_json_text, say
from common.errors import Refused
from common.plain_text import make_visible
from wallet_agent.cli import operator
from wallet_agent.cli.card import card
from wallet_agent.cli.desk import Holder, ask_passphrase, choose_holder, open_desk, open_vault, unattended_key
from wallet_agent.cli.show import print_card, print_cards, print_consent, print_history, print_offer, print_showing
from wallet_agent.holder.answer_request import answer_request, decline_request
from wallet_agent.holder.bake_badge import bake_badge
from wallet_agent.holder.cards import read_card, read_cards
from wallet_agent.holder.check_card import check_card, check_cards
from wallet_agent.holder.choose_credentials import choose_credentials
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.delete_card import delete_card
from wallet_agent.holder.history import read_history
from wallet_agent.holder.offer_states import Failed, Received
from wallet_agent.holder.read_request import read_request
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.renew_card import renew_card
from wallet_agent.holder.request_credential import accept_offer, resume_offers
from wallet_agent.holder.show_card import renew_showing, start_showing
from wallet_agent.holder.unlock import lock_everywhere
from wallet_agent.routes.models import card_out, history_out, offer_out
from wallet_agent.routes.requests import consent_out, request_out
from wallet_agent.routes.showing import showing_out

app = typer.Typer(
    cls=SaysErrors,
    help="Hold certificates: take offers, look at cards, answer questions with consent.\n\n"
    "A first day: [bold]new[/] hanako, [bold]accept[/] OFFER, [bold]list[/], [bold]present[/] REQUEST, [bold]backup[/] FILE.\n\n"
    "The vault is opened by a prompt, by TEGATA_WALLET_PASSPHRASE, or by the key file that TEGATA_WALLET_UNATTENDED_KEY_FILE names.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
app.add_typer(operator.app)
app.command()(card)
app.add_typer(operator.audit, name="audit")

Language = Annotated[str, typer.Option("--lang", help="Language of names and texts: ja or en.")]
CardId = Annotated[str, typer.Argument(help="As [bold]list[/] shows it.", show_default=False)]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="a–z, 0–9, hyphens; stands in addresses.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Make a wallet with a vault of its own. Nobody can open it without the passphrase: not even whoever runs this server."""
    deps = open_desk()
    passphrase = ask_passphrase(deps, "New passphrase (8 characters or more)", confirm=True)
    vault = create_holder(
        name, passphrase, cost=deps.settings.passphrase_cost, clock=deps.clock, key_file=unattended_key(deps)
    )
    address = f"{deps.settings.public_url}/{vault.tenant}/"
    if as_json:
        return print_json({"name": vault.tenant, "address": address})
    return say(f"{vault.tenant}: {address}")


@app.command()
def accept(
    offer: Annotated[str, typer.Argument(help="The link or the scanned text of an offer.", show_default=False)],
    tx_code: Annotated[str, typer.Option(help="The transaction code, if you have it at hand.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before accepting.")] = False,
    holder: Holder = "",
    lang: Language = "en",
    as_json: Json = False,
) -> None:
    """Read an offer, show what it brings, and accept it. After an interruption the same command goes on where it stopped."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    view = receive_offer(vault, offer, fetch=deps.fetch, clock=deps.clock)
    if not as_json:
        print_offer(view, language=lang)
    if isinstance(view.state, Received):
        if not yes and not typer.confirm("Accept?", err=True):
            raise Refused("not_accepted", "nothing was accepted; the offer stays open")
        asked = view.state.terms.tx_code
        if asked is not None and not tx_code:
            tx_code = typer.prompt(make_visible(asked.description or "") or "Transaction code", err=True)
    view = accept_offer(vault, view.id, outside=deps.outside, tx_code=tx_code or None)
    if as_json:
        print_json_text(offer_out(view).model_dump_json())
    else:
        print_offer(view, language=lang)
    if isinstance(view.state, Failed):
        raise Refused(view.state.code, view.state.detail)


@app.command()
def resume(holder: Holder = "", lang: Language = "en") -> None:
    """Go on with every offer that was accepted and interrupted."""
    deps = open_desk()
    for view in resume_offers(open_vault(deps, holder), outside=deps.outside):
        print_offer(view, language=lang)


@app.command("list")
def list_command(
    check: Annotated[bool, typer.Option(help="Ask the issuers' status lists first.")] = False,
    holder: Holder = "",
    lang: Language = "en",
    as_json: Json = False,
) -> None:
    """The cards of a wallet."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    cards = check_cards(vault, outside=deps.outside, older_than=0) if check else read_cards(vault)
    if as_json:
        return print_json([card_out(card, now=deps.clock.now()).model_dump() for card in cards])
    return print_cards(cards, now=deps.clock.now(), language=lang)


@app.command()
def show(card: CardId, holder: Holder = "", lang: Language = "en", as_json: Json = False) -> None:
    """One card: every claim, who issued it and how that is known. Asks the issuer's status list."""
    deps = open_desk()
    found = check_card(open_vault(deps, holder), card, outside=deps.outside)
    if as_json:
        return print_json_text(card_out(found, now=deps.clock.now()).model_dump_json())
    return print_card(found, now=deps.clock.now(), language=lang)


@app.command()
def renew(card: CardId, holder: Holder = "", lang: Language = "en") -> None:
    """Ask the issuer for the present state of a certificate; the new card supersedes the old one."""
    deps = open_desk()
    print_offer(renew_card(open_vault(deps, holder), card, outside=deps.outside), language=lang)


@app.command()
def present(
    request: Annotated[str, typer.Argument(help="The link or the scanned text of a question.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Consent without being asked.")] = False,
    card: Annotated[list[str] | None, typer.Option(help="QUERY=CARD: show this card for that query.")] = None,
    holder: Holder = "",
    lang: Language = "en",
    as_json: Json = False,
) -> None:
    """Read a question, show who asks, what would be given and what not, and answer it if you consent. A no is told to the asker too."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    view = read_request(vault, request, outside=deps.outside)
    consent = choose_credentials(vault, view.id, outside=deps.outside)
    if as_json and not yes:
        return print_json_text(consent_out(consent).model_dump_json())
    if not as_json:
        print_consent(consent, language=lang)
    picked: dict[str, list[str]] | None = None
    for one in card or []:
        query_id, _, card_id = one.partition("=")
        picked = picked or {}
        picked.setdefault(query_id, []).append(card_id)
    if yes or typer.confirm("Give this?", err=True):
        view = answer_request(vault, view.id, outside=deps.outside, picked=picked)
    else:
        view = decline_request(vault, view.id, outside=deps.outside)
    if as_json:
        return print_json_text(request_out(view).model_dump_json())
    say(view.state.state)
    redirect = getattr(view.state, "redirect_uri", None)
    return say(f"continue at {redirect}") if redirect else None


@app.command("show-qr")
def show_qr(
    card: CardId,
    claims: Annotated[
        list[str] | None,
        typer.Option(
            help="A claim to show, e.g. family_name or age_equal_or_over/18; repeat. Default: the kind of certificate."
        ),
    ] = None,
    watch: Annotated[bool, typer.Option(help="Draw a new code every half minute, until the showing is over.")] = False,
    holder: Holder = "",
    lang: Language = "en",
    as_json: Json = False,
) -> None:
    """Show a card in person: a QR code that is good for a minute, for whoever scans it."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    paths = None if claims is None else [one.split("/") for one in claims]
    showing = start_showing(vault, card, clock=deps.clock, paths=paths)
    if as_json:
        return print_json_text(showing_out(showing).model_dump_json())
    while True:
        print_showing(showing, language=lang)
        if not watch:
            return None
        time.sleep(max(1, showing.renew_at - deps.clock.now()))
        showing = renew_showing(vault, card, showing.id, clock=deps.clock)


@app.command()
def badge(
    card: CardId,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="FILE.png or FILE.svg.", dir_okay=False, show_default=False)
    ],
    holder: Holder = "",
) -> None:
    """Put a badge into a picture. Whoever has the file can verify it, and reads all that the badge says."""
    deps = open_desk()
    baked = bake_badge(open_vault(deps, holder), card, output.suffix.lower().removeprefix("."))
    output.write_bytes(baked.image)
    say(f"{output}: {len(baked.image)} bytes")


@app.command()
def history(
    card: Annotated[str, typer.Option(help="Only what concerns this card.")] = "",
    holder: Holder = "",
    lang: Language = "en",
    as_json: Json = False,
) -> None:
    """Who saw what, when. Sealed in the vault: only you read it."""
    deps = open_desk()
    entries = read_history(open_vault(deps, holder), card_id=card or None)
    if as_json:
        return print_json([history_out(one).model_dump() for one in entries])
    return print_history(entries, language=lang)


@app.command()
def delete(
    card: CardId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    holder: Holder = "",
    lang: Language = "en",
) -> None:
    """Delete a card and its keys for good. The history of what it showed stays."""
    deps = open_desk()
    vault = open_vault(deps, holder)
    print_card(read_card(vault, card), now=deps.clock.now(), language=lang)
    if not yes and not typer.confirm("Delete this card for good?", err=True):
        raise Refused("not_deleted", "nothing was deleted")
    delete_card(vault, card, clock=deps.clock)


@app.command()
def lock(holder: Holder = "") -> None:
    """End every session: all browsers and programs must unlock anew."""
    deps = open_desk()
    say(f"{lock_everywhere(choose_holder(deps, holder), clock=deps.clock)} sessions ended")
