"""What the operator of a venue's hub, or of a gate in a terminal, may set: the verifier's settings under a name and a port of their own."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from verifier.settings import VerifierSettings


class GateSettings(VerifierSettings):
    """``TEGATA_GATE_…``, or ``[gate]`` in the file. Times in seconds."""

    program: ClassVar[str] = "gate"

    public_url: str = Field(
        "https://localhost:8105",
        description="where gates reach this hub, under its own name, without a slash at the end",
    )
    port: int = Field(8105, ge=0, le=65535, description="port to listen on")
    clock_error: int = Field(
        0, ge=0, le=600, description="what this machine concedes its own clock, in seconds; the pack bounds it"
    )
