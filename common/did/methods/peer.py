"""did:peer 2 and 4: a whole document inside an identifier, for two who know each other (DIF Peer DID Method).

    did:peer:2.Vz6Mk….Ez6LS….SeyJ0…         keys by their purpose, services in base64url
    did:peer:4zQm…:z2M1…                     long form: hash and document
    did:peer:4zQm…                           short form: resolves for whoever has seen the long form

The short form is the hash of the long one, so nobody can put another document in its place. Forms 0, 1 and 3 are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from common.cache import FreshCache
from common.did.contract import DidNotFound, Resolved
from common.did.document import RELATIONSHIPS, Relationship, check_document
from common.did.multihash import sha256_multihash
from common.did.syntax import ParsedDid
from common.encoding import b64url_decode, b64url_encode, compact_json, parse_json_object
from common.errors import Malformed, Unsupported
from common.ids import Did
from common.keys.multikey import base58btc_decode, base58btc_encode
from common.ports import Fetch

CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")
PURPOSES: Mapping[str, Relationship] = {
    "A": "assertionMethod",
    "E": "keyAgreement",
    "V": "authentication",
    "I": "capabilityInvocation",
    "D": "capabilityDelegation",
}
_MAX_DID = 8192
_MAX_ELEMENTS = 64
_MULTIKEY = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{46,250}")
_FORM_4 = re.compile(r"4(zQm[1-9A-HJ-NP-Za-km-z]{44})(?::(z[1-9A-HJ-NP-Za-km-z]+))?")
_JSON_CODE = b"\x80\x04"  # multicodec json, 0x0200 as a varint
_SHORT = {"type": "t", "serviceEndpoint": "s", "routingKeys": "r", "accept": "a"}
_LONG = {short: word for word, short in _SHORT.items()}
_REMEMBERED, _REMEMBERED_SECONDS = 1024, 30 * 24 * 3600


class DidPeer:
    """Implements common.did.contract.DidMethod. Remembers the long forms that it has seen, within bounds."""

    name = "peer"
    self_contained = True

    def __init__(self) -> None:
        self._long_forms: FreshCache[str] = FreshCache(_REMEMBERED)

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool, now: int) -> Resolved:  # noqa: ARG002 - nothing to ask
        """The document that the identifier spells out. Raises Malformed, DidNotFound for a short form whose long form was not seen,
        Unsupported for another form.
        """
        if did.identifier.startswith("2."):
            return Resolved(document=_document_2(did.did))
        if did.identifier.startswith("4"):
            short, encoded = _split_4(did.did)
            if encoded is None:
                known = self._long_forms.get(short, now=now)
                if known is None:
                    raise DidNotFound("the long form of this did:peer was never seen here")
                return Resolved(document=short_document(known.value))
            document = _document_4(did.did)
            self._long_forms.put(short, did.did, now=now, ttl=_REMEMBERED_SECONDS)
            return Resolved(document=document)
        raise Unsupported("unknown_peer_form", "this form of did:peer is not known here", known=("2", "4"))


def build_peer_2(keys: Sequence[tuple[Relationship, str]], services: Sequence[Mapping[str, Any]] = ()) -> Did:
    """Keys (purpose, multikey) and services → did:peer:2. Services' ids are relative. Raises Malformed."""
    codes = {relationship: code for code, relationship in PURPOSES.items()}
    elements = [f"{codes[relationship]}{multikey}" for relationship, multikey in keys]
    elements += [f"S{b64url_encode(compact_json(_rename(service, _SHORT)))}" for service in services]
    did = Did(f"did:peer:2.{'.'.join(elements)}")
    _document_2(did)
    return did


def build_peer_4(document: Mapping[str, Any]) -> Did:
    """An input document (no ``id``, relative references, no ``controller`` of its own) → did:peer:4 in the long form. Raises Malformed."""
    if "id" in document:
        raise Malformed("bad_did_document", "the document of a did:peer:4 has no id yet")
    encoded = "z" + base58btc_encode(_JSON_CODE + compact_json(document))
    did = Did(f"did:peer:4z{sha256_multihash(encoded.encode())}:{encoded}")
    _document_4(did)
    return did


def short_form(did: str) -> Did:
    """did:peer:4 in either form → its short form. Raises Malformed."""
    return Did(_split_4(did)[0])


def short_document(long_form: str) -> dict[str, Any]:
    """The document of the short form, given the long one. Raises Malformed."""
    short, _ = _split_4(long_form)
    return _contextualise(_decoded_4(long_form), did=short, also=long_form)


def _document_2(did: str) -> dict[str, Any]:
    elements = did.removeprefix("did:peer:2.").split(".")
    if len(elements) > _MAX_ELEMENTS or len(did) > _MAX_DID:
        raise Malformed("bad_did", f"a did:peer:2 has at most {_MAX_ELEMENTS} elements")
    methods: list[dict[str, Any]] = []
    services: list[dict[str, Any]] = []
    listed: dict[str, list[str]] = {}
    unnamed = 0
    for element in elements:
        code, value = element[:1], element[1:]
        if code == "S":
            service = _rename(parse_json_object(b64url_decode(value)), _LONG)
            if "id" not in service:
                service["id"] = f"#service-{unnamed}" if unnamed else "#service"
                unnamed += 1
            services.append(service)
        elif code in PURPOSES and _MULTIKEY.fullmatch(value):
            base58btc_decode(value[1:], longest=250)
            name = f"#key-{len(methods) + 1}"
            methods.append({"id": name, "controller": did, "type": "Multikey", "publicKeyMultibase": value})
            listed.setdefault(PURPOSES[code], []).append(name)
        else:
            raise Malformed("bad_did", "an element of a did:peer:2 is a key with its purpose, or a service")
    document: dict[str, Any] = {"@context": list(CONTEXTS), "id": did, "verificationMethod": methods, **listed}
    if services:
        document["service"] = services
    check_document(document, did=did)
    return document


def _split_4(did: str) -> tuple[str, str | None]:
    """(short form, encoded document or None). The hash is proven."""
    matched = _FORM_4.fullmatch(did.removeprefix("did:peer:")) if len(did) <= _MAX_DID else None
    if matched is None:
        raise Malformed("bad_did", "not a did:peer:4")
    encoded = matched[2]
    if encoded is not None and "z" + sha256_multihash(encoded.encode()) != matched[1]:
        raise Malformed("bad_did", "the document of a did:peer:4 is not the one that it names")
    return f"did:peer:4{matched[1]}", encoded


def _decoded_4(did: str) -> dict[str, Any]:
    _, encoded = _split_4(did)
    data = base58btc_decode(encoded[1:], longest=_MAX_DID) if encoded else b""
    if not data.startswith(_JSON_CODE):
        raise Malformed("bad_did", "a did:peer:4 carries a JSON document")
    document = parse_json_object(data[len(_JSON_CODE) :])
    if "id" in document:
        raise Malformed("bad_did_document", "the document of a did:peer:4 has no id of its own")
    return document


def _document_4(did: str) -> dict[str, Any]:
    return _contextualise(_decoded_4(did), did=did, also=_split_4(did)[0])


def _contextualise(document: dict[str, Any], *, did: str, also: str) -> dict[str, Any]:
    """The id, the other form as alias, and the DID as controller of what names none. document is a fresh copy."""
    aliases = document.get("alsoKnownAs", [])
    if not isinstance(aliases, list):
        raise Malformed("bad_did_document", "alsoKnownAs is a list")
    for member in ("verificationMethod", *RELATIONSHIPS):
        entries = document.get(member, [])
        for method in entries if isinstance(entries, list) else ():
            if isinstance(method, dict):
                method.setdefault("controller", did)
    found = {**document, "id": did, "alsoKnownAs": [*aliases, also]}
    check_document(found, did=did)
    return found


def _rename(value: Any, words: Mapping[str, str]) -> Any:
    """A service with its common words abbreviated or written out, at every depth: names of members, and the value of ``type``."""
    if isinstance(value, list):
        return list(map(partial(_rename, words=words), value))
    if not isinstance(value, dict):
        return value
    renamed = {words.get(name, name): _rename(inner, words) for name, inner in value.items()}
    if len(renamed) != len(value):
        raise Malformed("duplicate_member", "a service names one member twice")
    kind_name = words.get("type", "type")
    kinds = {"DIDCommMessaging": "dm"} if words is _SHORT else {"dm": "DIDCommMessaging"}
    kind = renamed.get(kind_name)
    if isinstance(kind, str):
        renamed[kind_name] = kinds.get(kind, kind)
    return renamed
