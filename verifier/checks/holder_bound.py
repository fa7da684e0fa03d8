"""The presenter proves possession of the key that the issuer bound the credential to (RFC 9901 §7.3; VC-JOSE-COSE)."""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed
from verifier.checks.verdict import Mender, Sentence


def decide(case: Case) -> tuple[str, int | None]:
    if case.presentation is not None:
        return "holder_proved", None
    return ("wrong_holder" if case.fault == "wrong_holder" else "not_reached"), None


RULE = Rule(
    name="holder_bound",
    title=Sentence(ja="提示者", en="Presenter"),
    reasons={
        "holder_proved": passed(
            "提示した人が、証明書の持ち主の鍵を持っています。",
            "The presenter holds the key that the credential is bound to.",
        ),
        "wrong_holder": failed(
            Mender.HOLDER,
            "提示した人が証明書の持ち主であることを示せませんでした。",
            "The presenter could not prove to be the one the credential was issued to.",
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
)
