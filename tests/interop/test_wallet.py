"""A wallet of the OpenWallet Foundation's libraries, between our issuer and our verifier."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.interop.node import run_peer
from tests.stories.stage import Stage

pytestmark = [pytest.mark.timeout(120)]

SIGNED = ("decentralized_identifier", "x509_san_dns", "x509_hash")
WAYS = [
    *(("dc+sd-jwt", prefix, mode, method) for prefix, (mode, method) in product(SIGNED, [("direct_post.jwt", "post")])),
    ("dc+sd-jwt", "x509_san_dns", "direct_post", "get"),
    ("dc+sd-jwt", "redirect_uri", "direct_post.jwt", "get"),
    ("jwt_vc_json", "decentralized_identifier", "direct_post", "get"),
    ("jwt_vc_json", "x509_hash", "direct_post.jwt", "post"),
]
"""format × client identifier prefix × response mode × how the request object is fetched: each value met, not each combination."""
COPIES = 2
FORMATS = ("dc+sd-jwt", "jwt_vc_json")
"""Those that this peer's wallet can hold."""


def roots(stage: Stage) -> list[str]:
    return [(stage.cast.folder / "ca" / "ca.pem").read_text(encoding="ascii")]


def claim(stage: Stage, form: str, **how: Any) -> Any:
    made = stage.registrar.offer(next(stage.roll), "enrolment", formats=(form,))
    given = {"offer": made["link"], "txCode": made["tx_code"], "copies": COPIES}
    return run_peer("claim_offer.mjs", **(given | how))


@pytest.fixture(scope="session")
def held(stage: Stage) -> dict[str, list[Any]]:
    """By format: the copies that the wallet got, each with its key and what its own library read in it."""
    claimed = {form: claim(stage, form) for form in FORMATS}
    return {form: one["held"] for form, one in claimed.items()}


def answer(stage: Stage, party: str, cards: list[Any], *, decline: bool = False, **how: str) -> tuple[Any, Any]:
    """What the wallet tells, and what became of the session."""
    asker = stage.party(party)
    session = asker.put_question("student", **how)
    told = run_peer("answer_request.mjs", link=session["link"], roots=roots(stage), held=cards, decline=decline)
    return told, asker.result(session["id"])


@pytest.mark.parametrize("client_id", [None, "https://wallet.example"], ids=["anonymous", "with a client_id"])
def test_it_takes_an_offer(stage: Stage, client_id: str | None) -> None:
    told = claim(stage, "dc+sd-jwt", clientId=client_id)
    base = stage.cast.issuer.url
    assert told["version"] == "V1", "the library takes the metadata for those of OpenID4VCI 1.0"
    assert told["authorizationServers"] == [f"{base}/sakuragawa"]
    assert told["asked"] == {"input_mode": "numeric", "length": 6}
    for one in told["held"]:
        assert one["claims"]["vct"] == one["typeMetadata"]["mergedTypeMetadata"]["vct"] == f"{base}/types/enrolment"
        assert one["claims"]["issuing_authority"] == "桜川大学"
        assert one["claims"]["cnf"]["jwk"]["x"] == one["key"]["x"]
    indices = {one["claims"]["status"]["status_list"]["idx"] for one in told["held"]}
    assert len(indices) == len({one["key"]["x"] for one in told["held"]}) == COPIES


def test_it_takes_a_w3c_credential_bound_to_a_did(held: dict[str, list[Any]]) -> None:
    for one in held["jwt_vc_json"]:
        assert one["claims"]["type"] == ["VerifiableCredential", "EnrolmentCredential"]
        assert one["claims"]["credentialSubject"]["id"].startswith("did:jwk:")


def test_it_hears_that_its_code_is_wrong(stage: Stage) -> None:
    told = claim(stage, "dc+sd-jwt", txCode="000000x")
    assert told["error"]["response"]["error"] == "invalid_grant"


@pytest.mark.parametrize(("form", "party", "mode", "method"), WAYS)
def test_it_answers(stage: Stage, held: dict[str, list[Any]], form: str, party: str, mode: str, method: str) -> None:
    told, session = answer(stage, party, held[form], response_mode=mode, request_method=method)
    assert told["status"] == 200, told
    assert told["prefix"] == party
    assert told["signed"] == (party in SIGNED)
    assert told["encrypted"] == (mode == "direct_post.jwt")
    assert told["version"] == 100, "the library takes the request for one of OpenID4VP 1.0"
    assert session["verdict"]["answer"] == "passed", session
    (branch,) = session["verdict"]["presentations"]
    assert branch["format"] == form


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_it_says_no(stage: Stage, mode: str) -> None:
    told, session = answer(stage, "x509_san_dns", [], decline=True, response_mode=mode)
    assert (told["status"], session["state"], session["verdict"]) == (200, "refused", None)


def test_a_card_of_another_is_not_believed(stage: Stage, held: dict[str, list[Any]]) -> None:
    """The right credential with the wrong key: whoever copied it holds nothing."""
    (mine, other) = held["dc+sd-jwt"]
    _, session = answer(stage, "x509_san_dns", [mine | {"key": other["key"]}], response_mode="direct_post.jwt")
    (branch,) = session["verdict"]["presentations"]
    assert session["verdict"]["answer"] == "failed"
    assert "wrong_holder" in {one["reason"] for one in branch["checks"] if one["answer"] == "failed"}, branch
