"""Desk, link and journal of the browser as whole machines: what they hand on, whom they wait for, what a person's look mends."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from common.formats.gate_pass.build import write_pass_text
from common.gate.exchange import GateJournal, build_exchange
from common.gate.index_set import IndexSet
from common.gate.journal_entry import (
    NO_HASH,
    JournalHead,
    Kind,
    build_journal_entry,
    hash_entry,
    parse_journal_entry,
    sign_journal_head,
)
from common.gate.pack import PackStatus, build_pack
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.common.formats.gate_pass.passes import EVENT, HOLDER, NOW, proof, token
from tests.common.gate_ts import samples
from tests.common.gate_ts.node import run
from tests.common.gate_ts.samples import GATE, GATE_ID, OTHER_GATE, OTHER_ID, make_pack, signed_pack
from tests.verifier.gate.venue import open_gate_database
from verifier.gate.journal.chain import keep_entry, seen_of
from verifier.gate.presence import presence_of

PACK = signed_pack().hex()


def machine(one: dict[str, Any]) -> Any:
    (answer,) = run([{"pack": PACK, "now": NOW * 1000, **one}], "desk_driver")
    return answer["ok"]


def entry(key: SoftwareKey, sequence: int, previous: bytes, **change: Any) -> bytes:
    made: dict[str, Any] = {"kind": Kind.IN, "cti": b"%08d" % sequence, "time": NOW * 1000 + sequence, "detail": None}
    gate = name_of(compress(key.public_jwk()))
    return build_journal_entry(
        event=EVENT, gate=gate, sequence=sequence, previous=previous, entrance=1, **{**made, **change}
    )


def chain(key: SoftwareKey, count: int, every: int) -> GateJournal:
    """A head after each so many entries, and one at the end."""
    entries: list[bytes] = []
    for sequence in range(1, count + 1):
        entries.append(entry(key, sequence, hash_entry(entries[-1]) if entries else NO_HASH))
    gate = name_of(compress(key.public_jwk()))
    heads = [
        sign_journal_head(JournalHead(EVENT, gate, at, hash_entry(entries[at - 1]), NOW * 1000), key)
        for at in sorted({*range(every, count + 1, every), count})
    ]
    return GateJournal(gate, tuple(entries), tuple(heads))


@pytest.fixture(scope="module")
def told() -> str:
    return build_exchange(EVENT, (chain(GATE, 60, 7), chain(OTHER_GATE, 40, 10))).hex()


def test_what_others_wrote_is_handed_on_to_its_end_in_bodies_that_a_hub_takes(told: str) -> None:
    done = machine({"do": "relay", "exchange": told, "most": 1500})
    assert done["linked"]
    assert (done["known"][GATE_ID.hex()], done["known"][OTHER_ID.hex()]) == (60, 40)
    relayed = [body for body in done["bodies"] if any(gate in (GATE_ID.hex(), OTHER_ID.hex()) for gate, _ in body)]
    assert len(relayed) > 4
    assert max(sum(size for _, size in body) for body in relayed) <= 1500


def test_each_part_ends_at_a_signed_head(told: str) -> None:
    gates = sorted([GATE_ID.hex(), OTHER_ID.hex()])
    lengths = {GATE_ID.hex(): (60, 7), OTHER_ID.hex(): (40, 10)}
    first, (count, every) = gates[0], lengths[gates[0]]
    for most in (1500, 3000, 4_000_000):
        parts = machine({"do": "lacking", "exchange": told, "gates": gates, "known": {first: every}, "most": most})
        gate, sequences, heads = parts[0]
        assert (gate, sequences[0], len(heads)) == (first, every + 1, 1)
        whole = most == 4_000_000
        assert len(parts) == (2 if whole else 1)
        assert sequences[-1] == count if whole else sequences[-1] % every == 0
        assert sequences == list(range(every + 1, sequences[-1] + 1))


def test_what_leads_nowhere_is_walked_once_however_many_heads_point_into_it() -> None:
    """The same as tests/verifier/gate/test_long_exchange.py of the gate in Python."""
    whole = chain(GATE, 60, 1)
    for entries, heads, proven in ((whole.entries[1:], whole.heads[1:], 0), (whole.entries, whole.heads, 60)):
        journals = [GateJournal(GATE_ID, entries, order) for order in (heads, heads[::-1])]
        for journal in journals:
            asked = {"do": "walks", "exchange": build_exchange(EVENT, (journal,)).hex(), "event": EVENT}
            *found, looks = machine({**asked, "point": samples.GATE_POINT.hex()})
            assert found == ([60, 60, 0] if proven else [0, 0, 59])
            assert looks <= 2 * len(heads) + 1
            # one at each entry, one where each head's way ends


def test_a_guest_does_not_wait_for_a_silent_hub() -> None:
    done = machine({"do": "silent_hub", "text": write_pass_text(proof())})
    assert (done["reason"], done["linked"]) == ("already_admitted", False), "no answer in time, so it is alone"
    assert done["waited"] > 250
    assert done["length"] == 2, "the admission, and that it is alone"


def test_who_was_taken_back_enters_at_the_same_gate_at_once() -> None:
    """The same as tests/verifier/gate/test_desk.py of the gate in Python."""
    assert machine({"do": "taken_back", "text": write_pass_text(proof())}) == [["admitted", True], ["admitted", True]]


def test_a_device_that_was_given_another_entrance_admits_nobody() -> None:
    """A newer pack names other entrances and another home group for it."""

    def placed(gate: bytes, entrance: int) -> Any:
        return machine({"do": "placed", "gate": gate.hex(), "entrance": entrance})

    classes = len(make_pack().classes)
    given = {one.gate: one for one in make_pack().gates}[OTHER_ID]
    assert placed(OTHER_ID, given.entrances[0]) == [True, given.home_group, classes]
    assert placed(OTHER_ID, 99) == [False, given.home_group, 0]
    assert placed(b"stranger", 99) == [True, 7, classes]


def test_a_linked_gate_with_an_old_pack_refuses_a_ticket_that_fell_a_moment_ago() -> None:
    """The same as tests/verifier/gate/test_desk.py of the gate in Python."""
    status = make_pack().status
    newest = signed_pack(
        serial=5, status=PackStatus(NOW, status.uri, IndexSet([55, *status.revoked]), status.excluded)
    ).hex()
    texts = [write_pass_text(proof(token(cti=bytes([at]) * 8, index=at))) for at in (54, 55, 56)]
    start = NOW * 1000
    done = machine(
        {"do": "newer_pack", "newest": newest, "steps": [(start + at, text) for at, text in enumerate(texts)]}
    )
    assert done["said"] == [
        ["admitted", True, False, 5],
        ["revoked", True, True, 5],
        ["admitted", True, False, 5],
    ]
    assert (done["asked"], done["entries"]) == (1, 2), "asked once; what was refused writes nothing"
    at_once = machine({"do": "newer_pack", "newest": newest, "steps": [(start, texts[1])]})
    assert (at_once["said"], at_once["entries"]) == ([["revoked", True, True, 5]], 0), "taken back"
    steps = [(start, texts[1]), (start + 1999, texts[0]), (start + 2000, texts[2])]
    slow = machine({"do": "newer_pack", "newest": newest, "slow": True, "steps": steps})
    assert [one[::3] for one in slow["said"]] == [["admitted", 4], ["admitted", 4], ["admitted", 5]], "not for ever"
    assert slow["asked"] == 2


def test_a_device_waits_for_the_organisers_word_and_says_which() -> None:
    wrong, busy, locked = ["wrong_code", 403], ["too_many", 429], ["device_locked", 403]

    def said(*answers: Any) -> Any:
        return machine({"do": "enrolment", "answers": answers})

    assert said(False, "reload", False, busy, "silent", True, False, "named", False) == [
        *(["waiting", 1], [None, 1], ["waiting", 2], ["waiting", 3], ["no_hub", 4]),
        *(["taken", 5], ["taken", 5], [None, 5], [None, 5]),
    ]
    assert said(wrong, False, "reload", False) == [["wrong_code", 1], ["wrong_code", 1], [None, 1], [None, 1]]
    assert said("silent", "reload", locked, False)[2:] == [["device_locked", 2], ["device_locked", 2]]
    assert said(False, "other key", False) == [["waiting", 1], [None, 1], [None, 1]], "another device's question"
    assert said(["odd", 400]) == [["refused", 1]]


def test_a_document_takes_the_time_that_it_takes() -> None:
    """The same as tests/verifier/gate/test_desk.py of the gate in Python."""
    needy = write_pass_text(proof(token(klass=samples.OVER_20, flags=0)))
    slow = [write_pass_text(proof(token(cti=b"slowslow"), iat=NOW + at)) for at in (-100, -90)]
    start = NOW * 1000
    for later in (35_000, 90_000, 180_000):
        seen = start + later
        steps = [
            (start, needy, False, None),
            (start, slow[0], False, None),
            (start + 10_000, slow[1], False, None),
            (seen, needy, True, None),
            (seen, needy, True, start),
            (seen, slow[1], True, start + 10_000),
            (seen, slow[1], True, start + 10_000),
        ]
        answers = machine({"do": "desk", "steps": steps})
        assert [reason for reason, _, _ in answers] == [
            *("document_required", "stale_code", "clock_off"),
            *("stale_code", "admitted", "admitted", "already_admitted"),
        ]
        assert [time for _, _, time in answers if time is not None] == [seen, seen], "dated when the guest goes in"
    late = [(start, needy, False, None), (start + 181_000, needy, True, start), (start, needy, True, start + 1)]
    reasons = [reason for reason, _, _ in machine({"do": "desk", "steps": late})]
    assert reasons == ["document_required", "stale_code", "admitted"]


def test_a_number_that_was_typed_in_time_stays_typed() -> None:
    key = HOLDER.private_key().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    needy = token(klass=samples.OVER_20, flags=0).hex()
    asked = {"do": "challenged", "pkcs8": key.hex(), "token": needy, "entrance": samples.CHALLENGE}
    for seconds in (45, 180):
        assert machine({**asked, "seconds": seconds}) == ["document_required", "stale_code", "admitted"]


def test_a_pack_that_was_signed_anew_is_the_same_pack() -> None:
    first, again = (build_pack(make_pack(), samples.SIGNER).hex() for _ in range(2))
    other = build_pack(make_pack(good_until=NOW + 40_000), samples.SIGNER).hex()
    assert first != again
    said = machine({"do": "shelf", "packs": [first, again, other, first], "now": NOW})
    assert said == ["taken", "pack_rolled_back", "taken"]


def test_who_is_inside_by_all_that_is_known(tmp_path: Path) -> None:
    """Two tickets, branches of one chain, entries taken back under a ticket's own name, another's or none: both say the same."""
    one, two = b"aaaaaaaa", b"bbbbbbbb"
    made = [
        entry(GATE, 1, NO_HASH, cti=one),
        entry(GATE, 1, NO_HASH, cti=two, time=NOW * 1000 + 9),
        entry(GATE, 2, b"\1" * 32, kind=Kind.UNDO, cti=one, detail=1),
        entry(GATE, 3, b"\1" * 32, kind=Kind.UNDO, cti=two, detail=1),
        entry(GATE, 4, b"\1" * 32, kind=Kind.UNDO, cti=None, detail=1),
        entry(GATE, 2, b"\2" * 32, kind=Kind.NOTE, cti=None, detail="another branch"),
        entry(OTHER_GATE, 1, NO_HASH, cti=one, time=NOW * 1000 + 20),
        entry(OTHER_GATE, 2, b"\1" * 32, kind=Kind.OUT, cti=one, time=NOW * 1000 + 10),
    ]
    database = open_gate_database(tmp_path)
    subsets = [some for size in range(1, 5) for some in itertools.combinations(made, size)]
    cases = [
        {
            "do": "ledger",
            "entries": [data.hex() for data in some],
            "tickets": [one.hex(), two.hex()],
            "reEntry": again,
        }
        for some in subsets
        for again in (True, False)
    ]
    answers = iter(run(cases, "desk_driver"))
    for number, some in enumerate(subsets):
        with database.atomic():
            for data in some:
                keep_entry(str(number), parse_journal_entry(data), data)
        for again in (True, False):
            for cti, found in zip((one, two), next(answers)["ok"], strict=True):
                ours = presence_of(seen_of(str(number), EVENT, cti), re_entry=again)
                inside = ours.inside.hash.hex() if ours.inside else None
                expected = [inside, ours.exits, len(ours.excess), ours.admissions]
                assert found[:4] == expected, ([parse_journal_entry(data) for data in some], again)
    database.close_all()
