"""How fast this machine is at the moment, so that figures of two machines can be compared: one raw P-256 verification."""

from __future__ import annotations

import os
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

REFERENCE_SECONDS = 95e-6
"""One raw verification on the machine that the bounds were stated for."""
_SCHEME = ec.ECDSA(hashes.SHA256())


class RawVerifications:
    """Signatures by a fresh key over fresh texts, verified in short rounds between the transactions of a bench; the least round counts."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._public = self._private.public_key()
        self.seconds = float("inf")

    def measure(self, count: int = 50) -> None:
        """One round. ``seconds`` is the processor time of one verification in the least round so far."""
        texts = [os.urandom(256) for _ in range(count)]
        signed = [(self._private.sign(text, _SCHEME), text) for text in texts]
        began = time.thread_time()
        for signature, text in signed:
            self._public.verify(signature, text, _SCHEME)
        self.seconds = min(self.seconds, (time.thread_time() - began) / count)


class InterleavedVerifications:
    """As many signatures by one fresh key over fresh texts, to be verified some at a time between the transactions of a round.

    Before each time comes one that does not count: its code has left the caches meanwhile, which would make raw work look dear.
    """

    def __init__(self, count: int) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        self._public = private.public_key()
        self._left = [(private.sign(text, _SCHEME), text) for text in (os.urandom(256) for _ in range(count))]
        self._first = self._left[0]
        self._spent, self._done = 0.0, 0

    @property
    def mean(self) -> float:
        """Processor seconds of one verification in this round so far."""
        return self._spent / self._done

    def verify(self, count: int) -> None:
        """The next ``count`` of them."""
        now, self._left = self._left[:count], self._left[count:]
        self._public.verify(*self._first, _SCHEME)
        began = time.thread_time()
        for signature, text in now:
            self._public.verify(signature, text, _SCHEME)
        self._spent += time.thread_time() - began
        self._done += len(now)
