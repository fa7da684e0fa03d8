"""What a verifier's operator may set, and the public addresses that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlencode

from pydantic import Field

from common.adapters.document_policy import ContextSettings
from common.settings import Paths

DAY = 86_400


class VerifierSettings(ContextSettings):
    """Times in seconds. What differs between relying parties stands in their rows, not here."""

    program: ClassVar[str] = "verifier"

    public_url: str = Field(
        "http://localhost:8103", description="where the world reaches this program, without a slash at the end"
    )
    port: int = Field(8103, ge=0, le=65535, description="port to listen on")
    vct_base: str = Field(
        "http://localhost:8101/types", description="address below which the issuers of this deployment name their types"
    )
    wallet_open_url: str = Field(
        "",
        description="address of a wallet's page that takes a request on the same device, e.g. https://wallet.example/open",
    )
    status_cache_seconds: int = Field(
        5, ge=0, le=DAY, description="how long a status list is kept before it is asked for again; 0: never"
    )
    trusted_tsa_roots: Paths = Field(
        (),
        description="PEM files or folders of the roots of time-stamping authorities; a stamp lets a credential outlive its key",
    )
    watch_seconds: int = Field(300, ge=1, le=3600, description="longest life of one stream of live results")
    watch_streams: int = Field(100, ge=1, le=10_000, description="streams of live results at a time in one process")
    watch_interval: float = Field(
        0.5, ge=0.05, le=10, description="pause between two looks of a stream at the database"
    )
    resume_seconds: int = Field(
        30, ge=1, description="age at which an answer without a verdict (a process died) is judged again"
    )
    job_seconds: int = Field(
        60, ge=0, description="pause between two runs of the jobs inside the server; 0: run them by hand"
    )
    document_profile: Literal["controlled", "proof-only"] = Field(
        "controlled",
        description="what the VC API asks of a proof; proof-only: the cryptography alone, whoever's key it is, and every answer says so",
    )
    demand_schemas: bool = Field(
        False, description="refuse a W3C credential that names a schema which is not in the folder of schemas"
    )
    card_environment: Literal["production", "test"] = Field(
        "production",
        description="whose chips a question that demands one believes; test: also those of test hierarchies, sandbox only",
    )

    def sandbox_switches(self) -> Mapping[str, bool]:
        return {**super().sandbox_switches(), "card_environment": self.card_environment == "test"}

    @property
    def believes_test_cards(self) -> bool:
        return self.is_sandbox and self.card_environment == "test"

    @property
    def addresses(self) -> Addresses:
        return Addresses(public_url=self.public_url, vct_base=self.vct_base, wallet_open_url=self.wallet_open_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Every public address of a verifier deployment."""

    public_url: str
    vct_base: str
    wallet_open_url: str = ""

    def request(self, tenant: str, session: str) -> str:
        return f"{self.public_url}/{tenant}/request/{session}"

    def response(self, tenant: str, session: str) -> str:
        return f"{self.public_url}/{tenant}/response/{session}"

    def done(self, tenant: str, session: str, code: str) -> str:
        """Where the holder's browser returns to, same device only. code: proves that it is the browser that answered."""
        return f"{self.public_url}/{tenant}/done/{session}?{urlencode({'response_code': code})}"
