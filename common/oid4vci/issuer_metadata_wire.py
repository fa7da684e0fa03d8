"""The wire shape of Credential Issuer Metadata (OpenID4VCI 1.0 §12.2.4) and the rules between its members. See ``issuer_metadata``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, model_validator

from common.errors import Malformed
from common.formats.credential import ClaimsPath as Path
from common.oauth.wire import Address, ClaimsPath, Document, IdentifierAddress, LongText, ShortText, Wire

Uri = Annotated[str, Field(min_length=1, max_length=1 << 17)]
"""https or data: the wallet decides what it loads; a data URI is long."""
Colour = Annotated[str, Field(max_length=64, pattern=r"^[#A-Za-z0-9(),.% ]+$")]
"""CSS Color 3 values only: this text ends in a style."""
Alg = Annotated[str, Field(min_length=1, max_length=256)] | int
"""Names for JOSE, numbers for COSE."""


class LogoWire(Wire):
    uri: Uri
    alt_text: LongText | None = None


class BackgroundWire(Wire):
    uri: Uri


class ClaimDisplayWire(Wire):
    name: ShortText | None = None
    locale: ShortText | None = None


class DisplayWire(ClaimDisplayWire):
    description: LongText | None = None
    logo: LogoWire | None = None
    background_color: Colour | None = None
    background_image: BackgroundWire | None = None
    text_color: Colour | None = None


DisplayT = TypeVar("DisplayT", bound=ClaimDisplayWire)


def one_for_each_language(displays: list[DisplayT]) -> list[DisplayT]:
    """§12.2.4: there MUST be only one object for each language identifier."""
    locales = [one.locale for one in displays]
    if len(set(locales)) != len(locales):
        raise ValueError("two display objects for one language")
    return displays


class ClaimWire(Wire):
    path: ClaimsPath
    mandatory: bool = False
    display: (
        Annotated[list[ClaimDisplayWire], Field(min_length=1, max_length=64), AfterValidator(one_for_each_language)]
        | None
    ) = None


class AboutWire(Wire):
    display: (
        Annotated[list[DisplayWire], Field(min_length=1, max_length=64), AfterValidator(one_for_each_language)] | None
    ) = None
    claims: Annotated[list[ClaimWire], Field(min_length=1, max_length=256)] | None = None


class DefinitionWire(Wire):
    type: Annotated[list[ShortText], Field(min_length=1, max_length=32)]
    context: Annotated[list[Uri | Document], Field(min_length=1, max_length=32)] | None = Field(
        default=None, alias="@context"
    )


class ProofTypeWire(Wire):
    proof_signing_alg_values_supported: Annotated[list[Alg], Field(min_length=1, max_length=64)]


class ConfigurationWire(Wire):
    format: ShortText
    scope: ShortText | None = None
    vct: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    doctype: ShortText | None = None
    credential_definition: DefinitionWire | None = None
    credential_signing_alg_values_supported: Annotated[list[Alg], Field(min_length=1, max_length=64)] | None = None
    cryptographic_binding_methods_supported: Annotated[list[ShortText], Field(min_length=1, max_length=64)] | None = (
        None
    )
    proof_types_supported: Annotated[dict[ShortText, ProofTypeWire], Field(max_length=16)] | None = None
    credential_metadata: AboutWire | None = None

    @model_validator(mode="after")
    def _belong_together(self) -> ConfigurationWire:
        if self.format == "dc+sd-jwt" and self.vct is None:
            raise ValueError("dc+sd-jwt needs a vct")
        if self.format in ("jwt_vc_json", "ldp_vc") and self.credential_definition is None:
            raise ValueError(f"{self.format} needs a credential_definition")
        if self.format == "ldp_vc" and self.credential_definition and self.credential_definition.context is None:
            raise ValueError("the credential_definition of ldp_vc has an @context")
        if self.format == "mso_mdoc" and self.doctype is None:
            raise ValueError("mso_mdoc needs a doctype")
        return self


class BatchWire(Wire):
    batch_size: Annotated[int, Field(ge=2, le=1 << 31)]


class MetadataWire(Wire):
    credential_issuer: IdentifierAddress
    credential_endpoint: Address
    nonce_endpoint: Address | None = None
    notification_endpoint: Address | None = None
    authorization_servers: Annotated[list[IdentifierAddress], Field(min_length=1, max_length=32)] | None = None
    batch_credential_issuance: BatchWire | None = None
    display: (
        Annotated[list[DisplayWire], Field(min_length=1, max_length=64), AfterValidator(one_for_each_language)] | None
    ) = None
    credential_configurations_supported: Annotated[dict[ShortText, ConfigurationWire], Field(max_length=512)]


def check_claims(paths: Sequence[Path], *, code: str) -> None:
    """Appendix B.3: descriptions must not repeat or contradict each other.

    Raises Malformed(code) where one claim is described twice, an array both as a whole (null) and by index, or one place both as an
    array and as an object.
    """
    if len(set(paths)) != len(paths):
        raise Malformed(code, "a claim is described twice")
    kinds: dict[Path, str] = {}
    for path in paths:
        for depth, component in enumerate(path):
            kind = "object" if isinstance(component, str) else "array" if component is None else "element"
            if kinds.setdefault(path[:depth], kind) != kind:
                raise Malformed(code, "claim descriptions contradict each other")
