"""Adds proofs: to a credential that is issued, to one that others have signed already, and to presentations.

VC Data Integrity 1.0 §4.2 (one proof), §4.3 (sets and chains); VCDM 2.0 §7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import Rejected, Unsupported
from common.formats.data_integrity.policy import STRICT, Policy
from common.formats.data_integrity.proof import TYPE, parse_proof, parse_proofs
from common.formats.data_integrity.proof_set import find_previous, with_previous
from common.formats.data_integrity.verification_methods import SIGNING
from common.formats.vcdm.credential import read_credential
from common.formats.vcdm.moment import format_moment
from common.formats.vcdm.related_resource import check_related_resources
from common.proofs.canonical import canonize

RDFC_SUITES: Mapping[str, str] = {
    "EdDSA": "eddsa-rdfc-2022",
    "ES256": "ecdsa-rdfc-2019",
    "ES384": "ecdsa-rdfc-2019",
    "BBS": "bbs-2023",
}
"""The suite that a signer of the algorithm uses where nobody asks for another."""
JCS_SUITES: Mapping[str, str] = {"EdDSA": "eddsa-jcs-2022", "ES256": "ecdsa-jcs-2019", "ES384": "ecdsa-jcs-2019"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOptions:
    """What a proof says beside its value. created, expires: seconds since 1970, None leaves them out. cryptosuite None: by the signer.

    verification_method: the DID URL of the signer's key. previous: ids of the proofs in the document that this one builds on.
    mandatory_pointers: selective suites alone.
    """

    verification_method: str
    purpose: str = "assertionMethod"
    cryptosuite: str | None = None
    created: int | None = None
    expires: int | None = None
    domain: str | Sequence[str] | None = None
    challenge: str | None = None
    nonce: str | None = None
    id: str | None = None
    previous: Sequence[str] = ()
    mandatory_pointers: Sequence[str] = ()


def issue_credential(
    document: Mapping[str, Any], signer: Any, options: ProofOptions, *, policy: Policy = STRICT
) -> dict[str, Any]:
    """The credential with one proof more.

    1. the document keeps the rules of the data model             VCDM 2.0 §4, §5
    2. related resources that are held here have these digests    §5.3
    3. JSON-LD loses nothing of it, under a JCS suite too         Data Integrity §5.1, "Securing Data Losslessly"
    4. the proof                                                  §4.2, §4.3
    The caller owes: that the signer is the issuer's. Raises Malformed, Rejected("bad_signature") for 2, Unsupported.
    """
    read = read_credential(document)
    check_related_resources(read.related_resources, policy.contents)
    if "-jcs-" in _suite_name(signer, options):
        canonize({name: value for name, value in document.items() if name != "proof"}, contexts=policy.contexts)
    return add_proof(document, signer, options, policy=policy)


def add_proof(
    document: Mapping[str, Any], signer: Any, options: ProofOptions, *, policy: Policy = STRICT
) -> dict[str, Any]:
    """The document with one proof more: the first as an object, further ones in an array behind those that are there.

    Raises Malformed, Unsupported, Rejected("bad_signature") for a previous proof that is not there, ValueError for options that make
    no proof. Proofs that are there already are not verified.
    """
    present = parse_proofs(document) if "proof" in document else ()
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    suite = policy.suites[_suite_name(signer, options)]
    previous = find_previous(options.previous, present)
    proof = suite.create_proof(
        with_previous(unsecured, previous),
        write_options(options, suite.name),
        signer,
        mandatory_pointers=options.mandatory_pointers,
    )
    made = parse_proof(proof)
    if made.id is not None and any(each.id == made.id for each in present):
        raise Rejected("bad_signature", "the document has a proof with this id already")
    return {**unsecured, "proof": [*(each.value for each in present), proof] if present else proof}


def write_options(options: ProofOptions, cryptosuite: str) -> dict[str, Any]:
    """The proof without its value. Raises ValueError for a purpose that no key can be listed for."""
    if options.purpose not in SIGNING:
        raise ValueError(f"{options.purpose} is not the purpose of a proof")
    previous = list(options.previous)
    members: dict[str, Any] = {
        "id": options.id,
        "type": TYPE,
        "cryptosuite": cryptosuite,
        "created": format_moment(options.created) if options.created is not None else None,
        "expires": format_moment(options.expires) if options.expires is not None else None,
        "verificationMethod": options.verification_method,
        "proofPurpose": options.purpose,
        "domain": options.domain if isinstance(options.domain, str | None) else list(options.domain),
        "challenge": options.challenge,
        "nonce": options.nonce,
        "previousProof": (previous[0] if len(previous) == 1 else previous) if previous else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _suite_name(signer: Any, options: ProofOptions) -> str:
    if options.cryptosuite is not None:
        return options.cryptosuite
    try:
        return RDFC_SUITES[signer.alg]
    except KeyError:
        raise Unsupported("unknown_signature_algorithm", known=tuple(RDFC_SUITES)) from None
