"""What stands on the screen, on the page and in the terminal alike, in the reader's language. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from common.cards.detect import CardType
from common.cards.evidence import Answer, Finding, SourceEvidence
from common.cards.offered_parts import OfferedPart
from common.cards.police.categories import CATEGORIES
from common.cards.prompts import SecretKind
from common.pages.catalogue import Catalogue, Words
from common.pages.dates import show_date
from common.pages.render import SHARED
from issuer.kiosk.issuer_desk import Accepted
from issuer.kiosk.plan import Found
from issuer.kiosk.trouble import Trouble

TEXTS: Final = (SHARED / "messages", Path(__file__).parent / "pages" / "messages")
SHOWN_CLAIMS: Final = (
    *("name", "full_name", "family_name", "given_name", "birth_date", "address", "nationality", "document_number"),
    *("categories", "expiry_date", "card_expiry", "stay_until", "photo"),
)
"""What a person knows of themselves and can look over. Numbers of licences and the like are for the certificate."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CATEGORIES: Final[Mapping[str, Mapping[str, str]]] = {
    "ja": {each.code: each.label_ja for each in CATEGORIES},
    "en": {each.code: each.label_en for each in CATEGORIES},
}
_WORST_FIRST: Final = (Answer.FAILED, Answer.NOT_CHECKED, Answer.NOT_OFFERED, Answer.PROVEN)
_REVOCATION_WORST_FIRST: Final = ("revoked", "unknown", "not_checked", "not_offered", "good")


def open_texts() -> Catalogue:
    return Catalogue(TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleText:
    title: str
    text: str
    mend: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingText:
    """tone: good, bad or wait, as `ui.mark` draws it."""

    label: str
    answer: str
    tone: str


def label_of(thing: CardType | SecretKind, words: Words) -> str:
    return thing.label_ja if words.language == "ja" else thing.label_en


def part_label(offered: OfferedPart, words: Words) -> str:
    return offered.part.label_ja if words.language == "ja" else offered.part.label_en


def cards_of(found: Found, words: Words) -> str:
    return words.text("common.comma").join(label_of(card, words) for card in found.cards)


def asks_of(offered: OfferedPart, words: Words) -> str:
    """What has to be entered for a part."""
    labels = [label_of(kind, words) for kind in offered.part.secrets]
    if not labels:
        return words.text("found.asks_nothing")
    return words.text("found.asks", secrets=words.text("common.comma").join(labels))


def trouble_text(trouble: Trouble, words: Words) -> TroubleText:
    """What happened, and who can mend it."""
    mend = words.text(f"trouble.{trouble.key}.mend")
    if trouble.key == "pin_blocked":
        mend = words(f"unblock.{trouble.card}", mend)
    return TroubleText(
        title=words.text(f"trouble.{trouble.key}.title"),
        text=words.text(f"trouble.{trouble.key}.text", wait=trouble.wait),
        mend=mend,
        reasons=tuple(refusal_text(why, words) for why in trouble.refusals if why != "not_told" or len(trouble.refusals) == 1),
    )  # fmt: skip


def refusal_text(why: str, words: Words) -> str:
    return words(f"refusal.{why}", words.text("trouble.refused.text"))


def holds_of(name: str, accepted: Accepted, words: Words) -> str:
    """What of this very card goes into a certificate of that type; empty where the issuer does not say."""
    held = [one[words.language] for one in accepted.holds.get(name, ())]
    return words.text("proven.holds", claims=words.text("common.comma").join(held)) if held else ""


def findings_of(accepted: Accepted, words: Words) -> tuple[FindingText, ...]:
    """One line for each question, with the weakest answer of those sources that something is taken from."""
    sources = [source for source in accepted.evidence.sources if source.origins] or list(accepted.evidence.sources)
    told = [
        _finding("finding.data", _worst(sources, "data_authenticity"), words),
        _finding("finding.chip", _worst(sources, "chip_genuineness"), words),
        _finding("finding.holder", _worst(sources, "holder_verification"), words),
    ]
    answers = {source.revocation.answer.value for source in sources}
    revocation = next((one for one in _REVOCATION_WORST_FIRST if one in answers), "not_checked")
    return (*told, _finding("finding.revocation", revocation, words))


def values_of(accepted: Accepted, words: Words) -> tuple[tuple[str, str], ...]:
    """(label, value) of what a person can look over."""
    claims = accepted.claims
    names = [name for name in SHOWN_CLAIMS if name in claims]
    if "name" in claims or "full_name" in claims:
        names = [name for name in names if name not in ("family_name", "given_name")]
    return tuple((words.text(f"claim.{name}"), _value(name, claims[name], words)) for name in names)


def _value(name: str, value: Any, words: Words) -> str:
    if isinstance(value, Mapping):
        size = value.get("bytes", 0)
        return words.text("claim.picture", size=max(1, round(size / 1000)) if isinstance(size, int) else 0)
    if isinstance(value, list):
        labels = _CATEGORIES[words.language] if name == "categories" else {}
        return words.text("common.comma").join(labels.get(str(one), str(one)) for one in value)
    try:
        return show_date(str(value), words.language) if _DAY.fullmatch(str(value)) else str(value)
    except ValueError:  # a date of which the card knows only a part
        return str(value)


def _worst(sources: list[SourceEvidence], name: str) -> str:
    answers: set[Answer] = set()
    for source in sources:
        finding: Finding = getattr(source, name)
        answers.add(finding.answer)
    return next((one.value for one in _WORST_FIRST if one in answers), Answer.NOT_CHECKED.value)


def _finding(key: str, answer: str, words: Words) -> FindingText:
    tone = {"proven": "good", "good": "good", "failed": "bad", "revoked": "bad"}.get(answer, "wait")
    return FindingText(label=words.text(key), answer=words.text(f"answer.{answer}"), tone=tone)
