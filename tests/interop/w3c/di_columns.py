"""The columns of the W3C's Data Integrity suites: what we enter there, and the words that begin the titles of each column's tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.interop.w3c.di_documents import Column
from tests.interop.w3c.titles import mirrors

VERSIONS = ("1.1", "2.0")
CURVES = {"ES256": "P-256", "ES384": "P-384"}
Headed = tuple[str, Column]
"""Beginning of titles, and what to test under it. A suite that names no version there is mirrored under both."""


def _issuers() -> Iterable[Headed]:
    for suite, alg in (
        ("eddsa-rdfc-2022", "EdDSA"),
        ("ecdsa-rdfc-2019", "ES256"),
        ("ecdsa-rdfc-2019", "ES384"),
        ("ecdsa-sd-2023", "ES256"),
        ("bbs-2023", "BBS"),
    ):
        curve = f" {CURVES[alg]}" if alg in CURVES else ""
        for version in VERSIONS:
            yield f"Data Integrity ({suite} issuers){curve} ", Column(suite=suite, alg=alg, version=version)


def _verifiers() -> Iterable[Headed]:
    for version in VERSIONS:
        yield (
            "Data Integrity (eddsa-rdfc-2022 verifiers) ",
            Column(suite="eddsa-rdfc-2022", alg="EdDSA", version=version),
        )
        for suite in ("ecdsa-rdfc-2019", "ecdsa-sd-2023"):
            heading = f"Data Integrity ({suite} verifiers) VC {version} P-256 "
            yield heading, Column(suite=suite, alg="ES256", version=version)


ISSUERS: tuple[Headed, ...] = tuple(_issuers())
VERIFIERS: tuple[Headed, ...] = tuple(_verifiers())
BBS_VERIFIERS: tuple[Headed, ...] = tuple(
    (
        f'Data Integrity (bbs-2023 verifiers) VC {version} "before all" hook in "Data Integrity (bbs-2023 verifiers) VC {version}"',
        Column(suite="bbs-2023", alg="BBS", version=version),
    )
    for version in VERSIONS
)
"""The suite signs a fixture of ``w3id.org/vdl/v1`` with a loader that does not know that context, so fails before its first request
and knows none of these tests' names. Every rule that it would have asked about stands for that title."""
CHAINS = tuple(headed for headed in VERIFIERS if headed[1].alg == "EdDSA")


def of_suites(heading: str, *suites: str) -> tuple[Headed, ...]:
    """Each suite under each algorithm that we enter with, VCDM 2.0. heading: ``{suite}`` stands for the suite's name."""
    algs = {"eddsa": ("EdDSA",), "ecdsa": ("ES256", "ES384"), "bbs": ("BBS",)}
    return tuple(
        (heading.format(suite=suite), Column(suite=suite, alg=alg, version="2.0"))
        for suite in suites
        for alg in (("ES256",) if suite == "ecdsa-sd-2023" else algs[suite.partition("-")[0]])
    )


def of_versions(heading: str, suite: str, alg: str) -> tuple[Headed, ...]:
    """The suite under each version of the data model. heading: ``{version}`` stands for it."""
    return tuple((heading.format(version=one), Column(suite=suite, alg=alg, version=one)) for one in VERSIONS)


def rule(text: str, *columns: Headed) -> pytest.MarkDecorator:
    """The test takes each ``column``, and stands there for the title that ends in the text. A title that ends in itself has no text."""
    return pytest.mark.parametrize("column", _cases("", text, columns))


def rules(**places: tuple[str, tuple[Headed, ...]]) -> pytest.MarkDecorator:
    """The same for what a suite asks in several places: a word for each place, for the test's id, then text and columns."""
    cases = [case for word, (text, columns) in places.items() for case in _cases(f"{word}-", text, columns)]
    return pytest.mark.parametrize("column", cases)


def _cases(place: str, text: str, columns: Iterable[Headed]) -> list[Any]:
    return [
        pytest.param(column, marks=mirrors(heading if heading.endswith('"') else heading + text), id=f"{place}{column}")
        for heading, column in columns
    ]
