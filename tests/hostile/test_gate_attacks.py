"""What somebody may try at a gate with no network, each against the shipped desk; and, said honestly, what still works for him."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from common.errors import Malformed, Rejected
from common.formats.gate_pass.build import build_pass_proof, challenge_nonce, write_pass_text
from common.gate.admit_request import build_admit_request
from common.gate.exchange import Exchange, GateJournal
from common.gate.journal_entry import Kind
from common.gate.pack import PackRefused, build_pack
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.amount import examples
from tests.verifier.gate.chains import Chain, points_of_chains
from tests.verifier.gate.scene import EVENT, HOUR, NORTH, NOW, PAPER, STANDING, STRANGER, Guest
from tests.verifier.gate.venue import ORGANISER, Venue, pack_of
from verifier.gate.account import account
from verifier.gate.decide import Known, decide, read_ticket
from verifier.gate.hub import admit
from verifier.gate.journal.exchange import absorb
from verifier.gate.merge import read_set
from verifier.gate.packs import load_pack, plan_gate
from verifier.gate.plan import Bench
from verifier.gate.reasons import GateReason

WINDOW = 30
CLOCK_ERROR = 3

pytestmark = pytest.mark.usefixtures("hubs_answer_at_once")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    made = Venue(tmp_path)
    yield made
    made.database.close_all()


def at(venue: Venue, gate: str, text: str) -> GateReason:
    return venue.desks[gate].scan(text, venue.now).decision.reason


# -- pictures, recordings, codes made beforehand --------------------------------------------------------------------------


def test_a_screenshot_lasts_thirty_seconds_and_the_gates_own_error(venue: Venue) -> None:
    for gate in venue.desks:
        venue.desks[gate].take(plan_gate(venue.pack, venue.gates[gate], NORTH, clock_error=CLOCK_ERROR))
    taken = Guest(1).shows(NOW)
    venue.pass_time(WINDOW + CLOCK_ERROR + 1)
    assert at(venue, "a", taken) is GateReason.STALE_CODE
    venue.clock[0] -= 1000
    assert at(venue, "a", taken) is GateReason.ADMITTED, "one second earlier nobody could have told"


def test_a_still_picture_shown_again_and_again_is_never_taken_for_a_phone_with_a_wrong_clock(venue: Venue) -> None:
    taken = Guest().shows(NOW - 300)
    for _ in range(20):
        assert at(venue, "a", taken) is GateReason.STALE_CODE
        assert not venue.desks["a"].scan(taken, venue.now, document_seen=True).decision.opens
        venue.pass_time(10)


def test_a_recording_asks_for_a_document_and_is_never_admitted_by_itself(venue: Venue) -> None:
    guest = Guest()
    reasons = set()
    for second in range(0, 120, 10):
        outcome = venue.desks["a"].scan(guest.shows(NOW - 600 + second), venue.now)
        reasons.add(outcome.decision.reason)
        assert outcome.sequence is None
        venue.pass_time(10)
    assert reasons == {GateReason.STALE_CODE, GateReason.CLOCK_OFF}


def test_a_forwarded_live_video_enters_once_within_the_window_and_that_is_all(venue: Venue) -> None:
    """What remains possible: a friend far away shows a live picture of the owner's screen. It is the owner's one admission."""
    venue.sync()
    guest = Guest()
    venue.pass_time(2)
    assert at(venue, "a", guest.shows(NOW)) is GateReason.ADMITTED
    venue.pass_time(10)
    assert at(venue, "b", guest.shows(venue.now // 1000)) is GateReason.ALREADY_ADMITTED, (
        "the owner himself comes too late"
    )


def test_codes_signed_beforehand_work_at_their_time_but_at_no_challenge_entrance(venue: Venue) -> None:
    """What remains possible at an ordinary entrance: the owner signs codes of the future for a friend."""
    guest = Guest()
    beforehand = [guest.shows(NOW + HOUR // 2 + second) for second in range(0, 60, 10)]
    guesses = [guest.shows(NOW + HOUR // 2, cnonce=challenge_nonce(number)) for number in (100, 555, 999)]
    assert at(venue, "a", beforehand[0]) is GateReason.CLOCK_OFF, "not before their time"
    venue.pass_time(HOUR // 2)
    desk = venue.desks["b"]
    desk.take(plan_gate(venue.pack, venue.gates["b"], NORTH, challenge=True))
    shown = desk.challenge(venue.now)
    assert shown is not None
    refused = [text for text in (*beforehand, *guesses) if at(venue, "b", text) is not GateReason.ADMITTED]
    assert len(refused) >= len(beforehand) + len(guesses) - 1, "of nine hundred numbers one may be guessed"
    assert set(beforehand) <= set(refused)
    assert at(venue, "a", beforehand[0]) is GateReason.ADMITTED


def test_the_number_of_another_challenge_is_no_answer(venue: Venue) -> None:
    desk, guest = venue.desks["a"], Guest()
    desk.take(plan_gate(venue.pack, venue.gates["a"], NORTH, challenge=True))
    first = desk.challenge(venue.now)
    assert first is not None
    venue.pass_time(desk.plan.challenge_seconds * 3)
    desk.challenge(venue.now)
    assert at(venue, "a", guest.shows(venue.now // 1000, cnonce=first.nonce)) is GateReason.STALE_CODE


# -- the same code, the same key, twice -------------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [True, False])
def test_a_code_shown_again_at_another_gate(venue: Venue, linked: bool) -> None:
    if linked:
        venue.sync()
    text = Guest().shows()
    assert at(venue, "a", text) is GateReason.ADMITTED
    assert at(venue, "a", text) is GateReason.ALREADY_ADMITTED
    apart = GateReason.ALREADY_ADMITTED if linked else GateReason.ADMITTED
    assert at(venue, "b", text) is apart
    venue.sync("a", "b", "a")
    told = [venue.desks[name].journal.presence(Guest().cti).excess for name in venue.desks]
    assert told[0] == told[1]
    assert len(told[0]) == (0 if linked else 1), "after a link every gate knows of it"


def test_a_cloned_browser_profile_enters_once_within_a_group(venue: Venue) -> None:
    """Two phones with the same key: nobody can tell them apart, and the ticket is one."""
    venue.sync()
    guest, twin = Guest(), Guest()
    twin.key, twin.token = guest.key, guest.token
    assert at(venue, "a", guest.shows()) is GateReason.ADMITTED
    venue.pass_time(7)
    assert at(venue, "b", twin.shows(NOW + 7)) is GateReason.ALREADY_ADMITTED


def test_turning_a_signature_round_makes_no_other_ticket(venue: Venue) -> None:
    """s and n − s are both signatures; what is known of a ticket goes by its number."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    guest = Guest()
    proof = build_pass_proof(guest.token, event=EVENT, iat=NOW, signer=guest.key)
    turned = proof[:-32] + (order - int.from_bytes(proof[-32:], "big")).to_bytes(32, "big")
    assert at(venue, "a", write_pass_text(proof)) is GateReason.ADMITTED
    assert at(venue, "a", write_pass_text(turned)) is GateReason.ALREADY_ADMITTED


# -- forgeries --------------------------------------------------------------------------------------------------------------


def test_forgeries_of_the_issuer_and_of_the_holder(venue: Venue) -> None:
    honest, thief = Guest(1), Guest(2)
    forged = Guest(3, signer=STRANGER)
    assert at(venue, "a", forged.shows()) is GateReason.UNKNOWN_ISSUER
    # the issuer's hint copied into a token that a stranger signs
    hint = honest.token.index(b"\x04\x44") + 2
    named = bytearray(forged.token)
    named[hint : hint + 4] = honest.token[hint : hint + 4]
    forged.token = bytes(named)
    assert at(venue, "a", forged.shows()) is GateReason.BAD_ISSUER_SIGNATURE
    # another's ticket, signed for by one's own phone; and with one's own key put into it
    assert at(venue, "a", honest.shows(signer=thief.key)) is GateReason.BAD_HOLDER_PROOF
    own, others = compress(thief.key.public_jwk()), compress(honest.key.public_jwk())
    assert honest.token.count(others[1:]) == 1
    swapped = honest.token.replace(others[1:], own[1:])
    stolen = build_pass_proof(swapped, event=EVENT, iat=NOW, signer=thief.key)
    assert at(venue, "a", write_pass_text(stolen)) is GateReason.BAD_ISSUER_SIGNATURE
    # the phone's proof taken off: a bound ticket is none on paper
    assert at(venue, "a", write_pass_text(honest.token)) is GateReason.BAD_HOLDER_PROOF
    assert at(venue, "a", honest.shows()) is GateReason.ADMITTED


def test_a_better_class_or_flag_written_into_ones_own_ticket(venue: Venue) -> None:
    guest = Guest(klass=STANDING, index=10, flags=0)
    label = guest.token.index(b"\x83\x01\x0a\x00")
    for place, value in ((label + 1, PAPER), (label + 2, 0x0B), (label + 3, 0x0F)):
        token = bytearray(guest.token)
        token[place] = value
        text = write_pass_text(build_pass_proof(bytes(token), event=EVENT, iat=NOW, signer=guest.key))
        assert at(venue, "a", text) is GateReason.BAD_ISSUER_SIGNATURE


# -- packs and journals -----------------------------------------------------------------------------------------------------


def test_packs_that_are_expired_older_another_ones_or_touched(venue: Venue) -> None:
    tenant = "a"
    newer = pack_of(tuple(venue.gates.values()), serial=5)
    load_pack(tenant, build_pack(newer, ORGANISER), now=NOW)
    older = build_pack(replace(newer, serial=4), ORGANISER)
    for data, reason in (
        (older, "pack_rolled_back"),
        (build_pack(replace(newer, serial=6, good_until=NOW - 1, issued_at=NOW - 2), ORGANISER), "pack_expired"),
        (build_pack(replace(newer, serial=6), SoftwareKey.generate()), "unknown_signer"),
        (build_pack(replace(newer, names={"en": "x", "ja": "x"}), ORGANISER), "pack_rolled_back"),
    ):
        with pytest.raises(PackRefused) as refused:
            load_pack(tenant, data, now=NOW)
        assert refused.value.code == reason
    good = build_pack(replace(newer, serial=6), ORGANISER)
    for place in random.Random(5).sample(range(len(good)), 60):
        touched = bytearray(good)
        touched[place] ^= 1 << (place % 8)
        with pytest.raises((PackRefused, Malformed)):
            load_pack(tenant, bytes(touched), now=NOW)
    assert load_pack(tenant, good, now=NOW).serial == 6


def test_every_byte_of_a_journal_is_held_by_its_signed_head() -> None:
    """Whichever byte is changed, that entry is believed no more, by an exchange or by a merge."""
    chain = Chain([(Kind.IN, 7, 1), (Kind.OUT, 7, 2), (Kind.IN, 8, 3)])
    points = points_of_chains(chain)
    head, (first, *rest) = chain.head(), chain.entries
    for place in range(len(first)):
        touched = bytearray(first)
        touched[place] ^= 0x01
        journal = GateJournal(chain.gate, (bytes(touched), *rest), (head,))
        found = account(read_set(Exchange(EVENT, (journal,))), points=points, locks={}, re_entry=True)
        (gate,) = found.gates
        assert gate.proven == 2, f"byte {place}"
    for place in range(len(head)):
        touched = bytearray(head)
        touched[place] ^= 0x01
        journal = GateJournal(chain.gate, tuple(chain.entries), (bytes(touched),))
        found = account(read_set(Exchange(EVENT, (journal,))), points=points, locks={}, re_entry=True)
        assert found.gates[0].proven == 0, f"byte {place} of the head"


def test_a_touched_journal_is_not_taken_in(venue: Venue) -> None:
    chain = Chain([(Kind.IN, 7, 1), (Kind.IN, 8, 3)])
    touched = bytearray(chain.entries[0])
    for place in range(len(touched)):
        touched[place] ^= 0x80
        journal = GateJournal(chain.gate, (bytes(touched), chain.entries[1]), (chain.head(),))
        assert absorb("b", Exchange(EVENT, (journal,)), points_of_chains(chain)).new == ()
        touched[place] ^= 0x80
    gap = GateJournal(chain.gate, (chain.entries[1],), (chain.head(),))
    assert absorb("b", Exchange(EVENT, (gap,)), points_of_chains(chain)).new == (), "an entry was left out before it"
    whole = GateJournal(chain.gate, tuple(chain.entries), (chain.head(),))
    assert len(absorb("b", Exchange(EVENT, (whole,)), points_of_chains(chain)).new) == 2


def test_nobody_but_a_gate_uses_a_ticket_up_at_the_hub(venue: Venue) -> None:
    venue.sync()
    stranger = Chain()
    entry = stranger.write(Kind.IN, 1)
    with pytest.raises(Rejected):
        admit("hub", EVENT, build_admit_request(entry, 0, stranger.key), now=venue.now)
    assert at(venue, "a", Guest(1).shows()) is GateReason.ADMITTED


# -- clocks and devices -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "reason"), [(-10, GateReason.CLOCK_OFF), (10, GateReason.STALE_CODE)])
def test_a_gate_whose_clock_was_moved_lets_nobody_in_by_mistake(venue: Venue, minutes: int, reason: GateReason) -> None:
    """Back: codes of now seem to be of the future. Forward: they seem old."""
    guest = Guest()
    text = guest.shows()
    venue.clock[0] += minutes * 60_000
    assert at(venue, "a", text) is reason


def test_a_clock_set_back_makes_no_room_for_a_second_entry(tmp_path: Path) -> None:
    venue = Venue(tmp_path, rules=replace(pack_of().rules, re_entry=True))
    desk, guest = venue.desks["a"], Guest(exp=NOW + 9 * HOUR)
    assert at(venue, "a", guest.shows()) is GateReason.ADMITTED
    leaving = plan_gate(venue.pack, venue.gates["a"], NORTH, leaving=True)
    venue.pass_time(HOUR)
    desk.take(leaving)
    assert at(venue, "a", guest.shows(NOW + HOUR)) is GateReason.ADMITTED, "it leaves, by a clock that is an hour fast"
    venue.clock[0] -= HOUR * 1000
    desk.take(plan_gate(venue.pack, venue.gates["a"], NORTH))
    assert at(venue, "a", guest.shows()) is GateReason.ADMITTED
    for _ in range(5):
        venue.pass_time(60)
        assert at(venue, "a", guest.shows(venue.now // 1000)) is GateReason.ALREADY_ADMITTED
    venue.database.close_all()


def test_what_a_lost_device_wrote_after_its_lock_is_flagged() -> None:
    lost, kept = Chain([(Kind.IN, 1, 10), (Kind.IN, 2, 70)]), Chain([(Kind.IN, 2, 20)])
    journals = [chain.journal() for chain in sorted((lost, kept), key=lambda chain: chain.gate)]
    found = account(
        read_set(Exchange(EVENT, tuple(journals))),
        points=points_of_chains(lost, kept),
        locks={lost.gate: NOW + 60},
        re_entry=False,
    )
    assert {one.gate: one.after_lock for one in found.gates} == {lost.gate: 1, kept.gate: 0}
    assert [one.flagged for one in found.excess] == [True]


# -- anything at all ------------------------------------------------------------------------------------------------------------


def code_makers(chance: random.Random) -> tuple[list[Callable[[], str]], set[str]]:
    """Random texts, random bytes in the right coat, good codes with something wrong; and the good codes that those were made of."""
    base45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    guests = [Guest(number) for number in range(1, 5)]
    good = [build_pass_proof(one.token, event=EVENT, iat=NOW, signer=one.key) for one in guests]
    texts = [write_pass_text(one) for one in good]

    def changed_bytes() -> str:
        data = bytearray(chance.choice(good))
        for _ in range(chance.choice((1, 1, 1, 2, 8))):
            place = chance.randrange(len(data))
            data[place] ^= 1 << chance.randrange(8)
        return write_pass_text(bytes(data))

    def cut_or_joined() -> str:
        data = chance.choice(good)
        place = chance.randrange(len(data))
        return write_pass_text(
            data[:place] + chance.randbytes(chance.randrange(3)) + data[place + chance.randrange(1, 4) :]
        )

    def crossed() -> str:
        one, other = chance.choice(good), chance.choice(good)
        place = chance.randrange(1, len(one))
        return write_pass_text(one[:place] + other[place:]) if one is not other else write_pass_text(one[:place])

    def changed_text() -> str:
        text = list(chance.choice(texts))
        place = chance.randrange(len(text))
        was = text[place]
        text[place] = chance.choice(base45.replace(was, ""))
        return "".join(text)

    makers: list[Callable[[], str]] = [
        lambda: "".join(map(chr, (chance.randrange(0x250) for _ in range(chance.randrange(40))))),
        lambda: "TG1:" + "".join(chance.choices(base45, k=chance.randrange(420))),
        lambda: write_pass_text(chance.randbytes(chance.randrange(1, 300))),
        changed_bytes,
        cut_or_joined,
        crossed,
        changed_text,
    ]
    return makers, set(texts)


@pytest.mark.timeout(1500)
def test_a_million_random_and_mutated_codes_open_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """8,000 in the usual run. No crash, none admitted, every one answered by a word of the list."""
    count = examples(8_000, 1_000_000)
    chance = random.Random(2026)
    makers, good = code_makers(chance)
    plan = plan_gate(pack_of(), None, NORTH)
    bench = Bench(plan)
    seen: dict[GateReason, int] = {}
    began = time.process_time()
    for number in range(count):
        while (text := makers[number % len(makers)]()) in good:
            pass  # two of them joined where they are the same is one of them
        decision = decide(read_ticket(text, bench, now=NOW), bench, Known(), now=NOW)
        assert not decision.opens, text
        seen[decision.reason] = seen.get(decision.reason, 0) + 1
    spent = time.process_time() - began
    with capsys.disabled():
        print(f"\n{count} codes, {count / spent:.0f} a second of CPU: {dict(sorted(seen.items()))}")
    assert {GateReason.MALFORMED, GateReason.BAD_ISSUER_SIGNATURE, GateReason.BAD_HOLDER_PROOF} <= seen.keys()
    control = Guest(9)
    assert decide(read_ticket(control.shows(), bench, now=NOW), bench, Known(), now=NOW).opens
