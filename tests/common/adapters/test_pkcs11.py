"""Keys in a real token (SoftHSM2): made there, never taken out, used by many threads, found again after the token was away."""

from __future__ import annotations

import ctypes
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import AttributeSensitive

from common.adapters import pkcs11 as adapter
from common.adapters.pkcs11 import Pkcs11Key, Pkcs11Token, open_token
from common.adapters.pkcs11_module import load_module
from common.errors import Misconfigured, Unavailable, Unsupported
from common.jose.jwk import parse_public_jwk
from common.jose.jws import parse_jws, sign_jws, verify_jws
from tests.softhsm import MODULE, PIN, SoftHsm

ALGS = ("ES256", "ES384", "ES512", "EdDSA")


@pytest.fixture
def token(softhsm: SoftHsm) -> Pkcs11Token:
    return open_token(MODULE, "tegata", PIN)


def make(token: Pkcs11Token, alg: str = "ES256") -> tuple[bytes, Pkcs11Key]:
    object_id = secrets.token_bytes(16)
    return object_id, token.generate(alg, object_id=object_id, label="test key")


@pytest.mark.parametrize("alg", ALGS)
def test_a_key_signs_what_everybody_can_verify(token: Pkcs11Token, alg: str) -> None:
    assert alg in token.algs
    object_id, key = make(token, alg)
    public = parse_public_jwk(key.public_jwk())
    assert (key.alg, public.alg, public.kid, key.kid) == (alg, alg, public.thumbprint, public.thumbprint)
    for _ in range(20):  # r and s with leading zeros among them
        verify_jws(parse_jws(sign_jws({"kid": key.kid}, b"payload", key)), public)
    again = open_token(MODULE, "tegata", PIN).key(alg, object_id=object_id, public_jwk=key.public_jwk())
    public.verify(again.sign(b"data"), b"data")


def test_a_key_made_twice_is_one_key(token: Pkcs11Token) -> None:
    """We die after making it and before writing it down: the next one takes what is there."""
    object_id, key = make(token)
    assert token.generate("ES256", object_id=object_id, label="again").public_jwk() == key.public_jwk()
    token.destroy(object_id)
    assert token.generate("ES256", object_id=object_id, label="new").public_jwk() != key.public_jwk()


def test_the_private_half_cannot_be_taken_out(token: Pkcs11Token) -> None:
    object_id, key = make(token)
    session = token._token.open()
    (private,) = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: object_id}))
    assert private[Attribute.SENSITIVE]
    assert not private[Attribute.EXTRACTABLE]
    with pytest.raises(AttributeSensitive):
        private[Attribute.VALUE]
    assert PIN not in repr(token) + repr(key)


def test_many_threads_share_few_sessions(softhsm: SoftHsm) -> None:
    token = open_token(MODULE, "tegata", PIN, sessions=3)
    _, key = make(token)
    public = parse_public_jwk(key.public_jwk())

    def work(number: int) -> None:
        for turn in range(25):
            data = f"{number}/{turn}".encode()
            public.verify(key.sign(data), data)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(12)))
    assert len(token._idle) <= 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_after_removal_the_login_is_made_anew(token: Pkcs11Token) -> None:
    """A removed token closes all sessions and forgets the login (v2.40 §2.6.8); so does C_CloseAllSessions, between two calls."""
    _, key = make(token)
    public = parse_public_jwk(key.public_jwk())
    slot, module = ctypes.c_ulong(token._token.slot.slot_id), token._module

    def work(number: int) -> None:
        for _ in range(60):
            data = secrets.token_bytes(8)
            public.verify(key.sign(data), data)

    before = token._generation
    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        for _ in range(5):
            with module._idle:
                assert module._idle.wait_for(lambda: module._in_work == 0, timeout=10)
                assert ctypes.CDLL(str(MODULE)).C_CloseAllSessions(slot) == 0
            public.verify(key.sign(b"after"), b"after")
        for one in working:
            one.result()
    assert token._generation > before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_token_that_is_away_and_comes_back(
    softhsm: SoftHsm, token: Pkcs11Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    object_id, key = make(token)
    away = softhsm.home / "away"
    softhsm.tokens.rename(away)
    try:
        softhsm.tokens.mkdir()
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                key.sign(b"data")
            assert caught.value.code == "token_unavailable"
    finally:
        softhsm.tokens.rmdir()
        away.rename(softhsm.tokens)
    with pytest.raises(Unavailable):  # not searched again at once: a dead token is not asked by every request
        key.sign(b"data")
    monkeypatch.setattr(adapter, "monotonic", lambda: 1e12)
    parse_public_jwk(key.public_jwk()).verify(key.sign(b"data"), b"data")
    token.destroy(object_id)


def test_a_lost_or_foreign_key_is_noticed(token: Pkcs11Token) -> None:
    (one_id, one), (two_id, two) = make(token), make(token)
    with pytest.raises(Unavailable, match="wrong_key_in_token"):
        token.key("ES256", object_id=one_id, public_jwk=two.public_jwk()).sign(b"x")
    token.destroy(two_id)
    fresh = open_token(MODULE, "tegata", PIN)
    with pytest.raises(Unavailable, match="key_not_in_token"):
        fresh.key("ES256", object_id=two_id, public_jwk=two.public_jwk()).sign(b"x")
    fresh.key("ES256", object_id=one_id, public_jwk=one.public_jwk()).sign(b"x")


def test_what_no_token_knows(token: Pkcs11Token) -> None:
    with pytest.raises(Unsupported):
        token.generate("BBS", object_id=b"x", label="x")
    with pytest.raises(Unsupported):
        token.generate("RS256", object_id=b"x", label="x")


@pytest.mark.parametrize(
    ("module", "label", "code"),
    [
        (Path("/no/such/module.so"), "tegata", "pkcs11_module"),
        (Path("/dev/null"), "tegata", "pkcs11_module"),
        (MODULE, "nobody", "pkcs11_token"),
        (MODULE, "twin", "pkcs11_token"),
    ],
)
def test_what_is_wrong_is_said_at_the_start(softhsm: SoftHsm, module: Path, label: str, code: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        open_token(module, label, PIN)
    assert caught.value.code == code
    assert PIN not in str(caught.value)


def test_a_wrong_pin_is_said_at_the_start(softhsm: SoftHsm) -> None:
    softhsm.make_token("stranger")
    load_module(MODULE).restart()  # a module sees the tokens of its start
    with pytest.raises(Misconfigured) as caught:
        open_token(MODULE, "stranger", "0000-wrong")
    assert caught.value.code == "pkcs11_pin"
    assert "0000-wrong" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_refused_pin_is_never_tried_again(softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody changed the PIN while we run: one wrong login, and not one for each request, or the token locks itself."""
    softhsm.make_token("guarded")
    module = load_module(MODULE)
    module.restart()
    token = open_token(MODULE, "guarded", PIN)
    _, key = make(token)
    with token._writing() as session:
        session.set_pin(PIN, "another-pin")
    ctypes.CDLL(str(MODULE)).C_CloseAllSessions(ctypes.c_ulong(token._token.slot.slot_id))
    searched, find = [], module.find_token

    def find_token(label: str) -> Any:
        searched.append(label)
        return find(label)

    monkeypatch.setattr(module, "find_token", find_token)
    for _ in range(3):
        with pytest.raises(Unavailable, match="token_unavailable"):
            key.sign(b"data")
    assert searched == ["guarded"]
