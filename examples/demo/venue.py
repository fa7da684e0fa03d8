"""A fireworks evening: the organiser at the issuer's API, and the gates, each a machine of its own where `tegata gate` runs."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from examples.demo.cast import CITY, Cast
from examples.demo.people import Person
from examples.demo.programs import ROOT, bare_environment

GENERAL, SEATS = 1, 2
NORTH, SOUTH = 1, 2
_HOUR = 3600
_END_OF_VERDICT = " · "
"""Every verdict ends with a line that says whether the gate is alone, and how old its facts are."""
_HELP = ":"
"""What begins the words that a steward may type, which it prints when it is opened."""
_PATIENCE = 60.0
"""Seconds after which a gate that says nothing is ended."""


class Organiser(Person):
    """The events office of an institution."""

    def __init__(self, cast: Cast, token: str, institution: str = CITY) -> None:
        super().__init__(cast.issuer, token=token)
        self.address = f"{cast.issuer.url}/{institution}"
        self.base = f"/{institution}/api/events"

    def make_event(self) -> dict[str, Any]:
        now = int(time.time())
        plan = {
            "slug": "hanabi",
            "name_ja": "若葉花火大会",
            "name_en": "Wakaba Fireworks",
            "venue": "若葉川 / Wakaba River",
            "starts_at": now + _HOUR,
            "ends_at": now + 4 * _HOUR,
            "capacity": 1000,
            "entrances": [{"name_ja": "北口", "name_en": "North"}, {"name_ja": "南口", "name_en": "South"}],
            "classes": [
                {"name_ja": "一般", "name_en": "General", "capacity": 900},
                {"name_ja": "有料席", "name_en": "Seats", "capacity": 100, "entrances": [SOUTH]},
            ],
        }
        return self.ask("POST", self.base, json=plan)

    def sell(self, event: str, wish: Mapping[int, int], *, key: str) -> dict[str, Any]:
        """The order, once for each idempotency key. wish: how many of which class."""
        tickets = [{"class": number, "quantity": quantity} for number, quantity in wish.items()]
        headers = {"Idempotency-Key": key}
        return self.ask("POST", f"{self.base}/{event}/orders", json={"tickets": tickets}, headers=headers)

    def act(self, event: str, ticket: str, what: str) -> dict[str, Any]:
        return self.ask("POST", f"{self.base}/{event}/tickets/{ticket}/{what}")

    def gate_code(self, event: str, entrance: int) -> str:
        return str(self.ask("POST", f"{self.base}/{event}/codes", json={"entrances": [entrance]})["code"])

    def signer(self, event: str) -> str:
        """The key that signs packs, as the organiser's page shows it: a person compares it where a gate loads its first one."""
        return str(self.ask("GET", f"{self.base}/{event}/gates")["signers"][0])


class Gate:
    """`tegata gate` over a folder of its own: nothing is shared with the other gate, nor with the three programs."""

    def __init__(self, cast: Cast, name: str, *, entrance: int, language: str) -> None:
        self.name, self.entrance, self.language = name, entrance, language
        self.folder = cast.folder / name.replace(" ", "-")
        self.wire_log = self.folder / "wire.jsonl"
        self.folder.mkdir(exist_ok=True)
        self.program = dataclasses.replace(
            cast.issuer, name="gate", url="", folder=self.folder, environment=self._environment(cast), process=None
        )
        self._scan: subprocess.Popen[str] | None = None

    def _environment(self, cast: Cast) -> dict[str, str]:
        own = {"DATA_DIR": str(self.folder), "WIRE_LOG": str(self.wire_log)}
        for name in ("FETCH_ROOTS", "FETCH_HOSTS"):  # how all of this sandbox find each other over https
            if value := cast.verifier.environment.get(f"TEGATA_VERIFIER_{name}"):
                own[name] = value
        known = {"TEGATA_ENVIRONMENT": "sandbox", "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
        return bare_environment() | known | {f"TEGATA_GATE_{name}": value for name, value in own.items()}

    def enrol(self, event: str, *, organiser: str, code: str, signer: str) -> str:
        words = ("--organiser", organiser, "--code", code, "--signer", signer, "--name", self.name)
        return self.program.command("enrol", event, *words).strip()

    def fetch_pack(self, event: str) -> str:
        """The newest pack, by a delta from the one that is loaded."""
        return self.program.command("pack", "fetch", event).strip()

    def journal(self, event: str) -> tuple[Path, str]:
        """The file that it hands in, and what it says of it."""
        file = self.folder / f"{event}.tgjournal"
        return file, self.program.command("journal", event, "--out", str(file)).strip()

    def open(self, event: str) -> str:
        """Starts `tegata gate scan` and gives it no address at all: neither a hub's nor the organiser's. Answers the first line that it
        prints: where it is. Raises OSError."""
        words = ["scan", event, "--entrance", str(self.entrance), "--language", self.language, "--no-sound"]
        with (self.folder / "scan.log").open("a", encoding="utf-8") as log:
            self._scan = subprocess.Popen(
                [sys.executable, "-m", "tegata", "gate", *words],
                cwd=ROOT,
                env=self.program.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        return self._listen("")[0]

    def read(self, code: str) -> list[str]:
        """Types a code as a hand-held scanner does, and answers what the gate prints. Raises OSError where it prints no verdict."""
        if self._scan is None or self._scan.stdin is None:
            raise OSError(f"the {self.name} is not open")
        self._scan.stdin.write(f"{code}\n")
        self._scan.stdin.flush()
        said = self._listen(_END_OF_VERDICT)
        return [line for line in said if not line.startswith(_HELP)]

    def _listen(self, last: str) -> list[str]:
        """The lines to the first one with this in it."""
        scan = self._scan
        if scan is None or scan.stdout is None:
            raise OSError(f"the {self.name} is not open")
        impatience = threading.Timer(_PATIENCE, scan.kill)
        impatience.start()
        try:
            said = []
            for line in scan.stdout:
                said.append(line.rstrip())
                if last in line:
                    return said
        finally:
            impatience.cancel()
        raise OSError(f"the {self.name} ended; see {self.folder}/scan.log")

    def kill(self) -> int:
        """kill -9; its exit status."""
        return self._end(signal.SIGKILL)

    def close(self) -> int:
        """The codes end, and the gate signs the head of its journal; its exit status, 0 where it was not open."""
        return self._end(None)

    def _end(self, how: signal.Signals | None) -> int:
        scan, self._scan = self._scan, None
        if scan is None:
            return 0
        if how is not None:
            scan.send_signal(how)
        scan.communicate(timeout=_PATIENCE)
        return scan.returncode
