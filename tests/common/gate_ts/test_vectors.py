"""The browser's code against the vectors of the independent generator: the same files that Python reads in tests/common/gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.common.gate_ts.node import run
from tests.common.gate_ts.test_passes_agree import WORDS
from tests.vectors.gate import generate, wire

FOLDER = Path(generate.__file__).parent


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def test_passes() -> None:
    found = read("passes")
    keys = [[key["point"], key["not_before"], key["not_after"]] for key in found["issuer_keys"]]
    asked = {"do": "verify_pass", "event": found["event"], "keys": keys, "now": found["now"]}
    cases = found["cases"]
    for case, answer in zip(cases, run([{**asked, "text": case["text"]} for case in cases]), strict=True):
        if case.get("malformed"):
            assert answer.get("reason") in ("malformed", "bad_holder_proof"), case["name"]
        elif reason := case.get("reason"):
            assert answer.get("reason") == WORDS.get(reason, reason), case["name"]
        else:
            said, expected = answer["ok"], case["expect"]
            same = ("cti", "index", "flags", "exp", "nbf", "iat")
            assert {name: said[name] for name in same} == {name: expected[name] for name in same}, case["name"]
            assert (said["klass"], said["bound"]) == (expected["class"], expected["holder"] is not None), case["name"]
            assert (said["cnonce"] or {}).get("h") == expected["cnonce"], case["name"]


def test_index_sets() -> None:
    cases = read("index_sets")["cases"]
    good = [case for case in cases if not case.get("malformed")]
    bad = [case for case in cases if case.get("malformed")]
    decoded = run([{"do": "index_set", "data": case["coded"]} for case in good])
    assert [one.get("ok") for one in decoded] == [case["indices"] for case in good]
    encoded = run([{"do": "index_set_encode", "indices": case["indices"]} for case in good])
    assert [one.get("ok") for one in encoded] == [case["coded"] for case in good]
    for case, answer in zip(bad, run([{"do": "index_set", "data": case["coded"]} for case in bad]), strict=True):
        assert answer.get("error") == "malformed", case["name"]
    assert good
    assert bad


def test_packs_and_deltas() -> None:
    found = read("packs")
    asked = {"do": "pack", "signers": [found["signer"]], "event": found["event"], "loaded": 0, "now": wire.NOW}
    packs = found["packs"]
    for case, answer in zip(packs, run([{**asked, "data": case["pack"]} for case in packs]), strict=True):
        assert ("error" in answer) == bool(case.get("refused")), case["name"]
        if "ok" in answer:
            pack = answer["ok"]
            said = (pack["serial"], pack["revoked"], pack["excluded"])
            assert said == (case["serial"], case["revoked"], case["excluded"])
    deltas = found["deltas"]
    steps = [
        {"do": "delta", "pack": one["from"], "delta": one["delta"], "signers": [found["signer"]]} for one in deltas
    ]
    for case, answer in zip(deltas, run(steps), strict=True):
        assert answer.get("ok") == (None if case.get("refused") else case["to"]), case["name"]


def test_journal() -> None:
    found = read("journal")
    told = found["entries"]
    for one, answer in zip(told, run([{"do": "entry", "data": one["entry"]} for one in told]), strict=True):
        assert (answer["ok"]["kind"], answer["ok"]["sequence"]) == (one["kind"], one["sequence"])
    again = run([{"do": "entry_again", "data": one["entry"]} for one in told])
    assert [one["ok"] for one in again] == [one["entry"] for one in told]
    (head,) = run([{"do": "head", "data": found["head"], "point": found["gate"]}])
    assert (head["ok"]["sequence"], head["ok"]["hash"]["h"]) == (len(told), told[-1]["hash"])
