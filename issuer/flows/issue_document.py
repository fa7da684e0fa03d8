"""Secures a document that somebody else wrote, in an institution's name: the issuing side of the VC API.

The catalogue's certificates go another way (`issue_credential`): they know the person and the holder's key. Here the caller answers for
what the document says. What is kept of it is its status entry under a hash of its identifier, and nothing of its claims.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from common.adapters.database import transaction
from common.errors import Conflict, Malformed, Rejected
from common.formats.bitstring_entry import build_credential_status, parse_credential_status
from common.formats.credential import StatusReference
from common.formats.data_integrity.issue import RDFC_SUITES, ProofOptions
from common.formats.data_integrity.issue import issue_credential as add_proof
from common.formats.data_integrity.policy import Policy
from common.formats.data_integrity.present import DATA_INTEGRITY_CONTEXT
from common.formats.vc_jose_cose.enveloped import envelop
from common.formats.vc_jose_cose.media_type import MediaType, media_type
from common.formats.vc_jose_cose.secure import secure
from common.formats.vcdm.contexts import read_version
from common.formats.vcdm.credential import CredentialDocument, read_credential
from common.keys import software
from common.proofs.suites.contract import is_selective
from common.status.allocator import AllocatedIndex
from issuer.flows.desk import Desk
from issuer.flows.issuer_identifiers import ChosenKey, choose_key
from issuer.store.audit import record
from issuer.store.tables import Credential

CONFIGURATION = "vc_api"
DECISIVE = ("issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus", "evidence")
"""What a verdict hangs on. A holder who could leave out the status could show a withdrawn credential, and of the evidence what speaks
against the card; so the issuer's pointers never do."""
_FOREVER = 253_402_300_799
"""The end of the year 9999: of a document without an end the status is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOptions:
    """cryptosuite, media_type: at most one of them; none: the suite that goes with the issuer's key. statuses: purposes.

    mandatory_pointers: beside what is `DECISIVE`. credential_id: by which the status is changed; empty: the document's own id.
    """

    cryptosuite: str = ""
    media_type: str = ""
    statuses: tuple[str, ...] = ()
    mandatory_pointers: tuple[str, ...] | None = None
    credential_id: str = ""


def issue_document(
    desk: Desk, tenant: str, document: Mapping[str, Any], options: IssueOptions, *, policy: Policy, actor: str
) -> dict[str, Any]:
    """The secured credential, an envelope around it where a media type was asked for.

    1. the document keeps the rules of the data model, its own statuses included      VCDM 2.0 §4, Bitstring Status List 1.0 §2.1
    2. its issuer is one of ours, with a key that will do
    3. its status entries, in lists of ours; the schemas that it names and that are known here are kept      VCDM 2.0 §4.11
    4. proof or envelope; no term of it is undefined
    5. in one transaction: the status is written down, the act recorded
    Raises Malformed, Rejected("schema_violated"), Refused("not_our_issuer"), Unsupported, Conflict for an identifier that has a status
    already, NotFound.
    """
    # 1
    if options.cryptosuite and options.media_type:
        raise Malformed("bad_options", "a credential is secured by a cryptosuite or by a media type, not by both")
    read = read_credential(document)
    _check_own_statuses(document)
    # 2
    envelope = media_type(options.media_type) if options.media_type else None
    if envelope is not None and envelope.kind != "vc":
        raise Malformed("bad_options", "this media type secures presentations")
    suite = policy.suites[options.cryptosuite] if options.cryptosuite else None
    algs: Sequence[str] = software.ALGS if envelope is not None else suite.algs if suite is not None else ()
    key = choose_key(desk, tenant, read.issuer, algs=algs)
    # 3
    prepared, index = _with_status(desk, tenant, read, options)
    desk.schemas.check_document(prepared)
    # 4
    secured = (
        _enveloped(prepared, envelope, key, options, now=desk.now)
        if envelope is not None
        else _proven(prepared, key, options, policy=policy, now=desk.now)
    )
    # 5
    name = options.credential_id or str(prepared.get("id", "")) or f"urn:uuid:{uuid4()}"
    row = status_row_id(tenant, name)
    with transaction(desk.database, "issue_document"):
        if index is not None:
            _write_status(desk, tenant, row, index, key, until=read.valid_until or _FOREVER)
        record(tenant, at=desk.now, actor=actor, act="document_issued", subject=row)
    return secured


def status_row_id(tenant: str, credential_id: str) -> str:
    """Under which id the status of a document is kept: nobody reads the identifier itself in the database."""
    return hashlib.sha256(f"{tenant}\n{credential_id}".encode()).hexdigest()[:24]


def _check_own_statuses(document: Mapping[str, Any]) -> None:
    """Entries of Bitstring Status Lists keep their rules. What other kinds there are is between the author and the verifiers.

    Raises Malformed.
    """
    stated = document.get("credentialStatus", [])
    for entry in stated if isinstance(stated, list) else [stated]:
        try:
            parse_credential_status({"credentialStatus": entry})
        except Rejected:
            continue


def _with_status(
    desk: Desk, tenant: str, read: CredentialDocument, options: IssueOptions
) -> tuple[dict[str, Any], AllocatedIndex | None]:
    """The document with entries in lists of ours. Its id, where it needs one and has none, is made here."""
    document = dict(read.document)
    if not options.statuses:
        return document, None
    if "credentialStatus" in document:
        raise Malformed("bad_options", "the document brings a status of its own; ask for none, or leave its own out")
    if read.issuer != desk.addresses.did(tenant):
        raise Malformed("bad_options", "the lists here are signed by the institution's did:web, so its issuer is that")
    if not options.credential_id:
        document.setdefault("id", f"urn:uuid:{uuid4()}")
    index = desk.indices.allocate(tenant)
    entries = build_credential_status(
        [
            StatusReference(
                uri=desk.addresses.status_purpose(tenant, index.list_id, purpose), index=index.index, purpose=purpose
            )
            for purpose in options.statuses
        ]
    )
    document["credentialStatus"] = entries[0] if len(entries) == 1 else entries
    return document, index


def _proven(
    document: Mapping[str, Any], key: ChosenKey, options: IssueOptions, *, policy: Policy, now: int
) -> dict[str, Any]:
    suite = policy.suites[options.cryptosuite or RDFC_SUITES[key.signer.alg]]
    pointers = options.mandatory_pointers or ()
    if is_selective(suite):
        pointers = (*pointers, *(f"/{name}" for name in DECISIVE if name in document and f"/{name}" not in pointers))
    elif options.mandatory_pointers is not None:
        raise Malformed("bad_options", f"{suite.name} reveals all or nothing: there is nothing to be mandatory")
    document = _with_proof_terms(document)
    made = ProofOptions(
        verification_method=key.method, cryptosuite=suite.name, created=now, mandatory_pointers=pointers
    )
    return add_proof(document, key.signer, made, policy=policy)


def _with_proof_terms(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Context injection (VC Data Integrity 1.0 §2.4.1): the base context of VCDM 1.1 does not know the words of proofs."""
    contexts = document["@context"]
    listed = contexts if isinstance(contexts, list) else [contexts]
    if read_version(document) == 2 or DATA_INTEGRITY_CONTEXT in listed:
        return document
    return {**document, "@context": [*listed, DATA_INTEGRITY_CONTEXT]}


def _enveloped(
    document: Mapping[str, Any], kind: MediaType, key: ChosenKey, options: IssueOptions, *, now: int
) -> dict[str, Any]:
    pointers = options.mandatory_pointers
    if pointers is not None and kind.securing != "sd-jwt":
        raise Malformed("bad_options", f"{kind.full} reveals all or nothing: there is nothing to be mandatory")
    subject = document.get("credentialSubject")
    disclosable = (
        [
            ("credentialSubject", name)
            for name in subject
            if name != "id" and f"/credentialSubject/{name}" not in (pointers or ())
        ]
        if kind.securing == "sd-jwt" and isinstance(subject, Mapping)
        else []
    )
    secured = secure(document, kind, key.signer, key_id=key.method, issued_at=now, disclosable=disclosable)
    return envelop(secured, kind)


def _write_status(desk: Desk, tenant: str, row: str, index: AllocatedIndex, key: ChosenKey, *, until: int) -> None:
    nobody = {"grant_id": "", "offer_id": "", "person_id": "", "holder_thumbprint": ""}
    written = (
        Credential.insert(
            tenant=tenant,
            id=row,
            batch_id=row,
            type_name=CONFIGURATION,
            configuration=CONFIGURATION,
            list_id=index.list_id,
            list_index=index.index,
            kid=key.signer.kid,
            state="valid",
            issued_at=desk.now,
            valid_until=until,
            **nobody,
        )
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    if written != 1:
        raise Conflict("already_issued", "a credential with this identifier has a status here already")
