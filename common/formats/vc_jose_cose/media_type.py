"""The six secured media types: what is secured, and how. VC-JOSE-COSE 1.0 §3, §7.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from common.errors import Malformed, Unsupported

Kind = Literal["vc", "vp"]
Securing = Literal["jwt", "sd-jwt", "cose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaType:
    """kind: credential or presentation. securing: the envelope's own format."""

    kind: Kind
    securing: Securing

    @property
    def typ(self) -> str:
        """As ``typ`` writes it in JOSE: ``vc+jwt``."""
        return f"{self.kind}+{self.securing}"

    @property
    def full(self) -> str:
        """As ``typ`` writes it in COSE, and as a data: URL does: ``application/vc+jwt``."""
        return f"application/{self.typ}"


VC_JWT = MediaType(kind="vc", securing="jwt")
VC_SD_JWT = MediaType(kind="vc", securing="sd-jwt")
VC_COSE = MediaType(kind="vc", securing="cose")
VP_JWT = MediaType(kind="vp", securing="jwt")
VP_SD_JWT = MediaType(kind="vp", securing="sd-jwt")
VP_COSE = MediaType(kind="vp", securing="cose")
MEDIA_TYPES = (VC_JWT, VC_SD_JWT, VC_COSE, VP_JWT, VP_SD_JWT, VP_COSE)


def media_type(name: str) -> MediaType:
    """``vc+jwt`` or ``application/vc+jwt``, in any case. Raises Unsupported("unknown_media_type")."""
    short = name.lower().removeprefix("application/")
    for member in MEDIA_TYPES:
        if member.typ == short:
            return member
    raise Unsupported("unknown_media_type", known=tuple(member.full for member in MEDIA_TYPES))


def check_content_type(value: object, expected: MediaType) -> None:
    """``cty``, where present, is ``vc`` or ``vp``, or a more specific type of it: ``vc+ld+json`` (§3.1.1). Raises Malformed."""
    short = value.lower().removeprefix("application/") if isinstance(value, str) else ""
    if short != expected.kind and not short.startswith(f"{expected.kind}+"):
        raise Malformed("bad_cty", f"the content type of {expected.typ} is {expected.kind}")
