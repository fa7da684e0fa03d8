"""However a chain is cut into batches it verifies, and any changed member of any batch breaks it."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from common.audit.chain import Batch, seal_batch, verify_chain
from common.audit.entry import AuditEntry, parse_audit_entry
from common.errors import Malformed

codes = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,12}", fullmatch=True)
opaque = st.from_regex(r"[A-Za-z0-9._:/-]{1,20}", fullmatch=True)
entries = st.builds(
    AuditEntry,
    at=st.integers(0, (1 << 53) - 1),
    actor=opaque,
    act=codes,
    subject=opaque,
    detail=st.dictionaries(codes, opaque, max_size=3),
)


def sealed(batches: list[list[AuditEntry]]) -> list[tuple[Batch, list[AuditEntry]]]:
    chain: list[tuple[Batch, list[AuditEntry]]] = []
    for number, batch in enumerate(batches):
        previous = chain[-1][0] if chain else None
        chain.append((seal_batch(previous, batch, tenant="a", sealed_at=number), batch))
    return chain


@given(entries)
def test_entries_round_trip(entry: AuditEntry) -> None:
    assert parse_audit_entry(entry.to_bytes()) == entry


@given(st.binary(max_size=80))
def test_random_bytes_are_malformed(noise: bytes) -> None:
    try:
        parse_audit_entry(noise)
    except Malformed:
        return
    raise AssertionError("random bytes made an entry")


@given(batches=st.lists(st.lists(entries, min_size=1, max_size=3), min_size=1, max_size=4), data=st.data())
def test_any_changed_member_breaks_the_chain(batches: list[list[AuditEntry]], data: st.DataObject) -> None:
    chain = sealed(batches)
    assert verify_chain(chain, tenant="a").whole
    place = data.draw(st.integers(0, len(chain) - 1))
    name = data.draw(st.sampled_from([field.name for field in fields(Batch)]))
    batch, kept = chain[place]
    value = getattr(batch, name)
    chain[place] = replace(batch, **{name: value + 1 if isinstance(value, int) else value + "0"}), kept
    assert not verify_chain(chain, tenant="a").whole


@given(
    batches=st.lists(st.lists(entries, min_size=1, max_size=3), min_size=1, max_size=4), other=entries, data=st.data()
)
def test_any_changed_entry_breaks_the_chain(
    batches: list[list[AuditEntry]], other: AuditEntry, data: st.DataObject
) -> None:
    chain = sealed(batches)
    place = data.draw(st.integers(0, len(chain) - 1))
    batch, kept = chain[place]
    line = data.draw(st.integers(0, len(kept) - 1))
    if kept[line] == other:
        return
    chain[place] = batch, [*kept[:line], other, *kept[line + 1 :]]
    report = verify_chain(chain, tenant="a")
    assert (report.broken_at, report.why) == (place + 1, "entries")
