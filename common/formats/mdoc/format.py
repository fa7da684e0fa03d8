"""The member of the registry of credential formats: ISO mdoc."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from common.formats.credential import ClaimsPath, CredentialContent, VerifiedCredential, VerifiedPresentation
from common.formats.mdoc.claims import to_claim
from common.formats.mdoc.device_response import (
    ParsedDeviceResponse,
    parse_device_response,
    select_items,
    sign_device_response,
)
from common.formats.mdoc.issue import issue
from common.formats.mdoc.issuer_signed import FORMAT, ParsedIssuerSigned, decode_text, parse_issuer_signed
from common.formats.mdoc.session_transcript import session_transcript
from common.formats.mdoc.verify import verify_credential, verify_presentation
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import PublicKey
from common.ports import Signer


class Mdoc:
    """Implements common.formats.contract.CredentialFormat."""

    name = FORMAT
    hides = True
    binds_to: Literal["key"] = "key"
    subject_root: ClaimsPath = ()

    def issue(self, content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
        """IssuerSigned with all data elements, for the holder. Needs ``doctype``, ``x5c``, ``holder_jwk`` and ``valid_until``."""
        return issue(content, signer, x5c=x5c)

    def parse(self, text: str) -> ParsedIssuerSigned:
        return parse_issuer_signed(decode_text(text))

    def verify(self, parsed: ParsedIssuerSigned, issuer_key: PublicKey, *, now: int) -> VerifiedCredential:
        return verify_credential(parsed, issuer_key, now=now)

    def parse_presentation(self, text: str) -> ParsedDeviceResponse:
        """A DeviceResponse with exactly one document."""
        return parse_device_response(text)

    def verify_presentation(
        self,
        parsed: ParsedDeviceResponse,
        issuer_key: PublicKey,
        *,
        audience: str,
        nonce: str,
        now: int,
        holder_key: PublicKey | None = None,  # noqa: ARG002 - the device's key is in what the issuer signed, never elsewhere
        context: PresentationContext | None = None,
    ) -> VerifiedPresentation:
        """Raises Unsupported without a context: an mdoc is bound to the request that it answers."""
        return verify_presentation(parsed, issuer_key, audience=audience, nonce=nonce, now=now, context=context)

    def present(
        self,
        text: str,
        *,
        paths: Sequence[ClaimsPath] | None,
        holder: Signer,
        audience: str,
        nonce: str,
        now: int,  # noqa: ARG002 - an mdoc states no time of its own
        context: PresentationContext | None = None,
    ) -> str:
        """A DeviceResponse with the elements at ``paths``, signed by the device's key. Raises Unsupported without a context."""
        transcript = session_transcript(context, audience=audience, nonce=nonce)
        return sign_device_response(self.parse(text), paths, holder=holder, transcript=transcript)

    def preview(self, text: str, paths: Sequence[ClaimsPath]) -> Mapping[str, Any]:
        chosen = select_items(self.parse(text), paths)
        return {
            namespace: {item.element: to_claim(item.value) for item in items} for namespace, items in chosen.items()
        }
