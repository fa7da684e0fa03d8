"""The JSON shapes of the VC API on the issuer. Documents are objects of any shape: the flows judge them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from issuer.flows.change_document_status import Purpose, Wish
from issuer.flows.issue_document import IssueOptions

Word = Annotated[str, Field(min_length=1, max_length=64)]
Identifier = Annotated[str, Field(min_length=1, max_length=8192)]
Pointer = Annotated[str, Field(max_length=1024)]
Pointers = Annotated[list[Pointer], Field(max_length=256)]
BOTH: tuple[Purpose, ...] = ("revocation", "suspension")


class VcApiAsked(BaseModel):
    """Base of request bodies: unknown members are refused, since an option that is overlooked may have been a restriction."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, strict=True)


class IssueOptionsModel(VcApiAsked):
    """status: true for both purposes, or those that are wanted."""

    cryptosuite: Word | None = None
    media_type: Word | None = Field(None, alias="mediaType")
    status: bool | Annotated[list[Purpose], Field(max_length=2)] = False
    mandatory_pointers: Pointers | None = Field(None, alias="mandatoryPointers")
    credential_id: Identifier | None = Field(None, alias="credentialId")

    def asked(self) -> IssueOptions:
        purposes = self.status if isinstance(self.status, list) else BOTH if self.status else ()
        return IssueOptions(
            cryptosuite=self.cryptosuite or "",
            media_type=self.media_type or "",
            statuses=tuple(dict.fromkeys(purposes)),
            mandatory_pointers=None if self.mandatory_pointers is None else tuple(self.mandatory_pointers),
            credential_id=self.credential_id or "",
        )


class IssueModel(VcApiAsked):
    credential: dict[str, Any]
    options: IssueOptionsModel = Field(default_factory=IssueOptionsModel)


class StatusWish(VcApiAsked):
    """status: is the entry to be set? It is where nothing is said."""

    type: Literal["BitstringStatusListEntry"]
    status_purpose: Purpose = Field(alias="statusPurpose")
    status: bool = True

    def wish(self) -> Wish:
        return Wish(purpose=self.status_purpose, status=self.status)


class StatusModel(VcApiAsked):
    """credentialStatus: one entry or several."""

    credential_id: Identifier = Field(alias="credentialId")
    credential_status: Annotated[list[StatusWish], Field(min_length=1, max_length=8)] = Field(alias="credentialStatus")

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("credentialStatus"), dict):
            return {**value, "credentialStatus": [value["credentialStatus"]]}
        return value


class StatusOut(BaseModel):
    state: Literal["valid", "suspended", "revoked"]


class IdentifierOut(BaseModel):
    """algs: of the keys that sign under it now."""

    id: str
    algs: list[str]


class IdentifiersOut(BaseModel):
    identifiers: list[IdentifierOut]
