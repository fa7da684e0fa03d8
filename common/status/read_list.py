"""What a status list's server answered → a verified list, by whichever way it is secured. Pure but for finding the key."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from common.encoding import parse_json
from common.errors import Malformed, Rejected
from common.formats.credential import IssuerKeyHint
from common.formats.registry import FORMATS
from common.formats.vc_jose_cose.parse import parse_credential as parse_vc_jwt
from common.jose.jwk import PublicKey
from common.status.bitstring_status_list import VerifiedBitstringList, verify_bitstring_list
from common.status.token_status_list import (
    MAX_TOKEN_BYTES,
    MEDIA_TYPE,
    VerifiedStatusList,
    parse_status_list_token,
    verify_status_list_token,
)
from common.status.token_status_list_cwt import MEDIA_TYPE as CWT_MEDIA_TYPE
from common.status.token_status_list_cwt import parse_status_list_cwt, verify_status_list_cwt

ACCEPT_TOKEN = f"{MEDIA_TYPE}, {CWT_MEDIA_TYPE};q=0.9"
ACCEPT_BITSTRING = "application/vc, application/vc+jwt;q=0.9, application/ld+json;q=0.8, application/json;q=0.7"

KeyOf = Callable[[IssuerKeyHint], PublicKey]
"""The key of the credential's issuer that a list's header names."""

_ENVELOPE, _ENVELOPED = "EnvelopedVerifiableCredential", "data:application/vc+jwt,"


def verify_token_answer(body: bytes, key_of: KeyOf, *, uri: str, issuer: str, now: int) -> VerifiedStatusList:
    """A Token Status List, JWT or CWT: a JWT is ASCII, a COSE message never begins so. Raises Malformed, Rejected, what key_of raises."""
    if body[:1] >= b"\x80":
        cwt = parse_status_list_cwt(body)
        kid = None if cwt.kid is None else cwt.kid.decode("utf-8", "replace")
        chain = tuple(b64encode(certificate).decode("ascii") for certificate in cwt.x5chain)
        key = key_of(IssuerKeyHint(format="statuslist+cwt", iss=issuer, kid=kid, x5c=chain, alg=cwt.alg))
        return verify_status_list_cwt(cwt, key, uri=uri, issuer=issuer, now=now)
    parsed = parse_status_list_token(_ascii(body))
    hint = IssuerKeyHint(format="statuslist+jwt", iss=issuer, kid=parsed.kid, x5c=_x5c(parsed.header), alg=parsed.alg)
    return verify_status_list_token(parsed, key_of(hint), uri=uri, issuer=issuer, now=now)


def verify_bitstring_answer(body: bytes, key_of: KeyOf, *, uri: str, issuer: str, now: int) -> VerifiedBitstringList:
    """A Bitstring Status List credential, secured with Data Integrity, as ``vc+jwt``, or enveloped. Raises as above, and Unsupported.

    Its issuer is compared before its key is searched for, so that nobody's list sends us to look for a stranger's key.
    """
    if len(body) > MAX_TOKEN_BYTES:
        raise Malformed("too_large", f"a status list has at most {MAX_TOKEN_BYTES} bytes")
    text = _utf8(body)
    if text.startswith("{"):
        document = parse_json(text, max_bytes=MAX_TOKEN_BYTES)
        enveloped = _unwrap(document)
        name, text = ("jwt_vc_json", enveloped) if enveloped is not None else ("ldp_vc", text)
    else:
        name = "jwt_vc_json"
    form = FORMATS[name]
    parsed = parse_vc_jwt(text, max_bytes=MAX_TOKEN_BYTES) if name == "jwt_vc_json" else form.parse(text)
    hint: IssuerKeyHint = parsed.issuer_key_hint
    if hint.iss != issuer:
        raise Rejected("untrusted_issuer", "the status list is another issuer's")
    credential = form.verify(parsed, key_of(hint), now=now)
    return verify_bitstring_list(credential, uri=uri, issuer=issuer)


def _unwrap(document: Mapping[str, Any]) -> str | None:
    types, address = document.get("type"), document.get("id")
    if types not in (_ENVELOPE, [_ENVELOPE]):
        return None
    if not isinstance(address, str) or not address.startswith(_ENVELOPED):
        raise Malformed("malformed_value_error", "an envelope around a status list holds a vc+jwt")
    return address.removeprefix(_ENVELOPED)


def _ascii(body: bytes) -> str:
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Malformed("bad_status_list", "not a JWT") from None


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Malformed("bad_status_list", "neither a JWT nor a JSON document") from None


def _x5c(header: Mapping[str, Any]) -> tuple[str, ...]:
    chain = header.get("x5c", [])
    if not isinstance(chain, list) or not all(isinstance(certificate, str) for certificate in chain):
        raise Malformed("bad_x5c", "x5c is an array of certificates")
    return tuple(chain)
