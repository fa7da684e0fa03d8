"""A W3C credential in a JWT, proven. VC-JOSE-COSE 1.0 §3.1, VCDM 2.0 §7.1; the 1.1 form by VCDM 1.1 §6.3.1."""

from __future__ import annotations

from common.errors import Malformed, Rejected
from common.formats.bitstring_entry import parse_credential_status
from common.formats.credential import VerifiedCredential
from common.formats.status_claim import parse_status_claim
from common.formats.vc_jose_cose.parse import FORMAT, ParsedVcJwt
from common.formats.vcdm.contexts import read_version
from common.formats.vcdm.document import read_subject, read_types
from common.formats.vcdm.holder_key import key_of_did
from common.formats.vcdm.identifier import read_id
from common.formats.vcdm.moment import check_validity, parse_moment
from common.formats.vcdm.terms import CREDENTIAL
from common.jose.jwk import PublicKey
from common.jose.jws import verify_jws
from common.jose.jwt import LEEWAY, check_times, time_claim


def verify_credential(
    parsed: ParsedVcJwt, issuer_key: PublicKey, *, now: int, leeway: int = LEEWAY
) -> VerifiedCredential:
    """The credential, once proven.

    1. header and signature                                        VC-JOSE-COSE §3.1.1 (typ was read by ``parse``)
    2. exp, nbf, iat of the JWT                                    RFC 7519
    3. the document: contexts, types, issuer, one subject          VCDM 2.0 §4
    4. issuer, iss and kid name one party                          VC-JOSE-COSE §3.3
    5. validFrom, validUntil (issuanceDate, expirationDate)        VCDM 2.0 §4.9, VCDM 1.1 §4.6
    6. every status is of a known kind                             Token Status List §6, Bitstring Status List §2.1
    7. the key of the subject's DID, where the DID carries it
    Left to the caller: that issuer_key is the issuer's for assertions, that this issuer is trusted for this type, the status itself.
    """
    token, document = parsed.token, parsed.document
    # 1 · header and signature
    verify_jws(token.jws, issuer_key)
    # 2 · times of the JWT
    check_times(token.claims, now=now, leeway=leeway)
    # 3 · document
    types = read_types(document, base=CREDENTIAL)
    issuer = read_id(document.get("issuer"), "issuer")
    holder_did, subject = read_subject(document)
    # 4 · one issuer
    if token.claims.get("iss", issuer) != issuer:
        raise Malformed("bad_issuer", "iss and issuer disagree")
    kid = token.kid
    if issuer.startswith("did:") and kid is not None and kid.startswith("did:") and kid.partition("#")[0] != issuer:
        raise Rejected("untrusted_key", "the key belongs to another DID than the issuer's")
    # 5 · validity
    # by the document's context and not by ``typ``: a 1.1 document under ``vc+jwt`` still says expirationDate
    begin, end = ("validFrom", "validUntil") if read_version(document) == 2 else ("issuanceDate", "expirationDate")
    valid_from = parse_moment(document[begin]) if begin in document else None
    valid_until = parse_moment(document[end]) if end in document else None
    check_validity(valid_from, valid_until, now=now, leeway=leeway)
    # 6 · status
    claimed = parse_status_claim(token.claims)
    statuses = (*((claimed,) if claimed is not None else ()), *parse_credential_status(document))
    # 7 · holder
    holder_jwk = key_of_did(holder_did) if holder_did is not None else None
    identifier = document.get("id")
    return VerifiedCredential(
        format=FORMAT,
        types=types,
        issuer=issuer,
        claims=document,
        subject=subject,
        holder_jwk=holder_jwk,
        holder_did=holder_did,
        issued_at=time_claim(token.claims, "iat"),
        valid_from=valid_from,
        valid_until=valid_until,
        status=statuses[0] if statuses else None,
        more_statuses=statuses[1:],
        credential_id=identifier if isinstance(identifier, str) else None,
    )
