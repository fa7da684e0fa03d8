"""Domain objects ↔ the JSON objects that the vault seals. One way for all of them, so that none is stored unsealed by mistake."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from common.errors import Rejected
from wallet_agent.vault.open_vault import OpenVault

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def seal_object(vault: OpenVault, table: str, row_id: str, kind: Any, value: Any) -> bytes:
    """A dataclass (or a union of them, named by ``kind``) → sealed bytes for that row."""
    return vault.seal(table, row_id, {"value": _adapter(kind).dump_python(value, mode="json")})


def open_object(vault: OpenVault, table: str, row_id: str, kind: Callable[..., T], sealed: bytes) -> T:
    """The object again; kind: its dataclass.

    Raises Rejected when the row was changed, moved, or written by a later version that we cannot read.
    """
    value: T = open_union(vault, table, row_id, kind, sealed)
    return value


def open_union(vault: OpenVault, table: str, row_id: str, kind: Any, sealed: bytes) -> Any:
    """The same for a union of dataclasses, which has no constructor to name its type by."""
    try:
        return _adapter(kind).validate_python(vault.open(table, row_id, sealed)["value"])
    except (ValidationError, KeyError) as error:
        raise Rejected("bad_signature", "this row was not written by this version of the wallet") from error
