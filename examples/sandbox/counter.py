"""The kiosk of an institution, put up for virtual cards: the kiosk's own code, a reader, and the issuer over HTTP."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from common.adapters.http import Exchange, GuardedFetch
from common.adapters.wire_log import WireLog
from common.cards.offered_parts import PartName
from common.cards.reading import Reading
from common.cards.secret import Secret
from examples.cards.registry import Dealt
from examples.sandbox.reader import Reader
from examples.sandbox.visitor import Visitor
from issuer.kiosk.issuer_desk import Accepted, MadeOffer
from issuer.kiosk.staff_api import StaffApi
from issuer.kiosk.trouble import Trouble
from issuer.kiosk.visit import Kiosk


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How one visit went. seen: what the kiosk showed. accepted: what the issuer found, if it came to that. types: that were chosen.

    trouble: why there is no offer.
    """

    seen: tuple[str, ...]
    types: tuple[str, ...]
    accepted: Accepted | None = field(repr=False)
    offer: MadeOffer | None = field(repr=False)
    trouble: Trouble | None


class Counter:
    """address: of the institution at its issuer, "http://localhost:8101/city". verify: a PEM file of roots for https, or True.

    wire_log: where the kiosk's exchanges are recorded, as the programs record theirs.
    """

    def __init__(
        self, address: str, token: str, reader: Reader, *, verify: str | bool = True, wire_log: Path | None = None
    ) -> None:
        own = {str(urlsplit(address).hostname): "127.0.0.1"} if isinstance(verify, str) else {}
        self._fetch = GuardedFetch(
            sandbox=True,
            private_hosts=frozenset(own),
            addresses=own,
            extra_roots=(Path(verify),) if isinstance(verify, str) else (),
            on_exchange=None if wire_log is None else _Recorder(wire_log),
        )
        self._address, self._token = address, token
        self.reader = reader

    def serve(
        self, dealt: Dealt, *, parts: Collection[PartName] | None = None, wants: Collection[str] | None = None
    ) -> Visit:
        """One visitor, from putting the card in to taking it out. parts, wants: as in `Visitor`."""
        desk = _Noting(self._fetch, self._address, Secret(self._token))
        visitor = Visitor(
            secrets={each.word: each.value for each in dealt.known},
            take_card=self.reader.take,
            parts=parts,
            wants=wants,
        )
        self.reader.put(dealt.card)
        try:
            kiosk = Kiosk(slot=self.reader.slot, issuer=desk, person=visitor, now=lambda: int(time.time()))
            trouble = kiosk.serve_one()
        finally:
            self.reader.take()
        return Visit(
            seen=tuple(visitor.seen),
            types=visitor.types,
            accepted=desk.accepted,
            offer=visitor.offer,
            trouble=trouble,
        )

    def close(self) -> None:
        self._fetch.close()


class _Noting(StaffApi):
    """The issuer, and what it said of the card; the kiosk itself tells a visitor of a refusal only why."""

    accepted: Accepted | None = None

    def accept(self, session: str, readings: Sequence[Reading]) -> Accepted:
        self.accepted = super().accept(session, readings)
        return self.accepted


class _Recorder:
    def __init__(self, path: Path) -> None:
        self._log = WireLog(path, "kiosk")

    def __call__(self, exchange: Exchange) -> None:
        self._log.write(
            "out",
            exchange.method,
            exchange.url,
            exchange.status,
            request=(exchange.request_headers.get("content-type", ""), exchange.request_body),
            response=(exchange.response_headers.get("content-type", ""), exchange.response_body),
            seconds=exchange.milliseconds / 1000,
        )
