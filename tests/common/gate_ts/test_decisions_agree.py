"""The browser's gate says the very word that Python's says, and opens for the very same codes."""

from __future__ import annotations

import itertools
from typing import Any

from common.formats.gate_pass.build import challenge_nonce, write_pass_text
from common.gate.pack import GatePack, build_pack
from common.gate.pack_members import PackRules
from tests.common.formats.gate_pass.passes import EVENT, NOW, STRANGER, proof, token
from tests.common.gate_ts import samples
from tests.common.gate_ts.node import run
from tests.common.gate_ts.samples import CHALLENGE, EXCLUDED, GATE_ID, NORTH, REVOKED, make_pack
from verifier.checks.gate_facts import ClassRule, Earlier, WantedGate, home_of
from verifier.gate.clock import StaleCodes
from verifier.gate.decide import Known, Ticket, decide, read_ticket
from verifier.gate.plan import Bench, GatePlan, Names
from verifier.gate.presence import Seen, presence_of, standing, whereabouts
from verifier.gate.reasons import GateReason

EARLIER = Earlier(gate=GATE_ID, sequence=1, entrance=1, time_ms=NOW * 1000 - 60_000)


def bench(pack: GatePack, **post: Any) -> Bench:
    entrances = pack.entrance_by_number
    asks = WantedGate(
        entrance=post["entrance"],
        classes={
            one.klass: ClassRule(
                entrances=frozenset(one.entrances), windows=one.windows, flags=one.flags, paper=one.paper
            )
            for one in pack.classes
        },
        good_until=pack.good_until,
        rolled_back=post["rolledBack"],
        locked_at=post["lockedAt"],
        clock_error=post["clockError"],
        challenge=entrances[post["entrance"]].challenge,
        re_entry=pack.rules.re_entry,
        homes=pack.rules.home_groups,
        home=post["home"],
        leaving=post["leaving"],
    )
    names = Names(ja="x", en="x")
    return Bench(
        GatePlan(
            event=pack.event,
            serial=pack.serial,
            issued_at=pack.issued_at,
            issuer_keys=pack.keys,
            revoked=pack.status.revoked,
            excluded=pack.status.excluded,
            as_of=pack.status.as_of,
            stale_after=pack.rules.facts_stale_after,
            document_for_stale=pack.rules.document_if_undetermined,
            asks=asks,
            challenge_seconds=20,
            event_names=names,
            entrances={},
            classes={},
        )
    )


POST = {"entrance": NORTH, "home": 0, "clockError": 10, "lockedAt": None, "rolledBack": False, "leaving": False}
KNOWN = {"earlier": None, "answers": False, "advancing": False, "documentSeen": False, "whereabouts": "inside"}
TEXTS = {
    "good": proof(),
    "chip": proof(token(klass=samples.OVER_20, flags=4)),
    "no chip": proof(token(klass=samples.OVER_20, flags=3)),
    "later": proof(token(klass=samples.LATER)),
    "over": proof(token(klass=samples.OVER)),
    "south": proof(token(klass=samples.SOUTH_ONLY)),
    "no class": proof(token(klass=99)),
    "paper": token(holder=None, klass=samples.PAPER),
    "paper not taken": token(holder=None),
    "revoked": proof(token(index=REVOKED)),
    "excluded": proof(token(index=EXCLUDED)),
    "stale": proof(iat=NOW - 41),
    "just fresh": proof(iat=NOW - 40),
    "ahead": proof(iat=NOW + 16),
    "just ahead": proof(iat=NOW + 15),
    "answered": proof(cnonce=challenge_nonce(123)),
    "tampered": proof(token()[:-1] + bytes((token()[-1] ^ 1,))),
    "stranger": proof(token(signer=STRANGER)),
    "another holder": proof(signer=STRANGER),
    "another event": proof(audience=b"\0\0\0\0"),
    "expired": proof(token(exp=NOW - 10)),
    "not yet": proof(token(nbf=NOW + 11)),
    "nothing": b"",
    "revoked paper without flags": token(holder=None, klass=samples.PAPER, index=REVOKED),
    "stale without chip": proof(token(klass=samples.OVER_20, flags=0), iat=NOW - 100),
}


def both(pack: GatePack, cases: list[tuple[bytes, dict[str, Any], dict[str, Any], int]]) -> list[str]:
    """What Python says of each; asserts that the browser says the same."""
    data = build_pack(pack, samples.SIGNER).hex()
    asked, expected = [], []
    benches: dict[str, Bench] = {}
    tickets: dict[tuple[str, str, int], Ticket] = {}
    for raw, post, known, now in cases:
        text = write_pass_text(raw)
        earlier = (
            {"gate": GATE_ID.hex(), "sequence": 1, "entrance": 1, "time": EARLIER.time_ms} if known["earlier"] else None
        )
        asked.append(
            {
                "do": "decide",
                "pack": data,
                "text": text,
                "post": post,
                "known": {**known, "earlier": earlier},
                "now": now,
            }
        )
        place = repr(post)
        made = benches.setdefault(place, bench(pack, **post))
        ticket = tickets.get((place, text, now)) or tickets.setdefault(
            (place, text, now), read_ticket(text, made, now=now)
        )
        decision = decide(
            ticket,
            made,
            Known(EARLIER if known["earlier"] else None, *(known[one] for one in list(KNOWN)[1:])),
            now=now,
        )
        assert decision.opens == (decision.reason is GateReason.ADMITTED)
        rule = next(one for one in decision.verdict.presentations[0].checks if one.name == "ticket_admits")
        said = rule.reason if decision.opens or rule is decision.check else ""
        expected.append((str(decision.reason), decision.asks_document, said))
    found = [
        (one["ok"]["reason"], one["ok"]["asksDocument"], one["ok"]["word"] if wanted[2] else "")
        for one, wanted in zip(run(asked), expected, strict=True)
    ]
    for case, ours, theirs in zip(cases, found, expected, strict=True):
        assert ours == theirs, case[1:]
    return [reason for reason, _, _ in expected]


def test_every_ticket_at_every_post_with_everything_that_is_known() -> None:
    posts = [
        POST,
        {**POST, "leaving": True},
        {**POST, "entrance": CHALLENGE},
        {**POST, "lockedAt": NOW},
        {**POST, "lockedAt": NOW + 1},
        {**POST, "rolledBack": True},
    ]
    keys = ("earlier", "answers", "advancing", "documentSeen")
    knowns = [{**KNOWN, **dict(zip(keys, each, strict=True))} for each in itertools.product((False, True), repeat=4)]
    few = [knowns[0], knowns[-1]]
    cases = [
        (raw, post, known, NOW)
        for raw in TEXTS.values()
        for post in posts
        for known in (knowns if post in posts[:3] else few)
    ]
    leaving = [
        (raw, posts[1], {**known, "whereabouts": where}, NOW)
        for raw in TEXTS.values()
        for known in few
        for where in ("inside", "outside", "unheard")
    ]
    reasons = both(make_pack(), [*cases, *leaving])
    assert set(reasons) == set(GateReason) - {GateReason.PACK_EXPIRED}


def test_old_facts_and_old_packs() -> None:
    pack = make_pack()
    strict = replace_rules(pack, document_if_undetermined=False)
    known = {**KNOWN, "documentSeen": True}
    for rules in (pack, strict):
        stale_at = pack.status.as_of + 3600
        for raw in (TEXTS["good"], TEXTS["revoked"], TEXTS["paper"], TEXTS["nothing"], TEXTS["south"]):
            posts = (POST, {**POST, "leaving": True}) if raw in (TEXTS["good"], TEXTS["revoked"]) else (POST,)
            cases = [
                (
                    raw if now < NOW + 100 or not raw else proof(iat=now) if raw == TEXTS["good"] else raw,
                    post,
                    each,
                    now,
                )
                for post in posts
                for now in (stale_at, stale_at + 1, pack.good_until - 1, pack.good_until)
                for each in (KNOWN, known)
            ]
            both(rules, cases)


def test_home_groups() -> None:
    pack = replace_rules(make_pack(), home_groups=3)
    cases = [
        (proof(token(cti=bytes((n, 255, n, n, 1, 2, 3, 4)))), {**POST, "home": home}, KNOWN, NOW)
        for n in range(0, 256, 25)
        for home in range(3)
    ]
    reasons = both(pack, cases)
    assert reasons.count("admitted") == len(cases) // 3
    homes = run([{"do": "home", "cti": "ffffffff00000000", "homes": homes} for homes in (0, 1, 7, 255)])
    assert [one["ok"] for one in homes] == [home_of(b"\xff" * 4 + bytes(4), homes) for homes in (0, 1, 7, 255)]


def test_clocks_that_run_on() -> None:
    codes = [
        ("aa", 100, 200),
        ("aa", 104, 204),
        ("aa", 110, 210),
        ("aa", 100, 215),
        ("aa", 130, 224),
        ("bb", 1, 210),
        ("aa", 500, 501),
        ("aa", 511, 511),
    ]
    (answer,) = run([{"do": "stale", "codes": codes}])
    seen = StaleCodes()
    assert answer["ok"] == [seen.advances(cti.encode(), issued_at, now) for cti, issued_at, now in codes]
    assert set(answer["ok"]) == {True, False}


def test_who_is_inside() -> None:
    """Every order of a few entries, with forks, undoing, exits and equal times."""
    gates = (GATE_ID, samples.OTHER_ID)
    made = [
        (0, 0, 1, "a", 10, None),
        (1, 0, 2, "b", 20, None),
        (0, 1, 1, "c", 10, None),
        (3, 1, 2, "d", 30, 1),
        (2, 1, 3, "e", 30, None),
        (0, 0, 1, "f", 12, None),
        (3, 0, 4, "9", 40, 1),
        (0, 0, 5, "8", 50, None),
    ]
    places: set[str] = set()
    subsets = [subset for size in range(4) for subset in itertools.permutations(made, size)]
    cases = [
        {"entries": [_theirs(one, gates) for one in some], "reEntry": again}
        for some in subsets
        for again in (True, False)
    ]
    answers = iter(run([{"do": "presence", **case} for case in cases]))
    alone = [{"do": "whereabouts", "entries": case["entries"], "alone": case["reEntry"]} for case in cases]
    where = iter(run(alone))
    for some in subsets:
        for again in (True, False):
            ours, theirs = next(answers)["ok"], presence_of([_ours(one, gates) for one in some], re_entry=again)
            left = whereabouts([_ours(one, gates) for one in some], alone=again)
            assert next(where)["ok"] == left
            places.add(left)
            assert ours["admissions"] == theirs.admissions
            assert ours["exits"] == theirs.exits
            assert (ours["inside"] or {}).get("hash") == (theirs.inside.hash.hex() if theirs.inside else None)
            assert [[a["hash"], b["hash"]] for a, b in ours["excess"]] == [
                [a.hash.hex(), b.hash.hex()] for a, b in theirs.excess
            ]
    assert places == {"inside", "outside", "unheard"}


def test_how_many_went_in_and_out() -> None:
    gates = (GATE_ID, samples.OTHER_ID)
    made = [
        *((0, 0, 1, "a", 10, None), (1, 0, 2, "b", 20, None), (0, 1, 1, "c", 10, None), (3, 1, 2, "d", 30, 1)),
        *((2, 1, 3, "e", 30, None), (0, 0, 3, "f", 12, None), (3, 0, 4, "9", 40, 3), (0, 0, 3, "8", 50, None)),
    ]
    orders = [made[at:] + made[:at] for at in range(len(made))]
    cases = [
        {"do": "counts", "entries": [{**_theirs(one, gates), "cti": "aa"} for one in order], **whose}
        for order in orders
        for whose in ({}, {"gate": GATE_ID.hex()})
    ]
    for case, answer in zip(cases, run(cases), strict=True):
        left = standing([_ours(one, gates) for one in made])
        mine = [one for one in left if "gate" not in case or one.gate == GATE_ID]
        assert answer["ok"]["out"] == sum(1 for one in mine if one.kind == 1)
        assert answer["ok"]["in"] == sum(1 for one in mine if one.kind != 1)


def _ours(one: tuple[int, int, int, str, int, int | None], gates: tuple[bytes, bytes]) -> Seen:
    kind, gate, sequence, mark, time, undoes = one
    return Seen(
        kind=kind,
        gate=gates[gate],
        sequence=sequence,
        hash=bytes.fromhex(mark * 64),
        time=time,
        entrance=1,
        undoes=undoes,
    )


def _theirs(one: tuple[int, int, int, str, int, int | None], gates: tuple[bytes, bytes]) -> dict[str, Any]:
    kind, gate, sequence, mark, time, undoes = one
    return {
        "kind": kind,
        "gate": gates[gate].hex(),
        "sequence": sequence,
        "hash": mark * 64,
        "time": time,
        "detail": undoes,
        "event": EVENT,
    }


def replace_rules(pack: GatePack, **change: Any) -> GatePack:
    rules = pack.rules
    fields = {name: getattr(rules, name) for name in rules.__struct_fields__}
    return make_pack(rules=PackRules(**{**fields, **change}))
