"""A W3C presentation with Data Integrity proofs, proven with all that it holds. VCDM 2.0 §4.13, §7.2; VC Data Integrity 1.0 §4.4."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.credential import VerifiedCredential, VerifiedPresentation
from common.formats.data_integrity.policy import STRICT, Policy, Profile
from common.formats.data_integrity.proof import check_domain_and_challenge, check_moment, check_purpose, parse_proofs
from common.formats.data_integrity.proof_set import VerifiedProof, verify_proofs
from common.formats.data_integrity.verification_methods import VerificationMethods
from common.formats.data_integrity.verify import (
    VerifiedDocument,
    check_names,
    check_signed_by,
    verify_credential,
    verify_unsigned_content,
)
from common.formats.vcdm.envelope import Envelope, is_enveloped, read_envelope
from common.formats.vcdm.presentation import PresentationDocument, read_presentation
from common.formats.vcdm.terms import ENVELOPED_CREDENTIAL

MAX_AGE = 300
"""Seconds between signing and verifying, as for key binding."""
OpenEnvelope = Callable[[Envelope], VerifiedCredential]
"""Verifies what another format secured. Raises Malformed, Rejected, Unsupported for a media type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPresentationDocument:
    """A proven presentation. holder: who signed it, None for one without proofs. presented_at: ``created`` of the holder's proof.

    credentials: in their order; what came in an envelope has no proofs of its own here.
    """

    holder: str | None
    types: tuple[str, ...]
    id: str | None
    credentials: tuple[VerifiedDocument, ...]
    proofs: tuple[VerifiedProof, ...]
    presented_at: int | None


def verify_presentation_document(
    document: Mapping[str, Any],
    *,
    methods: VerificationMethods,
    now: int,
    domain: str | Collection[str] | None,
    challenge: str | None,
    policy: Policy = STRICT,
    open_envelope: OpenEnvelope | None = None,
    allow_unsigned: bool = False,
) -> VerifiedPresentationDocument:
    """The presentation, once proven.

    1. the document keeps the rules of the data model                  VCDM 2.0 §4.13
    2. proofs: for authentication, in time, for our domain, with our challenge   Data Integrity §4.4
    3. names in the JSON mean what they say; every proof holds         §4.6, §4.5
    4. where it names a holder, one of the proofs is by the holder     VCDM 2.0 §4.13; else the signer is whoever presents
    5. every credential in it: embedded, enveloped, or self-asserted   §4.13.1, §4.13.3
    Left to the caller: that the challenge is used once, that the credentials' subjects may be presented by this holder, and all that
    ``verify_credential`` leaves. domain, challenge None: not asked. open_envelope None refuses envelopes. allow_unsigned: a presentation
    without proof shows nothing but its credentials; policy may let it pass.
    Raises as ``verify_credential``.
    """
    # 1 · document
    read = read_presentation(document)
    # 2 · proofs
    if "proof" not in document and not allow_unsigned:
        raise Malformed("bad_proof", "the presentation has no proof")
    proofs = parse_proofs(document) if "proof" in document else ()
    for proof in proofs:
        check_purpose(proof, "authentication")
        check_moment(proof, now=now, leeway=policy.leeway)
        check_domain_and_challenge(proof, domain=domain, challenge=challenge)
    # 3 · signatures
    check_names(document, proofs, policy, version=read.version)
    verified = verify_proofs(document, proofs, methods=methods, suites=policy.suites, now=now)
    # 4 · holder
    holder = _holder(read, verified, policy)
    # 5 · credentials
    credentials = tuple(
        _verify_held(
            each, holder if verified else None, methods=methods, now=now, policy=policy, open_envelope=open_envelope
        )
        for each in read.credentials
    )
    created = [each.proof.created for each in verified if each.controller == holder and each.proof.created is not None]
    return VerifiedPresentationDocument(
        holder=holder,
        types=read.types,
        id=read.id,
        credentials=credentials,
        proofs=verified,
        presented_at=max(created, default=None),
    )


def _holder(read: PresentationDocument, verified: tuple[VerifiedProof, ...], policy: Policy) -> str | None:
    """Who presents. A holder's name on a presentation that the holder did not sign is nobody's word, so it is not handed on."""
    if not verified:
        return None
    if read.holder is None:
        controllers = {each.controller for each in verified}
        if len(controllers) != 1 and policy.profile is Profile.CONTROLLED:
            raise Rejected("wrong_holder", "several parties signed a presentation that does not name its holder")
        return verified[0].controller
    if policy.profile is Profile.CONTROLLED:
        try:
            check_signed_by(read.holder, verified)
        except Rejected as rejection:
            raise Rejected("wrong_holder", "the presentation is not signed by the holder that it names") from rejection
    return read.holder


def _verify_held(
    held: Mapping[str, Any],
    holder: str | None,
    *,
    methods: VerificationMethods,
    now: int,
    policy: Policy,
    open_envelope: OpenEnvelope | None,
) -> VerifiedDocument:
    """One credential of a presentation. holder: who signed the presentation, None where nobody did."""
    if is_enveloped(held):
        envelope = read_envelope(held, ENVELOPED_CREDENTIAL)
        if open_envelope is None:
            raise Rejected("wrong_type", "credentials in envelopes are not taken here")
        return VerifiedDocument(
            credential=open_envelope(envelope), proofs=(), unchecked_resources=(), unchecked_schemas=()
        )
    if "proof" in held:
        return verify_credential(held, methods=methods, now=now, policy=policy)
    asserted = verify_unsigned_content(held, now=now, policy=policy)
    if holder is None or asserted.credential.issuer != holder:
        raise Rejected("bad_signature", "a credential in the presentation is neither secured nor the holder's own word")
    return asserted


def verify_presentation(
    document: Mapping[str, Any],
    *,
    methods: VerificationMethods,
    audience: str,
    nonce: str,
    now: int,
    policy: Policy = STRICT,
) -> VerifiedPresentation:
    """One credential, presented by the holder that it names, just now, for this audience and nonce. OpenID4VP 1.0 §B.1.3.2.

    1. `verify_presentation_document`, audience as domain and nonce as challenge
    2. the holder is the subject of the one credential
    3. ``created``: at most MAX_AGE seconds ago
    """
    # 1
    verified = verify_presentation_document(
        document, methods=methods, now=now, domain=audience, challenge=nonce, policy=policy
    )
    # 2
    if len(verified.credentials) != 1:
        raise Malformed("bad_presentation", "a presentation here holds exactly one credential")
    credential = verified.credentials[0].credential
    if credential.holder_did is None or verified.holder != credential.holder_did:
        raise Rejected("wrong_holder", "not presented by the holder that the credential names")
    # 3
    if verified.presented_at is None:
        raise Malformed("created_missing", "a presentation says when it was signed")
    if now - verified.presented_at > MAX_AGE + policy.leeway:
        raise Rejected("stale", "the presentation was signed too long ago")
    return VerifiedPresentation(
        credential=credential, audience=audience, nonce=nonce, presented_at=verified.presented_at
    )
