"""The ways in which a status table is published: Token Status List as JWT and CWT, Bitstring Status List secured in two ways.

Bit orders differ (draft-20 §4.1: least significant first; Bitstring Status List 1.0 §3.3: most significant first), and a bitstring is for
one purpose, where a token's entry holds the whole state. So each rendering is made afresh from the table, and none from another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.encoding import compact_json
from common.errors import Unsupported
from common.formats.vcdm.moment import format_moment
from common.jose.jwt import build_jwt
from common.proofs.suites.registry import SUITES
from common.status.bits import StatusList
from common.status.bitstring import Bitstring
from common.status.bitstring_status_list import PURPOSES, build_bitstring_document
from common.status.contract import REFRESH, REVOKED, STATE, SUSPENDED, Family, ListIssuer, ListTimes, StatusTable
from common.status.token_status_list import MEDIA_TYPE, build_status_list_token
from common.status.token_status_list_cwt import MEDIA_TYPE as CWT_MEDIA_TYPE
from common.status.token_status_list_cwt import build_status_list_cwt

MESSAGES = ("valid", "revoked", "suspended", "undefined")
"""What a list of purpose ``message`` says: the table's states, in two bits. The last value never occurs (§2.1 names such ``undefined``)."""

_MARKED: dict[str, Callable[[int], bool]] = {
    "revocation": lambda value: value & STATE == REVOKED,
    "suspension": lambda value: value & STATE == SUSPENDED,
    "refresh": lambda value: value & REFRESH != 0,
}
_SUITE_OF = {"EdDSA": "eddsa-rdfc-2022", "ES256": "ecdsa-rdfc-2019", "ES384": "ecdsa-rdfc-2019"}


def pack_states(table: StatusTable, *, bits: int = 0) -> StatusList:
    """The states as a Token Status List (§7.1). bits: of one entry; 0: as few as are needed, so one unless something is suspended."""
    states = {index: value & STATE for index, value in table.values.items() if value & STATE}
    return StatusList.of_size(table.size, bits=bits or (2 if SUSPENDED in states.values() else 1), statuses=states)


def pack_purpose(table: StatusTable, purpose: str) -> Bitstring:
    """The table's entries for one purpose of a Bitstring Status List. Raises Unsupported for a purpose that it does not serve."""
    if purpose == "message":
        states = {index: value & STATE for index, value in table.values.items() if value & STATE}
        return Bitstring.of_size(table.size, size=2, statuses=states)
    if purpose not in _MARKED:
        raise Unsupported("unknown_status_purpose", known=PURPOSES)
    marked = _MARKED[purpose]
    return Bitstring.of_size(table.size, statuses={index: 1 for index, value in table.values.items() if marked(value)})


class TokenJwt:
    """Token Status List draft-20 §5.1."""

    name = "token_status_list_jwt"
    family: Family = "token_status_list"
    media_types: tuple[str, ...] = (MEDIA_TYPE,)

    def render(
        self,
        table: StatusTable,
        *,
        uri: str,
        purpose: str,  # noqa: ARG002 - a token's entry holds the whole state
        issuer: ListIssuer,
        times: ListTimes,
        aggregation_uri: str | None = None,
    ) -> bytes:
        return build_status_list_token(
            pack_states(table), issuer.signer, **_arguments(table, uri, issuer, times, aggregation_uri)
        ).encode("ascii")


class TokenCwt:
    """Token Status List draft-20 §5.2."""

    name = "token_status_list_cwt"
    family: Family = "token_status_list"
    media_types: tuple[str, ...] = (CWT_MEDIA_TYPE,)

    def render(
        self,
        table: StatusTable,
        *,
        uri: str,
        purpose: str,  # noqa: ARG002 - as above
        issuer: ListIssuer,
        times: ListTimes,
        aggregation_uri: str | None = None,
    ) -> bytes:
        return build_status_list_cwt(
            pack_states(table), issuer.signer, **_arguments(table, uri, issuer, times, aggregation_uri)
        )


def _arguments(
    table: StatusTable, uri: str, issuer: ListIssuer, times: ListTimes, aggregation_uri: str | None
) -> dict[str, Any]:
    return {
        "uri": uri,
        "issued_at": times.issued_at,
        "expires_at": times.expires_at,
        "ttl": times.ttl,
        "aggregation_uri": aggregation_uri,
        "x5c": issuer.x5c,
        "key_id": issuer.key_id,
        "version": table.version,
    }


class BitstringDataIntegrity:
    """Bitstring Status List 1.0 with a proof of VC Data Integrity: the RDFC suite of the issuer's key."""

    name = "bitstring_data_integrity"
    family: Family = "bitstring"
    media_types: tuple[str, ...] = ("application/vc", "application/ld+json", "application/json")

    def render(
        self,
        table: StatusTable,
        *,
        uri: str,
        purpose: str,
        issuer: ListIssuer,
        times: ListTimes,
        aggregation_uri: str | None = None,  # noqa: ARG002 - the text knows none
    ) -> bytes:
        """Raises Unsupported where no suite goes with the signer's algorithm."""
        if issuer.signer.alg not in _SUITE_OF:
            raise Unsupported("no_cryptosuite", "no cryptosuite goes with this key", known=tuple(_SUITE_OF))
        document = _document(table, uri, purpose, issuer, times)
        suite = SUITES[_SUITE_OF[issuer.signer.alg]]
        options = {
            "type": "DataIntegrityProof",
            "cryptosuite": suite.name,
            "created": format_moment(times.issued_at),
            "verificationMethod": issuer.key_id,
            "proofPurpose": "assertionMethod",
        }
        return compact_json({**document, "proof": suite.create_proof(document, options, issuer.signer)})


class BitstringJwt:
    """Bitstring Status List 1.0 as ``vc+jwt`` (VC-JOSE-COSE 1.0 §3.1)."""

    name = "bitstring_vc_jwt"
    family: Family = "bitstring"
    media_types: tuple[str, ...] = ("application/vc+jwt",)

    def render(
        self,
        table: StatusTable,
        *,
        uri: str,
        purpose: str,
        issuer: ListIssuer,
        times: ListTimes,
        aggregation_uri: str | None = None,  # noqa: ARG002 - the text knows none
    ) -> bytes:
        header: dict[str, Any] = {"typ": "vc+jwt", "cty": "vc", "kid": issuer.key_id}
        if issuer.x5c:
            header["x5c"] = list(issuer.x5c)
        return build_jwt(header, _document(table, uri, purpose, issuer, times), issuer.signer).encode("ascii")


def _document(table: StatusTable, uri: str, purpose: str, issuer: ListIssuer, times: ListTimes) -> dict[str, Any]:
    return build_bitstring_document(
        pack_purpose(table, purpose),
        uri=uri,
        issuer=issuer.id,
        purposes=(purpose,),
        valid_from=times.issued_at,
        valid_until=times.expires_at,
        ttl=times.ttl,
        messages=MESSAGES if purpose == "message" else (),
    )
