"""Doubles that are wrong on purpose, each in one thing that the promise rests on. The play must find every one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from common.gate.journal_entry import Kind
from verifier.gate import account as accounts
from verifier.gate import hub, merge
from verifier.gate.account import Account
from verifier.gate.desk import GateDesk
from verifier.gate.journal import chain
from verifier.gate.journal.chain import Journal
from verifier.gate.merge import JournalSet
from verifier.store.gate import GateEntryRow


class ForgetfulJournal(Journal):
    """Says that an entry is written when it is not on the disk yet: the last one is lost with the power."""

    def power_off(self) -> None:
        GateEntryRow.delete().where(
            (GateEntryRow.tenant == self.tenant)
            & (GateEntryRow.event == self.event)
            & (GateEntryRow.gate == self.gate)
            & (GateEntryRow.sequence == self.length())
        ).execute()


@contextmanager
def no_conditional_insert() -> Iterator[None]:
    """The hub says yes without taking the place."""
    with patch.object(hub, "_insert", lambda *_, **__: True):
        yield


@contextmanager
def believes_anybody() -> Iterator[None]:
    """A hub that lost its disk answers as if it knew everything."""
    with patch.object(hub, "has_heard_of", lambda *_: True):
        yield


@contextmanager
def own_clocks() -> Iterator[None]:
    """Entries are dated by each gate's own clock, and the hub asks for no order."""
    with patch.object(chain, "time_after", lambda _, now: now), patch.object(hub, "latest_of", lambda _: None):
        yield


@contextmanager
def links_too_early() -> Iterator[None]:
    """Linked again, without a look at what was written meanwhile."""
    with patch.object(Journal, "length", lambda _: 0):
        yield


@contextmanager
def keeps_overrides_to_itself() -> Iterator[None]:
    """The hub hears nothing of an override until the next exchange."""

    def override(self: GateDesk, cti: bytes | None, reason: str, now: int) -> int:
        self.journal.append(Kind.OVERRIDE, time=now, entrance=1, cti=cti, detail=reason)
        return self.journal.length()

    with patch.object(GateDesk, "override", override):
        yield


@contextmanager
def report_of(change: Any) -> Iterator[None]:
    """change: what is left of an account's excess."""
    shipped = accounts.account

    def told(journals: JournalSet, **given: Any) -> Account:
        found = shipped(journals, **given)
        return replace(found, excess=change(found.excess))

    with patch.object(accounts, "account", told):
        yield


@contextmanager
def last_merged_wins() -> Iterator[None]:
    """A merge that overwrites instead of adding."""
    shipped = merge.merge

    def merged(sets: Any) -> JournalSet:
        given = list(sets)
        whole = shipped(given)
        return JournalSet(whole.event, {**whole.entries, **given[-1].entries}, whole.heads)

    with patch.object(merge, "merge", merged):
        yield


def silent_report() -> Any:
    return report_of(lambda _: ())


def report_without_the_last() -> Any:
    return report_of(lambda excess: excess[:-1])
