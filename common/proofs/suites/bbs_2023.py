"""``bbs-2023``: one BBS signature over all statements; what is derived from it shows some of them and cannot be linked to others.

vc-di-bbs 1.0 §3.4, feature option ``baseline``. For holders and verifiers first: that signing takes constant time is not established
(see `common.keys.bls`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed, Rejected
from common.keys import bls
from common.keys.bls import BbsSigner
from common.ports import Signer
from common.proofs.bbs import generate_proof, sign, verify, verify_proof
from common.proofs.contexts.store import PINNED, ContextStore
from common.proofs.selective.bbs_proof_value import (
    MAX_PRESENTATION_HEADER,
    BaseProofValue,
    DerivedProofValue,
    parse_base,
    parse_derived,
    serialize_base,
    serialize_derived,
)
from common.proofs.selective.labels import HMAC_KEY_BYTES, disclosed_labels, shuffled_labels
from common.proofs.selective.pointers import check_pointers, select
from common.proofs.selective.statements import Statements, hash_mandatory, hash_options, revealed_statements, split
from common.proofs.suites.proof_value import without_proof_value

NAME = "bbs-2023"
ALGS = (bls.ALG,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """mandatory: indexes of the mandatory statements. header: of the BBS signature, 64 bytes. messages: the other statements."""

    statements: Statements
    mandatory: frozenset[int]
    header: bytes
    messages: tuple[bytes, ...]


class Bbs2023:
    """Implements `common.proofs.suites.contract.SelectiveCryptosuite`. Its keys are 96 bytes, its signers `BbsSigner`.

    contexts: those that documents may name.
    """

    __slots__ = ("_contexts", "algs", "name")

    def __init__(self, contexts: ContextStore = PINNED) -> None:
        self.name = NAME
        self.algs = ALGS
        self._contexts = contexts

    def read_key(self, method: Mapping[str, Any]) -> bytes:
        """A Multikey → the public key's 96 bytes. Raises Malformed, Rejected("algorithm_not_allowed") for a key of another kind."""
        text = method.get("publicKeyMultibase")
        if not isinstance(text, str) or "publicKeyJwk" in method:
            raise Malformed("bad_verification_method", f"a verification method of {NAME} is a Multikey")
        if text.startswith("z") and not bls.is_multikey(text):
            raise Rejected("algorithm_not_allowed", "a key that is not BLS12-381 G2 cannot serve this cryptosuite")
        return bls.decode_multikey(text)

    def create_proof(
        self,
        document: Mapping[str, Any],
        options: Mapping[str, Any],
        signer: Signer | BbsSigner,
        *,
        mandatory_pointers: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The base proof. Raises ValueError for a signer that is no `BbsSigner`: the caller's mistake."""
        if not isinstance(signer, BbsSigner):
            raise ValueError(f"{NAME} is signed with a BLS12-381 key")
        hmac_key = secrets.token_bytes(HMAC_KEY_BYTES)
        return create_base_proof(
            document,
            options,
            signer,
            mandatory_pointers=mandatory_pointers,
            contexts=self._contexts,
            hmac_key=hmac_key,
        )

    def verify_base_proof(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: bytes) -> None:
        """1. the base proof, made for this key; 2. the statements under its HMAC key; 3. the header; 4. the signature."""
        value = parse_base(proof)
        if value.public_key != key:
            raise Rejected("bad_signature", "the base proof names another public key")
        signed = self._signed(document, _checked(proof), value)
        if value.bbs_header != signed.header:
            raise Rejected("bad_signature", "the header does not belong to these options and mandatory statements")
        verify(key, value.bbs_signature, signed.header, signed.messages)

    def derive_proof(
        self,
        document: Mapping[str, Any],
        proof: Mapping[str, Any],
        *,
        selective_pointers: Sequence[str],
        presentation_header: bytes = b"",
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The BBS signature is verified on the way, against the key that the base proof names."""
        options = _checked(proof)
        value = parse_base(proof)
        if len(presentation_header) > MAX_PRESENTATION_HEADER:
            raise ValueError(f"a presentation header has at most {MAX_PRESENTATION_HEADER} bytes")
        pointers = (*value.mandatory_pointers, *check_pointers(selective_pointers))
        revealed = select(document, pointers)
        if revealed is None:
            raise Malformed("nothing_selected", "neither mandatory nor selective pointers: nothing would be revealed")
        signed = self._signed(document, options, value)
        combined, labels = signed.statements.reveal(pointers)
        others = (n for n in range(len(signed.statements.lines)) if n not in signed.mandatory)
        place = {n: number for number, n in enumerate(others)}
        selective_indexes = tuple(place[n] for n in combined if n not in signed.mandatory)
        proof_bytes = generate_proof(
            value.public_key,
            value.bbs_signature,
            signed.header,
            presentation_header,
            signed.messages,
            selective_indexes,
        )
        derived = DerivedProofValue(
            bbs_proof=proof_bytes,
            label_map=labels,
            mandatory_indexes=tuple(number for number, n in enumerate(combined) if n in signed.mandatory),
            selective_indexes=selective_indexes,
            presentation_header=presentation_header,
        )
        return revealed, {**options, "proofValue": serialize_derived(derived)}

    def verify_proof(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: bytes) -> None:
        """1. the derived proof; 2. the statements under its label map; 3. the BBS proof over header and revealed statements.

        Any presentation header is accepted; who asked for one reads it with `presentation_header_of`.
        """
        options = _checked(proof)
        value = parse_derived(proof)
        lines = revealed_statements(document, disclosed_labels(value.label_map), self._contexts)
        mandatory, rest = split(lines, value.mandatory_indexes)
        header = hash_options(document, options, self._contexts) + hash_mandatory(mandatory)
        if len(rest) != len(value.selective_indexes):
            raise Rejected("bad_signature", "not as many indexes as statements that are not mandatory")
        messages = [line.encode() for line in rest]
        verify_proof(key, value.bbs_proof, header, value.presentation_header, messages, value.selective_indexes)

    def _signed(self, document: Mapping[str, Any], options: Mapping[str, Any], value: BaseProofValue) -> SignedData:
        return signed_data(
            document,
            options,
            mandatory_pointers=value.mandatory_pointers,
            contexts=self._contexts,
            hmac_key=value.hmac_key,
        )


def presentation_header_of(proof: Mapping[str, Any]) -> bytes:
    """What the holder bound a derived proof to. Raises Malformed."""
    return parse_derived(proof).presentation_header


def create_base_proof(
    document: Mapping[str, Any],
    options: Mapping[str, Any],
    signer: BbsSigner,
    *,
    mandatory_pointers: Sequence[str],
    contexts: ContextStore,
    hmac_key: bytes,
) -> dict[str, Any]:
    """§3.4.1 with its HMAC key given: it must be new for each proof."""
    options = _checked(options)
    pointers = check_pointers(mandatory_pointers)
    signed = signed_data(document, options, mandatory_pointers=pointers, contexts=contexts, hmac_key=hmac_key)
    value = BaseProofValue(
        bbs_signature=sign(signer, signed.header, signed.messages),
        bbs_header=signed.header,
        public_key=signer.public_bytes,
        hmac_key=hmac_key,
        mandatory_pointers=pointers,
    )
    return {**options, "proofValue": serialize_base(value)}


def signed_data(
    document: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    mandatory_pointers: Sequence[str],
    contexts: ContextStore,
    hmac_key: bytes,
) -> SignedData:
    """What issuer and holder both compute."""
    statements = Statements(document, shuffled_labels(hmac_key), contexts)
    matching = statements.matching(mandatory_pointers)
    mandatory, rest = split(statements.lines, matching)
    header = hash_options(document, options, contexts) + hash_mandatory(mandatory)
    return SignedData(
        statements=statements,
        mandatory=frozenset(matching),
        header=header,
        messages=tuple(line.encode() for line in rest),
    )


def _checked(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The proof's options. Raises Malformed."""
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != NAME:
        raise Malformed("bad_proof", f"not a DataIntegrityProof of {NAME}")
    return without_proof_value(proof)
