"""An institution's did:webvh: a log that proves which keys it had, and when. Beside the did:web, which names it.

Each entry is written by a key that the entry before committed to by its hash, so that whoever takes today's key cannot write tomorrow's
entry. That key is forgotten once the entry is published. Where witnesses are in force, an entry waits until enough of them approved.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from common.adapters.database import transaction
from common.did.document import build_document
from common.did.methods.webvh.log_entry import parse_log
from common.did.methods.webvh.verify_log import VerifiedLog, Version, key_hash, verify_log, verify_witnesses
from common.did.methods.webvh.witness import build_witness_file, parse_witness_file
from common.did.methods.webvh.write_log import create_log, deactivate_log, multikey_of, update_log
from common.did.web_address import web_name
from common.encoding import compact_json, parse_json
from common.errors import Conflict, Malformed, NotFound, Rejected
from common.keys.software import SoftwareKey
from issuer.flows.desk import Desk
from issuer.flows.key_history import publish_history
from issuer.store.audit import record
from issuer.store.tables import DidLog

_SEALED_AS = "did:webvh update keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDid:
    """version_id: the newest entry that is published. pending: the versionId that awaits witnesses, or empty. changed: by this call."""

    did: str
    version_id: str
    pending: str
    changed: bool


def publish_did_log(
    desk: Desk, tenant: str, *, actor: str, witnesses: Sequence[str] | None = None, threshold: int = 0
) -> PublishedDid:
    """Brings the log up to date with the institution's keys; makes it where there is none. Safe to repeat.

    witnesses: multikeys (or did:keys) of Ed25519 keys, to be put in force; an empty list ends witnessing; None leaves all as it is.
    threshold: how many of them must approve, all by default.
    Raises Malformed for an address that no did:webvh can name or witnesses that are none, NotFound, Conflict where another process was
    faster or the DID was deactivated.
    """
    document = _document(desk, tenant)
    wanted = None if witnesses is None else _witness_parameter(witnesses, threshold)
    row = _row(tenant)
    if row is None:
        return _create(desk, tenant, document, wanted or {}, actor)
    if row.deactivated:
        raise Conflict("did_deactivated", "this institution's did:webvh was deactivated")
    newest = verify_log(row.log.encode(), now=desk.now).newest
    last = verify_log(row.pending.encode(), now=desk.now).newest if row.pending else newest
    document = _filled(document, newest.did.scid)
    named = _named(last) if wanted is None else wanted
    if last.document == document and _named(last) == named:
        return _view(row, changed=False)
    changes: dict[str, Any] = {} if named == _named(newest) else {"witness": named}
    return _append(
        desk, row, lambda signer, parameters: _next(desk, row, signer, parameters | changes, document), actor
    )


def refresh_did_log(desk: Desk, tenant: str) -> bool:
    """For the job: an entry where the institution has a log and its keys have changed. Answers whether one was written."""
    row = _row(tenant)
    if row is None or row.deactivated:
        return False
    try:
        return publish_did_log(desk, tenant, actor="job:keys").changed
    except Conflict:
        return False  # another process writes it


def deactivate_did(desk: Desk, tenant: str, *, actor: str) -> PublishedDid:
    """The log's last entries: it is over, and the document is given to nobody any more. Raises NotFound, Conflict.

    Two entries, since keys that were committed in advance cannot be given up and ended in one ("Deactivate (Revoke)").
    """
    row = _row(tenant)
    if row is None:
        raise NotFound("no_did_log", "this institution has no did:webvh")
    if row.deactivated:
        return _view(row, changed=False)

    def last(signer: SoftwareKey, _: dict[str, Any]) -> bytes:
        now = desk.now
        released = update_log(
            row.log.encode(), signer, now=now, updateKeys=[multikey_of(signer)], nextKeyHashes=[], witness={}
        )
        return deactivate_log(released, signer, now=now)

    return _append(desk, row, last, actor)


def add_witness_proofs(desk: Desk, tenant: str, proofs: bytes, *, actor: str) -> PublishedDid:
    """Approvals of witnesses, in the form of ``did-witness.json``. Publishes what waited, once its threshold is reached.

    Proofs over versions that are neither published nor waiting are left out. Raises Malformed, NotFound, Conflict, Rejected where none of
    the proofs says anything about this log.
    """
    row = _row(tenant)
    if row is None:
        raise NotFound("no_did_log", "this institution has no did:webvh")
    longest = (row.pending or row.log).encode()
    versions = [entry.version_id for entry in parse_log(longest)]
    merged: dict[str, list[Any]] = {name: [] for name in versions}
    given = parse_witness_file(proofs)
    for name in versions:
        for proof in (*parse_witness_file(row.witness_file.encode()).get(name, ()), *given.get(name, ())):
            if proof not in merged[name]:
                merged[name].append(proof)
    if not any(name in given for name in versions):
        raise Rejected("request_not_met", "these proofs are about no version of this log")
    changes: dict[str, Any] = {"witness_file": build_witness_file(merged).decode(), "changed_at": desk.now}
    whole = _whole_with(longest, merged, desk.now) if row.pending else None
    if whole is not None:
        changes |= _published(desk, tenant, row, row.pending.encode())
    return _store(desk, row, changes, actor, act="did_witnessed")


def read_did_log(tenant: str) -> tuple[bytes, bytes] | None:
    """(did.jsonl, did-witness.json) as published, None without a log."""
    row = _row(tenant)
    return None if row is None else (row.log.encode(), row.witness_file.encode())


def did_of_log(tenant: str) -> str | None:
    """The institution's did:webvh, None without one that is in force."""
    row = _row(tenant)
    return None if row is None or row.deactivated else str(row.did)


def _document(desk: Desk, tenant: str) -> dict[str, Any]:
    """The newest document, under a name with the placeholder. Retired keys are not in it: that they were, the log proves."""
    identity = desk.keys.identity(tenant)
    in_use = tuple(
        key for key in identity.published
        if key.entry.compromised_since is not None or key.entry.retired_at is None or key.entry.retired_at > desk.now
    )  # fmt: skip
    identity = replace(identity, published=in_use)
    web = desk.addresses.did(tenant)
    document = build_document(
        web, identity.public_jwks, relationships=("assertionMethod",), also_known_as=(desk.addresses.issuer(tenant),)
    )
    text = json.dumps(publish_history(document, identity))
    place = web_name(desk.addresses.public_url, tenant)
    renamed: dict[str, Any] = json.loads(text.replace(web, f"did:webvh:{{SCID}}:{place}"))
    return {**renamed, "alsoKnownAs": [*renamed["alsoKnownAs"], web]}


def _filled(document: dict[str, Any], scid: str) -> dict[str, Any]:
    filled: dict[str, Any] = json.loads(json.dumps(document).replace("{SCID}", scid))
    return filled


def _witness_parameter(witnesses: Sequence[str], threshold: int) -> dict[str, Any]:
    if not witnesses:
        return {}
    names = [f"did:key:{name.removeprefix('did:key:')}" for name in witnesses]
    return {"threshold": threshold or len(names), "witnesses": [{"id": name} for name in names]}


def _named(version: Version) -> dict[str, Any]:
    """The witnesses in force after a version, as the log names them."""
    return dict(version.parameters.witnesses.as_published or {})


def _create(desk: Desk, tenant: str, document: dict[str, Any], witness: dict[str, Any], actor: str) -> PublishedDid:
    """The first entry is not witnessed: there is nobody yet whom it could lie to, so witnesses come in by the second."""
    first, second, third = (SoftwareKey.generate("EdDSA") for _ in range(3))
    place = web_name(desk.addresses.public_url, tenant)
    commitment = [key_hash(multikey_of(second))]
    log = create_log(place, document, first, now=desk.now, portable=True, nextKeyHashes=commitment)
    newest = verify_log(log, now=desk.now).newest
    with transaction(desk.database, "create_did_log"):
        made = (
            DidLog.insert(
                tenant=tenant,
                id=tenant,
                did=newest.did.did,
                number=1,
                log=log.decode(),
                keys=_seal(desk, tenant, second, third),
                changed_at=desk.now,
            )
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
        if made != 1:
            raise Conflict("did_log_moved", "another process was faster")
        record(tenant, at=desk.now, actor=actor, act="did_created", subject=tenant, version=1)
    if witness:
        names = [one["id"] for one in witness["witnesses"]]
        return publish_did_log(desk, tenant, actor=actor, witnesses=names, threshold=witness["threshold"])
    return PublishedDid(did=newest.did.did, version_id=newest.version_id, pending="", changed=True)


def _next(desk: Desk, row: Any, signer: SoftwareKey, parameters: dict[str, Any], document: dict[str, Any]) -> bytes:
    return update_log(row.log.encode(), signer, now=desk.now, document=document, **parameters)


def _append(desk: Desk, row: Any, write: Any, actor: str) -> PublishedDid:
    """write: (key of the next entry, its parameters) → the log with more. Published at once, or kept until it is witnessed."""
    signer, committed = _open(desk, row)
    parameters = {"updateKeys": [multikey_of(signer)], "nextKeyHashes": [key_hash(multikey_of(committed))]}
    log = write(signer, parameters)
    proofs = parse_witness_file(row.witness_file.encode())
    if _whole_with(log, proofs, desk.now) is None:
        return _store(desk, row, {"pending": log.decode()}, actor, act="did_proposed")
    return _store(desk, row, _published(desk, row.tenant, row, log), actor, act="did_updated")


def _whole_with(log: bytes, proofs: Any, now: int) -> VerifiedLog | None:
    """The log, if it holds to its end with these approvals."""
    verified = verify_log(log, now=now)
    if verified.witnessed:
        try:
            verified = verify_witnesses(verified, proofs, now=now)
        except Rejected:
            return None
    return verified if verified.fault is None else None


def _published(desk: Desk, tenant: str, row: Any, log: bytes) -> dict[str, Any]:
    """What changes when this log is published. The key that wrote its entry is forgotten."""
    newest = verify_log(log, now=desk.now).newest
    _, committed = _open(desk, row)
    return {
        "log": log.decode(),
        "pending": "",
        "number": newest.number,
        "did": newest.did.did,
        "deactivated": newest.parameters.deactivated,
        "keys": _seal(desk, tenant, committed, SoftwareKey.generate("EdDSA")),
    }


def _store(desk: Desk, row: Any, changes: dict[str, Any], actor: str, *, act: str) -> PublishedDid:
    """One conditional UPDATE: whoever read another version than is there now has lost."""
    same = (DidLog.tenant == row.tenant) & (DidLog.number == row.number) & (DidLog.pending == row.pending)
    with transaction(desk.database, "write_did_log"):
        moved = DidLog.update(**{"changed_at": desk.now, **changes}).where(same).execute()
        if moved != 1:
            raise Conflict("did_log_moved", "another process was faster")
        number = changes.get("number", row.number)
        record(row.tenant, at=desk.now, actor=actor, act=act, subject=row.tenant, version=number)
    written = _row(row.tenant)
    assert written is not None
    return _view(written, changed=True)


def _view(row: Any, *, changed: bool) -> PublishedDid:
    def last(log: str) -> str:
        return str(json.loads(log.splitlines()[-1])["versionId"]) if log else ""

    return PublishedDid(did=str(row.did), version_id=last(row.log), pending=last(row.pending), changed=changed)


def _row(tenant: str) -> Any:
    return DidLog.get_or_none(DidLog.tenant == tenant)


def _seal(desk: Desk, tenant: str, *keys: SoftwareKey) -> bytes:
    return desk.secrets.seal_key(tenant, _SEALED_AS, compact_json([key.private_jwk() for key in keys]))


def _open(desk: Desk, row: Any) -> tuple[SoftwareKey, SoftwareKey]:
    """(the key of the next entry, the key committed to by it)."""
    opened = parse_json(desk.secrets.open_key(row.tenant, _SEALED_AS, bytes(row.keys)))
    if not isinstance(opened, list) or len(opened) != 2:
        raise Malformed("bad_sealed_keys", "the keys of this institution's DID cannot be read")
    first, second = (SoftwareKey.from_private_jwk(jwk) for jwk in opened)
    return first, second
