"""Names that askers and issuers give themselves, on the wallet's pages: never instead of what is proven, and never markup."""

from __future__ import annotations

import pytest

from common.pages.catalogue import Words
from common.pages.render import Pages
from wallet_agent.holder.request_states import Asker, Proof
from wallet_agent.pages.consent_views import asker_name

BANK = {"ja": "桜銀行", "en": "Sakura Bank"}


class _NoForms:
    secure = False

    def token(self, _: object) -> str:
        return ""

    def keep(self, _: object, __: object) -> None: ...


@pytest.fixture
def words() -> Words:
    return Words(Pages("wallet_agent", forms=_NoForms(), sandbox=True).catalogue, "en")


def asker(proof: Proof, proven: str, said: dict[str, str]) -> Asker:
    return Asker(
        client_id="x", proof=proof, proven_name=proven, vouched_by="", said_names=said, response_host="evil.example"
    )


@pytest.mark.parametrize(("proof", "proven"), [("did_web", "evil.example"), ("certificate", "evil.example")])
def test_an_asker_that_calls_itself_a_bank_is_named_with_its_proven_name(
    words: Words, proof: Proof, proven: str
) -> None:
    assert "evil.example" in asker_name(asker(proof, proven, BANK), words)


@pytest.mark.parametrize(("proof", "proven"), [("key", "did:key:z6Mk"), ("none", "")])
def test_an_asker_of_whom_nothing_is_proven_only_says_so(words: Words, proof: Proof, proven: str) -> None:
    name = asker_name(asker(proof, proven, BANK), words)
    assert name != "Sakura Bank"
    assert "says" in name


def test_an_asker_without_a_name(words: Words) -> None:
    assert asker_name(asker("none", "", {}), words)
    assert asker_name(asker("did_web", "shop.example", {}), words) == "shop.example"
