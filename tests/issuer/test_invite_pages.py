"""The staff's pages for inviting somebody to read a card at home: made, handed over, used, withdrawn, and over by itself."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from common.errors import Conflict
from issuer.flows.forget_cards import forget_cards
from issuer.flows.open_card_session import find_card_session, find_reading
from issuer.store.tables import CardReading
from tests.issuer.card_desk import RELAYED, accept, offer, open_card_school, read_my_number
from tests.issuer.school import TENANT, School, open_school
from tests.issuer.test_staff_pages import STAFF, Desk

LINK = re.compile(r"http://localhost:8101/sakuragawa/card/([0-9a-f]{24})/[\w-]{32}")


@pytest.fixture
def school(tmp_path: Path) -> School:
    return open_card_school(tmp_path)


@pytest.fixture
def desk(school: School) -> Desk:
    return Desk(school)


def invite(desk: Desk) -> tuple[str, str]:
    """The staff's page of a new invitation, and the link on it."""
    page = desk.post("/cards").removeprefix(STAFF)
    found = LINK.search(desk.get(page))
    assert found is not None
    assert page == f"/cards/{found[1]}?done=card_invited"
    return page.partition("?")[0], found[0]


@pytest.mark.parametrize(("language", "word"), [("en", "Do not pass it on"), ("ja", "ほかの人に渡さないでください")])
def test_an_invitation_is_there_as_qr_code_link_and_text_with_its_end(desk: Desk, language: str, word: str) -> None:
    page, link = invite(desk)
    desk.http.headers["accept-language"] = language
    text = html.unescape(desk.get(page))
    assert "<svg" in text
    assert f'href="{link}"' in text
    message = re.search(r'data-copy="([^"]*' + re.escape(word) + '[^"]*)"', text)
    assert message is not None
    assert link in message[1]
    assert ("令和8年" if language == "ja" else "2026") in message[1]
    public = desk.http.get(urlsplit(link).path, headers={"accept-language": language})
    assert public.status_code == 200
    assert f"tegata wallet card '{link}'" in html.unescape(public.text)


def test_it_lasts_as_long_as_a_letter_takes_and_no_longer(school: School, desk: Desk) -> None:
    page, link = invite(desk)
    school.clock.advance(school.deps.settings.card_invitation_seconds - 60)
    desk.post("/login", token=school.token)
    assert link in html.unescape(desk.get(page))
    school.clock.advance(60)
    assert LINK.search(desk.get(page)) is None
    assert "its time is up" in desk.get(page)
    assert "This invitation is over" in desk.http.get(urlsplit(link).path).text
    forget_cards(school.desk, TENANT)
    assert CardReading.select().where(CardReading.tenant == TENANT).count() == 0
    assert "This invitation is over" in desk.http.get(urlsplit(link).path).text


def test_what_is_withdrawn_opens_nothing(school: School, desk: Desk) -> None:
    page, link = invite(desk)
    session = find_card_session(school.desk, TENANT, page.rpartition("/")[2])
    reading = read_my_number(session.challenge)
    assert desk.post(f"{page}/withdraw").endswith("?done=card_withdrawn")
    assert LINK.search(desk.get(page)) is None
    assert "This invitation is over" in desk.http.get(urlsplit(link).path).text
    with pytest.raises(Conflict, match="card_session_over"):  # also for a card that was being read just then
        accept(school, session, reading, shared=RELAYED)
    assert find_reading(TENANT, session.id).claims is None
    desk.post(f"{page}/withdraw", expect=409)
    assert "invitation to read a card withdrawn" in desk.get("/record")


def test_the_staff_sees_what_came_of_it_and_nobody_s_name(school: School, desk: Desk) -> None:
    page, _ = invite(desk)
    session = find_card_session(school.desk, TENANT, page.rpartition("/")[2])
    accepted = accept(school, session, read_my_number(session.challenge), shared=RELAYED)
    assert "The card was read" in desk.get(page)
    made = offer(school, accepted, "age")
    text = desk.get(page)
    assert f"{STAFF}/offers/{made.id}" in text
    assert LINK.search(text) is None
    assert str(accepted.claims["name"]) not in text
    desk.post(f"{page}/withdraw", expect=409)


def test_where_no_cards_are_read_nothing_is_promised(tmp_path: Path) -> None:
    closed = Desk(open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path))
    assert f"{STAFF}/cards" not in closed.get("/roll")
    assert "No cards are read here" in closed.get("/cards")
    closed.post("/cards", expect=403)
    assert CardReading.select().where(CardReading.tenant == TENANT).count() == 0


def test_only_the_staff_invites(school: School, desk: Desk) -> None:
    assert f'href="{STAFF}/cards"' in desk.get("/roll")
    page, _ = invite(desk)
    assert desk.http.post(f"{STAFF}/cards", data={}).status_code == 403  # without the form's token
    desk.http.cookies.clear()
    for path in ("/cards", page):
        answer = desk.http.get(STAFF + path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{STAFF}/login")
    assert desk.http.get(f"{STAFF}/cards/{'0' * 24}", follow_redirects=False).status_code == 303
