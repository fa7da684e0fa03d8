"""A new gate asks to be let into the next pack: it proves its key over the code that the organiser's page shows.

{ 1: code, 2: point, 3: name, 4: signed message, external_aad "TG1-enrol", over [ event, code ] }        deterministic CBOR
"""

from __future__ import annotations

import re

from common.cbor import encode
from common.errors import Malformed
from common.formats.gate_pass.labels import check_event
from common.gate.pack_members import read_name
from common.gate.signed import ENROL, decode_exact, parse_message, sign_message, verify_message
from common.keys.compressed_point import compress, known_point_key
from common.ports import Signer
from common.record import Record

MAX_ENROLMENT = 2048
MAX_NAME = 60
_CODE = re.compile(r"[0-9A-Za-z-]{4,64}", re.ASCII)


class Enrolment(Record, frozen=True):
    """Proven to hold the key for ``point``; who may enrol is what the code is for. name: the steward's words for the device."""

    event: str
    code: str
    point: bytes
    name: str


def build_enrolment(*, event: str, code: str, name: str, signer: Signer) -> bytes:
    """Raises Malformed for what no organiser would read."""
    proof = sign_message(encode([check_event(event), code]), signer, ENROL)
    body = encode({1: code, 2: compress(signer.public_jwk()), 3: name, 4: proof})
    parse_enrolment(body, event=event)
    return body


def parse_enrolment(data: bytes, *, event: str) -> Enrolment:
    """What a gate asks, with its proof verified.

    1. shape and limits
    2. the proof is over this event and this code
    3. the proof's signature, by the key that asks
    Raises Malformed("bad_enrolment" …), Rejected("bad_signature" | "untrusted_key").
    """
    # 1 · shape
    value = decode_exact(data, max_bytes=MAX_ENROLMENT)
    if not isinstance(value, dict) or list(value) != [1, 2, 3, 4]:
        raise _bad("has four members")
    code, point, name, proof = value.values()
    if not isinstance(code, str) or not _CODE.fullmatch(code) or type(point) is not bytes or type(proof) is not bytes:
        raise _bad("has a code, a key and a proof")
    known_point_key(point)
    # 2 · what is signed
    message = parse_message(proof, max_bytes=MAX_ENROLMENT)
    if message.payload != encode([check_event(event), code]):
        raise _bad("is for one event and one code")
    # 3 · signature
    verify_message(message, [point], ENROL)
    return Enrolment(event, code, point, read_name(name, most=MAX_NAME))


def _bad(what: str) -> Malformed:
    return Malformed("bad_enrolment", f"an enrolment {what}")
