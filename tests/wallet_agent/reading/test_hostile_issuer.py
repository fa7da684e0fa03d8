"""The holder's side against an issuer that says what it likes: nothing reaches the card, the conversation ends, and the tries are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.cards.apdu import Command, encode
from common.cards.drivers.my_number import jpki, surface, text
from common.cards.possession import PossessionChallenge, build_digest_info, build_possession
from common.cards.relay import (
    Begin,
    End,
    Kind,
    Offer,
    Open,
    Opened,
    Present,
    Progress,
    Result,
    Session,
    Sign,
    Take,
    build_frame,
    build_text,
    parse_frame,
    parse_from_holder,
)
from common.encoding import b64url_encode
from common.errors import Malformed, Refused, TegataError, TooMany, Unavailable
from examples.cards.chip import Chip
from examples.cards.people import PEOPLE
from examples.cards.registry import CARDS
from tests.amount import examples
from tests.cards.my_number_world import card
from tests.cards.relay_world import Somebody, WatchedCard
from tests.cards.sandbox import sandbox
from tests.fakes.card import InProcessCard
from wallet_agent.reading.prompts import Answered, Asked
from wallet_agent.reading.relay import HolderRelay, Invited

ORIGIN, SESSION, NONCE = "https://issuer.example", "a" * 24, bytes(range(32))
CHALLENGE = PossessionChallenge(origin=ORIGIN, session=SESSION, nonce=NONCE)
INVITED = Invited(origin=ORIGIN, session=SESSION)
HELLO = Session(
    1, ORIGIN, SESSION, b64url_encode(NONCE), "桜川", "Sakuragawa", ("name", "nationality", "photo"), 1 << 40
)
SECRETS = {
    "jpki_signature_password": "ABC123",
    "my_number_text_pin": "1234",
    "my_number_verification_b": PEOPLE["hanako"].printed_code,
}
Frame = str | bytes
Script = Iterator[Frame]


def apdu(*parts: int, data: bytes = b"", le: int | None = None) -> bytes:
    return encode(Command(parts[0], parts[1], parts[2], parts[3], data, le))


SELECT_JPKI = apdu(0x00, 0xA4, 0x04, 0x0C, data=jpki.AID)
SELECT_TEXT = apdu(0x00, 0xA4, 0x04, 0x0C, data=text.AID)
SELECT_PASSWORD = apdu(0x00, 0xA4, 0x02, 0x0C, data=b"\x00\x1b")


@dataclass
class ScriptedLine:
    """The issuer as a list of frames. said: what the holder answered."""

    frames: list[Frame]
    said: list[Frame] = field(default_factory=list)

    def send(self, frame: Frame) -> None:
        self.said.append(frame)

    def receive(self, seconds: float) -> Frame:
        assert seconds <= 60
        if not self.frames:
            raise Unavailable("link_lost")
        return self.frames.pop(0)


@dataclass
class Outcome:
    error: TegataError
    side: HolderRelay
    line: ScriptedLine
    watched: WatchedCard
    somebody: Somebody


def play(*frames: Frame, chip: Chip | None = None, somebody: Somebody | None = None) -> Outcome:
    """Frames after the session's; commands get their indices in order where they have none yet."""
    line = ScriptedLine([build_text(HELLO), *frames])
    watched = WatchedCard(InProcessCard(chip or card()))
    somebody = somebody or Somebody(secrets=SECRETS, parts=[("my_number", "jpki_signature"), ("my_number", "surface")])
    side = HolderRelay(line, watched, INVITED, somebody)
    with pytest.raises(TegataError) as caught:
        side.run()
    return Outcome(caught.value, side, line, watched, somebody)


def steps(*commands: bytes) -> list[Frame]:
    return [build_frame(index, command) for index, command in enumerate(commands)]


def sign(index: int, key: str = "jpki_signature", session: str = SESSION, nonce: bytes = NONCE) -> str:
    return build_text(Sign(index, key, session, b64url_encode(nonce)))


BEFORE = steps(SELECT_JPKI, SELECT_PASSWORD)
HOSTILE: dict[str, tuple[list[Frame], str]] = {
    "a guess": ([build_frame(2, apdu(0x00, 0x20, 0x00, 0x80, data=b"ABC123"))], "command_refused"),
    "a new password": ([build_frame(2, apdu(0x00, 0x24, 0x00, 0x80, data=b"ABC123XYZ999"))], "command_refused"),
    "a contract to sign": (
        [build_frame(2, apdu(0x80, 0x2A, 0x00, 0x9A, data=build_digest_info(b"a contract"), le=256))],
        "command_refused",
    ),
    "another session's possession": ([sign(2, session="b" * 24)], "signature_refused"),
    "another nonce": ([sign(2, nonce=bytes(32))], "signature_refused"),
    "another key": ([sign(2, key="jpki_authentication")], "command_refused"),
    "the key of an application that is not selected": ([sign(2, key="card")], "command_refused"),
    "a secret of another application": ([build_text(Present(2, "my_number_verification_b"))], "command_refused"),
    "a secret of the text application": ([build_text(Present(2, "my_number_text_pin"))], "command_refused"),
    "a secret that nobody agreed to": ([build_text(Present(2, "jpki_authentication_pin"))], "command_refused"),
    "the individual number as a secret": ([build_text(Present(2, "my_number_verification_a"))], "command_refused"),
    "a handshake that has no place": ([build_text(Open(2, "residence_card_number"))], "command_refused"),
    "a step out of turn": ([build_frame(3, SELECT_JPKI)], "bad_relay_frame"),
    "a step again": ([build_frame(1, SELECT_JPKI)], "bad_relay_frame"),
    "no command": ([build_frame(2, b"\x00\x01")], "command_malformed"),
    "no message": (["{}"], "bad_relay_message"),
    "the holder's own message": ([build_text(Begin(()))], "bad_relay_message"),
    "an end": ([build_text(End("no_such_thing"))], "no_such_thing"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends_there(name: str) -> None:
    frames, code = HOSTILE[name]
    found = play(*BEFORE, *frames)
    assert found.error.code == code
    assert parse_from_holder(str(found.line.said[-1])) == End(code)
    # six selections to see which card it is, and the two honest commands
    own = [one for one in found.watched.commands if one[1] != 0xA4]
    assert own == []
    assert found.somebody.asked == []
    assert found.side.tries == {}


def test_neither_the_individual_number_nor_its_digest() -> None:
    """File 0003 of the text application holds the number's SHA-256 without salt. So nothing of that application passes, least its PIN."""
    into, pin = SELECT_TEXT, apdu(0x00, 0xA4, 0x02, 0x0C, data=b"\x00\x11")
    for start in ((into,), (SELECT_JPKI, into), (apdu(0x00, 0xA4, 0x04, 0x0C, data=surface.AID), into)):
        found = play(*steps(*start, pin), build_text(Present(len(start) + 1, "my_number_text_pin")))
        assert found.error.code == "command_refused"
        assert found.somebody.asked == []
        assert found.side.tries == {}
        own = found.watched.commands[-(len(start) - 1) or len(found.watched.commands) :]
        assert pin not in own


def test_the_surface_application_has_no_other_file_either() -> None:
    start = steps(apdu(0x00, 0xA4, 0x04, 0x0C, data=surface.AID), apdu(0x00, 0xA4, 0x02, 0x0C, data=b"\x00\x12"))
    for last in (
        SELECT_TEXT,
        apdu(0x00, 0xB0, 0x81, 0x00, le=256),
        apdu(0x00, 0xB0, 0x83, 0x00, le=256),
        apdu(0x00, 0xA4, 0x02, 0x0C, data=b"\x00\x01"),
        apdu(0x00, 0xA4, 0x02, 0x0C, data=b"\x00\x03"),
        apdu(0x00, 0xB0, 0x00, 0x00, le=256),
    ):
        found = play(*start, build_text(Present(2, "my_number_verification_b")), build_frame(3, last))
        assert found.error.code == "command_refused"
        assert found.side.tries["my_number_verification_b"].outcome == "accepted"
        assert not any(b"\xff\x10\x0c" in answer for answer in found.watched.answers)


CONTROLS = ["\x1b[2J", "\x9b2J", "\r", "\n", "\x00", "\x7f", "\u2028", "\u2029", "\u202e", "\u2066"]


@pytest.mark.parametrize("said", CONTROLS, ids=ascii)
def test_no_text_of_the_issuers_plays_with_the_terminal(said: str) -> None:
    mean = f"桜川{said}Tries left: 5"
    for frame in (
        build_text(Progress("my_number", mean)),
        build_text(Result("my_number", (Kind("identity", mean, "x"),), {}, 1 << 40)),
        build_text(Result("my_number", (Kind("identity", "x", mean),), {}, 1 << 40)),
        build_text(Result("my_number", (), {"identity": mean}, 1 << 40)),
        build_text(Offer(mean, "https://issuer.example/", 0)),
        build_text(Offer("https://issuer.example/", mean, 0)),
        build_text(End("over", mean)),
    ):
        found = play(frame)
        assert found.error.code == "bad_relay_message"
        assert found.somebody.steps == []
        assert found.somebody.results == []
    for names in ((mean, "x"), ("x", mean)):
        hello = Session(1, ORIGIN, SESSION, b64url_encode(NONCE), *names, ("name",), 1 << 40)
        somebody = Somebody(secrets=SECRETS)
        side = HolderRelay(ScriptedLine([build_text(hello)]), WatchedCard(InProcessCard(card())), INVITED, somebody)
        with pytest.raises(Malformed, match="bad_relay_message"):
            side.run()
        assert somebody.met == []


class Timer:
    """Seconds that pass as a test wants, also while a person types."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def hello_until(expires_at: int) -> str:
    return build_text(Session(1, ORIGIN, SESSION, b64url_encode(NONCE), "桜川", "Sakuragawa", ("name",), expires_at))


def test_a_session_that_is_over_is_not_begun() -> None:
    watched, somebody = WatchedCard(InProcessCard(card())), Somebody(secrets=SECRETS)
    line = ScriptedLine([hello_until(5000)])
    side = HolderRelay(line, watched, INVITED, somebody, clock=lambda: 5000 + 301)
    with pytest.raises(Unavailable, match="card_session_over"):
        side.run()
    assert (somebody.met, watched.commands) == ([], [])
    assert line.said == [build_text(End("card_session_over"))]


@pytest.mark.parametrize(("expires_at", "lasts"), [(5900, 900 + 300), (1 << 50, 3600)], ids=["session", "most"])
def test_it_ends_with_the_session_and_in_any_case_after_an_hour(expires_at: int, lasts: int) -> None:
    """A hostile issuer says that there is time for ever, and says so again with each result."""
    for passes, code in ((lasts - 1, "link_lost"), (lasts, "card_session_over")):
        timer = Timer()

        class Slow(Somebody):
            def take(self, result: Result, timer: Timer = timer, passes: int = passes) -> Take:
                timer.now += passes
                return super().take(result)

        result = build_text(Result("my_number", (Kind("identity", "x", "x"),), {}, expires_at))
        line = ScriptedLine([hello_until(expires_at), result])
        somebody = Slow(secrets=SECRETS)
        side = HolderRelay(line, WatchedCard(InProcessCard(card())), INVITED, somebody, clock=lambda: 5000, timer=timer)
        with pytest.raises(Unavailable, match=code):
            side.run()


def test_what_is_typed_after_the_end_is_not_sent() -> None:
    timer = Timer()

    class Slow(Somebody):
        def give_secret(self, asked: Asked) -> Answered:
            timer.now += 3600
            return super().give_secret(asked)

    watched = WatchedCard(InProcessCard(card()))
    line = ScriptedLine([build_text(HELLO), *BEFORE, build_text(Present(2, "jpki_signature_password"))])
    side = HolderRelay(line, watched, INVITED, Slow(secrets=SECRETS), timer=timer)
    with pytest.raises(Unavailable, match="card_session_over"):
        side.run()
    assert [one for one in watched.commands if one[1] == 0x20 and len(one) > 4] == []
    assert side.tries["jpki_signature_password"].outcome == "asked"


def test_what_is_signed_is_built_here() -> None:
    chip = card()
    found = play(*BEFORE, build_text(Present(2, "jpki_signature_password")), sign(3), chip=chip)
    assert found.error.code == "link_lost"
    asked = [one for one in found.watched.commands if one[:3] == b"\x80\x2a\x00"]
    assert [one[5:-1] for one in asked] == [build_digest_info(build_possession(CHALLENGE))]
    index, answer = parse_frame(bytes(found.line.said[-2]))  # type: ignore[arg-type]  # a frame, then the end
    assert (index, len(answer)) == (3, 258)


CHANGED: dict[str, tuple[Callable[[], Frame], str]] = {
    "another origin": (
        lambda: build_text(Session(1, "https://evil.example", SESSION, "A" * 43, "", "", (), 0)),
        "other_origin",
    ),
    "another session": (lambda: build_text(Session(1, ORIGIN, "b" * 24, "A" * 43, "", "", (), 0)), "other_origin"),
    "another version": (lambda: build_text(Session(2, ORIGIN, SESSION, "A" * 43, "", "", (), 0)), "bad_relay_message"),
    "a short nonce": (lambda: build_text(Session(1, ORIGIN, SESSION, "AAAA", "", "", (), 0)), "bad_relay_message"),
    "a command first": (lambda: build_frame(0, SELECT_JPKI), "bad_relay_message"),
    "an offer first": (lambda: build_text(Offer("x", "y", 0)), "bad_relay_message"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_session_that_is_not_the_invited_one(name: str) -> None:
    first, code = CHANGED[name]
    watched = WatchedCard(InProcessCard(card()))
    somebody = Somebody(secrets=SECRETS)
    side = HolderRelay(ScriptedLine([first()]), watched, INVITED, somebody)
    with pytest.raises((Malformed, Refused)) as caught:
        side.run()
    assert caught.value.code == code
    assert watched.commands == []
    assert somebody.met == []


@settings(max_examples=examples(60, 1500), deadline=None)
@given(
    frames=st.lists(
        st.text(max_size=60)
        | st.binary(max_size=60)
        | st.builds(build_frame, st.integers(0, 5), st.binary(min_size=2, max_size=40))
        | st.sampled_from([sign(0), sign(1), build_text(Present(0, "jpki_signature_password")), *BEFORE]),
        max_size=8,
    )
)
def test_any_frames_end_in_a_typed_error_and_no_try_is_spent_unasked(frames: list[Frame]) -> None:
    found = play(*frames)
    values = [one for one in found.watched.commands if one[1] == 0x20 and len(one) > 4]
    assert len(values) == len(found.somebody.asked)
    assert all(one[5:] == b"ABC123" for one in values)
    assert all(one[1] in (0xA4, 0xB0, 0x20, 0x2A, 0xC0) for one in found.watched.commands)


# --- handshakes


def residence() -> tuple[Chip, str]:
    dealt = CARDS["residence-card-2"].build("nguyen", sandbox(), None)
    assert isinstance(dealt.card, Chip)
    return dealt.card, dealt.known[0].value


def test_a_wrong_number_is_asked_again_here_and_waits_after_the_third() -> None:
    chip, number = residence()
    wrong = "ZZ00000000ZZ"
    parts = [("residence_card", "card")]
    opening = build_text(Open(0, "residence_card_number"))
    right = Somebody(
        secrets={"residence_card_number": number}, parts=parts, answers={"residence_card_number": [wrong, "?"]}
    )
    found = play(opening, chip=chip, somebody=right)
    assert found.error.code == "link_lost"
    assert [asked.problem for asked in right.asked] == ["", "wrong", "malformed"]
    opened = parse_from_holder(str(found.line.said[-2]))
    assert isinstance(opened, Opened)
    assert found.side.tries["residence_card_number"].outcome == "accepted"
    guessing = Somebody(
        secrets={"residence_card_number": number}, parts=parts, answers={"residence_card_number": [wrong] * 9}
    )
    found = play(opening, chip=chip, somebody=guessing)
    assert isinstance(found.error, TooMany)
    assert len(guessing.asked) == 3


def test_nothing_passes_before_the_handshake_and_no_second_one_after() -> None:
    chip, number = residence()
    somebody = Somebody(secrets={"residence_card_number": number}, parts=[("residence_card", "card")])
    opening = [build_text(Open(index, "residence_card_number")) for index in range(2)]
    found = play(build_frame(0, apdu(0x00, 0xB0, 0x8A, 0x00, le=256)), chip=chip, somebody=somebody)
    assert found.error.code == "command_refused"
    found = play(*opening, chip=chip, somebody=somebody)
    assert found.error.code == "command_refused"
    assert len(somebody.asked) == 1
