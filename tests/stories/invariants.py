"""What holds whenever everything is running again, however it went before."""

from __future__ import annotations

import json

from examples.demo.cast import SHOP
from tests.stories.own_wallet import OwnWallet
from tests.stories.stage import Stage
from tests.stories.watch import Watch


def check_everything(stage: Stage) -> None:
    """Over the whole deployment: nothing issued twice, nothing unaccounted for, every audit chain whole."""
    issuer = stage.ledger("issuer")
    twice = "SELECT list_id, list_index FROM credential GROUP BY tenant, list_id, list_index HAVING COUNT(*) > 1"
    assert issuer.rows(twice) == []
    sets = (
        "SELECT grant_id, configuration FROM credential WHERE state <> 'revoked' "
        "GROUP BY tenant, grant_id, configuration HAVING COUNT(DISTINCT batch_id) > 1"
    )
    assert issuer.rows(sets) == []
    grants = "SELECT offer_id FROM access_grant GROUP BY tenant, offer_id HAVING COUNT(*) > 1"
    assert issuer.rows(grants) == []
    unlisted = (  # odd values are revoked; another bit says that there is something newer
        "SELECT c.id FROM credential c LEFT JOIN statusentry s ON s.tenant = c.tenant AND s.list_id = c.list_id "
        "AND s.list_index = c.list_index WHERE (c.state = 'revoked') <> (COALESCE(s.value, 0) % 2 = 1)"
    )
    assert issuer.rows(unlisted) == []
    judged = (
        "SELECT s.session FROM session s LEFT JOIN verdict v ON v.session = s.session "
        "WHERE (s.state_name = 'judged') <> (v.session IS NOT NULL)"
    )
    assert stage.ledger("verifier").rows(judged) == []
    check_audits(stage)


def check_audits(stage: Stage) -> None:
    """`tegata … audit verify` of every tenant of every program."""
    cast = stage.cast
    for (institution,) in stage.ledger("issuer").rows("SELECT id FROM institution"):
        assert json.loads(cast.issuer.command("audit", "verify", "-i", institution))["whole"]
    for (holder,) in stage.ledger("wallet").rows("SELECT tenant FROM holder"):
        assert json.loads(cast.wallet.command("audit", "verify", "--holder", holder))["whole"]
    assert SHOP in cast.verifier.command("audit", "verify")


def check_one_set(stage: Stage, number: str, *, copies: int) -> None:
    """The person holds exactly one living set of copies; all others ever made for them are revoked."""
    live = stage.ledger("issuer").rows(
        "SELECT c.batch_id, COUNT(*) FROM credential c JOIN person p ON p.id = c.person_id "
        "WHERE p.student_number = ? AND c.state = 'valid' GROUP BY c.batch_id",
        number,
    )
    assert [count for _, count in live] == [copies], live


def check_code_is_spent(stage: Stage, watch: Watch, made: dict[str, object]) -> None:
    wallet = OwnWallet(cast=stage.cast)
    refused = watch.insist(lambda: wallet.post(wallet.token_message(made)))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant"), refused.text
