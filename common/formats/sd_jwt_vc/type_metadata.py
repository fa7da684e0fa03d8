"""Type metadata: what a vct means, to show in people's own language. SD-JWT VC draft-19 §4, integrity by §5 (W3C SRI).

Documents that we publish are built here; documents from elsewhere are read strictly where we understand them, and the rest is ignored.
``extends`` is read but not followed: fetching other people's documents is the caller's decision.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed, Rejected
from common.formats.credential import ClaimsPath

MAX_BYTES = 1 << 17
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
Disclosure = Literal["always", "allowed", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMetadata:
    """One claim: labels and descriptions by language tag. sd: whether the holder can hold it back. mandatory: the issuer includes it."""

    path: ClaimsPath
    labels: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    mandatory: bool = False
    sd: Disclosure = "allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeMetadata:
    """One type. names and descriptions by language tag; colours as CSS writes them (``#1f3a5f``), for the "simple" rendering."""

    vct: str
    names: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[ClaimMetadata, ...] = ()
    background_color: str | None = None
    text_color: str | None = None
    extends: str | None = None

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
    colours = {"background_color": metadata.background_color, "text_color": metadata.text_color}
    simple = {name: value for name, value in colours.items() if value}
    document["display"] = [
        {
            "locale": tag,
            "name": name,
            **({"description": metadata.descriptions[tag]} if tag in metadata.descriptions else {}),
            **({"rendering": {"simple": simple}} if simple else {}),
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
        }
        for claim in metadata.claims
    ]
    return compact_json(document)


def integrity_of(document: bytes) -> str:
    """``vct#integrity`` of a document: ``sha256-<base64>`` over its very bytes."""
    return "sha256-" + base64.b64encode(hashlib.sha256(document).digest()).decode("ascii")


def check_integrity(document: bytes, integrity: str) -> None:
    """That the bytes are those meant (SRI §3.3.4: of several hashes, the strongest algorithm's decide).

    Raises Malformed when no known hash is among them, Rejected("bad_signature") when none of the strongest fits.
    """
    stated: dict[str, set[bytes]] = {}
    for expression in integrity.split():
        name, _, value = expression.partition("?")[0].partition("-")
        if name in _HASHES:
            try:
                stated.setdefault(name, set()).add(base64.b64decode(value, validate=True))
            except (ValueError, binascii.Error):
                raise Malformed("bad_integrity", "a hash in integrity metadata is base64") from None
    if not stated:
        raise Malformed("bad_integrity", f"integrity metadata needs one of {', '.join(_HASHES)}")
    strongest = max(stated)  # the names sort by strength
    if _HASHES[strongest](document).digest() not in stated[strongest]:
        raise Rejected("bad_signature", "the document is not the one whose hash was signed")


def parse_type_metadata(document: bytes, *, vct: str, integrity: str | None = None) -> TypeMetadata:
    """A document that was fetched for ``vct`` → metadata. integrity: the credential's ``vct#integrity``, checked over the bytes.

    Raises Malformed for another structure or another vct (§4.3), Rejected for other bytes than those signed.
    """
    if integrity is not None:
        check_integrity(document, integrity)
    found = parse_json_object(document, max_bytes=MAX_BYTES)
    if found.get("vct") != vct:
        raise Malformed("bad_type_metadata", "the document describes another type")
    displays = _objects(found, "display")
    simple = _simple_rendering(displays)
    extends = found.get("extends")
    return TypeMetadata(
        vct=vct,
        names=_texts(displays, "name", required=True),
        descriptions=_texts(displays, "description", required=False),
        claims=tuple(_claim(claim) for claim in _objects(found, "claims")),
        background_color=_colour(simple.get("background_color")),
        text_color=_colour(simple.get("text_color")),
        extends=extends if isinstance(extends, str) else None,
    )


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


def _simple_rendering(displays: list[dict[str, Any]]) -> Mapping[str, Any]:
    for display in displays:
        rendering = display.get("rendering")
        simple = rendering.get("simple") if isinstance(rendering, dict) else None
        if isinstance(simple, dict):
            return simple
    return {}


def _colour(value: object) -> str | None:
    """``#rrggbb`` only: the value ends up in somebody's style sheet, so nothing else passes."""
    if isinstance(value, str) and len(value) == 7 and value[0] == "#":
        try:
            int(value[1:], 16)
        except ValueError:
            return None
        return value if value[1:].isalnum() else None
    return None


def _claim(claim: dict[str, Any]) -> ClaimMetadata:
    path, sd, mandatory = claim.get("path"), claim.get("sd", "allowed"), claim.get("mandatory", False)
    if not isinstance(path, list) or not path or not all(_is_step(step) for step in path):
        raise Malformed("bad_type_metadata", "a claim's path is an array of names, null and indices")
    if sd not in ("always", "allowed", "never") or not isinstance(mandatory, bool):
        raise Malformed("bad_type_metadata", "sd is always, allowed or never; mandatory is true or false")
    displays = _objects(claim, "display")
    return ClaimMetadata(
        path=tuple(path),
        labels=_texts(displays, "label", required=True),
        descriptions=_texts(displays, "description", required=False),
        mandatory=mandatory,
        sd=sd,
    )


def _is_step(step: object) -> bool:
    return step is None or isinstance(step, str) or (isinstance(step, int) and not isinstance(step, bool) and step >= 0)
