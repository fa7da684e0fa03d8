"""A kiosk with its page, in this process: the page on a real socket, the kiosk in its thread, the issuer behind it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import uvicorn

from common.cards.secret import Secret
from examples.cards.chip import Card
from issuer.kiosk.page import build_page
from issuer.kiosk.page_person import Answer, PagePerson
from issuer.kiosk.staff_api import StaffApi
from issuer.kiosk.stages import PutCard
from issuer.kiosk.visit import Kiosk
from tests.issuer.kiosk_world import AppFetch, Desktop
from tests.issuer.school import BASE, TENANT, School

KEY = "a-key-of-this-kiosk"


class PatientDesktop(Desktop):
    """Cards come and go while the kiosk's thread looks."""

    def wait(self, seconds: float) -> str:
        ends = time.monotonic() + seconds
        while self.error is None and self.card is None and time.monotonic() < ends:
            time.sleep(0.02)
        return super().wait(0)

    def is_gone(self, reader: str, seconds: float = 0.0) -> bool:
        ends = time.monotonic() + seconds
        while self.card is not None and time.monotonic() < ends:
            time.sleep(0.02)
        return self.card is None


@dataclass
class Screen:
    """address: of the page. put, take: a card."""

    address: str
    desktop: PatientDesktop
    person: PagePerson
    fetch: AppFetch

    def put(self, card: Card) -> None:
        self.desktop.card = card

    def take(self) -> None:
        self.desktop.card = None

    def clear(self) -> None:
        """Whatever the last visitor left is ended."""
        self.take()
        ends = time.monotonic() + 20
        while not isinstance((shown := self.person.now_shown())[0], PutCard):
            assert time.monotonic() < ends, "the kiosk does not come back to its beginning"
            self.person.answer(shown[1], Answer(stop=True))
            time.sleep(0.02)


@contextmanager
def open_screen(school: School, *, patience: float = 60.0) -> Iterator[Screen]:
    person, desktop, fetch = PagePerson(patience=patience), PatientDesktop(None), AppFetch(school.client)
    api = StaffApi(fetch, f"{BASE}/{TENANT}", Secret(school.token))
    kiosk = Kiosk(slot=desktop, issuer=api, person=person, now=school.clock.now)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    config = uvicorn.Config(
        build_page(person, KEY), lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    threads = [
        Thread(target=kiosk.serve, daemon=True),
        Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield Screen(f"http://127.0.0.1:{listener.getsockname()[1]}/{KEY}/", desktop, person, fetch)
    finally:
        kiosk.stop()
        person.close()
        server.should_exit = True
        for thread in threads:
            thread.join(10)
        listener.close()
