"""Unlocking: who gets in, who waits, and what the database alone gives away."""

from __future__ import annotations

import threading

import pytest

from common.errors import Conflict, Malformed, Refused, TooMany
from common.ids import Tenant
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import CHEAP, HANAKO, PASSPHRASE
from wallet_agent.holder.create_holder import create_holder, parse_tenant
from wallet_agent.holder.unlock import (
    change_passphrase,
    lock,
    lock_everywhere,
    open_with_key_file,
    open_with_passphrase,
    resume,
    set_key_file,
    start_session,
)
from wallet_agent.store.base import database
from wallet_agent.store.holders import find_holder
from wallet_agent.vault.open_vault import OpenVault


def test_the_passphrase_opens_the_vault(vault: OpenVault, clock: FixedClock) -> None:
    assert open_with_passphrase(HANAKO, PASSPHRASE, clock=clock, cost=CHEAP).key == vault.key


@pytest.mark.parametrize("name", ["", "Hanako", "a b", "-a", "api", "static", "a" * 64, "はなこ", "a/b"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(Malformed):
        parse_tenant(name)


def test_a_name_is_taken_once(vault: OpenVault, clock: FixedClock) -> None:
    with pytest.raises(Conflict, match="name_taken"):
        create_holder("hanako", "another passphrase", cost=CHEAP, clock=clock)


def test_unknown_wallet_and_wrong_passphrase_sound_the_same(vault: OpenVault, clock: FixedClock) -> None:
    said = []
    for tenant in (HANAKO, Tenant("nobody")):
        with pytest.raises(Refused) as error:
            open_with_passphrase(tenant, "wrong passphrase", clock=clock, cost=CHEAP)
        said.append((error.value.code, error.value.detail))
    assert said[0] == said[1]


def test_wrong_passphrases_make_everybody_wait_and_the_right_one_ends_it(vault: OpenVault, clock: FixedClock) -> None:
    for _ in range(4):
        with pytest.raises(Refused, match="wrong_passphrase"):
            open_with_passphrase(HANAKO, "wrong passphrase", clock=clock, cost=CHEAP)
    with pytest.raises(TooMany) as wait:
        open_with_passphrase(HANAKO, PASSPHRASE, clock=clock, cost=CHEAP)
    assert wait.value.retry_after == 2
    clock.advance(2)
    open_with_passphrase(HANAKO, PASSPHRASE, clock=clock, cost=CHEAP)
    holder = find_holder(HANAKO)
    assert holder is not None
    assert (holder.failures, holder.next_try_at) == (0, 0)


def test_many_guesses_at_once_are_all_counted(vault: OpenVault, clock: FixedClock) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        try:
            open_with_passphrase(HANAKO, "wrong passphrase", clock=clock, cost=CHEAP)
        except (Refused, TooMany) as error:
            outcomes.append(error.code)
        finally:
            database.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("wrong_passphrase") <= 4
    assert len(outcomes) == 12


def test_a_session_lasts_until_locked_or_over(vault: OpenVault, clock: FixedClock) -> None:
    token, other = (start_session(vault, clock=clock, seconds=100) for _ in range(2))
    assert resume(HANAKO, token, clock=clock).key == vault.key
    lock(HANAKO, token, clock=clock)
    lock(HANAKO, token, clock=clock)
    for tenant, text in ((HANAKO, token), (Tenant("taro"), other), (HANAKO, "x"), (HANAKO, "")):
        with pytest.raises(Refused, match="locked"):
            resume(tenant, text, clock=clock)
    clock.advance(100)
    with pytest.raises(Refused, match="locked"):
        resume(HANAKO, other, clock=clock)


def test_lock_everywhere(vault: OpenVault, clock: FixedClock) -> None:
    tokens = [start_session(vault, clock=clock, seconds=100) for _ in range(3)]
    assert lock_everywhere(HANAKO, clock=clock) == 3
    for token in tokens:
        with pytest.raises(Refused):
            resume(HANAKO, token, clock=clock)


def test_changing_the_passphrase_keeps_the_key_and_ends_sessions(vault: OpenVault, clock: FixedClock) -> None:
    token = start_session(vault, clock=clock, seconds=100)
    with pytest.raises(Refused):
        change_passphrase(HANAKO, "wrong passphrase", "a new passphrase", clock=clock, cost=CHEAP)
    assert change_passphrase(HANAKO, PASSPHRASE, "a new passphrase", clock=clock, cost=CHEAP).key == vault.key
    with pytest.raises(Refused):
        resume(HANAKO, token, clock=clock)
    with pytest.raises(Refused):
        open_with_passphrase(HANAKO, PASSPHRASE, clock=clock, cost=CHEAP)
    assert open_with_passphrase(HANAKO, "a new passphrase", clock=clock, cost=CHEAP).key == vault.key


def test_a_key_file_opens_until_it_is_taken_back(vault: OpenVault, clock: FixedClock) -> None:
    with pytest.raises(Refused):
        open_with_key_file(HANAKO, b"k" * 32)
    set_key_file(vault, b"k" * 32, clock=clock)
    assert open_with_key_file(HANAKO, b"k" * 32).key == vault.key
    with pytest.raises(Refused):
        open_with_key_file(HANAKO, b"l" * 32)
    set_key_file(vault, None, clock=clock)
    with pytest.raises(Refused):
        open_with_key_file(HANAKO, b"k" * 32)
