"""Showing a credential in person, without a request: what its holder and whoever looks at it have to agree on.

The presentation is an ordinary one, by the holder's key, with an audience that stands for *whoever is here now* and a nonce of the
holder's own. So nothing ties it to one verifier; what is left against copies is its short life, and that each verifier accepts it once.
How each format says all that: `common.formats.shown_presentation`; how it gets through a QR code: `common.formats.shown_code`.
"""

from __future__ import annotations

AUDIENCE = "shown:in-person"
NONCE_BYTES = 16
RENEW_SECONDS = 30
"""How often a wallet makes a new one while it is being shown."""
MAX_AGE = 60
"""Seconds after which it is too old to be accepted."""
MAX_AHEAD = 10
"""Seconds that the holder's clock may be ahead."""


def is_timely(presented_at: int, *, now: int) -> bool:
    """Whether one that was signed at ``presented_at`` may be accepted. Both in seconds."""
    return now - MAX_AGE <= presented_at <= now + MAX_AHEAD
