"""The proofs of log entries and of witnesses: Data Integrity with ``eddsa-jcs-2022`` and a did:key (did:webvh 1.0, "Authorized Keys")."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from common.did.timestamps import parse_timestamp, write_timestamp
from common.errors import Malformed, Rejected
from common.keys.multikey import encode_did_key
from common.ports import Signer
from common.proofs.suites.eddsa_jcs_2022 import EddsaJcs2022

_SUITE = EddsaJcs2022()
_MEMBERS = frozenset(
    {"id", "type", "cryptosuite", "verificationMethod", "created", "expires", "proofPurpose", "proofValue"}
)


def signing_key(proof: Mapping[str, Any]) -> str:
    """The multikey that a proof names, unverified. Raises Malformed unless it is ``did:key:<multikey>#<the same multikey>``."""
    method = proof.get("verificationMethod")
    body, _, fragment = method.removeprefix("did:key:").partition("#") if isinstance(method, str) else ("", "", "")
    if not body or body != fragment or method != f"did:key:{body}#{body}":
        raise Malformed("bad_proof", "a proof here is made by a did:key, named twice alike")
    return body


def verify_proof(document: Mapping[str, Any], proof: Mapping[str, Any], keys: Collection[str], *, now: int) -> str:
    """The multikey that made the proof over the document.

    1. only members that a simple proof has, so that nothing in it is left unread
    2. the suite, the purpose, and that it has not expired (the suite looks at the type)
    3. the key is one of ``keys``, letter by letter
    4. the signature

    Raises Malformed, Rejected("bad_signature" | "untrusted_key" | "algorithm_not_allowed" | "expired").
    """
    # 1
    if proof.keys() - _MEMBERS:
        raise Malformed("bad_proof", "a proof of a log has no such member")
    # 2
    if proof.get("cryptosuite") != _SUITE.name or proof.get("proofPurpose") != "assertionMethod":
        raise Rejected("algorithm_not_allowed", f"a proof of a log is made with {_SUITE.name}, for assertionMethod")
    if "created" in proof:
        parse_timestamp(proof["created"])
    if "expires" in proof and parse_timestamp(proof["expires"]) <= now * 1_000_000:
        raise Rejected("expired", "the proof of a log entry has expired")
    # 3
    multikey = signing_key(proof)
    if multikey not in keys:
        raise Rejected("untrusted_key", "signed with a key that may not write this entry")
    # 4
    key = _SUITE.read_key({"publicKeyMultibase": multikey})
    _SUITE.verify_proof(document, proof, key)
    return multikey


def create_proof(document: Mapping[str, Any], signer: Signer, *, now: int) -> dict[str, Any]:
    """A proof over the document by an Ed25519 signer."""
    multikey = encode_did_key(signer.public_jwk())
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": _SUITE.name,
        "verificationMethod": f"did:key:{multikey}#{multikey}",
        "created": write_timestamp(now),
        "proofPurpose": "assertionMethod",
    }
    return _SUITE.create_proof(document, options, signer)
