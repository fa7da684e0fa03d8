"""Logs for tests: a school that writes a did:webvh, and liars who sign what they should not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from common.did.methods.webvh.entry_proof import create_proof
from common.did.methods.webvh.verify_log import entry_hash
from common.did.methods.webvh.write_log import create_log, multikey_of
from common.encoding import compact_json
from common.keys.software import SoftwareKey

NOW = 1_790_000_000
BEGIN = NOW - 100_000
PLACE = "vc.example.ac.jp:sakuragawa"
ADDRESS = "https://vc.example.ac.jp/sakuragawa/did.jsonl"
WITNESS_ADDRESS = "https://vc.example.ac.jp/sakuragawa/did-witness.json"
DID = "did:webvh:{SCID}:" + PLACE


def ed25519(number: int) -> SoftwareKey:
    """The same key for the same number."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return SoftwareKey(Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big")), kid=f"k{number}")


KEY, NEXT, THIRD = ed25519(1), ed25519(2), ed25519(3)
SIGNER, NEW_SIGNER = ed25519(11), ed25519(12)


def document(*signers: SoftwareKey, did: str = DID, **more: Any) -> dict[str, Any]:
    """A document with these assertion keys."""
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": f"{did}#{signer.kid}",
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": multikey_of(signer),
            }
            for signer in signers
        ],
        "assertionMethod": [f"{did}#{signer.kid}" for signer in signers],
        **more,
    }


def new_log(**parameters: Any) -> bytes:
    return create_log(PLACE, document(SIGNER), KEY, now=BEGIN, **parameters)


def entries_of(log: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def did_of(log: bytes) -> str:
    return str(entries_of(log)[-1]["state"]["id"])


def scid_of_log(log: bytes) -> str:
    return str(entries_of(log)[0]["parameters"]["scid"])


def written(entries: list[dict[str, Any]]) -> bytes:
    return b"".join(compact_json(entry) + b"\n" for entry in entries)


def forged(log: bytes, number: int, changes: Mapping[str, Any], *, signer: SoftwareKey = KEY) -> bytes:
    """The log with entry ``number`` changed and then hashed and signed as well as a liar can; entries after it are dropped."""
    entries = entries_of(log)[:number]
    entry = {**entries[-1], **changes}
    entry.pop("proof")
    predecessor = entries[-2]["versionId"] if number > 1 else entry["parameters"].get("scid", "")
    if "versionId" not in changes:
        entry["versionId"] = f"{number}-{entry_hash(entry, predecessor)}"
    entry["proof"] = [create_proof(entry, signer, now=NOW)]
    return written([*entries[:-1], entry])
