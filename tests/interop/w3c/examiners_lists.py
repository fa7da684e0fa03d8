"""Status lists of an examiner's, whatever is wrong with them, and credentials of the examiner's with entries in them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from itertools import count
from typing import Any

from common.encoding import b64url_decode, b64url_encode, compact_json
from common.formats.data_integrity.issue import ProofOptions, add_proof
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from tests.interop.w3c.model_doors import HOLDER, V2, ModelDoors, changed, held

LIST, LISTED, ENTRY = "BitstringStatusListCredential", "BitstringStatusList", "BitstringStatusListEntry"
SMALLEST = 16 * 1024
"""Bytes."""
MESSAGES = [{"status": hex(value), "message": text} for value, text in enumerate(("in", "lent", "lost", "overdue"))]
_NUMBERS = count(1)


def bits_of(listed: Mapping[str, Any]) -> bytes:
    encoded = listed["credentialSubject"]["encodedList"]
    assert encoded.startswith("u")
    return gzip.decompress(b64url_decode(encoded[1:]))


def bit(listed: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    index = int(one["statusListIndex"])
    return bool(bits_of(listed)[index // 8] & 0x80 >> index % 8)


def packed(bits: bytes) -> str:
    return f"u{b64url_encode(gzip.compress(bits, mtime=0))}"


def publish(
    model: ModelDoors,
    bits: bytes = bytes(SMALLEST),
    *,
    by: SoftwareKey = HOLDER,
    subject: Mapping[str, Any] | None = None,
    **changes: Any,
) -> str:
    """The address of a list that the examiner made, or another. subject, changes: members of the list and of the credential around it."""
    issuer = f"did:key:{encode_did_key(by.public_jwk())}"
    address = f"https://lists.example/{next(_NUMBERS)}"
    made = {"id": f"{address}#list", "type": LISTED, "statusPurpose": "revocation", "encodedList": packed(bits)}
    document = {
        "@context": [V2],
        "id": address,
        "type": ["VerifiableCredential", LIST],
        "issuer": issuer,
        "credentialSubject": changed(made, **(subject or {})),
    }
    method = f"{issuer}#{issuer.removeprefix('did:key:')}"
    options = ProofOptions(verification_method=method, cryptosuite="eddsa-jcs-2022")
    model.internet.pages[address] = compact_json(add_proof(changed(document, **changes), by, options))
    return address


def entry(address: str, **changes: Any) -> dict[str, Any]:
    plain = {"type": ENTRY, "statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": address}
    return changed(plain, **changes)


def judge(model: ModelDoors, address: str, expect: str = "", **changes: Any) -> Any:
    """What the verifier says of a credential with this entry in the list at the address."""
    return model.verify(held(credentialStatus=entry(address, **changes)), expect)


def malformed(model: ModelDoors, **changes: Any) -> None:
    """An entry that is well but for these changes: not issued, and not believed."""
    address = publish(model)
    judge(model, address)
    model.refuse("malformed_value_error", credentialStatus=entry(address, **changes))


def lent(**changes: Any) -> dict[str, Any]:
    """Members of an entry of two bits."""
    return changed({"statusPurpose": "message", "statusSize": 2, "statusMessage": MESSAGES}, **changes)


def message_list(model: ModelDoors, value: int = 1) -> str:
    """With two bits for each credential, of which the eighth has this value."""
    bits = bytearray(2 * SMALLEST)
    bits[1] = value
    return publish(model, bytes(bits), subject={"statusPurpose": "message"})
