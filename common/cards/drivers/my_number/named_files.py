"""Files of a My Number card by their short identifiers, which saves the SELECT of each. cards.md §2.

[C] Published programs that are used with real cards do so (aokiapp/jsapdu); others select every file, as the older ones do. So a card that
will not have it is asked in the older way, file by file. PINs are selected in any case: nothing is guessed about what counts tries.
"""

from __future__ import annotations

from typing import Final

from common.cards.channel import CardChannel
from common.cards.files import Sfi, read_file
from common.errors import CardError

_UNNAMED: Final = frozenset({0x6981, 0x6985, 0x6986, 0x6A80, 0x6A81, 0x6A82, 0x6A86, 0x6B00, 0x6D00})
"""What a card may say that does not find the file under its short identifier."""


def read_named_file(
    channel: CardChannel,
    fid: int,
    *,
    max_bytes: int,
    size: int | None = None,
    tlv: bool = False,
    tag_bytes: int | None = None,
    what: str,
) -> bytes:
    """As `read_file`, of the current application; its short identifier is the last five bits of ``fid``."""
    try:
        return read_file(
            channel, Sfi(fid & 0x1F), max_bytes=max_bytes, size=size, tlv=tlv, tag_bytes=tag_bytes, what=what
        )
    except CardError as error:
        if error.code != "card_refused" or error.sw not in _UNNAMED:
            raise
    return read_file(channel, fid, max_bytes=max_bytes, size=size, tlv=tlv, tag_bytes=tag_bytes, what=what)
