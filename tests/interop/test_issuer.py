"""An issuer of the OpenWallet Foundation's libraries offers our wallet a card."""

from __future__ import annotations

import pytest

from examples.demo.people import NotDone
from tests.interop.node import Peer
from tests.stories.stage import Stage

pytestmark = [pytest.mark.timeout(120)]

CODE = "493536"
CLAIMS = {"family_name": "髙橋", "member_since": "2024-04-01"}


def test_our_wallet_takes_the_offer(stage: Stage) -> None:
    student = stage.student("newcomer")
    with Peer("issue_credentials.mjs", claims=CLAIMS, txCode=CODE) as peer:
        made = peer.hear()
        offer = student.receive(made["offer"])
        assert offer["offered"] == [{"id": "membership", "format": "dc+sd-jwt", "names": {"en": "Membership"}}]
        with pytest.raises(NotDone) as refused:
            student.accept(offer["id"], "000000")
        assert refused.value.problem["code"] == "tx_code_wrong"
        assert student.offer(offer["id"])["wrong_codes"] == 1
        done = student.accept(offer["id"], CODE)
        assert peer.hear() == {"issued": 3, "configuration": "membership"}
    assert done["state"] == "done", done
    (card,) = student.cards()
    assert (card["format"], card["issuer"], card["copies"]) == ("dc+sd-jwt", made["issuer"], 3), card
