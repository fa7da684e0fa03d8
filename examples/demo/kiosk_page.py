"""The kiosk's page for those who stay after the story: `tegata issuer kiosk --page` over the same reader, and a card to put into it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console

from examples.demo.cast import CITY
from examples.demo.city import City
from examples.demo.programs import ROOT


def stay_at_kiosk(city: City, console: Console) -> NoReturn:
    """Says where the page is; each line that is entered puts the card in, or takes it out. Never returns: Ctrl-C."""
    card = city.renewed_card()
    with open_page(city) as address:
        console.print(f"  {'kiosk':10} {address}", highlight=False, soft_wrap=True)
        console.print(f"  {'':10} {card.known[0].label}: {card.known[0].value}", highlight=False)
        console.print("\nEnter: Hanako's new card into the reader, or out of it", highlight=False)
        for _ in _entered():
            if city.reader.is_empty:
                city.reader.put(card.card)
                console.print("the card is in the reader", highlight=False)
            else:
                city.reader.take()
                console.print("the card is out", highlight=False)
        while True:
            threading.Event().wait()


def _entered() -> Iterator[str]:
    """Lines, as far as there are any: who runs in the background of a terminal gets none."""
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    try:
        yield from sys.stdin
    except OSError:
        return


@contextmanager
def open_page(city: City) -> Iterator[str]:
    """The page's address, while `tegata issuer kiosk --page` runs over the reader. Raises OSError where it does not come up."""
    issuer = city.cast.issuer
    token = city.cast.folder / "kiosk.token"
    with os.fdopen(os.open(token, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(city.token)
    words = ["kiosk", "--page", "--port", "0", "--issuer", f"{issuer.url}/{CITY}", "--token-file", str(token)]
    words += ["--root", issuer.verify] if isinstance(issuer.verify, str) else []
    with (city.cast.folder / "kiosk.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tegata", "issuer", *words],
            cwd=ROOT,
            env=issuer.environment | city.reader.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise OSError(f"the kiosk's page did not come up; see {log.name}")
        yield address
    finally:
        process.terminate()
        process.wait(15)
