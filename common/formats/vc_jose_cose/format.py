"""The member of the registry of credential formats: W3C credentials as JWTs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from common.formats.credential import ClaimsPath, CredentialContent, VerifiedCredential, VerifiedPresentation
from common.formats.presentation_context import PresentationContext
from common.formats.vc_jose_cose.issue import issue
from common.formats.vc_jose_cose.parse import FORMAT, ParsedVcJwt, ParsedVpJwt, parse_credential, parse_presentation
from common.formats.vc_jose_cose.present import present
from common.formats.vc_jose_cose.verify import verify_credential
from common.formats.vc_jose_cose.verify_presentation import verify_presentation
from common.jose.jwk import PublicKey
from common.ports import Signer


class VcJwt:
    """Implements common.formats.contract.CredentialFormat."""

    name = FORMAT
    hides = False
    binds_to: Literal["key", "did"] = "did"
    subject_root: ClaimsPath = ("credentialSubject",)

    def issue(self, content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
        """VCDM 2.0 as ``vc+jwt``. Issuer and holder are named by DIDs; x5c, if given, goes into the header beside kid."""
        return issue(content, signer, x5c=x5c)

    def parse(self, text: str) -> ParsedVcJwt:
        return parse_credential(text)

    def verify(self, parsed: ParsedVcJwt, issuer_key: PublicKey, *, now: int) -> VerifiedCredential:
        return verify_credential(parsed, issuer_key, now=now)

    def parse_presentation(self, text: str) -> ParsedVpJwt:
        """A VP JWT around exactly one credential JWT."""
        return parse_presentation(text)

    def verify_presentation(
        self,
        parsed: ParsedVpJwt,
        issuer_key: PublicKey,
        *,
        audience: str,
        nonce: str,
        now: int,
        holder_key: PublicKey | None = None,
        context: PresentationContext | None = None,  # noqa: ARG002 - audience and nonce are all that it is bound to
    ) -> VerifiedPresentation:
        return verify_presentation(parsed, issuer_key, audience=audience, nonce=nonce, now=now, holder_key=holder_key)

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
        """A VP JWT around the whole credential, signed by the key of the DID that the credential names as its subject."""
        return present(text, holder=holder, audience=audience, nonce=nonce, now=now)

    def preview(self, text: str, paths: Sequence[ClaimsPath]) -> Mapping[str, Any]:  # noqa: ARG002 - all or nothing
        """The whole document."""
        return parse_credential(text).document
