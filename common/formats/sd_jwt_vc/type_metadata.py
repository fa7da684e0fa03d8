"""Type metadata: what a vct means, to show in people's own language. SD-JWT VC draft-19 §4, integrity by §5 (W3C SRI).

Documents that we publish are built here; documents from elsewhere are read strictly where we understand them, and the rest is ignored.
``extends`` is read but not followed here: `common.formats.sd_jwt_vc.type_chain` follows it, with documents that the caller fetches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed
from common.formats.credential import ClaimsPath
from common.formats.sd_jwt_vc.integrity import check_integrity, integrity_of
from common.formats.sd_jwt_vc.rendering import Rendering, build_rendering, read_rendering

MAX_BYTES = 1 << 17
Disclosure = Literal["always", "allowed", "never"]
_SVG_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
__all__ = [
    "ClaimMetadata",
    "Disclosure",
    "TypeMetadata",
    "build_type_metadata",
    "check_integrity",
    "integrity_of",
    "parse_type_metadata",
    "pick",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMetadata:
    """One claim: labels and descriptions by language tag. sd: whether the holder can hold it back. mandatory: the issuer includes it.

    svg_id: how SVG templates refer to it.
    """

    path: ClaimsPath
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    mandatory: bool = False
    sd: Disclosure = "allowed"
    svg_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeMetadata:
    """One type. names and descriptions by language tag; colours as CSS writes them (``#1f3a5f``), for the "simple" rendering.

    renderings: by language tag, where a rendering says more than these two colours.
    """

    vct: str
    names: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[ClaimMetadata, ...] = ()
    background_color: str | None = None
    text_color: str | None = None
    extends: str | None = None
    extends_integrity: str | None = None
    renderings: Mapping[str, Rendering] = field(default_factory=dict)

    def label(self, path: ClaimsPath, language: str) -> str | None:
        """The claim's label in this language, else in the first one that the document has."""
        for claim in self.claims:
            if claim.path == path:
                return pick(claim.labels, language)
        return None


def pick(texts: Mapping[str, str], language: str) -> str | None:
    """The text in this language: exact tag, then the same main language, then the first that there is."""
    if language in texts:
        return texts[language]
    main = language.partition("-")[0].lower()
    for tag, text in texts.items():
        if tag.partition("-")[0].lower() == main:
            return text
    return next(iter(texts.values()), None)


def build_type_metadata(metadata: TypeMetadata) -> bytes:
    """The document to publish. The same metadata always gives the same bytes, so that its hash may stand in credentials."""
    document: dict[str, Any] = {"vct": metadata.vct}
    english = pick(metadata.names, "en")
    if english:
        document["name"] = english
    if metadata.extends:
        document["extends"] = metadata.extends
        if metadata.extends_integrity:
            document["extends#integrity"] = metadata.extends_integrity
    plain = Rendering(background_color=metadata.background_color, text_color=metadata.text_color)
    document["display"] = [
        {
            "locale": tag,
            "name": name,
            **({"description": metadata.descriptions[tag]} if tag in metadata.descriptions else {}),
            **build_rendering(metadata.renderings.get(tag, plain)),
        }
        for tag, name in metadata.names.items()
    ]
    document["claims"] = [
        {
            "path": list(claim.path),
            "display": [
                {
                    "locale": tag,
                    "label": label,
                    **({"description": claim.descriptions[tag]} if tag in claim.descriptions else {}),
                }
                for tag, label in claim.labels.items()
            ],
            **({"mandatory": True} if claim.mandatory else {}),
            "sd": claim.sd,
            **({"svg_id": claim.svg_id} if claim.svg_id else {}),
        }
        for claim in metadata.claims
    ]
    return compact_json(document)


def parse_type_metadata(document: bytes, *, vct: str, integrity: str | None = None) -> TypeMetadata:
    """A document that was fetched for ``vct`` → metadata. integrity: the credential's ``vct#integrity``, checked over the bytes.

    Raises Malformed for another structure or another vct (§4.3), Rejected for other bytes than those signed.
    """
    if integrity is not None:
        check_integrity(document, integrity)
    found = parse_json_object(document, max_bytes=MAX_BYTES)
    if found.get("vct") != vct:
        raise Malformed("bad_type_metadata", "the document describes another type")
    return read_type_metadata(found)


def read_type_metadata(document: Mapping[str, Any]) -> TypeMetadata:
    """A document, alone or with all that it extends put into it → metadata. Raises Malformed."""
    displays = _objects(document, "display")
    found = {display["locale"]: read_rendering(display["rendering"]) for display in displays if _is_rendered(display)}
    first = next((one for one in found.values() if one.background_color or one.text_color), Rendering())
    plain = Rendering(background_color=first.background_color, text_color=first.text_color)
    claims = tuple(_claim(claim) for claim in _objects(document, "claims"))
    _refuse_repetition([claim.path for claim in claims], "two claims have one path")
    _refuse_repetition([claim.svg_id for claim in claims if claim.svg_id], "two claims have one svg_id")
    return TypeMetadata(
        vct=_text(document, "vct"),
        names=_texts(displays, "name", required=True),
        descriptions=_texts(displays, "description", required=False),
        claims=claims,
        background_color=plain.background_color,
        text_color=plain.text_color,
        extends=_text(document, "extends") if "extends" in document else None,
        extends_integrity=_text(document, "extends#integrity") if "extends#integrity" in document else None,
        renderings={locale: one for locale, one in found.items() if one not in (plain, Rendering())},
    )


def _is_rendered(display: Mapping[str, Any]) -> bool:
    return isinstance(display.get("locale"), str) and "rendering" in display


def _refuse_repetition(values: list[Any], detail: str) -> None:
    if len(set(values)) != len(values):
        raise Malformed("bad_type_metadata", detail)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed("bad_type_metadata", f"{name} is text")
    return value


def _objects(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = holder.get(name, [])
    if not isinstance(found, list) or not all(isinstance(element, dict) for element in found):
        raise Malformed("bad_type_metadata", f"{name} is an array of objects")
    return found


def _texts(displays: list[dict[str, Any]], name: str, *, required: bool) -> dict[str, str]:
    texts = {}
    for display in displays:
        locale, text = display.get("locale"), display.get(name)
        if not isinstance(locale, str) or not (isinstance(text, str) or (text is None and not required)):
            raise Malformed("bad_type_metadata", f"each display has texts locale and {name}")
        if text is not None:
            texts[locale] = text
    return texts


def _claim(claim: dict[str, Any]) -> ClaimMetadata:
    path, sd, mandatory = claim.get("path"), claim.get("sd", "allowed"), claim.get("mandatory", False)
    if not isinstance(path, list) or not path or not all(_is_step(step) for step in path):
        raise Malformed("bad_type_metadata", "a claim's path is an array of names, null and indices")
    if sd not in ("always", "allowed", "never") or not isinstance(mandatory, bool):
        raise Malformed("bad_type_metadata", "sd is always, allowed or never; mandatory is true or false")
    svg_id = claim.get("svg_id")
    if svg_id is not None and (not isinstance(svg_id, str) or not _SVG_ID.fullmatch(svg_id)):
        raise Malformed(
            "bad_type_metadata", "an svg_id has letters, digits and underscores, and no digit at its beginning"
        )
    displays = _objects(claim, "display")
    return ClaimMetadata(
        path=tuple(path),
        labels=_texts(displays, "label", required=True),
        descriptions=_texts(displays, "description", required=False),
        mandatory=mandatory,
        sd=sd,
        svg_id=svg_id,
    )


def _is_step(step: object) -> bool:
    return step is None or isinstance(step, str) or (isinstance(step, int) and not isinstance(step, bool) and step >= 0)
