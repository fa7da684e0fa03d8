"""The visitor at a terminal, or the staff member who types for them. Implements `stages.Person`.

When a visit ends, all that a visitor should not leave behind is wiped off, out of what can be scrolled back to as well.
"""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable, Sequence

import typer
from rich.control import Control
from rich.segment import ControlType

from common.adapters.terminal import console, print_qr, say
from common.cards.offered_parts import PartName
from common.cards.secret import Secret
from common.errors import Refused
from common.pages.catalogue import Words
from common.pages.dates import show_instant
from issuer.kiosk.issuer_desk import Contact
from issuer.kiosk.plan import Found
from issuer.kiosk.screen_texts import (
    asks_of,
    cards_of,
    findings_of,
    holds_of,
    label_of,
    part_label,
    refusal_text,
    trouble_text,
    values_of,
)
from issuer.kiosk.stages import (
    NEXT_VISITOR,
    OVER,
    AddressAsked,
    Answered,
    Asked,
    Judging,
    Looking,
    Proven,
    PutCard,
    Reading,
    Stage,
    TakeCardOut,
    Taking,
    Watch,
)
from issuer.kiosk.trouble import Trouble

STOP = "q"
LOOK = 0.5
"""Seconds between two looks at the reader while somebody thinks."""
STATE = 2.0
_OVER = (PutCard, Looking, TakeCardOut, Trouble)
"""What comes after a visit, or begins one."""
_WIPE = "\x1b[2J\x1b[3J\x1b[H"
"""The screen, what was scrolled off it, and the cursor to its corner: ECMA-48 ED 2 and CUP, and xterm's ED 3."""
_TITLES = {Looking: "looking", Judging: "judging", TakeCardOut: "out"}


class TerminalPerson:
    """words: the texts in one language. sleep: between two questions to the issuer."""

    def __init__(self, words: Words, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._words = words
        self._sleep = sleep
        self._percent = -1
        self._is_personal = False

    def show(self, stage: Stage) -> None:
        t = self._words.text
        if isinstance(stage, _OVER):
            self._wipe()
        if isinstance(stage, PutCard):
            say(f"\n── {t('put.title' if stage.has_reader else 'put.no_reader')}")
            say(t("put.text" if stage.has_reader else "put.no_reader_text"))
        elif isinstance(stage, Reading):
            self._show_progress(stage)
        elif isinstance(stage, Trouble):
            self._show_trouble(stage)
        elif (key := _TITLES.get(type(stage))) is not None:
            say(
                f"{t(f'{key}.title')}. {t(f'{key}.text')}"
                if self._words.language == "en"
                else f"{t(f'{key}.title')}　{t(f'{key}.text')}"
            )

    def choose_parts(self, found: Found, watch: Watch) -> frozenset[PartName]:
        t = self._words.text
        ticked = set(found.usual)
        say(f"\n{t('found.title')}\n{t('found.card', cards=cards_of(found, self._words))}")
        while True:
            for number, each in enumerate(found.parts, 1):
                mark = "x" if each.name in ticked else " "
                say(f"  {number} [{mark}] {part_label(each, self._words)}\n        {asks_of(each, self._words)}")
            typed = self._prompt(t("terminal.toggle"))
            watch()
            if not typed:
                return frozenset(ticked)
            for index in _numbers(typed, len(found.parts)):
                ticked ^= {found.parts[index].name}

    def leave_address(self, asked: AddressAsked, watch: Watch) -> Contact | None:
        t = self._words.text
        if asked.problem:
            say(t("tell.malformed"))
        else:
            say(f"\n{t('tell.title')}\n{t('tell.text')}")
        self._is_personal = True
        typed = self._prompt(t("terminal.address"))
        watch()
        return Contact(email=typed, language=self._words.language) if typed else None

    def give_secret(self, asked: Asked, watch: Watch) -> Answered:
        t, kind, left = self._words.text, asked.prompt.kind, asked.prompt.tries_left
        if asked.problem:
            say(t(f"asked.{asked.problem}"))
        agreed = False
        if asked.prompt.may_lock:
            kind_of_last = "last" if left == 1 else "unknown"
            say(f"{t(f'asked.{kind_of_last}_title')}{t('common.colon')}{t(f'asked.{kind_of_last}_text')}")
            agreed = self._prompt(t("terminal.yes_no")) == t("terminal.yes")
            if not agreed:
                raise Refused("last_try", "the last try was not agreed to")
        elif left is not None:
            say(t("asked.left", left=left))
        elif not kind.counted:
            say(t("asked.uncounted"))
        self._is_personal = self._is_personal or kind.printed  # then it can be read on the screen
        typed = Secret(self._prompt(label_of(kind, self._words), hidden=not kind.printed))
        watch()
        return Answered(typed=typed, agreed=agreed)

    def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
        self._is_personal = True
        try:
            return self._choose_types(proven, watch)
        except BaseException:
            self._wipe()
            raise

    def _choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
        t, accepted = self._words.text, proven.accepted
        language = self._words.language
        say(f"\n{t('proven.findings')}")
        for finding in findings_of(accepted, self._words):
            say(f"  {finding.label}{t('common.colon')}{finding.answer}")
        say(t("proven.values"))
        for label, value in values_of(accepted, self._words):
            say(f"  {label}{t('common.colon')}{value}")
        if accepted.environment == "test":
            say(t("proven.test"))
        for name, why in accepted.refusals.items():
            if why != "not_told" and name in proven.types:
                say(f"  {proven.types[name].title[language]}: {refusal_text(why, self._words)}")
        say(f"\n{t('proven.title')}")
        for number, name in enumerate(accepted.types, 1):
            kind = proven.types.get(name)
            say(f"  {number} {kind.title[language] if kind else name}")
            say(f"        {holds_of(name, accepted, self._words)}")
        while True:
            typed = self._prompt(t("terminal.choose"), watch=watch)
            watch()
            if not typed:
                return accepted.types
            if chosen := _numbers(typed, len(accepted.types)):
                return tuple(accepted.types[index] for index in chosen)

    def take(self, taking: Taking, state: Callable[[], str]) -> None:
        self._is_personal = True
        t, offer = self._words.text, taking.offer
        say(
            f"\n{t('taking.title')}. {t('taking.lead')}"
            if self._words.language == "en"
            else f"\n{t('taking.title')}　{t('taking.lead')}"
        )
        print_qr(offer.link)
        say(offer.link)
        if offer.tx_code:
            say(f"{t('taking.code')}: {offer.tx_code}")
        say(t("taking.until", when=show_instant(offer.expires_at, self._words.language)))
        say(t("terminal.waiting"))
        try:
            while (told := state()) not in OVER:
                self._sleep(STATE)
        except KeyboardInterrupt:
            return
        finally:
            self._wipe()
        if told != NEXT_VISITOR:
            say(t("taking.issued" if told == "issued" else "taking.over"))

    def read_on(self, stage: Trouble) -> None:
        self.show(stage)

    def _show_progress(self, stage: Reading) -> None:
        progress = stage.progress
        percent = min(100, 100 * progress.done // progress.total) if progress.total > 0 else 0
        if percent == self._percent and progress.step != "start":
            return
        self._percent = percent
        line = f"{self._words.text('reading.title')} {percent:3} %"
        if console.is_terminal:
            console.print(line, end="", markup=False, highlight=False)
            console.control(Control((ControlType.CARRIAGE_RETURN,)))
        elif progress.step == "start":
            say(self._words.text("reading.title"))

    def _show_trouble(self, stage: Trouble) -> None:
        said = trouble_text(stage, self._words)
        say(f"\n{said.title}\n{said.text}\n{said.mend}")
        for why in said.reasons:
            say(f"  - {why}")

    def _wipe(self) -> None:
        """Where it is a terminal: what goes into a file or a pipe is theirs who read it."""
        if self._is_personal and console.is_terminal:
            if console.legacy_windows:
                console.clear()
            else:
                console.file.write(_WIPE)
                console.file.flush()
        self._is_personal = False

    def _prompt(self, label: str, *, hidden: bool = False, watch: Watch | None = None) -> str:
        """What was typed. Raises Refused("stopped") for q; Ctrl-C ends the program. watch: called until a line is there."""
        if watch is not None and _can_wait_for_a_line():
            say(label)
            while not select.select([sys.stdin], [], [], LOOK)[0]:
                watch()
            label = ">"
        try:
            typed: str = typer.prompt(label, default="", show_default=False, hide_input=hidden)
        except typer.Abort:
            raise KeyboardInterrupt from None
        typed = typed.strip()
        if typed.lower() == STOP:
            raise Refused("stopped", "the visitor stopped")
        return typed


def _can_wait_for_a_line() -> bool:
    """A terminal hands over line by line, and Windows cannot wait for it so."""
    return sys.platform != "win32" and sys.stdin.isatty()


def _numbers(typed: str, most: int) -> Sequence[int]:
    """ "1 3" → indices; what is no number of the list is passed over."""
    words = typed.replace(",", " ").replace("、", " ").split()
    return sorted({int(word) - 1 for word in words if word.isdecimal() and 1 <= int(word) <= most})
