"""How often can a ticket enter? The bound of `verifier/README.md`, held to by thousands of random steps of the shipped gates and hubs.

k = number of blocks of the common refinement of all partitions of the gates since the ticket's first admission
admissions ≤ k; within gates that were together every time: one; with home gates: k of the home group; all above one is reported
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.gate import broken
from tests.stories.gate.broken import ForgetfulJournal
from tests.stories.gate.grounds import Shape
from tests.stories.gate.play import Step, breaks, draw, played, shrink
from tests.stories.gate.promise import Broken, Entered, History, Left, check_admission
from verifier.gate.journal.chain import Journal

SHAPES = {
    "one hub": Shape(gates=3, hubs=1, tickets=3),
    "two hubs, clocks off": Shape(gates=4, hubs=2, tickets=3, skewed=True),
    "home gates": Shape(gates=4, hubs=2, tickets=4, homes=2),
    "re-entry": Shape(gates=4, hubs=2, tickets=3, re_entry=True),
    "re-entry, clocks off": Shape(gates=5, hubs=2, tickets=3, re_entry=True, skewed=True),
    "no hub": Shape(gates=3, hubs=0, tickets=2),
}
COMMITS = ("gate_entry", "gate_admit", "gate_exchange")
STEPS = 150
PARTS = 48
ALL_STEPS = 100_800
"""In a run with the slow tests, over all parts and shapes."""


def hold(folder: Path, shape: Shape, seed: int, count: int) -> set[tuple[int, int]]:
    """Plays; answers, of each ticket, how often it was inside by admissions at once, and the k of that moment."""
    steps = draw(seed, count)
    try:
        with played(folder, shape) as play:
            play.run(steps)
            return {(one.most, one.most_allowed) for one in play.histories.values()}
    except Broken as found:
        fewest = "\n".join(map(str, shrink(folder, shape, steps)))
        pytest.fail(f"{found}: seed {seed}, {shape}, fewest steps:\n{fewest}")


def hold_all(folder: Path, seed: int, count: int) -> set[tuple[int, int]]:
    """Count steps, spread over all shapes in runs of STEPS."""
    shapes = itertools.cycle(SHAPES.values())
    found = set()
    for number in range(count // STEPS):
        found |= hold(folder, next(shapes), 1000 * seed + number, STEPS)
    return found


def test_a_ticket_enters_as_often_as_its_groups_were_apart_and_no_more(tmp_path: Path) -> None:
    found = hold_all(tmp_path, 0, 12 * STEPS)
    assert any(most == allowed > 1 for most, allowed in found), "the bound is reached: it could not be smaller"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_the_same_over_a_hundred_thousand_steps(tmp_path: Path, part: int) -> None:
    assert PARTS * (ALL_STEPS // PARTS // STEPS) * STEPS == ALL_STEPS >= 100_000
    hold_all(tmp_path, part, ALL_STEPS // PARTS)


def test_three_groups_that_form_anew_make_four_admissions(tmp_path: Path) -> None:
    """Groups {0, 1}, {2}, {3}: three admissions. Then 1 is alone and lets it in too: the refinement is {0}, {1}, {2}, {3}."""
    together = [Step("sync", 0, 0, 0), Step("sync", 1, 0, 0)]
    first = [Step("scan", gate, 0, 0) for gate in (0, 1, 2, 3)]
    apart = [Step("cut", 1, 0, 0), *(Step("scan", gate, 0, 0) for gate in (0, 1, 2, 3))]
    with played(tmp_path, Shape(gates=4, hubs=1, tickets=1)) as play:
        play.run([*together, *first])
        (history,) = play.histories.values()
        assert (history.most, history.most_allowed) == (3, 3)
        play.run(apart)
        assert (history.most, history.most_allowed) == (4, 4)


def test_with_home_gates_it_enters_once_while_the_home_group_is_linked(tmp_path: Path) -> None:
    """Gates 0 and 2 are the home of one ticket and linked by a hub, 1 and 3 of the other and not linked."""
    with played(tmp_path, Shape(gates=4, hubs=2, tickets=2, homes=2)) as play:
        everybody = [Step("scan", gate, ticket, 0) for gate in (0, 2, 1, 3) for ticket in (0, 1)]
        play.run([Step("sync", 0, 0, 0), Step("sync", 2, 0, 0), *everybody, *everybody])
        counts = [len(history.standing()) for history in play.histories.values()]
        assert counts == [2, 1], "the first ticket's home, gates 1 and 3, has the k of its own group: 2"


@pytest.mark.parametrize(
    ("double", "shape", "says"),
    [
        (broken.no_conditional_insert, "one hub", "one group"),
        (broken.own_clocks, "re-entry, clocks off", "one group"),
        (broken.keeps_overrides_to_itself, "one hub", "one group"),
        (broken.silent_report, "no hub", "reported"),
        (broken.report_without_the_last, "one hub", "reported"),
        (broken.last_merged_wins, "two hubs, clocks off", "order of merging"),
    ],
)
def test_what_is_broken_is_found(
    tmp_path: Path, double: Callable[[], AbstractContextManager[None]], shape: str, says: str
) -> None:
    with double():
        assert says in found_within(tmp_path, SHAPES[shape])


def test_power_fails_around_every_commit_of_gate_and_hub(tmp_path: Path) -> None:
    """At each moment in turn, by a ticket of its own: what the run by chance meets now and then."""
    with played(tmp_path, Shape(gates=2, hubs=1, tickets=16)) as play:
        for number in range(16):  # eight moments of a scan, eight of an exchange
            scans = [Step("scan", gate, number, 0) for gate in (0, 1)]
            links = [Step("sync", gate, 0, 0) for gate in (0, 1)]
            play.run([*links, Step("crash", 0, number, number), *scans, *links, *scans])
        around = {f"{name}.{when}_commit" for name in COMMITS for when in ("before", "after")}
        assert play.crashes >= {*around, "wire.before", "wire.after"}


@pytest.mark.parametrize(
    ("double", "steps"),
    [
        # another machine at the hub's address, that knows nothing of the first admission
        (broken.believes_anybody, [("sync", 0, 0), ("sync", 1, 0), ("scan", 0, 0), ("lose_hub", 0, 0), ("scan", 1, 0)]),
        # alone, gate 0 lets somebody in while it tells the hub of gate 2, and is linked a moment later
        (
            broken.links_too_early,
            [
                *(("cut", 2, 0), ("sync", 2, 0), ("pack_up", 2, 0), ("sync", 1, 0), ("sync", 0, 0)),
                *(("hand_over", 0, 0), ("restart", 0, 0), ("meanwhile", 0, 2), ("scan", 1, 0)),
            ],
        ),
    ],
)
def test_what_seldom_happens_by_chance(
    tmp_path: Path, double: Callable[[], AbstractContextManager[None]], steps: list[tuple[str, int, int]]
) -> None:
    played_steps = [Step(act, gate, 0, b) for act, gate, b in steps]
    assert breaks(tmp_path, SHAPES["one hub"], played_steps) == ""
    with double():
        assert "one group" in breaks(tmp_path, SHAPES["one hub"], played_steps)


def test_the_promise_counts_no_exit_that_was_taken_back_before_the_next_entry() -> None:
    entered = [Entered(0, b"gate", sequence, sequence, (0,), green=True) for sequence in (1, 4)]
    left = Left(0, b"gate", 2, 2)
    check_admission(History(entered, [left]), frozenset({0}), re_entry=True)
    check_admission(History(entered, [replace(left, stood=True, undone=True)]), frozenset({0}), re_entry=True)
    with pytest.raises(Broken, match="2 admissions where 1"):
        check_admission(History(entered, [replace(left, undone=True, stood=False)]), frozenset({0}), re_entry=True)


def test_a_journal_that_is_green_before_it_is_durable_is_found_and_the_steps_shrink(tmp_path: Path) -> None:
    shape = SHAPES["no hub"]
    assert "forgot" in found_within(tmp_path, shape, ForgetfulJournal)
    steps = [*draw(3, 12), Step("scan", 0, 0, 0), Step("restart", 0, 0, 0)]
    fewest = shrink(tmp_path, shape, steps, ForgetfulJournal)
    assert fewest[0].act == "scan"
    assert [step.act for step in fewest[1:]] in (["restart"], ["crash"], ["torn"])


def found_within(folder: Path, shape: Shape, journal: Callable[..., Journal] = Journal, runs: int = 30) -> str:
    """What the play finds of something broken."""
    for seed in range(runs):
        if found := breaks(folder, shape, draw(seed, STEPS), journal):
            return f"{found} (seed {seed})"
    return "nothing"
