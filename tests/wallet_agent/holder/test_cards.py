"""Cards later on: status, renewal, deletion, backup, retention, and what the raw database gives away."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import NotFound, Refused, TegataError, Unsupported
from tests.fakes.clock import FixedClock
from tests.wallet_agent.conftest import CHEAP, PASSPHRASE
from tests.wallet_agent.fake_issuer import ISSUER, FakeIssuer
from tests.wallet_agent.internet import Internet
from wallet_agent.holder.backup import make_backup, restore_backup
from wallet_agent.holder.cards import read_card, read_cards
from wallet_agent.holder.check_card import check_card, check_cards, standing
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.delete_card import delete_card
from wallet_agent.holder.history import read_history
from wallet_agent.holder.offer_states import Done
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import read_offers, receive_offer
from wallet_agent.holder.renew_card import renew_card
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.holder.retention import sweep
from wallet_agent.store.tables import TABLES
from wallet_agent.vault.open_vault import OpenVault


@pytest.fixture
def card_id(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> str:
    return get_card(vault, issuer, outside)


def get_card(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> str:
    offer = receive_offer(vault, issuer.link(), fetch=outside.fetch, clock=outside.clock)
    state = accept_offer(vault, offer.id, outside=outside).state
    assert isinstance(state, Done)
    return state.card_ids[0]


def test_the_status_is_asked_for_and_remembered(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, clock: FixedClock, card_id: str
) -> None:
    assert standing(read_card(vault, card_id), now=clock.now()) == "unknown"
    issuer.publish_status()
    assert standing(check_card(vault, card_id, outside=outside), now=clock.now()) == "valid"
    clock.advance(120)
    issuer.publish_status(1, 2, 3)
    card = check_card(vault, card_id, outside=outside)
    assert standing(card, now=clock.now()) == "revoked"
    assert card.status is not None
    assert card.status.as_of == card.status.checked_at == clock.now()


def test_an_unreachable_list_does_not_overwrite_better_knowledge(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, internet: Internet, clock: FixedClock, card_id: str
) -> None:
    assert standing(check_card(vault, card_id, outside=outside), now=clock.now()) == "unknown"
    clock.advance(60)
    issuer.publish_status(1, 2, 3)
    check_card(vault, card_id, outside=outside)
    clock.advance(60)
    internet.broken.add(f"{ISSUER}/status/1")
    assert standing(check_cards(vault, outside=outside, older_than=0)[0], now=clock.now()) == "revoked"


def test_a_withdrawn_card_is_superseded_by_a_younger_one(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, clock: FixedClock, card_id: str
) -> None:
    clock.advance(60)
    younger = get_card(vault, issuer, outside)
    issuer.publish_status(1, 2, 3)
    assert check_card(vault, card_id, outside=outside).state == "superseded"
    assert check_card(vault, younger, outside=outside).state == "held"


def test_renewal_brings_the_new_name_and_supersedes_the_old(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, clock: FixedClock, card_id: str
) -> None:
    issuer.claims["family_name"] = "﨑山"
    clock.advance(3600)
    state = renew_card(vault, card_id, outside=outside).state
    assert isinstance(state, Done)
    new = read_card(vault, state.card_ids[0])
    assert new.face.subject["family_name"] == "﨑山"
    assert read_card(vault, card_id).state == "superseded"
    assert [card.id for card in read_cards(vault)] == [new.id, card_id]
    assert read_history(vault)[0].entry.kind == "superseded"
    clock.advance(3600)
    assert isinstance(renew_card(vault, new.id, outside=outside).state, Done)


def test_a_refused_renewal_can_be_tried_again(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, card_id: str
) -> None:
    kept = set(issuer.refresh_tokens)
    issuer.refresh_tokens.clear()
    assert renew_card(vault, card_id, outside=outside).state.state == "failed"
    issuer.refresh_tokens |= kept
    assert renew_card(vault, card_id, outside=outside).state.state == "done"


def test_without_a_refresh_token_there_is_no_renewal(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> None:
    issuer.refresh = False
    with pytest.raises(Unsupported, match="renewal_not_offered"):
        renew_card(vault, get_card(vault, issuer, outside), outside=outside)


def test_a_deleted_card_leaves_its_history(vault: OpenVault, clock: FixedClock, card_id: str) -> None:
    delete_card(vault, card_id, clock=clock)
    with pytest.raises(NotFound):
        delete_card(vault, card_id, clock=clock)
    assert read_cards(vault) == []
    assert {one.entry.kind for one in read_history(vault, card_id=card_id)} == {"received", "deleted"}


@pytest.mark.parametrize("own", ["a passphrase of its own", None])
def test_backup_comes_back_here_and_elsewhere(
    vault: OpenVault, clock: FixedClock, card_id: str, own: str | None
) -> None:
    file = make_backup(vault, passphrase=own, clock=clock, cost=CHEAP)
    passphrase = own or PASSPHRASE
    with pytest.raises(Refused):
        restore_backup(vault, file, "not the passphrase", clock=clock)
    with pytest.raises(TegataError):
        restore_backup(vault, file[:-1] + bytes([file[-1] ^ 1]), passphrase, clock=clock)
    again = restore_backup(vault, file, passphrase, clock=clock)
    assert (again.cards, again.history, again.already_here) == (0, 0, 2)

    before = read_card(vault, card_id)
    delete_card(vault, card_id, clock=clock)
    assert restore_backup(vault, file, passphrase, clock=clock).cards == 1
    assert read_card(vault, card_id) == before

    taro = create_holder("taro", "another passphrase", cost=CHEAP, clock=clock)
    assert restore_backup(taro, file, passphrase, clock=clock).cards == 1
    assert restore_backup(taro, file, passphrase, clock=clock).cards == 0
    assert read_card(taro, card_id).face == before.face


def test_the_database_alone_gives_nothing_away(vault: OpenVault, issuer: FakeIssuer, outside: Outside) -> None:
    """An operator reads every row of every table: no claim, no issuer, no key, no code, no credential."""
    get_card(vault, issuer, outside)
    receive_offer(vault, issuer.link(), fetch=outside.fetch, clock=outside.clock)
    raw = dump()
    known = [
        "髙橋",
        "花子",
        "2005-04-01",
        "issuer.example",
        "Sakuragawa",
        "桜川",
        "在学",
        '"d":"',
        "eyJhbGciOi",
        "eyJ0eXAiOi",
        PASSPHRASE,
    ]
    known += [*issuer.codes, *issuer.tokens, *issuer.refresh_tokens, *issuer.issued]
    assert len(raw) > 5000
    assert [word for word in known if word.encode() in raw] == []
    assert vault.key not in raw


def dump() -> bytes:
    found = b""
    from common.adapters.database import across_tenants

    with across_tenants("test"):
        for table in TABLES:
            rows: Any = table.select().dicts()
            for row in rows:
                for value in row.values():
                    found += bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    found += b"\0"
    return found


def test_retention_deletes_what_is_done_and_keeps_cards(
    vault: OpenVault, issuer: FakeIssuer, outside: Outside, clock: FixedClock, card_id: str
) -> None:
    clock.advance(100)
    assert sweep(clock=clock, offer_seconds=1000, request_seconds=1000).offers == 0
    clock.advance(1000)
    assert sweep(clock=clock, offer_seconds=1000, request_seconds=1000).offers == 1
    assert read_offers(vault) == []
    assert len(read_cards(vault)) == 1
