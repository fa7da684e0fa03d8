"""Credentials and presentations in JOSE and COSE for the VC API: in an envelope, or as the text that stands in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed, Rejected, TegataError
from common.formats.credential import VerifiedCredential
from common.formats.data_integrity.policy import Policy, Unknown
from common.formats.data_integrity.policy import Profile as ProofProfile
from common.formats.data_integrity.proof_set import VerifiedProof
from common.formats.vc_jose_cose.credential_of import credential_of
from common.formats.vc_jose_cose.enveloped import (
    Secured,
    decode_base64,
    read_enveloped_credential,
    read_enveloped_presentation,
)
from common.formats.vc_jose_cose.media_type import Kind, MediaType, media_type
from common.formats.vc_jose_cose.parse_secured import ParsedSecured, parse_secured
from common.formats.vc_jose_cose.profile import Profile
from common.formats.vc_jose_cose.verify_secured import VerifiedSecured, verify_secured
from common.formats.vcdm.credential import CredentialDocument
from common.formats.vcdm.envelope import Envelope, build_envelope
from common.formats.vcdm.related_resource import check_related_resources
from common.formats.vcdm.terms import ENVELOPED_CREDENTIAL
from common.jose.jwt import time_claim
from verifier.flows.document_world import DocumentWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A credential whose signatures hold. proofs: of Data Integrity. unchecked_…: ids of what is not held here."""

    credential: VerifiedCredential
    proofs: tuple[VerifiedProof, ...] = ()
    unchecked_resources: tuple[str, ...] = ()
    unchecked_schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEnvelope:
    """What an envelope held. credentials: of a presentation all, of a credential itself. kid: of the key that signed the whole."""

    kid: str | None
    holder: str | None
    credentials: tuple[Proven, ...]
    warnings: tuple[TegataError, ...]


def read_secured(value: Mapping[str, Any] | str, kind: Kind, name: str) -> Secured:
    """An envelope, or what stands in one. name: the media type of a text, "" to find it out. Raises Malformed, Unsupported."""
    if not isinstance(value, str):
        return read_enveloped_credential(value) if kind == "vc" else read_enveloped_presentation(value)
    found = media_type(name) if name else _guess(value, kind)
    if found.kind != kind:
        raise Malformed("bad_envelope", f"{found.full} is another kind of document")
    return Secured(media_type=found, data=decode_base64(value) if found.securing == "cose" else value)


def _guess(text: str, kind: Kind) -> MediaType:
    """A tilde is in every SD-JWT, two dots in every JWT, and neither in base64."""
    securing = "sd-jwt" if "~" in text else "jwt" if text.count(".") == 2 else "cose"
    return media_type(f"{kind}+{securing}")


def verify_secured_credential(
    secured: Secured,
    world: DocumentWorld,
    *,
    policy: Policy,
    now: int,
    audience: str | None = None,
    nonce: str | None = None,
) -> ProvenEnvelope:
    """audience, nonce: of an SD-JWT's key binding, None where not asked. Raises as `verify_secured`, and what finding the key raises."""
    parsed = parse_secured(secured.data, secured.media_type)
    key = world.issuer_key(parsed.issuer_key_hint, claimed=time_claim(parsed.claims, "iat"))
    verified = verify_secured(
        parsed,
        key,
        now=now,
        audience=audience,
        nonce=nonce,
        profile=_profile(policy),
        leeway=policy.leeway,
    )
    return ProvenEnvelope(
        kid=verified.kid, holder=None, credentials=(_proven(verified, policy),), warnings=verified.warnings
    )


def verify_secured_presentation(
    secured: Secured, world: DocumentWorld, *, policy: Policy, now: int, domain: str | None, challenge: str | None
) -> ProvenEnvelope:
    """The presentation by its holder's key, then each credential in it by its issuer's. Raises as above."""
    parsed = parse_secured(secured.data, secured.media_type)
    holder = parsed.party or _signer(parsed)
    verified = verify_secured(
        parsed,
        world.holder_key(holder, parsed.kid),
        now=now,
        audience=domain,
        nonce=challenge,
        profile=_profile(policy),
        leeway=policy.leeway,
    )
    held = [verify_secured_credential(each, world, policy=policy, now=now) for each in verified.enveloped]
    return ProvenEnvelope(
        kid=verified.kid,
        holder=holder,
        credentials=tuple(credential for each in held for credential in each.credentials),
        warnings=(*verified.warnings, *(warning for each in held for warning in each.warnings)),
    )


def open_envelope(envelope: Envelope, world: DocumentWorld, *, policy: Policy, now: int) -> VerifiedCredential:
    """An enveloped credential inside a presentation that is secured by Data Integrity. Raises as above."""
    content = ";".join((envelope.media_type, *envelope.parameters))
    rebuilt = build_envelope(ENVELOPED_CREDENTIAL, media_type=content, content=envelope.content)
    secured = read_enveloped_credential(rebuilt)
    (proven,) = verify_secured_credential(secured, world, policy=policy, now=now).credentials
    return proven.credential


def _signer(parsed: ParsedSecured) -> str:
    """A presentation that names no holder is its signer's: ``iss``, or the DID of its key. Raises Rejected("wrong_holder")."""
    named = parsed.claims.get("iss", (parsed.kid or "").partition("#")[0])
    if not isinstance(named, str) or not named:
        raise Rejected("wrong_holder", "the presentation does not say whose it is")
    return named


def _profile(policy: Policy) -> Profile:
    return Profile.PROOF_ONLY if policy.profile is ProofProfile.PROOF_ONLY else Profile.STRICT


def _proven(verified: VerifiedSecured, policy: Policy) -> Proven:
    """What is left to the caller of `verify_secured`: related resources and schemas."""
    credential = credential_of(verified)
    read = verified.read
    assert isinstance(read, CredentialDocument)
    resources = check_related_resources(read.related_resources, policy.contents)
    check = policy.check_schema
    schemas = tuple(schema.id for schema in read.schemas if check is None or not check(schema, read.document))
    if policy.unknown is Unknown.REFUSED and (resources or schemas):
        raise Rejected("request_not_met", "a related resource or a schema is not held here, so it cannot be checked")
    return Proven(credential=credential, unchecked_resources=resources, unchecked_schemas=schemas)
