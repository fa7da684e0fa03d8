"""Every virtual card that can be asked for can be made, for each holder, with each of its faults; and an issuer can learn to believe it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key

from examples.cards.registry import CARDS
from tests.amount import examples
from tests.cards.sandbox import sandbox


@pytest.mark.parametrize("name", CARDS)
def test_each_holder_has_one(name: str) -> None:
    card = CARDS[name]
    for holder in card.holders[: examples(2, 99)]:
        dealt = card.build(holder, sandbox(), None)
        assert dealt.card.atr
        assert dealt.known
        assert all(known.value for known in dealt.known)
        shown = re.sub("0x[0-9a-f]+", "", repr(dealt))  # without addresses, whose digits may be a PIN's
        assert all(known.value not in shown for known in dealt.known)


@pytest.mark.parametrize("name", CARDS)
def test_each_fault_can_be_had(name: str) -> None:
    card = CARDS[name]
    assert card.faults
    for fault in card.faults:
        assert card.build(card.holders[0], sandbox(), fault.name).card.atr
    with pytest.raises(ValueError, match="such_a_thing"):
        card.build(card.holders[0], sandbox(), "no_such_a_thing")


def test_what_an_issuer_has_to_know(tmp_path: Path) -> None:
    for name in CARDS:
        CARDS[name].build(CARDS[name].holders[0], sandbox(), None)
    written = sandbox().write(tmp_path)
    schemes = {path.parent.name for path in written}
    assert schemes == {
        "jpki_signature", "jpki_authentication", "my_number_cvc", "driving_licence", "residence_card", "residence_card_delivery", "csca",
    }  # fmt: skip
    for path in written:
        content = path.read_bytes()
        if path.suffix == ".crl":
            x509.load_der_x509_crl(content)
        elif path.parent.name in {"my_number_cvc", "residence_card_delivery"}:
            load_der_public_key(content)
        else:
            x509.load_der_x509_certificate(content)
    assert {path.parent.parent for path in written} == {tmp_path / "test"}
