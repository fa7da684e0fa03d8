"""The page's side of the kiosk: what is asked and answered between two threads, who may see it, and what the issuer's answers may be."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from common.cards.detect import CARD_TYPES
from common.cards.drivers.my_number.secret_kinds import JPKI_PASSWORD, TEXT_PIN
from common.cards.prompts import SecretPrompt
from common.cards.secret import Secret
from common.encoding import compact_json
from common.errors import Conflict, Malformed, Misconfigured, NotFound, Refused, TegataError, TooMany, Unavailable
from common.pages.catalogue import Words
from common.ports import Fetched
from issuer.kiosk.issuer_desk import MadeOffer
from issuer.kiosk.page_person import Answer, PagePerson
from issuer.kiosk.page_server import serve_page
from issuer.kiosk.page_views import keys_of
from issuer.kiosk.plan import Found
from issuer.kiosk.screen_texts import open_texts, trouble_text
from issuer.kiosk.staff_api import StaffApi
from issuer.kiosk.stages import NEXT_VISITOR, AddressAsked, Answered, Asked, Proven, PutCard, Taking
from issuer.kiosk.trouble import KEYS, Trouble
from issuer.kiosk.typed_secret import read_secret
from issuer.kiosk.visit import Kiosk
from tests.fakes.fetch import FakeFetch
from tests.issuer.kiosk_screen import KEY, Screen, open_screen
from tests.issuer.kiosk_world import PASSWORD, Desktop, Script, deal, open_card_school, open_counter
from tests.issuer.school import BASE, TENANT, School, Wallet

ROOT = Path(__file__).parents[2]
ADDRESS = f"{BASE}/{TENANT}"
ASKED = Asked(card=CARD_TYPES[1], prompt=SecretPrompt(kind=JPKI_PASSWORD, tries_left=3))


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = open_card_school(tmp_path_factory.mktemp("kiosk-page"))
    yield made
    made.deps.database.close_all()


@pytest.fixture(scope="module")
def screen(school: School) -> Iterator[Screen]:
    with open_screen(school) as opened:
        yield opened


def in_a_thread(act: Callable[[], Any]) -> tuple[Thread, list[Any]]:
    said: list[Any] = []

    def run() -> None:
        try:
            said.append(act())
        except TegataError as error:
            said.append(error.code)

    thread = Thread(target=run)
    thread.start()
    return thread, said


def shown(person: PagePerson, kind: type[Any]) -> int:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        stage, number = person.now_shown()
        if isinstance(stage, kind):
            return number
        time.sleep(0.005)
    raise AssertionError(f"{kind.__name__} was not shown")


def test_only_the_answer_to_what_is_asked_now_counts() -> None:
    person = PagePerson(patience=5)
    thread, said = in_a_thread(lambda: person.give_secret(ASKED, lambda: None))
    number = shown(person, Asked)
    late = Answered(typed=Secret("LATE12"))
    assert not person.answer(number - 1, Answer(secret=late))
    assert late.typed.is_forgotten
    first, second = Answered(typed=Secret("FIRST1")), Answered(typed=Secret("SECOND"))
    assert person.answer(number, Answer(secret=first))
    assert not person.answer(number, Answer(secret=second)), "pressed twice"
    assert second.typed.is_forgotten
    thread.join(60)
    assert said[0] is first


def test_a_secret_that_nobody_waits_for_is_forgotten() -> None:
    ends: tuple[Callable[[PagePerson], object], ...] = (
        lambda person: person.show(PutCard(has_reader=True)),
        lambda person: person.close(),
    )
    for end in ends:
        person = PagePerson()
        person.show(ASKED)
        given = Answered(typed=Secret("ABC123"))
        assert person.answer(person.now_shown()[1], Answer(secret=given))
        end(person)
        assert given.typed.is_forgotten


@pytest.mark.parametrize(
    ("patience", "act", "code"),
    [
        (0.2, lambda person, number: None, "left"),
        (9.0, lambda person, number: person.answer(number, Answer(stop=True)), "stopped"),
        (9.0, lambda person, number: person.answer(number, Answer(done=True)), "stopped"),
        (9.0, lambda person, number: person.close(), "stopped"),
    ],
    ids=["nobody", "stop", "no-secret", "closed"],
)
def test_how_a_question_ends(patience: float, act: Callable[[PagePerson, int], object], code: str) -> None:
    person = PagePerson(patience=patience)
    thread, said = in_a_thread(lambda: person.give_secret(ASKED, lambda: None))
    act(person, shown(person, Asked))
    thread.join(8)
    assert said == [code]


def test_a_card_that_goes_ends_the_question_at_once() -> None:
    person = PagePerson(patience=30)

    def watch() -> None:
        raise Unavailable("no_card", "gone")

    began = time.monotonic()
    thread, said = in_a_thread(lambda: person.give_secret(ASKED, watch))
    thread.join(60)
    assert said == ["no_card"]
    assert time.monotonic() - began < 20


def test_the_qr_code_goes_when_somebody_else_comes() -> None:
    person = PagePerson(patience=30)
    taking = Taking(offer=MadeOffer(link="openid-credential-offer://x", expires_at=1))
    thread, said = in_a_thread(lambda: person.take(taking, lambda: NEXT_VISITOR))
    thread.join(60)
    assert said == [None]


def test_what_was_proven_goes_when_somebody_elses_card_is_put(school: School) -> None:
    person = PagePerson(patience=60)
    counter = open_counter(school, deal("my-number"), Script())
    kiosk = Kiosk(
        slot=counter.desktop,
        issuer=StaffApi(counter.fetch, ADDRESS, Secret(school.token)),
        person=person,
        now=school.clock.now,
    )
    thread, said = in_a_thread(kiosk.serve_one)
    number = shown(person, Found)
    assert person.answer(number, Answer(parts=frozenset({("my_number", "jpki_signature")})))
    assert person.answer(shown(person, AddressAsked), Answer(done=True))
    assert person.answer(shown(person, Asked), Answer(secret=Answered(typed=Secret("ABC123"))))
    shown(person, Proven)
    counter.desktop.card = None
    counter.desktop.card = deal("driving-licence")
    thread.join(60)
    assert said == [Trouble(key="left", card="my_number")]
    assert not isinstance(person.now_shown()[0], Proven)


def test_a_next_visitor_is_served_without_waiting(school: School) -> None:
    person = Script(secrets={PASSWORD: ["ABC123"]})
    counter = open_counter(school, deal("my-number"), person)
    states: list[str] = []

    def take(taking: Taking, state: Callable[[], str]) -> None:
        states.append(state())
        counter.desktop.card = None
        states.append(state())
        counter.desktop.card = deal("driving-licence")
        states.append(state())

    person.take = take  # type: ignore[method-assign]
    assert counter.serve() is None
    assert states == ["open", "open", NEXT_VISITOR]
    assert counter.desktop.card is not None, "nobody asked the next one to take the card out"


def test_what_is_offered_goes_into_a_wallet_and_the_kiosk_sees_it(school: School) -> None:
    person = Script(secrets={PASSWORD: ["ABC123"]}, types=("age",))

    def take(taking: Taking, state: Callable[[], str]) -> None:
        person.states.append(state())
        Wallet(school).claim(taking.offer, "age_sd_jwt")
        person.states.append(state())

    person.take = take  # type: ignore[method-assign]
    assert open_counter(school, deal("my-number"), person).serve() is None
    assert person.states == ["open", "issued"]


def test_who_may_see_the_screen(screen: Screen) -> None:
    origin = screen.address.partition(f"/{KEY}")[0]
    with httpx.Client(base_url=origin) as client:
        assert client.get(f"/{KEY}/").status_code == 200
        assert client.get("/").status_code == 404
        for path in ("/guess/", "/guess/part", "/guess/events"):
            assert client.get(path).status_code == 404
        assert client.get(f"/{KEY}/", headers={"Host": "evil.example"}).status_code == 400
        posted = client.post("/guess/answer", data={"number": "1", "act": "stop"})
        assert posted.status_code == 404
        foreign = client.post(
            f"/{KEY}/answer", data={"number": "1", "act": "stop"}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert foreign.status_code == 403
        whole = client.get(f"/{KEY}/")
        assert whole.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in whole.headers["content-security-policy"]
        assert client.post(f"/{KEY}/answer", content=b"x" * 20_000).status_code == 413


def test_the_page_without_script_tells_the_same(screen: Screen) -> None:
    screen.clear()
    with httpx.Client(headers={"Accept-Language": "en"}, follow_redirects=True) as client:
        assert "http-equiv" in client.get(screen.address).text, "it looks again by itself"
        screen.put(deal("my-number"))
        ends = time.monotonic() + 60
        while 'name="part"' not in (page := client.get(screen.address).text) and time.monotonic() < ends:
            time.sleep(0.05)
        assert "http-equiv" not in page, "nobody is disturbed while they answer"
        number = page.partition('name="number" value="')[2].partition('"')[0]
        data = {"number": number, "act": "go", "part": "my_number:jpki_signature"}
        offered = client.post(f"{screen.address}answer", data=data).text
        assert 'name="email"' in offered
        number = offered.partition('name="number" value="')[2].partition('"')[0]
        wrong = client.post(f"{screen.address}answer", data={"number": number, "act": "go", "email": "hanako"}).text
        assert "This is no mail address." in wrong
        assert "hanako" not in wrong
        number = wrong.partition('name="number" value="')[2].partition('"')[0]
        left = {"number": number, "act": "go", "email": "hanako@example.jp"}
        asked = client.post(f"{screen.address}answer", data=left).text
        ends = time.monotonic() + 60
        while 'type="password"' not in asked and time.monotonic() < ends:  # the card is being read
            asked = client.get(screen.address).text
        assert "Tries left: 5" in asked
        assert 'type="password"' in asked
    screen.clear()


def test_a_stream_tells_of_every_stage(screen: Screen) -> None:
    screen.clear()
    with httpx.Client(timeout=10) as client, client.stream("GET", f"{screen.address}events") as stream:
        lines = stream.iter_lines()
        events = 0
        screen.put(deal("my-number"))
        for line in lines:
            events += line == "event: changed"
            if events == 2:
                break
    assert events == 2
    screen.clear()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_trouble_says_what_happened_and_who_can_mend_it(key: str, language: Any) -> None:
    words = Words(open_texts(), language)
    said = trouble_text(Trouble(key=key, card="my_number", wait=60, refusals=("revoked", "not_told")), words)
    assert said.title
    assert said.text
    assert said.mend
    assert "{" not in said.title + said.text + said.mend
    assert said.reasons == (words.text("refusal.revoked"),)


def test_what_is_typed_is_forgiven_its_width_and_forgotten() -> None:
    typed = Secret("ａｂｃ 1２3")
    assert read_secret(JPKI_PASSWORD, typed).reveal() == b"ABC123"
    assert typed.is_forgotten
    assert read_secret(TEXT_PIN, Secret(" １２３４ ")).reveal() == b"1234"
    for wrong in ("", "123", "12345", "12a4", "1" * 5000):
        typed = Secret(wrong)
        with pytest.raises(Malformed):
            read_secret(TEXT_PIN, typed)
        assert typed.is_forgotten


def test_the_keys_on_the_screen_are_those_of_the_secret() -> None:
    assert keys_of(TEXT_PIN) == tuple("1234567890")
    assert set(keys_of(JPKI_PASSWORD)) == set("1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def answered(status: int, body: object, headers: dict[str, str] | None = None) -> StaffApi:
    content = body if isinstance(body, bytes) else compact_json(body)
    url = "https://issuer.example/school/api/cards"
    page = Fetched(url=url, status=status, headers=headers or {}, body=content)
    return StaffApi(FakeFetch({url: page}), "https://issuer.example/school/", Secret("tgt_x"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"code": "login_needed"}, Refused, "token_refused"),
        (403, {"code": "cards_not_set_up"}, Refused, "cards_not_set_up"),
        (404, {"code": "no_such_card_session"}, NotFound, "no_such_card_session"),
        (409, {"code": "card_session_over"}, Conflict, "card_session_over"),
        (429, {"code": "too_many"}, TooMany, "too_many"),
        (500, {"code": "internal_error"}, Unavailable, "issuer_failed"),
        (502, b"<html>", Unavailable, "issuer_failed"),
        (400, {"code": "<script>"}, Malformed, "issuer_refused"),
        (302, b"", Unavailable, "issuer_failed"),
        (200, b"{}", Unavailable, "issuer_not_understood"),
        (200, b"[]", Unavailable, "issuer_not_understood"),
        (200, {"types": [{"name": 1}], "delivery_key": ""}, Unavailable, "issuer_not_understood"),
        (200, {"types": 5, "delivery_key": "!"}, Unavailable, "issuer_not_understood"),
    ],
)
def test_whatever_the_issuer_answers_is_an_error_of_ours(
    status: int, body: object, kind: type[TegataError], code: str
) -> None:
    with pytest.raises(kind) as raised:
        answered(status, body, {"retry-after": "7"}).describe()
    assert raised.value.code == code
    assert "tgt_x" not in repr(raised.value)


def test_a_key_made_of_nothing_opens_nothing(tmp_path: Path) -> None:
    from issuer.cli.kiosk import open_issuer, read_token

    with pytest.raises(Malformed):
        open_issuer("https://issuer.example/school", "")
    file = tmp_path / "token"
    file.write_text("tgt_abc\n")
    assert read_token(file) == "tgt_abc"


def test_the_page_begins_with_nobody() -> None:
    person = PagePerson()
    assert isinstance(person.now_shown()[0], PutCard)


def test_the_command_serves_the_page_and_ends_in_order(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("tgt_of_nobody")
    words = [sys.executable, "-m", "tegata", "issuer", "kiosk", "--page", "--port", "0", "--token-file", str(token)]
    words += ["--issuer", "http://localhost:9/school"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as kiosk:
        try:
            assert kiosk.stdout is not None
            address = kiosk.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            with httpx.Client(headers={"Accept-Language": "en"}) as client:
                assert client.get(address).status_code == 200
                person, port = PagePerson(), int(address.split(":")[2].split("/")[0])
                desk = StaffApi(FakeFetch(), "https://issuer.example/school", Secret("t"))
                another = Kiosk(slot=Desktop(None), issuer=desk, person=person, now=lambda: 0)
                with pytest.raises(Misconfigured, match="is in use"):
                    serve_page(person, another, key=KEY, port=port, announce=print)
        finally:
            kiosk.send_signal(signal.SIGINT)
        assert kiosk.wait(20) == 0
