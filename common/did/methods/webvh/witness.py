"""Witnesses: others who approve each version before it is published (did:webvh 1.0, "DID Witnesses")."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from common.did.methods.webvh.entry_proof import create_proof, signing_key, verify_proof
from common.did.methods.webvh.log_entry import MAX_ENTRIES
from common.did.methods.webvh.parameters import Witnesses
from common.encoding import compact_json, parse_json
from common.errors import Malformed, Rejected
from common.ports import Signer

MAX_WITNESS_BYTES = 512 * 1024
MAX_TRIED = 200
"""Signatures looked at, of all that a file holds: each witness' newest count, and an honest file keeps only those."""

Proofs = Mapping[str, Sequence[Mapping[str, Any]]]
"""versionId → the proofs over it, unverified."""


def parse_witness_file(data: bytes) -> Proofs:
    """``did-witness.json`` → its proofs. Raises Malformed."""
    entries = parse_json(data, max_bytes=MAX_WITNESS_BYTES)
    if not isinstance(entries, list) or len(entries) > 2 * MAX_ENTRIES:
        raise Malformed("bad_witness_file", "a witness file is a list of versions")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        version_id = entry.get("versionId") if isinstance(entry, dict) else None
        proofs = entry.get("proof", []) if isinstance(entry, dict) else None
        if not isinstance(version_id, str) or not isinstance(proofs, list):
            raise Malformed("bad_witness_file", "each version has a versionId and a list of proofs")
        found.setdefault(version_id, []).extend(proof for proof in proofs if isinstance(proof, dict))
    return found


def newest_approvals(
    proofs: Proofs, version_ids: Sequence[str], witnesses: Collection[str], *, now: int
) -> dict[str, int]:
    """Witness (multikey) → number of the newest version that it approved, and with it all before.

    Only versions of this very log count, and only proofs that hold, each key's newest. After MAX_TRIED signatures no more are looked
    at: a padded file approves less, never more. version_ids: oldest first. witnesses: multikeys that were ever named.
    """
    newest: dict[str, int] = {}
    tried = 0
    for number in range(len(version_ids), 0, -1):
        version_id = version_ids[number - 1]
        for proof in proofs.get(version_id, ()):
            try:
                key = signing_key(proof)
                if key in newest or key not in witnesses:
                    continue
                tried += 1
                if tried > MAX_TRIED:
                    return newest
                verify_proof({"versionId": version_id}, proof, (key,), now=now)
            except (Malformed, Rejected):
                continue  # a proof that does not hold approves nothing
            newest[key] = number
    return newest


def first_unwitnessed(needed: Sequence[Witnesses], approvals: Mapping[str, int]) -> int | None:
    """Number of the first version that lacks its threshold of approvals, None where all have them. needed[i]: of version i + 1."""
    for number, witnesses in enumerate(needed, start=1):
        given = sum(1 for key in witnesses.keys if approvals.get(key, 0) >= number)
        if given < witnesses.threshold:
            return number
    return None


def witness_version(version_id: str, signer: Signer, *, now: int) -> dict[str, Any]:
    """A witness' approval. The witness itself owes beforehand: that the entry verifies, and that it agrees."""
    return create_proof({"versionId": version_id}, signer, now=now)


def build_witness_file(proofs: Proofs) -> bytes:
    """``did-witness.json``, to be published before the log that it approves."""
    return compact_json([{"versionId": name, "proof": list(some)} for name, some in proofs.items() if some])
