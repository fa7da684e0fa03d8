"""What a credential says, before it is issued and after it is proven. The same words for every format.

`CredentialContent` goes into a format's ``issue``. `VerifiedCredential` and `VerifiedPresentation` come out of a format's ``verify``
functions and out of nothing else (a house test looks): who holds one of them may read its claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.record import Record

ClaimsPath = tuple[str | int | None, ...]
"""A claims path pointer (OpenID4VP 1.0 §7): member name, array index, or None for every element of an array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReference:
    """Where a credential's status stands: entry ``index`` (0 is the first) of the list at ``uri``.

    purpose: ``status_list`` for a Token Status List (JWT or CWT), else the ``statusPurpose`` of a Bitstring Status List entry. size and
    messages are the latter's alone: bits of one entry, and the message of each of its values (empty where there are none).
    id: of the entry, for data models that want one written; not read.
    """

    uri: str
    index: int
    purpose: str = "status_list"
    size: int = 1
    messages: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKeyHint:
    """What an unverified credential says about its issuer's key. To be used to *find* a key, never to believe one.

    iss: https issuer identifier or DID, None when only ``x5c`` names the issuer. kid: as in the header (a DID URL for DIDs).
    x5c: base64 DER certificates, leaf first. alg: JOSE name.
    """

    format: str
    iss: str | None
    kid: str | None
    x5c: tuple[str, ...]
    alg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialContent:
    """All that an issuer says in one credential.

    claims: about the subject; objects and arrays may nest. always_disclosed: names of top-level claims that the holder cannot hold
    back (formats without selective disclosure disclose all). vct is for SD-JWT VC; w3c_types and contexts for W3C credentials,
    without ``VerifiableCredential`` and the base context, which every one has; doctype is for mdocs. names, descriptions: language
    tag → text, for W3C's ``name``. issuer: https identifier or DID. Times are seconds since 1970; issued_at None leaves it out.
    contexts: addresses, and inline JSON-LD contexts. holder_jwk, holder_did: the key that the credential is bound to, each format takes
    the one it can name. open_paths: claims that cannot be held back by themselves, at any depth, while what is in them can (an address
    in the open, its members not; None in a path stands for every element). aka_vcts: further types of an SD-JWT VC.
    more_statuses: beside ``status``, for the formats that can carry several (revocation and suspension).
    members, issuer_members: further members of a W3C document and of its issuer's object, beside what the other fields write.
    """

    type_name: str
    claims: Mapping[str, Any]
    issuer: str
    vct: str = ""
    doctype: str = ""
    vct_integrity: str | None = None
    w3c_types: tuple[str, ...] = ()
    contexts: tuple[str | Mapping[str, Any], ...] = ()
    always_disclosed: frozenset[str] = frozenset()
    open_paths: frozenset[ClaimsPath] = frozenset()
    aka_vcts: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    issuer_names: Mapping[str, str] = field(default_factory=dict)
    holder_jwk: Mapping[str, Any] | None = None
    holder_did: str | None = None
    issued_at: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    status: StatusReference | None = None
    more_statuses: tuple[StatusReference, ...] = ()
    credential_id: str | None = None
    members: Mapping[str, Any] = field(default_factory=dict)
    issuer_members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def statuses(self) -> tuple[StatusReference, ...]:
        """All of them, ``status`` first."""
        return (*((self.status,) if self.status is not None else ()), *self.more_statuses)


class VerifiedCredential(Record, frozen=True, kw_only=True):
    """A credential whose signature, times and structure hold. Trust in the issuer and status are still the caller's to judge.

    types: vct (then aka_vcts), or W3C types. claims: the whole document as signed and disclosed, the root that DCQL paths start from.
    subject: the claims about the subject alone, without the format's own members; empty where there are several subjects.
    holder_jwk: the key it is bound to, if any. more_statuses: beside ``status``; every one of them has to be asked.
    partly_shown: names of top-level claims of which the holder holds something back inside, where the format lets them and tells.
    """

    format: str
    types: tuple[str, ...]
    issuer: str
    claims: Mapping[str, Any]
    subject: Mapping[str, Any]
    holder_jwk: Mapping[str, Any] | None
    holder_did: str | None
    issued_at: int | None
    valid_from: int | None
    valid_until: int | None
    status: StatusReference | None
    credential_id: str | None
    more_statuses: tuple[StatusReference, ...] = ()
    partly_shown: frozenset[str] = frozenset()

    @property
    def statuses(self) -> tuple[StatusReference, ...]:
        """All of them, ``status`` first."""
        return (*((self.status,) if self.status is not None else ()), *self.more_statuses)


class VerifiedPresentation(Record, frozen=True, kw_only=True):
    """A credential presented by the holder of its key, for this audience and nonce. presented_at: seconds, the holder's clock."""

    credential: VerifiedCredential
    audience: str
    nonce: str
    presented_at: int
