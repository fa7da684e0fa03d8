"""The JSON-LD context of a credential type: each claim's name, and the vocabulary's term that it means.

Published at its own address for whoever reads credentials secured as JWTs, and embedded in those secured with Data Integrity: what is
signed then needs nothing fetched to be understood, by us or by anybody else.
"""

from __future__ import annotations

from typing import Any

from issuer.catalogue.contract import CredentialType, Disclosure
from issuer.settings import Addresses


def context_of(kind: CredentialType, addresses: Addresses) -> dict[str, Any]:
    """The terms (the value of ``@context``). Claims that only a hiding format may carry are not among them."""
    terms: dict[str, Any] = {"@protected": True, kind.w3c_type: addresses.term(kind.w3c_type)}
    for claim in kind.claims:
        if claim.disclosure is Disclosure.HIDEABLE_ONLY:
            continue
        iri = addresses.term(claim.term[1:]) if claim.term.startswith("#") else claim.term
        if len(claim.path) == 1:
            terms[claim.path[0]] = iri
            continue
        parent = terms.setdefault(
            claim.path[0],
            {"@id": addresses.term(claim.path[0]), "@context": {"@protected": True}},
        )
        parent["@context"][claim.path[1]] = iri
    return terms
