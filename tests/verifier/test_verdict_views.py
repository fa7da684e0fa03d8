"""What operators read: the same words for the same claim and the same certificate, whatever its format calls them."""

from __future__ import annotations

from typing import Any

import pytest

from common.pages.catalogue import Catalogue, Words
from tests.house.tree import ROOT
from verifier.pages.verdict_views import view_verdict
from verifier.queries.registry import QUESTIONS

CATALOGUE = Catalogue((ROOT / "common/pages/messages", ROOT / "verifier/pages/messages"))
SAID = {"ja": "確かめました。", "en": "Verified."}


def tree(types: tuple[str, ...]) -> dict[str, Any]:
    branch: dict[str, Any] = {
        "types": types,
        "answer": "passed",
        "issuer": "https://a.example",
        "issuer_believed_by": None,
        "checks": [],
    }
    return {"answer": "passed", "sentence": SAID, "judged_at": 1, "presentations": [branch], "checks": []}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("question", list(QUESTIONS), ids=lambda one: one.name)
def test_every_format_is_read_in_the_same_words(question: Any, language: Any) -> None:
    words = Words(CATALOGUE, language)
    for kind in question.types:
        seen = set()
        for form, types in (
            ("dc+sd-jwt", (f"https://a.example/types/{kind.name}",)),
            ("jwt_vc_json", ("VerifiableCredential", kind.w3c_type)),
            ("ldp_vc", (f"https://a.example/types/terms/{kind.w3c_type}",)),
            ("mso_mdoc", (kind.doctype,)),
        ):
            claims = [{"path": list(kind.path(form, claim.path)), "value": True} for claim in question.claims]
            view = view_verdict(tree(types), [{"claims": claims}], words)
            seen.add((view.nodes[0].title, view.disclosed))
        ((title, disclosed),) = seen
        assert kind.doctype not in title
        assert all("_" not in label and "." not in label for label, _ in disclosed)
