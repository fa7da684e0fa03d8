"""Python against the vectors of the independent generator (`tests/vectors/gate/generate.py`); TypeScript reads the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.errors import Malformed, Rejected, TegataError
from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.gate_pass.verify import VerifiedPass, issuer_key, verify_gate_pass
from common.gate.delta import apply_delta, parse_delta
from common.gate.index_set import IndexSet, decode_index_set, encode_index_set
from common.gate.journal_entry import hash_entry, parse_journal_entry, parse_journal_head
from common.gate.pack import parse_pack, verify_pack
from common.gate.signed import HEAD, verify_message
from tests.vectors.gate import generate, wire

FOLDER = Path(generate.__file__).parent


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


PASSES, SETS, PACKS, JOURNAL = map(_read, ("passes", "index_sets", "packs", "journal"))


def _cases(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in cases]


def test_the_generator_writes_these_files() -> None:
    assert {name: (FOLDER / name).read_text() for name in generate.files()} == generate.files()


@pytest.mark.parametrize("case", _cases(PASSES["cases"]))
def test_pass(case: dict[str, Any]) -> None:
    keys = [
        issuer_key(bytes.fromhex(key["point"]), not_before=key["not_before"], not_after=key["not_after"])
        for key in PASSES["issuer_keys"]
    ]

    def verify() -> VerifiedPass:
        parsed = parse_gate_pass(case["text"])
        return verify_gate_pass(parsed, event=PASSES["event"], issuer_keys=keys, now=PASSES["now"])

    if case.get("malformed"):
        with pytest.raises(Malformed):
            parse_gate_pass(case["text"])
    elif reason := case.get("reason"):
        with pytest.raises(Rejected) as caught:
            verify()
        assert caught.value.reason == reason
    else:
        assert _told(verify()) == case["expect"]


def _told(found: VerifiedPass) -> dict[str, Any]:
    def written(value: bytes | None) -> str | None:
        return None if value is None else value.hex()

    return {
        "cti": found.cti.hex(),
        "class": found.klass,
        "index": found.index,
        "flags": found.flags,
        "exp": found.exp,
        "nbf": found.nbf,
        "holder": written(found.holder),
        "iat": found.iat,
        "audience": written(found.audience),
        "cnonce": written(found.cnonce),
    }


def test_no_pass_is_longer_than_a_code_of_version_12_holds() -> None:
    good = [case for case in PASSES["cases"] if "expect" in case]
    assert max(len(case["bytes"]) // 2 for case in good) <= 256
    assert max(len(case["text"]) for case in good) <= 419  # alphanumeric characters of version 12 at level M


@pytest.mark.parametrize("case", _cases(SETS["cases"]))
def test_index_set(case: dict[str, Any]) -> None:
    coded = bytes.fromhex(case["coded"])
    if case.get("malformed"):
        with pytest.raises(Malformed):
            decode_index_set(coded)
    else:
        assert list(decode_index_set(coded)) == case["indices"]
        assert encode_index_set(IndexSet(case["indices"])) == coded


@pytest.mark.parametrize("case", _cases(PACKS["packs"]))
def test_pack(case: dict[str, Any]) -> None:
    data, signers = bytes.fromhex(case["pack"]), [bytes.fromhex(PACKS["signer"])]
    if case.get("refused"):
        with pytest.raises(TegataError):
            verify_pack(parse_pack(data), event=PACKS["event"], signers=signers, now=wire.NOW)
        return
    found = verify_pack(parse_pack(data), event=PACKS["event"], signers=signers, now=wire.NOW)
    assert found.serial == case["serial"]
    assert (list(found.status.revoked), list(found.status.excluded)) == (case["revoked"], case["excluded"])


@pytest.mark.parametrize("case", _cases(PACKS["deltas"]))
def test_delta(case: dict[str, Any]) -> None:
    before, signers = parse_pack(bytes.fromhex(case["from"])).pack, [bytes.fromhex(PACKS["signer"])]
    delta = bytes.fromhex(case["delta"])
    if case.get("refused"):
        with pytest.raises(TegataError):
            apply_delta(parse_delta(delta), before, signers=signers)
    else:
        assert apply_delta(parse_delta(delta), before, signers=signers).message.encode().hex() == case["to"]


def test_journal() -> None:
    for told in JOURNAL["entries"]:
        entry = bytes.fromhex(told["entry"])
        parsed = parse_journal_entry(entry)
        assert (int(parsed.kind), parsed.sequence) == (told["kind"], told["sequence"])
        assert hash_entry(entry).hex() == told["hash"]
        assert parsed.encode() == entry
    head = parse_journal_head(bytes.fromhex(JOURNAL["head"]))
    verify_message(head.message, [bytes.fromhex(JOURNAL["gate"])], HEAD)
    assert (head.head.sequence, head.head.hash.hex()) == (len(JOURNAL["entries"]), JOURNAL["entries"][-1]["hash"])
