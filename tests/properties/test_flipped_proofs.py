"""Flip any bit of a document with a Data Integrity proof: no other one is believed, be it a credential, a status list or a derived badge.

`test_data_integrity` does so for three suites; here are the others, and what is made of them. A flip that leaves the meaning alone (the
case of an escape, white space) may be believed, for what it means is what was signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.encoding import compact_json, parse_json_object
from common.errors import Malformed, Rejected, Unsupported
from common.jose.jwk import parse_public_jwk
from common.proofs.canonical import canonize
from common.status.contract import REVOKED, SUSPENDED, ListIssuer, ListTimes, StatusTable
from common.status.read_list import verify_bitstring_answer
from common.status.registry import RENDERINGS
from tests.common.formats.data_integrity.cast import NOW, P256, P384, check, did_of, signed, url_of
from tests.common.proofs.selective.scenes import DERIVED, SCENES

URI = "https://a.example/1"
TABLE = StatusTable(size=64, values={3: REVOKED, 5: SUSPENDED}, version=1, changed_at=NOW)


@dataclass(frozen=True)
class Case:
    """text: what goes over the wire. believe: raises, or believes it."""

    name: str
    text: bytes
    believe: Callable[[bytes], object]


def _credential(text: bytes) -> object:
    return check(parse_json_object(text))


def _list(text: bytes) -> object:
    key = parse_public_jwk(P256.public_jwk())
    return verify_bitstring_answer(text, lambda hint: key, uri=URI, issuer=did_of(P256), now=NOW)


def _derived(scene: Any) -> Callable[[bytes], object]:
    def believe(text: bytes) -> object:
        document = parse_json_object(text)
        proof = document.pop("proof", None)
        if not isinstance(proof, dict):
            raise Malformed("no_proof")
        return scene.suite.verify_proof(document, proof, scene.key)

    return believe


def _rendered(name: str, purpose: str) -> bytes:
    issuer = ListIssuer(id=did_of(P256), key_id=url_of(P256), signer=P256)
    times = ListTimes(issued_at=NOW, expires_at=NOW + 600, ttl=60)
    return RENDERINGS[name].render(TABLE, uri=URI, purpose=purpose, issuer=issuer, times=times)


CASES = [
    *(
        Case(f"{suite} {key.alg}", compact_json(signed(key=key, cryptosuite=suite)), _credential)
        for suite, key in (("ecdsa-jcs-2019", P256), ("ecdsa-jcs-2019", P384), ("ecdsa-rdfc-2019", P384))
    ),
    *(
        Case(f"a list of {purpose}", _rendered("bitstring_data_integrity", purpose), _list)
        for purpose in ("revocation", "message")
    ),
    *(
        Case(
            f"derived by {scene.suite.name}",
            compact_json({**DERIVED[scene.suite.name][0], "proof": DERIVED[scene.suite.name][1]}),
            _derived(scene),
        )
        for scene in SCENES
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_unflipped_it_is_believed(case: Case) -> None:
    case.believe(case.text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_flip_any_bit(case: Case, data: st.DataObject) -> None:
    broken = bytearray(case.text)
    broken[data.draw(st.integers(0, len(broken) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        case.believe(bytes(broken))
    except (Malformed, Rejected, Unsupported):
        return
    assert said_by(bytes(broken)) == said_by(case.text)


def said_by(text: bytes) -> object:
    """What RDFC suites sign are statements: a term with two names (``criteria`` and the class ``Criteria``) says the same by either."""
    value = json.loads(text)
    proof = value.pop("proof", None)
    if isinstance(proof, dict) and "-jcs-" not in proof["cryptosuite"]:
        return canonize(value), proof
    return value, proof


def test_said_by_another_name() -> None:
    case = next(case for case in CASES if case.name == "derived by ecdsa-sd-2023")
    assert b'"criteria"' in case.text
    assert said_by(case.text) == said_by(case.text.replace(b'"criteria"', b'"Criteria"'))
    assert said_by(case.text) != said_by(case.text.replace(b"124 credits", b"125 credits"))
