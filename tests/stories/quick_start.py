"""The three programs as processes that start in a fraction of the time: forked from one that has imported them already.

What runs is `tegata NAME words…` with an environment of its own, as in `examples.demo.programs`; only the imports are shared. A crash
test starts a program some hundred times, and half of a start is importing.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from examples.demo.cast import Cast
from examples.demo.programs import ROOT, Program
from tests.forks import Forks


class Forked:
    """The part of `subprocess.Popen` that `Program` uses, over a forked process."""

    def __init__(self, words: tuple[str, ...], environment: Mapping[str, str], out: Path, err: Path) -> None:
        self._process = Forks.Process(target=_run, args=(words, dict(environment), str(out), str(err)))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("tegata", timeout or 0.0)
        return self._process.exitcode


@dataclass(kw_only=True)
class QuickProgram(Program):
    """A `Program` whose processes are forked. forks_server: also the server; one of several workers has to be started the slow way."""

    forks_server: bool = True

    def start(self, *, extra: Mapping[str, str] | None = None) -> None:
        if not self.forks_server:
            super().start(extra=extra)
            return
        forked: Any = Forked((self.name, "serve"), self.environment | dict(extra or {}), self.log, self.log)
        self.process = forked

    def command(self, *words: str, extra: Mapping[str, str] | None = None, quiet: bool = True) -> str:
        """As `Program.command`; a process that was killed is a CalledProcessError with the signal's number, negative."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            status = Forked((self.name, *words), self.environment | dict(extra or {}), out, err).wait(120)
            said, complained = (file.read_text(encoding="utf-8") if file.exists() else "" for file in (out, err))
            if status:
                print(complained, file=sys.stderr)
                raise subprocess.CalledProcessError(status, words, said, complained)
            return said


def quicken(cast: Cast, *, forks_server: bool = True) -> Cast:
    """The same cast; its programs are forked."""
    for name, program in cast.programs.items():
        cast.programs[name] = QuickProgram(
            forks_server=forks_server,
            **{field.name: getattr(program, field.name) for field in fields(Program) if field.init},
        )
    return cast


def _run(words: tuple[str, ...], environment: dict[str, str], out: str, err: str) -> None:
    """In the child: becomes the program."""
    import tegata
    from tests.quick_apps import quicken_apps

    quicken_apps()
    gc.freeze()  # what was imported stays: nobody need look through it for garbage, and seldom through the rest
    gc.set_threshold(20_000, 10, 10)
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, out), (2, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    # Python's own streams of this process may point elsewhere; the program gets fresh ones.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    sys.argv = ["tegata", *words]
    try:
        tegata.main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
