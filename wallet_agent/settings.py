"""The wallet agent's settings, beside those that every program has (``common.settings``)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from common.settings import ProgramSettings
from wallet_agent.vault.wrapping import Cost


class WalletSettings(ProgramSettings):
    """Environment names begin with ``TEGATA_WALLET_``; the section of the configuration file is ``[wallet]``."""

    program: ClassVar[str] = "wallet"

    public_url: str = Field(
        "http://localhost:8102", description="where the world reaches this program, without a slash at the end"
    )
    port: int = Field(8102, ge=0, le=65535, description="port to listen on")
    session_seconds: int = Field(30 * 60, ge=60, description="how long a vault stays unlocked")
    open_signup: bool | None = Field(None, description="may strangers make a wallet here; empty: in a sandbox only")
    signup_limit: str = Field("20/hour", description="most new or restored wallets from one address, like 20/hour")
    passphrase_passes: int = Field(3, ge=1, le=16, description="Argon2id passes for new passphrases")
    passphrase_memory: int = Field(
        64 << 20, ge=8 << 10, le=256 << 20, description="Argon2id memory for new passphrases, in bytes"
    )
    batch_copies: int = Field(
        4, ge=1, le=100, description="copies of a card to ask for, so that two shops cannot compare them"
    )
    lease_seconds: int = Field(
        30, ge=1, le=600, description="how long one process may work on an offer before another takes it up"
    )
    offer_retention: int = Field(
        30 * 86400, ge=3600, description="how long unfinished and finished offers are remembered"
    )
    request_retention: int = Field(30 * 86400, ge=3600, description="how long read requests are remembered")
    job_seconds: int = Field(600, ge=1, description="how often old rows are deleted and the audit record is sealed")
    holder: str = Field("", description="command line only: the wallet to use where none is named")
    passphrase: SecretStr = Field(
        SecretStr(""), description="command line only: the passphrase, so that nobody is asked"
    )
    unattended_key_file: Path | None = Field(
        None, description="key file that the command line uses instead of a passphrase"
    )

    @property
    def signup_is_open(self) -> bool:
        return self.is_sandbox if self.open_signup is None else self.open_signup

    @property
    def passphrase_cost(self) -> Cost:
        return Cost(ops=self.passphrase_passes, memory=self.passphrase_memory)
