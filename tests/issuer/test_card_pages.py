"""The pages for who has a reader of their own: the invitation, and the door that an institution may open to anybody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from issuer.store.tables import CardReading
from tests.issuer.card_desk import open_card_school
from tests.issuer.school import TENANT, School

COMMAND = re.compile(r"tegata wallet card '(http://localhost:8101(/sakuragawa/card/[0-9a-f]{24}/[\w-]{32}))'")


@pytest.fixture
def closed(tmp_path: Path) -> School:
    return open_card_school(tmp_path)


@pytest.fixture
def open_to_all(tmp_path: Path) -> School:
    return open_card_school(tmp_path, card_page=True)


def invite(school: School) -> str:
    made = school.client.post(f"/{TENANT}/api/cards/invitations", headers=school.staff)
    assert made.status_code == 201
    return str(made.json()["link"]).removeprefix("http://localhost:8101")


@pytest.mark.parametrize(("language", "words"), [("en", "your own reader"), ("ja", "お手元のリーダー")])
def test_an_invitation_says_how_to_go_on(closed: School, language: str, words: str) -> None:
    path = invite(closed)
    page = closed.client.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    assert words in page.text
    found = COMMAND.search(page.text)
    assert found is not None
    assert found[2] == path


def test_only_who_has_the_token_sees_it(closed: School) -> None:
    path = invite(closed)
    assert closed.client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert closed.client.get(path.replace(TENANT, "elsewhere")).status_code == 404
    assert closed.client.post(f"/{TENANT}/api/cards/invitations").status_code == 401


def test_an_invitation_that_is_over_says_so(closed: School) -> None:
    path = invite(closed)
    closed.clock.advance(closed.deps.settings.card_invitation_seconds)
    page = closed.client.get(path, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "This invitation is over" in page.text
    assert COMMAND.search(page.text) is None


def test_the_door_is_closed_unless_somebody_opens_it(closed: School) -> None:
    assert closed.client.get(f"/{TENANT}/card").status_code == 404
    assert closed.client.post(f"/{TENANT}/card", data={}).status_code in (403, 404)
    assert CardReading.select().where(CardReading.tenant == TENANT).count() == 0


def test_anybody_may_begin_where_the_door_is_open(open_to_all: School) -> None:
    page = open_to_all.client.get(f"/{TENANT}/card", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    field = re.search(r'name="([\w-]*csrf[\w-]*)" value="([^"]+)"', page.text)
    assert field is not None
    assert open_to_all.client.post(f"/{TENANT}/card", data={}).status_code == 403
    begun = open_to_all.client.post(f"/{TENANT}/card", data={field[1]: field[2]})
    assert begun.status_code == 200
    assert COMMAND.search(begun.text) is not None  # sent on to the invitation


def test_one_address_opens_only_so_many(open_to_all: School) -> None:
    page = open_to_all.client.get(f"/{TENANT}/card")
    field = re.search(r'name="([\w-]*csrf[\w-]*)" value="([^"]+)"', page.text)
    assert field is not None
    answers = [open_to_all.client.post(f"/{TENANT}/card", data={field[1]: field[2]}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
