"""The gate pass of a ticket: one for its holder's key, and never two of one ticket that are good at the same time.

Whoever lost the phone, or whose browser has forgotten its key, asks again with a new one; the old pass falls in the transaction that issues
the new one (`issue_credential`), and the next pack tells the gates. A paper pass is bound to no key, and falls in the same way.

All passes of a ticket, and of what a transfer or an upgrade makes of it, have one cti: it is what journals go by. With one of its own each
new pass would be one more admission, at gates that are linked and know of every revocation.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import b64url_decode, b64url_encode
from common.errors import Conflict, Malformed, Refused, Rejected, TooMany, Unavailable
from common.formats.gate_pass.build import build_pass_token, write_pass_text
from common.keys.compressed_point import compress
from common.oid4vci.proof_jwt import VerifiedProof
from common.status.allocator import AllocatedIndex
from issuer.catalogue.contract import TicketFacts
from issuer.flows.change_status import live_credentials, move_credentials
from issuer.flows.desk import Desk
from issuer.flows.end_claims import end_claims
from issuer.flows.events.end_ticket import require_sold
from issuer.flows.events.find_events import class_of, find_event, find_ticket, past_of
from issuer.flows.events.ticket_facts import end_of_ticket, ticket_facts
from issuer.flows.issued_copy import Copy
from issuer.flows.key_ring import Identity
from issuer.flows.status_indices import shape_of
from issuer.store.audit import record
from issuer.store.event_tables import Entitlement, GatePass
from issuer.store.tables import Credential, StatusList

ALG = "ES256"
CTI_BYTES = 8
MAX_PASSES = 20
"""Of one ticket in its life: a list of an event has room for some of each, and nobody needs more phones."""
PAPER = "ticket_gate_pass"


def make_pass(desk: Desk, identity: Identity, facts: TicketFacts, proofs: Sequence[VerifiedProof]) -> Copy:
    """A pass for the one key that is proven. Raises Malformed("invalid_proof"), Rejected, Unavailable("no_room_for_passes")."""
    if len(proofs) != 1:
        raise Malformed("invalid_proof", "a ticket has one gate pass: prove one key")
    try:
        holder = compress(proofs[0].key.jwk)
    except Rejected as error:
        raise Malformed("invalid_proof", "a gate pass is bound to a key of P-256") from error
    return _make(desk, identity, facts, holder, proofs[0].thumbprint)


def _make(desk: Desk, identity: Identity, facts: TicketFacts, holder: bytes | None, thumbprint: str) -> Copy:
    index = _allocate(desk, identity.tenant, find_event(identity.tenant, facts.event_id).list_id)
    signer = identity.signer_for(ALG)
    cti = _cti(desk, identity.tenant, find_ticket(identity.tenant, facts.event_id, facts.number))
    token = build_pass_token(
        event=facts.event_id,
        klass=facts.class_number,
        index=index.index,
        flags=facts.flags,
        cti=cti,
        exp=end_of_ticket(facts),
        holder=holder,
        signer=signer,
    )
    return Copy(text=b64url_encode(token), index=index, thumbprint=thumbprint, kid=signer.kid, cti=cti.hex())


def _cti(desk: Desk, tenant: str, ticket: Any) -> bytes:
    """From the key file: nobody else can tell it beforehand, and it says nothing about the ticket."""
    secret = desk.secrets.token(tenant, "gate pass", past_of(tenant, ticket)[-1])
    return hashlib.sha256(secret.encode()).digest()[:CTI_BYTES]


def _allocate(desk: Desk, tenant: str, list_id: str) -> AllocatedIndex:
    """One position of the event's own list, by one UPDATE."""
    mine = (StatusList.tenant == tenant) & (StatusList.id == list_id)
    row = StatusList.get(mine)
    shape = shape_of(row.size)
    taken = list(
        StatusList.update(next_position=StatusList.next_position + 1)
        .where(mine, StatusList.next_position < shape.capacity)
        .returning(StatusList.next_position)
        .tuples()
        .execute()
    )
    if not taken:
        raise Unavailable("no_room_for_passes", "this event's list of passes is full; ask the organiser")
    index = shape.index(taken[0][0] - 1, bytes(row.permutation_key))
    return AllocatedIndex(list_id=list_id, index=index, uri=desk.addresses.status(tenant, list_id))


def count_pass(tenant: str, ticket_id: str) -> None:
    """Inside the caller's transaction, before all else: the ticket is still had, and has not had too many passes.

    Raises Refused("credential_request_denied").
    """
    mine = (Entitlement.tenant == tenant) & (Entitlement.id == ticket_id) & (Entitlement.state == "sold")
    if not changed(Entitlement.update(passes=Entitlement.passes + 1).where(mine, Entitlement.passes < MAX_PASSES)):
        raise Refused("credential_request_denied", "this ticket gives no more passes")


def note_pass(tenant: str, ticket_id: str, cti: str, credential_id: str) -> None:
    """Inside the caller's transaction: the pass that is good now, in the place of those before it, of this ticket and of its past.

    Raises Refused("credential_request_denied") where the 64 bits are another ticket's by chance: gates would take the two for one.
    """
    ticket = Entitlement.get(Entitlement.tenant == tenant, Entitlement.id == ticket_id)
    written = (
        GatePass.insert(
            tenant=tenant, event_id=ticket.event_id, cti=cti, entitlement_id=ticket_id, credential_id=credential_id
        )
        .on_conflict(
            conflict_target=[GatePass.tenant, GatePass.event_id, GatePass.cti],
            update={GatePass.entitlement_id: ticket_id, GatePass.credential_id: credential_id},
            where=GatePass.entitlement_id.in_(past_of(tenant, ticket)),
        )
        .as_rowcount()
        .execute()
    )
    if written != 1:
        raise Refused("credential_request_denied", "this ticket's number is taken: refund it, and sell another one")


def issue_paper(desk: Desk, tenant: str, event_id: str, wanted: str, *, actor: str) -> str:
    """The text of a paper pass's QR code; all that was issued of the ticket before falls. Where its class has paper passes.

    Raises NotFound, Refused("no_paper"), TooMany("too_many_passes"), Conflict("ticket_over").
    """
    ticket = require_sold(find_ticket(tenant, event_id, wanted))
    if not class_of(tenant, event_id, ticket.class_number).paper:
        raise Refused("no_paper", "tickets of this class are received with a phone")
    facts, now = ticket_facts(tenant, ticket.id), desk.now
    if facts is None:
        raise Conflict("ticket_over", "this ticket is no longer what it was: look again")
    identity, batch_id, credential_id = desk.keys.identity(tenant), secrets.token_hex(12), secrets.token_hex(12)
    copy = _make(desk, identity, facts, None, "")
    with transaction(desk.database, "issue_paper"):
        try:
            count_pass(tenant, ticket.id)
        except Refused as error:
            raise TooMany("too_many_passes", "this ticket gives no more passes", retry_after=3600) from error
        end_claims(tenant, ticket.id, now=now)
        live = live_credentials(tenant, ticket.id)
        move_credentials(tenant, live, "revoked", at=now, why="superseded", superseded_by=batch_id)
        Credential.insert(
            tenant=tenant,
            id=credential_id,
            batch_id=batch_id,
            grant_id="",
            offer_id="",
            person_id=ticket.id,
            type_name="ticket",
            configuration=PAPER,
            list_id=copy.index.list_id,
            list_index=copy.index.index,
            holder_thumbprint="",
            kid=copy.kid,
            state="valid",
            issued_at=now,
            valid_until=end_of_ticket(facts),
        ).execute()
        note_pass(tenant, ticket.id, copy.cti, credential_id)
        record(tenant, at=now, actor=actor, act="paper_issued", subject=ticket.id)
    return write_pass_text(b64url_decode(copy.text))
