"""What somebody may write into a file of journals that he hands in: entries in the name of a gate, which signed none of them."""

from __future__ import annotations

from common.gate.exchange import Exchange, GateJournal
from common.gate.journal_entry import Kind
from tests.verifier.gate.chains import Chain, points_of_chains
from tests.verifier.gate.scene import EVENT
from verifier.gate.account import Account, account
from verifier.gate.merge import read_set


def accounted(*chains: Chain, journals: tuple[GateJournal, ...]) -> Account:
    ordered = tuple(sorted(journals, key=lambda one: one.gate))
    return account(read_set(Exchange(EVENT, ordered)), points=points_of_chains(*chains), locks={}, re_entry=False)


def test_a_file_that_anybody_wrote_frames_no_gate() -> None:
    """Entries added in a gate's name to its honest file: it let nobody in twice for that, and nobody says that it was copied."""
    honest = Chain([(Kind.IN, 1, 10), (Kind.IN, 2, 20)])
    forger = Chain(key=honest.key)  # writes the same gate's name into entries, and signs nothing
    forger.entries = honest.entries[:1]
    forger.write(Kind.IN, 1, 30)
    forger.write(Kind.IN, 2, 40)
    journal = GateJournal(honest.gate, (*honest.entries, *forger.entries[1:]), (honest.head(),))
    found = accounted(honest, journals=(journal,))
    (gate,) = found.gates
    assert (gate.entries, gate.proven, gate.forks) == (4, 2, ())
    assert [one.flagged for one in found.excess] == [True, True], "told, and told to be nobody's word"


def test_a_file_that_anybody_wrote_hides_no_admission_too_many() -> None:
    one, other = Chain([(Kind.IN, 1, 10)]), Chain([(Kind.IN, 1, 20)])
    forger = Chain(key=other.key)
    forger.entries = list(other.entries)
    forger.write(Kind.UNDO, 1, 30)
    journal = GateJournal(other.gate, tuple(forger.entries), (other.head(),))
    found = accounted(one, other, journals=(one.journal(), journal))
    assert [case.flagged for case in found.excess] == [False]
    assert found.undone == 0


def test_a_copied_devices_two_branches_are_a_fork_all_the_same() -> None:
    lost = Chain([(Kind.IN, 1, 10), (Kind.IN, 2, 20)])
    copy = lost.fork(1)
    copy.write(Kind.IN, 3, 21)
    journal = GateJournal(lost.gate, (*lost.entries, copy.entries[1]), (lost.head(), copy.head()))
    assert accounted(lost, journals=(journal,)).gates[0].forks == (2,)
