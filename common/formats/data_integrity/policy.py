"""What a deployment asks of a Data Integrity document beyond its signatures, and what it knows. One value, so that calls stay readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from common.formats.vcdm.related_resource import Contents
from common.formats.vcdm.typed_objects import SchemaReference
from common.jose.jwt import LEEWAY
from common.proofs.contexts.store import PINNED, ContextStore
from common.proofs.suites.contract import Cryptosuite
from common.proofs.suites.registry import SUITES, cryptosuites
from common.registry import Registry

SchemaCheck = Callable[[SchemaReference, Mapping[str, Any]], bool]
"""(schema, credential) → True: it is known here and the credential keeps it; False: a stranger. Raises Malformed for a broken schema."""


class Profile(Enum):
    """What a proof must show. ``CONTROLLED``, the default: one proof at least is by the issuer (of a presentation: by the holder).

    ``PROOF_ONLY``: the cryptography alone, whoever's key it is. For conformance fixtures whose issuer is not the key's controller, and
    for tools that say so. It answers "these bytes belong to that key" and nothing more.
    """

    CONTROLLED = "controlled"
    PROOF_ONLY = "proof-only"


class Unknown(Enum):
    """What becomes of a related resource or a schema that is not held here: told to the caller, or refused."""

    REPORTED = "reported"
    REFUSED = "refused"


def pinned_bytes(address: str) -> bytes | None:
    """The contexts that the product carries, as resources to check digests against."""
    return PINNED.read_bytes(address) if address in PINNED else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """leeway: seconds of clock skew. contexts: those that documents may name, ``suites`` reads under the same.

    contents: address → bytes held here. check_schema: None knows no schema.
    """

    profile: Profile = Profile.CONTROLLED
    contexts: ContextStore = PINNED
    suites: Registry[Cryptosuite] = SUITES
    contents: Contents = pinned_bytes
    check_schema: SchemaCheck | None = None
    unknown: Unknown = Unknown.REPORTED
    leeway: int = LEEWAY


STRICT = Policy()


def policy_under(contexts: ContextStore, **change: Any) -> Policy:
    """A policy for documents that name other contexts than the product carries: conformance runs, a deployment's own vocabulary."""

    def contents(address: str) -> bytes | None:
        return contexts.read_bytes(address) if address in contexts else None

    return Policy(contexts=contexts, suites=cryptosuites(contexts), **{"contents": contents, **change})
