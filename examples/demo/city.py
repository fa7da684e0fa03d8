"""Wakaba City, which puts up a kiosk: an institution at the same issuer, its reader, and the make-believe authorities behind the cards.

Whoever is to believe cards has to be told by whom: the roots go into a folder, the address of JPKI's responder into a setting, and the
issuer is started anew with both.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace

from examples.cards.authorities import Authorities
from examples.cards.driving_licence import build_driving_licence
from examples.cards.licence.holders import SAMPLES
from examples.cards.my_number.card import PASSWORD, build_my_number
from examples.cards.my_number.jpki_authority import Purpose
from examples.cards.my_number.revocation import OcspResponder, serving
from examples.cards.people import Person
from examples.cards.registry import Dealt, Known
from examples.demo.cast import CITY, Cast
from examples.sandbox.counter import Counter
from examples.sandbox.reader import Reader, open_reader

HANAKO = Person(
    key="hanako_of_wakaba",
    name="髙𠮷　花子",
    kana="たかよし　はなこ",
    latin=("TAKAYOSHI", "HANAKO"),
    birth="20051103",
    sex="2",
    address="東京都若葉市中央一丁目２番３号",
    security_code="4649",
)
"""The student of the first act, as the residents' register has her."""


class City:
    """Cards, reader and kiosk; a context manager. `open` comes before all else. real: over a real pcscd where one can be had."""

    def __init__(self, cast: Cast, *, real: bool = True) -> None:
        self.cast = cast
        self._real = real
        self._open = ExitStack()
        self.responder = self.token = ""
        self.wire_log = cast.folder / "kiosk.wire.jsonl"
        self.roots = cast.folder / "card-roots"
        self.authorities: Authorities
        self.card: Dealt
        self.licence: Dealt
        self.reader: Reader
        self.counter: Counter

    def open(self) -> None:
        """The institution is made while keys are; then the issuer is started anew."""
        with ThreadPoolExecutor(1) as beside:
            institution = beside.submit(self._make_institution)
            self._deal_cards()
        self.reader = open_reader(real=self._real)
        self._open.callback(self.reader.close)
        self._believe()
        issuer = self.cast.issuer
        self.token = institution.result()
        self.counter = Counter(
            f"{issuer.url}/{CITY}", self.token, self.reader, verify=issuer.verify, wire_log=self.wire_log
        )
        self._open.callback(self.counter.close)

    def __enter__(self) -> City:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _deal_cards(self) -> None:
        """Makes the cards, who stands behind them, and the folder with what an issuer has to know of these."""
        self.authorities = Authorities()
        jpki = self.authorities.my_number.jpki(Purpose.SIGNATURE)
        self.card = self._deal()
        (self._serial,) = jpki.issued
        licence = replace(SAMPLES["hanako"], person=HANAKO, categories={"普通": "20240820"})
        self.licence = Dealt(
            card=build_driving_licence(licence, authority=self.authorities.police),
            known=(
                Known("driving_licence_pin_1", "暗証番号1 / PIN 1", licence.pin_1),
                Known("driving_licence_pin_2", "暗証番号2 / PIN 2", licence.pin_2),
            ),
        )
        self.authorities.write(self.roots)
        self.responder = self._open.enter_context(serving(OcspResponder(jpki, keys=self.authorities.my_number.keys)))

    def copy_of_card(self) -> Dealt:
        """All files of Hanako's My Number card, and the password: somebody looked over her shoulder."""
        return self._deal("clone")

    def revoke_card(self) -> None:
        """Her signature certificate, as when she has moved: the address in it is no longer hers."""
        self.authorities.my_number.jpki(Purpose.SIGNATURE).revoke(self._serial, days_ago=0)

    def _deal(self, fault: str | None = None) -> Dealt:
        card = build_my_number(HANAKO, authority=self.authorities.my_number, fault=fault)
        return Dealt(
            card=card,
            known=(Known("jpki_signature_password", "署名用パスワード / signature password", PASSWORD.decode()),),
        )

    def renewed_card(self) -> Dealt:
        """The same card with new certificates, as the municipal office gives them after a move."""
        return self._deal()

    def _make_institution(self) -> str:
        words = ("new-institution", CITY, "--name-ja", "若葉市", "--name-en", "Wakaba City", "--json")
        return str(json.loads(self.cast.issuer.command(*words))["token"])

    def _believe(self) -> None:
        issuer = self.cast.issuer
        issuer.stop()
        issuer.environment |= {
            "TEGATA_ISSUER_CARD_TRUST": str(self.roots),
            "TEGATA_ISSUER_CARD_ENVIRONMENT": "test",
            "TEGATA_ISSUER_CARD_OCSP": f"jpki_signature={self.responder}",
            "TEGATA_ISSUER_CARD_REVOCATION_SECONDS": "1",  # a day, where nobody waits for it
        }
        issuer.start()
        issuer.wait()
