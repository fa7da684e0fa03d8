"""Characters that change what a reader sees of the text around them, and are no text themselves. Pure.

C0 and C1 controls (a terminal obeys them: ESC, CSI, BEL, carriage return), line and paragraph separators, and what turns the direction of
what follows (Unicode UAX #9 §2: embeddings, overrides, isolates).
"""

from __future__ import annotations

import re
from typing import Final

CONTROLS: Final = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
"""For the inside of a character class."""
_ONE: Final = re.compile(f"[{CONTROLS}]")
_ONE_BUT_LINES: Final = re.compile(rf"(?!\n)[{CONTROLS}]")
_MARK: Final = "\N{REPLACEMENT CHARACTER}"


def make_visible(text: str) -> str:
    """The text as one line: each such character is a replacement character."""
    return _ONE.sub(_MARK, text)


def make_lines_visible(text: str) -> str:
    """The same for a text of our own that has several lines: its line feeds stay."""
    return _ONE_BUT_LINES.sub(_MARK, text)


def escape_in_json(text: str) -> str:
    """A JSON text (which has no C0 controls in its strings) with the others escaped as JSON has it: it means the same. Line feeds stay."""
    return _ONE_BUT_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
