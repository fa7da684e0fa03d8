"""The JSON-LD context of a credential type: what each name in it stands for.

Published at its own address for whoever reads credentials secured as JWTs, and embedded in those secured with Data Integrity: what is
signed then needs nothing fetched to be understood, by us or by anybody else. Data Integrity signs what names stand for and not the
names, so every term stands for an address that ends in its own name (`common.formats.data_integrity.plain_contexts` refuses others);
which of them mean the same as a term of schema.org or eduPerson is told beside the published context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.cards.evidence_json import TYPE
from issuer.catalogue.contract import CredentialType, Disclosure
from issuer.settings import Addresses

Context = str | dict[str, Any]
OF_BASE_CONTEXT = frozenset({"name"})
"""Claims whose names the base context of VCDM 2.0 defines already, with the meaning that they have here."""
_EVIDENCE_WORDS = ("card", "read_at", "source", "trust_anchor", "anchor", "not_checked")
_FINDING: Mapping[str, Any] = dict.fromkeys(("answer", "by", "reason", "of"))
_REVOCATION: Mapping[str, Any] = dict.fromkeys(
    ("answer", "source", "reason", "checked_at", "this_update", "next_update", "revoked_at", "of")
)
_ORIGIN: Mapping[str, Any] = dict.fromkeys(("claim", "kind", "file", "signed_by", "derived"))
SAME_AS = "http://www.w3.org/2004/02/skos/core#exactMatch"


def context_of(kind: CredentialType, addresses: Addresses) -> dict[str, Any]:
    """The terms (the value of ``@context``). Claims that only a hiding format may carry are not among them."""
    terms: dict[str, Any] = {"@protected": True, kind.w3c_type: addresses.term(kind.w3c_type)}
    if kind.source == "card":
        terms |= evidence_terms(addresses)
    for claim in kind.claims:
        if claim.disclosure is Disclosure.HIDEABLE_ONLY or claim.path[0] in OF_BASE_CONTEXT:
            continue
        if claim.members:
            terms[claim.path[0]] = _object_term(addresses, claim.path[0], dict.fromkeys(claim.members))
            continue
        if len(claim.path) == 1:
            terms[claim.path[0]] = addresses.term(claim.path[0])
            continue
        parent = terms.setdefault(
            claim.path[0],
            {"@id": addresses.term(claim.path[0]), "@context": {"@protected": True}},
        )
        parent["@context"][claim.path[1]] = addresses.term("/".join(claim.path))
    return terms


def evidence_terms(addresses: Addresses) -> dict[str, Any]:
    """The words of the member ``evidence`` (`common.cards.evidence_json`), which the base context itself defines."""
    inner: dict[str, Any] = {
        **dict.fromkeys(_EVIDENCE_WORDS),
        **dict.fromkeys(("data_authenticity", "chip_genuineness", "holder_verification"), _FINDING),
        "revocation": _REVOCATION,
        "origins": _ORIGIN,
    }
    return {TYPE: _object_term(addresses, TYPE, inner)}


def _object_term(addresses: Addresses, name: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """A term whose objects have these members: None for plain values, else their own members in turn."""
    inner: dict[str, Any] = {"@protected": True}
    for member, below in members.items():
        path = f"{name}/{member}"
        inner[member] = addresses.term(path) if below is None else _object_term(addresses, path, below)
    return {"@id": addresses.term(name), "@context": inner}


def equal_terms(kind: CredentialType, addresses: Addresses) -> list[dict[str, Any]]:
    """Those of our terms that another vocabulary has too, as JSON-LD: ours, and the same elsewhere."""
    return [
        {"@id": addresses.term("/".join(claim.path)), SAME_AS: {"@id": claim.term}}
        for claim in kind.claims
        if claim.term and claim.disclosure is not Disclosure.HIDEABLE_ONLY
    ]


def contexts_of(kind: CredentialType, addresses: Addresses, *, inline: bool) -> tuple[Context, ...]:
    """What stands after the base context in a credential. inline: our own words with their meanings, else by their address.

    Data Integrity signs what the context makes of the words, so ours travels within; a JWT signs the words, and names it. The contexts of
    somebody else's data model are pinned by every verifier that reads it, and always named.
    """
    if kind.model is not None:
        return kind.model.contexts
    return (context_of(kind, addresses) if inline else addresses.context(kind.name),)
