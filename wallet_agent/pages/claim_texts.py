"""Claims as people read them: a label in the reader's language and a value that is no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from common.pages.catalogue import Words
from common.pages.dates import show_date, show_instant
from wallet_agent.holder.claim_lines import ClaimLine
from wallet_agent.holder.texts import pick
from wallet_agent.pages.evidence_texts import is_evidence, show_evidence

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})\Z")
"""RFC 3339, as issuers write it."""


def label_of(line: ClaimLine, words: Words) -> str:
    """What the issuer calls the claim; else the last name of its path."""
    return pick(line.names, words.language, otherwise=line.path[-1])


def show_line(line: ClaimLine, words: Words) -> tuple[str, str]:
    """(label, value)."""
    return label_of(line, words), show_value(line.value, words)


def show_value(value: Any, words: Words) -> str:
    """A claim's value: days and times in the reader's style, yes and no, known codes by their words, lists with commas.

    Evidence as a sentence.
    """
    if isinstance(value, bool):
        return words.text("common.yes" if value else "common.no")
    if isinstance(value, str):
        for shape, show in ((_DAY, show_date), (_INSTANT, show_instant)):
            if shape.match(value):
                try:
                    return show(value, words.language)
                except (ValueError, OverflowError):
                    return value
        return words(f"value.{value}", value) if value.isidentifier() else value
    comma = words.text("common.comma")
    if isinstance(value, Mapping) and value.get("type") == "IdentityObject" and value.get("hashed") is False:
        return str(value.get("identityHash", ""))  # of an Open Badge, which wraps names so
    if isinstance(value, Mapping):
        return comma.join(f"{key} {show_value(one, words)}" for key, one in value.items())
    if is_evidence(value) and (said := show_evidence(value, words)):
        return said
    if isinstance(value, list):
        return comma.join(show_value(one, words) for one in value)
    return str(value)
