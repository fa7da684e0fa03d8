"""Every text exists in both languages, in its own language, with the same slots; templates ask for no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.pages.catalogue import Catalogue, slots

ROOT = Path(__file__).parents[3]
SHARED = ROOT / "common/pages"
PROGRAMS = ("issuer", "issuer/kiosk", "wallet_agent", "verifier")
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef、。「」]")
LETTERS = re.compile(r"[A-Za-z]{2,}")
# Names and abbreviations that stand in Latin letters in Japanese too.
LATIN_IN_JAPANESE = {
    "Tegata",
    "QR",
    "ID",
    "PDF",
    "CSV",
    "TEGATA",
    "UTF",
    "Web",
    "Shift",
    "JIS",
    "JSON",
    "SHA",
    "SD",
    "JWT",
    *("Data", "Integrity", "ISO", "mdoc"),  # names of formats
    *("PNG", "SVG"),
    "VC",
    "DID",
    "URL",
    "IC",  # of chips
    *("Enter", "Ctrl"),  # keys
    "JavaScript",
}
USED = re.compile(r"""\bt(?:_or)?\(\s*"([\w.]+)"\s*([~,)])""")


def catalogue(program: str) -> Catalogue:
    return Catalogue((SHARED / "messages", ROOT / program / "pages/messages"))


def templates(program: str) -> list[Path]:
    return sorted([*(SHARED / "templates").glob("*.html"), *(ROOT / program / "pages").glob("**/*.html")])


@pytest.mark.parametrize("program", PROGRAMS)
def test_keys_and_slots_match(program: str) -> None:
    texts = catalogue(program)
    assert texts.keys("ja") == texts.keys("en")
    assert {k: slots(texts.texts("ja")[k]) for k in texts.keys("ja")} == {
        k: slots(texts.texts("en")[k]) for k in texts.keys("en")
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_is_left_in_the_other_language(program: str) -> None:
    texts = catalogue(program)
    assert {key: text for key, text in texts.texts("en").items() if JAPANESE.search(text)} == {}
    foreign = {
        key: words
        for key, text in texts.texts("ja").items()
        if (words := set(LETTERS.findall(re.sub(r"\{\w+\}", "", text))) - LATIN_IN_JAPANESE)
    }
    assert foreign == {}


@pytest.mark.parametrize("program", PROGRAMS)
def test_templates_use_known_keys_only(program: str) -> None:
    texts = catalogue(program)
    known = texts.keys("en")
    unknown = []
    for path in templates(program):
        for key, follows in USED.findall(path.read_text(encoding="utf-8")):
            found = any(name.startswith(key) for name in known) if follows == "~" else key in known
            if not found:
                unknown.append((path.name, key))
    assert unknown == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_templates_carry_no_words_of_their_own_and_nothing_inline(program: str) -> None:
    for path in templates(program):
        source = path.read_text(encoding="utf-8")
        allowed = re.sub(r"\{#.*?#\}", "", source, flags=re.S).replace("日本語", "")
        assert not JAPANESE.search(allowed), path
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", allowed), path
        assert not re.search(r"""(?:src|href|action)="https?:""", allowed), path
        assert "|safe" not in allowed, path


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_text_of_a_program_is_unused(program: str) -> None:
    own = Catalogue((ROOT / program / "pages/messages",)).keys("en")
    sources = [p.read_text(encoding="utf-8") for p in [*templates(program), *(ROOT / program).glob("**/*.py")]]
    whole = "\n".join(sources)
    used = set(re.findall(r"""["']([a-z]\w*(?:\.\w+)+)["']""", whole))
    prefixes = set(re.findall(r'"([a-z]\w*\.(?:\w+\.)*)["{]', whole)) | {"done.", "error.code."}
    assert {key for key in own if key not in used and not any(key.startswith(prefix) for prefix in prefixes)} == set()
