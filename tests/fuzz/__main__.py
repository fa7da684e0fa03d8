"""`./dev fuzz`: coverage-guided fuzzing of the parsers, one after the other; what reaches new code is added to the kept corpus.

  ./dev fuzz                        every target, a minute each
  ./dev fuzz --seconds 600 cose     only targets whose name holds the word
  ./dev fuzz --list                 the targets

A finding ends the run with status 1, says which input did it, and leaves that input in the corpus, so that the tests fail until it is
mended.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tests.fuzz.corpus import read_corpus, write_corpus

if TYPE_CHECKING:  # what is imported before `_targets` is not instrumented
    from tests.fuzz.target import Target

MAX_LEN = 8192
SLOWEST = 5
"""Seconds that one input may take."""
MEMORY = 2048
"""MB."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./dev fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="only targets whose name holds one of the words")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--list", action="store_true", help="name the targets and the size of their corpus")
    options = parser.parse_args()
    targets = _targets(instrumented=not options.list)
    chosen = [one for one in targets if not options.words or any(word in one.name for word in options.words)]
    if options.list:
        for one in chosen:
            print(f"{len(read_corpus(one.name)):4d} inputs  {one.name}")
        return 0
    findings = 0
    for number, one in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {one.name}, {options.seconds} s", flush=True)
        findings += _fuzz(one, options.seconds)
    print(f"{len(chosen)} targets, {findings} findings")
    return 1 if findings else 0


def _targets(*, instrumented: bool) -> Sequence[Target]:
    if instrumented:
        import atheris

        with atheris.instrument_imports(include=["common", "issuer"]):
            from tests.fuzz.targets import TARGETS
    else:
        from tests.fuzz.targets import TARGETS
    return TARGETS


def _fuzz(target: Target, seconds: int) -> int:
    """The number of findings, 0 or 1. In a process of its own, since libFuzzer takes the process over and ends it."""
    with tempfile.TemporaryDirectory() as folder:
        inputs, found, log = Path(folder) / "inputs", Path(folder) / "found", Path(folder) / "log"
        inputs.mkdir()
        found.mkdir()
        for number, data in enumerate((*target.seeds, *read_corpus(target.name))):
            (inputs / f"kept-{number}").write_bytes(data)
        child = os.fork()
        if child == 0:
            _fuzz_here(target, inputs, found, log, seconds)
        _, status = os.waitpid(child, 0)
        broken = [path.read_bytes() for path in found.iterdir()]
        reached = {path.read_bytes() for path in inputs.iterdir()} - set(target.seeds)
        kept = write_corpus(target.name, [*reached, *broken])
        text = log.read_text(errors="replace")
        print(f"  {kept} inputs kept; {text.splitlines()[-1] if text else ''}", flush=True)
        if status or broken:
            print(f"{text[-4000:]}\n  FOUND in {target.name}: {[data.hex()[:400] for data in broken]}", flush=True)
            return 1
    return 0


def _fuzz_here(target: Target, inputs: Path, found: Path, log: Path, seconds: int) -> NoReturn:
    import atheris

    with log.open("wb") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)

    def once(data: bytes) -> None:
        try:
            target.holds(data)
        except BaseException:
            (found / "raised").write_bytes(data)
            raise

    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOWEST}",
        f"-rss_limit_mb={MEMORY}",
        f"-max_len={MAX_LEN}",
        f"-artifact_prefix={found}/",
        "-reduce_inputs=1",
    ]
    from tests.fuzz.mutate import mutator, words_of

    words = words_of(target)
    # asked for by name each time: the function is another one once Fuzz has begun
    change = mutator(words, lambda data, longest: atheris.Mutate(data, longest))
    dictionary = inputs.parent / "words"
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in words), encoding="ascii")
    options.append(f"-dict={dictionary}")
    try:
        atheris.Setup([sys.argv[0], str(inputs), *options], once, custom_mutator=change)
        atheris.Fuzz()
    except BaseException:
        traceback.print_exc()
    os._exit(1)  # libFuzzer ends by itself, with 0 where nothing was found


def _escaped(word: str) -> str:
    """As libFuzzer's dictionaries spell it."""
    return "".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", "replace"))


if __name__ == "__main__":
    raise SystemExit(main())
