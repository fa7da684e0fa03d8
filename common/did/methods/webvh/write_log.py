"""Writing a log: create, update, rotate, move, deactivate (did:webvh 1.0, "Create (Register)", "Update (Rotate)", "Deactivate (Revoke)").

Each function returns a new log and leaves publishing to the caller. Nothing is returned that `verify_log` does not accept. Where witnesses
are in force, their proofs over the new version (`witness.witness_version`) are to be published before the log itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from common.did.document import check_document
from common.did.methods.webvh.entry_proof import create_proof
from common.did.methods.webvh.identifier import SCID_PLACEHOLDER, did_at
from common.did.methods.webvh.metadata import with_implicit_services
from common.did.methods.webvh.parameters import METHOD
from common.did.methods.webvh.verify_log import VerifiedLog, entry_hash, verify_log
from common.did.multihash import sha256_multihash
from common.did.timestamps import write_timestamp
from common.encoding import compact_json
from common.errors import Conflict
from common.ids import Did
from common.keys.multikey import encode_did_key
from common.ports import Signer
from common.proofs.jcs import canonicalize_json


def create_log(
    place: str,
    document: Mapping[str, Any],
    signer: Signer,
    *,
    now: int,
    update_keys: Sequence[str] = (),
    **parameters: Any,
) -> bytes:
    """A log of one entry. place: ``example.com%3A8443:a:b`` (`common.did.web_address.web_name`).

    document: a DID document in which ``{SCID}`` stands wherever the self-certifying part will; its ``id`` is set here. signer: an Ed25519
    key; the only one that may write the next entry unless update_keys (multikeys, the signer's among them) are given.
    parameters: further ones by their names in the log: nextKeyHashes, witness, watchers, portable, ttl.
    Raises Malformed or Rejected for what `verify_log` would not accept.
    """
    entry = {
        "versionId": SCID_PLACEHOLDER,
        "versionTime": write_timestamp(now),
        "parameters": {
            "method": METHOD,
            "scid": SCID_PLACEHOLDER,
            "updateKeys": list(update_keys) or [multikey_of(signer)],
            "portable": False,
            **parameters,
        },
        "state": {**document, "id": did_at(SCID_PLACEHOLDER, place)},
    }
    scid = sha256_multihash(canonicalize_json(entry))
    filled: dict[str, Any] = json.loads(compact_json(entry).replace(SCID_PLACEHOLDER.encode(), scid.encode()))
    return _signed(b"", filled, scid, 1, signer, now)


def update_log(
    log: bytes,
    signer: Signer,
    *,
    now: int,
    document: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> bytes:
    """The log with one entry more. document: the new one, None to keep the last. parameters: only what changes, by names in the log.

    Rotating the update keys is ``updateKeys=[…]``. With keys committed in advance both ``updateKeys`` (whose hashes were committed) and
    ``nextKeyHashes`` (`verify_log.key_hash` of the next ones, or []) must be given, and signer is one of the new keys. A portable DID
    moves when the document has the new ``id`` (`moved_document`).
    Raises Malformed or Rejected for what `verify_log` would not accept, Conflict where the log is already ahead of the clock.
    """
    known = _whole(log, now)
    newest = known.newest
    moment = max(now, newest.time // 1_000_000 + 1)
    if moment > now + 60:
        raise Conflict("log_ahead", "the log's last entry lies in the future")
    entry = {
        "versionId": newest.version_id,
        "versionTime": write_timestamp(moment),
        "parameters": parameters,
        "state": dict(newest.document if document is None else document),
    }
    return _signed(log, entry, newest.version_id, newest.number + 1, signer, now)


def deactivate_log(log: bytes, signer: Signer, *, now: int, **parameters: Any) -> bytes:
    """The log with its last entry. Nothing can be written after it, and nobody gets the document without asking for a version.

    Whoever wants the document to stay, so that what its keys signed stays verifiable, rotates to ``updateKeys=[]`` instead.
    """
    return update_log(log, signer, now=now, **{"deactivated": True, "updateKeys": [], **parameters})


def moved_document(log: bytes, place: str, *, now: int) -> dict[str, Any]:
    """The newest document under the name that the DID gets at another place, with the old name in ``alsoKnownAs``."""
    newest = _whole(log, now).newest
    old, new = newest.did.did, did_at(newest.did.scid, place)
    text = json.dumps(newest.document).replace(f"{old}#", f"{new}#").replace(f'"{old}"', f'"{new}"')
    document: dict[str, Any] = json.loads(text)
    aliases = [name for name in document.get("alsoKnownAs", []) if name not in (old, new)]
    return {**document, "id": new, "alsoKnownAs": [*aliases, old]}


def parallel_web_document(log: bytes, *, now: int) -> tuple[Did, dict[str, Any]]:
    """The did:web that stands beside the newest version, and its document ("Publishing a Parallel did:web DID")."""
    newest = _whole(log, now).newest
    web = Did(f"did:web:{newest.did.place}")
    text = json.dumps(with_implicit_services(newest))
    renamed: dict[str, Any] = json.loads(text.replace(f"did:webvh:{newest.did.scid}:", "did:web:"))
    aliases = dict.fromkeys([*renamed.get("alsoKnownAs", []), newest.did.did])
    aliases.pop(web, None)
    return web, {**renamed, "alsoKnownAs": list(aliases)}


def multikey_of(signer: Signer) -> str:
    """The public key as ``updateKeys`` and witnesses name it."""
    return encode_did_key(signer.public_jwk())


def _whole(log: bytes, now: int) -> VerifiedLog:
    known = verify_log(log, now=now)
    if known.fault is not None:
        raise known.fault
    return known


def _signed(log: bytes, entry: dict[str, Any], predecessor: str, number: int, signer: Signer, now: int) -> bytes:
    entry["versionId"] = f"{number}-{entry_hash(entry, predecessor)}"
    entry["proof"] = [create_proof(entry, signer, now=now)]
    grown = (log.rstrip(b"\n") + b"\n" if log else b"") + compact_json(entry) + b"\n"
    newest = _whole(grown, now).newest
    check_document(dict(newest.document), did=newest.did.did)
    return grown
