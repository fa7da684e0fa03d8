"""A link that opens the wallet from another page: one button to what it is about, and nothing is read before it is pressed."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient

from tests.wallet_agent.fake_ticket_office import FakeTicketOffice
from tests.wallet_agent.test_evidence_texts import EN, JA
from tests.wallet_agent.test_pass_routes import client, enter, me, office
from wallet_agent.pages.claim_texts import show_value
from wallet_agent.routes.pages_offers import sender_of

__all__ = ["client", "me", "office"]


def test_an_offer_is_one_button_away(client: TestClient, office: FakeTicketOffice, me: dict[str, str]) -> None:
    enter(client)
    query = office.ticket_link().partition("?")[2]
    page = client.get(f"/hanako/open?{query}", headers={"accept-language": "ja"}).text
    assert "証明書の案内が届いています" in page
    assert "data-scan" not in page
    (text,) = re.findall(r'name="text" value="([^"]+)"', page)
    form = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    shown = client.post("/hanako/add", data={"text": html.unescape(text), "csrf_token": form}, follow_redirects=False)
    assert shown.status_code == 303
    assert "/offers/" in shown.headers["location"]


def test_a_question_names_who_sends_it(client: TestClient, me: dict[str, str]) -> None:
    enter(client)
    page = client.get(
        "/hanako/open?client_id=x&request_uri=https%3A%2F%2Fcafe.example%2Frequests%2F1",
        headers={"accept-language": "en"},
    ).text
    assert "You were sent a question" in page
    assert re.search(r"Sent by.*cafe\.example", page, re.DOTALL)


@pytest.mark.parametrize(
    ("query", "host"),
    [
        ("credential_offer_uri=https%3A%2F%2Fcity.example%3A8443%2Foffers%2F1", "city.example"),
        ("credential_offer=%7B%7D", ""),
        ("request_uri=https%3A%2F%2F%5B", ""),
        ("&".join(f"a{n}=1" for n in range(1000)), ""),
        ("request_uri=%3Cscript%3E", ""),
        ("request_uri=https%3A%2F%2Fcity.example%2F1&request_uri=https%3A%2F%2Fevil.example%2F1", ""),
        ("request_uri=https%3A%2F%2F%FF.example%2F1", ""),
        ("request_uri=https%3A%2F%2Fa%E2%80%AEb.example%2F1", "a\N{REPLACEMENT CHARACTER}b.example"),
    ],
)
def test_the_sender_as_far_as_a_link_tells(query: str, host: str) -> None:
    assert sender_of(query) == host


def test_times_are_shown_in_the_readers_style() -> None:
    assert show_value("2026-11-21T23:00:00Z", JA) == "令和8年11月22日（2026年） 8:00"
    assert show_value("2026-11-22T08:00:00+09:00", EN) == "22 November 2026, 8:00 JST"
    assert show_value("2026-13-41T99:00:00Z", EN) == "2026-13-41T99:00:00Z"
    assert show_value("9999-12-31T23:59:59Z", EN) == "9999-12-31T23:59:59Z"
