"""Texts in several languages: language tag → text, with "" for a text that names no language."""

from __future__ import annotations

from collections.abc import Iterable

from common.oid4vci.issuer_metadata import Display

Texts = dict[str, str]


def names_of(display: Iterable[Display]) -> Texts:
    """The names that an issuer gave itself or a credential; the first of each language counts."""
    names: Texts = {}
    for one in display:
        if one.name:
            names.setdefault(one.locale or "", one.name)
    return names


def pick(texts: Texts, language: str, *, otherwise: str = "") -> str:
    """The text in that language (``ja`` finds ``ja-JP``), else without language, else English, else the first, else ``otherwise``."""
    for tag, text in texts.items():
        if tag and tag.lower().split("-")[0] == language.lower().split("-")[0]:
            return text
    for tag in ("", "en", "en-US", "en-GB"):
        if tag in texts:
            return texts[tag]
    return next(iter(texts.values()), otherwise)
