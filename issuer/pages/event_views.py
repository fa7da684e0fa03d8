"""Events and tickets as pages show them, and what the form of an event says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from common.encoding import parse_json
from common.pages.catalogue import Words
from common.pages.dates import JAPAN
from issuer.flows.events.flags import FLAGS, words_of
from issuer.flows.events.plan import LAST_NUMBER, BadPlan, ClassPlan, EntrancePlan, EventPlan, faults_of, refuse

TICKET_TONES = {"sold": "good", "held": "wait", "asked": "wait", "excluded": "bad", "passed": "good", "open": "wait"}
"""How a state is drawn; those not named here are drawn as over."""
SPARE = 2
"""Empty rows that the form has more than the event."""
_ROW = re.compile(r"(class|entrance)_(\d{1,3})_name_(?:ja|en)")
_CHOSEN = re.compile(r"class_\d{1,3}_entrance_(\d{1,3})", re.ASCII)
_NUMBERS = ("clock_error", "home_groups", "stale_after", "challenge_seconds")


def name_of(row: Any, words: Words) -> str:
    """Of an event, a class or an entrance, in the reader's language."""
    return str(row.name_ja if words.language == "ja" else row.name_en)


def tone(state: str) -> str:
    return TICKET_TONES.get(state, "none")


def flag_names(flags: int, words: Words) -> str:
    return words.text("common.comma").join(words.text(f"event_flag.{one}") for one in words_of(flags))


def entrance_names(numbers: str, entrances: Sequence[Any], words: Words) -> str:
    """numbers: as the tables have them. All, where none is named."""
    chosen = set(parse_json(numbers))
    names = [name_of(one, words) for one in entrances if one.number in chosen]
    return words.text("common.comma").join(names) if names else words.text("events.all_entrances")


def rules_of(plan: EventPlan, words: Words) -> list[tuple[str, str]]:
    """What gates go by, as (label, value)."""
    yes = words.text("common.yes" if plan.reentry else "common.no")
    numbers = [(words.text(f"events.rule.{name}"), str(getattr(plan, name))) for name in _NUMBERS]
    undetermined = (words.text("events.undetermined"), words.text(f"events.{plan.undetermined}"))
    return [(words.text("events.reentry"), yes), undetermined, *numbers]


def form_of(plan: EventPlan) -> dict[str, str]:
    """A plan → the fields of the form."""
    fields = {name: str(getattr(plan, name)) for name in ("name_ja", "name_en", "venue", "capacity", *_NUMBERS)}
    fields |= {"starts_at": _local(plan.starts_at), "ends_at": _local(plan.ends_at), "undetermined": plan.undetermined}
    fields |= {"reentry": "on"} if plan.reentry else {}
    for one in plan.entrances:
        at = f"entrance_{one.number}_"
        fields |= {f"{at}name_ja": one.name_ja, f"{at}name_en": one.name_en}
        fields |= {f"{at}challenge": "on"} if one.challenge else {}
    for kind in plan.classes:
        at = f"class_{kind.number}_"
        fields |= {f"{at}name_ja": kind.name_ja, f"{at}name_en": kind.name_en, f"{at}capacity": str(kind.capacity)}
        fields |= {f"{at}paper": "on"} if kind.paper else {}
        fields |= dict.fromkeys((f"{at}entrance_{number}" for number in kind.entrances), "on")
        fields |= dict.fromkeys((f"{at}flag_{word}" for word in words_of(kind.required)), "on")
        for place, (begin, end) in enumerate(kind.windows, start=1):
            fields |= {f"{at}from_{place}": _local(begin), f"{at}to_{place}": _local(end)}
    return fields


def rows_of(fields: Mapping[str, str], what: str) -> list[int]:
    """Numbers of the rows that the form shows: those filled in, entrances that a class has chosen, and some that are empty."""
    shown = {
        int(found[2]) for name, text in fields.items() if (found := _ROW.fullmatch(name)) and found[1] == what and text
    }
    chosen = {int(found[1]) for name in fields if (found := _CHOSEN.fullmatch(name))} if what == "entrance" else set()
    used = sorted(shown | chosen)
    free = [number for number in range(1, 256) if number not in used][:SPARE]
    return sorted([*used, *free])


def windows_of(fields: Mapping[str, str], number: int) -> list[int]:
    """Numbers of the time windows that the form shows of a class: one more than are filled in, at most 16."""
    at = f"class_{number}_"
    filled = [place for place in range(1, 17) if fields.get(f"{at}from_{place}") or fields.get(f"{at}to_{place}")]
    return [*range(1, min(16, max(filled, default=0) + 1) + 1)]


def is_wrong_inside(wrong: Iterable[str], number: int) -> bool:
    """Whether something is to be mended among those fields of a class that are folded away. wrong: places."""
    found = re.compile(rf"class_{number}_(?!name_|capacity)")
    return any(found.match(place) for place in wrong)


def read_form(fields: Mapping[str, str]) -> EventPlan:
    """The fields of the form → a plan, not checked. Raises BadPlan("bad_rule" | "bad_capacity" | "bad_times" | …) where a field cannot be
    read, together with all else that is to be mended."""
    form = _Form(fields)
    plan = EventPlan(
        name_ja=form.text("name_ja"),
        name_en=form.text("name_en"),
        venue=form.text("venue"),
        starts_at=form.seconds("starts_at"),
        ends_at=form.seconds("ends_at"),
        capacity=form.number("capacity"),
        reentry="reentry" in fields,
        undetermined=fields.get("undetermined", "refuse"),
        entrances=tuple(
            EntrancePlan(number=n, **form.names(f"entrance_{n}_"), challenge=f"entrance_{n}_challenge" in fields)
            for n in _filled(fields, "entrance")
        ),
        classes=tuple(_class(form, n) for n in _filled(fields, "class")),
        **{name: form.number(name, "bad_rule") for name in _NUMBERS if form.text(name)},
    )
    if form.unread:
        unread = {one.at for one in form.unread}
        timeless = not unread.isdisjoint(("starts_at", "ends_at"))  # nothing is too early for an event without a time
        also = [one for one in faults_of(plan) if one.at not in unread and not (timeless and one.code == "bad_times")]
        refuse([*form.unread, *also])
    return plan


class _Form:
    """Reads fields. unread: what is wrong with those that cannot be; each of these then counts as 1, or as no time window."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields
        self.unread: list[BadPlan] = []

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def names(self, at: str) -> dict[str, str]:
        return {name: self.text(at + name) for name in ("name_ja", "name_en")}

    def number(self, name: str, code: str = "bad_capacity") -> int:
        text = self.text(name)
        if text.isascii() and text.isdigit() and len(text) <= 9:
            return int(text)
        self.unread.append(BadPlan(code, "a number is missing, or is none", at=name))
        return 1

    def seconds(self, name: str) -> int:
        """What a field for a day and a time of day gives, in Japan's time."""
        try:
            return int(datetime.fromisoformat(self.text(name)[:19]).replace(tzinfo=JAPAN).timestamp())
        except (ValueError, OverflowError):
            self.unread.append(BadPlan("bad_times", "a day and a time are needed", at=name))
            return 1

    def windows(self, at: str) -> Iterator[tuple[int, int]]:
        for begin, end in ((f"{at}from_{place}", f"{at}to_{place}") for place in range(1, 17)):
            if self.fields.get(begin) or self.fields.get(end):
                before, window = len(self.unread), (self.seconds(begin), self.seconds(end))
                if len(self.unread) == before:
                    yield window


def _class(form: _Form, n: int) -> ClassPlan:
    at, fields = f"class_{n}_", form.fields
    return ClassPlan(
        number=n,
        **form.names(at),
        capacity=form.number(f"{at}capacity"),
        # also one whose row is empty: without it the class would be let in everywhere
        entrances=tuple(number for number in range(1, LAST_NUMBER + 1) if f"{at}entrance_{number}" in fields),
        windows=tuple(form.windows(at)),
        required=sum(flag for word, flag in FLAGS.items() if f"{at}flag_{word}" in fields),
        paper=f"{at}paper" in fields,
    )


def _filled(fields: Mapping[str, str], what: str) -> list[int]:
    found = {
        int(match[2])
        for name, text in fields.items()
        if (match := _ROW.fullmatch(name)) and match[1] == what and text.strip()
    }
    return sorted(found)


def _local(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, JAPAN).strftime("%Y-%m-%dT%H:%M")
