"""What comes into the kiosk and its API from outside: any bytes, any text, any answer of an issuer ends in a value or a typed error."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import cbor
from common.cards.contract import Part
from common.cards.detect import CARD_TYPES
from common.cards.reading import Exchange, Reading, encode_reading
from common.cards.registry import DRIVERS
from common.cards.secret import Secret
from common.encoding import compact_json
from common.errors import Malformed, Refused, TegataError
from common.ports import Fetched
from issuer.kiosk.plan import find_parts, make_plan
from issuer.kiosk.staff_api import StaffApi
from issuer.kiosk.typed_secret import MAX_TYPED, read_secret
from issuer.routes.staff_cards import parse_readings
from tests.fakes.fetch import FakeFetch

KINDS = {kind.name: kind for driver in DRIVERS for part in driver.parts for kind in part.secrets}
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
READINGS = st.builds(
    Reading,
    card=NAMES,
    files=st.dictionaries(NAMES, st.binary(max_size=50), max_size=4),
    exchanges=st.dictionaries(NAMES, st.builds(Exchange, challenge=st.binary(), answer=st.binary()), max_size=2),
    accepted=st.frozensets(NAMES, max_size=3),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(READINGS, min_size=1, max_size=2))
def test_readings_come_over_as_they_were_sent(readings: list[Reading]) -> None:
    assert parse_readings(cbor.encode([encode_reading(one) for one in readings])) == readings


@given(st.binary(max_size=300))
def test_any_bytes_are_readings_or_malformed(data: bytes) -> None:
    with suppress(Malformed):
        assert 1 <= len(parse_readings(data)) <= 2


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(text=st.text(max_size=120))
def test_what_is_typed_is_the_secrets_form_or_never_sent(kind: str, text: str) -> None:
    typed, wanted, value = Secret(text), KINDS[kind], None
    with suppress(Malformed):
        value = read_secret(wanted, typed).reveal().decode()
    assert value is None or (re.fullmatch(wanted.pattern, value) and len(value) <= MAX_TYPED)
    assert typed.is_forgotten


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"passport_mrz"}))
@given(data=st.data())
def test_a_secret_that_has_the_form_is_taken_as_it_is(kind: str, data: st.DataObject) -> None:
    value = data.draw(st.from_regex(KINDS[kind].pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    assert read_secret(KINDS[kind], Secret(value)).reveal().decode() == value


@given(
    number=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<", min_size=5, max_size=22),
    dates=st.text("0123456789", min_size=12, max_size=12),
)
def test_what_stands_on_a_passport_is_taken_as_it_is(number: str, dates: str) -> None:
    value = f"{number} {dates[:6]} {dates[6:]}"
    assert read_secret(KINDS["passport_mrz"], Secret(value)).reveal().decode() == value


@given(
    status=st.sampled_from((200, 201, 204, 301, 400, 401, 403, 404, 409, 429, 500, 503)),
    body=JSON | st.binary(max_size=50),
)
def test_any_answer_of_an_issuer_is_understood_or_an_error(status: int, body: Any) -> None:
    content = body if isinstance(body, bytes) else compact_json(body)
    base = "https://issuer.example/school/api/cards"
    page = Fetched(url=base, status=status, body=content)
    paths = ("", "/sessions", "/sessions/s/readings", "/sessions/s/offer", "/sessions/s")
    api = StaffApi(FakeFetch({base + path: page for path in paths}), "https://issuer.example/school", Secret("t"))
    for ask in (
        api.describe,
        api.open_session,
        lambda: api.accept("s", [Reading(card="my_number")]),
        lambda: api.offer("s", ["age"]),
        lambda: api.offer_state("s"),
    ):
        with suppress(TegataError):
            ask()


@given(
    cards=st.lists(st.sampled_from(CARD_TYPES), unique=True, max_size=4).map(tuple),
    wanted=st.sets(
        st.sampled_from(sorted({claim for driver in DRIVERS for part in driver.parts for claim in part.claims}))
    ),
    data=st.data(),
)
def test_a_plan_reads_only_what_was_ticked_and_whose_it_is(
    cards: tuple[Any, ...], wanted: set[str], data: st.DataObject
) -> None:
    drivers = {driver.name: driver for driver in DRIVERS}
    try:
        found = find_parts(cards, drivers, wanted)
    except Refused:
        return
    offered: dict[tuple[str, str], Part] = {each.name: each.part for each in found.parts}
    assert all(not part.claims or set(part.claims) & wanted for part in offered.values())
    assert found.usual <= offered.keys()
    ticked = data.draw(st.sets(st.sampled_from(sorted(offered))))
    try:
        plan = make_plan(found, ticked)
    except Refused:
        return
    planned = {(step.driver, part) for step in plan for part in step.parts}
    assert ticked <= planned
    assert planned - ticked <= {("my_number", "jpki_signature")}
    documents = {driver for driver, _ in planned} - {"my_number"}
    assert len(documents) <= 1
    if documents and ("my_number", "jpki_signature") in offered:
        assert planned & {("my_number", "jpki_signature"), ("my_number", "jpki_authentication")}
