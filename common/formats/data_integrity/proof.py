"""One ``proof`` of Data Integrity, read and held to the rules that every cryptosuite shares. VC Data Integrity 1.0 §2.1, §3.1, §4.4."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.data_integrity.verification_methods import SIGNING
from common.formats.vcdm.identifier import is_url
from common.formats.vcdm.moment import parse_moment
from common.record import Record

TYPE = "DataIntegrityProof"
MAX_PROOFS = 8
_NAMES_ZONE = re.compile(r"[+-]\d\d:\d\d\Z", re.ASCII)
_TEXT_OR_NONE = (str, type(None))
_NO_DOMAINS: frozenset[str] = frozenset()


class Proof(Record, frozen=True, kw_only=True):
    """Read, not verified. value: the whole proof. created, expires: seconds since 1970. previous: ids of the proofs it builds on."""

    value: Mapping[str, Any]
    cryptosuite: str
    id: str | None
    purpose: str
    verification_method: str
    created: int | None
    expires: int | None
    domains: frozenset[str]
    challenge: str | None
    previous: tuple[str, ...]


def parse_proofs(document: Mapping[str, Any]) -> tuple[Proof, ...]:
    """``proof``: one object or several. Raises Malformed; also where two have one id, since a chain could not tell them apart."""
    value = document.get("proof")
    entries = value if isinstance(value, list) else [value]
    if not 0 < len(entries) <= MAX_PROOFS:
        raise Malformed("bad_proof", f"proof is one object, or up to {MAX_PROOFS}")
    proofs = tuple(parse_proof(entry) for entry in entries)
    if len(proofs) > 1 and len({proof.id or id(proof) for proof in proofs}) != len(proofs):
        raise Malformed("bad_proof", "two proofs have one id")
    return proofs


def parse_proof(value: object) -> Proof:
    """Raises Malformed: what is required is there, and what is there has its type."""
    if value.__class__ is not dict and not isinstance(value, Mapping):
        raise Malformed("bad_proof", "a proof is an object")
    if value.get("type") != TYPE:
        raise Malformed("bad_proof", f"the type of a proof is {TYPE}")
    cryptosuite, purpose, method = value.get("cryptosuite"), value.get("proofPurpose"), value.get("verificationMethod")
    if not isinstance(cryptosuite, str) or not isinstance(purpose, str) or not isinstance(value.get("proofValue"), str):
        raise Malformed("bad_proof", "a proof has a cryptosuite, a proofPurpose and a proofValue, each a text")
    if not isinstance(method, str) or not is_url(method):
        raise Malformed("bad_proof", "the verificationMethod of a proof is a URL")
    identifier = value.get("id")
    if "id" in value and not is_url(identifier):
        raise Malformed("bad_proof", "the id of a proof is a URL")
    challenge, nonce = value.get("challenge"), value.get("nonce")
    if not isinstance(challenge, _TEXT_OR_NONE) or not isinstance(nonce, _TEXT_OR_NONE):
        raise Malformed("bad_proof", "challenge and nonce of a proof are texts")
    return Proof(
        value=value,
        cryptosuite=cryptosuite,
        id=identifier,
        purpose=purpose,
        verification_method=method,
        created=_moment(value["created"]) if "created" in value else None,
        expires=_moment(value["expires"]) if "expires" in value else None,
        domains=frozenset(_texts(value, "domain")) if "domain" in value else _NO_DOMAINS,
        challenge=challenge,
        previous=tuple(_texts(value, "previousProof")) if "previousProof" in value else (),
    )


def _texts(proof: Mapping[str, Any], member: str) -> list[str]:
    """A text or an array of texts, not empty."""
    value = proof[member]
    texts = value if isinstance(value, list) else [value]
    if not 0 < len(texts) <= MAX_PROOFS or not all(isinstance(text, str) for text in texts):
        raise Malformed("bad_proof", f"{member} of a proof is a text, or a few texts")
    return texts


def _moment(value: object) -> int:
    """A time without zone was written wrongly, and may be read as UTC (§2.1); nothing else may be mended."""
    if isinstance(value, str) and value[-1:] != "Z" and "T" in value and not _NAMES_ZONE.search(value):
        value += "Z"
    return parse_moment(value)


def check_purpose(proof: Proof, expected: str) -> None:
    """§4.4 step 6. Raises Rejected("wrong_type") where the proof was made for something else: a login is no certificate."""
    if proof.purpose != expected or expected not in SIGNING:
        raise Rejected("wrong_type", f"the proof was not made for {expected}")


def check_moment(proof: Proof, *, now: int, leeway: int) -> None:
    """§2.1. Raises Rejected("expired" | "not_yet_valid"). leeway: seconds of clock skew."""
    if proof.expires is not None and now >= proof.expires + leeway:
        raise Rejected("expired", "the proof has expired")
    if proof.created is not None and now < proof.created - leeway:
        raise Rejected("not_yet_valid", "the proof was made in the future")


def check_domain_and_challenge(proof: Proof, *, domain: str | Collection[str] | None, challenge: str | None) -> None:
    """§4.4 steps 7 and 8. None: not asked. Raises Rejected("wrong_audience" | "wrong_nonce")."""
    if domain is not None and proof.domains != ({domain} if isinstance(domain, str) else set(domain)):
        raise Rejected("wrong_audience", "the proof was made for another domain")
    if challenge is not None and proof.challenge != challenge:
        raise Rejected("wrong_nonce", "the proof answers another challenge")
