"""Proof sets and proof chains: which document each proof stands over, and whether all of them hold. VC Data Integrity 1.0 §4.3, §4.5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from common.did.document import Relationship
from common.errors import Malformed, Rejected
from common.formats.data_integrity.proof import Proof
from common.formats.data_integrity.verification_methods import SIGNING, VerificationMethods, check_in_use
from common.proofs.suites.contract import Cryptosuite, SelectiveCryptosuite, is_selective
from common.record import Record
from common.registry import Registry


class VerifiedProof(Record, frozen=True, kw_only=True):
    """A proof that holds. controller: whoever lists its verification method for its purpose."""

    proof: Proof
    controller: str


def verify_proofs(
    document: Mapping[str, Any],
    proofs: Sequence[Proof],
    *,
    methods: VerificationMethods,
    suites: Registry[Cryptosuite],
    now: int,
    base_proofs: bool = False,
) -> tuple[VerifiedProof, ...]:
    """All proofs of the document, once every one of them holds. document: with or without its ``proof``.

    1. every previous proof is there, and no proof builds on itself      §4.5 step 3.2
    2. the document of each proof: without proof, or with those it builds on   §4.5 step 3.3
    3. the verification method is listed for the proof's purpose, and in use   §4.4, CID 1.0 §3.3, §2.2
    4. the signature                                                     the cryptosuite
    base_proofs: take the base proofs of selective suites, as their holder does on receipt, instead of derived ones.
    Since all are verified, what a proof builds on is. Left to the caller: purposes, times, domain, challenge, and who may sign.
    Raises Malformed, Rejected, Unsupported for a cryptosuite or a context, and what the way to a key raises.
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    # 1 · references
    previous = {id(proof): find_previous(proof.previous, proofs) for proof in proofs if proof.previous}
    if previous:
        _refuse_circles(proofs, previous)
    verified = []
    for proof in proofs:
        suite = suites[proof.cryptosuite]
        # 2 · its document
        secured = with_previous(unsecured, previous.get(id(proof), ()))
        # 3 · its key
        if proof.purpose not in SIGNING:
            raise Rejected("wrong_type", "the purpose of the proof is not one that a key can be listed for")
        found = methods.find(proof.verification_method, cast(Relationship, proof.purpose))
        check_in_use(found.method, signed_at=proof.created, now=now)
        # 4 · signature
        key = found.key if found.key is not None and found.key.alg in suite.algs else suite.read_key(found.method)
        if base_proofs and is_selective(suite):
            cast(SelectiveCryptosuite, suite).verify_base_proof(secured, proof.value, key)
        else:
            suite.verify_proof(secured, proof.value, key)
        verified.append(VerifiedProof(proof=proof, controller=found.controller))
    return tuple(verified)


def find_previous(ids: Sequence[str], proofs: Sequence[Proof]) -> list[Proof]:
    """The proofs with these ids, in the order in which they stand. Raises Rejected("bad_signature") for an id that none has."""
    if not ids:
        return []
    wanted = set(ids)
    found = [proof for proof in proofs if proof.id in wanted]
    if len(found) != len(wanted):
        raise Rejected("bad_signature", "a proof builds on another that is not there")
    return found


def with_previous(unsecured: Mapping[str, Any], previous: Sequence[Proof]) -> Mapping[str, Any]:
    """The document that a proof stands over: with the proofs that it builds on (§4.3 step 6), else without any."""
    return {**unsecured, "proof": [proof.value for proof in previous]} if previous else unsecured


def _refuse_circles(proofs: Sequence[Proof], previous: Mapping[int, Sequence[Proof]]) -> None:
    """A circle cannot be signed, since each of its proofs would have to come first; it is refused before any work is done on it."""
    settled: set[int] = set()
    waiting = list(proofs)
    while waiting:
        ready = [proof for proof in waiting if all(id(each) in settled for each in previous.get(id(proof), ()))]
        if not ready:
            raise Malformed("bad_proof", "proofs build on each other in a circle")
        settled.update(id(proof) for proof in ready)
        waiting = [proof for proof in waiting if id(proof) not in settled]
