"""The cast on its stage: the people with their tokens, the next student of the roll, and what everybody can do there."""

from __future__ import annotations

import csv
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from examples.demo.cast import Cast, make_cast
from examples.demo.people import Assistant, Registrar, Student
from examples.demo.programs import draw_ports
from examples.demo.story import ROLL
from tests.stories.ledger import Ledger
from tests.stories.quick_start import quicken

SHARED = {"guess_limit": "100000/minute"}
EXTRA = {
    "issuer": {"jobs_every": "0"},
    "wallet": {
        "lease_seconds": "1",
        "passphrase_memory": str(8 << 20),
        "passphrase_passes": "1",
        "job_seconds": "3600",
    },
    "verifier": {"job_seconds": "0", "resume_seconds": "1"},
}
"""Regular work is called for, so that a test decides when it happens; nothing waits longer than it must."""
FORMATS = ("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc")


@dataclass(kw_only=True)
class Stage:
    """A running cast whose roll is imported. parties: assistants by client identifier prefix; offices: registrars of further schools."""

    cast: Cast
    registrar: Registrar
    assistant: Assistant
    parties: dict[str, Assistant] = field(default_factory=dict)
    offices: dict[str, Registrar] = field(default_factory=dict)
    students: dict[str, Student] = field(default_factory=dict)
    roll: Iterator[str] = field(default_factory=lambda: enrolled())

    def ledger(self, name: str) -> Ledger:
        return Ledger(self.cast.programs[name])

    def student(self, name: str = "hanako") -> Student:
        """The holder with this wallet, which is made at the first call."""
        if name not in self.students:
            student = self.students[name] = Student(self.cast, name)
            student.make_wallet()
            student.unlock()
        return self.students[name]

    def party(self, prefix: str) -> Assistant:
        """A relying party that wallets recognise by this client identifier prefix; made at the first call."""
        if prefix not in self.parties:
            slug = f"shop-{prefix.replace('_', '-')}"
            words = ["new-relying-party", slug, "--name-ja", "店", "--name-en", "Shop", "--prefix", prefix, "--json"]
            if prefix.startswith("x509"):
                host = str(urlsplit(self.cast.verifier.url).hostname)
                words += ["--sandbox-ca", str(self.cast.folder / "ca"), "--host", host]
            token = json.loads(self.cast.verifier.command(*words))["token"]
            self.parties[prefix] = Assistant(self.cast, slug, token=token)
        return self.parties[prefix]

    def claim(self, student: Student, *, types: tuple[str, ...] = (), by_value: bool = False, **how: Any) -> list[str]:
        """The next student of the roll is offered a certificate and takes it into this wallet: the ids of the cards."""
        made = self.registrar.offer(next(self.roll), *types, **how)
        offer = student.receive(made["link_by_value" if by_value else "link"])
        done = student.accept(offer["id"], made["tx_code"])
        assert done["state"] == "done", done
        return list(done["card_ids"])

    def ask(self, student: Student, *, card: str | None = None, asker: Assistant | None = None, **how: Any) -> Any:
        """A question, the answer with this card, and the verdict."""
        asker = asker or self.assistant
        session = asker.put_question("student", **how)
        view = student.look_at(session["link"])
        cards = None
        if card is not None:
            (query,) = [name for name, found in view["options"].items() if card in {one["card_id"] for one in found}]
            cards = {query: [card]}
        answered = student.answer(view["id"], cards=cards)
        assert answered["state"] == "answered", answered
        return asker.result(session["id"])["verdict"]


def enrolled() -> Iterator[str]:
    """The student numbers of those who are entitled to an enrolment certificate, as the roll has them; never Hanako's."""
    with ROLL.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = [row["student_number"] for row in rows if row["status"] == "enrolled"]
    wrong = {number for number in numbers if numbers.count(number) > 1} | {rows[41]["student_number"]}
    return (number for number in itertools.islice(numbers, 1, None) if number not in wrong)


def set_up(
    folder: Path,
    *,
    databases: dict[str, str] | None = None,
    extra: dict[str, dict[str, str]] | None = None,
    forks_server: bool = True,
) -> Cast:
    """A cast that is introduced and running. databases: URL by program; extra: settings by program, beside `EXTRA`.

    forks_server: see `QuickProgram`.
    """
    settings = {name: dict(EXTRA[name]) for name in EXTRA}
    for name, url in (databases or {}).items():
        settings[name]["database_url"] = url
    for name, more in (extra or {}).items():
        settings[name] |= more
    cast = make_cast(folder, ports=draw_ports(3), shared=SHARED, extra=settings)
    quicken(cast, forks_server=forks_server)
    cast.introduce()
    cast.start(
        seconds=120
    )  # nine processes, where each program has two workers, on a machine that has other tests to run
    return cast


def open_stage(cast: Cast) -> Stage:
    """The roll is imported."""
    report = Registrar(cast).import_roll(ROLL)
    assert (report["added"], report["wrong"]) == (297, 3)
    stage = Stage(cast=cast, registrar=Registrar(cast), assistant=Assistant(cast))
    stage.claim(stage.student())  # from here on the first status list is open, as it is on every day but the first
    return stage


def wait_for_status() -> None:
    """A status list may be cached for its ttl, one second here, by the verifier and in between."""
    time.sleep(2.1)
