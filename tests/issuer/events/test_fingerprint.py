"""Before a scanner trusts its first pack, a person compares two texts: the organiser's page and the scanner show the same one."""

from __future__ import annotations

import re

from issuer.flows.events.gates import make_code
from issuer.flows.events.pack import current_pack
from tests.common.gate_ts.node import run
from tests.issuer.events.festival import open_event
from tests.issuer.events.test_event_form import EVENTS, Browser
from tests.issuer.school import TENANT, School


def test_the_organisers_page_and_the_scanner_show_the_same_fingerprint(school: School) -> None:
    event = open_event(school)
    make_code(school.desk, TENANT, event, actor="test")
    page = Browser(school).page(f"{EVENTS}/{event}/gates")
    shown = re.findall(r'<p class="fingerprint">([^<]+)</p>', page)
    assert len(shown) == 2, "beside the code, and below with the keys"
    (answer,) = run([{"do": "fingerprint", "data": current_pack(school.desk, TENANT, event).file.hex()}])
    assert shown == [answer["ok"]] * 2
    assert re.fullmatch(r"([0-9A-F]{4} ){3}[0-9A-F]{4}", answer["ok"])
