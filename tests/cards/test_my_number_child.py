"""My Number cards without a signature certificate, as children have them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.errors import Refused
from examples.cards.chip import Chip
from examples.cards.files import Transparent
from examples.cards.people import PEOPLE
from tests.cards.my_number_reader import Holder, judge, read
from tests.cards.my_number_world import card
from tests.fakes.card import InProcessCard


def test_a_childs_card_has_no_signature_certificate() -> None:
    """Said before anybody is asked for a password that there is not, with the part that tells who it is."""
    chip, holder = card("child", pretends=True, with_signature=False), Holder("child")
    with pytest.raises(Refused, match="part text") as refused:
        read(InProcessCard(chip), holder, ["jpki_signature", "text"])
    assert (refused.value.code, holder.asked) == ("no_signature_certificate", [])
    for parts in (["text"], ["jpki_authentication"]):
        assert read(InProcessCard(chip), Holder("child"), parts).files


@pytest.mark.parametrize("told", [b"\x00\x8f\x00", b"\x8f\x00\x00", b"\x00\x00\x00", b"\x8f", None], ids=repr)
def test_a_signature_certificate_that_is_there_is_read_whatever_file_0008_says(told: bytes | None) -> None:
    chip = card(pretends=True)
    assert isinstance(chip, Chip)
    (jpki,) = [one for one in chip.applications if 0x0008 in one.files]
    file = jpki.files.pop(0x0008)
    assert isinstance(file, Transparent)
    if told is not None:
        jpki.files[0x0008] = replace(file, content=told)
    assert judge(read(InProcessCard(chip), Holder(), ["jpki_signature"])).claims["name"] == PEOPLE["hanako"].name
