"""The credential is of a type that was asked for, in the format that was asked for (OpenID4VP 1.0 §6.1, meta)."""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    if case.credential is None:
        return ("wrong_type" if case.fault == "wrong_type" else "not_reached"), None
    credential = case.credential
    if credential.format != case.wanted.format:
        return "wrong_format", None
    shown = frozenset(credential.types)
    return ("type_asked" if any(types and types <= shown for types in case.wanted.types) else "wrong_type"), None


RULE = Rule(
    name="type_asked",
    title=Sentence(ja="証明書の種類", en="Type"),
    reasons={
        "type_asked": passed("求めた種類の証明書です。", "It is of the type that was asked for."),
        "wrong_type": failed(
            Mender.HOLDER, "求めたものと違う種類の証明書です。", "It is not of the type that was asked for."
        ),
        "wrong_format": failed(
            Mender.HOLDER, "求めたものと違う形式の証明書です。", "It is not in the format that was asked for."
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
