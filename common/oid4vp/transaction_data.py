"""Transaction data: what a holder authorises by presenting (OpenID4VP 1.0 §5.1, §8.4, appendix B.3.3.1).

No type is known to this wallet: every request that carries transaction data is refused. A verifier that sends some can check the hashes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from common.encoding import b64url_decode, b64url_encode, compact_json, parse_json_object
from common.errors import Malformed, Rejected, Unsupported
from common.oauth.wire import ShortText, Wire, read_wire

_BAD = "invalid_transaction_data"
DEFAULT_HASH = "sha-256"
_HASHES = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
"""Names of IANA's "Named Information Hash Algorithm" registry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionData:
    """encoded: the text as received; hashes are made over it. hash_algs: empty means sha-256. parameters: the whole object."""

    encoded: str = field(repr=False)
    type: str
    credential_ids: tuple[str, ...]
    hash_algs: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)


class _Wire(Wire):
    type: ShortText
    credential_ids: Annotated[list[ShortText], Field(min_length=1, max_length=64)]
    transaction_data_hashes_alg: Annotated[list[ShortText], Field(min_length=1, max_length=16)] | None = None


def build_transaction_data(parameters: Mapping[str, Any]) -> str:
    """The object (type, credential_ids, …) → the text that goes into the request."""
    encoded = b64url_encode(compact_json(dict(parameters)))
    parse_transaction_data(encoded)
    return encoded


def parse_transaction_data(encoded: str) -> TransactionData:
    """One text of the ``transaction_data`` array → object. Raises Malformed("invalid_transaction_data")."""
    try:
        parameters = parse_json_object(b64url_decode(encoded), max_bytes=1 << 16)
    except Malformed as error:
        raise Malformed(_BAD, error.detail) from error
    wire = read_wire(_Wire, parameters, code=_BAD)
    return TransactionData(
        encoded=encoded,
        type=wire.type,
        credential_ids=tuple(wire.credential_ids),
        hash_algs=tuple(wire.transaction_data_hashes_alg or ()),
        parameters=parameters,
    )


def require_known_types(
    items: Sequence[TransactionData], *, known: Collection[str], credential_ids: Collection[str]
) -> None:
    """A wallet's gate (§5.1: even one unknown type is an error). Raises Unsupported or Malformed("invalid_transaction_data")."""
    for item in items:
        if item.type not in known:
            raise Unsupported(_BAD, "a kind of transaction that this wallet does not know", known=tuple(sorted(known)))
        if not set(item.credential_ids) <= set(credential_ids):
            raise Malformed(_BAD, "transaction data for a credential that is not asked for")


def hash_transaction_data(encoded: str, *, alg: str = DEFAULT_HASH) -> str:
    """base64url of the hash over the text itself, without decoding it. Raises Unsupported for another algorithm."""
    if alg not in _HASHES:
        raise Unsupported(_BAD, known=tuple(_HASHES))
    return b64url_encode(_HASHES[alg](encoded.encode("utf-8", "surrogatepass")).digest())


def verify_transaction_hashes(items: Sequence[TransactionData], claims: Mapping[str, Any]) -> None:
    """claims: of the key binding JWT, verified. Every item sent must be there by its hash, in one of the algorithms allowed for it.

    Raises Rejected("request_not_met").
    """
    hashes = claims.get("transaction_data_hashes")
    alg = claims.get("transaction_data_hashes_alg", DEFAULT_HASH)
    if not isinstance(hashes, list) or not all(isinstance(one, str) for one in hashes) or not isinstance(alg, str):
        raise Rejected("request_not_met", "the holder did not sign the transaction data")
    for item in items:
        if alg not in (item.hash_algs or (DEFAULT_HASH,)) or alg not in _HASHES:
            raise Rejected("request_not_met", "the transaction data was hashed in another way than asked for")
        if item.hash_algs and "transaction_data_hashes_alg" not in claims:
            raise Rejected("request_not_met", "the hash algorithm of the transaction data is missing")
        wanted = hash_transaction_data(item.encoded, alg=alg)
        if not any(hmac.compare_digest(wanted.encode(), one.encode("utf-8", "replace")) for one in hashes):
            raise Rejected("request_not_met", "the holder signed other transaction data")
    if len(hashes) != len(items):
        raise Rejected("request_not_met", "the holder signed more transactions than asked for")
