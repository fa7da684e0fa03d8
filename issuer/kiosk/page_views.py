"""Stages as the page's template wants them: one flat view each, all words in the reader's language. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from common.cards.prompts import SecretKind
from common.pages.catalogue import Words
from issuer.kiosk.plan import Found
from issuer.kiosk.screen_texts import (
    asks_of,
    cards_of,
    findings_of,
    holds_of,
    label_of,
    part_label,
    refusal_text,
    trouble_text,
    values_of,
)
from issuer.kiosk.stages import (
    AddressAsked,
    Asked,
    Judging,
    Looking,
    Proven,
    PutCard,
    Reading,
    Stage,
    TakeCardOut,
    Taking,
)
from issuer.kiosk.trouble import GENTLE, Trouble

DIGITS: Final = tuple("1234567890")
LETTERS: Final = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ADDRESS_KEYS: Final = (*DIGITS, *(letter.lower() for letter in LETTERS), "@", ".", "-", "_")
_DIGITS_ONLY = re.compile(r"\[0-9\]\{\d+(,\d+)?\}")


def view_of(stage: Stage, words: Words) -> dict[str, Any]:
    """kind: which part of the template. asks: whether a person is asked something, so that nothing may reload the page under them."""
    view = _VIEWS[type(stage)](stage, words)
    return {"asks": False, **view, "kind": type(stage).__name__}


def _found(stage: Found, words: Words) -> dict[str, Any]:
    parts = [
        {
            "name": ":".join(each.name),
            "label": part_label(each, words),
            "asks": asks_of(each, words),
            "ticked": each.usual,
        }
        for each in stage.parts
    ]
    several = len({each.driver for each in stage.parts}) > 1
    return {"asks": True, "cards": cards_of(stage, words), "parts": parts, "several": several}


def _address_asked(stage: AddressAsked, _: Words) -> dict[str, Any]:
    return {"asks": True, "problem": stage.problem, "keys": ADDRESS_KEYS}


def _asked(stage: Asked, words: Words) -> dict[str, Any]:
    kind, left = stage.prompt.kind, stage.prompt.tries_left
    return {
        "asks": True,
        "label": label_of(kind, words),
        "counted": kind.counted,
        "left": left,
        "printed": kind.printed,
        "problem": stage.problem,
        "last": left == 1,
        "needs_yes": stage.prompt.may_lock,
        "keys": keys_of(kind),
        "digits": bool(_DIGITS_ONLY.fullmatch(kind.pattern)),
        "blank": not kind.counted and kind.name == "passport_mrz",
    }


def keys_of(kind: SecretKind) -> tuple[str, ...]:
    """The keys on the screen: those that the secret's form knows."""
    if _DIGITS_ONLY.fullmatch(kind.pattern):
        return DIGITS
    return (*DIGITS, *LETTERS, *(("<",) if "<" in kind.pattern else ()))


def _reading(stage: Reading, words: Words) -> dict[str, Any]:
    progress = stage.progress
    percent = min(100, 100 * progress.done // progress.total) if progress.total > 0 else None
    return {"card": label_of(stage.card, words), "percent": percent}


def _proven(stage: Proven, words: Words) -> dict[str, Any]:
    accepted, types = stage.accepted, stage.types

    def title(name: str) -> str:
        return types[name].title[words.language] if name in types else name

    return {
        "asks": True,
        "is_test": accepted.environment == "test",
        "findings": findings_of(accepted, words),
        "values": values_of(accepted, words),
        "types": [
            {"name": name, "title": title(name), "holds": holds_of(name, accepted, words)} for name in accepted.types
        ],
        "refusals": [
            (title(name), refusal_text(why, words)) for name, why in accepted.refusals.items() if why != "not_told"
        ],
    }


def _taking(stage: Taking, _: Words) -> dict[str, Any]:
    offer = stage.offer
    return {
        "state": stage.state,
        "link": offer.link,
        "wallet_link": offer.wallet_link,
        "tx_code": offer.tx_code or "",
        "expires_at": offer.expires_at,
    }


def _trouble(stage: Trouble, words: Words) -> dict[str, Any]:
    return {"said": trouble_text(stage, words), "gentle": stage.key in GENTLE}


_VIEWS: Final[dict[type[Any], Any]] = {
    PutCard: lambda stage, _: {"has_reader": stage.has_reader},
    Looking: lambda *_: {},
    Found: _found,
    AddressAsked: _address_asked,
    Asked: _asked,
    Reading: _reading,
    Judging: lambda *_: {},
    Proven: _proven,
    Taking: _taking,
    Trouble: _trouble,
    TakeCardOut: lambda *_: {},
}
