"""A proof checked without any of our code: PyLD, Python's own JSON, ``multiformats`` and the raw primitives of ``cryptography``."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from multiformats import multibase, multicodec
from pyld import ContextResolver, jsonld

from common.proofs.contexts.store import PINNED

DATE_TIME_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""XML Schema 1.1 part 2, for years like ours."""
_CURVES: Mapping[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "p256-pub": (ec.SECP256R1(), hashes.SHA256()),
    "p384-pub": (ec.SECP384R1(), hashes.SHA384()),
}


def check_signature(multikey: str, proof_value: str, data: bytes) -> None:
    """Raises InvalidSignature. multikey, proof_value: multibase texts. ECDSA signatures are r ‖ s."""
    check_raw_signature(multibase.decode(multikey), multibase.decode(proof_value), data)


def check_raw_signature(key: bytes, signature: bytes, data: bytes) -> None:
    """key: multicodec prefix and key."""
    codec, raw = multicodec.unwrap(key)
    if codec.name == "ed25519-pub":
        ed25519.Ed25519PublicKey.from_public_bytes(raw).verify(signature, data)
        return
    curve, digest = _CURVES[codec.name]
    size = len(signature) // 2
    r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve, raw)
    public.verify(encode_dss_signature(r, s), data, ec.ECDSA(digest))


def hash_data(secured: Mapping[str, Any], *, digest: str) -> bytes:
    """What a proof of an RDFC or JCS suite signs: the hash of its options and that of the document, both forms written in UTF-8."""
    document = {name: value for name, value in secured.items() if name != "proof"}
    options = {name: value for name, value in secured["proof"].items() if name != "proofValue"}
    if "-jcs-" in options["cryptosuite"]:
        forms = [_sorted_json(options), _sorted_json(document)]
    else:
        forms = [_n_quads({**options, "@context": document["@context"]}), _n_quads(document)]
    return b"".join(hashlib.new(digest, form.encode("utf-8")).digest() for form in forms)


def _sorted_json(value: Any) -> str:
    """RFC 8785 for values like these: names in ASCII, no numbers."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _n_quads(document: Mapping[str, Any]) -> str:
    def load(address: str, _options: Any) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": address, "document": copy.deepcopy(PINNED.document(address))}

    options = {
        "algorithm": "URDNA2015",  # PyLD's name for RDFC-1.0
        "format": "application/n-quads",
        "documentLoader": load,
        "contextResolver": ContextResolver({}, load),
    }
    return str(jsonld.normalize(dict(document), options))
