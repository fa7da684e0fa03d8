"""Which language a page speaks: ``?lang=`` first, then the cookie, then Accept-Language (RFC 9110 §12.5.4), then Japanese."""

from __future__ import annotations

from typing import Literal, get_args

from starlette.requests import Request

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "ja"
LANGUAGE_COOKIE = "tegata_lang"


def known_language(word: str | None) -> Language | None:
    """``en-GB`` → ``en``; None for a language that we do not speak."""
    primary = (word or "").strip().lower().split("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def accepted_language(header: str) -> Language | None:
    """The best of ours in an Accept-Language header; a weight that cannot be read counts as 0, the order breaks ties."""
    best: tuple[float, Language] | None = None
    for part in header[:400].split(","):
        word, _, parameter = part.partition(";")
        language = known_language(word)
        if language is None:
            continue
        weight = _weight(parameter)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, language)
    return best[1] if best else None


def choose_language(request: Request) -> Language:
    return (
        known_language(request.query_params.get("lang"))
        or known_language(request.cookies.get(LANGUAGE_COOKIE))
        or accepted_language(request.headers.get("accept-language", ""))
        or DEFAULT_LANGUAGE
    )


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    if name.strip() != "q":
        return 0.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
