"""What a credential format must be able to do. A new one: its folder, a class like this, one line in ``registry.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from common.formats.credential import (
    ClaimsPath,
    CredentialContent,
    IssuerKeyHint,
    StatusReference,
    VerifiedCredential,
    VerifiedPresentation,
)
from common.formats.presentation_context import PresentationContext
from common.jose.jwk import PublicKey
from common.ports import Signer

__all__ = [
    "ClaimsPath",
    "CredentialContent",
    "CredentialFormat",
    "IssuerKeyHint",
    "Parsed",
    "PresentationContext",
    "Signer",
    "StatusReference",
    "VerifiedCredential",
    "VerifiedPresentation",
]


class Parsed(Protocol):
    """A credential or presentation that was read but not verified: it tells where to look for the key, and no claims."""

    @property
    def issuer_key_hint(self) -> IssuerKeyHint: ...


class CredentialFormat(Protocol):
    """``ParsedT`` objects are the format's own: what its parse functions return, its verify functions take."""

    @property
    def name(self) -> str:
        """The credential format identifier of OpenID4VCI and OpenID4VP."""

    @property
    def hides(self) -> bool:
        """Whether the holder can hold claims back."""

    @property
    def binds_to(self) -> Literal["key", "did"]:
        """How a credential names its holder: by the key itself, or by a DID."""

    @property
    def subject_root(self) -> ClaimsPath:
        """Where the claims about the subject stand in the document: ``()`` at its top, or ``("credentialSubject",)``."""

    def issue(self, content: CredentialContent, signer: Signer, *, x5c: Sequence[str] | None = None) -> str:
        """Content → credential as it goes over the wire. x5c: the signer's certificates in base64, leaf first.

        Pure except for fresh random salts. Raises ValueError where the content lacks what the format needs.
        """

    def parse(self, text: str) -> Any:
        """Credential → `Parsed`. Raises Malformed."""

    def verify(self, parsed: Any, issuer_key: PublicKey, *, now: int) -> VerifiedCredential:
        """Signature, times, structure, every disclosure. Raises Rejected or Malformed. The caller judges issuer and status."""

    def parse_presentation(self, text: str) -> Any:
        """Presentation of one credential → `Parsed`. Raises Malformed."""

    def verify_presentation(
        self,
        parsed: Any,
        issuer_key: PublicKey,
        *,
        audience: str,
        nonce: str,
        now: int,
        holder_key: PublicKey | None = None,
        context: PresentationContext | None = None,
    ) -> VerifiedPresentation:
        """All of ``verify``, and that the holder's key signed this presentation for this audience, this nonce, just now.

        holder_key: only for formats that name the holder by a DID which needs the network; did:key and did:jwk do not.
        context: for formats that are bound to the whole exchange (mso_mdoc); the others have no use for it.
        """

    def present(
        self,
        text: str,
        *,
        paths: Sequence[ClaimsPath] | None,
        holder: Signer,
        audience: str,
        nonce: str,
        now: int,
        context: PresentationContext | None = None,
    ) -> str:
        """Credential → presentation disclosing the claims at ``paths`` (None: all; empty: only what cannot be held back)."""

    def preview(self, text: str, paths: Sequence[ClaimsPath]) -> Mapping[str, Any]:
        """The document as a presentation of ``paths`` would show it: what consent is asked for. Raises Malformed."""
