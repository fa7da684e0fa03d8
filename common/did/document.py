"""DID documents: making our own, and picking a key out of somebody else's (DID Core 1.0 §5).

`check_document` is the edge: what comes from the network passes pydid once, and is a plain JSON object afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from pydid import DIDDocument

from common.did.syntax import parse_did, parse_did_url
from common.did.timestamps import write_timestamp
from common.errors import Malformed, Rejected
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.history import UNRECORDED, KeyEntry
from common.keys.multikey import decode_multikey

Relationship = Literal[
    "assertionMethod", "authentication", "keyAgreement", "capabilityInvocation", "capabilityDelegation"
]
RELATIONSHIPS: tuple[Relationship, ...] = get_args(Relationship)

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1")
_FRAGMENT = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_MAX_METHODS = 100


def build_document(
    did: str,
    keys: Sequence[Mapping[str, Any]],
    *,
    relationships: Sequence[Relationship] = ("authentication", "assertionMethod"),
    also_known_as: Sequence[str] = (),
    services: Sequence[Mapping[str, Any]] = (),
    history: Mapping[str, KeyEntry] | None = None,
) -> dict[str, Any]:
    """The document of a DID of ours. keys: public JWKs with ``kid``; each becomes the verification method ``<did>#<kid>``.

    Every key stands in all of ``relationships``. A key that has been rotated out stays listed for as long as its signatures shall hold.
    history: kid → the key's life. A compromised key is marked ``revoked`` (Controlled Identifiers 1.0 §2.2) and stands under no
    relationship any more, so that nobody takes it for sound who does not know the mark. A retired key has no mark: after an ``expires``
    others would refuse what it signed before, too.
    Raises Malformed for a kid that is no fragment, twice the same kid, or a private key.
    """
    parse_did(did)
    kids = [str(key.get("kid", "")) for key in keys]
    if len(set(kids)) != len(kids) or not all(_FRAGMENT.fullmatch(kid) for kid in kids):
        raise Malformed("bad_did_document", "every key of a DID document has its own kid, fit for an address")
    lives = history or {}
    methods = [
        {
            "id": f"{did}#{kid}",
            "type": "JsonWebKey",
            "controller": did,
            "publicKeyJwk": dict(parse_public_jwk(dict(key)).jwk),
            **_revoked(lives.get(kid, UNRECORDED)),
        }
        for kid, key in zip(kids, keys, strict=True)
    ]
    document: dict[str, Any] = {"@context": list(CONTEXTS), "id": did}
    if also_known_as:
        document["alsoKnownAs"] = list(also_known_as)
    document["verificationMethod"] = methods
    for relationship in relationships:
        document[relationship] = [method["id"] for method in methods if "revoked" not in method]
    if services:
        document["service"] = [dict(service) for service in services]
    check_document(document, did=did)
    return document


def _revoked(entry: KeyEntry) -> dict[str, str]:
    since = entry.compromised_since
    return {} if since is None else {"revoked": write_timestamp(since)}


def check_document(document: dict[str, Any], *, did: str) -> None:
    """Raises Malformed unless pydid can read the document and it is about this very DID. Changes nothing."""
    if document.get("id") != did:
        raise Malformed("bad_did_document", "the document is about another DID")
    methods = document.get("verificationMethod", [])
    if not isinstance(methods, list) or len(methods) > _MAX_METHODS:
        raise Malformed("bad_did_document", f"verificationMethod is a list of at most {_MAX_METHODS}")
    try:
        # pydid fills gaps in what it is given, so it is given a copy.
        DIDDocument.deserialize(json.loads(json.dumps(document)))
    except (
        Exception
    ) as cause:  # pydid raises ValueError, TypeError, AttributeError and more, by the kind of nonsense it meets
        raise Malformed("bad_did_document", "not a DID document of DID Core 1.0") from cause


def find_key(document: Mapping[str, Any], did_url: str, relationship: Relationship) -> PublicKey:
    """The key that ``did_url`` names, if the document lets it be used for ``relationship``.

    1. to 4. as `find_method`
    5. its key is a public key that we can use (DID Core §5.2.1)

    Raises as `find_method`; Malformed or Rejected for 5. The caller still owes: that this DID is the one it expected.
    """
    key = _public_key(find_method(document, did_url, relationship))
    if relationship != "keyAgreement" and key.jwk.get("use", "sig") != "sig":
        raise Rejected("untrusted_key", "the key is not for signatures")
    return key


def find_method(document: Mapping[str, Any], did_url: str, relationship: Relationship) -> Mapping[str, Any]:
    """The verification method that ``did_url`` names, if the document lets it be used for ``relationship``. Its key is not read.

    1. the DID URL belongs to this document and has nothing but a fragment (DID Core §3.2)
    2. the relationship lists the method, by its id or embedded (§5.3)
    3. exactly one method has that id, and its controller is this DID (§5.2); another controller would need that DID's consent
    4. it is not ``revoked``: what it signed before, `common.did.history` finds out

    Raises Malformed for 1, Rejected("untrusted_key") for 2 and 3, Rejected("key_compromised") for 4.
    The caller still owes: that this DID is the one it expected.
    """
    # 1
    did = document.get("id")
    url = parse_did_url(did_url)
    if url.did.did != did or not url.fragment or url.path or url.query is not None:
        raise Malformed("bad_did_url", "not the DID URL of a key in this document")

    # 2
    listed = _list(document, relationship)
    embedded = [entry for entry in listed if isinstance(entry, dict) and _same(entry.get("id"), did_url, did)]
    if not embedded and not any(isinstance(entry, str) and _same(entry, did_url, did) for entry in listed):
        raise Rejected("untrusted_key", f"the DID document does not list this key under {relationship}")

    # 3
    methods = [method for method in _list(document, "verificationMethod") if isinstance(method, dict)]
    candidates = embedded + [method for method in methods if _same(method.get("id"), did_url, did)]
    if len(candidates) != 1:
        raise Rejected("untrusted_key", "the DID document does not define this key exactly once")
    method = candidates[0]
    if method.get("controller") != did:
        raise Rejected("untrusted_key", "the key is under the control of another DID")

    # 4
    if "revoked" in method:
        raise Rejected("key_compromised", "the DID's controller has revoked this key")
    return method


def methods_named(document: Mapping[str, Any], did_url: str) -> list[Mapping[str, Any]]:
    """Every verification method of that id, wherever it is defined, under a relationship or none. Raises Malformed where a list is none."""
    did = document.get("id")
    defined = [
        *_list(document, "verificationMethod"),
        *(one for name in RELATIONSHIPS for one in _list(document, name)),
    ]
    return [one for one in defined if isinstance(one, dict) and _same(one.get("id"), did_url, did)]


def _list(document: Mapping[str, Any], member: str) -> list[Any]:
    value = document.get(member, [])
    if not isinstance(value, list):
        raise Malformed("bad_did_document", f"{member} is a list")
    return value


def _same(reference: object, did_url: str, did: object) -> bool:
    """A reference in a document may be relative: ``#key-1`` (DID Core §3.2.2)."""
    return isinstance(reference, str) and (reference == did_url or f"{did}{reference}" == did_url)


def _public_key(method: Mapping[str, Any]) -> PublicKey:
    jwk, multibase = method.get("publicKeyJwk"), method.get("publicKeyMultibase")
    if isinstance(jwk, dict) and multibase is None:
        return parse_public_jwk(jwk)
    if isinstance(multibase, str) and jwk is None:
        return parse_public_jwk(decode_multikey(multibase))
    raise Malformed("bad_did_document", "a verification method holds one key, as publicKeyJwk or publicKeyMultibase")
