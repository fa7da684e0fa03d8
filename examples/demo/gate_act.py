"""The third act: a ticket that a gate believes with no network, and a screenshot does not copy.

What gates say is what `tegata gate` printed; what went between the programs is from their own record. Only the holder's browser is played
(`examples.demo.phone`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import httpx

from examples.demo.phone import PassOnPhone, bind
from examples.demo.story import Story, StoryFailed
from examples.demo.venue import GENERAL, NORTH, SEATS, SOUTH, Gate, Organiser

HANAKO, TARO, MEI = "Hanako", "Taro", "Mei"
GUESTS = {HANAKO: GENERAL, TARO: GENERAL, MEI: SEATS}
CLASSES = {GENERAL: "一般 General", SEATS: "有料席 Seats"}
SCREENSHOT = 40
"""Seconds: how old the picture is."""


class GateAct:
    """Goes on where another act ended: Hanako's wallet is unlocked. All three programs run before it and after it."""

    def __init__(self, story: Story, organiser: Organiser) -> None:
        self.story, self.cast, self.organiser = story, story.cast, organiser
        self.north = Gate(self.cast, "north gate", entrance=NORTH, language="en")
        self.south = Gate(self.cast, "south gate", entrance=SOUTH, language="ja")
        self.event = ""
        self._tickets: dict[str, str] = {}
        """Numbers, by the guest for whom each was bought."""
        self._waiting: dict[str, str] = {}
        """Ids of passes, as the wallet has them."""
        self._phones: dict[str, PassOnPhone] = {}
        for gate in self.gates:
            story.wire.know(gate.name, file=gate.wire_log)

    @property
    def gates(self) -> tuple[Gate, Gate]:
        return self.north, self.south

    def walk(self) -> None:
        step = self.story.step
        self.story.console.print("\n[bold]And now with no network: tickets at a gate[/]")
        step("Wakaba City plans its fireworks 花火大会", self.make_event)
        step(
            "A ticket shop orders three tickets for Hanako and two friends; it hears no answer, and asks again",
            self.buy,
        )
        step("Her wallet takes the tickets", self.take)
        step("Her browser (played by this script) makes a key for each pass, and has the pass bound to it", self.bind)
        step("Two gates are enrolled, and load the signed pack", self.enrol)
        try:
            step("The network is cut: issuer, wallet agent and verifier are stopped", self.cut)
            step("The north gate reads the code on her phone", self.enter)
            step("The gate's process is killed (kill -9) and started anew; she shows her code again", self.enter_again)
            step(f"Somebody shows a picture of her screen, {SCREENSHOT} s old, at the south gate", self.show_picture)
            step("Mei is let in there, at the entrance of the seats", self.enter_south)
        finally:
            for gate in self.gates:
                gate.close()
        step("The network returns. Taro cannot come: the city refunds his ticket", self.refund)
        step("The north gate fetches what changed", self.fetch)
        try:
            step("Somebody comes with Taro's ticket, whose code is as fresh as ever", self.refuse)
        finally:
            self.north.close()
        step("After the fireworks: both journals, put together", self.report)

    def make_event(self) -> str:
        made = self.organiser.make_event()
        self.event = made["id"]
        entrances = " and ".join(f"{one['name_ja']} {one['name_en']}" for one in made["entrances"])
        classes = " and ".join(f"{one['name_ja']} {one['name_en']}" for one in made["classes"])
        return f"{made['name_ja']} {made['name_en']}, {self.event}: entrances {entrances}, tickets {classes}"

    def buy(self) -> str:
        wish = {number: list(GUESTS.values()).count(number) for number in CLASSES}
        first, again = (self.organiser.sell(self.event, wish, key="shop-order-1") for _ in range(2))
        if first != again or first["state"] != "sold":
            raise StoryFailed(f"the shop asked twice and got {first['id']} and {again['id']}")
        left = list(first["tickets"])
        for guest, number in GUESTS.items():
            ticket = next(one for one in left if one["class_number"] == number)
            left.remove(ticket)
            self._tickets[guest] = ticket["number"]
            self.story.say(f"{ticket['number']}  {CLASSES[number]}, for {guest}")
        return f"one order both times, by its Idempotency-Key: {len(first['tickets'])} tickets, {first['state']}"

    def take(self) -> str:
        student = self.story.student
        for guest, number in self._tickets.items():
            link = self.organiser.act(self.event, number, "offer")["link"]
            done = student.accept(student.receive(link)["id"], None)
            held = student.ask_for_list("GET", f"{student.base}/passes")
            new = [one["id"] for one in held if one["id"] not in self._waiting.values() and not one["holder"]]
            if done["state"] != "done" or len(new) != 1:
                raise StoryFailed(f"the offer ended as {done['state']}, with {len(new)} passes")
            self._waiting[guest] = new[0]
        return f"{len(self._waiting)} tickets beside her other cards, each with a gate pass that is bound to no key yet"

    def bind(self) -> str:
        self._phones = {guest: bind(self.story.student, one) for guest, one in self._waiting.items()}
        code = self._phones[HANAKO].code()
        self.story.say(f"{code[:60]}…  {len(code)} characters, a new one every ten seconds")
        sizes = ", ".join(str(len(one.token)) for one in self._phones.values())
        return f"{len(self._phones)} passes of {sizes} bytes, each with a key that only her browser has"

    def enrol(self) -> str:
        signer = self.organiser.signer(self.event)
        codes = [self.organiser.gate_code(self.event, gate.entrance) for gate in self.gates]

        def one(gate: Gate, code: str) -> str:
            return gate.enrol(self.event, organiser=self.organiser.address, code=code, signer=signer)

        with ThreadPoolExecutor(len(codes)) as both:
            said = list(both.map(one, self.gates, codes))
        self._tell(f"{gate.name}: {line}" for gate, line in zip(self.gates, said, strict=True))
        return f"packs are signed by {signer[:16]}…, which a person compared with the organiser's page"

    def cut(self) -> str:
        ended = self.cast.stop()
        for program in self.cast.programs.values():
            try:
                with program.client(timeout=2.0) as client:
                    client.get("/health/ready")
            except httpx.TransportError as error:
                self.story.say(f"{program.url}: {error}")
            else:
                raise StoryFailed(f"{program.name} still answers")
        with ThreadPoolExecutor(len(self.gates)) as both:
            self._tell(both.map(lambda gate: gate.open(self.event), self.gates))
        return f"exit statuses {', '.join(f'{name} {status}' for name, status in ended.items())}; two gates are open, alone"

    def enter(self) -> str:
        return self._read(self.north, self._phones[HANAKO].code(), "Admit")

    def enter_again(self) -> str:
        status = self.north.kill()
        self._tell([self.north.open(self.event)])
        said = self._read(self.north, self._phones[HANAKO].code(), "Already in")
        return f"exit status {status}, and its journal knew: {said}"

    def show_picture(self) -> str:
        """The south gate has not heard that she is inside."""
        return self._read(self.south, self._phones[HANAKO].code(int(time.time()) - SCREENSHOT), "古いコード")

    def enter_south(self) -> str:
        return self._read(self.south, self._phones[MEI].code(), "入場できます")

    def refund(self) -> str:
        """All come back; nobody waits for the wallet and the verifier until the end."""
        self.cast.issuer.start()
        self.cast.wallet.start()
        self.cast.issuer.wait()
        self.cast.verifier.start()
        done = self.organiser.act(self.event, self._tickets[TARO], "refund")
        return f"{self._tickets[TARO]} is {done['state']}, {done['copies']} copies of it fell in one transaction"

    def fetch(self) -> str:
        return self.north.fetch_pack(self.event)

    def refuse(self) -> str:
        self._tell([self.north.open(self.event)])
        return self._read(self.north, self._phones[TARO].code(), "Revoked")

    def report(self) -> str:
        """By the north gate, whose pack names both. Whatever was written is accounted for, or the report ends with 1."""
        with ThreadPoolExecutor(len(self.gates)) as both:
            journals = list(both.map(lambda gate: gate.journal(self.event), self.gates))
        self._tell(f"{gate.name}: {said}" for gate, (_, said) in zip(self.gates, journals, strict=True))
        lines = self.north.program.command("report", *(str(file) for file, _ in journals)).splitlines()
        self._tell(lines)
        whole = [line for line in lines if line.strip() == "No ticket entered more than once."]
        if "2 tickets entered" not in lines[0] or not whole:
            raise StoryFailed("the report does not account for the evening")
        for program in (self.cast.wallet, self.cast.verifier):
            program.wait()
        return f"{lines[0]} {whole[0]}"

    def _read(self, gate: Gate, code: str, expected: str) -> str:
        """What the gate printed; its word, which has to be this one, and how old its facts are."""
        said = gate.read(code)
        self._tell(said)
        if not any(expected in line for line in said):
            raise StoryFailed(f"expected {expected} at the {gate.name}, which said: {' '.join(said)}")
        return f"{expected}; {said[-1].strip()}"

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.story.say(line)
