"""Gates: passes to the point where they are judged, packs and deltas, journals and what gates say to hubs."""

from __future__ import annotations

from common.formats.gate_pass.build import write_pass_text
from common.formats.gate_pass.parse import parse_gate_pass, parse_pass_bytes, parse_pass_token
from common.formats.gate_pass.verify import verify_gate_pass
from common.gate.admit_request import build_admit_answer, build_admit_request, parse_admit_answer, parse_admit_request
from common.gate.delta import apply_delta, build_delta, parse_delta
from common.gate.enrolment import build_enrolment, parse_enrolment
from common.gate.exchange import GateJournal, build_exchange, parse_exchange
from common.gate.index_set import decode_index_set
from common.gate.journal_entry import (
    JournalHead,
    Kind,
    hash_entry,
    parse_journal_entry,
    parse_journal_head,
    sign_journal_head,
)
from common.gate.pack import build_pack, parse_pack, read_pack, verify_pack
from common.gate.signed import parse_message
from tests.common.formats.gate_pass.passes import EVENT, KEYS, NOW, proof, token
from tests.common.gate.packs import GATE, GATE_ID, ORGANISER, SIGNER, pack
from tests.common.gate.test_journal_entry import entry
from tests.fuzz.target import of_bytes, reading


def _judge(data: bytes) -> object:
    return verify_gate_pass(parse_gate_pass(data.decode("latin-1")), event=EVENT, issuer_keys=KEYS, now=NOW)


def _load(data: bytes) -> object:
    return verify_pack(parse_pack(data), signers=(SIGNER,), event=None, now=NOW)


def _update(data: bytes) -> object:
    return apply_delta(parse_delta(data), pack(), signers=(SIGNER,))


ENTRY = entry()
REMARKED = entry(kind=Kind.OVERRIDE, detail="雨")
HEAD = sign_journal_head(JournalHead(EVENT, GATE_ID, 1, hash_entry(ENTRY), 1), GATE)
PACK = build_pack(pack(), ORGANISER)
LATER = build_pack(pack(serial=5, revoked=(3, 9000, 9001), excluded=()), ORGANISER)
JOURNAL = GateJournal(GATE_ID, (ENTRY, REMARKED), (HEAD,))

TARGETS = (
    reading(
        parse_gate_pass,
        _judge,
        *(write_pass_text(one).encode() for one in (proof(), proof(cnonce=b"\1\2"), token(holder=None))),
    ),
    of_bytes(parse_pass_bytes, proof(), token(holder=None)),
    of_bytes(parse_pass_token, token(), token(nbf=None, holder=None)),
    reading(parse_pack, _load, PACK),
    of_bytes(read_pack, parse_pack(PACK).message.payload),
    reading(parse_delta, _update, build_delta(pack(), LATER, ORGANISER)),
    of_bytes(decode_index_set, bytes.fromhex("0102de00"), b"\0\0"),
    of_bytes(parse_journal_entry, ENTRY, REMARKED),
    of_bytes(parse_journal_head, HEAD),
    of_bytes(parse_exchange, build_exchange(EVENT, [JOURNAL], {GATE_ID: 300})),
    reading(parse_message, lambda data: parse_message(data, max_bytes=1 << 12), HEAD),
    of_bytes(parse_admit_request, build_admit_request(ENTRY, 0, GATE)),
    of_bytes(parse_admit_answer, build_admit_answer(admitted=True, first=ENTRY)),
    reading(
        parse_enrolment,
        lambda data: parse_enrolment(data, event=EVENT),
        build_enrolment(event=EVENT, code="7K2P", name="n", signer=GATE),
    ),
)
