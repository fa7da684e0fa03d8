"""Who asks: the Client Identifier with its prefix, and the proof that the request's key belongs to it (OpenID4VP 1.0 §5.9).

Prefixes: decentralized_identifier, x509_san_dns, x509_hash; redirect_uri (cannot be signed: sandbox only, see ``authorization_request``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.x509 import Certificate

from common.did.syntax import parse_did, parse_did_url
from common.encoding import b64url_encode
from common.errors import Malformed, Rejected, Unsupported
from common.ids import DidUrl
from common.jose.jwk import PublicKey, export_public_jwk, parse_public_jwk
from common.oauth.wire import parse_address
from common.x509.x5c import parse_x5c, sha256_hash, verify_x5c

_BAD = "invalid_request"


class Prefix(StrEnum):
    """Client Identifier Prefixes understood here (§5.9.3)."""

    DECENTRALIZED_IDENTIFIER = "decentralized_identifier"
    X509_SAN_DNS = "x509_san_dns"
    X509_HASH = "x509_hash"
    REDIRECT_URI = "redirect_uri"


PREFIXES = tuple(prefix.value for prefix in Prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientId:
    """identifier: what follows the prefix: a DID, a DNS name, a base64url SHA-256, an address."""

    prefix: Prefix
    identifier: str

    def __str__(self) -> str:
        """The full identifier: the audience of every presentation (§14.10: always the full one)."""
        return f"{self.prefix.value}:{self.identifier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedClient:
    """A client whose key is proven to be its own. key: None for redirect_uri, which proves nothing.

    subject, dns_names: of the certificate, to show; empty for DIDs. root_subject: the trusted root that vouches.
    """

    client_id: ClientId
    key: PublicKey | None
    subject: str = ""
    dns_names: tuple[str, ...] = ()
    root_subject: str = ""


def parse_client_id(text: str) -> ClientId:
    """Text → client identifier. Raises Malformed("invalid_request"), and Unsupported("client_id_prefix_not_supported") for another
    prefix, or none (a pre-registered client, §5.9.2: we have no register)."""
    if len(text) > 2048:
        raise Malformed(_BAD, "the client_id is too long")
    name, colon, identifier = text.partition(":")
    if not colon or name not in PREFIXES:
        raise Unsupported("client_id_prefix_not_supported", known=PREFIXES)
    client_id = ClientId(prefix=Prefix(name), identifier=identifier)
    if client_id.prefix is Prefix.DECENTRALIZED_IDENTIFIER:
        try:
            parse_did(identifier)
        except Malformed as error:
            raise Malformed(_BAD, "the client_id holds no DID") from error
    elif client_id.prefix is Prefix.REDIRECT_URI:
        parse_address(identifier, code=_BAD)
    elif not identifier or not identifier.isascii() or not identifier.isprintable():
        raise Malformed(_BAD, "the client_id names nobody")
    return client_id


def x509_hash_client_id(leaf_der: bytes) -> ClientId:
    """The client identifier of a certificate: base64url of the SHA-256 of its DER."""
    return ClientId(prefix=Prefix.X509_HASH, identifier=b64url_encode(sha256(leaf_der).digest()))


def did_key_needed(client_id: ClientId, header: Mapping[str, Any]) -> DidUrl | None:
    """The DID URL whose key the wallet must resolve before ``verify_client``; None for the other prefixes.

    Raises Malformed, Rejected("untrusted_key") where ``kid`` is a key of another DID.
    """
    if client_id.prefix is not Prefix.DECENTRALIZED_IDENTIFIER:
        return None
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise Malformed(_BAD, "a request of a DID names its key by kid")
    try:
        url = parse_did_url(kid)
    except Malformed as error:
        raise Malformed(_BAD, "kid is not a DID URL") from error
    if url.did.did != client_id.identifier or not url.fragment:
        raise Rejected("untrusted_key", "the request is signed by a key of another DID")
    return url.url


def verify_client(
    client_id: ClientId,
    header: Mapping[str, Any],
    *,
    response_uri: str,
    did_key: PublicKey | None,
    roots: Iterable[Certificate],
    now: int,
) -> VerifiedClient:
    """The key that may sign for this client (§5.9.3). did_key: what the wallet resolved for ``did_key_needed``. now: seconds.

    1. DID: the key of the DID that kid names; 2. x509_*: the chain up to a trusted root, then the name or the hash of the leaf
    3. x509_san_dns: the response goes to that very host, since there is no list of clients trusted to send it elsewhere
    The caller still owes the signature. Raises Malformed, Rejected("untrusted_key" and the chain's own reasons).
    """
    # 1 · DID
    if client_id.prefix is Prefix.DECENTRALIZED_IDENTIFIER:
        did_key_needed(client_id, header)
        if did_key is None:
            raise Rejected("untrusted_key", "the DID has no such key")
        return VerifiedClient(client_id=client_id, key=did_key)
    if client_id.prefix is Prefix.REDIRECT_URI:
        raise Malformed(_BAD, "requests with the redirect_uri prefix cannot be signed")
    # 2 · certificate
    chain = header.get("x5c")
    if not isinstance(chain, list):
        raise Malformed(_BAD, "this client_id needs certificates in x5c")
    parse_x5c(chain)
    by_name = client_id.prefix is Prefix.X509_SAN_DNS
    verified = verify_x5c(chain, roots, now=now, dns_name=client_id.identifier if by_name else None)
    if not by_name and b64url_encode(sha256_hash(chain)) != client_id.identifier:
        raise Rejected("untrusted_key", "the certificate is not the one that the client_id names")
    # 3 · where the answer goes
    if by_name and (urlsplit(response_uri).hostname or "").lower() != client_id.identifier.lower():
        raise Rejected("untrusted_key", "the response would go to another host than the client's")
    return VerifiedClient(
        client_id=client_id,
        key=parse_public_jwk(export_public_jwk(verified.public_key)),
        subject=verified.subject,
        dns_names=verified.dns_names,
        root_subject=verified.root_subject,
    )
