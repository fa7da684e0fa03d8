"""Each test of the W3C's suites for the data model and for status lists has one of ours, and no suite whose score is kept is forgotten."""

from __future__ import annotations

from collections import Counter
from types import ModuleType

import pytest

from tests.interop.w3c import (
    test_bitstring_entries,
    test_bitstring_status_list,
    test_data_model,
    test_data_model_properties,
    test_data_model_types,
)
from tests.interop.w3c.titles import FOLDER, check_all_mirrored, mirrors, scores, titles

MIRRORED = {
    "vc-data-model-2.0": (test_data_model, test_data_model_properties, test_data_model_types),
    "vc-bitstring-status-list": (test_bitstring_entries, test_bitstring_status_list),
}
ELSEWHERE = {
    "vc-di-bbs": "tests/interop/w3c/test_di_mirrored.py",
    "vc-di-ecdsa": "tests/interop/w3c/test_di_mirrored.py",
    "vc-di-eddsa": "tests/interop/w3c/test_di_mirrored.py",
    "vc-jose-cose": "tests/common/formats/test_vc_jose_cose_suite.py",
}
"""Suite → where its tests are compared with ours."""


@pytest.mark.parametrize("suite", MIRRORED)
def test_every_title_has_one_of_ours(suite: str) -> None:
    check_all_mirrored(MIRRORED[suite], suite)


def test_no_suite_is_forgotten() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted([*MIRRORED, *ELSEWHERE])
    for suite, path in ELSEWHERE.items():
        assert suite in (FOLDER.parents[2] / path).read_text(encoding="utf-8")


def test_the_suites_passed() -> None:
    assert Counter(scores("vc-data-model-2.0").values()) == {"passed": 59}
    assert Counter(scores("vc-bitstring-status-list").values()) == {"passed": 18, "pending": 9}


def test_what_is_missing_or_unknown_is_named() -> None:
    suite = "vc-bitstring-status-list"
    module = ModuleType("mirrors_of_nobody")
    with pytest.raises(AssertionError, match="without one of ours"):
        check_all_mirrored(module, suite)

    @pytest.mark.parametrize("title", [pytest.param("no title of it", marks=mirrors("no title of it"))])
    def test_cases(title: str) -> None:
        assert title

    module.__dict__["test_cases"] = test_cases
    with pytest.raises(AssertionError, match="no title of it"):
        check_all_mirrored((*MIRRORED[suite], module), suite)
    module.__dict__["test_cases"] = pytest.mark.skip(mirrors(titles(suite)[0])(test_cases))
    with pytest.raises(AssertionError, match="not always run"):
        check_all_mirrored((*MIRRORED[suite], module), suite)
