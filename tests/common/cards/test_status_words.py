"""Status words: their names, and which errors they are."""

from __future__ import annotations

import pytest

from common.cards.status_words import attempts_left, name, raise_for
from common.errors import CardError, PinBlocked, PinWrong


@pytest.mark.parametrize(
    ("sw", "word"),
    [
        (0x9000, "done"),
        (0x6112, "more_data"),
        (0x6C12, "wrong_le"),
        (0x63C2, "wrong_value"),
        (0x6A82, "not_found"),
        (0x6999, "status_6999"),
    ],
)
def test_names(sw: int, word: str) -> None:
    assert name(sw) == word


@pytest.mark.parametrize(
    ("sw", "left"), [(0x63C5, 5), (0x63C0, 0), (0x6983, 0), (0x6984, 0), (0x9000, None), (0x6300, None)]
)
def test_attempts_left(sw: int, left: int | None) -> None:
    assert attempts_left(sw) == left


def test_done_is_no_error() -> None:
    raise_for(0x9000, pin=True)


@pytest.mark.parametrize("sw", [0x63C0, 0x6983, 0x6984])
def test_blocked(sw: int) -> None:
    with pytest.raises(PinBlocked) as caught:
        raise_for(sw, pin=True)
    assert caught.value.sw == sw


@pytest.mark.parametrize(("sw", "left"), [(0x63C2, 2), (0x6300, None)])
def test_wrong(sw: int, left: int | None) -> None:
    with pytest.raises(PinWrong) as caught:
        raise_for(sw, pin=True)
    assert (caught.value.attempts_left, caught.value.sw) == (left, sw)


@pytest.mark.parametrize("sw", [0x63C2, 0x6983, 0x6982, 0x6D00, 0x1234])
def test_refused(sw: int) -> None:
    with pytest.raises(CardError) as caught:
        raise_for(sw, "read a file")
    assert type(caught.value) is CardError
    assert (caught.value.code, caught.value.sw) == ("card_refused", sw)
    assert f"{sw:04X}" in caught.value.detail
    assert "read a file" in caught.value.detail
