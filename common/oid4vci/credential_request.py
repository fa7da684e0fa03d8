"""Credential Request (OpenID4VCI 1.0 §8.2): which credential, and one key proof for each copy wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from common.errors import Malformed, Refused, Unsupported
from common.oauth.wire import Compact, ShortText, Wire, read_wire
from common.oid4vci.token_response import AuthorizedCredential

_BAD = "invalid_credential_request"
MAX_PROOFS = 128
"""Upper bound of any batch; the advertised ``batch_size`` is the flow's bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRequest:
    """Exactly one of configuration_id and identifier is set. proofs: key proof JWTs, unverified; empty where none were sent."""

    configuration_id: str | None = None
    identifier: str | None = None
    proofs: tuple[str, ...] = field(default=(), repr=False)


class _Wire(Wire):
    credential_configuration_id: ShortText | None = None
    credential_identifier: ShortText | None = None
    proofs: dict[str, Any] | None = None
    credential_response_encryption: dict[str, Any] | None = None


class _JwtProofsWire(Wire):
    jwt: Annotated[list[Compact], Field(min_length=1, max_length=MAX_PROOFS)]


def build_credential_request(request: CredentialRequest) -> dict[str, Any]:
    """The JSON object."""
    body: dict[str, Any] = {}
    if request.identifier is not None:
        body["credential_identifier"] = request.identifier
    else:
        body["credential_configuration_id"] = request.configuration_id
    if request.proofs:
        body["proofs"] = {"jwt": list(request.proofs)}
    return body


def parse_credential_request(data: bytes | str | Mapping[str, Any], *, max_bytes: int = 1 << 18) -> CredentialRequest:
    """JSON object → request.

    Raises Malformed("invalid_credential_request"), Malformed("invalid_proof") for a wrong ``proofs`` member,
    Unsupported("invalid_proof") for another proof type, Unsupported("invalid_encryption_parameters") where an encrypted answer is wanted:
    this endpoint offers none (§8.2), and a plain answer would betray the wish.
    """
    wire = read_wire(_Wire, data, code=_BAD, max_bytes=max_bytes)
    if (wire.credential_configuration_id is None) == (wire.credential_identifier is None):
        raise Malformed(_BAD, "either credential_configuration_id or credential_identifier is needed")
    if wire.credential_response_encryption is not None:
        raise Unsupported("invalid_encryption_parameters", "encrypted credential responses are not offered here")
    proofs: tuple[str, ...] = ()
    if wire.proofs is not None:
        if len(wire.proofs) != 1:
            raise Malformed("invalid_proof", "proofs holds exactly one proof type")
        if "jwt" not in wire.proofs:
            raise Unsupported("invalid_proof", "the proof type is not supported; known here: jwt", known=("jwt",))
        proofs = tuple(read_wire(_JwtProofsWire, wire.proofs, code="invalid_proof").jwt)
    return CredentialRequest(
        configuration_id=wire.credential_configuration_id, identifier=wire.credential_identifier, proofs=proofs
    )


def verify_credential_request(
    request: CredentialRequest,
    *,
    authorized: Sequence[AuthorizedCredential],
    configurations: Sequence[str],
    batch_size: int = 1,
    proofs_needed: bool = True,
) -> AuthorizedCredential:
    """What the request may have, as one configuration with at most one identifier.

    authorized: what the access token stands for. configurations: ids in the issuer's metadata. batch_size: proofs allowed at once.
    Raises with the wire code: unknown_credential_identifier, unknown_credential_configuration, invalid_credential_request (identifier
    owed, §8.2), insufficient_scope (known, but not covered by this token, §8.3.1.1), invalid_proof (none, or too many).
    The caller still owes: the key proofs (``proof_jwt.verify_proofs``), the use of the nonce.
    """
    found = _find(request, authorized, configurations)
    if proofs_needed and not request.proofs:
        raise Malformed("invalid_proof", "a key proof is needed")
    if len(request.proofs) > batch_size:
        raise Malformed("invalid_proof", f"at most {batch_size} key proofs at once")
    return found


def _find(
    request: CredentialRequest, authorized: Sequence[AuthorizedCredential], configurations: Sequence[str]
) -> AuthorizedCredential:
    if request.identifier is not None:
        for one in authorized:
            if request.identifier in one.identifiers:
                return AuthorizedCredential(configuration_id=one.configuration_id, identifiers=(request.identifier,))
        raise Unsupported("unknown_credential_identifier", "this access token stands for no such credential")
    wanted = request.configuration_id
    if wanted not in configurations:
        raise Unsupported("unknown_credential_configuration", "no such credential is issued here")
    for one in authorized:
        if one.configuration_id == wanted:
            if one.identifiers:
                raise Malformed(_BAD, "the token response gave credential identifiers; one of them is to be used")
            return one
    raise Refused("insufficient_scope", "this access token does not stand for that credential")
