"""The renderings of a status table. To add one: its class in ``renderings.py``, and its line here."""

from __future__ import annotations

from common.registry import Registry
from common.status.contract import Family, Rendering
from common.status.renderings import BitstringDataIntegrity, BitstringJwt, TokenCwt, TokenJwt

_MEMBERS: tuple[Rendering, ...] = (TokenJwt(), TokenCwt(), BitstringDataIntegrity(), BitstringJwt())

RENDERINGS: Registry[Rendering] = Registry("status list rendering", _MEMBERS, name=lambda member: member.name)


def renderings_of(family: Family) -> tuple[Rendering, ...]:
    """Those that share an address; the first is what somebody gets who has no preference."""
    return tuple(rendering for rendering in RENDERINGS if rendering.family == family)
