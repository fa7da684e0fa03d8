"""The authorities of all cards of the registry, made once in a test process."""

from __future__ import annotations

from functools import cache

from examples.cards.authorities import Authorities
from tests.cards.my_number_world import authorities


@cache
def sandbox() -> Authorities:
    return Authorities(keys=authorities().keys)
