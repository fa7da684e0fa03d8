"""One process that admits tickets until it is killed: it says each number on a pipe once the journal has it, as a gate turns green."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from common import failpoints
from common.adapters.database import open_database
from common.gate.journal_entry import Kind
from common.keys.software import SoftwareKey
from tests.verifier.gate.scene import EVENT, NOW
from verifier.gate.journal.chain import Journal
from verifier.store.base import bind


def admit_for_ever(folder: str, jwk: dict[str, str], green: Connection, fail_at: str) -> None:
    bind(open_database(f"sqlite:///{Path(folder) / 'gate.sqlite3'}"))
    journal = Journal("local", EVENT, SoftwareKey.from_private_jwk(jwk))
    failpoints.arm(fail_at)
    for number in range(1, 100_000):
        journal.append(Kind.IN, time=NOW * 1000 + number, entrance=1, cti=number.to_bytes(8, "big"))
        green.send(number)
