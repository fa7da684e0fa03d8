"""The browser reads, believes and refuses the very passes that Python does, byte by byte, and what it makes is believed here."""

from __future__ import annotations

import random
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import Malformed, Rejected
from common.formats.base45 import base45_decode, base45_encode
from common.formats.gate_pass.build import challenge_nonce, write_pass_text
from common.formats.gate_pass.parse import parse_gate_pass
from common.formats.gate_pass.verify import issuer_key, verify_gate_pass
from tests.common.formats.gate_pass.passes import (
    ENDS,
    EVENT,
    HOLDER,
    ISSUER_POINT,
    KEYS,
    NOW,
    STRANGER,
    proof,
    token,
)
from tests.common.gate_ts.node import run

WORDS = {
    "wrong_audience": "wrong_event",
    "untrusted_issuer": "unknown_issuer",
    "bad_signature": "bad_issuer_signature",
    "wrong_holder": "bad_holder_proof",
}
"""What the format calls it → the word of the gate's list."""


def here(text: str, **change: Any) -> str:
    try:
        verify_gate_pass(parse_gate_pass(text), **{"event": EVENT, "issuer_keys": KEYS, "now": NOW, **change})
    except Malformed as error:
        return "bad_holder_proof" if error.code == "holder_proof_missing" else "malformed"
    except Rejected as error:
        return WORDS.get(error.reason, error.reason)
    return "ok"


def case(text: str, **change: Any) -> dict[str, Any]:
    made = {"do": "verify_pass", "text": text, "event": EVENT, "keys": [[ISSUER_POINT.hex(), 0, ENDS + 1]], "now": NOW}
    return {**made, **change}


def there(answer: dict[str, Any]) -> str:
    return "ok" if "ok" in answer else str(answer["reason"])


def test_every_flipped_byte_and_every_cut_of_a_pass() -> None:
    texts = []
    for data in (proof(cnonce=challenge_nonce(777)), token(holder=None, nbf=None)):
        for at in range(len(data)):
            texts.append(data[:at] + bytes((data[at] ^ 1 << at % 8,)) + data[at + 1 :])
            texts.append(data[:at])
        texts += [data, data + b"\0", data + bytes(400)]
    written = [write_pass_text(data) for data in texts]
    expected = [here(text) for text in written]
    assert [there(answer) for answer in run([case(text) for text in written])] == expected
    assert {"ok", "malformed", "wrong_event", "unknown_issuer", "bad_issuer_signature", "bad_holder_proof"} <= set(
        expected
    )


def test_every_reason_and_the_bounds_of_times() -> None:
    stray = token(holder=bytes.fromhex("02" + "ff" * 32))
    texts: dict[str, list[dict[str, Any]]] = {
        write_pass_text(proof()): [
            {},
            {"event": "other"},
            {"now": ENDS - 1},
            {"now": ENDS},
            {"now": 1_784_999_999},
            {"now": 0},
        ],
        write_pass_text(proof(audience=b"\0\0\0\0")): [{}],
        write_pass_text(proof(signer=STRANGER)): [{}],
        write_pass_text(proof(token(signer=STRANGER))): [{}],
        write_pass_text(proof(stray)): [{}],
        write_pass_text(token()): [{}],
        write_pass_text(token(holder=None)): [{}, {"event": "other"}],
        "": [{}],
        "TG1:": [{}],
        "TG2:" + write_pass_text(proof())[4:]: [{}],
        write_pass_text(proof()).lower(): [{}],
        "TG1:" + "A" * 596: [{}],
        "TG1:" + "A" * 597: [{}],
        "TG1:é\u3042": [{}],
    }
    pairs = [(text, change) for text, changes in texts.items() for change in changes]
    pairs += [
        (write_pass_text(proof()), {"now": now, "leeway": 30})
        for now in (ENDS + 29, ENDS + 30, 1_784_999_970, 1_784_999_969)
    ]
    answers = run([case(text, **change) for text, change in pairs])
    assert [there(answer) for answer in answers] == [here(text, **change) for text, change in pairs]


def test_what_a_pass_says_is_the_same() -> None:
    extremes: list[dict[str, Any]] = [
        {"klass": 255, "index": (1 << 32) - 1, "flags": 255, "cti": b"\xff" * 8, "exp": (1 << 53) - 1, "nbf": None},
        {"klass": 0, "index": 0, "flags": 0, "cti": bytes(8), "nbf": 0},
        *({"index": index} for index in (23, 24, 255, 256, 65_535, 65_536)),
    ]
    tokens = [token(**change) for change in extremes]
    made = [
        write_pass_text(proof(of, iat=NOW, cnonce=bytes(size)))
        for of, size in zip(tokens, [2, 3, 4, 2, 3, 4, 2, 3], strict=True)
    ]
    for text, answer in zip(made, run([case(text) for text in made]), strict=True):
        found = verify_gate_pass(parse_gate_pass(text), event=EVENT, issuer_keys=KEYS, now=NOW)
        said = answer["ok"]
        assert (said["klass"], said["index"], said["flags"], said["exp"], said["nbf"]) == (
            *(found.klass, found.index, found.flags, found.exp, found.nbf),
        )
        assert (said["cti"], said["iat"], said["cnonce"]["h"]) == (
            found.cti.hex(),
            found.iat,
            (found.cnonce or b"").hex(),
        )


def test_a_kid_that_two_keys_share_is_a_hint() -> None:
    text = write_pass_text(proof())
    keys = [[ISSUER_POINT.hex(), 0, NOW], [ISSUER_POINT.hex(), NOW, NOW + 1]]
    assert [there(one) for one in run([case(text, keys=keys), case(text, keys=keys[:1])])] == ["ok", "unknown_issuer"]


def test_a_proof_made_by_the_browser_is_believed_here() -> None:
    key = HOLDER.private_key().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    asked = {"do": "make_proof", "pkcs8": key.hex(), "token": token().hex(), "event": EVENT, "iat": NOW}
    for challenge, answer in zip((777, None), run([{**asked, "challenge": one} for one in (777, None)]), strict=True):
        text = answer["ok"]
        assert here(text) == "ok"
        assert parse_gate_pass(text).cnonce == (None if challenge is None else challenge_nonce(challenge))
        assert len(base45_decode(text[4:])) <= 256


def test_points_on_and_off_the_curve() -> None:
    chance = random.Random(5)
    points = [bytes((chance.choice((2, 3)),)) + chance.randbytes(32) for _ in range(60)]
    points += [b"\x02" + bytes(32), b"\x04" + bytes(32), b"\x02" + b"\xff" * 32, b"\x02" + bytes(31), ISSUER_POINT]
    answers = run([{"do": "point", "point": point.hex()} for point in points])
    for point, answer in zip(points, answers, strict=True):
        try:
            raw = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            assert answer["error"] == "malformed"
        else:
            form = serialization.PublicFormat.UncompressedPoint
            assert answer["ok"] == raw.public_bytes(serialization.Encoding.X962, form).hex()


@settings(max_examples=1, deadline=None)
@given(
    st.lists(st.binary(max_size=40), min_size=60, max_size=60), st.lists(st.text(max_size=9), min_size=60, max_size=60)
)
def test_base45(datas: list[bytes], texts: list[str]) -> None:
    texts = [*texts, "A", "AA", "::", ":::", "GGW", "FGW", "ab", "UZ", "VZ"]
    made = run([{"do": "base45_encode", "data": data.hex()} for data in datas])
    assert [one["ok"] for one in made] == [base45_encode(data) for data in datas]
    for text, answer in zip(texts, run([{"do": "base45_decode", "text": text} for text in texts]), strict=True):
        try:
            assert answer.get("ok") == base45_decode(text).hex()
        except Malformed:
            assert answer["error"] == "malformed"


def test_issuer_keys_speak_in_their_time_only() -> None:
    key = issuer_key(ISSUER_POINT, not_before=NOW, not_after=NOW + 1)
    text = write_pass_text(proof())
    for now in (NOW - 1, NOW, NOW + 1):
        (answer,) = run([case(text, keys=[[ISSUER_POINT.hex(), NOW, NOW + 1]], now=now)])
        assert there(answer) == here(text, issuer_keys=(key,), now=now)
