"""The organiser's form over HTTP, without script: what a browser posts, and what the page then says where."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from issuer.flows.events.create_event import change_event
from issuer.flows.events.find_events import find_event, list_events, plan_of
from issuer.flows.events.plan import EXAMPLE
from issuer.pages.event_views import form_of
from tests.fakes.app_client import AppClient
from tests.issuer.events.fake_verifier import FakeVerifier
from tests.issuer.events.festival import NOW, PLAN, open_event, row_of
from tests.issuer.school import BASE, TENANT, School

EVENTS = f"/{TENANT}/staff/events"
WHOLE = {
    "name_ja": "春の音楽会",
    "name_en": "Spring Concert",
    "starts_at": "2027-04-01T18:00",
    "ends_at": "2027-04-01T21:00",
    "capacity": "50",
    "entrance_1_name_ja": "北口",
    "entrance_1_name_en": "North",
    "entrance_2_name_ja": "南口",
    "entrance_2_name_en": "South",
    "class_1_name_ja": "一般",
    "class_1_name_en": "General",
    "class_1_capacity": "50",
}


class Browser:
    """A member of staff who is logged in, reading English."""

    def __init__(self, school: School) -> None:
        self.http = AppClient(school.client.app, base_url=BASE)
        self.http.headers["accept-language"] = "en"
        page = self.http.get(f"/{TENANT}/staff/login").text
        self.csrf = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
        self.post(f"/{TENANT}/staff/login", {"token": school.token})

    def page(self, path: str) -> str:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def post(self, path: str, fields: dict[str, str], *, expect: int = 303) -> Any:
        answer = self.http.post(path, data={"csrf_token": self.csrf, **fields}, follow_redirects=False)
        assert answer.status_code == expect, answer.text
        return answer


@pytest.fixture(scope="module")
def browser(school: School) -> Browser:
    return Browser(school)


def test_a_class_may_choose_any_entrance_that_is_being_entered(school: School, browser: Browser) -> None:
    blank = browser.page(f"{EVENTS}/new")
    entered = set(re.findall(r'name="entrance_(\d+)_name_ja"', blank))
    assert len(entered) > 1
    assert set(re.findall(r'name="class_1_entrance_(\d+)"', blank)) == entered, "as many boxes as rows"
    browser.post(f"{EVENTS}/new", WHOLE | {"class_1_entrance_2": "on"})
    made = next(one for one in list_events(TENANT) if one.name_en == "Spring Concert")
    assert plan_of(made).classes[0].entrances == (2,)


def test_an_entrance_that_was_left_empty_is_chosen_by_no_class(browser: Browser) -> None:
    """Passed over, the class would be let in everywhere."""
    page = browser.post(f"{EVENTS}/new", WHOLE | {"class_1_entrance_3": "on"}, expect=400).text
    assert beside(page, "class_1_entrances") == "A class names an entrance that is not there."
    assert re.search(r'name="class_1_entrance_3" checked', page), "it can be unticked"


@pytest.mark.parametrize(
    ("wrong", "at", "says"),
    [
        ({"name_en": ""}, "name_en", "Names are"),
        ({"venue": "x" * 101}, "venue", "The venue"),
        ({"starts_at": ""}, "starts_at", "Check the times"),
        ({"ends_at": "2027-04-01T17:00"}, "ends_at", "Check the times"),
        ({"capacity": "many"}, "capacity", "Enter the capacity"),
        ({"capacity": "0"}, "capacity", "Enter the capacity"),
        ({"entrance_2_name_en": ""}, "entrance_2_name_en", "Names are"),
        ({"class_1_capacity": ""}, "class_1_capacity", "Enter the capacity"),
        ({"class_1_name_ja": "", "class_1_name_en": ""}, "class_1_name_ja", "At least one class"),
        ({"class_1_to_1": "2027-04-01T19:00"}, "class_1_from_1", "Check the times"),
        ({"class_1_from_1": "2027-04-01T19:00", "class_1_to_1": "2027-04-01T18:00"}, "class_1_windows", "Check the"),
        ({"class_1_flag_chip": "on", "class_1_paper": "on"}, "class_1_paper", "A class that demands a proof cannot"),
        ({"class_1_flag_chip": "on"}, "class_1_required", "This class demands a proof, and nobody is set up to check"),
        ({"clock_error": "301"}, "clock_error", "A number of the rules"),
        ({"stale_after": "soon"}, "stale_after", "A number of the rules"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_too(browser: Browser, wrong: dict[str, str], at: str, says: str) -> None:
    page = browser.post(f"{EVENTS}/new", WHOLE | wrong, expect=400).text
    banner = re.search(r'role="alert".*?</p>\s*<p>([^<]+)</p>', page, re.DOTALL)
    assert banner is not None
    assert banner[1].startswith(says)
    assert beside(page, at) == banner[1]
    _, folded, since = page.partition(f'id="error-{at}"')[0].rpartition("<details")
    assert not folded or "</details>" in since or since.startswith(' class="more" open'), "folded it would not be seen"


def test_all_that_is_wrong_is_said_at_once(browser: Browser) -> None:
    """What cannot be read, and what can and does not fit."""
    wrong = {
        "name_en": "",
        "starts_at": "soon",
        "capacity": "many",
        "class_1_capacity": "9999999",
        "class_1_flag_chip": "on",
        "class_1_paper": "on",
        "clock_error": "301",
    }
    page = browser.post(f"{EVENTS}/new", WHOLE | wrong, expect=400).text
    for at, says in {
        "name_en": "Names are",
        "starts_at": "Check the times",
        "capacity": "Enter the capacity",
        "class_1_capacity": "Enter the capacity",
        "class_1_paper": "A class that demands a proof cannot",
        "clock_error": "A number of the rules",
    }.items():
        assert beside(page, at).startswith(says), at
    assert page.count('class="error"') == 6
    assert "6 things are to be mended" in page
    assert len(re.findall(r'<details class="more" open', page)) == 2
    window = {"ends_at": "2027-04-01T17:00", "class_1_from_1": "soon", "class_1_to_1": "2027-04-01T19:00"}
    page = browser.post(f"{EVENTS}/new", WHOLE | window, expect=400).text
    assert beside(page, "ends_at") == beside(page, "class_1_from_1")
    assert page.count('class="error"') == 2, "a window that cannot be read is wrong once"


def test_a_program_hears_all_of_it_in_one_sentence(school: School) -> None:
    plan = {**EXAMPLE, "name_en": " ", "capacity": 0}
    answer = school.client.post(f"/{TENANT}/api/events", json=plan, headers=school.staff)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_name")
    assert "a name is one line" in answer.json()["detail"]
    assert "the capacity of an event is from 1" in answer.json()["detail"]


def test_who_can_mend_it_where_nobody_checks_a_proof(school: School, browser: Browser) -> None:
    page = browser.post(f"{EVENTS}/new", WHOLE | {"class_1_flag_chip": "on"}, expect=400).text
    assert "ask whoever runs this server to set verifier_url" in beside(page, "class_1_required")
    asked = {"name_ja": "会", "name_en": "Party", "starts_at": NOW, "ends_at": NOW + 60, "capacity": 1}
    asked |= {"entrances": [{"name_ja": "口", "name_en": "Door"}]}
    asked |= {"classes": [{"name_ja": "券", "name_en": "T", "capacity": 1, "required": ["chip"]}]}
    answer = school.client.post(f"/{TENANT}/api/events", json=asked, headers=school.staff)
    assert (answer.status_code, answer.json()["code"]) == (400, "needs_verifier")
    event = open_event(school)  # while a verifier was set
    browser.post(f"{EVENTS}/{event}/edit", form_of(replace(PLAN, name_en="Renamed")))
    assert row_of(event).name_en == "Renamed", "what it demands already keeps nobody from changing the rest"
    more = (*PLAN.classes[:2], replace(PLAN.classes[2], required=1))
    browser.post(f"{EVENTS}/{event}/edit", form_of(replace(PLAN, classes=more)), expect=400)
    change_event(
        replace(school.desk, verifier=FakeVerifier(expires_at=0)),
        TENANT,
        event,
        replace(PLAN, classes=more),
        actor="test",
    )
    assert plan_of(find_event(TENANT, event)).classes[2].required == 1


def test_the_overview_tells_windows_rules_and_what_is_odd(school: School, browser: Browser) -> None:
    first = replace(PLAN.classes[0], windows=((PLAN.starts_at, PLAN.starts_at + 3600),), capacity=11)
    event = open_event(
        school, classes=(first, *PLAN.classes[1:]), reentry=True, undetermined="document", clock_error=17
    )
    page = browser.page(f"{EVENTS}/{event}")
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert re.search(r"North , South|All entrances \d+ \w+ \d{4}, \d+:\d\d JST to \d+ \w+ \d{4}, \d+:\d\d JST", text)
    assert text.count("At any time") == 2
    assert "Whoever goes out may come in again Yes When a gate cannot tell Look at a document" in text
    assert "Error of a gate's clock (seconds) 17" in text.replace("&#39;", "'")
    assert "The class General has room for 11, the event for 10." in text
    assert "has room for" not in browser.page(f"{EVENTS}/{open_event(school)}")


def beside(page: str, at: str) -> str:
    found = re.findall(rf'id="error-{at}"><span aria-hidden="true">▲</span> ([^<]+)</p>', page)
    assert len(found) == 1, f"nothing stands at {at}"
    return str(found[0])
