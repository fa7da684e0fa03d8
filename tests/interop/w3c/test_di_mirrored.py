"""Each test of the W3C's three suites for Data Integrity has one of ours."""

from __future__ import annotations

from tests.interop.w3c import (
    test_di_bbs,
    test_di_bbs_issuers,
    test_di_ecdsa,
    test_di_ecdsa_sd,
    test_di_eddsa,
    test_di_issuers,
    test_di_verifiers,
)
from tests.interop.w3c.di_columns import BBS_VERIFIERS
from tests.interop.w3c.titles import check_all_mirrored, scores

MODULES = (
    test_di_bbs,
    test_di_bbs_issuers,
    test_di_ecdsa,
    test_di_ecdsa_sd,
    test_di_eddsa,
    test_di_issuers,
    test_di_verifiers,
)
SUITES = ("vc-di-bbs", "vc-di-ecdsa", "vc-di-eddsa")


def test_every_title_has_one_of_ours() -> None:
    check_all_mirrored(MODULES, *SUITES)


def test_only_what_the_suite_itself_cannot_prepare_failed() -> None:
    failed = [title for suite in SUITES for title, state in scores(suite).items() if state == "failed"]
    assert failed == [heading for heading, _ in BBS_VERIFIERS]
