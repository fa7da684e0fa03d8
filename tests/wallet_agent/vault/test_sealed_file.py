"""The backup file: opens with its passphrase, refuses every change, never obeys a hostile header."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import compact_json
from common.errors import Malformed, Refused, TegataError, Unsupported
from common.ids import Tenant
from wallet_agent.vault.open_vault import new_vault
from wallet_agent.vault.sealed_file import build_backup, build_backup_under_vault, open_backup
from wallet_agent.vault.wrapping import Cost, wrap_with_passphrase

CHEAP = Cost(ops=1, memory=8 << 10)
CONTENT = {"cards": [{"id": "one", "claims": {"family_name": "髙橋"}}]}
FILE = build_backup(CONTENT, passphrase="backup passphrase", cost=CHEAP, now=1_790_000_000)


def test_round_trip_under_a_passphrase_of_its_own() -> None:
    backup = open_backup(FILE, "backup passphrase")
    assert backup.content == CONTENT
    assert backup.made_at == 1_790_000_000
    assert "髙橋" not in repr(backup)
    assert "髙橋".encode() not in FILE


def test_round_trip_under_the_vaults_passphrase() -> None:
    vault = new_vault(Tenant("hanako"))
    wrapping = wrap_with_passphrase(vault.key, "vault passphrase", label="id", cost=CHEAP)
    file = build_backup_under_vault(CONTENT, vault=vault, wrapping=wrapping, vault_id="id", now=1)
    assert open_backup(file, "vault passphrase").content == CONTENT
    with pytest.raises(Refused):
        open_backup(file, "backup passphrase")


@settings(max_examples=150, deadline=None)
@given(position=st.integers(min_value=0, max_value=len(FILE) - 1), bit=st.integers(min_value=0, max_value=7))
def test_any_flipped_bit_is_refused(position: int, bit: int) -> None:
    changed = bytearray(FILE)
    changed[position] ^= 1 << bit
    with pytest.raises(TegataError):
        open_backup(bytes(changed), "backup passphrase")


@given(length=st.integers(min_value=0, max_value=len(FILE) - 1))
def test_a_file_cut_short_is_refused(length: int) -> None:
    with pytest.raises(TegataError):
        open_backup(FILE[:length], "backup passphrase")


@given(st.binary(max_size=300))
def test_noise_is_malformed(noise: bytes) -> None:
    with pytest.raises(Malformed):
        open_backup(noise, "backup passphrase")


def test_a_later_version_and_a_monstrous_cost_are_refused() -> None:
    with pytest.raises(Unsupported):
        open_backup(b"TEGATA-BACKUP\n" + compact_json({"version": 2}) + b"\nx", "p")
    wrapping = {"kdf": "argon2id", "ops": 1, "memory": 1 << 50, "salt": "A" * 22, "sealed_key": "AA"}
    header = compact_json({"version": 1, "made_at": 1, "label": "backup", "wrapping": wrapping})
    with pytest.raises(Malformed):
        open_backup(b"TEGATA-BACKUP\n" + header + b"\nx", "p")
