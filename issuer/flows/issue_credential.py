"""Issues the certificates that an access token stands for (OpenID4VCI 1.0 §8).

1. the access token's grant
2. the request: what it asks for, and whether the grant covers it          §8.2
3. the key proofs, one for each copy                                       appendix F
4. the nonce: ours, fresh                                                  §7, §13.7
5. whom it is about: still in the roll and entitled, or a card whose word still stands
6. the copies: own key, own salts, own unpredictable status index; times cut to the day, so that copies cannot be linked by them;
   the schema that they name is kept, before they are signed; a gate pass is one, and of its event's own list
7. in one transaction: the nonce is used up, the grant counted, the offer closed, what is superseded revoked, the copies written down

A wallet that lost our answer asks again with a fresh nonce and gets new copies; the lost ones are revoked. So at any time at most one
set of copies of a grant and configuration is valid, and a crash between commit and answer loses nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from common.adapters.database import changed, transaction
from common.encoding import parse_json
from common.errors import Refused, Rejected
from common.formats.registry import FORMATS
from common.oid4vci.credential_request import parse_credential_request, verify_credential_request
from common.oid4vci.credential_response import CredentialResponse
from common.oid4vci.proof_jwt import VerifiedProof, verify_proofs
from issuer.catalogue.configurations import CONFIGURATIONS, Configuration
from issuer.catalogue.contract import GATE_PASS, Facts, TicketFacts
from issuer.flows.change_keys import ensure_key
from issuer.flows.change_status import move_credentials
from issuer.flows.credential_content import build_content, end_of_validity
from issuer.flows.desk import Desk
from issuer.flows.document_signer import with_document_signer
from issuer.flows.events.issue_pass import count_pass, make_pass, note_pass
from issuer.flows.issued_copy import Copy
from issuer.flows.key_ring import Identity
from issuer.flows.redeem_code import authorized
from issuer.flows.signing_choice import alg_of
from issuer.flows.stamp_credentials import digest_of, note_digests
from issuer.flows.subject_facts import find_facts
from issuer.flows.tenant_secrets import digest
from issuer.store.audit import record
from issuer.store.tables import Credential, Grant, Offer, UsedNonce

MAX_ISSUES = 50
"""Credential requests that one grant answers in its life; a wallet needs one per configuration, and some for lost answers."""
PROOF_ALGS = ("ES256",)


def find_grant(desk: Desk, tenant: str, access_token: str) -> Any:
    """The grant of a living access token. Raises Refused("invalid_token")."""
    grant = Grant.get_or_none(Grant.tenant == tenant, Grant.access_hash == digest(access_token))
    if grant is None or desk.now >= grant.access_expires_at:
        raise Refused("invalid_token", "the access token is unknown or over")
    return grant


def issue_credential(desk: Desk, tenant: str, access_token: str, body: bytes) -> CredentialResponse:
    """body: the JSON of the credential request. Raises what the credential endpoint's codes are made of (`common.oid4vci.errors`)."""
    identity = desk.keys.identity(tenant)
    # 1
    grant = find_grant(desk, tenant, access_token)
    # 2
    request = parse_credential_request(body)
    held = authorized(tuple(parse_json(grant.configurations)), names_identifiers=grant.names_identifiers)
    found = verify_credential_request(
        request, authorized=held, configurations=CONFIGURATIONS.names, batch_size=desk.settings.batch_size
    )
    configuration = CONFIGURATIONS[found.configuration_id]
    # 3
    proofs = verify_proofs(
        request.proofs,
        issuer=desk.addresses.issuer(tenant),
        now=desk.now,
        algs=PROOF_ALGS,
        methods=configuration.binding_methods,
    )
    # 4
    nonce = str(proofs[0].nonce)
    nonce_dies_at = desk.secrets.check_nonce(tenant, nonce, now=desk.now)
    # 5
    facts = find_facts(desk, tenant, configuration.type, grant.person_id)
    if facts is None:
        raise Refused("credential_request_denied", "nothing entitles to this certificate any longer")
    # 6
    identity = ensure_key(desk, tenant, alg_of(identity, configuration))
    if isinstance(facts, TicketFacts) and configuration.format == GATE_PASS:
        copies: tuple[Copy, ...] = (make_pass(desk, identity, facts, proofs),)
    else:
        copies = _make_copies(desk, identity, configuration, facts, proofs)
    # 7
    batch_id = secrets.token_hex(12)
    with transaction(desk.database, "issue_credential"):
        if copies[0].cti:
            count_pass(tenant, grant.person_id)  # first, as a refund takes the ticket before its grants
        _use_nonce(tenant, nonce, nonce_dies_at)
        _count_issue(tenant, grant, desk.now)
        Offer.update(state="issued", changed_at=desk.now).where(
            Offer.tenant == tenant, Offer.id == grant.offer_id
        ).execute()
        _supersede(desk, tenant, grant, configuration, batch_id)
        valid_until = end_of_validity(configuration.type, facts, desk.now)
        _write_copies(desk, tenant, grant, configuration, batch_id, copies, valid_until=valid_until)
        record(
            tenant,
            at=desk.now,
            actor="holder",
            act="credential_issued",
            subject=batch_id,
            configuration=configuration.id,
            copies=len(copies),
        )
    return CredentialResponse(credentials=tuple(copy.text for copy in copies), notification_id=batch_id)


def _make_copies(
    desk: Desk,
    identity: Identity,
    configuration: Configuration,
    facts: Facts,
    proofs: Sequence[VerifiedProof],
) -> tuple[Copy, ...]:
    form, alg = FORMATS[configuration.format], alg_of(identity, configuration)
    signer = identity.signer_for(alg)
    x5c: tuple[str, ...] | None = identity.x5c_for(alg) or None
    if configuration.format == "ldp_vc":
        x5c = None  # a Data Integrity proof has no place for certificates
    elif configuration.format == "mso_mdoc":
        x5c = with_document_signer(desk, identity, alg).document_signer_for(alg)
    copies = []
    for proof in proofs:
        index = desk.indices.allocate(identity.tenant)
        content = build_content(desk, identity, configuration, facts, holder=proof, index=index)
        desk.schemas.require_kept(configuration, content)
        text = form.issue(content, signer, x5c=x5c)
        digest = digest_of(configuration.format, text) if configuration.type.time_stamped else ""
        copies.append(Copy(text=text, index=index, thumbprint=proof.thumbprint, kid=signer.kid, digest=digest))
    return tuple(copies)


def _use_nonce(tenant: str, nonce: str, dies_at: int) -> None:
    used = (
        UsedNonce.insert(tenant=tenant, nonce_hash=digest(nonce), expires_at=dies_at)
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    if used != 1:
        raise Rejected("replayed", "the nonce was used already; ask for a fresh one")


def _count_issue(tenant: str, grant: Any, now: int) -> None:
    """The grant must still be what it was when it was read: a withdrawal or a correction in between has ended it."""
    mine = (Grant.tenant == tenant) & (Grant.id == grant.id) & (Grant.access_hash == grant.access_hash)
    living = (Grant.access_expires_at > now) & (Grant.issues < MAX_ISSUES)
    if not changed(Grant.update(issues=Grant.issues + 1).where(mine, living)):
        raise Refused("credential_request_denied", "this offer gives no more credentials")


def _supersede(desk: Desk, tenant: str, grant: Any, configuration: Configuration, batch_id: str) -> None:
    """Revokes what the new copies replace: earlier copies of the same grant; after a correction all earlier ones of the type."""
    rows = Credential.select(Credential.id, Credential.list_id, Credential.list_index).where(
        Credential.tenant == tenant, Credential.person_id == grant.person_id, Credential.state != "revoked"
    )
    again = (Credential.grant_id == grant.id) & (Credential.configuration == configuration.id)
    if grant.supersedes:
        again |= (Credential.type_name == configuration.type.name) & (Credential.offer_id != grant.offer_id)
    move_credentials(tenant, list(rows.where(again)), "revoked", at=desk.now, why="superseded", superseded_by=batch_id)


def _write_copies(
    desk: Desk,
    tenant: str,
    grant: Any,
    configuration: Configuration,
    batch_id: str,
    copies: Sequence[Copy],
    *,
    valid_until: int,
) -> None:
    issued_at, ids = desk.now, [secrets.token_hex(12) for _ in copies]
    Credential.insert_many(
        [
            {
                "tenant": tenant,
                "id": row_id,
                "batch_id": batch_id,
                "grant_id": grant.id,
                "offer_id": grant.offer_id,
                "person_id": grant.person_id,
                "type_name": configuration.type.name,
                "configuration": configuration.id,
                "list_id": copy.index.list_id,
                "list_index": copy.index.index,
                "holder_thumbprint": copy.thumbprint,
                "kid": copy.kid,
                "state": "valid",
                "issued_at": issued_at,
                "valid_until": valid_until,
            }
            for row_id, copy in zip(ids, copies, strict=True)
        ]
    ).execute()
    for row_id, copy in zip(ids, copies, strict=True):
        if copy.cti:
            note_pass(tenant, grant.person_id, copy.cti, row_id)
    note_digests(tenant, [copy.digest for copy in copies if copy.digest], batch_id=batch_id, now=issued_at)
