"""What somebody on the venue's network, or who hands in a file, may try at a hub: to stop it, to frame a gate, to hide an entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from common.cbor import encode_bytes, encode_text, head
from common.errors import Malformed
from common.gate import signed
from common.gate.exchange import MAX_BODY
from tests.verifier.gate.scene import EVENT, Guest
from tests.verifier.gate.venue import Venue
from verifier.gate.hub import exchange
from verifier.gate.reasons import GateReason


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    made = Venue(tmp_path)
    made.sync()
    yield made
    made.database.close_all()


def body(gate: bytes, entries: tuple[int, bytes], heads: tuple[int, bytes]) -> bytes:
    """An exchange with so many times the same bytes. Made by hand, since nobody honest would."""
    parts = [head(0x80, count) + one * count for count, one in (entries, heads)]
    return b"\xa2\x01" + encode_text(EVENT) + b"\x02\x81\x83\x48" + gate + b"".join(parts)


def test_a_body_of_eight_million_empty_strings_is_refused_at_its_first(venue: Venue) -> None:
    """It was read for a minute, with the database held, and every gate of the venue was alone meanwhile."""
    gate, most = venue.gates["a"].gate, MAX_BODY - 100
    for data in (body(gate, (most, b"\x40"), (0, b"")), body(gate, (0, b""), (most, b"\x40"))):
        with pytest.raises(Malformed, match="bad_exchange"):
            exchange("hub", EVENT, data, now=venue.now)


def test_false_heads_are_looked_at_a_few_times_and_never_with_the_database_held(venue: Venue) -> None:
    """A body of forty thousand heads took twenty seconds of a transaction in which no ticket could be admitted."""
    own = venue.desks["a"].journal.head(time=venue.now)
    assert own is not None
    junk = b"".join(encode_bytes(own[:-2] + number.to_bytes(2, "big")) for number in range(5000))
    data = body(venue.gates["a"].gate, (0, b""), (1, b"")).removesuffix(head(0x80, 1)) + head(0x80, 5000) + junk
    verify, held = signed.check_point_signature, []

    def watched(*given: Any) -> None:
        held.append(venue.database.in_transaction())
        verify(*given)

    with patch.object(signed, "check_point_signature", watched):
        exchange("hub", EVENT, data, now=venue.now)
    assert 0 < len(held) <= 17, "and once more to see who asks"
    assert not any(held)
    assert venue.desks["b"].scan(Guest(1).shows(), venue.now).decision.reason is GateReason.ADMITTED
