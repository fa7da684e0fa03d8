"""A credential against the rules of its type metadata."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Malformed
from common.formats.sd_jwt_vc import SdJwtVc
from common.formats.sd_jwt_vc.claim_rules import check_claims
from common.formats.sd_jwt_vc.type_metadata import ClaimMetadata, TypeMetadata
from tests.common.formats.samples import HOLDER, ISSUER, NOW, content

FORMAT = SdJwtVc()


def check(*rules: ClaimMetadata, **change: Any) -> None:
    check_claims(FORMAT.parse(FORMAT.issue(content(**change), ISSUER)), TypeMetadata(vct="x", claims=rules))


def rule(*path: str | int | None, **options: Any) -> ClaimMetadata:
    return ClaimMetadata(path=path, **options)


def test_kept() -> None:
    check(
        rule("family_name", mandatory=True, sd="always"),
        rule("birthdate", mandatory=True, sd="never"),
        rule("faculty", "name", mandatory=True, sd="always"),
        rule("nationalities", None, mandatory=True, sd="always"),
        rule("nationalities", 1, mandatory=True),
        rule("iss", sd="never"),
        rule("unknown", sd="always"),
        rule("unknown", "deeper"),
    )


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (rule("unknown", mandatory=True), "missing"),
        (rule("nationalities", 2, mandatory=True), "missing"),
        (rule("_sd", mandatory=True), "missing"),
        (rule("_sd_alg", mandatory=True), "missing"),
        (rule("family_name", sd="never"), "open"),
        (rule("birthdate", sd="always"), "disclosable"),
        (rule("family_name", "deeper"), "no object"),
        (rule("faculty", None), "no array"),
        (rule("birthdate", 0), "no array"),
    ],
)
def test_broken(broken: ClaimMetadata, word: str) -> None:
    with pytest.raises(Malformed, match=word):
        check(broken)


def shown(*paths: tuple[str | int | None, ...], **change: Any) -> Any:
    text = FORMAT.issue(content(**change), ISSUER)
    return FORMAT.parse_presentation(
        FORMAT.present(text, paths=list(paths), holder=HOLDER, audience="us", nonce="n", now=NOW)
    )


def test_a_verifier_takes_nothing_held_back_for_missing() -> None:
    rules = TypeMetadata(
        vct="x",
        claims=(
            rule("family_name", mandatory=True, sd="always"),
            rule("faculty", "name", mandatory=True),
            rule("nationalities", 0, mandatory=True, sd="always"),
        ),
    )
    for paths in ((), (("given_name",),), (("faculty", "code"),), (("nationalities", 1),)):
        check_claims(shown(*paths), rules, complete=False)
    with pytest.raises(Malformed, match="family_name is mandatory"):
        check_claims(shown(), rules)


def test_a_verifier_finds_what_surely_is_not_there() -> None:
    parsed = shown(claims={"a": 1}, always_disclosed=frozenset({"a"}))
    with pytest.raises(Malformed, match="missing"):
        check_claims(parsed, TypeMetadata(vct="x", claims=(rule("b", mandatory=True),)), complete=False)


def test_an_element_that_was_held_back_is_known_to_be_disclosable() -> None:
    parsed = shown(("nationalities", 1))
    check_claims(parsed, TypeMetadata(vct="x", claims=(rule("nationalities", 0, sd="always"),)), complete=False)
    with pytest.raises(Malformed, match="open"):
        check_claims(parsed, TypeMetadata(vct="x", claims=(rule("nationalities", 0, sd="never"),)), complete=False)
