"""One credential configuration as the issuer's metadata shows it, in the terms of its format (OpenID4VCI 1.0 appendix A)."""

from __future__ import annotations

from typing import Any

from common.cose.headers import cose_alg
from common.formats.data_integrity.issue import RDFC_SUITES
from common.formats.mdoc.document_types.registry import DOCUMENT_TYPES
from common.formats.registry import FORMATS
from common.formats.vcdm.terms import CONTEXT_V2, CREDENTIAL
from common.oid4vci.issuer_metadata import ClaimDescription, CredentialConfiguration, Display
from issuer.catalogue.card_claims import EVIDENCE
from issuer.catalogue.configurations import CONFIGURATIONS, Configuration
from issuer.catalogue.contract import GATE_PASS, Claim, Disclosure
from issuer.catalogue.terms import contexts_of
from issuer.flows.desk import Desk
from issuer.flows.events.find_events import has_events
from issuer.flows.issue_credential import PROOF_ALGS

TEXT_COLOUR = "#333333"


def offered_configurations(desk: Desk, tenant: str) -> tuple[Configuration, ...]:
    """What the institution can issue: mdocs only under an IACA, what cards prove only where cards are read, tickets only where there
    are events."""
    sources = {"roll"} | ({"card"} if desk.card_trust is not None else set())
    if has_events(tenant):
        sources.add("ticket")
    return tuple(
        one
        for one in CONFIGURATIONS
        if (one.format != "mso_mdoc" or desk.certify_documents is not None) and one.type.source in sources
    )


def describe_configuration(desk: Desk, one: Configuration, alg: str) -> CredentialConfiguration:
    """alg: JOSE name of the algorithm that signs it now."""
    kind = one.type
    claims = (*kind.claims, EVIDENCE) if kind.source == "card" else kind.claims
    return CredentialConfiguration(
        id=one.id,
        format=one.format,
        binding_methods=one.binding_methods,
        proof_algs=PROOF_ALGS,
        display=tuple(
            Display(
                name=kind.title[language],
                locale=language,
                description=kind.description[language],
                background_color=kind.background,
                text_color=TEXT_COLOUR,
            )
            for language in kind.title
        ),
        claims=tuple(described for claim in claims if (described := _claim(claim, one)) is not None),
        **_of_format(desk, one, alg),
    )


def _of_format(desk: Desk, one: Configuration, alg: str) -> dict[str, Any]:
    kind = one.type
    match one.format:
        case "dc+sd-jwt":
            return {"vct": desk.addresses.vct(kind.name), "signing_algs": (alg,)}
        case "mso_mdoc":
            return {"doctype": kind.doctype, "signing_algs": (cose_alg(alg),)}
        case "ldp_vc":
            contexts = (CONTEXT_V2, *contexts_of(kind, desk.addresses, inline=True))
            return {"types": (CREDENTIAL, kind.w3c_type), "contexts": contexts, "signing_algs": (RDFC_SUITES[alg],)}
        case "tegata_gate_pass":
            return {"signing_algs": (cose_alg(alg),)}
        case _:
            return {"types": (CREDENTIAL, kind.w3c_type), "signing_algs": (alg,)}


def _claim(claim: Claim, one: Configuration) -> ClaimDescription | None:
    """None for what the format leaves out."""
    if one.format == GATE_PASS:
        return None
    form = FORMATS[one.format]
    if claim is EVIDENCE and form.binds_to == "did":
        path: Any = claim.path  # a member of the document, not of its subject
    elif one.format == "mso_mdoc":
        path = DOCUMENT_TYPES[one.type.doctype].path_of(claim.path)
    elif form.hides or claim.disclosure is not Disclosure.HIDEABLE_ONLY:
        path = (*form.subject_root, *claim.path)
    else:
        path = None
    if path is None:
        return None
    always = claim.disclosure is Disclosure.ALWAYS
    return ClaimDescription(path=path, names=(("ja", claim.ja), ("en", claim.en)), mandatory=always)
