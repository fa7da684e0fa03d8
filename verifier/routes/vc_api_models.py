"""The JSON shapes of the VC API on the verifier. Documents are objects or texts of any shape: the flows judge them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from verifier.flows.verify_document import Asked

Text = Annotated[str, Field(min_length=1, max_length=8192)]
Domains = Annotated[list[Text], Field(min_length=1, max_length=8)]


class VcApiAsked(BaseModel):
    """Base of request bodies: unknown members are refused, since an option that is overlooked may have been a restriction."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, strict=True)


class VerifyOptions(VcApiAsked):
    """checks: what must have been checked; everything always is. trust: the issuer must be trusted here.

    allowUnknownStatus: a status that cannot be learnt is told, not refused. mediaType: of a text; absent: it is found out.
    """

    checks: Annotated[list[Literal["proof", "credentialStatus"]], Field(max_length=8)] = Field(default_factory=list)
    challenge: Text | None = None
    domain: Text | Domains | None = None
    media_type: Annotated[str, Field(max_length=64)] = Field("", alias="mediaType")
    trust: bool = False
    allow_unknown_status: bool = Field(False, alias="allowUnknownStatus")

    def asked(self, *, unsigned: bool = False) -> Asked:
        return Asked(
            domain=tuple(self.domain) if isinstance(self.domain, list) else self.domain,
            challenge=self.challenge,
            media_type=self.media_type,
            trust=self.trust,
            unknown_status=self.allow_unknown_status,
            unsigned=unsigned,
        )


class PresentationOptions(VerifyOptions):
    """allowUnsigned: a presentation without proof may pass."""

    allow_unsigned: bool = Field(False, alias="allowUnsigned")


class VerifyCredentialModel(VcApiAsked):
    verifiable_credential: dict[str, Any] | str = Field(alias="verifiableCredential")
    options: VerifyOptions = Field(default_factory=VerifyOptions)


class VerifyPresentationModel(VcApiAsked):
    verifiable_presentation: dict[str, Any] | str = Field(alias="verifiablePresentation")
    options: PresentationOptions = Field(default_factory=PresentationOptions)


class NoteOut(BaseModel):
    code: str
    detail: str


class VerifiedOut(BaseModel):
    """trust: ``judged`` where the request asked for it; else whoever may issue this is the caller's to know. holder: who presented."""

    verified: Literal[True]
    checks: list[dict[str, Any]]
    warnings: list[NoteOut]
    trust: Literal["judged", "not_judged"]
    profile: Literal["controlled", "proof-only"]
    holder: str | None = None
