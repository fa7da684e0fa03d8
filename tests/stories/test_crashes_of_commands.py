"""kill -9 in the work that is done by commands: mails, seals, retention, new institutions; and while a program starts."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from examples.demo.cast import make_cast
from examples.demo.programs import NAMES, draw_ports
from tests.amount import is_usual
from tests.mailbox import Mailbox
from tests.stories.conftest import BOTH, new_databases
from tests.stories.invariants import check_audits
from tests.stories.quick_start import quicken
from tests.stories.stage import Stage
from tests.stories.test_crashes import chosen, stem
from tests.stories.watch import armed, places

NAMES_OF_ITS_OWN = (f"n{number}" for number in itertools.count(1))


@dataclass(frozen=True, kw_only=True)
class Errand:
    """words: of the command; ``{new}`` is a fresh name. at: seconds from now that its clock says.

    refused: words with which the second run may say that the first one had done it.
    """

    program: str
    words: tuple[str, ...]
    points: frozenset[str]
    at: int = 0
    refused: tuple[str, ...] = ()


ERRANDS = (
    Errand(
        program="issuer",
        words=("new-institution", "{new}", "--name-ja", "学校", "--name-en", "School", "--json"),
        points=frozenset({"create_institution", "statement"}),
        refused=("institution_exists",),
    ),
    Errand(
        program="verifier",
        words=("new-relying-party", "{new}", "--name-ja", "店", "--name-en", "Shop", "--json"),
        points=frozenset({"create_relying_party", "statement"}),
        refused=("there is a relying party",),
    ),
    Errand(program="verifier", words=("jobs",), points=frozenset({"forget", "seal_audit"}), at=30),
    Errand(program="wallet", words=("audit", "verify", "--holder", "hanako"), points=frozenset({"seal_audit"})),
    Errand(program="wallet", words=("sweep",), points=frozenset({"retention"})),
    Errand(
        program="wallet", words=("key-file", "{folder}/{new}", "--holder", "hanako"), points=frozenset({"set_key_file"})
    ),
)


def enough(found: list[str]) -> list[str]:
    """Regular work seals and tidies for every institution there is: the first and the last are enough, but for ``--all``."""
    return chosen(found, "first") if is_usual() else found


@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: f"{errand.program} {' '.join(errand.words[:2])}")
def test_death_in_a_command(stage: Stage, errand: Errand, tmp_path: Path) -> None:
    program, student = stage.cast.programs[errand.program], stage.student()
    prefix = f"TEGATA_{errand.program}_".upper()

    def run(words: list[str], **arms: object) -> str:
        extra = armed(program, **arms)  # type: ignore[arg-type]  # fail_at or trace
        if errand.program == "wallet":
            extra[f"{prefix}PASSPHRASE"] = student.passphrase
        if errand.at:
            extra[f"{prefix}FIXED_CLOCK"] = str(int(time.time()) + errand.at)
        return program.command(*words, extra=extra)

    def words() -> list[str]:
        names = {"new": next(NAMES_OF_ITS_OWN), "folder": str(tmp_path)}
        return [word.format(**names) for word in errand.words]

    def prepare() -> None:
        """So that every journal has something new in it."""
        student.unlock()
        stage.assistant.put_question("student")

    prepare()
    run(words(), trace=tmp_path / "trace")
    found = [place for place in places(tmp_path / "trace") if stem(place) in errand.points]
    assert {stem(place) for place in found} == errand.points
    for place in enough(found):
        prepare()
        said = words()
        with pytest.raises(subprocess.CalledProcessError) as died:
            run(said, fail_at=place)
        assert died.value.returncode == -signal.SIGKILL, place
        try:
            run(said)
        except subprocess.CalledProcessError as refused:
            if not any(words in refused.stderr for words in errand.refused):
                raise AssertionError(f"after a death at {place}: {refused.stderr}") from refused
            # It is there; its first token may be lost, and then there is a new one.
            token_words = {"issuer": ("registrar", "-i", said[1]), "verifier": (said[1], "operator")}
            assert program.command("new-token", *token_words[errand.program]).strip()
    check_audits(stage)


MAIL_POINTS = {"take_mail", "mail", "finish_mail", "seal_audit", "delete_expired"}
IN_DOUBT = {"mail.after_send:1", "finish_mail.before_commit:1"}
"""Dead between the send and the note that it was sent: nobody can know, so it is sent again, with the same Message-ID."""


def test_death_while_mails_are_sent(stage: Stage, mailbox: Mailbox, tmp_path: Path) -> None:
    program = stage.cast.issuer

    def offer() -> str:
        number = next(stage.roll)
        wanted = {"types": ["enrolment"], "mail": True}
        stage.registrar.ask("POST", f"{stage.registrar.base}/people/{number}/offers", json=wanted)
        return str(stage.registrar.person(number)["person"]["email"])

    offer()
    program.command("jobs", extra=armed(program, trace=tmp_path / "trace"))
    found = [place for place in places(tmp_path / "trace") if stem(place) in MAIL_POINTS]
    assert {stem(place) for place in found} == MAIL_POINTS
    for place in enough(found):
        address = offer()
        with pytest.raises(subprocess.CalledProcessError):
            program.command("jobs", extra=armed(program, fail_at=place))
        after_the_lease = {"TEGATA_ISSUER_FIXED_CLOCK": str(int(time.time()) + 130)}
        program.command("jobs", extra=after_the_lease)
        program.command("jobs", extra=after_the_lease)
        got = {key: count for key, count in mailbox.deliveries.items() if key[0] == address}
        assert list(got.values()) == [2 if place in IN_DOUBT else 1], (place, got)
    left = "SELECT COUNT(*) FROM outboxmail WHERE state NOT IN ('sent', 'cancelled')"
    assert stage.ledger("issuer").one(left) == 0
    check_audits(stage)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", NAMES)
def test_death_at_the_start(name: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """While the schema is made: the next start finishes it."""
    databases = new_databases(kind, request.getfixturevalue("postgres_server")) if kind == "postgres" else {}
    extra = {one: {"database_url": url} for one, url in databases.items()}
    program = quicken(make_cast(tmp_path / "cast", ports=draw_ports(3), extra=extra)).programs[name]
    for place in ("migration.before_commit", "migration.after_commit"):
        program.start(extra=armed(program, fail_at=place))
        assert program.process is not None
        assert program.process.wait(20) == -signal.SIGKILL, program.last_words()
    program.start()
    try:
        program.wait()
    finally:
        assert program.stop() == 0
