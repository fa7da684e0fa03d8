"""The ticket opens this entrance now: the device and its pack, the code's age, class, times, entrance, and that nobody is inside with it.

The rule of a gate. Signatures, validity and revocation are the same rules as online; their answers stand beside this one in the tree.
"""

from __future__ import annotations

from verifier.checks.contract import NOT_REACHED, Case, Rule, failed, passed, undetermined
from verifier.checks.gate_facts import AHEAD_SECONDS, PAST_SECONDS, TicketFact, WantedGate, home_of
from verifier.checks.verdict import Mender, Sentence


def applies(case: Case) -> bool:
    """Only a gate asks for a ticket."""
    return case.wanted.gate is not None


def decide(case: Case) -> tuple[str, int | None]:
    """1. the device and its pack; 2. the issuer's exclusions; 3. the code's age and challenge; 4. class, times, entrance;
    5. the journal; 6. what a person has to look at. The first objection is the reason.
    """
    gate, ticket, now = case.wanted.gate, case.ticket, case.now
    # 1
    if gate is None:
        return "not_reached", None
    if gate.locked_at is not None:  # whatever this clock says: whoever took the device can set it back
        return "device_locked", gate.locked_at
    if gate.rolled_back:
        return "pack_rolled_back", None
    if now >= gate.good_until:
        return "pack_expired", gate.good_until
    if ticket is None or case.credential is None:
        return "not_reached", None
    # 2
    as_of = case.status.as_of
    if ticket.excluded and not gate.leaving:
        return "excluded", as_of
    # 3
    if ticket.bound and (objection := _code_objection(gate, ticket, now)):
        return objection, None
    if gate.leaving:
        if ticket.whereabouts == "outside" and not ticket.document_seen:
            return "not_inside", None
        return "left" if ticket.whereabouts == "inside" else "left_unheard", None
    # 4
    if (ticket.klass not in gate.open_classes or gate.homes or not ticket.bound) and (
        objection := _class_objection(gate, ticket, now)
    ):
        return objection, None
    # 5
    if ticket.earlier is not None:
        return "already_admitted", ticket.earlier.time_ms // 1000
    # 6
    if not ticket.document_seen:
        if not ticket.bound:
            return "paper_document", None
        needed = gate.classes[ticket.klass].flags
        if ticket.flags & needed != needed:
            return "assurance_missing", None
    return "admitted", as_of


def _code_objection(gate: WantedGate, ticket: TicketFact, now: int) -> str:
    """A phone whose clock is wrong cannot be told from a recording: only a person who looks at a document lets it pass."""
    issued_at = ticket.issued_at
    if issued_at is None or issued_at > now + AHEAD_SECONDS + gate.clock_error:
        return "clock_off"
    if issued_at < now - PAST_SECONDS - gate.clock_error:
        if not ticket.advancing:
            return "stale_code"
        return "" if ticket.document_seen else "clock_off_or_recording"
    if gate.challenge and not ticket.answers:
        return "challenge_unanswered"
    return ""


def _class_objection(gate: WantedGate, ticket: TicketFact, now: int) -> str:
    rule = gate.classes.get(ticket.klass)
    if rule is None:
        return "wrong_class"
    if not ticket.bound and not rule.paper:
        return "paper_not_taken"
    if rule.windows and not any(start <= now < end for start, end in rule.windows):
        return "not_open_yet" if any(now < start for start, _ in rule.windows) else "closed"
    if gate.entrance not in rule.entrances:
        return "wrong_entrance"
    if gate.homes and home_of(ticket.cti, gate.homes) != gate.home:
        return "other_home"
    return ""


RULE = Rule(
    name="ticket_admits",
    title=Sentence(ja="入場", en="Admission"),
    reasons={
        "admitted": passed("入場できます。", "It may enter."),
        "left": passed("退場を記録します。", "It leaves."),
        "left_unheard": passed(
            "入場した記録は、この端末にはありません。", "No admission of this ticket is known to this device."
        ),
        "not_inside": undetermined(
            Mender.VERIFIER,
            "入場の記録がないか、もう退場したチケットです。",
            "No admission of this ticket is known, or it has left already.",
        ),
        "device_locked": failed(
            Mender.ISSUER,
            "この端末は主催者がロックしました。ほかの端末を使ってください。",
            "The organiser has locked this device; use another one.",
        ),
        "pack_rolled_back": failed(
            Mender.VERIFIER,
            "以前に読み込んだものより古い入場データです。新しいデータを読み込んでください。",
            "This gate pack is older than one that was loaded here before; load the newest.",
        ),
        "pack_expired": failed(
            Mender.VERIFIER,
            "入場データの期限が切れています。新しいデータを読み込んでください。",
            "The gate pack is out of date; load a new one.",
        ),
        "excluded": failed(
            Mender.ISSUER,
            "主催者が入場をお断りしているチケットです。",
            "The organiser does not admit this ticket.",
        ),
        "stale_code": failed(
            Mender.HOLDER,
            "コードが古くなっています。画面の写真ではなく、動いているコードを見せてもらってください。",
            "The code is old: ask for the one that changes, not a picture of it.",
        ),
        "clock_off": failed(
            Mender.HOLDER,
            "スマートフォンの時計が進んでいます。時刻を自動に設定してもらってください。",
            "The phone's clock is ahead; have it set by the network.",
        ),
        "clock_off_or_recording": undetermined(
            Mender.HOLDER,
            "スマートフォンの時計が遅れているか、録画です。本人確認書類を見てください。",
            "The phone's clock is behind, or this is a recording: look at a document.",
        ),
        "challenge_unanswered": failed(
            Mender.HOLDER,
            "ゲートに表示した番号が入っていません。番号をスマートフォンに入力してもらってください。",
            "The number on the gate's screen is not in this code; ask for it to be entered on the phone.",
        ),
        "wrong_class": failed(Mender.ISSUER, "この公演にない券種です。", "The event has no such class of ticket."),
        "paper_not_taken": failed(
            Mender.HOLDER,
            "この券種は、スマートフォンのコードでだけ入場できます。",
            "This class enters with the code of a phone only.",
        ),
        "not_open_yet": failed(Mender.HOLDER, "この券種の入場時間は、これからです。", "This class may not enter yet."),
        "closed": failed(
            Mender.NOBODY, "この券種の入場時間は終わりました。", "The time in which this class enters is over."
        ),
        "wrong_entrance": failed(
            Mender.HOLDER, "この券種の入口はここではありません。", "This class enters somewhere else."
        ),
        "other_home": failed(
            Mender.HOLDER,
            "このチケットは、別の入口に割り当てられています。",
            "This ticket is assigned to another entrance.",
        ),
        "already_admitted": failed(Mender.NOBODY, "すでに入場しています。", "It has been admitted already."),
        "paper_document": undetermined(
            Mender.HOLDER,
            "紙のチケットです。本人確認書類を見てください。",
            "A ticket on paper: look at a document.",
        ),
        "assurance_missing": undetermined(
            Mender.HOLDER,
            "購入のときに確かめていない条件があります。本人確認書類を見てください。",
            "Something that this class demands was not verified at purchase: look at a document.",
        ),
        "not_reached": NOT_REACHED,
    },
    decide=decide,
    applies=applies,
)
