"""From an event to a ticket in a wallet, and every way in which a ticket ends: what was made from it ends with it, everywhere at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from common.errors import Conflict, Malformed, NotFound, Refused
from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.registry import FORMATS
from common.keys.software import SoftwareKey
from issuer.flows.change_status import change_status
from issuer.flows.events.create_event import change_event, set_sales
from issuer.flows.events.end_ticket import lost, refund, upgrade
from issuer.flows.events.exclusions import exclude_person, exclude_ticket, forget_exclusion, lift, list_exclusions
from issuer.flows.events.find_events import plan_of
from issuer.flows.events.issue_pass import MAX_PASSES, issue_paper
from issuer.flows.events.offer_ticket import offer_ticket
from issuer.flows.events.sell import Wish, sell
from issuer.flows.events.transfer import cancel_transfer, name_taker, open_transfer, take_ticket, transfer_of_token
from issuer.flows.find_people import find_offers
from issuer.store.event_tables import GatePass
from issuer.store.tables import Credential
from tests.issuer.events.festival import (
    PLAN,
    again,
    ask,
    at_gate,
    buy,
    open_event,
    pack_of,
    receive,
    row_of,
    states_of,
    ticket,
)
from tests.issuer.school import TENANT, School, Wallet

FORMS = ("ticket_sd_jwt", "ticket_gate_pass")


def test_a_ticket_in_every_form_each_with_its_own_index(school: School) -> None:
    event = open_event(school)
    assert plan_of(row_of(event)) == PLAN
    row, key = ticket(school, event), SoftwareKey.generate()
    _, (sd_jwt, gate_pass) = receive(school, row, *FORMS, key=key)
    form = FORMATS["dc+sd-jwt"]
    shown = form.preview(sd_jwt, [("ticket_number",)])
    assert (shown["ticket_number"], shown["event_id"]) == (row.number, event)
    found, status = at_gate(pack_of(school, event), gate_pass, key, school.clock.now())
    assert (status, found.klass, found.flags) == ("valid", 1, 0)
    assert found.exp == PLAN.ends_at + 6 * 3600
    (kept,) = GatePass.select().where(
        GatePass.tenant == TENANT, GatePass.event_id == event, GatePass.cti == found.cti.hex()
    )
    assert kept.entitlement_id == row.id
    copies = list(Credential.select().where(Credential.tenant == TENANT, Credential.person_id == row.id))
    places = {(one.list_id, one.list_index) for one in copies}
    assert len(places) == 2
    assert (row_of(event).list_id, found.index) in places
    assert len({one.list_id for one in copies}) == 2, "passes stand in their event's own list"


def test_one_pass_for_one_key_and_a_new_key_ends_the_old(school: School) -> None:
    event = open_event(school)
    row, old, new = ticket(school, event), SoftwareKey.generate(), SoftwareKey.generate()
    wallet, (first,) = receive(school, row, "ticket_gate_pass", key=old)
    wallet.ask("ticket_gate_pass", wallet.proofs(2), expect=400)
    before = pack_of(school, event).serial
    wallet.post_token({"grant_type": "refresh_token", "refresh_token": wallet.refresh_token})
    second = ask(wallet, "ticket_gate_pass", key=new)
    pack, now = pack_of(school, event), school.clock.now()
    assert pack.serial > before
    assert at_gate(pack, first, old, now)[1] == "revoked"
    assert at_gate(pack, second, new, now)[1] == "valid"
    third = ask(wallet, "ticket_gate_pass", key=new)
    assert at_gate(pack_of(school, event), second, new, now)[1] == "revoked", "the same key has one pass too"
    assert at_gate(pack_of(school, event), third, new, now)[1] == "valid"
    assert states_of(row)["ticket_gate_pass"].count("valid") == 1


def test_a_lost_phone(school: School) -> None:
    event = open_event(school)
    row, old, new = ticket(school, event), SoftwareKey.generate(), SoftwareKey.generate()
    wallet, (_, gate_pass) = receive(school, row, *FORMS, key=old)
    assert lost(school.desk, TENANT, event, row.number, actor="test") == 2
    assert at_gate(pack_of(school, event), gate_pass, old, school.clock.now())[1] == "revoked"
    refreshed = {"grant_type": "refresh_token", "refresh_token": wallet.refresh_token}
    wallet.post_token(refreshed, expect=400)
    _, (fresh,) = receive(school, row, "ticket_gate_pass", key=new)
    assert at_gate(pack_of(school, event), fresh, new, school.clock.now())[1] == "valid"


def test_a_fresh_offer_takes_the_ticket_along(school: School) -> None:
    """An evicted browser, without its refresh token: the holder's page offers the ticket anew."""
    event = open_event(school)
    row, old, new = ticket(school, event), SoftwareKey.generate(), SoftwareKey.generate()
    _, (first,) = receive(school, row, "ticket_gate_pass", key=old)
    made = offer_ticket(school.desk, TENANT, row, actor="test")
    assert offer_ticket(school.desk, TENANT, row, actor="test").id == made.id, "one offer at a time"
    assert made.claim_url.endswith(f"/tickets/{school.desk.secrets.token(TENANT, 'ticket', row.id)}")
    assert made.id not in {one.row.id for one in find_offers(school.desk, TENANT, size=200).offers}
    assert find_offers(school.desk, TENANT, offer_id=made.id).total == 1
    _, (second,) = receive(school, row, "ticket_gate_pass", key=new)
    pack, now = pack_of(school, event), school.clock.now()
    assert [at_gate(pack, *one, now)[1] for one in ((first, old), (second, new))] == ["revoked", "valid"]


def test_no_more_passes_than_a_list_has_room_for(school: School) -> None:
    event = open_event(school)
    wallet, _ = receive(school, ticket(school, event), "ticket_gate_pass")
    for _ in range(MAX_PASSES - 1):
        ask(wallet, "ticket_gate_pass")
    refused = wallet.ask("ticket_gate_pass", wallet.proofs(), expect=400)
    assert refused["error"] == "credential_request_denied"


def test_a_pass_wants_a_key_of_p256(school: School) -> None:
    wallet, _ = receive(school, ticket(school, open_event(school)))
    refused = wallet.ask("ticket_gate_pass", wallet.proofs(did=True), expect=400)
    assert refused["error"] == "invalid_proof"


@pytest.mark.parametrize("end", ["refund", "upgrade", "transfer", "exclude"])
def test_however_a_ticket_ends_all_of_it_ends(school: School, end: str) -> None:
    event = open_event(school)
    row, key = ticket(school, event, name="髙橋 花子"), SoftwareKey.generate()
    wallet, (_, gate_pass) = receive(school, row, *FORMS, key=key)
    pending = offer_ticket(school.desk, TENANT, row, actor="test")
    serial, state = pack_of(school, event).serial, "revoked"
    if end == "refund":
        assert refund(school.desk, TENANT, event, row.id, actor="test") == 2
        assert (row_of(event).sold, again(row).state) == (0, "refunded")
    elif end == "upgrade":
        made = upgrade(school.desk, TENANT, event, row.id, 3, actor="test")
        assert (made.class_number, made.replaces, again(row).replaced_by) == (3, row.id, made.id)
        assert (row_of(event).sold, made.name) == (1, row.name)
    elif end == "transfer":
        taken = hand_over(school, event, row)
        assert (taken.name, taken.state, again(row).state) == ("山田 太郎", "sold", "transferred")
        assert row_of(event).sold == 1
    else:
        exclude_ticket(school.desk, TENANT, event, row.number.lower(), actor="test")
        state = "suspended"
    assert again(row).state in ("refunded", "upgraded", "transferred", "excluded")
    assert states_of(row) == {"ticket_sd_jwt": [state], "ticket_gate_pass": [state]}
    pack = pack_of(school, event)
    assert pack.serial > serial
    expected = "excluded" if end == "exclude" else "revoked"
    assert at_gate(pack, gate_pass, key, school.clock.now())[1] == expected
    wallet.ask("ticket_gate_pass", wallet.proofs(), expect=401)
    Wallet(school).post_token(
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
            "pre-authorized_code": code(school, pending),
        },
        expect=400,
    )
    for act in (refund, lost, exclude_ticket):
        if end == "exclude" and act is refund:
            continue
        with pytest.raises(Conflict):
            act(school.desk, TENANT, event, row.id, actor="test")
    with pytest.raises(NotFound):
        offer_ticket(school.desk, TENANT, again(row), actor="test")


def code(school: School, made: Any) -> str:
    return str(school.desk.secrets.token(TENANT, "pre-authorised code", made.id))


def hand_over(school: School, event: str, row: Any, *, name: str = "山田 太郎") -> Any:
    link = open_transfer(school.desk, TENANT, event, row.id, actor="test")
    assert open_transfer(school.desk, TENANT, event, row.id, actor="test").url == link.url
    asked = transfer_of_token(TENANT, link.url.rpartition("/")[2])
    asked = name_taker(school.desk, TENANT, asked, name=name, email="")
    taken = take_ticket(school.desk, TENANT, asked)
    assert take_ticket(school.desk, TENANT, transfer_of_token(TENANT, link.url.rpartition("/")[2])).id == taken.id
    return taken


def test_an_excluded_ticket_is_let_in_again_with_what_its_holder_has(school: School) -> None:
    event = open_event(school)
    row, key = ticket(school, event, name="髙橋　花子"), SoftwareKey.generate()
    _, (gate_pass,) = receive(school, row, "ticket_gate_pass", key=key)
    assert exclude_person(school.desk, TENANT, event, "name", "髙橋 花子", actor="test") == 1
    assert at_gate(pack_of(school, event), gate_pass, key, school.clock.now())[1] == "excluded"
    with pytest.raises(Refused, match="buyer_excluded"):
        buy(school, event, key="k2", name="髙橋 花子")
    with pytest.raises(Refused, match="buyer_excluded"):
        hand_over(school, event, ticket(school, event, key="k3"), name="髙橋花子")
    lift(school.desk, TENANT, event, row.id, actor="test")
    assert at_gate(pack_of(school, event), gate_pass, key, school.clock.now())[1] == "valid"
    (known,) = list_exclusions(TENANT, event)
    assert "髙橋" not in repr(known.__data__)
    forget_exclusion(school.desk, TENANT, event, known.id, actor="test")
    assert buy(school, event, key="k2", name="髙橋 花子").order.state == "sold"
    with pytest.raises(Malformed):
        exclude_person(school.desk, TENANT, event, "email", "  ", actor="test")


def test_a_transfer_can_be_taken_back(school: School) -> None:
    event = open_event(school)
    row = ticket(school, event)
    token = open_transfer(school.desk, TENANT, event, row.id, actor="test").url.rpartition("/")[2]
    cancel_transfer(school.desk, TENANT, event, row.id, actor="test")
    with pytest.raises(Conflict, match="transfer_over"):
        take_ticket(school.desk, TENANT, transfer_of_token(TENANT, token))
    with pytest.raises(NotFound):
        cancel_transfer(school.desk, TENANT, event, row.id, actor="test")
    assert again(row).state == "sold"


def test_paper(school: School) -> None:
    event = open_event(school)
    row, key = ticket(school, event), SoftwareKey.generate()
    _, (gate_pass,) = receive(school, row, "ticket_gate_pass", key=key)
    text = issue_paper(school.desk, TENANT, event, row.id, actor="test")
    parsed = parse_gate_pass(text)
    assert parsed.token.holder is None
    pack, now = pack_of(school, event), school.clock.now()
    assert at_gate(pack, gate_pass, key, now)[1] == "revoked", "paper or phone, not both"
    assert parsed.token.index not in pack.status.revoked
    receive(school, row, "ticket_gate_pass")
    assert parsed.token.index in pack_of(school, event).status.revoked
    with pytest.raises(Refused, match="no_paper"):
        issue_paper(school.desk, TENANT, event, ticket(school, event, number=3, key="k2").id, actor="test")


def test_the_staffs_hand_on_a_pass_is_told_to_the_gates(school: School) -> None:
    event = open_event(school)
    row, key = ticket(school, event), SoftwareKey.generate()
    _, (gate_pass,) = receive(school, row, "ticket_gate_pass", key=key)
    serial = pack_of(school, event).serial
    (copy,) = Credential.select().where(Credential.tenant == TENANT, Credential.person_id == row.id)
    change_status(school.desk, TENANT, copy.id, "revoked", actor="test")
    assert pack_of(school, event).serial == serial + 1
    assert at_gate(pack_of(school, event), gate_pass, key, school.clock.now())[1] == "revoked"


def test_an_idempotency_key_buys_once(school: School) -> None:
    event = open_event(school)
    first, second = (buy(school, event, count=2) for _ in range(2))
    assert (second.again, [one.id for one in second.tickets]) == (True, [one.id for one in first.tickets])
    assert row_of(event).sold == 2
    with pytest.raises(Conflict, match="key_used"):
        buy(school, event, count=3)
    assert buy(school, open_event(school), count=3).again is False, "another event, another shop"


def test_no_more_than_there_is_room_for(school: School) -> None:
    event = open_event(school, capacity=9)
    first = buy(school, event, count=7).tickets[0]
    with pytest.raises(Conflict, match="sold_out"):
        buy(school, event, count=2, key="k2")
    assert row_of(event).sold == 7, "all of an order or nothing"
    buy(school, event, number=3, count=2, key="k3")
    with pytest.raises(Conflict, match="sold_out"):
        buy(school, event, key="k4")
    refund(school.desk, TENANT, event, first.id, actor="test")
    with pytest.raises(Refused, match="no_verifier"):
        buy(school, event, number=2, key="k5")
    buy(school, event, key="k6")
    with pytest.raises(Conflict, match="sold_out"):  # nobody is asked to prove something for a seat that is not there
        buy(school, event, number=2, key="k7")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(quantities={}), "bad_quantity"),
        (Wish(quantities={1: 0}), "bad_quantity"),
        (Wish(quantities={1: 51}), "bad_quantity"),
        (Wish(quantities={9: 1}), "no_such_class"),
        (Wish(quantities={2: 2}), "one_to_a_person"),
        (Wish(quantities={1: 1}, name="a\nb"), "bad_name"),
        (Wish(quantities={1: 1}, email="nobody"), "not_an_email"),
        (Wish(quantities={1: 1}, language="fr"), "bad_language"),
    ],
)
def test_what_cannot_be_bought(school: School, wish: Wish, code: str) -> None:
    with pytest.raises((Malformed, NotFound, Refused)) as refused:
        sell(school.desk, TENANT, open_event(school), wish, key="k", actor="test")
    assert refused.value.code == code


def test_what_is_sold_already_bounds_what_may_change(school: School) -> None:
    event = open_event(school)
    buy(school, event, count=3)
    for plan in (
        replace(PLAN, capacity=2),
        replace(PLAN, classes=PLAN.classes[1:]),
        replace(PLAN, classes=(replace(PLAN.classes[0], capacity=2), *PLAN.classes[1:])),
    ):
        with pytest.raises(Conflict, match="sold_already"):
            change_event(school.desk, TENANT, event, plan, actor="test")
    with pytest.raises(Conflict, match="list_too_small"):
        change_event(school.desk, TENANT, event, replace(PLAN, capacity=3000), actor="test")
    assert plan_of(row_of(event)) == PLAN
    serial = row_of(event).serial
    changed = replace(PLAN, classes=PLAN.classes[:2], name_en="Fireworks", reentry=True)
    change_event(school.desk, TENANT, event, changed, actor="test")
    assert (plan_of(row_of(event)), row_of(event).serial) == (changed, serial + 1)
    set_sales(school.desk, TENANT, event, is_open=False, actor="test")
    with pytest.raises(Conflict, match="sale_over"):
        buy(school, event, key="k9")


def test_an_upgrade_wants_what_the_class_demands(school: School) -> None:
    event = open_event(school)
    with pytest.raises(Refused, match="proof_needed"):
        upgrade(school.desk, TENANT, event, ticket(school, event).id, 2, actor="test")
