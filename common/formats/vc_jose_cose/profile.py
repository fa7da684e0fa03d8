"""How strictly a secured document is judged. `STRICT` everywhere, unless a caller asks for less by name.

`PROOF_ONLY` checks the cryptography, the media types and the form of the document. What time it is, whether the key belongs to the one
who is named, and what the envelopes inside hold is not judged but told, as warnings. It is for looking at a document with a key in
one's hand, and for test-suites whose fixtures expired long ago or bear an ``iat`` that is no number.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from common.errors import TegataError


class Profile(Enum):
    STRICT = "strict"
    PROOF_ONLY = "proof-only"


class Findings:
    """What was found by one verification: under `STRICT` the first one is raised, under `PROOF_ONLY` they are gathered."""

    __slots__ = ("_profile", "warnings")

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.warnings: list[TegataError] = []

    def judge(self, check: Callable[[], object]) -> None:
        """Runs a check that raises a TegataError where it fails."""
        try:
            check()
        except TegataError as error:
            if self._profile is Profile.STRICT:
                raise
            self.warnings.append(error)
