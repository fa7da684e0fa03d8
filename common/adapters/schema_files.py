"""The folder of JSON Schemas that an operator gives a program: ``*.json``, and ``*.jwt`` for credentials around a schema.

Read once, at start-up. What a credential merely names is never fetched; what is not in the folder is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import Malformed, Misconfigured, Unsupported

if TYPE_CHECKING:
    from common.formats.json_schema.library import HeldSchema, SchemaLibrary

MAX_FILES = 1000
_SUFFIXES = (".json", ".jwt")


def open_schemas(
    folder: Path | None, *, believe: Callable[[HeldSchema], bool] | None = None, demanded: bool = False
) -> SchemaLibrary | None:
    """None where nothing is set. believe, demanded: of `SchemaLibrary`. Raises Misconfigured, naming the file and what is wrong with it."""
    if folder is None and not demanded:
        return None
    from common.formats.json_schema.library import SchemaLibrary  # a tenth of a second, for those who use it

    held = tuple(_read(path) for path in _files(folder)) if folder is not None else ()
    try:
        return SchemaLibrary(held, believe=believe, demanded=demanded)
    except (Malformed, Unsupported) as error:
        raise Misconfigured("schemas", f"the folder of schemas cannot be used: {error.detail}") from error


def _files(folder: Path) -> tuple[Path, ...]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES and path.is_file())
    except OSError as error:
        raise Misconfigured("schemas", f"the folder of schemas cannot be read: {error.strerror}") from error
    if len(files) > MAX_FILES:
        raise Misconfigured("schemas", f"more than {MAX_FILES} files in the folder of schemas")
    return tuple(files)


def _read(path: Path) -> HeldSchema:
    from common.formats.json_schema.read_held import parse_held_schema

    try:
        return parse_held_schema(path.read_bytes())
    except OSError as error:
        raise Misconfigured("schemas", f"{path.name}: {error.strerror}") from error
    except (Malformed, Unsupported) as error:
        raise Misconfigured("schemas", f"{path.name}: {error.detail}") from error
