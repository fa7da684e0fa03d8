"""How long to wait after wrong passphrases. Pure arithmetic; the counting is a conditional UPDATE in ``holder.unlock``."""

from __future__ import annotations

FREE_TRIES = 3
LONGEST_WAIT = 15 * 60


def wait_after(failures: int) -> int:
    """Seconds to wait after that many wrong passphrases in a row: three are free, then 2, 4, 8 … up to 15 minutes.

    The longest wait is bounded, since a stranger can cause it: it must slow a guesser (96 tries a day) without shutting the holder out.
    """
    if failures <= FREE_TRIES:
        return 0
    return LONGEST_WAIT if failures - FREE_TRIES > 10 else min(LONGEST_WAIT, 1 << (failures - FREE_TRIES))
