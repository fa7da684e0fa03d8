"""The house stands as its plan says: rooms, names, sizes, and nothing of one machine in it."""

from __future__ import annotations

import re

from tests.house.tree import files, sources, text

TOP_LEVEL = {
    "pyproject.toml", "README.md", "issuer", "verifier", "wallet_agent", "common", "tests", "examples",
    "dev", "tegata.py", "LICENSE", "CHANGELOG.md", "package.json", "package-lock.json", "tsconfig.json",
    "requirements.txt", "requirements-dev.txt", "requirements-browser.txt", "requirements-uv.txt", "requirements-cards.txt",
}  # fmt: skip
NAMELESS = re.compile(r"\b(utils?|helpers?|misc|managers?|base_service|core)\.(py|ts)$")
# In pieces, so that this file does not find itself.
HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "deb." + "debian",
    "repo" + "1.mav" + "en",
    "crates" + ".io",
]


def test_nothing_else_stands_at_the_top() -> None:
    assert {path.parts[0] for path in files() if not path.parts[0].startswith(".")} <= TOP_LEVEL


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in files() if NAMELESS.search(path.name)] == []


def test_files_stay_small() -> None:
    long = {str(path): n for path in sources(".py", ".ts") if (n := text(path).count("\n")) > 400}
    assert long == {}, "a file with one subject rarely needs more than 300 lines"


def test_no_registry_host_and_no_path_of_one_machine() -> None:
    found = []
    for path in files():
        if path.suffix in {".png", ".csv", ".woff2"}:
            continue
        content = text(path)
        found += [f"{path}: {word}" for word in [*HOSTS, "/work/" + "main", "/root/" + "."] if word in content]
    assert found == []


def test_the_lock_of_the_browser_code_has_no_addresses() -> None:
    assert '"resolved"' not in text(next(path for path in files() if path.name == "package-lock.json"))


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path)
        for path in sources(".py")
        if path.parts[0] in {"common", "issuer", "verifier", "wallet_agent", "examples"}
        and text(path).strip()
        and not text(path).lstrip().startswith(('"""', 'r"""'))
        and not text(path).startswith("#!")
    ]
    assert silent == []


def test_no_unfinished_words() -> None:
    words = re.compile(
        r"NotImplementedError|raise NotImplemented\b|#\s*(TODO|FIXME|XXX|HACK)\b|#\s*type:\s*ignore\s*$|#\s*noqa\s*$",
        re.M,
    )
    found = [
        f"{path}: {hit.group()}"
        for path in sources(".py")
        if path.name != "test_layout.py"
        for hit in words.finditer(text(path))
    ]
    assert found == []
