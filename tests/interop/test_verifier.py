"""A verifier of the OpenWallet Foundation's libraries asks our wallet."""

from __future__ import annotations

import time
from typing import Any

import pytest

from common.keys.software import SoftwareKey
from common.x509.sandbox_ca import Use, issue_leaf, load_ca
from examples.demo.people import NotDone
from tests.interop.node import Peer
from tests.stories.stage import Stage

pytestmark = [pytest.mark.timeout(120)]

CLAIMS = ("family_name", "enrolment_status")
ALWAYS = {
    "iss",
    "vct",
    "iat",
    "nbf",
    "exp",
    "cnf",
    "status",
    "issuing_authority",
    "issuing_country",
    "eduperson_primary_affiliation",
}


AUDIENCE = "https://self-issued.me/v2"


def asks(stage: Stage, mode: str = "direct_post.jwt", method: str = "post", aud: str | None = AUDIENCE) -> Peer:
    """The peer, with a certificate of the sandbox's own authority."""
    folder = stage.cast.folder / "ca"
    authority = load_ca((folder / "ca.pem").read_bytes(), (folder / "ca.key").read_bytes())
    key = SoftwareKey.generate()
    leaf = issue_leaf(
        authority,
        key.private_key().public_key(),
        name="Another maker's shop",
        use=Use.VERIFIER,
        now=int(time.time()),
        dns_names=["localhost"],
    )
    query = {
        "credentials": [
            {
                "id": "student",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": [f"{stage.cast.issuer.url}/types/enrolment"]},
                "claims": [{"path": [name]} for name in CLAIMS],
            }
        ]
    }
    given = {"key": key.private_jwk(), "x5c": leaf.x5c, "query": query, "mode": mode, "method": method, "aud": aud}
    return Peer("ask_question.mjs", **given)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_our_wallet_answers(stage: Stage, mode: str, method: str) -> None:
    student = stage.student()
    with asks(stage, mode, method) as peer:
        question = peer.hear()
        view = student.look_at(question["link"])
        assert peer.hear() == {"fetched": {"posted": method == "post", "walletNonce": method == "post"}}
        answered = student.answer(view["id"])
        heard: Any = peer.hear()
    assert answered["state"] == "answered"
    assert "error" not in heard, heard
    assert heard["encrypted"] == (mode == "direct_post.jwt")
    judged = heard["judged"]["student"]
    assert set(judged["claims"]) - ALWAYS == set(CLAIMS), "what was asked, and nothing else"
    assert judged["claims"]["enrolment_status"] == "enrolled"
    assert (judged["keyBinding"]["nonce"], judged["keyBinding"]["aud"]) == (question["nonce"], question["client_id"])


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_our_wallet_says_no(stage: Stage, mode: str) -> None:
    student = stage.student()
    with asks(stage, mode) as peer:
        view = student.look_at(peer.hear()["link"])
        peer.hear()
        assert student.decline(view["id"])["state"] == "declined"
        heard = peer.hear()
    assert heard["refused"]["error"] == "access_denied"
    assert heard["encrypted"] == (mode == "direct_post.jwt")


def test_the_audience_that_the_library_sets_by_itself_is_refused(stage: Stage) -> None:
    """It names its own request URI; OpenID4VP 1.0 §5.8 wants the wallet or the symbolic one."""
    with asks(stage, aud=None) as peer, pytest.raises(NotDone) as refused:
        stage.student().look_at(peer.hear()["link"])
    assert refused.value.problem["code"] == "wrong_audience"
