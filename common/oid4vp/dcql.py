"""Digital Credentials Query Language: the query itself, read and written (OpenID4VP 1.0 §6).

Matching is in ``dcql_match`` (wallet) and ``dcql_answer`` (verifier). Formats understood: dc+sd-jwt, jwt_vc_json, ldp_vc, mso_mdoc; a
query for another format is read, matches nothing here, and may be optional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from common.errors import Malformed
from common.formats.credential import ClaimsPath
from common.oauth.wire import ClaimsPath as ClaimsPathWire
from common.oauth.wire import Scalar, ShortText, Wire, read_wire

SD_JWT_VC = "dc+sd-jwt"
JWT_VC_JSON = "jwt_vc_json"
LDP_VC = "ldp_vc"
MSO_MDOC = "mso_mdoc"
_BAD = "bad_dcql_query"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimQuery:
    """values: empty means any. id: needed where the credential query has claim_sets.

    intent_to_retain: mdoc only (appendix B.2.4): whether the verifier will keep the value; None says nothing of it.
    """

    path: ClaimsPath
    id: str | None = None
    values: tuple[str | int | bool, ...] = ()
    intent_to_retain: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedAuthority:
    """type: aki, etsi_tl, openid_federation or a later one. One matching value is enough."""

    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialQuery:
    """From ``meta``: vct_values (dc+sd-jwt), type_values (jwt_vc_json, ldp_vc: alternatives of types that must all be there; expanded
    to IRIs where the format has a context to expand with), doctype_value (mso_mdoc).

    claims empty: only what the holder cannot hold back. claim_sets: ids of claims, the verifier's favourite first; empty: all claims.
    """

    id: str
    format: str
    vct_values: tuple[str, ...] = ()
    type_values: tuple[tuple[str, ...], ...] = ()
    doctype_value: str | None = None
    multiple: bool = False
    trusted_authorities: tuple[TrustedAuthority, ...] = ()
    holder_binding: bool = True
    claims: tuple[ClaimQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()

    def alternatives(self) -> tuple[tuple[ClaimQuery, ...], ...]:
        """The combinations of claims that would do, favourite first (§6.4.1). One empty combination where no claims are asked for."""
        if not self.claim_sets:
            return (self.claims,)
        named = {claim.id: claim for claim in self.claims}
        return tuple(tuple(named[name] for name in one) for one in self.claim_sets)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSetQuery:
    """options: lists of credential query ids; all ids of one option together satisfy the set. Favourite first."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DcqlQuery:
    """credential_sets empty: every credential is asked for."""

    credentials: tuple[CredentialQuery, ...]
    credential_sets: tuple[CredentialSetQuery, ...] = ()

    def credential(self, query_id: str) -> CredentialQuery | None:
        return next((one for one in self.credentials if one.id == query_id), None)

    def sets(self) -> tuple[CredentialSetQuery, ...]:
        """The sets, or the one that stands for "all of them" (§6.4.2)."""
        if self.credential_sets:
            return self.credential_sets
        return (CredentialSetQuery(options=(tuple(one.id for one in self.credentials),)),)


_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=128)]
_Type = Annotated[str, Field(min_length=1, max_length=2048)]


class _ClaimWire(Wire):
    id: _Id | None = None
    path: ClaimsPathWire
    values: Annotated[list[Scalar], Field(min_length=1, max_length=256)] | None = None
    intent_to_retain: bool | None = None


class _AuthorityWire(Wire):
    type: ShortText
    values: Annotated[list[_Type], Field(min_length=1, max_length=256)]


class _MetaWire(Wire):
    vct_values: Annotated[list[_Type], Field(min_length=1, max_length=64)] | None = None
    type_values: (
        Annotated[list[Annotated[list[_Type], Field(min_length=1, max_length=32)]], Field(min_length=1, max_length=64)]
        | None
    ) = None
    doctype_value: _Type | None = None


class _CredentialWire(Wire):
    id: _Id
    format: ShortText
    meta: _MetaWire
    multiple: bool = False
    trusted_authorities: Annotated[list[_AuthorityWire], Field(min_length=1, max_length=32)] | None = None
    require_cryptographic_holder_binding: bool = True
    claims: Annotated[list[_ClaimWire], Field(min_length=1, max_length=128)] | None = None
    claim_sets: (
        Annotated[list[Annotated[list[_Id], Field(min_length=1, max_length=128)]], Field(min_length=1, max_length=64)]
        | None
    ) = None


class _SetWire(Wire):
    options: Annotated[
        list[Annotated[list[_Id], Field(min_length=1, max_length=32)]], Field(min_length=1, max_length=64)
    ]
    required: bool = True


class _QueryWire(Wire):
    credentials: Annotated[list[_CredentialWire], Field(min_length=1, max_length=32)]
    credential_sets: Annotated[list[_SetWire], Field(min_length=1, max_length=32)] | None = None


def parse_query(data: bytes | str | Mapping[str, Any]) -> DcqlQuery:
    """JSON object → query. Raises Malformed("bad_dcql_query") (on the wire: invalid_request), also where ids are not unique or point
    nowhere, claim_sets stand without claims, or ``meta`` names the types of another format only."""
    wire = read_wire(_QueryWire, data, code=_BAD, max_bytes=1 << 17)
    query = DcqlQuery(
        credentials=tuple(_read_credential(one) for one in wire.credentials),
        credential_sets=tuple(
            CredentialSetQuery(options=tuple(tuple(option) for option in one.options), required=one.required)
            for one in wire.credential_sets or ()
        ),
    )
    ids = [one.id for one in query.credentials]
    if len(set(ids)) != len(ids):
        raise Malformed(_BAD, "two credential queries have one id")
    if any(name not in ids for one in query.credential_sets for option in one.options for name in option):
        raise Malformed(_BAD, "a credential set names a credential query that is not there")
    return query


def _read_credential(wire: _CredentialWire) -> CredentialQuery:
    claims = tuple(
        ClaimQuery(
            path=tuple(one.path),
            id=one.id,
            values=tuple(one.values or ()),
            intent_to_retain=one.intent_to_retain,
        )
        for one in wire.claims or ()
    )
    ids = [claim.id for claim in claims if claim.id is not None]
    if len(set(ids)) != len(ids):
        raise Malformed(_BAD, "two claims queries have one id")
    if wire.claim_sets is not None:
        if (
            len(ids) != len(claims) or not claims
        ):  # §6.3: with claim_sets every claim needs an id; §6.4.1: never without claims
            raise Malformed(_BAD, "claim_sets need claims, each with an id")
        if any(name not in ids for one in wire.claim_sets for name in one):
            raise Malformed(_BAD, "a claim set names a claim that is not there")
    if wire.format == MSO_MDOC:
        if wire.meta.doctype_value is None:  # appendix B.2.3
            raise Malformed(_BAD, "a query for an mdoc names its doctype_value")
        if any(len(claim.path) != 2 or not all(isinstance(part, str) for part in claim.path) for claim in claims):
            raise Malformed(_BAD, "a path into an mdoc is a namespace and a data element")  # §7.2
    return CredentialQuery(
        id=wire.id,
        format=wire.format,
        vct_values=tuple(wire.meta.vct_values or ()),
        type_values=tuple(tuple(one) for one in wire.meta.type_values or ()),
        doctype_value=wire.meta.doctype_value,
        multiple=wire.multiple,
        trusted_authorities=tuple(
            TrustedAuthority(type=one.type, values=tuple(one.values)) for one in wire.trusted_authorities or ()
        ),
        holder_binding=wire.require_cryptographic_holder_binding,
        claims=claims,
        claim_sets=tuple(tuple(one) for one in wire.claim_sets or ()),
    )


def build_query(query: DcqlQuery) -> dict[str, Any]:
    """The JSON object; defaults are left out."""
    body: dict[str, Any] = {"credentials": [_build_credential(one) for one in query.credentials]}
    if query.credential_sets:
        body["credential_sets"] = [
            {"options": [list(option) for option in one.options]} | ({} if one.required else {"required": False})
            for one in query.credential_sets
        ]
    return body


def _build_credential(one: CredentialQuery) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if one.vct_values:
        meta["vct_values"] = list(one.vct_values)
    if one.type_values:
        meta["type_values"] = [list(types) for types in one.type_values]
    if one.doctype_value is not None:
        meta["doctype_value"] = one.doctype_value
    body: dict[str, Any] = {"id": one.id, "format": one.format, "meta": meta}
    if one.multiple:
        body["multiple"] = True
    if one.trusted_authorities:
        body["trusted_authorities"] = [{"type": a.type, "values": list(a.values)} for a in one.trusted_authorities]
    if not one.holder_binding:
        body["require_cryptographic_holder_binding"] = False
    if one.claims:
        body["claims"] = [_build_claim(claim) for claim in one.claims]
    if one.claim_sets:
        body["claim_sets"] = [list(names) for names in one.claim_sets]
    return body


def _build_claim(claim: ClaimQuery) -> dict[str, Any]:
    body: dict[str, Any] = {"id": claim.id} if claim.id is not None else {}
    body["path"] = list(claim.path)
    if claim.values:
        body["values"] = list(claim.values)
    if claim.intent_to_retain is not None:
        body["intent_to_retain"] = claim.intent_to_retain
    return body
