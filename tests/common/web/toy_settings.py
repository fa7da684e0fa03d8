"""Settings of the small programs that test common/web."""

from __future__ import annotations

from pydantic import Field

from common.settings import ProgramSettings


class ToySettings(ProgramSettings):
    program = "issuer"
    public_url: str = Field("http://testserver", description="address")
    port: int = Field(8101, description="port")
