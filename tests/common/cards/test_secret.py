"""A secret shows itself nowhere."""

from __future__ import annotations

import copy
import pickle

import pytest

from common.cards.secret import Secret


def test_it_is_not_seen() -> None:
    secret = Secret("4711")
    assert "4711" not in f"{secret!r} {secret} {[secret]}"
    assert secret.reveal() == b"4711"
    assert len(secret) == 4


@pytest.mark.parametrize(
    "act",
    [lambda s: s == s, lambda s: s != "4711", hash, pickle.dumps, copy.copy, copy.deepcopy],
    ids=["eq", "ne", "hash", "pickle", "copy", "deepcopy"],
)
def test_it_is_not_compared_or_copied(act: object) -> None:
    with pytest.raises(TypeError):
        act(Secret("4711"))  # type: ignore[operator]


def test_forgotten() -> None:
    secret = Secret(b"4711")
    value = secret._value
    secret.forget()
    secret.forget()
    assert value == bytearray(4)
    assert secret.is_forgotten
    with pytest.raises(ValueError, match="forgotten") as caught:
        secret.reveal()
    assert "4711" not in str(caught.value)
