"""A licence's registered domicile and photo reach the issuer, since the signature covers them, and are nowhere afterwards.

Searched: every file of the deployment, logs and wire log among them, and what its sealed columns hold once they are opened.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.cards.drivers.driving_licence.read import HASH_ONLY
from common.cards.reading import Reading
from common.encoding import b64url_encode
from examples.cards.licence.entries import Contents
from examples.cards.licence.holders import SAMPLES
from examples.cards.registry import CARDS
from issuer.flows.card_record import open_claims
from issuer.flows.forget_cards import forget_cards
from issuer.kiosk.stages import Proven
from issuer.routes.staff_cards import parse_readings
from issuer.store.tables import CardReading
from tests.issuer.kiosk_world import AppFetch, Counter, Script, card_authorities, deal, open_card_school, open_counter
from tests.issuer.school import TENANT, School

HOLDER = "nguyen"
"""Whose domicile is not the address."""
LICENCE = SAMPLES[HOLDER]
CONTENTS = Contents(LICENCE)
WINDOW = 24


def forms(secret: bytes) -> tuple[bytes, ...]:
    """As it may stand somewhere: as it is, in hexadecimal, in base64 of either kind at each offset."""
    shifted = [secret[skip : skip + len(secret) // 3 * 3 - 3] for skip in range(3)]
    encoded = [
        form(part).encode() for part in shifted for form in (b64url_encode, lambda one: base64.b64encode(one).decode())
    ]
    return (secret, secret.hex().encode(), secret.hex().upper().encode(), *encoded)


NEEDLES = {
    "domicile, as on the chip": forms(CONTENTS.domicile[2:]),
    "domicile, as text": (LICENCE.domicile.encode(), *forms(LICENCE.domicile.encode())),
    "photo": tuple(
        form
        for start in range(64, len(CONTENTS.photo) - WINDOW, 97)
        for form in forms(CONTENTS.photo[start : start + WINDOW])
    ),
}


def found_in(haystack: bytes) -> list[str]:
    return [name for name, needles in NEEDLES.items() if any(needle in haystack for needle in needles)]


class Overheard(AppFetch):
    """Writes down what the kiosk sends."""

    def __init__(self, inner: AppFetch) -> None:
        super().__init__(inner.client)
        self.bodies: list[bytes] = []

    def _ask(self, method: str, url: str, body: bytes, headers: Any) -> Any:
        if url.endswith("/readings"):
            self.bodies.append(body)
        return super()._ask(method, url, body, headers)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = open_card_school(tmp_path, wire_log=tmp_path / "wire.jsonl")
    yield made
    made.deps.database.close_all()


def serve(school: School) -> tuple[Counter, list[Reading]]:
    known = CARDS["driving-licence"].build(HOLDER, card_authorities(), None).known
    person = Script(secrets={each.word: [each.value] for each in known})
    counter = open_counter(school, deal("driving-licence", HOLDER), person)
    overheard = Overheard(counter.fetch)
    counter.kiosk._issuer._fetch = overheard  # type: ignore[attr-defined]  # the `StaffApi` of this counter
    assert counter.serve() is None
    (body,) = overheard.bodies
    return counter, parse_readings(body)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sealed_of(school: School) -> dict[str, bytes]:
    row = CardReading.get(CardReading.tenant == TENANT)
    parts = {"claims": row.claims, "record": row.record, "questions": row.questions}
    return {
        name: school.desk.secrets.open_reading(TENANT, row.id, name, bytes(sealed))
        for name, sealed in parts.items()
        if sealed is not None
    }


def test_domicile_and_photo_are_judged_and_gone(
    school: School, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    counter, (reading,) = serve(school)
    assert set(HASH_ONLY) <= reading.files.keys(), "the issuer was given them"
    sent = b"".join(reading.files.values())
    assert set(found_in(sent)) == {"domicile, as on the chip", "photo"}, "the search finds what is there"
    (proven,) = counter.person.of(Proven)
    assert "driving_privileges" in proven.accepted.types, "and judged by them"
    sealed = sealed_of(school)
    row = CardReading.get(CardReading.tenant == TENANT)
    assert open_claims(school.desk, row)["licence_number"] == LICENCE.number, "claims are there at this moment"
    assert "record" in sealed
    for name, content in {**sealed, **files_of(tmp_path)}.items():
        assert found_in(content) == [], name
    wire = (tmp_path / "wire.jsonl").read_bytes()
    assert b"/readings" in wire
    assert found_in("".join(capfd.readouterr()).encode()) == []


def test_when_the_offer_is_over_the_evidence_alone_is_left(school: School) -> None:
    serve(school)
    row = CardReading.get(CardReading.tenant == TENANT)
    school.clock.time = row.expires_at + school.deps.settings.card_offer_seconds
    forget_cards(school.desk, TENANT)
    assert set(sealed_of(school)) == {"record"}
