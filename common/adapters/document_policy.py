"""Under which rules a deployment reads JSON-LD documents: the pinned contexts, in a sandbox those of a folder beside them, and the profile.

Conformance suites name contexts that no product should carry (``examples/v2`` defines every word there is). A folder holds them, with an
``index.json`` that says which address each file stands for; a ``resources.json`` of the same shape may name what related resources are to
be compared with, where that is another thing than the context that is carried. Nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.encoding import parse_json_object
from common.errors import Malformed, Misconfigured
from common.formats.data_integrity.policy import STRICT, Policy, policy_under
from common.proofs.contexts.store import PINNED, ContextStore
from common.settings import ProgramSettings

if TYPE_CHECKING:
    from common.formats.json_schema.library import SchemaLibrary


class ContextSettings(ProgramSettings):
    """For programs that read documents of any vocabulary."""

    extra_contexts: Path | None = Field(
        None,
        description="sandbox only: folder of further JSON-LD contexts; its index.json is an object, address → file name",
    )

    schemas: Path | None = Field(
        None,
        description="folder of JSON Schemas (*.json, *.jwt) that credentials may name; a schema that is not in it is not known",
    )

    def sandbox_switches(self) -> Mapping[str, bool]:
        return {**super().sandbox_switches(), "extra_contexts": self.extra_contexts is not None}


def open_policy(settings: ContextSettings, *, schemas: SchemaLibrary | None = None, **change: Any) -> Policy:
    """The policy of this deployment. change: members of `Policy` that are not the default. Raises Misconfigured."""
    folder = settings.extra_contexts
    if folder is None and schemas is None:
        return policy_under(PINNED, **change) if change else STRICT
    contexts = read_contexts(folder) if folder is not None else PINNED
    held = _read_files(folder, "resources.json") if folder is not None else {}

    def contents(address: str) -> bytes | None:
        if address in held:
            return held[address]
        return contexts.read_bytes(address) if address in contexts else None

    if schemas is None:
        return policy_under(contexts, **{"contents": contents, **change})
    known = {"contents": schemas.contents(contents), "check_schema": schemas.check}
    return policy_under(contexts, **{**known, **change})


def read_contexts(folder: Path) -> ContextStore:
    """The pinned contexts and those of the folder. Raises Misconfigured, also for other bytes at a pinned address."""
    documents = _read_files(folder, "index.json")
    try:
        store = PINNED.extended(documents)
        for address in documents:
            store.document(address)
    except (Malformed, ValueError) as error:
        raise _unusable(error) from error
    return store


def _read_files(folder: Path, index: str) -> dict[str, bytes]:
    """Address → bytes. Only ``index.json`` has to be there."""
    if index != "index.json" and not (folder / index).exists():
        return {}
    try:
        names = parse_json_object((folder / index).read_bytes())
        return {address: (folder / str(name)).read_bytes() for address, name in names.items()}
    except (OSError, Malformed) as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> Misconfigured:
    return Misconfigured("extra_contexts", f"the folder of contexts cannot be used: {error}")
