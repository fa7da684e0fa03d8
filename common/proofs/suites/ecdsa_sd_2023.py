"""``ecdsa-sd-2023``: every statement signed for itself, by a key made for this one proof, which the issuer's key vouches for. P-256.

vc-di-ecdsa 1.0 §3.6. What one holder shows to two verifiers can be linked: the signatures are the same. Unlinkable is ``bbs-2023``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from multiformats import multicodec, varint

from common.errors import Malformed, Rejected
from common.jose import p256
from common.jose.jwk import PublicKey, ecdsa_to_der
from common.keys.software import ecdsa_from_der
from common.ports import Signer
from common.proofs.contexts.store import PINNED, ContextStore
from common.proofs.selective.ecdsa_sd_proof_value import (
    BaseProofValue,
    DerivedProofValue,
    parse_base,
    parse_derived,
    serialize_base,
    serialize_derived,
)
from common.proofs.selective.labels import HMAC_KEY_BYTES, disclosed_labels, hmac_labels
from common.proofs.selective.pointers import check_pointers, select
from common.proofs.selective.statements import Statements, hash_mandatory, hash_options, revealed_statements, split
from common.proofs.suites.proof_value import without_proof_value
from common.proofs.suites.verification_method import read_public_key

NAME = "ecdsa-sd-2023"
ALGS = ("ES256",)
_SIZE = 32
_DETERMINISTIC = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_MULTICODEC = varint.encode(multicodec.get("p256-pub").code)


class EcdsaSd2023:
    """Implements `common.proofs.suites.contract.SelectiveCryptosuite`. contexts: those that documents may name."""

    __slots__ = ("_contexts", "algs", "name")

    def __init__(self, contexts: ContextStore = PINNED) -> None:
        self.name = NAME
        self.algs = ALGS
        self._contexts = contexts

    def read_key(self, method: Mapping[str, Any]) -> PublicKey:
        """Raises as `read_public_key`."""
        return read_public_key(method, ALGS)

    def create_proof(
        self,
        document: Mapping[str, Any],
        options: Mapping[str, Any],
        signer: Signer,
        *,
        mandatory_pointers: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The base proof. Raises ValueError for a signer of another algorithm: the caller's mistake."""
        if signer.alg not in ALGS:
            raise ValueError(f"{NAME} is signed with ES256")
        return create_base_proof(
            document,
            options,
            signer,
            mandatory_pointers=mandatory_pointers,
            contexts=self._contexts,
            hmac_key=secrets.token_bytes(HMAC_KEY_BYTES),
            proof_key=ec.generate_private_key(ec.SECP256R1()),
        )

    def verify_base_proof(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey) -> None:
        """1. the base proof; 2. the statements under its HMAC key; 3. as many signatures as statements that are not mandatory; 4. the
        issuer's signature; 5. each signature.
        """
        options = _checked(proof)
        value = parse_base(proof)
        statements = Statements(document, hmac_labels(value.hmac_key), self._contexts)
        mandatory, rest = statements.split(value.mandatory_pointers)
        proof_hash = hash_options(document, options, self._contexts)
        _verify(key, value, proof_hash, mandatory, rest)

    def derive_proof(
        self,
        document: Mapping[str, Any],
        proof: Mapping[str, Any],
        *,
        selective_pointers: Sequence[str],
        presentation_header: bytes = b"",
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Does not verify the base proof; a holder did on receipt. Raises ValueError for a presentation header: there is none here."""
        if presentation_header:
            raise ValueError(f"{NAME} has no presentation header")
        options = _checked(proof)
        value = parse_base(proof)
        pointers = (*value.mandatory_pointers, *check_pointers(selective_pointers))
        revealed = select(document, pointers)
        if revealed is None:
            raise Malformed("nothing_selected", "neither mandatory nor selective pointers: nothing would be revealed")
        statements = Statements(document, hmac_labels(value.hmac_key), self._contexts)
        mandatory = frozenset(statements.matching(value.mandatory_pointers))
        combined, labels = statements.reveal(pointers)
        if len(value.signatures) != len(statements.lines) - len(mandatory):
            raise Malformed("bad_proof_value", "not as many signatures as statements that are not mandatory")
        unsigned = iter(value.signatures)
        signature_of = {n: next(unsigned) for n in range(len(statements.lines)) if n not in mandatory}
        derived = DerivedProofValue(
            base_signature=value.base_signature,
            public_key=value.public_key,
            signatures=tuple(signature_of[n] for n in combined if n not in mandatory),
            label_map=labels,
            mandatory_indexes=tuple(place for place, n in enumerate(combined) if n in mandatory),
        )
        return revealed, {**options, "proofValue": serialize_derived(derived)}

    def verify_proof(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey) -> None:
        """1. the derived proof; 2. the statements under its label map; 3. as many signatures as statements that are not mandatory; 4. the
        issuer's signature over options, proof-scoped key and mandatory statements; 5. each signature.
        """
        options = _checked(proof)
        value = parse_derived(proof)
        lines = revealed_statements(document, disclosed_labels(value.label_map), self._contexts)
        mandatory, rest = split(lines, value.mandatory_indexes)
        proof_hash = hash_options(document, options, self._contexts)
        _verify(key, value, proof_hash, mandatory, rest)


def create_base_proof(
    document: Mapping[str, Any],
    options: Mapping[str, Any],
    signer: Signer,
    *,
    mandatory_pointers: Sequence[str],
    contexts: ContextStore,
    hmac_key: bytes,
    proof_key: ec.EllipticCurvePrivateKey,
) -> dict[str, Any]:
    """§3.6.1 with its secrets given: each must be new for each proof, and the private key of the proof is forgotten afterwards."""
    options = _checked(options)
    pointers = check_pointers(mandatory_pointers)
    statements = Statements(document, hmac_labels(hmac_key), contexts)
    mandatory, rest = statements.split(pointers)
    public_key = _MULTICODEC + proof_key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    to_sign = hash_options(document, options, contexts) + public_key + hash_mandatory(mandatory)
    value = BaseProofValue(
        base_signature=signer.sign(to_sign),
        public_key=public_key,
        hmac_key=hmac_key,
        signatures=tuple(ecdsa_from_der(proof_key.sign(line.encode(), _DETERMINISTIC), _SIZE) for line in rest),
        mandatory_pointers=pointers,
    )
    return {**options, "proofValue": serialize_base(value)}


def _checked(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The proof's options. Raises Malformed."""
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != NAME:
        raise Malformed("bad_proof", f"not a DataIntegrityProof of {NAME}")
    return without_proof_value(proof)


def _verify(
    key: PublicKey,
    value: BaseProofValue | DerivedProofValue,
    proof_hash: bytes,
    mandatory: Sequence[str],
    rest: Sequence[str],
) -> None:
    if key.alg not in ALGS:
        raise Rejected("algorithm_not_allowed", f"a key for {key.alg} cannot serve this cryptosuite")
    if len(value.signatures) != len(rest):
        raise Rejected("bad_signature", "not as many signatures as statements that are not mandatory")
    # All is made ready before the first signature: verifying leaves the processor's caches cold for everything else.
    proof_key = _read_proof_key(value.public_key)
    digests = [sha256(line.encode()).digest() for line in rest]
    signatures = [ecdsa_to_der(signature, _SIZE) for signature in value.signatures]
    to_verify = proof_hash + value.public_key + hash_mandatory(mandatory)
    # the issuer's signature, which vouches for the key of the proof; then all others
    key.verify(value.base_signature, to_verify)
    if not all(map(proof_key.verify, digests, signatures)):
        raise Rejected("bad_signature", "a statement was not signed by the issuer")


def _read_proof_key(data: bytes) -> p256.Point:
    """Not cached: it serves one proof only. Raises Malformed."""
    if not data.startswith(_MULTICODEC):
        raise Malformed("bad_proof_value", "the proof-scoped key is not a compressed P-256 point")
    try:
        return p256.read_compressed_point(data[len(_MULTICODEC) :])
    except ValueError:
        raise Malformed("bad_proof_value", "the proof-scoped key does not lie on P-256") from None
