"""Message catalogues: one TOML file per language and program, nested tables read as dotted keys, ``{name}`` for what is filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import Misconfigured
from common.pages.language import LANGUAGES, Language

_SLOT = re.compile(r"\{(\w+)\}")


class Catalogue:
    """The texts of one program in every language. Later folders may add keys to earlier ones, and replace them."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._texts: dict[Language, dict[str, str]] = {language: {} for language in LANGUAGES}
        for folder in folders:
            for language in LANGUAGES:
                self._texts[language].update(read_messages(folder / f"{language}.toml"))

    def text(self, language: Language, key: str, values: Mapping[str, object] | None = None) -> str:
        """The text of ``key``. Raises KeyError for an unknown key or a slot without a value: both are our own mistakes."""
        text = self._texts[language][key]
        if not values:
            return text
        return _SLOT.sub(lambda slot: str(values[slot.group(1)]), text)

    def has(self, key: str) -> bool:
        return all(key in texts for texts in self._texts.values())

    def keys(self, language: Language) -> frozenset[str]:
        return frozenset(self._texts[language])

    def texts(self, language: Language) -> Mapping[str, str]:
        return self._texts[language]


@dataclass(frozen=True, slots=True)
class Words:
    """A catalogue in one language. Called, it answers ``otherwise`` for a key that it does not have."""

    catalogue: Catalogue
    language: Language

    def text(self, key: str, **values: object) -> str:
        """Raises KeyError for an unknown key."""
        return self.catalogue.text(self.language, key, values)

    def __call__(self, key: str, otherwise: str, **values: object) -> str:
        return self.text(key, **values) if self.catalogue.has(key) else otherwise


def read_messages(path: Path) -> dict[str, str]:
    """One catalogue file, flat. Raises Misconfigured for a value that is not text."""
    if not path.exists():
        return {}
    flat: dict[str, str] = {}

    def walk(table: Mapping[str, Any], prefix: str) -> None:
        for name, value in table.items():
            if isinstance(value, Mapping):
                walk(value, f"{prefix}{name}.")
            elif isinstance(value, str):
                flat[prefix + name] = value
            else:
                raise Misconfigured("bad_message", f"{path.name}: {prefix}{name} is not a text")

    walk(tomllib.loads(path.read_text(encoding="utf-8")), "")
    return flat


def slots(text: str) -> frozenset[str]:
    """The names that a text wants filled in."""
    return frozenset(_SLOT.findall(text))
