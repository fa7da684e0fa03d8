"""The credentials of our mirrors of the W3C's Data Integrity suites, and an examiner who signs also what no honest issuer would."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from multiformats import multibase

from common.keys.bls import BbsKey
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.proofs.suites.registry import SUITES

V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"
DI = "https://w3id.org/security/data-integrity/v2"
ALGS = ("EdDSA", "ES256", "ES384", "BBS")
CREATED = "2026-05-01T09:00:00Z"
TERMS = {
    "LibraryCard": "https://sakuragawa.example/terms#LibraryCard",
    "motto": "https://sakuragawa.example/terms#motto",
    "shelf": "https://sakuragawa.example/terms#shelf",
    "branch": "https://sakuragawa.example/terms#branch",
}
MANDATORY = {"1.1": ["/issuer", "/issuanceDate", "/credentialSubject/id"], "2.0": ["/issuer", "/credentialSubject/id"]}
"""What no derived credential may lack: without an issuance date one of VCDM 1.1 is none."""
SELECTIVE = ["/type", "/credentialSubject/motto", "/credentialSubject/branch"]
_SIGNERS: Mapping[str, Any] = {
    **{alg: SoftwareKey.generate(alg) for alg in ("EdDSA", "ES256", "ES384")},
    "BBS": BbsKey.generate(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column of a suite's report is about. version: of the VC Data Model."""

    suite: str
    alg: str
    version: str

    @property
    def is_selective(self) -> bool:
        return self.suite in ("ecdsa-sd-2023", "bbs-2023")

    def __str__(self) -> str:
        return f"{self.suite}-{self.alg}-{self.version}"


def document(version: str, issuer: str, **changes: Any) -> dict[str, Any]:
    """A library card. A change to None takes the member away."""
    first = version == "1.1"
    whole = {
        "@context": [V1, DI, TERMS] if first else [V2, TERMS],
        "id": "urn:uuid:6a0f3c55-20b1-4a35-9d0f-3b0c2b9d7a11",
        "type": ["VerifiableCredential", "LibraryCard"],
        "issuer": issuer,
        "issuanceDate" if first else "validFrom": "2026-04-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:hanako",
            "motto": "学而時習之",
            "shelf": ["和書", "漢籍"],
            "branch": {"motto": "静かに"},
        },
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def examiner(alg: str) -> str:
    """Their did:key."""
    return f"did:key:{_multikey(alg)}"


def secured(column: Column, content: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """By the examiner, whose signature is right whatever the proof says; of a selective suite what a holder derived.

    changes: members of the proof, None takes one away.
    """
    unsecured = dict(content or document(column.version, examiner(column.alg)))
    suite: Any = SUITES[column.suite]
    pointers = MANDATORY[column.version] if column.is_selective else ()
    base = suite.create_proof(unsecured, options(column, **changes), _SIGNERS[column.alg], mandatory_pointers=pointers)
    if not column.is_selective:
        return {**unsecured, "proof": base}
    revealed, derived = suite.derive_proof(unsecured, base, selective_pointers=SELECTIVE)
    return {**revealed, "proof": derived}


def secured_under_base(column: Column, base: str) -> dict[str, Any]:
    """Like `secured`, with the examiner's key in another base than the base58 of multikeys: the signature is right."""
    other = multibase.encode(multibase.decode(_multikey(column.alg)), base)
    content = document(column.version, f"did:key:{other}")
    return secured(column, content, verificationMethod=f"did:key:{other}#{other}")


def options(column: Column, **changes: Any) -> dict[str, Any]:
    """The members of the examiner's proof, without its value."""
    whole = {
        "type": "DataIntegrityProof",
        "cryptosuite": column.suite,
        "created": CREATED,
        "verificationMethod": f"{examiner(column.alg)}#{_multikey(column.alg)}",
        "proofPurpose": "assertionMethod",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def signer_of(alg: str) -> Any:
    return _SIGNERS[alg]


def _multikey(alg: str) -> str:
    signer = _SIGNERS[alg]
    return str(signer.public_multibase) if alg == "BBS" else encode_did_key(signer.public_jwk())


def with_proof(credential: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The credential with members of its one proof changed after signing; None takes one away."""
    proof = {**credential["proof"], **changes}
    return {**credential, "proof": {name: value for name, value in proof.items() if value is not None}}


def in_chain(column: Column, first_id: str | None, previous: str | list[str] | None) -> dict[str, Any]:
    """Two proofs of the examiner's, the second building on what it says: signed over those that are there, as if others did not count."""
    unsecured = document(column.version, examiner(column.alg))
    suite, signer = SUITES[column.suite], _SIGNERS[column.alg]
    first = suite.create_proof(unsecured, options(column, id=first_id), signer)
    builds_on_first = first_id is not None and first_id in (previous or ())
    over = {**unsecured, "proof": [first]} if builds_on_first else unsecured
    second = suite.create_proof(over, options(column, previousProof=previous), signer)
    return {**unsecured, "proof": [first, second]}


def broken(proof: Mapping[str, Any]) -> dict[str, Any]:
    """Another character of its value at the end: another signature of the same length."""
    value = proof["proofValue"]
    return {**proof, "proofValue": value[:-4] + ("A" if value[-4] != "A" else "B") + value[-3:]}


def decisive(document: Mapping[str, Any], *, beside: Collection[str] = ()) -> list[str]:
    """Pointers to what our issuer never lets a holder leave out, but for those beside."""
    names = ("issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus")
    return [f"/{name}" for name in names if name in document and f"/{name}" not in beside]
