"""A W3C credential keeps the JSON Schemas that it names, as far as this verifier holds them (VCDM 2.0 §4.11). None is ever fetched."""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed, undetermined
from verifier.checks.verdict import Mender, Sentence

W3C_FORMATS = frozenset({"ldp_vc", "jwt_vc_json"})


def applies(case: Case) -> bool:
    """Only the W3C's data model has schemas."""
    return case.wanted.format in W3C_FORMATS


def decide(case: Case) -> tuple[str, int | None]:
    return ("not_reached" if case.credential is None else case.schema.reason), None


RULE = Rule(
    name="schema_kept",
    title=Sentence(ja="スキーマ", en="Schema"),
    reasons={
        "no_schema": passed("スキーマの指定がない証明書です。", "It names no schema."),
        "schema_kept": passed("指定されたスキーマに従っています。", "It keeps the schemas that it names."),
        "schema_not_known": passed(
            "指定されたスキーマをこの検証者は持っていないため、照合していません（未検査）。",
            "Not checked: it names a schema that this verifier does not hold.",
        ),
        "schema_demanded": undetermined(
            Mender.VERIFIER,
            "指定されたスキーマをこの検証者は持っていないため、照合できません。",
            "It names a schema that this verifier does not hold, and here schemas have to be kept.",
        ),
        "schema_violated": failed(
            Mender.ISSUER,
            "証明書の内容が、指定されたスキーマに従っていません。",
            "What it says does not keep the schema that it names.",
        ),
        "schema_changed": failed(
            Mender.ISSUER,
            "指定されたスキーマが、発行時のものと違います。",
            "The schema held here is not the one that it was issued with.",
        ),
        "schema_malformed": failed(
            Mender.ISSUER, "スキーマの指定が正しい形ではありません。", "The way it names its schemas is malformed."
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
    applies=applies,
    place=lambda case: case.schema.place,
)
