"""What a resident of the issuer has of events: one with an order, a ticket, a transfer, a device; and what to send to its doors."""

from __future__ import annotations

from typing import Any

from common.gate.enrolment import build_enrolment
from common.keys.software import SoftwareKey
from issuer.flows.events.create_event import create_event
from issuer.flows.events.exclusions import exclude_person, list_exclusions
from issuer.flows.events.gates import enrol_gate, make_code
from issuer.flows.events.pack import current_pack
from issuer.flows.events.plan import EXAMPLE, read_plan
from issuer.flows.events.sell import Wish, sell
from issuer.flows.events.transfer import open_transfer
from tests.hostile.residents import Door, Form, Resident
from tests.issuer.school import School

API, STAFF = "/{tenant}/api/events", "/{tenant}/staff/events"
ONE, TICKET = API + "/{event_id}", API + "/{event_id}/tickets/{ticket_id}"
HUBS_LOCK = "/{tenant}/events/{event_id}/gates/{gate_id}/lock"
PAGE = STAFF + "/{event_id}"
BUYERS = "reference,class\nA-1,1\n"
PUBLIC = frozenset(
    {
        Door("POST", "/{tenant}/events/{event_id}/gates"),
        *(Door(method, "/{tenant}/orders/{order_token}") for method in ("GET", "POST")),
        *(Door(method, "/{tenant}/tickets/{ticket_token}") for method in ("GET", "POST")),
        *(Door(method, "/{tenant}/transfers/{transfer_token}") for method in ("GET", "POST")),
    }
)


def _json(**body: Any) -> Form:
    return lambda _: {"json": body}


def _data(**body: Any) -> Form:
    return lambda _: {"data": body}


def _nothing(_: Resident) -> dict[str, Any]:
    return {}


def _plan_form(_: Resident) -> dict[str, Any]:
    names = {
        "name_ja": "催し",
        "name_en": "Event",
        "capacity": "5",
        "class_1_name_ja": "一般",
        "class_1_name_en": "General",
    }
    times = {"starts_at": "2027-04-01T18:00", "ends_at": "2027-04-01T21:00", "class_1_capacity": "5"}
    return {"data": {**names, **times, "entrance_1_name_ja": "口", "entrance_1_name_en": "Door"}}


def _order(_: Resident) -> dict[str, Any]:
    return {"json": {"tickets": [{"class": 1}]}, "headers": {"Idempotency-Key": "walk"}}


def _file(_: Resident) -> dict[str, Any]:
    return {"files": {"file": ("buyers.csv", BUYERS.encode(), "text/csv")}}


def _enrolment(who: Resident) -> dict[str, Any]:
    return {"content": bytes.fromhex(who.known["enrolment"]), "headers": {"Content-Type": "application/cbor"}}


FORMS: dict[Door, Form] = {
    Door("POST", API): _json(**EXAMPLE),
    Door("PUT", ONE): _json(**EXAMPLE),
    Door("POST", ONE + "/sales"): _json(open=False),
    Door("POST", ONE + "/orders"): _order,
    Door("POST", ONE + "/buyers"): _file,
    Door("POST", ONE + "/mail"): _nothing,
    Door("POST", ONE + "/exclusions"): _json(kind="name", text="x"),
    Door("POST", ONE + "/codes"): _json(role="hub"),
    Door("POST", ONE + "/gates/{gate_id}/lock"): _nothing,
    **{
        Door("POST", f"{TICKET}/{act}"): _nothing
        for act in ("offer", "paper", "refund", "lost", "transfer", "exclude", "lift")
    },
    Door("POST", TICKET + "/upgrade"): _json(**{"class": 2}),
    Door("GET", "/{tenant}/events/{event_id}/delta"): lambda who: {"params": {"from": who.known["serial"]}},
    Door("POST", "/{tenant}/events/{event_id}/gates"): _enrolment,
    Door("POST", HUBS_LOCK): _nothing,
    Door("POST", STAFF + "/new"): _plan_form,
    Door("POST", PAGE + "/edit"): _plan_form,
    Door("POST", PAGE + "/sales"): _nothing,
    Door("POST", PAGE + "/tickets/{ticket_id}"): _data(act="lost"),
    Door("POST", PAGE + "/tickets/{ticket_id}/upgrade"): _data(**{"class": 2}),
    Door("POST", PAGE + "/orders"): _data(**{"class": 1, "key": "walk"}),
    Door("POST", PAGE + "/exclusions"): _data(kind="name", text="x"),
    Door("POST", PAGE + "/exclusions/{exclusion_id}"): _nothing,
    Door("POST", PAGE + "/codes"): _data(role="scanner"),
    Door("POST", PAGE + "/codes/{code_id}"): _nothing,
    Door("POST", PAGE + "/gates"): _data(gate="00"),
    Door("POST", PAGE + "/import"): _file,
    Door("POST", PAGE + "/import/{buyers_job}"): _nothing,
    Door("POST", PAGE + "/mail"): _nothing,
    Door("POST", "/{tenant}/orders/{order_token}"): _data(act="again"),
    Door("POST", "/{tenant}/tickets/{ticket_token}"): _data(act="transfer"),
    Door("POST", "/{tenant}/transfers/{transfer_token}"): _data(act="name"),
}


def settle_event(school: School, tenant: str, browser: Any, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """(ids, known). name: the buyer's, which no other tenant may ever read."""
    desk = school.desk
    event = str(create_event(desk, tenant, read_plan(dict(EXAMPLE)), actor="test").id)
    sale = sell(desk, tenant, event, Wish(quantities={1: 1}, name=name), key="first", actor="test")
    ticket, token = sale.tickets[0], desk.secrets.token
    transfer = open_transfer(desk, tenant, event, ticket.id, actor="test")
    codes = [make_code(desk, tenant, event, actor="test") for _ in range(3)]
    bodies = [
        build_enrolment(event=event, code=code.code, name="gate", signer=SoftwareKey.generate()) for code in codes[:2]
    ]
    gate = enrol_gate(desk, tenant, event, bodies[0])
    code = make_code(desk, tenant, event, role="hub", actor="test").code
    hub = enrol_gate(
        desk, tenant, event, build_enrolment(event=event, code=code, name="hub", signer=SoftwareKey.generate())
    )
    exclude_person(desk, tenant, event, "name", "nobody", actor="test")
    upload = browser.post(
        f"/{tenant}/staff/events/{event}/import",
        data={"csrf_token": browser.cookies["csrf-issuer"]},
        files={"file": ("buyers.csv", BUYERS.encode(), "text/csv")},
        follow_redirects=False,
    )
    assert upload.status_code == 303, upload.text
    ids = {
        "event_id": event,
        "ticket_id": str(ticket.id),
        "order_id": str(sale.order.id),
        "gate_id": gate.gate_id,
        "code_id": codes[2].id,
        "exclusion_id": str(list_exclusions(tenant, event)[0].id),
        "order_token": token(tenant, "order", sale.order.id),
        "ticket_token": token(tenant, "ticket", ticket.id),
        "transfer_token": transfer.url.rpartition("/")[2],
        "buyers_job": upload.headers["location"].rpartition("/")[2],
    }
    known = {"enrolment": bodies[1].hex(), "serial": str(current_pack(desk, tenant, event).serial), "hub": hub.token}
    return ids, known


def hubs_token(who: Resident) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.known['hub']}"}
