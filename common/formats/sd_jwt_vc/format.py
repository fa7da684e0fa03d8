"""The member of the registry of credential formats: SD-JWT VC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from common.formats.credential import ClaimsPath, CredentialContent, VerifiedCredential, VerifiedPresentation
from common.formats.presentation_context import PresentationContext
from common.formats.sd_jwt_vc.issue import issue
from common.formats.sd_jwt_vc.parse import FORMAT, ParsedSdJwtVc, parse
from common.formats.sd_jwt_vc.verify import verify_credential, verify_presentation
from common.jose.jwk import PublicKey
from common.jose.sd_jwt import parse_sd_jwt, present_sd_jwt
from common.jose.sd_jwt.disclosure import unpack
from common.jose.sd_jwt.present import select_disclosures
from common.ports import Signer


class SdJwtVc:
    """Implements common.formats.contract.CredentialFormat."""

    name = FORMAT
    hides = True
    binds_to: Literal["key", "did"] = "key"
    subject_root: ClaimsPath = ()

    def issue(self, content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
        """SD-JWT with all disclosures, for the holder. Needs ``vct``; binds to ``holder_jwk``."""
        return issue(content, signer, x5c=x5c)

    def parse(self, text: str) -> ParsedSdJwtVc:
        """A credential as issued. One with a key binding JWT is a presentation, and Malformed here."""
        return parse(text, presented=False)

    def verify(self, parsed: ParsedSdJwtVc, issuer_key: PublicKey, *, now: int) -> VerifiedCredential:
        return verify_credential(parsed, issuer_key, now=now)

    def parse_presentation(self, text: str) -> ParsedSdJwtVc:
        """A credential as presented. Whether key binding is there is verified, not parsed."""
        return parse(text, presented=True)

    def verify_presentation(
        self,
        parsed: ParsedSdJwtVc,
        issuer_key: PublicKey,
        *,
        audience: str,
        nonce: str,
        now: int,
        holder_key: PublicKey | None = None,  # noqa: ARG002 - the holder's key is in cnf, never elsewhere
        context: PresentationContext | None = None,  # noqa: ARG002 - audience and nonce are all that it is bound to
    ) -> VerifiedPresentation:
        return verify_presentation(parsed, issuer_key, audience=audience, nonce=nonce, now=now)

    def present(
        self,
        text: str,
        *,
        paths: Sequence[ClaimsPath] | None,
        holder: Signer,
        audience: str,
        nonce: str,
        now: int,
        context: PresentationContext | None = None,  # noqa: ARG002 - as above
    ) -> str:
        """The credential with the disclosures that ``paths`` need, bound to this audience and nonce by the holder's key."""
        return present_sd_jwt(parse_sd_jwt(text), paths=paths, holder=holder, audience=audience, nonce=nonce, now=now)

    def preview(self, text: str, paths: Sequence[ClaimsPath]) -> Mapping[str, Any]:
        """What stands in the open, and the disclosures that ``paths`` need."""
        parsed = parse_sd_jwt(text)
        return unpack(parsed.token.claims, select_disclosures(parsed, paths))
