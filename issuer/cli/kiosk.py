"""``tegata issuer kiosk``: put a card, take certificates. In the terminal, or as a page on this machine."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from common.adapters.logs import set_up_logs
from common.adapters.terminal import say
from common.errors import Malformed, Misconfigured
from common.pages.language import known_language
from issuer.cli.desk import Institution, choose_institution, open_desk

if TYPE_CHECKING:
    from common.pages.language import Language
    from common.ports import Fetch
    from issuer.kiosk.issuer_desk import IssuerDesk

app = typer.Typer()
PATIENCE = 20.0
"""Seconds for one question to the issuer; it asks others about revocation meanwhile."""


@app.command()
def kiosk(
    issuer: Annotated[
        str,
        typer.Option(
            help="Address of the institution at its issuer, https://issuer.example/sakuragawa. Without it: this deployment's own."
        ),
    ] = "",
    institution: Institution = "",
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File that holds a staff token (tegata issuer new-token); without it, it is asked for.", dir_okay=False
        ),
    ] = None,
    reader: Annotated[
        list[str], typer.Option(help="Name of a card reader to use; may be repeated. Without it: all there are.")
    ] = [],  # noqa: B006 (typer copies it)
    root: Annotated[
        list[Path],
        typer.Option(help="PEM file of an authority that the issuer's https is believed from, beside the system's."),
    ] = [],  # noqa: B006
    page: Annotated[
        bool, typer.Option("--page", help="Serve a page for a touch screen, on this machine only, instead.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the page; 0: any that is free.", min=0, max=65535)] = 8190,
    language: Annotated[str, typer.Option(help="Language in the terminal: ja or en. The page speaks both.")] = "ja",
    once: Annotated[
        bool, typer.Option("--once", help="One visitor, then end; exit status 1 where no certificate came of it.")
    ] = False,
) -> None:
    """Read people's cards and offer them certificates of what the chips proved.

    \b
    1. Somebody puts a card: My Number card, driving licence, residence card or passport.
    2. They see which card it is and what will be read, and say yes.
    3. They enter what the card needs. The tries that are left are shown first; the last one takes an explicit yes.
    4. The card is read in one go; the issuer judges what it said (tegata issuer settings: card_trust).
    5. They choose certificates, and take them with the phone by QR code.

    \b
    On the issuer's own machine:     tegata issuer kiosk
    On a touch screen somewhere:     tegata issuer kiosk --page --issuer https://issuer.example/sakuragawa --token-file token
    Then open the address that it prints, for example:  chromium --kiosk "$ADDRESS"

    \b
    Needs pcscd and a reader (apt install pcscd), and pyscard (pip install "tegata\\[cards]").
    Without either: tegata sandbox cards plugs virtual cards in. Give each kiosk a token of its own:
    tegata issuer new-token kiosk-1; tegata issuer revoke-token kiosk-1 shuts it out again.

    Nobody's PIN, name or card number is written down here. Stop it with Ctrl-C.
    """
    chosen = known_language(language)
    if chosen is None:
        raise Malformed("unknown_language", "the terminal speaks ja and en")
    set_up_logs("error", "kiosk")
    address = _address(issuer, institution)
    desk = open_issuer(address, read_token(token_file), roots=tuple(root))
    try:
        if page:
            _serve_page(desk, tuple(reader), port)
        else:
            _serve_terminal(desk, tuple(reader), chosen, once=once)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _address(issuer: str, institution: str) -> str:
    if issuer:
        parts = urlsplit(issuer)
        if parts.scheme not in ("http", "https") or not parts.hostname or not parts.path.strip("/"):
            raise Malformed("issuer_address", "the issuer is named like https://issuer.example/sakuragawa")
        return issuer.rstrip("/")
    deps = open_desk()
    return f"{deps.settings.public_url}/{choose_institution(institution)}"


def read_token(file: Path | None) -> str:
    """The staff token from a file, or as it is typed, unseen. Raises Misconfigured."""
    if file is None:
        typed: str = typer.prompt("staff token", hide_input=True)
        return typed.strip()
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("token_file", "the file with the staff token cannot be read") from error


def open_issuer(address: str, token: str, *, roots: tuple[Path, ...] = (), fetch: Fetch | None = None) -> IssuerDesk:
    """The issuer over the network. Plain http is spoken to this very machine only. fetch: given by tests."""
    from common.adapters.http import GuardedFetch
    from common.cards.secret import Secret
    from issuer.kiosk.staff_api import StaffApi

    if not token.isascii() or not token.isprintable() or not token:
        raise Malformed("bad_token", "this is no staff token")
    parts = urlsplit(address)
    host = parts.hostname or ""
    if fetch is None:
        # The operator names the issuer, so that it may lie on a private network; nothing else is ever asked.
        fetch = GuardedFetch(
            sandbox=host in ("localhost", "127.0.0.1", "::1"),
            private_hosts=frozenset({host}),
            extra_roots=roots,
            timeout=PATIENCE,
        )
    return StaffApi(fetch, address, Secret(token))


def _serve_terminal(desk: IssuerDesk, readers: tuple[str, ...], language: Language, *, once: bool) -> None:
    from common.pages.catalogue import Words
    from issuer.kiosk.card_slot import PcscSlot
    from issuer.kiosk.screen_texts import open_texts
    from issuer.kiosk.terminal_person import TerminalPerson
    from issuer.kiosk.visit import Kiosk

    person = TerminalPerson(Words(open_texts(), language))
    kiosk = Kiosk(slot=PcscSlot(readers), issuer=desk, person=person, now=_now)
    if not once:
        kiosk.serve()
    elif kiosk.serve_one() is not None:
        raise typer.Exit(1)


def _serve_page(desk: IssuerDesk, readers: tuple[str, ...], port: int) -> None:
    from issuer.kiosk.card_slot import PcscSlot
    from issuer.kiosk.page_person import PagePerson
    from issuer.kiosk.page_server import serve_page
    from issuer.kiosk.visit import Kiosk

    person = PagePerson()
    kiosk = Kiosk(slot=PcscSlot(readers), issuer=desk, person=person, now=_now)
    serve_page(person, kiosk, key=secrets.token_urlsafe(16), port=port, announce=say)


def _now() -> int:
    return int(time.time())
