"""What the pass page takes along, since at the gate there is no server to ask: all its texts, and the list of its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from common.pages.catalogue import Catalogue
from common.pages.kept_page import page_version, worker_script
from common.pages.language import LANGUAGES, Language
from common.pages.static_files import static_url

TEMPLATE = "pass.html"
PREFIX = "pass_page."
_WORKER = "built/pass/worker.js"
_FILES = ("icon.svg", "gate-icon-192.png", "built/pages.css", "built/pass/pass.css", "built/pass/page.js")


def folder_of(tenant: str) -> str:
    """Where a wallet's passes are, and how far their service worker reaches."""
    return f"/{tenant}/passes/"


def pass_words(catalogue: Catalogue) -> str:
    """All texts in both languages as JSON."""
    return json.dumps(
        {
            language: {
                key.removeprefix(PREFIX): text
                for key, text in catalogue.texts(language).items()
                if key.startswith(PREFIX)
            }
            for language in LANGUAGES
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def pass_version(words: str) -> str:
    """What the page and its worker carry."""
    return page_version(Path(__file__).parent / TEMPLATE, _WORKER, words, _FILES)


def pass_worker(tenant: str, version: str) -> str:
    """The service worker's script, with what it keeps in front of it."""
    return worker_script(_WORKER, _FILES, version=version, folder=folder_of(tenant))


def pass_manifest(catalogue: Catalogue, tenant: str, language: Language) -> dict[str, Any]:
    """Web Application Manifest: an installed page's storage is not cleared for not being used."""
    folder = folder_of(tenant)
    return {
        "id": folder,
        "name": catalogue.text(language, f"{PREFIX}app"),
        "short_name": catalogue.text(language, f"{PREFIX}app"),
        "start_url": folder,
        "scope": folder,
        "display": "standalone",
        "orientation": "any",
        "lang": language,
        "theme_color": "#ffffff",
        "background_color": "#ffffff",
        "icons": [
            {"src": static_url(f"gate-icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ],
    }
