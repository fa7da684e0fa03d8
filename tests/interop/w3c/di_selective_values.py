"""Proof values of the selective suites, taken apart and put together by ``cbor2``; and a BBS proof over texts in any encoding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cbor2
from multiformats import multibase

from common.proofs.bbs import generate_proof, sign
from common.proofs.contexts.store import PINNED
from common.proofs.selective.bbs_proof_value import DerivedProofValue, serialize_derived
from common.proofs.selective.pointers import select
from common.proofs.suites.bbs_2023 import signed_data
from tests.interop.w3c.di_documents import (
    MANDATORY,
    SELECTIVE,
    Column,
    document,
    examiner,
    options,
    signer_of,
)

HEADER_BYTES = 3


def taken_apart(proof: Mapping[str, Any]) -> tuple[bytes, list[Any]]:
    """Header, and components. Raises AssertionError where a component has a tag."""
    text = proof["proofValue"]
    assert text.startswith("u")
    data = multibase.decode(text)
    found = cbor2.loads(data[HEADER_BYTES:], tag_hook=_no_tag)
    assert isinstance(found, list)
    return data[:HEADER_BYTES], found


def put_together(header: bytes, components: Any) -> str:
    return str(multibase.encode(header + cbor2.dumps(components), "base64url"))


def tagged(value: Any) -> Any:
    """Every byte string under CBOR tag 64, as JavaScript's encoders like to write them."""
    if isinstance(value, bytes):
        return cbor2.CBORTag(64, value)
    if isinstance(value, list):
        return [tagged(each) for each in value]
    return {name: tagged(each) for name, each in value.items()} if isinstance(value, dict) else value


def _no_tag(tag: cbor2.CBORTag, _: bool) -> None:
    raise AssertionError(f"a component has the CBOR tag {tag.tag}")


def bbs_over(column: Column, encoding: str) -> dict[str, Any]:
    """Derived from a BBS signature of the examiner's over the statements in this encoding. Nothing else about it is wrong."""
    content, signer = document(column.version, examiner("BBS")), signer_of("BBS")
    pointers, said = MANDATORY[column.version], options(column)
    signed = signed_data(content, said, mandatory_pointers=pointers, contexts=PINNED, hmac_key=bytes(32))
    messages = [message.decode().encode(encoding) for message in signed.messages]
    signature = sign(signer, signed.header, messages)
    revealed = [*pointers, *SELECTIVE]
    combined, labels = signed.statements.reveal(revealed)
    others = [n for n in range(len(signed.statements.lines)) if n not in signed.mandatory]
    selective = tuple(others.index(n) for n in combined if n not in signed.mandatory)
    value = DerivedProofValue(
        bbs_proof=generate_proof(signer.public_bytes, signature, signed.header, b"", messages, selective),
        label_map=labels,
        mandatory_indexes=tuple(place for place, n in enumerate(combined) if n in signed.mandatory),
        selective_indexes=selective,
        presentation_header=b"",
    )
    return {**(select(content, revealed) or {}), "proof": {**said, "proofValue": serialize_derived(value)}}
