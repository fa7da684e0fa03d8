"""What the scanner's page takes along, since there is no server to ask once it is installed: all texts, and the list of its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from common.pages.catalogue import Catalogue
from common.pages.kept_page import page_version, worker_script
from common.pages.language import LANGUAGES, Language
from common.pages.static_files import static_url
from verifier.pages.gate_words import gate_words

PAGE = "/gate/"
TEMPLATE = "gate_scanner.html"
_WORKER = "built/gate/worker.js"
_FILES = (
    *("icon.svg", "gate-icon-192.png", "gate-icon-512.png"),
    *("built/pages.css", "built/gate/scanner.css", "built/gate/scanner.js", "built/zxing_reader.wasm"),
)


def scanner_words(catalogue: Catalogue) -> str:
    """All texts in both languages as JSON: those of the page, and for each word of the gate's rule its sentence and who can mend it."""
    words = {language: gate_words(catalogue.texts(language), language) for language in LANGUAGES}
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def scanner_version(words: str) -> str:
    """What the page and its worker carry."""
    return page_version(Path(__file__).parent / TEMPLATE, _WORKER, words, _FILES)


def scanner_worker(version: str) -> str:
    """The service worker's script, with what it keeps in front of it."""
    return worker_script(_WORKER, _FILES, version=version, page=PAGE)


def scanner_manifest(catalogue: Catalogue, language: Language) -> dict[str, Any]:
    """Web Application Manifest: what makes the page one that is installed."""
    icons = [
        {"src": static_url(f"gate-icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    return {
        "id": PAGE,
        "name": catalogue.text(language, "gate_scanner.title"),
        "short_name": catalogue.text(language, "gate_scanner.short_title"),
        "start_url": PAGE,
        "scope": PAGE,
        "display": "standalone",
        "orientation": "any",
        "lang": language,
        "theme_color": "#0017c1",
        "background_color": "#f8f8fb",
        "icons": icons,
    }
