"""What one copy of a certificate says, in the terms of its format. Pure: the person, the institution and the status index are given."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from common.formats.contract import CredentialContent, StatusReference
from common.formats.registry import FORMATS
from common.oid4vci.proof_jwt import VerifiedProof
from common.status.allocator import AllocatedIndex
from issuer.catalogue.card_claims import EVIDENCE, tell_evidence, tell_evidence_in_document
from issuer.catalogue.configurations import Configuration
from issuer.catalogue.contract import (
    CardFacts,
    CredentialType,
    DataModel,
    Disclosure,
    Facts,
    Institution,
    PersonFacts,
    TicketFacts,
)
from issuer.catalogue.terms import contexts_of
from issuer.flows.card_judgement import last_day
from issuer.flows.desk import Desk
from issuer.flows.events.ticket_facts import end_of_ticket
from issuer.flows.key_ring import Identity
from issuer.flows.person_facts import JST, today_of
from issuer.settings import DAY

PURPOSES = ("revocation", "suspension")
"""The Bitstring Status Lists that a certificate stands in; a Token Status List says both in one entry."""


def build_content(
    desk: Desk,
    identity: Identity,
    configuration: Configuration,
    facts: Facts,
    *,
    holder: VerifiedProof,
    index: AllocatedIndex,
) -> CredentialContent:
    """Times are cut to the day, so that copies cannot be linked by them."""
    kind, form = configuration.type, FORMATS[configuration.format]
    issued_at = desk.now - desk.now % DAY
    statuses = _statuses(desk, identity.tenant, configuration, index)
    by_did = form.binds_to == "did"
    claims = kind.build(facts, identity.name_ja, today_of(desk.now))
    content = CredentialContent(
        type_name=kind.name,
        claims=_claims(configuration, claims),
        issuer=desk.addresses.did(identity.tenant) if by_did else desk.addresses.issuer(identity.tenant),
        vct=desk.addresses.vct(kind.name),
        doctype=kind.doctype,
        w3c_types=(kind.w3c_type,),
        contexts=contexts_of(kind, desk.addresses, inline=configuration.format == "ldp_vc"),
        always_disclosed=frozenset(claim.path[0] for claim in kind.claims if claim.disclosure is Disclosure.ALWAYS),
        names={str(language): text for language, text in kind.title.items()},
        descriptions={str(language): text for language, text in kind.description.items()},
        issuer_names={"ja": identity.name_ja, "en": identity.name_en},
        holder_jwk=holder.holder_jwk,
        holder_did=holder.holder_did,
        issued_at=issued_at,
        valid_from=issued_at,
        valid_until=end_of_validity(kind, facts, desk.now),
        status=statuses[0],
        more_statuses=statuses[1:],
    )
    if isinstance(facts, TicketFacts):
        pass  # in our own words, and nothing more
    elif isinstance(facts, CardFacts):
        content = _with_evidence(content, facts, in_document=by_did)
    elif kind.model is not None:
        content = _shaped(content, kind.model, facts, _institution(desk, identity))
    schema = desk.schemas.reference(configuration)
    return (
        content if schema is None else replace(content, members={**content.members, "credentialSchema": dict(schema)})
    )


def end_of_validity(kind: CredentialType, facts: Facts, now: int) -> int:
    """Seconds since 1970. What states until when a card is valid does not outlive it (the end of that day in Japan), nor a ticket its
    event."""
    if isinstance(facts, TicketFacts):
        return end_of_ticket(facts)
    end = now - now % DAY + kind.lifetime
    last = last_day(facts.claims) if isinstance(facts, CardFacts) else None
    if last is None:
        return end
    return min(end, int(datetime.combine(last + timedelta(days=1), time(), JST).timestamp()))


def _with_evidence(content: CredentialContent, facts: CardFacts, *, in_document: bool) -> CredentialContent:
    """in_document: as the member of a W3C document; else as a claim that cannot be held back."""
    name = EVIDENCE.path[0]
    if in_document:
        return replace(content, members={**content.members, name: tell_evidence_in_document(facts.evidence)})
    always = content.always_disclosed | {name}
    return replace(content, claims={**content.claims, name: tell_evidence(facts.evidence)}, always_disclosed=always)


def _institution(desk: Desk, identity: Identity) -> Institution:
    return Institution(
        name_ja=identity.name_ja,
        name_en=identity.name_en,
        did=desk.addresses.did(identity.tenant),
        url=desk.addresses.issuer(identity.tenant),
    )


def _shaped(
    content: CredentialContent, model: DataModel, facts: PersonFacts, institution: Institution
) -> CredentialContent:
    """The content in the words of somebody else's data model, which names things itself. Each copy has an id of its own."""
    shaped = model.shape(content.claims, facts, institution)
    return replace(
        content,
        credential_id=uuid.uuid4().urn,
        claims=shaped.subject,
        names={},
        descriptions={},
        issuer_names={},
        members=shaped.members,
        issuer_members=shaped.issuer,
    )


def _claims(configuration: Configuration, claims: dict[str, Any]) -> dict[str, Any]:
    """Formats that hide nothing leave the hideable-only claims out."""
    if not FORMATS[configuration.format].hides:
        for claim in configuration.type.claims:
            if claim.disclosure is Disclosure.HIDEABLE_ONLY:
                claims.pop(claim.path[0], None)
    return claims


def _statuses(
    desk: Desk, tenant: str, configuration: Configuration, index: AllocatedIndex
) -> tuple[StatusReference, ...]:
    """One entry of the status table, as each format refers to it."""
    if configuration.format == "ldp_vc":
        model, at = configuration.type.model, desk.addresses
        uris = {
            purpose: at.status_purpose(tenant, index.list_id, purpose)
            for purpose in (PURPOSES if model is None else model.purposes)
        }
        return tuple(
            StatusReference(
                uri=uri, index=index.index, purpose=purpose, id="" if model is None else f"{uri}#{index.index}"
            )
            for purpose, uri in uris.items()
        )
    return (StatusReference(uri=index.uri, index=index.index),)
