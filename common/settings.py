"""What an operator may set, read from the environment and one TOML file. The only module that reads the environment.

A program subclasses `ProgramSettings`, names itself (``program = "issuer"``) and adds its fields; `load` reads, in this order of weight:

1. ``TEGATA_<PROGRAM>_<FIELD>``, and for the few shared fields ``TEGATA_<FIELD>``;
2. the file that ``TEGATA_CONFIG`` names: its section ``[<program>]``, and the shared fields above all sections;
3. the default.

A name that nobody knows is refused, in both places: a misspelt switch must not be a silent default. `IssuerSettings(...)`, called
directly, reads nothing but its arguments.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from common import failpoints
from common.errors import Misconfigured

PROGRAMS = ("issuer", "verifier", "wallet", "gate")
SHARED = ("environment", "data_dir", "fail_at", "fail_trace")
"""Fields that may also be set for all programs at once, without the program's name."""
OTHER_NAMES = ("TEGATA_TEST_", "TEGATA_DEV_")
"""Prefixes that belong to the test suite and to the script ``dev``."""


def _split(value: object) -> object:
    """A list in an environment variable: JSON, or parts between commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One line of ``tegata … settings``. value: as text, secrets redacted. origin: an environment name, a file, or "default"."""

    name: str
    value: str
    origin: str
    help: str


class ProgramSettings(BaseSettings):
    """The settings every program has. Sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)

    program: ClassVar[str] = ""

    environment: Literal["sandbox", "production"] = Field(
        "production", description="sandbox allows test keys and plain http"
    )
    public_url: str = Field(description="where the world reaches this program, without a slash at the end")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(ge=0, le=65535, description="port to listen on")
    data_dir: Path = Field(Path("data"), description="folder for the database and key file where none is named")
    database_url: SecretStr = Field(
        SecretStr(""), description="sqlite:///path or postgresql://…; empty: SQLite in data_dir"
    )
    key_file: Path | None = Field(None, description="32 random bytes that seal keys at rest; empty: in data_dir")
    workers: int = Field(1, ge=1, le=64, description="processes behind the port")
    threads: int = Field(
        16, ge=1, le=200, description="requests in work at a time in one process; each holds a database connection"
    )
    forwarded_from: Words = Field((), description="addresses of proxies whose X-Forwarded-* headers are believed")
    metrics_from: Words = Field(("127.0.0.1", "::1"), description="addresses that may read /metrics")
    tls_cert: Path | None = Field(None, description="PEM certificate chain, to serve https")
    tls_key: Path | None = Field(None, description="PEM private key of tls_cert")
    max_body: int = Field(262_144, ge=1024, description="largest request body, in bytes")
    body_seconds: int = Field(15, ge=1, description="time a client has to send its request body")
    idle_seconds: int = Field(
        10, ge=1, description="time a client has for the head of a request, and between two requests"
    )
    shutdown_seconds: int = Field(10, ge=1, description="time that requests in work get at shutdown")
    guess_limit: str = Field(
        "30/minute", description="tries per client at things that could be guessed, e.g. 30/minute"
    )
    session_seconds: int = Field(8 * 3600, ge=60, description="length of a staff or operator session")
    trusted_roots: Paths = Field((), description="PEM files or folders of root certificates")
    trusted_issuers: Path | None = Field(None, description="file that lists the trusted issuers")
    trust_lists: Words = Field(
        (), description="signed lists of trusted issuers to follow, each: its address, a space, the DID of its signer"
    )
    trust_list_seconds: int = Field(3600, ge=60, description="time between two looks at a trust list")
    fetch_roots: Paths = Field(
        (), description="PEM files of authorities that https is believed from, beside the system's"
    )
    fetch_hosts: Words = Field(
        (), description="our own names that may lie on a private network (https only); name=address: and where"
    )
    log_level: Literal["traffic", "debug", "info", "warning", "error"] = Field(
        "info", description="least weight of a log line"
    )
    sandbox_anchors: Paths = Field((), description="sandbox only: test trust anchors")
    fetch_loopback: bool | None = Field(
        None, description="sandbox only: may the guarded fetch reach loopback (default there: yes)"
    )
    fixed_clock: int | None = Field(
        None, description="sandbox only: the time, in seconds since 1970, that never passes"
    )
    wire_log: Path | None = Field(None, description="sandbox only: file that receives every HTTP exchange")
    fail_at: str = Field(
        "", description="sandbox only: fail-point at which this process kills itself, name or name:count"
    )
    fail_trace: Path | None = Field(
        None, description="sandbox only: file that receives the name of every fail-point passed"
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise Misconfigured("invalid_setting", _explain(error, self.program, {})) from error
        object.__setattr__(self, "_origins", dict.fromkeys(values, "given"))
        self._refuse_sandbox_switches()

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the caller gives; `load` gathers the rest, so that it can tell where each value came from."""
        return (sources["init_settings"],)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """The settings of this process, and its fail-points armed. overrides weigh more than everything (command-line options).

        Raises Misconfigured, naming the setting, its origin and what is wrong with it.
        """
        _refuse_unknown_names(cls)
        values: dict[str, Any] = {}
        origins: dict[str, str] = {}
        for found, origin in (_from_file(cls), _from_environment(cls)):
            values.update(found)
            origins.update(origin)
        values.update(overrides)
        origins.update(dict.fromkeys(overrides, "command line"))
        try:
            settings = cls(**values)
        except Misconfigured as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                raise Misconfigured("invalid_setting", _explain(cause, cls.program, origins)) from cause
            raise
        object.__setattr__(settings, "_origins", origins)
        failpoints.arm(settings.fail_at, settings.fail_trace)
        return settings

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.query
            or parts.fragment
            or parts.username
        ):
            raise ValueError("must be an http or https address without query, fragment and user name")
        return value.rstrip("/")

    @property
    def is_sandbox(self) -> bool:
        return self.environment == "sandbox"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https:")

    @property
    def may_fetch_loopback(self) -> bool:
        return self.is_sandbox and self.fetch_loopback is not False

    @property
    def database_address(self) -> str:
        """The database URL with its password, for `open_database` only."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / f'{self.program}.sqlite3'}"

    @property
    def key_path(self) -> Path:
        return self.key_file or self.data_dir / f"{self.program}.key"

    def sandbox_switches(self) -> Mapping[str, bool]:
        """Name → is it in use, of everything that production refuses. A program with more of them extends the mapping."""
        return {
            "public_url": not self.is_https,
            "sandbox_anchors": bool(self.sandbox_anchors),
            "fetch_loopback": bool(self.fetch_loopback),
            "fixed_clock": self.fixed_clock is not None,
            "wire_log": self.wire_log is not None,
            "fail_at": bool(self.fail_at),
            "fail_trace": self.fail_trace is not None,
        }

    def _refuse_sandbox_switches(self) -> None:
        used = [name for name, in_use in self.sandbox_switches().items() if in_use]
        if used and not self.is_sandbox:
            what = "; ".join(f"{name} (plain http)" if name == "public_url" else name for name in used)
            raise Misconfigured("sandbox_only", f"only environment=sandbox allows: {what}")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise Misconfigured("invalid_setting", "tls_cert and tls_key go together")

    def describe(self) -> tuple[SettingRow, ...]:
        """Every setting with its value (secrets redacted), where it came from, and what it is for."""
        origins: Mapping[str, str] = getattr(self, "_origins", {})
        return tuple(
            SettingRow(
                name=name,
                value=_show(name, getattr(self, name)),
                origin=origins.get(name, "default"),
                help=field.description or "",
            )
            for name, field in type(self).model_fields.items()
        )


def _show(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        if name == "database_url" and "://" in secret:  # which database matters to the operator; its password to nobody
            parts = urlsplit(secret)
            host = parts.netloc.rpartition("@")[2]
            user = f"{parts.username}:…@" if parts.password else f"{parts.username}@" if parts.username else ""
            return f"{parts.scheme}://{user}{host}{parts.path}"
        return "…" if secret else ""
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


def _environment_name(program: str, field: str) -> str:
    return f"TEGATA_{program}_{field}".upper()


def _refuse_unknown_names(cls: type[ProgramSettings]) -> None:
    """Raises Misconfigured for a TEGATA_ name that means nothing. Names of the two other programs are theirs to judge."""
    prefix = _environment_name(cls.program, "")
    shared = {"TEGATA_CONFIG", *(f"TEGATA_{name.upper()}" for name in SHARED)}
    known = shared | {_environment_name(cls.program, name) for name in cls.model_fields}
    others = tuple(_environment_name(name, "") for name in PROGRAMS if name != cls.program) + OTHER_NAMES
    for name in sorted(os.environ):
        if name.startswith("TEGATA_") and name not in known and not name.startswith(others):
            reach = (
                f"known: {', '.join(sorted(known))}"
                if name.startswith(prefix)
                else "no program has a setting of this name"
            )
            raise Misconfigured("unknown_setting", f"{name}: {reach}")


def _from_environment(cls: type[ProgramSettings]) -> tuple[dict[str, Any], dict[str, str]]:
    shared = {name: os.environ[f"TEGATA_{name.upper()}"] for name in SHARED if f"TEGATA_{name.upper()}" in os.environ}
    own = EnvSettingsSource(cls, env_prefix=_environment_name(cls.program, ""), case_sensitive=False)()
    origins = {name: f"TEGATA_{name.upper()}" for name in shared}
    origins.update({name: _environment_name(cls.program, name) for name in own})
    return {**shared, **own}, origins


def _from_file(cls: type[ProgramSettings]) -> tuple[dict[str, Any], dict[str, str]]:
    name = os.environ.get("TEGATA_CONFIG")
    if not name:
        return {}, {}
    try:
        document = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured("config_unreadable", f"TEGATA_CONFIG: {name}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured("config_malformed", f"TEGATA_CONFIG: {name}: {error}") from error
    values: dict[str, Any] = {}
    for key, value in document.items():
        if key in SHARED:
            values[key] = value
        elif key not in PROGRAMS or not isinstance(value, dict):
            sections = ", ".join(f"[{program}]" for program in PROGRAMS)
            raise Misconfigured("unknown_setting", f"{name}: {key}; known here: {', '.join(SHARED)} and {sections}")
    for key, value in document.get(cls.program, {}).items():
        if key not in cls.model_fields:
            raise Misconfigured(
                "unknown_setting", f"{name}: [{cls.program}] {key}; known here: {', '.join(sorted(cls.model_fields))}"
            )
        values[key] = value
    return values, {key: name if key in SHARED else f"{name} [{cls.program}]" for key in values}


def _explain(error: ValidationError, program: str, origins: Mapping[str, str]) -> str:
    """One sentence per wrong setting: where it was set, its name, what is wrong. Never the value."""
    sentences = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else "settings"
        origin = origins.get(name)
        where = name if origin is None else origin if origin.startswith("TEGATA_") else f"{origin} {name}"
        if problem["type"] == "missing":
            where = _environment_name(program, name)
        sentences.append(f"{where}: {problem['msg']}")
    return "; ".join(sentences)
