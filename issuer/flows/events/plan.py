"""What an organiser says of an event, before it is one: read strictly, judged purely. The API, the form and the command line all end
here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from common.errors import Malformed
from common.plain_text import make_visible
from issuer.flows.events.flags import ALL, flags_of

MAX_CAPACITY = 2_000_000
MAX_PARTS = 100
"""Classes, and entrances, of one event."""
LAST_NUMBER = 255
MAX_NAME = 100
LONGEST = 366 * 86_400
LATEST = 4_102_444_800
"""The year 2100: later ones are slips of a finger."""


class BadPlan(Malformed):
    """at: the place that is to be mended, as the form's fields are called: "capacity", "class_2_name_ja", "class_2_windows"; or empty.

    every: where more is to be mended, each by itself, this one first; the detail then says them all.
    """

    def __init__(self, code: str, detail: str = "", *, at: str = "", every: Sequence[BadPlan] = ()) -> None:
        super().__init__(code, detail)
        self.at = at
        self.every: tuple[BadPlan, ...] = tuple(every) or (self,)


def refuse(found: Iterable[BadPlan]) -> None:
    """Raises BadPlan where there are any."""
    every = tuple(found)
    if every:
        details = "; ".join(dict.fromkeys(one.detail for one in every))
        raise BadPlan(every[0].code, details, at=every[0].at, every=every)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrancePlan:
    number: int
    name_ja: str
    name_en: str
    challenge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPlan:
    """entrances: numbers; empty: all. windows: (from, to) in seconds; empty: from the first opening of doors to the end of the event."""

    number: int
    name_ja: str
    name_en: str
    capacity: int
    entrances: tuple[int, ...] = ()
    windows: tuple[tuple[int, int], ...] = ()
    required: int = 0
    paper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """capacity: of the whole event. reentry: whoever went out may come in again. undetermined: refuse | document, at a gate that
    cannot tell.

    clock_error, stale_after, challenge_seconds: seconds. home_groups: tickets are spread over so many groups of gates; 0: they are not.
    """

    name_ja: str
    name_en: str
    starts_at: int
    ends_at: int
    capacity: int
    classes: tuple[ClassPlan, ...]
    entrances: tuple[EntrancePlan, ...]
    venue: str = ""
    reentry: bool = False
    undetermined: str = "refuse"
    clock_error: int = 10
    home_groups: int = 0
    stale_after: int = 3600
    challenge_seconds: int = 60


def check_plan(plan: EventPlan) -> EventPlan:
    """The plan, where it can be kept. Raises BadPlan with codes and places that say which parts cannot."""
    refuse(faults_of(plan))
    return plan


def faults_of(plan: EventPlan) -> Iterator[BadPlan]:
    """All that stands in the way, in the order of the form."""
    yield from _names(plan, "")
    yield from _text("venue", plan.venue, "venue", needed=False)
    if not 0 < plan.starts_at < plan.ends_at <= min(plan.starts_at + LONGEST, LATEST):
        yield BadPlan("bad_times", "an event ends after it starts, within a year", at="ends_at")
    yield from _between("bad_capacity", "the capacity of an event", plan.capacity, 1, MAX_CAPACITY, at="capacity")
    if plan.undetermined not in ("refuse", "document"):
        yield BadPlan("bad_rule", "what a gate does that cannot tell is refuse or document", at="undetermined")
    for name, what, least, most in _RULES:
        yield from _between("bad_rule", what, getattr(plan, name), least, most, at=name)
    yield from _parts("entrance", plan.entrances)
    yield from _parts("class", plan.classes)
    known = {one.number for one in plan.entrances}
    for one in plan.classes:
        yield from _class(one, known, plan)


_RULES = (
    ("clock_error", "the error of a gate's clock, in seconds,", 0, 300),
    ("home_groups", "the number of home groups", 0, 64),
    ("stale_after", "the age after which facts are stale, in seconds,", 60, 7 * 86_400),
    ("challenge_seconds", "the time for a challenge, in seconds,", 5, 600),
)


def larger_than_the_event(plan: EventPlan) -> tuple[int, ...]:
    """Numbers of classes that can never be sold out: worth a remark, as a slip of a finger looks so. Where the event's own is raised later,
    it is on purpose."""
    return tuple(one.number for one in plan.classes if one.capacity > plan.capacity)


def _class(one: ClassPlan, entrances: set[int], plan: EventPlan) -> Iterator[BadPlan]:
    at = f"class_{one.number}_"
    yield from _between("bad_capacity", "the capacity of a class", one.capacity, 0, MAX_CAPACITY, at=f"{at}capacity")
    if len(set(one.entrances)) != len(one.entrances) or not set(one.entrances) <= entrances:
        yield BadPlan("unknown_entrance", "a class names entrances of this event, each once", at=f"{at}entrances")
    if len(one.windows) > 16 or any(not 0 < begin < end for begin, end in one.windows):
        yield BadPlan("bad_times", "a time window ends after it begins; a class has at most 16", at=f"{at}windows")
    if any(end <= plan.starts_at - 7 * 86_400 or begin >= plan.ends_at + 86_400 for begin, end in one.windows):
        yield BadPlan("bad_times", "a time window lies in the days of the event", at=f"{at}windows")
    if not 0 <= one.required <= ALL:
        yield BadPlan("unknown_flag", "there is no such demand", at=f"{at}required")
    if one.paper and one.required:
        yield BadPlan(
            "paper_proves_nothing",
            "a paper pass is nobody's own: a class that demands a credential has none",
            at=f"{at}paper",
        )


def _parts(what: str, parts: Sequence[Any]) -> Iterator[BadPlan]:
    if not 0 < len(parts) <= MAX_PARTS:
        yield BadPlan(f"no_{what}", f"an event has 1 to {MAX_PARTS} of each {what}", at=f"{what}_1_name_ja")
    if len({one.number for one in parts}) != len(parts):
        yield BadPlan("number_twice", f"each {what} has a number of its own")
    for one in parts:
        yield from _between("bad_number", f"the number of each {what}", one.number, 1, LAST_NUMBER)
        yield from _names(one, f"{what}_{one.number}_")


def _names(part: Any, at: str) -> Iterator[BadPlan]:
    for name in ("name_ja", "name_en"):
        yield from _text("name", getattr(part, name), f"{at}{name}")


def _text(what: str, text: str, at: str, *, needed: bool = True) -> Iterator[BadPlan]:
    if (needed and not text.strip()) or len(text) > MAX_NAME or make_visible(text) != text:
        yield BadPlan(f"bad_{what}", f"a {what} is one line of at most {MAX_NAME} characters", at=at)


def _between(code: str, what: str, value: int, least: int, most: int, *, at: str = "") -> Iterator[BadPlan]:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        yield BadPlan(code, f"{what} is from {least} to {most}", at=at)


def read_plan(told: Mapping[str, Any]) -> EventPlan:
    """JSON or TOML, as people write it (`EXAMPLE`) → a plan that is checked. Unknown members are refused.

    Raises Malformed("bad_plan") and as `check_plan`.
    """
    entrances = [
        EntrancePlan(**_take(one, "entrance", EntrancePlan, number=place))
        for place, one in enumerate(_list(told, "entrances"), start=1)
    ]
    classes = []
    for place, one in enumerate(_list(told, "classes"), start=1):
        found = _take(one, "class", ClassPlan, number=place)
        found["required"] = flags_of(_words(found.get("required", ())))
        found["entrances"] = tuple(_numbers(found.get("entrances", ())))
        found["windows"] = tuple(_window(window) for window in _sequence(found.get("windows", ())))
        classes.append(ClassPlan(**found))
    rest = {name: value for name, value in told.items() if name not in ("entrances", "classes")}
    plan = _take({**rest, "classes": tuple(classes), "entrances": tuple(entrances)}, "event", EventPlan)
    return check_plan(EventPlan(**plan))


_KINDS: Mapping[str, type] = {
    **dict.fromkeys(("name_ja", "name_en", "venue", "undetermined"), str),
    **dict.fromkeys(("challenge", "paper", "reentry"), bool),
    **dict.fromkeys(
        (
            "number",
            "capacity",
            "starts_at",
            "ends_at",
            "clock_error",
            "home_groups",
            "stale_after",
            "challenge_seconds",
        ),
        int,
    ),
}


def _take(told: Any, what: str, made: Any, **defaults: int) -> dict[str, Any]:
    if not isinstance(told, Mapping):
        raise Malformed("bad_plan", f"each {what} is an object")
    found = {**defaults, **told}
    names = {one.name for one in fields(made)}
    if unknown := sorted(str(name)[:40] for name in found.keys() - names):
        raise Malformed("bad_plan", make_visible(f"of the {what} nothing is known here called {', '.join(unknown)}"))
    for name, value in found.items():
        kind = _KINDS.get(name)
        if kind is not None and (type(value) is not kind):
            raise Malformed("bad_plan", f"{name} of the {what} is no {kind.__name__}")
    needed = {one.name for one in fields(made) if one.default is MISSING}
    if missing := sorted(needed - found.keys()):
        raise Malformed("bad_plan", f"of the {what} there is no {', '.join(missing)}")
    return found


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    if name not in told:
        raise BadPlan("bad_plan", f"{name} is missing: a plan lists the {name} of the event, at least one")
    found = told[name]
    if not isinstance(found, list) or len(found) > MAX_PARTS:
        raise Malformed("bad_plan", f"{name} is a list of at most {MAX_PARTS}")
    return found


def _sequence(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) > LAST_NUMBER:
        raise Malformed("bad_plan", "entrances, windows and required are lists")
    return value


def _words(value: Any) -> Iterable[str]:
    return [str(one) for one in _sequence(value)]


def _numbers(value: Any) -> Iterable[int]:
    found = _sequence(value)
    if any(type(one) is not int for one in found):
        raise Malformed("bad_plan", "entrances of a class are numbers")
    return found


def _window(value: Any) -> tuple[int, int]:
    pair = _sequence(value)
    if len(pair) != 2 or any(type(one) is not int for one in pair):
        raise Malformed("bad_plan", "a time window is [from, to], in seconds since 1970")
    return pair[0], pair[1]


EXAMPLE: Mapping[str, Any] = {
    "name_ja": "隅田川花火大会",
    "name_en": "Sumida River Fireworks",
    "venue": "隅田公園",
    "starts_at": 1_817_022_600,
    "ends_at": 1_817_035_200,
    "capacity": 20_000,
    "reentry": True,
    "entrances": [
        {"name_ja": "北口", "name_en": "North"},
        {"name_ja": "南口", "name_en": "South", "challenge": True},
    ],
    "classes": [
        {"name_ja": "一般", "name_en": "General", "capacity": 18_000, "paper": True},
        {
            "name_ja": "有料席",
            "name_en": "Seats",
            "capacity": 2_000,
            "entrances": [2],
        },
    ],
}
