"""A document of VCDM 2.0 → the same, secured by an envelope: six media types, one function. VC-JOSE-COSE 1.0 §3.

The claims set *is* the document; beside it stand only ``iss`` and, where asked for, ``iat`` and ``exp``, which speak of the signature
(§3.1.3). In COSE they stand in the protected header as CWT claims (RFC 9597), and the payload is the document alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.cose.cwt import EXP, IAT, ISS
from common.cose.headers import CONTENT_TYPE, KID, TYP
from common.cose.sign1 import sign_sign1
from common.encoding import compact_json
from common.errors import Malformed
from common.formats.credential import ClaimsPath
from common.formats.vc_jose_cose.claims_path import mark_disclosable
from common.formats.vc_jose_cose.enveloped import read_enveloped_credential
from common.formats.vc_jose_cose.known_members import check_members
from common.formats.vc_jose_cose.media_type import MediaType
from common.formats.vcdm.credential import read_credential
from common.formats.vcdm.presentation import read_presentation
from common.jose.jwt import build_jwt
from common.jose.sd_jwt import issue_sd_jwt
from common.ports import Signer

CWT_CLAIMS = 15
"""The header parameter that carries CWT claims (RFC 9597 §2)."""


def secure(
    document: Mapping[str, Any],
    media_type: MediaType,
    signer: Signer,
    *,
    key_id: str | None = None,
    issued_at: int | None = None,
    expires_at: int | None = None,
    disclosable: Sequence[ClaimsPath] = (),
    decoys: int = 0,
    extra: Mapping[str, Any] | None = None,
) -> str | bytes:
    """Text (JOSE, SD-JWT) or bytes (COSE, tagged).

    1. the document keeps the rules of VCDM 2.0; it has no ``vc`` and no ``vp``; each member is defined by a context by name
    2. credentials in a presentation are enveloped (what is in an envelope is its issuer's matter, and not read)
    3. claims about the signature agree with the document
    4. what may be held back is marked (SD-JWT only)
    5. header: typ, cty, kid; the signature
    key_id: the URL of the verification method, the signer's own kid unless given. extra: further claims (``aud``, ``nonce``, ``cnf``),
    JOSE and SD-JWT only. Raises Malformed.
    """
    # 1, 2 · document
    party = check_document(document, media_type)
    # 3 · claims about the signature
    claims: dict[str, Any] = {"iss": party} if party is not None else {}
    if issued_at is not None:
        claims["iat"] = issued_at
    if expires_at is not None:
        claims["exp"] = expires_at
    kid = key_id or signer.kid
    if media_type.securing == "cose":
        if disclosable or extra:
            raise Malformed("bad_options", "COSE has no disclosures here, and no further claims")
        return _sign_cose(document, media_type, signer, kid, claims)
    claims |= extra or {}
    for name, value in claims.items():
        if document.get(name, value) != value:
            raise Malformed("bad_claims", f"{name} stands in the document with another value")
    header = {"typ": media_type.typ, "cty": media_type.kind, "kid": kid}
    if media_type.securing == "jwt":
        if disclosable:
            raise Malformed("bad_options", "a JWT discloses everything")
        return build_jwt(header, {**document, **claims}, signer)
    # 4 · disclosures
    try:
        return issue_sd_jwt(header, {**mark_disclosable(document, disclosable), **claims}, signer, decoys=decoys)
    except ValueError:
        raise Malformed("bad_document", "no member of what an SD-JWT secures is named _sd, _sd_alg or ...") from None


def _sign_cose(
    document: Mapping[str, Any], media_type: MediaType, signer: Signer, kid: str, claims: Mapping[str, Any]
) -> bytes:
    protected: dict[int | str, Any] = {
        TYP: media_type.full,
        CONTENT_TYPE: f"application/{media_type.kind}",
        KID: kid.encode("utf-8"),
    }
    if claims:
        protected[CWT_CLAIMS] = {_CWT_NUMBERS[name]: value for name, value in claims.items()}
    return sign_sign1(compact_json(dict(document)), signer, protected=protected, tagged=True)


_CWT_NUMBERS = {"iss": ISS, "iat": IAT, "exp": EXP}


def check_document(document: Mapping[str, Any], media_type: MediaType) -> str | None:
    """What must hold before we sign (steps 1 and 2 of `secure`). The issuer, or the holder where one is named. Raises Malformed."""
    if "vc" in document or "vp" in document:
        raise Malformed("bad_claims", "a document of VCDM 2.0 has no vc and no vp")
    if "proof" in document:
        raise Malformed("bad_document", "the document is secured already, by a proof in it")
    if media_type.kind == "vc":
        credential = read_credential(document)
        version, party = credential.version, credential.issuer
    else:
        presentation = read_presentation(document)
        version, party = presentation.version, presentation.holder or ""
        for held in presentation.credentials:
            read_enveloped_credential(held)
    if version != 2:
        raise Malformed("bad_context", "only VCDM 2.0 is secured like this")
    check_members(document)
    return party or None
