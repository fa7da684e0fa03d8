"""The story: a row becomes a certificate, the certificate answers a question, and stops answering when the student has left.

Every step is an act of a person through a public address; what happened between the programs is read from their own record.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from examples.demo.cast import Cast
from examples.demo.people import Assistant, Registrar, Student
from examples.demo.programs import ROOT
from examples.demo.wire import Wire

HANAKO = "24S00001"
ROLL = ROOT / "examples" / "registrar" / "roll.csv"
MARK = {"passed": "[bold green]■ yes[/]", "failed": "[bold red]╳ no[/]", "undetermined": "[bold yellow]? unknown[/]"}


class StoryFailed(RuntimeError):
    """A step did not end as the story says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    name: str
    result: str
    seconds: float
    exchanges: int


class Story:
    """Walks the steps in order. ``steps`` holds what happened so far, for the JSON at the end."""

    def __init__(self, cast: Cast, console: Console) -> None:
        self.cast, self.console = cast, console
        self.wire: Wire = cast.wire()
        self.steps: list[Step] = []
        self.registrar, self.student, self.assistant = Registrar(cast), Student(cast), Assistant(cast)
        self.facts: dict[str, Any] = {}

    def walk(self) -> None:
        self.step("The registrar imports the roll", self.import_roll)
        self.step("Hanako makes a wallet and unlocks it", self.make_wallet)
        self.step("The registrar offers her the enrolment certificate 在学証明", self.offer)
        self.step("She claims it with the transaction code", self.claim)
        self.step("The café asks: are you a student?", self.ask)
        self.step("She sees who asks for what, and consents", self.consent)
        self.step("The café sees the verdict", lambda: self.verdict("passed"))
        self.step("She leaves the university; the registrar withdraws her", self.withdraw)
        self.step("The café asks again", self.ask)
        self.step("She consents again", self.consent)
        self.step("The café sees the verdict", lambda: self.verdict("failed", because="revoked"))

    def hang_up(self) -> None:
        """The people close their connections. Over TLS a program that ends waits for each to be closed from the other side too."""
        for person in (self.registrar, self.student, self.assistant):
            person.http.close()

    def step(self, title: str, act: Callable[[], str]) -> None:
        self.console.print(f"\n[bold]{len(self.steps) + 1:2}. {title}[/]")
        began = time.perf_counter()
        result = act()
        took = time.perf_counter() - began
        exchanges = self.wire.since_last_time()
        for exchange in exchanges:
            self.console.print(
                f"      {exchange.sentence(self.console.width - 8)}",
                style="dim",
                markup=False,
                highlight=False,
                no_wrap=True,
                overflow="ellipsis",
            )
        self.console.print(f"    → {result}", highlight=False)
        self.steps.append(Step(name=title, result=result, seconds=round(took, 3), exchanges=len(exchanges)))

    def say(self, line: str) -> None:
        """Something that a person sees in this step. Blanks before it indent all of it."""
        text = line.lstrip(" ")
        self.console.print(Padding(Text(text), (0, 0, 0, 4 + len(line) - len(text)), expand=False))

    def import_roll(self) -> str:
        report = json.loads(self.cast.issuer.command("import", str(ROLL), "--json", quiet=False))
        for problem in report["problems"]:
            self.console.print(
                f"    line {problem['row']}, {problem['field']}: {problem['ja']}", style="yellow", highlight=False
            )
            self.console.print(f"      {problem['en']}", style="dim", highlight=False)
        if (report["rows"], report["wrong"]) != (300, 3):
            raise StoryFailed(f"expected 300 rows with 3 wrong ones, got {report['rows']} and {report['wrong']}")
        return f"{report['added']} students are in the roll, {report['wrong']} rows were wrong and left out"

    def make_wallet(self) -> str:
        self.student.make_wallet()
        self.student.unlock()
        return "a vault that only her passphrase opens"

    def offer(self) -> str:
        made = self.registrar.offer(HANAKO, "enrolment")
        self.facts |= {"link": made["link"], "tx_code": made["tx_code"], "claim_url": made["claim_url"]}
        return f"a link for a QR code, and the code {made['tx_code']} that travels another way"

    def claim(self) -> str:
        offer = self.student.receive(self.facts["link"])
        done = self.student.accept(offer["id"], self.facts["tx_code"])
        cards = self.student.cards()
        if done["state"] != "done" or not cards:
            raise StoryFailed(f"the offer ended as {done['state']} with {len(cards)} cards")
        copies = sum(card["copies"] for card in cards)
        names = " and ".join(sorted({card["names"].get("ja", "?") for card in cards}))
        return f"her wallet holds {names}, {copies} unlinkable copies, each with a key and a status entry of its own"

    def ask(self, question: str = "student") -> str:
        session = self.assistant.put_question(question)
        self.facts |= {"session": session["id"], "request": session["link"]}
        return f"a QR code: {session['link'][:60]}…"

    def consent(self, card: str = "") -> str:
        """card: the id of the one that she chooses; else what her wallet proposes."""
        view = self.student.look_at(self.facts["request"])
        if card:
            query = next(name for name, found in view["options"].items() if card in {one["card_id"] for one in found})
        else:
            query, card = next(iter(view["preselected"].items()))
        option = next(one for one in view["options"][query] if one["card_id"] == card)
        shown = ", ".join(claim["names"].get("en", str(claim["path"])) for claim in option["given"])
        kept = len(option["held_back"])
        answered = self.student.answer(view["id"], cards={query: [card]})
        if answered["state"] != "answered":
            raise StoryFailed(f"the answer ended as {answered['state']}: {answered['refusal']}")
        asker = view["asker"]
        who = f"{asker['said_names'].get('ja', '')} at {asker['proven_name']} (proven by {asker['proof']})"
        return f"asked by {who}; gives: {shown}; keeps {kept} other claims"

    def verdict(self, expected: str, *, because: str = "", brief: bool = False) -> str:
        """because: the reason of the one check that does not say yes; nothing for a yes. brief: what says yes is only counted."""
        verdict = self.assistant.result(self.facts["session"])["verdict"]
        if verdict is None:
            raise StoryFailed("there is no verdict")
        self.console.print(Padding(verdict_tree(verdict, brief=brief), (0, 0, 0, 4)))
        if verdict["answer"] != expected:
            raise StoryFailed(f"expected {expected}, got {verdict['answer']} ({verdict['reason']})")
        doubts = [
            check["reason"]
            for branch in verdict["presentations"]
            for check in branch["checks"]
            if check["answer"] != "passed"
        ]
        if doubts != [because] * bool(because):
            raise StoryFailed(f"expected {because or 'no doubts'}, got {doubts}")
        return f"{verdict['answer']}: {verdict['sentence']['en']}"

    def withdraw(self) -> str:
        done = self.registrar.withdraw(HANAKO)
        # A status list may be cached for its ttl; the sandbox's is one second, and the café's knowledge may be that old.
        time.sleep(2.1)
        return f"{done['revoked']} copies revoked by one transaction"


def verdict_tree(verdict: dict[str, Any], *, brief: bool = False) -> Tree:
    """The tree of a verdict, each check with its answer, its reason and the age of the fact behind it; brief: but those that say yes."""
    tree = Tree(f"{MARK[verdict['answer']]} {verdict['question']}", guide_style="dim")
    for branch in verdict["presentations"]:
        node = tree.add(f"{MARK[branch['answer']]} {branch['format']} from {branch['issuer']}")
        told = [check for check in branch["checks"] if not brief or check["answer"] != "passed"]
        if len(told) < len(branch["checks"]):
            node.add(f"{MARK['passed']} [dim]{len(branch['checks']) - len(told)} checks[/]")
        for check in told:
            age = (
                ""
                if check["as_of"] is None
                else f" [dim](known as of {duration(verdict['judged_at'] - check['as_of'])} before)[/]"
            )
            node.add(
                f"{MARK[check['answer']]} {check['title']['ja']} {check['title']['en']}: {check['sentence']['en']}{age}"
            )
    for check in verdict["checks"]:
        tree.add(f"{MARK[check['answer']]} {check['title']['en']}: {check['sentence']['en']}")
    return tree


def duration(seconds: int) -> str:
    """In one unit, rounded down."""
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
