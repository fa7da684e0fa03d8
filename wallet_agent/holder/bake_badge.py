"""A badge as a picture to put on a page or in an application: the certificate baked into it, for anybody who has the file to verify.

A picture is no showing to anybody in particular: no holder signs, nothing is counted, and it says all that the badge says. A badge's
format hides nothing and every copy names the same person, so it does not matter which copy goes into the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from common.errors import Conflict, Unsupported
from common.formats.open_badges.bake import BAKED_FORMATS, bake
from wallet_agent.holder.badge_picture import draw_png, draw_svg
from wallet_agent.holder.cards import HeldCard, open_copy, read_card
from wallet_agent.holder.texts import names_of, pick
from wallet_agent.store.cards import list_copies
from wallet_agent.vault.open_vault import OpenVault

BADGE_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential"})
"""One and the same type under two names (Open Badges 3.0 §B.1.3)."""
MEDIA_TYPES: Mapping[str, str] = {"png": "image/png", "svg": "image/svg+xml"}
PictureKind = Literal["png", "svg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BakedBadge:
    """media_type: of the picture. name: for a file."""

    image: bytes = field(repr=False)
    media_type: str
    name: str


def is_badge(card: HeldCard) -> bool:
    said = card.face.claims.get("type")
    types = said if isinstance(said, list) else [said]
    return card.face.format in BAKED_FORMATS and not BADGE_TYPES.isdisjoint(
        name for name in types if isinstance(name, str)
    )


def bake_badge(vault: OpenVault, card_id: str, kind: str) -> BakedBadge:
    """kind: ``png`` or ``svg``. Raises NotFound, Conflict("card_superseded" | "no_badge"), Unsupported("unknown_picture")."""
    if kind not in MEDIA_TYPES:
        raise Unsupported("unknown_picture", known=tuple(MEDIA_TYPES))
    card = read_card(vault, card_id)
    if not is_badge(card):
        raise Conflict("no_badge", "this certificate is no Open Badge; only those go into pictures")
    if card.state != "held" or not card.copies:
        raise Conflict("card_superseded", "a newer certificate has taken this one's place; take that one")
    copy = open_copy(vault, list_copies(vault.tenant, card_id)[-1])
    picture = draw_png() if kind == "png" else _draw(card)
    return BakedBadge(
        image=bake(picture, copy.credential), media_type=MEDIA_TYPES[kind], name=f"badge-{card_id[:8]}.{kind}"
    )


def _draw(card: HeldCard) -> bytes:
    achievement = card.face.subject.get("achievement")
    stated = achievement.get("name") if isinstance(achievement, Mapping) else None
    return draw_svg(
        title=stated if isinstance(stated, str) else pick(names_of(card.face.display), "en", otherwise="Open Badge"),
        issuer=pick(names_of(card.face.issuer_display), "en", otherwise=card.face.issuer),
        seal=pick(names_of(card.face.issuer_display), "ja", otherwise=card.face.issuer),
    )
