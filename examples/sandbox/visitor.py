"""A visitor of the kiosk who knows what they want: answers what the kiosk asks, and remembers what it showed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from common.cards.offered_parts import PartName
from common.cards.secret import Secret
from common.errors import Refused
from issuer.kiosk.issuer_desk import Contact, MadeOffer
from issuer.kiosk.plan import Found
from issuer.kiosk.stages import AddressAsked, Answered, Asked, Proven, Reading, Stage, TakeCardOut, Taking, Watch
from issuer.kiosk.trouble import Trouble

READS = "reads / 読み取り: "


@dataclass(kw_only=True)
class Visitor:
    """Implements `issuer.kiosk.stages.Person`. secrets: what opens the card, by the name of its kind. take_card: takes it out.

    parts: what is to be read, None for what the kiosk ticks. wants: certificates, of those that may be issued; None for all. types: chosen.
    A second wrong answer is not given: a try is dear.
    """

    secrets: Mapping[str, str] = field(repr=False)
    take_card: Callable[[], None]
    parts: Collection[PartName] | None = None
    wants: Collection[str] | None = None
    seen: list[str] = field(default_factory=list)
    types: tuple[str, ...] = ()
    offer: MadeOffer | None = field(default=None, repr=False)
    _read: list[str] = field(default_factory=list, repr=False)

    def show(self, stage: Stage) -> None:
        if isinstance(stage, Reading):
            self._note_reading(stage.progress.step)
        elif isinstance(stage, TakeCardOut):
            self._note("says / 案内: カードをお取りください / please take your card")
            self.take_card()

    def choose_parts(self, found: Found, watch: Watch) -> frozenset[PartName]:
        watch()
        chosen = frozenset(found.usual if self.parts is None else self.parts)
        cards = ", ".join(f"{card.label_en} {card.label_ja}" for card in found.cards)
        read = ", ".join(f"{each.part.label_en} {each.part.label_ja}" for each in found.parts if each.name in chosen)
        self._note(f"sees / カード: {cards}")
        self._note(f"will read / 読む内容: {read}")
        return chosen

    def leave_address(self, asked: AddressAsked, watch: Watch) -> Contact | None:
        del asked
        watch()
        return None  # no mail leaves a sandbox

    def give_secret(self, asked: Asked, watch: Watch) -> Answered:
        watch()
        kind, left = asked.prompt.kind, asked.prompt.tries_left
        tries = f", {left} tries left 残り{left}回" if left is not None else ""
        self._note(f"asks / 入力: {kind.label_en} {kind.label_ja}{tries}")
        if asked.problem:
            raise Refused("stopped", "the first answer was not right")
        return Answered(typed=Secret(self.secrets[kind.name]))

    def choose_types(self, proven: Proven, watch: Watch) -> tuple[str, ...]:
        watch()
        self.types = tuple(name for name in proven.accepted.types if self.wants is None or name in self.wants)
        return self.types

    def take(self, taking: Taking, state: Callable[[], str]) -> None:
        del state  # the phone takes its time
        self.offer = taking.offer
        self._note("shows / 表示: スマートフォン用のQRコード / a QR code for the phone")

    def read_on(self, stage: Trouble) -> None:
        del stage  # what came of the visit, the kiosk tells

    def _note(self, line: str) -> None:
        self.seen.append(line)

    def _note_reading(self, step: str) -> None:
        """In one line, until something else happens. A step tells of itself again and again, with the bytes so far."""
        if step in ("start", "done") or step in self._read:
            return
        self._read.append(step)
        if self.seen and self.seen[-1].startswith(READS):
            self.seen[-1] += f", {step}"
        else:
            self._note(f"{READS}{step}")
