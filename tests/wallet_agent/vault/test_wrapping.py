"""Wrapping: the right passphrase or key file opens; anything else, and any changed byte, does not."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed, Refused, Rejected
from common.ids import Tenant
from wallet_agent.vault.open_vault import OpenVault, new_vault
from wallet_agent.vault.session_key import open_session, resume_session, session_id
from wallet_agent.vault.throttle import LONGEST_WAIT, wait_after
from wallet_agent.vault.wrapping import (
    Cost,
    PassphraseWrapping,
    check_new_passphrase,
    unwrap_with_key_file,
    unwrap_with_passphrase,
    wrap_with_key_file,
    wrap_with_passphrase,
)

CHEAP = Cost(ops=1, memory=8 << 10)
HANAKO = Tenant("hanako")


def test_a_row_opens_in_its_own_place_and_nowhere_else() -> None:
    vault = new_vault(HANAKO)
    sealed = vault.seal("card", "one", {"名": "花子"})
    assert vault.open("card", "one", sealed) == {"名": "花子"}
    for other, table, row in (
        (vault, "card", "two"),
        (vault, "card_copy", "one"),
        (OpenVault(Tenant("taro"), vault.key), "card", "one"),
        (new_vault(HANAKO), "card", "one"),
    ):
        with pytest.raises(Rejected):
            other.open(table, row, sealed)


@given(position=st.integers(min_value=0, max_value=10_000), bit=st.integers(min_value=0, max_value=7))
def test_any_flipped_bit_of_a_row_is_rejected(position: int, bit: int) -> None:
    vault = new_vault(HANAKO)
    sealed = bytearray(vault.seal("card", "one", {"claim": "x" * 40}))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(Rejected):
        vault.open("card", "one", bytes(sealed))


def test_an_open_vault_shows_nothing_and_is_not_pickled() -> None:
    import pickle

    vault = new_vault(HANAKO)
    assert repr(vault) == "OpenVault(…)"
    with pytest.raises(TypeError):
        pickle.dumps(vault)


def test_a_passphrase_typed_full_width_opens_the_same_vault() -> None:
    key = secrets.token_bytes(32)
    wrapping = wrap_with_passphrase(key, "ｔｅｇａｔａ　１２３", label="v", cost=CHEAP)
    assert unwrap_with_passphrase(wrapping, "tegata 123", label="v") == key


def test_a_wrong_passphrase_or_label_is_refused() -> None:
    wrapping = wrap_with_passphrase(secrets.token_bytes(32), "right passphrase", label="v", cost=CHEAP)
    for passphrase, label in (("wrong passphrase", "v"), ("right passphrase", "w"), ("", "v"), ("x" * 5000, "v")):
        with pytest.raises(Refused, match="wrong_passphrase"):
            unwrap_with_passphrase(wrapping, passphrase, label=label)


@settings(max_examples=40)
@given(position=st.integers(min_value=0, max_value=500))
def test_any_flipped_byte_of_a_wrapping_is_refused(position: int) -> None:
    wrapping = wrap_with_passphrase(b"k" * 32, "right passphrase", label="v", cost=CHEAP)
    sealed = bytearray(wrapping.sealed_key)
    sealed[position % len(sealed)] ^= 0x20
    changed = PassphraseWrapping(salt=wrapping.salt, cost=CHEAP, sealed_key=bytes(sealed))
    with pytest.raises(Refused):
        unwrap_with_passphrase(changed, "right passphrase", label="v")


def test_a_wrapping_survives_json_and_refuses_a_monstrous_cost() -> None:
    wrapping = wrap_with_passphrase(b"k" * 32, "right passphrase", label="v", cost=CHEAP)
    assert PassphraseWrapping.from_json(wrapping.as_json()) == wrapping
    for change in (
        {"memory": 1 << 40},
        {"ops": 10_000},
        {"ops": True},
        {"salt": "AA"},
        {"kdf": "md5"},
        {"sealed_key": None},
    ):
        with pytest.raises(Malformed):
            PassphraseWrapping.from_json({**wrapping.as_json(), **change})
    with pytest.raises(Malformed):
        PassphraseWrapping.from_json(None)


@pytest.mark.parametrize("passphrase", ["short", "hanako-hanako"[:6], "aaaaaaaaaaaa", "x" * 2000])
def test_weak_passphrases_are_refused(passphrase: str) -> None:
    with pytest.raises(Malformed):
        check_new_passphrase(passphrase, tenant="hanako")


def test_a_key_file_opens_the_vault_and_another_does_not() -> None:
    file_key = secrets.token_bytes(32)
    sealed = wrap_with_key_file(b"k" * 32, file_key, label="v")
    assert unwrap_with_key_file(sealed, file_key, label="v") == b"k" * 32
    with pytest.raises(Refused):
        unwrap_with_key_file(sealed, secrets.token_bytes(32), label="v")


def test_a_session_opens_only_with_its_own_token() -> None:
    vault = new_vault(HANAKO)
    session = open_session(vault)
    assert session_id(session.token) == session.session_id
    assert session.token not in repr(session)
    assert resume_session(HANAKO, session.token, session.sealed_key).key == vault.key
    other = open_session(vault)
    for tenant, token, sealed in (
        (HANAKO, other.token, session.sealed_key),
        (Tenant("taro"), session.token, session.sealed_key),
        (HANAKO, session.session_id, session.sealed_key),
        (HANAKO, session.token, session.sealed_key[:-1]),
        (HANAKO, session.token, b""),
    ):
        with pytest.raises(Refused, match="locked"):
            resume_session(tenant, token, sealed)


def test_waiting_grows_and_is_bounded() -> None:
    waits = [wait_after(n) for n in range(40)]
    assert waits[:6] == [0, 0, 0, 0, 2, 4]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
