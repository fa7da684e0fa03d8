"""Verifies a credential or a presentation of anybody's, in whichever way it is secured: the verifying side of the VC API.

What is judged: form, proofs or signature, validity, related resources that are held here, status. What is not: whether the issuer is
trusted (only where asked), whether the subject is who presents, and what the policy reports instead of refusing (`warnings`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.errors import Malformed, Rejected, TegataError
from common.formats.data_integrity.policy import Policy, Profile
from common.formats.data_integrity.proof_set import VerifiedProof
from common.formats.data_integrity.verify import VerifiedDocument, verify_credential
from common.formats.data_integrity.verify_presentation import verify_presentation_document
from common.formats.vc_jose_cose.enveloped import Secured
from common.formats.vcdm.envelope import is_enveloped
from common.formats.vcdm.typed_objects import read_schemas
from common.status.fetch_status import StatusFact
from verifier.flows.document_world import DocumentWorld
from verifier.flows.verify_secured_document import (
    Proven,
    ProvenEnvelope,
    open_envelope,
    read_secured,
    verify_secured_credential,
    verify_secured_presentation,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the caller wants beyond the signatures. domain, challenge: None is not asked. media_type: of a text, "" finds it out.

    trust: the issuer must be one that this deployment trusts. unknown_status: a status that cannot be learnt is reported, not refused.
    unsigned: a presentation without proof may pass; it shows nothing but its credentials.
    """

    domain: str | tuple[str, ...] | None = None
    challenge: str | None = None
    media_type: str = ""
    trust: bool = False
    unknown_status: bool = False
    unsigned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was found and did not decide."""

    code: str
    detail: str


@dataclass(slots=True)
class Report:
    """What was checked so far, in order. It is filled while verifying, so that a refusal can tell the warnings before it."""

    checks: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    def passed(self, check: str, **facts: Any) -> None:
        self.checks.append({"check": check, **{name: value for name, value in facts.items() if value is not None}})

    def warn(self, code: str, detail: str) -> None:
        self.warnings.append(Note(code=code, detail=detail))


class DocumentVerifier:
    """One request's verification: what it asks, what it may ask of the world, what it found. now: seconds since 1970."""

    def __init__(self, asked: Asked, *, world: DocumentWorld, policy: Policy, now: int, report: Report) -> None:
        self._asked = asked
        self._world = world
        self._policy = policy
        self._now = now
        self._report = report
        if policy.profile is Profile.PROOF_ONLY:
            report.warn(
                "proof_only", "whose key it is was not asked, and no status: this deployment is set to proof-only"
            )

    def verify_credential(self, value: Mapping[str, Any] | str) -> None:
        """value: a document with proofs, an envelope, or what stands in one. Raises what makes it unbelievable."""
        asked = self._asked
        if isinstance(value, str) or is_enveloped(value):
            secured = read_secured(value, "vc", asked.media_type)
            self._note_envelope(
                secured,
                verify_secured_credential(
                    secured,
                    self._world,
                    policy=self._policy,
                    now=self._now,
                    audience=self._only_domain(),
                    nonce=asked.challenge,
                ),
            )
            return
        found = verify_credential(
            value,
            methods=self._world.methods,
            now=self._now,
            policy=self._policy,
            domain=asked.domain,
            challenge=asked.challenge,
        )
        self._accept(_proven(found))

    def verify_presentation(self, value: Mapping[str, Any] | str) -> str | None:
        """Likewise; answers who presents, None where nobody signed."""
        asked, report = self._asked, self._report
        if asked.challenge is None:
            report.warn(
                "no_challenge", "no challenge was asked for: the presentation may be an old one, copied from others"
            )
        if isinstance(value, str) or is_enveloped(value):
            secured = read_secured(value, "vp", asked.media_type)
            found = verify_secured_presentation(
                secured,
                self._world,
                policy=self._policy,
                now=self._now,
                domain=self._only_domain(),
                challenge=asked.challenge,
            )
            self._note_envelope(secured, found)
            return found.holder
        verified = verify_presentation_document(
            value,
            methods=self._world.methods,
            now=self._now,
            domain=asked.domain,
            challenge=asked.challenge,
            policy=self._policy,
            open_envelope=lambda envelope: open_envelope(envelope, self._world, policy=self._policy, now=self._now),
            allow_unsigned=asked.unsigned,
        )
        if not verified.proofs:
            report.warn("unsigned_presentation", "nobody signed the presentation: it shows nothing but its credentials")
        self._note_proofs(verified.proofs)
        for document in verified.credentials:
            self._accept(_proven(document))
        return verified.holder

    def _only_domain(self) -> str | None:
        if isinstance(self._asked.domain, tuple):
            raise Malformed("bad_options", "an enveloped document is for one domain")
        return self._asked.domain

    def _note_envelope(self, secured: Secured, found: ProvenEnvelope) -> None:
        for error in found.warnings:
            self._report.warn(error.code, error.detail)
        self._report.passed("signature", mediaType=secured.media_type.full, verificationMethod=found.kid)
        for credential in found.credentials:
            self._accept(credential)

    def _note_proofs(self, proofs: Sequence[VerifiedProof]) -> None:
        """That their keys were sound when they signed is the last thing that the proofs have to show."""
        self._world.methods.check_times(proofs, now=self._now)
        for each in proofs:
            self._report.passed(
                "proof", cryptosuite=each.proof.cryptosuite, verificationMethod=each.proof.verification_method
            )

    def _accept(self, proven: Proven) -> None:
        """One credential whose signatures hold: what was not checked, trust where asked, status."""
        report = self._report
        self._note_proofs(proven.proofs)
        report.passed("validity")
        for resource in proven.unchecked_resources:
            report.warn("resource_not_checked", f"a related resource is not held here: {resource[:200]}")
        for schema in proven.unchecked_schemas:
            report.warn("schema_not_checked", f"a schema is not known here: {schema[:200]}")
        for kept in read_schemas(proven.credential.claims):
            if kept.id not in proven.unchecked_schemas:
                report.passed("schema", id=kept.id[:200])
        if self._asked.trust:
            self._world.require_trust(proven.credential)
            report.passed("trust", issuer=proven.credential.issuer)
        if self._policy.profile is Profile.PROOF_ONLY:
            return  # who issued it was not asked, so nobody's word about its status would be worth a journey
        for fact in self._world.statuses(proven.credential):
            self._judge_status(fact)

    def _judge_status(self, fact: StatusFact) -> None:
        report = self._report
        if fact.value == "invalid":
            raise Rejected("revoked", "the issuer has revoked the credential")
        if fact.value == "suspended":
            raise Rejected("suspended", "the issuer has suspended the credential")
        if fact.value == "unknown":
            if not self._asked.unknown_status:
                raise Rejected("status_unknown", f"the status could not be learnt: {fact.reason}")
            report.warn("status_unknown", f"the status could not be learnt: {fact.reason}")
            return
        if fact.value == "application_specific":
            report.warn("status_message", f"the issuer says, for {fact.purpose[:60]}: {(fact.message or '')[:200]}")
        if fact.reason == "refresh_available":
            report.warn("refresh_available", "a newer version of the credential can be had")
        report.passed("status", purpose=fact.purpose, value=fact.value, asOf=fact.as_of)


def _proven(document: VerifiedDocument) -> Proven:
    return Proven(
        credential=document.credential,
        proofs=document.proofs,
        unchecked_resources=document.unchecked_resources,
        unchecked_schemas=document.unchecked_schemas,
    )


def describe_errors(error: TegataError) -> Sequence[dict[str, str]]:
    """What made the document unbelievable, with the type that the texts give it: VCDM 2.0 §7.2, VC Data Integrity 1.0 §4.6."""
    return [{"type": _problem_type(error), "code": error.code, "detail": error.detail}]


def _problem_type(error: TegataError) -> str:
    if isinstance(error, Rejected):
        return {
            "bad_signature": "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
            "wrong_audience": "https://w3id.org/security#INVALID_DOMAIN_ERROR",
            "wrong_nonce": "https://w3id.org/security#INVALID_CHALLENGE_ERROR",
            "status_unknown": "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
            "schema_violated": "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
        }.get(error.reason, "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR")
    if error.code == "bad_json":
        return "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"
    return "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
