"""What the four suites that sign one hash have in common: which hash belongs to which key, and hash → proof → verdict.

The data that is signed is hash(options) ‖ hash(document), each over its canonical form. SHA-256, and SHA-384 for P-384
(vc-di-eddsa 1.0 §3, vc-di-ecdsa 1.0 §3.2, §3.3). Signatures are those of JOSE: Ed25519, and r ‖ s for ECDSA.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey
from common.ports import Signer
from common.proofs.suites.proof_value import decode_signature, encode_signature, without_proof_value
from common.proofs.suites.verification_method import read_public_key

Hash = Literal["sha256", "sha384"]
Canonical = Callable[[Mapping[str, Any], Mapping[str, Any], Hash], tuple[bytes, bytes]]
"""(document, options, hash) → (canonical options, canonical document)."""

_HASH_OF: Mapping[str, Hash] = {"EdDSA": "sha256", "ES256": "sha256", "ES384": "sha384"}
_SIGNATURE_BYTES = {"EdDSA": 64, "ES256": 64, "ES384": 96}


class SignedHash:
    """Implements `common.proofs.suites.contract.Cryptosuite` for one canonical form and the algorithms that may sign it."""

    __slots__ = ("_canonical", "algs", "name")

    def __init__(self, name: str, algs: tuple[str, ...], canonical: Canonical) -> None:
        self.name = name
        self.algs = algs
        self._canonical = canonical

    def read_key(self, method: Mapping[str, Any]) -> PublicKey:
        """Raises as `read_public_key`."""
        return read_public_key(method, self.algs)

    def hash_data(self, document: Mapping[str, Any], options: Mapping[str, Any], *, alg: str) -> bytes:
        """The bytes to be signed by a key of the algorithm. Raises as the canonical form does."""
        name = _HASH_OF[alg]
        canonical_options, canonical_document = self._canonical(document, options, name)
        new = hashlib.sha256 if name == "sha256" else hashlib.sha384
        return new(canonical_options).digest() + new(canonical_document).digest()

    def create_proof(
        self,
        document: Mapping[str, Any],
        options: Mapping[str, Any],
        signer: Signer,
        *,
        mandatory_pointers: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Raises ValueError for mandatory pointers or a signer of another algorithm: the caller's mistakes."""
        if mandatory_pointers:
            raise ValueError(f"{self.name} discloses all or nothing")
        if signer.alg not in self.algs:
            raise ValueError(f"{self.name} is signed with {' or '.join(self.algs)}")
        options = self.complete_options(document, options)
        signature = signer.sign(self.hash_data(document, options, alg=signer.alg))
        return {**options, "proofValue": encode_signature(signature)}

    def complete_options(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        """What the suite adds to a proof's options before it signs them."""
        del document
        return self._checked(without_proof_value(options))

    def verify_proof(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey) -> None:
        """1. options; 2. the length of the signature; 3. the canonical forms and their hashes; 4. the signature."""
        options = self._checked(without_proof_value(proof))
        if key.alg not in self.algs:
            raise Rejected("algorithm_not_allowed", f"a key for {key.alg} cannot serve this cryptosuite")
        signature = decode_signature(proof, size=_SIGNATURE_BYTES[key.alg])
        key.verify(signature, self.hash_data(document, options, alg=key.alg))

    def _checked(self, options: dict[str, Any]) -> dict[str, Any]:
        if options.get("type") != "DataIntegrityProof" or options.get("cryptosuite") != self.name:
            raise Malformed("bad_proof", f"not the options of a DataIntegrityProof of {self.name}")
        return options
