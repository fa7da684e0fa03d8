"""Secured text or bytes → document and header, nothing believed. VC-JOSE-COSE 1.0 §3, §5.

The three envelopes come out alike: a header, the claims that speak of the signature, the document, and what the signature covers.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.cose.cwt import AUD, CTI, EXP, IAT, ISS, NBF, SUB
from common.cose.headers import CONTENT_TYPE, TYP, ParsedCose
from common.cose.sign1 import parse_sign1
from common.encoding import parse_json_object
from common.errors import Malformed
from common.formats.credential import IssuerKeyHint
from common.formats.vc_jose_cose.media_type import MediaType, check_content_type
from common.formats.vc_jose_cose.secure import CWT_CLAIMS
from common.formats.vcdm.identifier import read_id
from common.jose.jws import ParsedJws, same_typ
from common.jose.jwt import parse_jwt
from common.jose.sd_jwt import ParsedSdJwt, parse_sd_jwt, unpack

MAX_BYTES = 1 << 20
NEVER_DISCLOSED = frozenset({"iss", "aud", "exp", "nbf", "cnf", "vc", "vp"})
_CWT_NAMES = {ISS: "iss", SUB: "sub", AUD: "aud", EXP: "exp", NBF: "nbf", IAT: "iat", CTI: "cti", 10: "nonce"}
_SIGNATURE_CLAIMS = ("iss", "sub", "jti", "aud", "exp", "nbf", "iat", "nonce", "cnf")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSecured:
    """Read, not verified. document: with every disclosure in its place. claims: those about the signature (``iss``, ``iat``, ``exp`` …)."""

    media_type: MediaType
    envelope: ParsedJws | ParsedSdJwt | ParsedCose = field(repr=False)
    alg: str
    kid: str | None
    x5c: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    @property
    def party(self) -> str | None:
        """The issuer of a credential, the holder of a presentation (None where it names none). Raises Malformed."""
        if self.media_type.kind == "vc":
            return read_id(self.document.get("issuer"), "issuer")
        return read_id(self.document["holder"], "holder") if "holder" in self.document else None

    @property
    def issuer_key_hint(self) -> IssuerKeyHint:
        """Where the key may be found. Raises Malformed."""
        named = self.claims.get("iss", self.party)
        return IssuerKeyHint(
            format=self.media_type.typ,
            iss=named if isinstance(named, str) else None,
            kid=self.kid,
            x5c=self.x5c,
            alg=self.alg,
        )


def parse_secured(data: str | bytes, media_type: MediaType) -> ParsedSecured:
    """data: text for JOSE and SD-JWT, bytes for COSE. Raises Malformed, Rejected("disclosure_invalid" | "algorithm_not_allowed").

    The type is read here: ``typ`` must be this media type (RFC 8725 §3.11), ``cty`` what it secures.
    """
    if media_type.securing == "cose":
        if not isinstance(data, bytes):
            raise Malformed("bad_cose", "COSE is bytes")
        return _parse_cose(data, media_type)
    if not isinstance(data, str):
        raise Malformed("bad_jws", "JOSE is text")
    return _parse_sd_jwt(data, media_type) if media_type.securing == "sd-jwt" else _parse_jwt(data, media_type)


def _parse_jwt(text: str, media_type: MediaType) -> ParsedSecured:
    token = parse_jwt(text, max_bytes=MAX_BYTES)
    _check_types(token.header.get("typ"), token.header.get("cty"), "cty" in token.header, media_type)
    return _build(media_type, token.jws, token.header, token.jws.alg, token.claims)


def _parse_sd_jwt(text: str, media_type: MediaType) -> ParsedSecured:
    parsed = parse_sd_jwt(text, max_bytes=MAX_BYTES)
    header = parsed.token.header
    _check_types(header.get("typ"), header.get("cty"), "cty" in header, media_type)
    claims = unpack(parsed.token.claims, parsed.disclosures, never_disclosed=NEVER_DISCLOSED)
    return _build(media_type, parsed, header, parsed.token.alg, claims)


def _build(
    media_type: MediaType,
    envelope: ParsedJws | ParsedSdJwt,
    header: Mapping[str, Any],
    alg: str,
    document: Mapping[str, Any],
) -> ParsedSecured:
    kid, x5c = header.get("kid"), header.get("x5c", [])
    if kid is not None and not isinstance(kid, str):
        raise Malformed("bad_kid", "kid is text")
    if not isinstance(x5c, list) or not all(isinstance(certificate, str) for certificate in x5c):
        raise Malformed("bad_x5c", "x5c is an array of texts")
    return ParsedSecured(
        media_type=media_type,
        envelope=envelope,
        alg=alg,
        kid=kid,
        x5c=tuple(x5c),
        claims={name: document[name] for name in _SIGNATURE_CLAIMS if name in document},
        document=document,
    )


def _check_types(typ: object, cty: object, has_cty: bool, media_type: MediaType) -> None:
    if not same_typ(typ, media_type.typ):
        raise Malformed("bad_typ", f"typ must be {media_type.typ}")
    if has_cty:
        check_content_type(cty, media_type)


def _parse_cose(data: bytes, media_type: MediaType) -> ParsedSecured:
    parsed = parse_sign1(data, max_bytes=MAX_BYTES)
    if parsed.payload is None:
        raise Malformed("bad_cose", "the payload is detached")
    header = parsed.protected
    _check_types(header.get(TYP), header.get(CONTENT_TYPE), CONTENT_TYPE in header, media_type)
    stated = header.get(CWT_CLAIMS, {})
    if not isinstance(stated, Mapping):
        raise Malformed("bad_cose", "CWT claims are a map")
    try:
        kid = parsed.kid.decode("utf-8") if parsed.kid is not None else None
    except UnicodeDecodeError:
        kid = None  # any bytes may be a kid; as a name of a verification method these are none
    return ParsedSecured(
        media_type=media_type,
        envelope=parsed,
        alg=parsed.alg,
        kid=kid,
        x5c=tuple(_base64(certificate) for certificate in parsed.x5chain),
        claims={_CWT_NAMES[key]: value for key, value in stated.items() if key in _CWT_NAMES},
        document=parse_json_object(parsed.payload, max_bytes=MAX_BYTES),
    )


def _base64(certificate: bytes) -> str:
    return base64.b64encode(certificate).decode("ascii")
