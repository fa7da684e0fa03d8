"""An organiser at the real issuer, by its API: an event, tickets, a gate that reads the packs."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.gate_pass.verify import VerifiedPass, verify_gate_pass
from common.gate.enrolment import build_enrolment
from common.gate.pack import GatePack, parse_pack
from common.keys.software import SoftwareKey
from examples.demo.cast import UNIVERSITY, Cast

HOUR = 3600


@dataclass
class TicketOffice:
    cast: Cast
    event: str = ""
    token: str = field(default="", repr=False)

    def open(self) -> None:
        now = int(time.time())
        plan = {
            "name_ja": "隅田川花火大会",
            "name_en": "Sumida River Fireworks",
            "venue": "隅田公園",
            "starts_at": now + HOUR,
            "ends_at": now + 5 * HOUR,
            "capacity": 100,
            "entrances": [
                {"name_ja": "北口", "name_en": "North"},
                {"name_ja": "南口", "name_en": "South", "challenge": True},
            ],
            "classes": [{"name_ja": "一般自由席", "name_en": "General admission", "capacity": 100}],
        }
        self.event = self.ask("POST", "", json=plan)["id"]
        code = self.ask("POST", f"/{self.event}/codes", json={"entrances": [1]})["code"]
        asked = build_enrolment(event=self.event, code=code, name="北口1", signer=SoftwareKey.generate())
        with self.cast.issuer.client() as client:
            answer = client.post(
                f"/{UNIVERSITY}/events/{self.event}/gates", content=asked, headers={"Content-Type": "application/cbor"}
            )
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["token"]

    def sell(self, *, language: str = "ja") -> Any:
        """A ticket, as the API shows it."""
        wish = {"tickets": [{"class": 1, "quantity": 1}], "language": language}
        order = self.ask("POST", f"/{self.event}/orders", json=wish, headers={"Idempotency-Key": secrets.token_hex(8)})
        return order["tickets"][0]

    def offer(self, ticket: Any) -> str:
        """The link for a wallet."""
        return str(self.act(ticket, "offer")["link"])

    def act(self, ticket: Any, what: str) -> Any:
        return self.ask("POST", f"/{self.event}/tickets/{ticket['id']}/{what}")

    def pack(self) -> GatePack:
        with self.cast.issuer.client(token=self.token) as client:
            answer = client.get(f"/{UNIVERSITY}/events/{self.event}/pack")
        assert answer.status_code == 200, answer.text
        return parse_pack(answer.content).pack

    def read(self, code: str, *, now: int) -> VerifiedPass:
        """What a gate finds of this text, whose pack knows of nothing but the event's keys."""
        pack = self.pack()
        return verify_gate_pass(parse_gate_pass(code), event=self.event, issuer_keys=pack.keys, now=now)

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        with self.cast.issuer.client(token=self.cast.staff_token) as client:
            answer = client.request(method, f"/{UNIVERSITY}/api/events{path}", **sent)
        assert answer.status_code < 300, answer.text
        return answer.json()
