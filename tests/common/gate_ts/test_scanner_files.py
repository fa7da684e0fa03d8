"""What the scanner takes along is complete, small, and from its own hub; its texts know every word that a gate can say."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import Any

from common.pages.catalogue import Catalogue
from common.pages.language import LANGUAGES
from common.pages.render import SHARED
from common.pages.static_files import STATIC_FOLDER
from tests.common.gate_ts.node import ROOT
from verifier.checks.ticket_admits import RULE
from verifier.gate.reasons import GateReason
from verifier.pages.gate_scanner_views import scanner_manifest, scanner_version, scanner_words, scanner_worker

SCRIPTS = ROOT / "common/pages/browser/gate"
CATALOGUE = Catalogue((SHARED / "messages", ROOT / "verifier/pages/messages"))
FIRST_VISIT_BYTES = 1_200_000


def kept() -> dict[str, Any]:
    first, _, script = scanner_worker("1").partition("\n")
    assert script == (STATIC_FOLDER / "built/gate/worker.js").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(first.removeprefix("self.TEGATA_KEPT=").removesuffix(";"))
    return found


def test_the_first_visit_is_small_and_everything_is_there() -> None:
    names = [path.partition("?")[0].removeprefix("/static/") for path in kept()["files"] if path.startswith("/static/")]
    assert sum(len(gzip.compress((STATIC_FOLDER / name).read_bytes())) for name in names) < FIRST_VISIT_BYTES
    assert all(path.startswith("/") for path in kept()["files"])
    page = (ROOT / "verifier/pages/gate_scanner.html").read_text(encoding="utf-8")
    asked = set(re.findall(r'static\("([^"]+)"\)', page))
    assert asked <= set(names)


def test_a_changed_page_is_a_changed_worker() -> None:
    words = scanner_words(CATALOGUE)
    versions = {scanner_version(words), scanner_version(words.replace("。", "．", 1))}
    assert len({scanner_worker(version) for version in versions}) == 2


def test_the_worker_knows_the_digest_of_each_file() -> None:
    for path, digest in kept()["files"].items():
        name = path.partition("?")[0].removeprefix("/static/")
        assert hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest() == digest


def test_every_word_of_a_gate_has_a_sentence_in_both_languages() -> None:
    texts = json.loads(scanner_words(CATALOGUE))
    script = (SCRIPTS / "decide.ts").read_text(encoding="utf-8")
    assert re.findall(r'^  "(\w+)",$', script, re.MULTILINE) == [str(reason) for reason in GateReason]
    words = (set(re.findall(r'"(\w+)"', script)) | {str(reason) for reason in GateReason}) - {"string", "admitted"}
    for language in LANGUAGES:
        assert {f"reason.{reason}" for reason in GateReason} <= texts[language].keys()
        for word in words & (
            {*RULE.reasons} | {str(reason) for reason in GateReason} | {"status_stale", "status_stale_document"}
        ):
            if word not in ("clock_off_or_recording", "document_required"):
                assert f"sentence.{word}" in texts[language], word
        assert "sentence.clock_off_or_recording" in texts[language]
    assert texts["ja"].keys() == texts["en"].keys()


def test_the_scripts_ask_for_texts_that_are_there() -> None:
    texts = json.loads(scanner_words(CATALOGUE))["en"]
    for path in SCRIPTS.glob("*.ts"):
        for key in re.findall(r'words\.t\(\s*"([a-z][\w.]*)"', path.read_text(encoding="utf-8")):
            assert key in texts, (path.name, key)
    page = (ROOT / "verifier/pages/gate_scanner.html").read_text(encoding="utf-8")
    for key in re.findall(r'\{\{ w\("([\w.]+)"\) \}\}|data-t-label="([\w.]+)"', page):
        assert "".join(key) in texts, key


def test_the_manifest_installs() -> None:
    for language in LANGUAGES:
        manifest = scanner_manifest(CATALOGUE, language)
        assert manifest["display"] == "standalone"
        assert manifest["start_url"] == manifest["scope"] == "/gate/"
        assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
        for icon in manifest["icons"]:
            assert (STATIC_FOLDER / icon["src"].partition("?")[0].removeprefix("/static/")).read_bytes()[
                :4
            ] == b"\x89PNG"
