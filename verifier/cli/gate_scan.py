"""``tegata gate scan``: a gate in a terminal. Codes come as lines, from a hand-held scanner that types, a camera's program, or a pipe."""

from __future__ import annotations

import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from common.adapters.terminal import console, print_json, print_qr
from common.errors import Malformed, NotFound, TegataError, Unsupported
from common.gate.exchange import MAX_FILE, Exchange, build_exchange, parse_exchange
from common.gate.parts import Pending, split_exchange
from common.plain_text import make_visible
from verifier.cli.gate_keeper import Keeper
from verifier.cli.gate_packs import PackSource, loaded_words, refused_words
from verifier.cli.gate_show import as_json, is_ticket_number, show
from verifier.gate.desk import GateDesk, Outcome
from verifier.gate.frames import PART_BYTES, Collector, split
from verifier.gate.journal.exchange import absorb, lacking
from verifier.gate.packs import points_of, require_event
from verifier.gate.plan import GatePlan
from verifier.pages.gate_words import terminal_words

HEAD_MS = 30_000
"""At least so often the head of the chain is signed."""
MAX_LINE = 2_000
HELP_LINES = {
    "en": ":doc  I have seen a document, or insist     :let REASON  let the last one in     :undo  take back my last entry\n"
    ":sync  ask the hub now           :share N  my journal as codes, part N of a long one     :pack FILE  a newer pack     :quit",
    "ja": ":doc  書類を確認した・それでも記録する     :let 理由  係員の判断で入れる     :undo  直前の記録を取り消す\n"
    ":sync  ハブと同期する    :share N  記録をコードで渡す（長いときはN番目）      :pack ファイル  新しい入場データ      :quit  終わる",
}


@dataclass(slots=True)
class Counter:
    """One gate at one terminal. now: milliseconds. packs: where newer ones come from. number: of a challenge, as last shown."""

    desk: GateDesk
    language: str
    now: Callable[[], int]
    json_lines: bool = False
    sound: bool = True
    last: str = ""
    last_at: int = 0
    last_cti: bytes | None = None
    last_sequence: int | None = None
    signed_at: int = 0
    packs: PackSource | None = None
    number: int | None = None
    keeper: Keeper = field(init=False)
    codes: Collector = field(default_factory=Collector)
    parts: Pending = field(default_factory=Pending)

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.desk, self.now, self.packs.fetch if self.packs is not None else None)

    def take(self, line: str) -> bool:
        """One line: a code, a piece of another gate's journal, or a word to this gate. False at the end."""
        text = line.rstrip("\r\n")
        if not text.strip():
            return True
        if text.startswith(":"):
            return self._word(text[1:].strip())
        if text.startswith("TGX:"):
            self._piece(text)
        else:
            self._scan(text)
        return True

    def idle(self) -> None:
        """Between codes: sign the head, take a newer pack, say what was asked for. Waits for nobody."""
        now = self.now()
        self.hear()
        if now - self.signed_at >= HEAD_MS or now < self.signed_at:
            self.signed_at = now
            self.desk.journal.head(time=now)
        if self.packs is not None:
            self._take_pack(self.packs.look)
        self.show_challenge(again=False)

    def hear(self) -> None:
        """What the link's keeper has to say."""
        for answer in self.keeper.answers():
            if isinstance(answer, TegataError):
                self._say_refused(answer)
            else:
                self._tell("no answer from the hub" if answer is None else f"{len(answer.new)} new entries")

    def show_challenge(self, *, again: bool) -> None:
        """The number that the next guest types, at an entrance that has one: before each scan, and when it changes."""
        challenge = self.desk.challenge(self.now())
        if challenge is None or (challenge.number == self.number and not again):
            return
        self.number = challenge.number
        if self.json_lines:
            print_json({"challenge": challenge.number, "until": challenge.until})
        else:
            words = "お客さまに見せる番号" if self.language == "ja" else "number for the guest"
            console.print(f"[reverse bold]  {challenge.number}  [/]  {words}", highlight=False)

    def _take_pack(self, source: Callable[[int], GatePlan | None]) -> bool:
        """A newer pack, from the next code on; a refused one is said with its reason, and the old one stays."""
        try:
            plan = source(self.desk.plan.serial)
        except TegataError as error:
            self._say_refused(error)
            return True
        if plan is None:
            return False
        self.desk.take(plan)
        self._say({"pack": plan.serial, "said": loaded_words(plan, self.language, now=self.now() // 1000)})
        return True

    def _say_refused(self, error: TegataError) -> None:
        self._say({"pack_refused": error.code, "said": refused_words(error, self.language)})

    def _say(self, said: dict[str, object]) -> None:
        if self.json_lines:
            print_json(said)
        else:
            self._tell(str(said["said"]))

    def _scan(self, text: str) -> None:
        self.last, self.last_at = text[:MAX_LINE], self.now()
        self._show(self.desk.scan(self.last, self.last_at))

    def _show(self, outcome: Outcome) -> None:
        read = outcome.decision.read
        self.last_cti = read.cti if read else None
        self.last_sequence = outcome.sequence if outcome.sequence is not None else self.last_sequence
        if self.json_lines:
            print_json(as_json(outcome, self.desk.plan))
        else:
            show(outcome, self.desk.plan, self.language, now=self.now(), sound=self.sound)
            if is_ticket_number(self.last):
                self._tell(terminal_words("ja" if self.language == "ja" else "en")["sentence.ticket_number"])

    def _word(self, text: str) -> bool:
        word, _, rest = text.partition(" ")
        if word == "quit":
            return False
        if word == "doc" and self.last:
            self._show(self.desk.scan(self.last, self.now(), document_seen=True, shown_at=self.last_at))
        elif word == "let":
            self._let_in(rest.strip())
        elif word == "undo":
            self._undo()
        elif word == "sync":
            self.keeper.ask()
            self.hear()
        elif word == "share":
            self._share(rest.strip())
        elif word == "pack" and (packs := self.packs) is not None:
            if not self._take_pack(lambda serial: packs.take(rest.strip(), serial)):
                self._tell("より新しい入場データはありません" if self.language == "ja" else "no newer pack")
        else:
            if word not in ("", "help"):
                self._tell_either(f"「:{word}」はできません", f"nothing to be done for :{word}")
            self._tell(HELP_LINES[self.language])
        return True

    def _undo(self) -> None:
        sequence, self.last_sequence = self.last_sequence, None
        if sequence is not None and self.desk.undo(sequence, self.now()):
            self._tell_either("取り消しました", "undone")
        else:
            self._tell_either("取り消す記録がありません", "nothing to take back")

    def warn_alone(self) -> None:
        """At the start: a hub was named, and does not answer."""
        link = self.desk.link
        if link.hub is not None and not link.linked:
            self._tell_either(
                "ハブから返事がありません。アドレスと証明書を確かめてください。つながるまで単独で動きます。",
                "the hub does not answer: look at its address and --root. Until it does, this gate works alone.",
            )

    def _tell_either(self, japanese: str, english: str) -> None:
        self._tell(make_visible(japanese if self.language == "ja" else english))

    def _let_in(self, reason: str) -> None:
        try:
            self.last_sequence = self.desk.override(self.last_cti, reason, self.now())
            self._tell(f"let in: {make_visible(reason)}")
        except Malformed:
            self._tell(
                "理由を書いてください（例：:let 電池切れ）"
                if self.language == "ja"
                else "say why, e.g. :let flat battery"
            )

    def _share(self, part: str) -> None:
        """This gate's journal, and all that it knows, as codes for another gate's camera: one part at a time."""
        self.desk.journal.head(time=self.now())
        tenant, event = self.desk.journal.tenant, self.desk.plan.event
        pack = require_event(tenant, event).pack
        told = lacking(tenant, event, sorted(points_of(pack)), {}, most_bytes=MAX_FILE)
        parts = split_exchange(Exchange(event, told), PART_BYTES)
        number = int(part) if part.isascii() and part.isdecimal() and len(part) < 6 else 1
        if not 1 <= number <= len(parts):
            self._tell(f":share 1 … :share {len(parts)}")
            return
        for frame in split(build_exchange(event, parts[number - 1].journals)):
            print_qr(frame)
        if len(parts) > 1:
            self._tell(f"part {number} of {len(parts)}; the next: :share {number % len(parts) + 1}")

    def _piece(self, text: str) -> None:
        try:
            whole = self.codes.take(text)
            if whole is None:
                self._tell("{}/{}".format(*self.codes.progress))
                return
            told = self.parts.joined(parse_exchange(whole))
            pack = require_event(self.desk.journal.tenant, self.desk.plan.event).pack
            found = absorb(self.desk.journal.tenant, told, points_of(pack))
            waiting = self.parts.hold(told, found.unproven, found.strangers)
            self._tell(f"{len(found.new)} new entries" + (f", {waiting} wait for another part" if waiting else ""))
        except TegataError as error:
            self._tell(error.detail)

    def _tell(self, text: str) -> None:
        if self.json_lines:
            print_json({"said": text})
        else:
            console.print(text, markup=False, highlight=False)


def run(counter: Counter, lines: Iterable[str]) -> None:
    """Until the lines end: each is taken as it comes, and in between the gate looks after its link.

    Raises NotFound where the organiser has given this device other entrances: a person begins anew at one of them.
    """
    waiting: queue.Queue[str | None] = queue.Queue(maxsize=1000)

    def read() -> None:
        for line in lines:
            waiting.put(line)
        waiting.put(None)

    threading.Thread(target=read, daemon=True, name="codes").start()
    counter.keeper.start()
    counter.warn_alone()
    counter.idle()
    while counter.desk.plan.has_place:
        try:
            line = waiting.get(timeout=1)
        except queue.Empty:
            counter.idle()
            continue
        if line is None or not counter.take(line):
            break
        counter.show_challenge(again=True)
        if waiting.empty():
            counter.idle()
    counter.keeper.close()
    counter.hear()
    counter.desk.journal.head(time=counter.now())
    if not counter.desk.plan.has_place:
        raise NotFound("unknown_entrance", "this device stands at its entrance no more: begin anew at one that it has")


def code_lines(*, camera: bool, device: Path | None) -> Iterable[str]:
    """Standard input; or what the program ``zbarcam`` reads, where it is installed. Raises Unsupported."""
    if not camera:
        return sys.stdin
    program = shutil.which("zbarcam")
    if program is None:
        raise Unsupported(
            "no_camera_program",
            "the camera is read by the program zbarcam (package zbar-tools), which is not installed",
        )
    words = [program, "--raw", "-Sdisable", "-Sqrcode.enable", *([str(device)] if device else [])]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, errors="replace")  # noqa: S603 - found by its name, no shell
    if process.stdout is None:
        raise Unsupported("no_camera_program", "zbarcam gives no output")
    return process.stdout
