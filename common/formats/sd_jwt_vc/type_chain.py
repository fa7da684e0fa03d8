"""``extends``: a type with all that it inherits. SD-JWT VC draft-19 §4.4, §4.6.2, §4.7.5, §6.6.

Pure: the caller's ``load`` fetches documents (guarded, cached). Documents are combined as JSON, since what a type *leaves out* it inherits.
That a type extends another says nothing about who may issue it (§6.9).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.encoding import parse_json_object
from common.errors import Malformed
from common.formats.sd_jwt_vc.integrity import check_integrity
from common.formats.sd_jwt_vc.type_metadata import MAX_BYTES, TypeMetadata, read_type_metadata

MAX_CHAIN = 8
"""Documents in one chain: each costs its reader a fetch."""
Load = Callable[[str], bytes]
"""vct → the bytes of its type metadata document. Raises what it likes; nothing of it is caught here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedType:
    """metadata: effective, for the type itself. types: the type, then those that it extends, nearest first."""

    metadata: TypeMetadata
    types: tuple[str, ...]


def resolve_type(vct: str, load: Load, *, integrity: str | None = None) -> ResolvedType:
    """The effective metadata of ``vct``. integrity: the credential's ``vct#integrity``.

    1. each document: its bytes are those whose hash was stated, it describes the type that was asked for   §5, §4.3
    2. the chain ends within `MAX_CHAIN` documents and names no type twice                                 §6.6
    3. each document alone is well-formed
    4. from the base up: a type's own ``display`` replaces the inherited one; claims with one path are combined, ``sd`` and
       ``mandatory`` only ever made stricter                                                               §4.6.2, §4.7.5
    Raises Malformed, Rejected("bad_signature") for other bytes than those meant.
    """
    chain: list[Mapping[str, Any]] = []
    types: list[str] = []
    wanted: str | None = vct
    while wanted is not None:
        # 2 · loops, length
        if wanted in types:
            raise Malformed("circular_type", "a type extends itself, by way of others or at once")
        if len(types) == MAX_CHAIN:
            raise Malformed("bad_type_metadata", f"more than {MAX_CHAIN} types extend each other")
        # 1 · bytes and name
        data = load(wanted)
        if integrity is not None:
            check_integrity(data, integrity)
        document = parse_json_object(data, max_bytes=MAX_BYTES)
        if document.get("vct") != wanted:
            raise Malformed("bad_type_metadata", "the document describes another type")
        # 3 · form
        alone = read_type_metadata(document)
        chain.append(document)
        types.append(wanted)
        wanted, integrity = alone.extends, alone.extends_integrity
    # 4 · inheritance
    effective = chain[-1]
    for document in reversed(chain[:-1]):
        effective = _inherit(effective, document)
    return ResolvedType(metadata=read_type_metadata(effective), types=tuple(types))


def _inherit(base: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    combined = dict(child)
    if "display" not in child and "display" in base:
        combined["display"] = base["display"]
    claims = {_key(claim): claim for claim in base.get("claims", [])}
    for claim in child.get("claims", []):
        inherited = claims.get(_key(claim), {})
        _check_limits(inherited, claim)
        claims[_key(claim)] = {**inherited, **claim}
    if claims:
        combined["claims"] = list(claims.values())
    return combined


def _key(claim: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(claim["path"])


def _check_limits(inherited: Mapping[str, Any], claim: Mapping[str, Any]) -> None:
    """§4.7.5.1."""
    fixed = inherited.get("sd", "allowed")
    if fixed != "allowed" and claim.get("sd", fixed) != fixed:
        raise Malformed(
            "bad_type_metadata", "a type changes sd of a claim for which the type that it extends has decided it"
        )
    if inherited.get("mandatory", False) and not claim.get("mandatory", True):
        raise Malformed("bad_type_metadata", "a type makes optional what is mandatory in the type that it extends")
