"""Strangers at a hosted wallet's door: floods of passphrases, hostile backup files, what the operator can do with the database."""

from __future__ import annotations

import threading
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from common.encoding import b64url_encode, compact_json
from common.errors import Malformed, Refused, Rejected, Unavailable
from common.ids import Tenant
from common.keys import passphrase
from common.keys.sealed import seal
from wallet_agent.vault.open_vault import OpenVault, new_vault, place
from wallet_agent.vault.sealed_file import MAGIC, MAX_BODY, open_backup
from wallet_agent.vault.session_key import open_session, resume_session
from wallet_agent.vault.wrapping import Cost, PassphraseWrapping, unwrap_with_passphrase, wrap_with_passphrase

CHEAP = Cost(ops=1, memory=8 << 10)
WORDS = "a river of cherries"


def test_a_flood_of_passphrases_shares_one_budget_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    held, most, guard = [0], [0], threading.Lock()

    def kdf(size: int, *_: Any, memlimit: int, **__: Any) -> bytes:
        with guard:
            held[0] += memlimit
            most[0] = max(most[0], held[0])
        time.sleep(0.02)
        with guard:
            held[0] -= memlimit
        return bytes(size)

    monkeypatch.setattr("nacl.pwhash.argon2id.kdf", kdf)
    salt = passphrase.new_salt()
    crowd = [threading.Thread(target=passphrase.derive_key, args=(WORDS, salt, 3, 200 << 20)) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert 0 < most[0] <= passphrase.MEMORY_AT_ONCE
    monkeypatch.setattr(passphrase, "PATIENCE", 0.0)
    monkeypatch.setattr(passphrase, "_taken", passphrase.MEMORY_AT_ONCE)
    with pytest.raises(Unavailable, match="busy"):
        passphrase.derive_key(WORDS, salt)


@pytest.mark.parametrize("cost", [{"memory": 1 << 30}, {"ops": 1 << 20}, {"memory": True}, {"memory": -1}])
def test_a_backup_cannot_ask_for_all_the_memory_there_is(cost: dict[str, Any]) -> None:
    wrapping = wrap_with_passphrase(bytes(32), WORDS, label="backup", cost=CHEAP).as_json() | cost
    header = compact_json({"version": 1, "made_at": 1, "label": "backup", "wrapping": wrapping})
    with pytest.raises(Malformed):
        open_backup(b"\n".join((MAGIC, header, b"x" * 64)), WORDS)


def _file(body: bytes) -> bytes:
    key = b"k" * 32
    wrapping = wrap_with_passphrase(key, WORDS, label="backup", cost=CHEAP)
    header = compact_json({"version": 1, "made_at": 1, "label": "backup", "wrapping": wrapping.as_json()})
    return b"\n".join((MAGIC, header, seal(key, zlib.compress(body, 9), place("backup", header.decode()))))


@pytest.mark.parametrize(
    "body",
    [
        b'{"x":"' + b"a" * (MAX_BODY + 1) + b'"}',
        b'{"x":[' + b"[]," * 10_000_000 + b"[]]}",
        b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_a_backup_that_is_a_bomb_is_small_to_us(body: bytes) -> None:
    """Its maker knows the passphrase, so it is authentic: the bounds must hold all the same."""
    file = _file(body)
    del body
    tracemalloc.start()
    try:
        with pytest.raises(Malformed):
            open_backup(file, WORDS)
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BODY
    finally:
        tracemalloc.stop()


# -- the operator, who has the database and the program but no passphrase ------------------------------------------------


def test_a_wrapping_of_the_operators_own_opens_nothing() -> None:
    """He knows the passphrase of his own vault; its wrapping in the holder's row is bound to the vault it belongs to."""
    own = wrap_with_passphrase(new_vault(Tenant("operator")).key, "known to him", label="vault-operator", cost=CHEAP)
    with pytest.raises(Refused):
        unwrap_with_passphrase(own, "known to him", label="vault-hanako")


def test_a_row_moved_to_another_place_does_not_open() -> None:
    vault = OpenVault(Tenant("hanako"), b"h" * 32)
    sealed = vault.seal("card", "one", {"value": 1})
    for table, row in (("card", "two"), ("card_copy", "one"), ("car", "done")):
        with pytest.raises(Rejected):
            vault.open(table, row, sealed)
    with pytest.raises(Rejected):
        OpenVault(Tenant("taro"), b"h" * 32).open("card", "one", sealed)


def test_a_session_row_opens_with_its_own_token_for_its_own_holder_only() -> None:
    vault = OpenVault(Tenant("hanako"), b"h" * 32)
    session = open_session(vault)
    for tenant, token in (
        ("taro", session.token),
        ("hanako", session.session_id),
        ("hanako", ""),
        ("hanako", "\ud800"),
    ):
        with pytest.raises(Refused):
            resume_session(Tenant(tenant), token, session.sealed_key)


def test_nothing_of_a_vault_shows_in_a_repr() -> None:
    vault = new_vault(Tenant("hanako"))
    session = open_session(vault)
    told = repr((vault, session, PassphraseWrapping(salt=bytes(16), cost=CHEAP, sealed_key=b"")))
    for secret in (vault.key.hex(), repr(vault.key), b64url_encode(vault.key), session.token):
        assert secret not in told
