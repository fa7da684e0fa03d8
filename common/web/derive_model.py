"""``POST …/credentials/derive`` of the VC API, as issuer and verifier both offer it: the request's shape, and the answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from common.encoding import b64url_decode
from common.formats.data_integrity.derive import derive_credential
from common.formats.data_integrity.policy import Policy

Pointer = Annotated[str, Field(max_length=1024)]


class DeriveOptions(BaseModel):
    """selectivePointers: what to reveal beside the issuer's mandatory parts. presentationHeader: bbs-2023 only, base64url."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, strict=True)

    selective_pointers: Annotated[list[Pointer], Field(max_length=256)] = Field(
        default_factory=list, alias="selectivePointers"
    )
    presentation_header: Annotated[str, Field(max_length=1024)] = Field("", alias="presentationHeader")


class DeriveModel(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, strict=True)

    verifiable_credential: dict[str, Any] = Field(alias="verifiableCredential")
    options: DeriveOptions = Field(default_factory=DeriveOptions)


def derive(asked: DeriveModel, policy: Policy) -> dict[str, Any]:
    """The answer. Nothing is verified: the holder who asks has done that on receipt. Raises as `derive_credential`."""
    derived = derive_credential(
        asked.verifiable_credential,
        selective_pointers=asked.options.selective_pointers,
        presentation_header=b64url_decode(asked.options.presentation_header),
        policy=policy,
    )
    return {"verifiableCredential": derived}
