"""The organiser's API and the gates': a shop sells, a device is let in, packs and deltas go over the wire."""

from __future__ import annotations

import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from common.gate.delta import apply_delta, parse_delta
from common.gate.enrolment import build_enrolment
from common.gate.pack import parse_pack
from common.keys.software import SoftwareKey
from issuer.connectors.buyer_columns import BUYERS
from issuer.connectors.csv_file import read_rows
from issuer.flows.events.create_event import change_event
from issuer.flows.events.end_ticket import refund
from issuer.flows.events.exclusions import exclude_person
from issuer.flows.events.find_events import count_states, plan_of
from issuer.flows.events.gates import make_code
from issuer.flows.events.import_buyers import import_buyers
from issuer.flows.events.pack import signer_points
from issuer.flows.events.plan import EXAMPLE
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.events.festival import PLAN, enrol, open_event, pack_of, receive, row_of, ticket
from tests.issuer.school import TENANT, School

API = f"/{TENANT}/api/events"


def ask(school: School, method: str, path: str, *, expect: int = 200, **sent: Any) -> Any:
    sent["headers"] = {**school.staff, **sent.get("headers", {})}
    answer = school.client.request(method, path, **sent)
    assert answer.status_code == expect, answer.text
    return answer.json() if answer.content else None


def test_a_shop_sells_through_the_api(school: School) -> None:
    made = ask(school, "POST", API, json=dict(EXAMPLE), expect=201)
    event = f"{API}/{made['id']}"
    as_made = plan_of(row_of(made["id"]))
    demanding = replace(as_made, classes=(as_made.classes[0], replace(as_made.classes[1], required=5)))
    desk = replace(school.desk, verifier=FakeVerifier(expires_at=0))
    change_event(desk, TENANT, made["id"], demanding, actor="test")
    assert ask(school, "GET", event)["classes"][1]["required"] == ["chip", "over_20"]
    assert made["id"] in [one["id"] for one in ask(school, "GET", API)["events"]]
    wish = {"tickets": [{"class": 1, "quantity": 2}], "name": "髙橋 花子", "email": "hanako@example.jp"}
    key = {"Idempotency-Key": "order-1"}
    order = ask(school, "POST", f"{event}/orders", json=wish, headers=key, expect=201)
    assert ask(school, "POST", f"{event}/orders", json=wish, headers=key, expect=201) == order
    assert ask(school, "GET", f"{event}/orders/{order['id']}") == order
    ask(school, "POST", f"{event}/orders", json={**wish, "name": ""}, headers=key, expect=409)
    ask(school, "POST", f"{event}/orders", json=wish, expect=400)
    first, second = order["tickets"]
    found = ask(school, "GET", f"{event}/tickets", params={"query": "花子", "state": "sold"})
    assert {one["id"] for one in found["tickets"]} == {first["id"], second["id"]}
    offer = ask(school, "POST", f"{event}/tickets/{first['number']}/offer")
    assert offer["configurations"] == ["ticket_sd_jwt", "ticket_gate_pass"]
    assert ask(school, "POST", f"{event}/tickets/{first['id']}/paper")["text"].startswith("TG1:")
    assert ask(school, "POST", f"{event}/tickets/{first['id']}/transfer")["url"].startswith("http")
    ask(school, "DELETE", f"{event}/tickets/{first['id']}/transfer", expect=204)
    assert ask(school, "POST", f"{event}/tickets/{first['id']}/lost") == {"state": "sold", "copies": 1}
    ask(school, "POST", f"{event}/tickets/{first['id']}/upgrade", json={"class": 2}, expect=403)
    ask(school, "POST", f"{event}/tickets/{first['id']}/refund")
    ask(school, "POST", f"{event}/tickets/{second['id']}/exclude", expect=204)
    ask(school, "POST", f"{event}/tickets/{second['id']}/lift", expect=204)
    told = {"kind": "email", "text": "ＨＡＮＡＫＯ@example.jp"}
    assert ask(school, "POST", f"{event}/exclusions", json=told) == {"tickets": 1}
    (kept,) = ask(school, "GET", f"{event}/exclusions")["exclusions"]
    ask(school, "DELETE", f"{event}/exclusions/{kept['id']}", expect=204)
    assert ask(school, "GET", f"{event}/tickets/{second['id']}")["state"] == "excluded"
    assert ask(school, "POST", f"{event}/sales", json={"open": False})["state"] == "closed"
    plan = {**EXAMPLE, "name_en": "Fireworks"}
    assert ask(school, "PUT", event, json=plan)["name_en"] == "Fireworks"
    ask(school, "PUT", event, json={**plan, "capacity": 0}, expect=400)


def test_metadata_offers_tickets_where_there_are_events(school: School) -> None:
    open_event(school)
    listed = school.client.get(f"/.well-known/openid-credential-issuer/{TENANT}").json()
    found = listed["credential_configurations_supported"]["ticket_gate_pass"]
    assert (found["format"], found["cryptographic_binding_methods_supported"]) == ("tegata_gate_pass", ["jwk"])
    assert found["credential_signing_alg_values_supported"] == [-7]


def test_a_device_is_let_in_and_kept_up_to_date(school: School) -> None:
    event, key = open_event(school), SoftwareKey.generate()
    code = ask(school, "POST", f"{API}/{event}/codes", json={"entrances": [2]}, expect=201)["code"]
    assert [one["code"] for one in ask(school, "GET", f"{API}/{event}/gates")["codes"]] == [code]
    at, cbor = f"/{TENANT}/events/{event}", {"Content-Type": "application/cbor"}
    asked = build_enrolment(event=event, code=code, name="南口1", signer=key)
    given = school.client.post(f"{at}/gates", content=asked, headers=cbor)
    assert (given.status_code, school.client.post(f"{at}/gates", content=asked, headers=cbor).json()) == (
        201,
        given.json(),
    )
    stranger = build_enrolment(event=event, code=code, name="x", signer=SoftwareKey.generate())
    assert school.client.post(f"{at}/gates", content=stranger, headers=cbor).status_code == 403
    other = build_enrolment(event=event, code="WRONG-CODE", name="x", signer=key)
    assert school.client.post(f"{at}/gates", content=other, headers=cbor).status_code == 403
    bearer = {"Authorization": f"Bearer {given.json()['token']}"}
    answer = school.client.get(f"{at}/pack", headers=bearer)
    pack = parse_pack(answer.content).pack
    shown = ask(school, "GET", f"{API}/{event}/gates")["fingerprint"]
    assert re.fullmatch(r"[0-9A-F]{4}( [0-9A-F]{4}){3}", shown), "as a scanner shows it"
    assert bytes.fromhex(shown) == parse_pack(answer.content).message.key_name
    (gate,) = pack.gates
    assert (gate.name, gate.entrances, gate.gate.hex()) == ("南口1", (2,), given.json()["gate"])
    assert answer.headers["etag"] == f'"{pack.serial}"'
    same = school.client.get(f"{at}/pack", headers={**bearer, "If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    assert school.client.get(f"{at}/delta?from={pack.serial}", headers=bearer).status_code == 204
    ask(school, "POST", f"{API}/{event}/sales", json={"open": False})
    ask(
        school,
        "PUT",
        f"{API}/{event}",
        json={**EXAMPLE, "starts_at": row_of(event).starts_at, "ends_at": row_of(event).ends_at, "capacity": 50},
    )
    changed = school.client.get(f"{at}/delta?from={pack.serial}", headers=bearer)
    later = apply_delta(parse_delta(changed.content), pack, signers=signer_points(school.desk.keys.identity(TENANT)))
    assert later.message.encode() == school.client.get(f"{at}/pack", headers=bearer).content
    assert later.pack.rules.re_entry is True
    assert school.client.get(f"{at}/delta?from=999999", headers=bearer).status_code == 404
    assert school.client.get(f"{at}/pack").status_code == 401
    assert school.client.get(f"{at}/pack", headers=school.staff).status_code == 200
    locked = ask(school, "POST", f"{API}/{event}/gates/{gate.gate.hex()}/lock")["locked_at"]
    assert school.client.get(f"{at}/pack", headers=bearer).status_code == 401
    assert school.client.post(f"{at}/gates", content=asked, headers=cbor).status_code == 409
    (seen,) = ask(school, "GET", f"{API}/{event}/gates")["gates"]
    assert (seen["locked_at"], seen["seen_at"]) == (locked, locked)
    late = make_code(school.desk, TENANT, event, actor="test")
    school.clock.advance(school.desk.settings.gate_code_seconds)
    late_asked = build_enrolment(event=event, code=late.code, name="x", signer=SoftwareKey.generate())
    assert school.client.post(f"{at}/gates", content=late_asked, headers=cbor).status_code == 403


def test_a_hub_keeps_a_question_open_until_a_ticket_falls(school: School) -> None:
    event = open_event(school)
    row = ticket(school, event)
    hub, _ = enrol(school, event, "hub", role="hub")
    receive(school, row, "ticket_gate_pass")
    pack = pack_of(school, event)
    at, bearer = f"/{TENANT}/events/{event}/delta", {"Authorization": f"Bearer {hub.token}"}

    def held(serial: int, wait: int) -> tuple[int, bytes, float]:
        began = time.monotonic()
        answer = school.client.get(f"{at}?from={serial}&wait={wait}", headers=bearer)
        return answer.status_code, answer.content, time.monotonic() - began

    assert held(pack.serial, 1)[::2] >= (204, 1.0)
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(held, pack.serial, 25)
        time.sleep(0.2)
        assert not asked.done()
        refund(school.desk, TENANT, event, row.id, actor="test")
        fell = time.monotonic()
        status, delta, _ = asked.result(timeout=20)
    assert (status, time.monotonic() - fell < 15) == (200, True)
    later = apply_delta(parse_delta(delta), pack, signers=signer_points(school.desk.keys.identity(TENANT))).pack
    assert set(later.status.revoked) > set(pack.status.revoked)
    assert held(pack.serial, 25)[2] < 15, "who is behind hears at once"
    assert school.client.get(f"{at}?from=1&wait=26", headers=bearer).status_code == 400


def test_a_hub_tells_which_device_was_locked_at_the_venue(school: School) -> None:
    event = open_event(school)
    (hub, _), (other_hub, _) = (enrol(school, event, name, role="hub") for name in ("hub", "hub 2"))
    (gate, _), (other, _) = (enrol(school, event, name) for name in ("北口1", "北口2"))

    def lock(gate_id: str, token: str, expect: int) -> Any:
        bearer = {"Authorization": f"Bearer {token}"}
        answer = school.client.post(f"/{TENANT}/events/{event}/gates/{gate_id}/lock", headers=bearer)
        assert answer.status_code == expect, answer.text
        return answer.json()

    assert lock(gate.gate_id, other.token, 403)["code"] == "not_a_hub"
    assert lock(other_hub.gate_id, hub.token, 403)["code"] == "hub_stays"
    lock(gate.gate_id, "tgg_no", 401)
    lock("0" * 16, hub.token, 404)
    locked = lock(gate.gate_id, hub.token, 200)
    school.clock.advance(5)
    assert lock(gate.gate_id, hub.token, 200) == locked, "said again, the answer is the same"
    page = ask(school, "GET", f"{API}/{event}/gates")["gates"]
    assert {one["id"]: one["locked_at"] for one in page}[gate.gate_id] == locked["locked_at"]
    named = pack_of(school, event).gate_by_id
    assert named[bytes.fromhex(gate.gate_id)].locked_at == locked["locked_at"]
    assert named[bytes.fromhex(other.gate_id)].locked_at is None


BUYERS_FILE = """注文番号,氏名,メールアドレス,券種,枚数
A-1,髙橋 花子,hanako@example.jp,一般,2
A-2,吉田 太郎,taro@example.jp,general,１
A-2,吉田 太郎,taro@example.jp,1,1
A-3,山﨑 彩,,有料席,1
A-4,誰か,not-an-address,一般,0
A-5,団体,,一般,6
A-6,招待,,3,
"""


def test_a_shops_file_of_buyers(school: School) -> None:
    event = open_event(school)

    def bring_in(**how: Any) -> Any:
        return import_buyers(
            school.desk, TENANT, event, read_rows(io.BytesIO(BUYERS_FILE.encode()), BUYERS), actor="test", **how
        )

    looked, done = bring_in(dry_run=True), bring_in()
    assert (looked.rows, looked.added, looked.same, looked.wrong) == (7, 3, 0, 4)
    assert (done.added, done.wrong, done.problems) == (3, 4, looked.problems)
    codes = [(one.row, one.code) for one in done.problems]
    assert codes == [
        (4, "reference_twice"),
        (5, "class_demands"),
        (6, "bad_quantity"),
        (6, "not_an_email"),
        (7, "sold_out"),
    ]
    assert all(one.ja and one.en and "花子" not in one.ja for one in done.problems)
    assert row_of(event).sold == 4
    repeated = bring_in()
    assert (repeated.added, repeated.same, repeated.wrong) == (0, 3, 4)
    assert row_of(event).sold == 4
    file = {"file": ("buyers.csv", BUYERS_FILE.encode(), "text/csv")}
    answer = ask(school, "POST", f"{API}/{event}/buyers", files=file, data={"dry_run": "true"})
    assert (answer["same"], answer["wrong"]) == (3, 4)


@pytest.mark.parametrize("path", ["", "/gates", "/tickets", "/exclusions"])
def test_nobody_else_looks(school: School, path: str) -> None:
    assert school.client.get(f"{API}/{open_event(school)}{path}").status_code == 401


def test_a_whole_file_in_a_few_statements_and_one_who_is_not_let_in(school: School) -> None:
    event = open_event(school, capacity=500, classes=(replace(PLAN.classes[0], capacity=500),))
    lines = "".join(f"B-{number},客 {number},1\n" for number in range(300))
    exclude_person(school.desk, TENANT, event, "name", "客 7", actor="test")
    rows = read_rows(io.BytesIO(f"reference,name,class\n{lines}".encode()), BUYERS)
    report = import_buyers(school.desk, TENANT, event, rows, actor="test")
    assert (report.rows, report.added, report.wrong, row_of(event).sold) == (300, 299, 1, 299)
    assert [(one.row, one.code) for one in report.problems] == [(9, "buyer_excluded")]
    assert count_states(TENANT, event) == {"sold": 299}
