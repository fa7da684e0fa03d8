"""One ticket in every form that it has, each with its own status index; a refund takes them all, and their lists say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed
from common.formats.registry import FORMATS
from common.x509.sandbox_iaca import make_iaca
from issuer.flows.events.end_ticket import refund
from issuer.flows.events.offer_ticket import offer_ticket
from issuer.flows.events.plan import EXAMPLE, check_plan, read_plan
from issuer.pages.event_views import form_of, read_form, rows_of, windows_of
from issuer.store.event_tables import Entitlement
from issuer.store.tables import Credential, StatusEntry
from tests.amount import examples
from tests.fakes.clock import FixedClock
from tests.issuer.events.festival import again, open_event, row_of, states_of, ticket
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school

ALL = ("ticket_sd_jwt", "ticket_w3c_jwt", "ticket_w3c_di", "ticket_mdoc", "ticket_gate_pass")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("forms")
    iaca = make_iaca("Test IACA", country="JP", address=BASE, now=FixedClock().now())
    (folder / "iaca.pem").write_bytes(iaca.pem)
    (folder / "iaca.key").write_bytes(iaca.key_pem)
    files = {"iaca_certificate": folder / "iaca.pem", "iaca_key": folder / "iaca.key"}
    forms = ("dc+sd-jwt", "jwt_vc_json", "ldp_vc")
    made = open_school(f"sqlite:///{folder / 'issuer.sqlite3'}", folder, offered_formats=forms, **files)
    yield made
    made.deps.database.close_all()


def test_every_form_of_one_ticket_falls_at_once(school: School) -> None:
    event = open_event(school)
    row = ticket(school, event)
    Entitlement.update(flags=7).where(Entitlement.tenant == TENANT, Entitlement.id == row.id).execute()
    wallet = Wallet(school)
    offered = offer_ticket(school.desk, TENANT, again(row), actor="test")
    assert offered.configurations == ALL
    wallet.redeem(offered)
    made = {one: wallet.ask(one, wallet.proofs(did="w3c" in one))["credentials"][0]["credential"] for one in ALL}
    number = row.number
    assert FORMATS["dc+sd-jwt"].preview(made["ticket_sd_jwt"], [("ticket_number",)])["ticket_number"] == number
    assert made["ticket_w3c_di"]["credentialSubject"]["age_equal_or_over"] == {"18": True, "20": True}
    shown = FORMATS["mso_mdoc"].preview(made["ticket_mdoc"], [("tegata.ticket.1", "ticket_number")])
    assert number in repr(shown)
    copies = list(Credential.select().where(Credential.tenant == TENANT, Credential.person_id == row.id))
    assert len({(one.list_id, one.list_index) for one in copies}) == len(ALL)
    assert [one.list_id == row_of(event).list_id for one in copies].count(True) == 1
    assert refund(school.desk, TENANT, event, row.id, actor="test") == len(ALL)
    assert states_of(row) == {one: ["revoked"] for one in ALL}
    for one in copies:
        entry = StatusEntry.get(
            StatusEntry.tenant == TENANT, StatusEntry.list_id == one.list_id, StatusEntry.list_index == one.list_index
        )
        assert entry.value & 3 == 1
    listed = school.client.get(f"/{TENANT}/status/{row_of(event).list_id}")
    assert listed.status_code == 200, "a verifier that is online asks the event's list as any other"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("capacity", 0),
        ("capacity", True),
        ("capacity", "many"),
        ("ends_at", 1),
        ("name_ja", "a\nb"),
        ("name_en", " "),
        ("venue", "x" * 101),
        ("undetermined", "perhaps"),
        ("clock_error", 301),
        ("home_groups", 65),
        ("entrances", []),
        ("entrances", [{"name_ja": "口", "name_en": "Door"}] * 101),
        ("entrances", "all"),
        ("classes", [{"name_ja": "券"}]),
        ("classes", [{"name_ja": "券", "name_en": "T", "capacity": 1, "entrances": [9]}]),
        ("classes", [{"name_ja": "券", "name_en": "T", "capacity": 1, "required": ["rich"]}]),
        ("classes", [{"name_ja": "券", "name_en": "T", "capacity": 1, "paper": True, "required": ["chip"]}]),
        ("classes", [{"name_ja": "券", "name_en": "T", "capacity": 1, "windows": [[5, 4]]}]),
        ("classes", [{"name_ja": "券", "name_en": "T", "capacity": 1, "windows": [[5]]}]),
        ("classes", [{"name_ja": "券", "name_en": "T", "capacity": 1, "number": 256}]),
        ("classes", [{"name_ja": "券", "name_en": "T", "capacity": 1, "number": 1}] * 2),
        ("colour", "red"),
    ],
)
def test_a_plan_that_cannot_be_kept(member: str, value: object) -> None:
    with pytest.raises(Malformed):
        read_plan({**EXAMPLE, member: value})


FIELD = st.sampled_from(
    [
        *("name_ja", "name_en", "venue", "starts_at", "ends_at", "capacity", "reentry", "undetermined", "clock_error"),
        *(f"class_1_{name}" for name in ("name_ja", "capacity", "paper", "flag_chip", "from_1", "to_1", "entrance_1")),
        *("class_999_name_en", "class_²_name_ja", "entrance_1_name_ja", "entrance_300_name_en"),
    ]
)
TYPED = st.one_of(
    st.text(max_size=30), st.sampled_from(["2027-04-01T18:00", "9999-12-31T23:59", "0001-01-01T00:00", "5", "٣", "1e5"])
)
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=10), inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(FIELD, TYPED, max_size=12))
@settings(max_examples=examples(100, 3000), deadline=None)
def test_whatever_is_typed_into_the_form(fields: dict[str, str]) -> None:
    """A plan, or a word for what is wrong; and the form can be shown again as it was typed."""
    for what in ("class", "entrance"):
        for number in rows_of(fields, what):
            windows_of(fields, number)
    with suppress(Malformed):
        form_of(check_plan(read_form(fields)))


@given(st.sampled_from(sorted({*EXAMPLE, "clock_error"})), ANYTHING)
@settings(max_examples=examples(100, 3000), deadline=None)
def test_whatever_stands_in_a_plan(member: str, value: object) -> None:
    with suppress(Malformed):
        form_of(read_plan({**EXAMPLE, member: value}))
