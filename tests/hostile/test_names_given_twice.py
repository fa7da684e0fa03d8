"""Who names one member twice is refused, by every parser and at every depth: else two readers see two different messages.

JSON: RFC 7493 §2.3. CBOR: RFC 8949 §5.6, for messages that are signed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.cbor import Tagged, decode, encode, encode_array, encode_bytes, encode_tagged, head
from common.encoding import b64url_decode, b64url_encode
from common.errors import TegataError
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

READ_LATER = {
    "jose-jws-parse_jws": "the payload of a JWS is bytes; parse_jwt reads it",
    "cose-sign1-parse_sign1": "the payload of a COSE_Sign1 is bytes; parse_cwt and parse_mso read it",
    "formats-vc_jose_cose-enveloped-read_enveloped_credential": "parse_secured reads what is in the envelope",
    "gate-exchange-parse_exchange": "entries and heads are bytes; parse_journal_entry and parse_journal_head read them",
    "gate-signed-parse_message": "the payload is bytes; parse_pack and its like read it",
    "formats-mdoc-issuer_signed-decode_text": "embedded CBOR is bytes; parse_issuer_signed reads it",
}
"""Parsers of an outer layer, which refuse what is named twice in that layer."""


def _is_random(value: bytes) -> bool:
    """Of the length of a salt, digest, key or signature, and no header of COSE, whose first label is 1: a map of CBOR by chance only."""
    return len(value) in {16, 20, 32, 48, 64, 96} and value[1] != 1


class _Twice:
    """Writes a value with one member of its ``number``-th object (in the order of writing) named twice."""

    def __init__(self, number: int) -> None:
        self.left = number

    def _is_it(self) -> bool:
        self.left -= 1
        return self.left == -1

    def json(self, value: Any) -> str:
        if isinstance(value, dict) and value:
            twice = self._is_it()
            members = [f"{json.dumps(name)}:{self.json(member)}" for name, member in value.items()]
            return "{" + ",".join([*members, *members[-1:]] if twice else members) + "}"
        if isinstance(value, list):
            return "[" + ",".join(self.json(one) for one in value) + "]"
        return json.dumps(value)

    def cbor(self, value: Any) -> bytes:
        if isinstance(value, dict) and value:
            twice = self._is_it()
            members = [encode(name) + self.cbor(member) for name, member in value.items()]
            members += members[-1:] if twice else []
            return head(0xA0, len(members)) + b"".join(members)
        if isinstance(value, list):
            return encode_array(self.cbor(one) for one in value)
        if isinstance(value, Tagged):
            return encode_tagged(value.tag, self.cbor(value.value))
        if isinstance(value, bytes) and not _is_random(value) and (inner := _cbor(value)) is not None:
            return encode_bytes(self.cbor(inner))  # embedded CBOR: headers, payloads, data elements
        return encode(value)


def _cbor(data: bytes) -> Any:
    """The map, array or embedding that the bytes hold; None for anything else."""
    try:
        value = decode(data, any_keys=True)
        return value if isinstance(value, dict | list | Tagged) and encode(value) == data else None
    except (TegataError, ValueError):
        return None


def _json(data: bytes) -> Any:
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


_Form = tuple[Callable[[bytes], Any], Callable[[_Twice, Any], bytes]]
JSON: _Form = (_json, lambda twice, value: twice.json(value).encode())
CBOR: _Form = (_cbor, _Twice.cbor)


def _of(seed: bytes, form: _Form) -> Iterator[bytes]:
    read, write = form
    value = read(seed)
    for number in range(99 if value is not None else 0):
        twice = _Twice(number)
        text = write(twice, value)
        if twice.left >= 0:
            break
        yield text


def _variants(seed: bytes, forms: tuple[_Form, ...] = (JSON, CBOR)) -> Iterator[bytes]:
    """The seed with a member named twice: as JSON, as CBOR, in base64url, and in the parts of a compact token, at any depth."""
    for form in forms:
        yield from _of(seed, form)
    pieces = seed.split(b".")
    if len(pieces) > 1:
        # Parts of a compact token are JSON, or random: among so many nonces, tags and signatures one is a map of CBOR by chance.
        forms = (JSON,)
    for place, piece in enumerate(pieces):
        try:
            raw = b64url_decode(piece)
        except TegataError:
            continue
        if len(raw) > 2:
            for text in _variants(raw, forms):
                yield b".".join([*pieces[:place], b64url_encode(text).encode(), *pieces[place + 1 :]])


NO_OBJECT = {
    "formats-mdoc-in_person-parse_shown_response": "an array around the bytes of a DeviceResponse; parse_device_response reads them",
}
"""Parsers of an outer layer in which nothing has a name."""
CASES = [
    (target, seed)
    for target in TARGETS
    if target.name not in NO_OBJECT
    for seed in target.seeds
    if next(_variants(seed), None) is not None
]


@pytest.mark.parametrize(
    ("target", "seed"), CASES, ids=[f"{target.name}-{number}" for number, (target, _) in enumerate(CASES)]
)
def test_a_member_named_twice_is_refused(target: Target, seed: bytes) -> None:
    variants = list(_variants(seed))
    believed = [text for text in variants if target.holds(text)]
    if target.name in READ_LATER:
        assert len(believed) < len(variants)
    else:
        assert believed == []


def test_most_parsers_of_json_and_cbor_are_here() -> None:
    assert len({target.name for target, _ in CASES}) > 90
