"""An account as people and programs read it: JSON, and lines in Japanese or English. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from common.gate.journal_entry import Kind
from common.gate.pack import GatePack
from verifier.gate.account import Account
from verifier.gate.account_gate import GateAccount
from verifier.gate.presence import Seen


def report_json(found: Account, *, judged: bool = True) -> dict[str, Any]:
    """Every number of the account; gates and tickets in hexadecimal, times in milliseconds.

    judged: by the event's pack. Without its rule of re-entry nobody can say who is inside, or entered too often: both are null.
    """
    return {
        "event": found.event,
        "entries": found.entries,
        "admitted": found.admitted,
        "admissions": found.admissions,
        "inside": found.inside if judged else None,
        "undone": found.undone,
        "kinds": {kind.name.lower(): count for kind, count in found.kinds.items()},
        "gates": [
            {
                "gate": one.gate.hex(),
                "entries": one.entries,
                "proven": one.proven,
                "missing": one.missing,
                "unreadable": one.unreadable,
                "hub_only": one.hub_only,
                "after_lock": one.after_lock,
                "forks": list(one.forks),
                "first": one.first,
                "last": one.last,
                "known": not one.stranger,
            }
            for one in found.gates
        ],
        "excess": [
            {
                "ticket": one.cti.hex(),
                "first": _place(one.first, found),
                "again": _place(one.again, found),
                "flagged": one.flagged,
            }
            for one in found.excess
        ]
        if judged
        else None,
        "by_minute": [
            {"entrance": entrance, "minute": minute, "in": ins, "out": outs, "let_in": let_in}
            for (entrance, minute), (ins, outs, let_in) in found.by_minute.items()
        ],
        "overrides": [{**_place(one, found), "reason": reason} for one, reason in found.overrides],
    }


def _place(seen: Seen, found: Account) -> dict[str, Any]:
    place = {"gate": seen.gate.hex(), "sequence": seen.sequence, "entrance": seen.entrance, "time": seen.time}
    return {**place, "hub_only": True} if seen.hash in found.hub_only else place


_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "head": "{name}: {admitted} tickets entered, {inside} are inside. {entries} entries of {gates} gates.",
        "packless": "{name}: {entries} entries of {gates} gates. No gate pack of this event is loaded here, so nothing is proven.",
        "unjudged": "Admissions too many are not counted: first tegata gate pack load, with the pack of this event.",
        "kinds": "in {ins}, out {outs}, let in by staff {overrides}, taken back {undone}",
        "gate": "  {name}: {entries} entries, {proven} proven by its signed head",
        "missing": "    {count} are missing below its last one",
        "fork": "    its chain is forked at {places}: this device was copied, or its storage was set back",
        "lock": "    {count} were written after it was locked",
        "unreadable": "    {count} cannot be read",
        "hub_only": "    {count} are known from the hub only: its journal has not brought them",
        "by_hub": ", known from the hub only",
        "stranger": "    no gate pack names this device: nothing of it is proven",
        "excess": "{count} admissions too many:",
        "none": "No ticket entered more than once.",
        "case": "  {ticket}: {first_time} {first}, again {again_time} {again}{flag}",
        "flag": " (by a locked or unknown device, or not proven)",
        "entrance": "Entrance {name}: {ins} in, {outs} out, {let_in} let in by staff; most in a minute: {most} at {at}",
        "override": "  let in {time} {place}: {reason}",
    },
    "ja": {
        "head": "{name}：チケット{admitted}枚が入場、場内{inside}。ゲート{gates}台の記録{entries}件。",
        "packless": "{name}：ゲート{gates}台の記録{entries}件。このイベントの入場データがここにないため、何も証明できません。",
        "unjudged": "超過した入場は数えません。先に tegata gate pack load で、このイベントの入場データを読み込んでください。",
        "kinds": "入場{ins}、退場{outs}、係員の判断{overrides}、取り消し{undone}",
        "gate": "  {name}：記録{entries}件、うち署名で証明できるもの{proven}件",
        "missing": "    途中の{count}件がありません",
        "fork": "    記録が枝分かれしています（{places}）。端末が複製されたか、保存内容が巻き戻されています",
        "lock": "    ロックの後に書かれたもの{count}件",
        "unreadable": "    読み取れないもの{count}件",
        "hub_only": "    ハブだけが知っているもの{count}件（端末の記録は届いていません）",
        "by_hub": "、ハブの情報のみ",
        "stranger": "    入場データにない端末のため、何も証明できません",
        "excess": "超過した入場{count}件：",
        "none": "2回以上入場したチケットはありません。",
        "case": "  {ticket}：{first_time} {first}、再び {again_time} {again}{flag}",
        "flag": "（ロックされた端末、不明な端末、または証明のない記録）",
        "entrance": "入口 {name}：入場{ins}、退場{outs}、係員の判断{let_in}。1分あたり最大{most}人（{at}）",
        "override": "  係員の判断で入場 {time} {place}：{reason}",
    },
}


def report_lines(found: Account, pack: GatePack | None, language: str) -> Iterator[str]:
    """The account in sentences. pack: for names of gates and entrances; without it their numbers stand."""
    words = _WORDS["ja" if language == "ja" else "en"]
    gates = {one.gate: one.name for one in pack.gates} if pack else {}
    entrances = {one.number: one.names[language] for one in pack.entrances} if pack else {}

    def place(seen: Seen) -> str:
        where = entrances.get(seen.entrance, str(seen.entrance))
        how = words["by_hub"] if seen.hash in found.hub_only else ""
        return f"{where} ({gates.get(seen.gate, seen.gate.hex())}{how})"

    name = pack.names[language] if pack else found.event
    yield words["head" if pack else "packless"].format(
        name=name, admitted=found.admitted, inside=found.inside, entries=found.entries, gates=len(found.gates)
    )
    yield words["kinds"].format(
        ins=found.kinds[Kind.IN],
        outs=found.kinds[Kind.OUT],
        overrides=found.kinds[Kind.OVERRIDE],
        undone=found.undone,
    )
    yield from _entrances(found, entrances, words)
    for one in found.gates:
        shown = f"{gates[one.gate]} {one.gate.hex()}" if one.gate in gates else one.gate.hex()
        yield words["gate"].format(name=shown, entries=one.entries, proven=one.proven)
        for key, count in _remarks(one):
            if count:
                yield words[key].format(count=count)
        if one.forks:
            yield words["fork"].format(places=", ".join(map(str, one.forks[:10])))
        if one.stranger and pack is not None:
            yield words["stranger"]
    if pack is None:
        yield words["unjudged"]
    else:
        yield from _excess(found, words, place)
    for seen, reason in found.overrides:
        yield words["override"].format(time=clock(seen.time), place=place(seen), reason=reason)


def _excess(found: Account, words: Mapping[str, str], place: Callable[[Seen], str]) -> Iterator[str]:
    yield words["excess"].format(count=len(found.excess)) if found.excess else words["none"]
    for case in found.excess:
        yield words["case"].format(
            ticket=case.cti.hex(),
            first_time=clock(case.first.time),
            first=place(case.first),
            again_time=clock(case.again.time),
            again=place(case.again),
            flag=words["flag"] if case.flagged else "",
        )


def _remarks(one: GateAccount) -> tuple[tuple[str, int], ...]:
    """What is wrong with a gate's journal, by the sentence that says it."""
    return (
        ("hub_only", one.hub_only),
        ("missing", one.missing),
        ("lock", one.after_lock),
        ("unreadable", one.unreadable),
    )


def _entrances(found: Account, names: Mapping[int, str], words: Mapping[str, str]) -> Iterator[str]:
    for entrance in sorted({number for number, _ in found.by_minute}):
        minutes = {at: counts for (number, at), counts in found.by_minute.items() if number == entrance}
        top = max(minutes, key=lambda at: (minutes[at][0] + minutes[at][2], -at))
        ins, outs, let_in = (sum(counts[place] for counts in minutes.values()) for place in range(3))
        most = minutes[top][0] + minutes[top][2]
        yield words["entrance"].format(
            name=names.get(entrance, str(entrance)),
            ins=ins,
            outs=outs,
            let_in=let_in,
            most=most,
            at=clock(top * 60_000),
        )


def clock(milliseconds: int) -> str:
    """A time in this machine's time zone, with its name: journals come together from anywhere."""
    return time.strftime("%m-%d %H:%M:%S %Z", time.localtime(milliseconds / 1000))
