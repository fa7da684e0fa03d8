"""A secured document, proven: any of the six media types. VC-JOSE-COSE 1.0 §4 (keys), §5 (algorithms, validation); VCDM 2.0 §7.1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from common.cose.headers import ParsedCose
from common.cose.sign1 import verify_sign1
from common.errors import Malformed, Rejected, TegataError
from common.formats.credential import IssuerKeyHint
from common.formats.vc_jose_cose.enveloped import Secured, read_enveloped_credential
from common.formats.vc_jose_cose.media_type import MediaType
from common.formats.vc_jose_cose.parse_secured import ParsedSecured, parse_secured
from common.formats.vc_jose_cose.profile import Findings, Profile
from common.formats.vcdm.credential import CredentialDocument, read_credential
from common.formats.vcdm.identifier import is_url
from common.formats.vcdm.moment import check_validity
from common.formats.vcdm.presentation import PresentationDocument, read_presentation
from common.jose.jwk import PublicKey, parse_public_jwk
from common.jose.jws import ParsedJws, verify_jws
from common.jose.jwt import LEEWAY, check_audience, check_times
from common.jose.sd_jwt import ParsedSdJwt, verify_key_binding
from common.jose.sd_jwt.verify import holder_jwk

FindKey = Callable[[IssuerKeyHint], PublicKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSecured:
    """A document whose signature and form hold. party: issuer of a credential, holder of a presentation (None where it names none).

    read: the document by the rules of VCDM 2.0. enveloped: a presentation's credentials, *not verified yet*. warnings: what
    `Profile.PROOF_ONLY` told and did not judge; empty under `Profile.STRICT`.
    """

    media_type: MediaType
    document: Mapping[str, Any] = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    read: CredentialDocument | PresentationDocument = field(repr=False)
    party: str | None
    kid: str | None
    enveloped: tuple[Secured, ...] = field(repr=False)
    warnings: tuple[TegataError, ...]


def verify_secured(
    parsed: ParsedSecured,
    key: PublicKey,
    *,
    now: int,
    audience: str | None = None,
    nonce: str | None = None,
    profile: Profile = Profile.STRICT,
    leeway: int = LEEWAY,
) -> VerifiedSecured:
    """The document, once proven. What is marked ▽ is told and not judged under `Profile.PROOF_ONLY`.

    1. algorithm, signature, and for SD-JWT every disclosure              RFC 7515 §5.2, RFC 9901 §7.1, RFC 9052 §4.4
    2. no ``vc``, no ``vp``; the document keeps the rules                 §1.1.2.1; VCDM 2.0 §4
    3. ``iss`` is the issuer (the holder), as a text or an object's id    §4.1.2
    4. ▽ ``jti`` and ``sub`` do not contradict ``id`` and the subject's    §3.1.3
    5. ▽ ``kid`` names a key of a party that is a DID; it is a URL where ``iss`` is absent   §4.1.1, §4.3
    6. ▽ ``iat``, ``exp``, ``nbf`` of the signature                       §3.1.3, RFC 7519 §4.1, RFC 8392 §3.1
    7. ▽ ``validFrom``, ``validUntil`` of the data                         VCDM 2.0 §4.9
    8. every credential in a presentation is in an envelope; ▽ which can be read   §3.1.2
    9. audience and nonce, where the caller asked for them: of the presentation, or of the key binding of a ``vc+sd-jwt``
    Left to the caller: that ``key`` is the party's and for this purpose (§4), what stands in the envelopes (`verify_enveloped`), status,
    schema, related resources, that the party is trusted, that a nonce is used once.
    Raises Rejected or Malformed.
    """
    findings = Findings(profile)
    document, claims = parsed.document, parsed.claims
    # 1 · signature
    _verify_signature(parsed, key)
    # 2 · document
    if "vc" in document or "vp" in document:
        raise Malformed("bad_claims", "a document of VCDM 2.0 has no vc and no vp claim")
    read = read_credential(document) if parsed.media_type.kind == "vc" else read_presentation(document)
    if read.version != 2:
        raise Malformed("bad_context", "this media type secures VCDM 2.0")
    # 3 · one party
    party = parsed.party
    if "iss" in claims and party is not None and claims["iss"] != party:
        raise Malformed("bad_issuer", "iss names another than the document")
    # 4 · no contradictions
    findings.judge(lambda: _check_agreement(claims, read))
    # 5 · the key's name
    findings.judge(lambda: _check_kid(parsed.kid, party, has_iss="iss" in claims))
    # 6 · times of the signature
    findings.judge(lambda: check_times(claims, now=now, leeway=leeway))
    enveloped: tuple[Secured, ...] = ()
    if isinstance(read, CredentialDocument):
        # 7 · validity of the data
        begin, end = read.valid_from, read.valid_until
        findings.judge(lambda: check_validity(begin, end, now=now, leeway=leeway))
    else:
        # 8 · envelopes
        enveloped = tuple(read_enveloped_credential(held) for held in read.credentials)
        for held in enveloped:
            findings.judge(partial(parse_secured, held.data, held.media_type))
    # 9 · whom it was made for
    if audience is not None or nonce is not None:
        _check_recipient(parsed, audience=audience, nonce=nonce, now=now, leeway=leeway)
    return VerifiedSecured(
        media_type=parsed.media_type,
        document=document,
        claims=claims,
        read=read,
        party=party,
        kid=parsed.kid,
        enveloped=enveloped,
        warnings=tuple(findings.warnings),
    )


def _verify_signature(parsed: ParsedSecured, key: PublicKey) -> None:
    """The types were read by `parse_secured`, and so were the disclosures."""
    envelope = parsed.envelope
    if isinstance(envelope, ParsedCose):
        verify_sign1(envelope, key)
    elif isinstance(envelope, ParsedSdJwt):
        verify_jws(envelope.token.jws, key)
    else:
        assert isinstance(envelope, ParsedJws)
        verify_jws(envelope, key)


def _check_agreement(claims: Mapping[str, Any], read: CredentialDocument | PresentationDocument) -> None:
    if claims.get("jti", read.id) != read.id:
        raise Malformed("bad_claims", "jti and id disagree")
    subjects = read.subjects if isinstance(read, CredentialDocument) else ()
    if "sub" in claims and any(subject.get("id") != claims["sub"] for subject in subjects):
        raise Malformed("bad_claims", "sub and credentialSubject.id disagree")


def _check_kid(kid: str | None, party: str | None, *, has_iss: bool) -> None:
    if party is None:
        return
    if party.startswith("did:"):
        if kid is None or kid.partition("#")[0] not in (party, ""):
            raise Rejected("untrusted_key", "kid does not name a key of the DID that the document names")
    elif not has_iss and not is_url(kid):
        raise Malformed("bad_kid", "without iss, kid is the URL of a verification method")


def _check_recipient(parsed: ParsedSecured, *, audience: str | None, nonce: str | None, now: int, leeway: int) -> None:
    if parsed.media_type.kind == "vc":
        envelope = parsed.envelope
        jwk = holder_jwk(parsed.claims) if isinstance(envelope, ParsedSdJwt) else None
        if not isinstance(envelope, ParsedSdJwt) or jwk is None or audience is None or nonce is None:
            raise Rejected(
                "wrong_holder", "a credential alone proves no holder, unless it is an SD-JWT with key binding"
            )
        verify_key_binding(envelope, parse_public_jwk(jwk), audience=audience, nonce=nonce, now=now, leeway=leeway)
        return
    if audience is not None:
        check_audience(parsed.claims, audience)
    if nonce is not None and parsed.claims.get("nonce") != nonce:
        raise Rejected("wrong_nonce", "the presentation answers another request")


def verify_enveloped(
    verified: VerifiedSecured, find_key: FindKey, *, now: int, profile: Profile = Profile.STRICT, leeway: int = LEEWAY
) -> tuple[VerifiedSecured, ...]:
    """The credentials of a presentation, each proven by the key that ``find_key`` finds for its issuer. Raises what they raise.

    Left to the caller: for each credential what `verify_secured` leaves, and that the presenter is the one whom it names.
    """
    proven = []
    for held in verified.enveloped:
        parsed = parse_secured(held.data, held.media_type)
        proven.append(verify_secured(parsed, find_key(parsed.issuer_key_hint), now=now, profile=profile, leeway=leeway))
    return tuple(proven)
