"""A secured document that was proven → the credential that it is, with what its caller still has to ask for."""

from __future__ import annotations

from common.errors import Rejected
from common.formats.bitstring_entry import parse_credential_status
from common.formats.credential import VerifiedCredential
from common.formats.status_claim import parse_status_claim
from common.formats.vc_jose_cose.verify_secured import VerifiedSecured
from common.formats.vcdm.credential import CredentialDocument
from common.formats.vcdm.holder_key import key_of_did
from common.jose.jwt import time_claim


def credential_of(verified: VerifiedSecured) -> VerifiedCredential:
    """Of a credential with one subject that subject's claims; of several none, as for Data Integrity.

    Raises Malformed; Rejected("wrong_type") for a presentation, Rejected("status_unknown") for a status of an unknown kind.
    """
    read = verified.read
    if not isinstance(read, CredentialDocument):
        raise Rejected("wrong_type", "this is a presentation")
    claimed = parse_status_claim(verified.document)
    statuses = (*((claimed,) if claimed is not None else ()), *parse_credential_status(verified.document))
    subject = read.subjects[0] if len(read.subjects) == 1 else {}
    holder = subject.get("id")
    return VerifiedCredential(
        format=verified.media_type.typ,
        types=read.types,
        issuer=read.issuer,
        claims=verified.document,
        subject={name: value for name, value in subject.items() if name != "id"},
        holder_jwk=key_of_did(holder) if isinstance(holder, str) else None,
        holder_did=holder if isinstance(holder, str) else None,
        issued_at=time_claim(verified.claims, "iat"),
        valid_from=read.valid_from,
        valid_until=read.valid_until,
        status=statuses[0] if statuses else None,
        more_statuses=statuses[1:],
        credential_id=read.id,
    )
