"""The member of the registry of credential formats: W3C credentials with Data Integrity proofs, ``ldp_vc`` in OpenID4VCI and OpenID4VP.

Those texts define it over VCDM 1.1. Issued is VCDM 2.0; 1.1 is verified. More than one proof, selective suites, several credentials and
envelopes in one presentation are for the functions of this package, which the VC API calls.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from common.did.document import Relationship
from common.formats.bitstring_entry import build_credential_status
from common.formats.credential import ClaimsPath, CredentialContent, VerifiedCredential, VerifiedPresentation
from common.formats.data_integrity.issue import JCS_SUITES, RDFC_SUITES, ProofOptions, issue_credential
from common.formats.data_integrity.parse import ParsedLdpVc, ParsedLdpVp, parse_credential, parse_presentation
from common.formats.data_integrity.policy import STRICT, Policy
from common.formats.data_integrity.present import key_url, present
from common.formats.data_integrity.verification_methods import VerificationMethod, VerificationMethods, known_method
from common.formats.data_integrity.verify import FORMAT, verify_credential
from common.formats.data_integrity.verify_presentation import verify_presentation
from common.formats.presentation_context import PresentationContext
from common.formats.vcdm.document import build_document
from common.formats.vcdm.holder_key import did_of_holder
from common.jose.jwk import PublicKey
from common.ports import Signer

CREATED_STEP = 3600
"""``created`` is cut down to the hour, so that it does not link the copies of a batch."""


class LdpVc:
    """Implements common.formats.contract.CredentialFormat. canonical: ``rdfc``, what ``ldp_vc`` means in OpenID4VC, or ``jcs``."""

    name = FORMAT
    hides = False
    binds_to: Literal["key", "did"] = "did"
    subject_root: ClaimsPath = ("credentialSubject",)

    def __init__(self, *, canonical: Literal["rdfc", "jcs"] = "rdfc", policy: Policy = STRICT) -> None:
        self._suites = RDFC_SUITES if canonical == "rdfc" else JCS_SUITES
        self._policy = policy

    def issue(self, content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
        """VCDM 2.0 with one proof by the issuer. Issuer and holder are named by DIDs. Raises ValueError for x5c: no proof carries any."""
        if x5c:
            raise ValueError("a Data Integrity proof names a verification method, not certificates")
        if not content.issuer:
            raise ValueError("a credential names its issuer")
        holder = content.holder_did or (did_of_holder(content.holder_jwk) if content.holder_jwk is not None else None)
        document = build_document(content, holder=holder)
        if content.statuses:
            statuses = build_credential_status(content.statuses)
            document["credentialStatus"] = statuses[0] if len(statuses) == 1 else statuses
        created = content.issued_at
        options = ProofOptions(
            verification_method=key_url(content.issuer, signer.kid),
            cryptosuite=self._suites.get(signer.alg),
            created=created - created % CREATED_STEP if created is not None else None,
        )
        signed = issue_credential(document, signer, options, policy=self._policy)
        return json.dumps(signed, ensure_ascii=False, separators=(",", ":"))

    def parse(self, text: str) -> ParsedLdpVc:
        return parse_credential(text)

    def verify(self, parsed: ParsedLdpVc, issuer_key: PublicKey, *, now: int) -> VerifiedCredential:
        """issuer_key: that of the hint. Proofs by others beside the issuer's are verified where their did:key or did:jwk tells the key."""
        methods = _methods_of_issuer(parsed, issuer_key)
        return verify_credential(
            parsed.document, methods=methods, now=now, policy=self._policy, proofs=parsed.proofs
        ).credential

    def parse_presentation(self, text: str) -> ParsedLdpVp:
        """A presentation around exactly one embedded credential."""
        return parse_presentation(text)

    def verify_presentation(
        self,
        parsed: ParsedLdpVp,
        issuer_key: PublicKey,
        *,
        audience: str,
        nonce: str,
        now: int,
        holder_key: PublicKey | None = None,
        context: PresentationContext | None = None,  # noqa: ARG002 - audience and nonce are all that it is bound to
    ) -> VerifiedPresentation:
        """`verify_presentation_document` with audience as domain and nonce as challenge; the holder is the credential's subject."""
        holder = (parsed.proofs[0].verification_method, holder_key)
        methods = _methods_of_issuer(parsed.credential, issuer_key, holder=holder)
        return verify_presentation(
            parsed.document, methods=methods, audience=audience, nonce=nonce, now=now, policy=self._policy
        )

    def present(
        self,
        text: str,
        *,
        paths: Sequence[ClaimsPath] | None,  # noqa: ARG002 - this format discloses all or nothing
        holder: Signer,
        audience: str,
        nonce: str,
        now: int,
        context: PresentationContext | None = None,  # noqa: ARG002 - as above
    ) -> str:
        """The whole credential in a presentation, signed by the key of the DID that the credential names as its subject."""
        suite = self._suites.get(holder.alg)
        return present(
            text, holder=holder, audience=audience, nonce=nonce, now=now, cryptosuite=suite, policy=self._policy
        )

    def preview(self, text: str, paths: Sequence[ClaimsPath]) -> Mapping[str, Any]:  # noqa: ARG002 - all or nothing
        """The whole document, without its proofs."""
        return {name: value for name, value in parse_credential(text).document.items() if name != "proof"}


def _methods_of_issuer(
    parsed: ParsedLdpVc, issuer_key: PublicKey, *, holder: tuple[str, PublicKey | None] = ("", None)
) -> VerificationMethods:
    """The issuer's method with the key that the caller found for it, and the holder's where the caller had to find that one too."""
    hint = parsed.issuer_key_hint
    issuer_url, issuer = str(hint.kid), str(hint.iss)
    known: dict[tuple[str, Relationship], VerificationMethod] = {}
    if (
        issuer_url.partition("#")[0] == issuer
    ):  # else no proof is by the issuer, and its key is not lent to another's proof
        known[issuer_url, "assertionMethod"] = known_method(issuer_url, controller=issuer, key=issuer_key)
    url, key = holder
    if key is not None:
        known[url, "authentication"] = known_method(url, controller=url.partition("#")[0], key=key)
    return VerificationMethods(known=known)
