"""What a signature is worth by the life of its key: every case of the table, and no way around a compromise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import REASONS, Rejected
from common.keys.history import (
    RETIREMENT_GRACE,
    UNRECORDED,
    KeyEntry,
    judge_key_time,
    verify_key_active,
    verify_key_time,
)

NOW, T = 1_790_000_000, 1_780_000_000


@pytest.mark.parametrize(
    ("entry", "claimed", "proven", "sound", "reason"),
    [
        ({}, None, None, True, "key_active"),
        ({}, T, None, True, "key_active"),
        ({"retired_at": NOW + 1}, NOW, None, True, "key_active"),
        ({"retired_at": T}, T - 1, None, True, "key_rotated"),
        ({"retired_at": T}, T + RETIREMENT_GRACE, None, True, "key_rotated"),
        ({"retired_at": T}, T + RETIREMENT_GRACE + 1, None, False, "key_retired"),
        ({"retired_at": T}, None, None, True, "key_rotated"),
        ({"retired_at": T}, NOW, T - 1, True, "key_rotated"),
        ({"retired_at": T}, T - 1, NOW, True, "key_rotated"),
        ({"retired_at": T}, NOW, NOW, False, "key_retired"),
        ({"compromised_since": T}, T - 1, None, False, "key_compromised"),
        ({"compromised_since": T}, None, None, False, "key_compromised"),
        ({"compromised_since": T}, 0, T, False, "key_compromised"),
        ({"compromised_since": T}, NOW, T - 1, True, "key_predates_compromise"),
        ({"compromised_since": T}, T - 9, T - 1, True, "key_predates_compromise"),
        ({"compromised_since": NOW + 9}, T, None, False, "key_compromised"),
        ({"compromised_since": T, "retired_at": T - 100}, T - 200, None, False, "key_compromised"),
        ({"compromised_since": T, "retired_at": T - 100}, T - 200, T - 1, True, "key_predates_compromise"),
    ],
)
def test_judge(entry: dict[str, int], claimed: int | None, proven: int | None, sound: bool, reason: str) -> None:
    life = KeyEntry(key_id="k", **entry)
    fact = judge_key_time(life, claimed=claimed, proven_before=proven, now=NOW)
    assert (fact.sound, fact.reason) == (sound, reason)
    if sound:
        verify_key_time(life, claimed=claimed, proven_before=proven, now=NOW)
    else:
        with pytest.raises(Rejected) as error:
            verify_key_time(life, claimed=claimed, proven_before=proven, now=NOW)
        assert error.value.reason == reason
        assert reason in REASONS


def test_what_is_signed_just_now_needs_a_key_in_use() -> None:
    verify_key_active(UNRECORDED, now=NOW)
    verify_key_active(KeyEntry(key_id="k", retired_at=NOW + 1), now=NOW)
    for entry, reason in (
        (KeyEntry(key_id="k", retired_at=NOW), "key_retired"),
        (KeyEntry(key_id="k", compromised_since=NOW + 5), "key_compromised"),
    ):
        with pytest.raises(Rejected) as error:
            verify_key_active(entry, now=NOW)
        assert error.value.reason == reason


times = st.none() | st.integers(0, 2 * NOW)


@given(st.integers(0, 2 * NOW), times, times, times)
def test_nothing_a_thief_writes_makes_up_for_a_proof(
    since: int, retired: int | None, claimed: int | None, proven: int | None
) -> None:
    entry = KeyEntry(key_id="k", compromised_since=since, retired_at=retired)
    fact = judge_key_time(entry, claimed=claimed, proven_before=proven, now=NOW)
    assert fact.sound == (proven is not None and proven < since)
    assert fact == judge_key_time(entry, claimed=None, proven_before=proven, now=NOW)
