"""Whom a deployment trusts: certificate roots, and issuers with the types that each may issue. Read once, at start-up.

The list of issuers is a TOML file::

    test = true                                   # a list for sandboxes; production refuses it

    [[issuer]]
    identifier = "https://issuer.example/sakuragawa"   # or a DID; one entry per identifier
    types = ["https://issuer.example/types/enrolment", "EnrolmentCredential"]
    names = { ja = "桜川大学", en = "Sakuragawa University" }
    keys = ["x5c"]                                # optional: the only ways in which this issuer's key may be found
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol, get_args

from cryptography import x509

from common.errors import Malformed, Misconfigured
from common.settings import ProgramSettings
from common.x509.names import common_name
from common.x509.pem import parse_certificates

KeyPath = Literal["x5c", "jwt_vc_issuer_metadata", "did"]
KEY_PATHS: frozenset[KeyPath] = frozenset(get_args(KeyPath))

_TEST_ROOT = re.compile(r"\b(sandbox|test)\b", re.IGNORECASE)
_PEM_SUFFIXES = (".pem", ".crt", ".cer")
_MEMBERS = frozenset({"identifier", "types", "names", "keys", "test"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The trust list that an issuer stands in. name: language tag → text. signer: DID. issued_at: seconds since 1970."""

    name: Mapping[str, str]
    signer: str
    sequence: int
    issued_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """An issuer and what it may issue. types: ``vct`` values and W3C types. names: language tag → text. test: sandbox only.

    key_paths: the ways in which its key may be found; narrowing them takes the choice from whoever presents a credential.
    listed_in: None for the operator's own entries.
    """

    identifier: str
    types: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)
    key_paths: frozenset[KeyPath] = KEY_PATHS
    test: bool = False
    listed_in: Listing | None = None


class Anchors(Protocol):
    """What a deployment believes just now: `TrustAnchors`, or those with subscribed lists (`common.trust.subscriptions`)."""

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """The same object as long as nothing has changed."""

    @property
    def issuers(self) -> tuple[TrustedIssuer, ...]: ...

    def issuer(self, identifier: str) -> TrustedIssuer | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchors:
    """Everything that a deployment believes without proof. Empty anchors trust nobody."""

    roots: tuple[x509.Certificate, ...] = ()
    issuers: tuple[TrustedIssuer, ...] = ()
    _by_identifier: Mapping[str, TrustedIssuer] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_identifier = {issuer.identifier: issuer for issuer in self.issuers}
        if len(by_identifier) != len(self.issuers):
            raise Misconfigured("issuer_listed_twice", "the list of trusted issuers names one identifier twice")
        object.__setattr__(self, "_by_identifier", MappingProxyType(by_identifier))

    def issuer(self, identifier: str) -> TrustedIssuer | None:
        """The entry of an issuer, compared as text."""
        return self._by_identifier.get(identifier)


def is_test_root(certificate: x509.Certificate) -> bool:
    """Whether the root says of itself that it is for tests: its common name has the word *sandbox* or *test*."""
    return bool(_TEST_ROOT.search(common_name(certificate)))


def load_anchors(
    *,
    roots: Sequence[str | Path] = (),
    issuers: Sequence[str | Path] = (),
    mixed: Sequence[str | Path] = (),
    sandbox: bool = False,
) -> TrustAnchors:
    """Reads PEM files (or folders of them) and TOML lists. Raises Misconfigured for anything missing, unreadable or, unless sandbox, test.

    A folder contributes its files that end in .pem, .crt or .cer; it may be empty, a named file may not. mixed: files of either kind and
    folders of both, as a sandbox gathers them.
    """
    for path in map(Path, mixed):
        lists = sorted(path.glob("*.toml")) if path.is_dir() else [path] if path.suffix == ".toml" else []
        issuers = [*issuers, *lists]
        roots = roots if path in lists else [*roots, path]
    anchors = TrustAnchors(
        roots=read_roots(roots),
        issuers=tuple(issuer for path in issuers for issuer in parse_issuers(_read(Path(path)))),
    )
    if not sandbox:
        refuse_test_anchors(anchors)
    return anchors


def read_roots(paths: Sequence[str | Path]) -> tuple[x509.Certificate, ...]:
    """PEM files and folders of them → certificates, for what is trusted apart from issuers. Raises Misconfigured."""
    return tuple(certificate for path in paths for certificate in _read_roots(Path(path)))


def open_anchors(settings: ProgramSettings) -> TrustAnchors:
    """What a program's settings believe. Raises Misconfigured."""
    return load_anchors(
        roots=settings.trusted_roots,
        issuers=[settings.trusted_issuers] if settings.trusted_issuers else [],
        mixed=settings.sandbox_anchors,
        sandbox=settings.is_sandbox,
    )


def refuse_test_anchors(anchors: TrustAnchors) -> None:
    """Raises Misconfigured, naming the first test anchor. Production calls it at start-up."""
    for root in anchors.roots:
        if is_test_root(root):
            raise Misconfigured("test_anchor", f"the root {common_name(root)!r} is for sandboxes")
    for issuer in anchors.issuers:
        if issuer.test:
            raise Misconfigured("test_anchor", f"the trusted issuer {issuer.identifier} is for sandboxes")


def parse_issuers(toml: bytes) -> tuple[TrustedIssuer, ...]:
    """The TOML list above → issuers. Raises Misconfigured, unknown members included."""
    try:
        document = tomllib.loads(toml.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise Misconfigured("bad_trust_list", "the list of trusted issuers is not TOML") from cause
    unknown = document.keys() - {"test", "issuer"}
    entries = document.get("issuer", [])
    test = document.get("test", False)
    if unknown or not isinstance(entries, list) or not isinstance(test, bool):
        raise Misconfigured("bad_trust_list", "a list of trusted issuers has test and [[issuer]], nothing else")
    return tuple(read_issuer(entry, test=test) for entry in entries)


def read_issuer(entry: Mapping[str, Any], *, test: bool) -> TrustedIssuer:
    """One entry of a list. test: what the whole list says of itself. Raises Misconfigured, unknown members included."""
    identifier = entry.get("identifier")
    if not isinstance(identifier, str) or not identifier.startswith(
        ("https://", "did:", "http://localhost:", "http://localhost/")
    ):
        raise Misconfigured("bad_trust_list", "a trusted issuer has an identifier: an https address or a DID")
    unknown = entry.keys() - _MEMBERS
    if unknown:
        raise Misconfigured("bad_trust_list", f"{identifier}: unknown {', '.join(sorted(unknown))}")
    types, names = _texts(entry.get("types")), entry.get("names", {})
    keys = _texts(entry.get("keys", sorted(KEY_PATHS)))
    if not types:
        raise Misconfigured("bad_trust_list", f"{identifier}: types is a list of the types that it may issue")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise Misconfigured("bad_trust_list", f"{identifier}: names maps language tags to texts")
    if not keys or not keys <= KEY_PATHS:
        raise Misconfigured("bad_trust_list", f"{identifier}: keys are of {', '.join(sorted(KEY_PATHS))}")
    own_test = entry.get("test", test)
    if not isinstance(own_test, bool):
        raise Misconfigured("bad_trust_list", f"{identifier}: test is true or false")
    return TrustedIssuer(
        identifier=identifier,
        types=types,
        names=names,
        key_paths=frozenset(path for path in KEY_PATHS if path in keys),
        test=own_test or identifier.startswith("http://"),
    )


def _texts(value: object) -> frozenset[str]:
    return frozenset(value) if isinstance(value, list) and all(isinstance(text, str) for text in value) else frozenset()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise Misconfigured("trust_file_unreadable", f"{path.name} cannot be read") from cause


def _read_roots(path: Path) -> Iterable[x509.Certificate]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in _PEM_SUFFIXES)
        return [certificate for file in files for certificate in _read_roots(file)]
    try:
        return parse_certificates(_read(path))
    except Malformed as cause:
        raise Misconfigured("bad_root", f"{path.name} holds no certificate") from cause
