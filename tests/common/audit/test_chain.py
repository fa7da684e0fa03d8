"""The chain holds while nobody touches it, and says where it was touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from common.audit.chain import Batch, seal_batch, verify_chain
from common.audit.entry import AuditEntry, parse_audit_entry
from common.errors import Malformed

Chain = list[tuple[Batch, Sequence[AuditEntry] | None]]


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        at=1_790_000_000 + number,
        actor="staff:7f3a",
        act="credential.issued",
        subject=f"credential:{number}",
        detail={"type": "enrolment", "count": "1"},
    )


def chain_of(*sizes: int, tenant: str = "sakuragawa") -> Chain:
    chain: Chain = []
    previous, number = None, 0
    for size in sizes:
        entries = [entry(number + offset) for offset in range(size)]
        previous = seal_batch(previous, entries, tenant=tenant, sealed_at=1_790_001_000 + number)
        chain.append((previous, entries))
        number += size
    return chain


def test_a_whole_chain() -> None:
    chain = chain_of(3, 1, 5)
    report = verify_chain(iter(chain), tenant="sakuragawa")
    assert (report.whole, report.batches, report.entries, report.head) == (True, 3, 9, chain[-1][0].head)
    assert verify_chain([], tenant="sakuragawa").whole


def test_entries_may_go_when_their_time_is_over() -> None:
    chain = chain_of(3, 1, 5)
    chain[0] = chain[0][0], None
    report = verify_chain(chain, tenant="sakuragawa")
    assert (report.whole, report.entries, report.without_entries) == (True, 6, 1)


def edit_entry(chain: Chain) -> None:
    entries = list(chain[1][1] or ())
    chain[1] = chain[1][0], [replace(entries[0], act="credential.revoked"), *entries[1:]]


def drop_entry(chain: Chain) -> None:
    chain[1] = chain[1][0], list(chain[1][1] or ())[1:]


def swap_entries(chain: Chain) -> None:
    chain[1] = chain[1][0], list(reversed(chain[1][1] or ()))


def drop_batch(chain: Chain) -> None:
    del chain[1]


def reseal(chain: Chain) -> None:
    """A forger who seals one batch anew cannot make the next one fit."""
    entries = [entry(99), entry(98)]
    chain[1] = seal_batch(chain[0][0], entries, tenant="sakuragawa", sealed_at=chain[1][0].sealed_at), entries


def edit_count(chain: Chain) -> None:
    chain[1] = replace(chain[1][0], count=3), chain[1][1]


def edit_time(chain: Chain) -> None:
    chain[1] = replace(chain[1][0], sealed_at=0), chain[1][1]


def move_tenant(chain: Chain) -> None:
    chain[1] = replace(chain[1][0], tenant="other"), chain[1][1]


@pytest.mark.parametrize(
    ("harm", "where", "why"),
    [
        (edit_entry, 2, "entries"),
        (drop_entry, 2, "count"),
        (swap_entries, 2, "entries"),
        (drop_batch, 2, "number"),
        (reseal, 3, "previous_head"),
        (edit_count, 2, "head"),
        (edit_time, 2, "time"),
        (move_tenant, 2, "tenant"),
    ],
)
def test_harm_is_found_where_it_was_done(harm: Callable[[Chain], None], where: int, why: str) -> None:
    chain = chain_of(3, 2, 5)
    harm(chain)
    report = verify_chain(chain, tenant="sakuragawa")
    assert (report.whole, report.broken_at, report.why, report.batches) == (False, where, why, where - 1)


def test_a_cut_off_end_and_a_rewritten_chain_need_a_head_kept_elsewhere() -> None:
    chain = chain_of(3, 2, 5)
    kept = chain[1][0].head
    assert verify_chain(chain, tenant="sakuragawa", known_head=kept).whole
    assert verify_chain(chain[:1], tenant="sakuragawa").whole
    for forged in (chain[:1], chain_of(2, 3, 5)):
        report = verify_chain(forged, tenant="sakuragawa", known_head=kept)
        assert (report.whole, report.why) == (False, "head")


def test_one_tenants_chain_is_not_anothers() -> None:
    assert chain_of(2)[0][0].head != chain_of(2, tenant="other")[0][0].head
    assert verify_chain(chain_of(2), tenant="other").why == "tenant"
    with pytest.raises(ValueError, match="one tenant"):
        seal_batch(chain_of(1)[0][0], [entry(2)], tenant="other", sealed_at=0)
    with pytest.raises(ValueError, match="at least one"):
        seal_batch(None, [], tenant="other", sealed_at=0)


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "桜川花子"},
        {"actor": "hanako@example.ac.jp"},
        {"actor": "staff 7"},
        {"actor": ""},
        {"act": "Issued a credential"},
        {"subject": "山田"},
        {"subject": "x" * 201},
        {"at": -1},
        {"at": True},
        {"at": 1.5},
        {"detail": {"name": "山田 太郎"}},
        {"detail": {"Reason": "x"}},
        {"detail": {f"d{number}": "x" for number in range(13)}},
    ],
)
def test_personal_data_does_not_fit_into_an_entry(changes: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        replace(entry(1), **changes)


def test_the_bytes_are_pinned() -> None:
    """Stored heads depend on these bytes for ever."""
    expected = (
        b'{"at":1790000001,"actor":"staff:7f3a","act":"credential.issued","subject":"credential:1",'
        b'"detail":{"count":"1","type":"enrolment"}}'
    )
    assert entry(1).to_bytes() == expected
    assert parse_audit_entry(expected) == entry(1)
    for other in (
        expected.replace(b":1790", b": 1790"),
        b"{}",
        b"[]",
        expected + b" ",
        expected.replace(b'"at"', b'"when"'),
    ):
        with pytest.raises(Malformed):
            parse_audit_entry(other)
