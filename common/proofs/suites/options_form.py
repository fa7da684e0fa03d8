"""The canonical form of a proof's options, written down directly where it is certain, since nearly all proofs say the same few things.

Under contexts that leave the terms of proofs alone, the options of a proof without id are one blank node with one quad for each member.
Whether a list of contexts leaves them alone is not guessed: options of every kind that is written here are sent through expander and
canonicalizer once, and only if both ways give the same bytes is the list remembered as harmless. Everything else goes the long way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from common.errors import TegataError
from common.proofs.canonical import canonize
from common.proofs.contexts.store import ContextStore
from common.proofs.suites.signed_hash import Hash

_SECURITY = "https://w3id.org/security#"
_DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
_TYPE_LINE = f"_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{_SECURITY}DataIntegrityProof> .\n"
_SAFE = re.compile(r"[ !#-\[\]-~]*", re.ASCII)
"""Printable ASCII without quotation mark and backslash: needs no escape in N-Quads."""
_DID_URL = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9:._-]+#[A-Za-z0-9._-]+", re.ASCII)
"""An IRI that needs no escape; ``did`` as a prefix is what the probe would notice."""
_PURPOSES = {"assertionMethod": "assertionMethod", "authentication": "authenticationMethod"}
_LITERALS = {
    "created": ("http://purl.org/dc/terms/created", f"^^<{_DATE_TIME}>"),
    "expires": (f"{_SECURITY}expiration", f"^^<{_DATE_TIME}>"),
    "cryptosuite": (f"{_SECURITY}cryptosuite", f"^^<{_SECURITY}cryptosuiteString>"),
    "domain": (f"{_SECURITY}domain", ""),
    "challenge": (f"{_SECURITY}challenge", ""),
    "nonce": (f"{_SECURITY}nonce", ""),
}
_BEFORE = {name: f'_:c14n0 <{predicate}> "' for name, (predicate, _) in _LITERALS.items()}
_BEHIND = {name: f'"{datatype} .\n' for name, (_, datatype) in _LITERALS.items()}
_PROBE = {
    "type": "DataIntegrityProof",
    "cryptosuite": "probe-2026",
    "created": "2026-01-01T00:00:00Z",
    "expires": "2027-01-01T00:00:00Z",
    "verificationMethod": "did:example:probe#key",
    "domain": "domain.example",
    "challenge": "a challenge",
    "nonce": "a nonce",
}
_TEXTS: frozenset[type] = frozenset({str})
_REMEMBERED = 256
_LONGEST = 1 << 14
"""Characters of a list of contexts that is worth remembering: strangers choose it."""


class OptionsForm:
    """Canonical N-Quads of proof options. contexts: those that documents may name."""

    __slots__ = ("_contexts", "_is_harmless")

    def __init__(self, contexts: ContextStore) -> None:
        self._contexts = contexts
        self._is_harmless = lru_cache(maxsize=_REMEMBERED)(self._probe)

    def canonical(self, options: Mapping[str, Any], context: Any, *, hash_name: Hash) -> str:
        """The same as ``canonize({**options, "@context": context})``. Raises as `canonize`."""
        written = write_options_form(options)
        if written is not None and self._leaves_alone(context):
            return written
        return canonize({**options, "@context": context}, hash=hash_name, contexts=self._contexts)

    def _leaves_alone(self, context: Any) -> bool:
        if context.__class__ is list and _TEXTS.issuperset(map(type, context)):  # hot: addresses alone
            return sum(map(len, context)) <= _LONGEST and self._is_harmless(tuple(context))
        try:
            text = json.dumps(context)
        except (TypeError, ValueError, RecursionError):
            return False
        return len(text) <= _LONGEST and self._is_harmless(text)

    def _probe(self, known: str | tuple[str, ...]) -> bool:
        """known: the contexts as JSON, or their addresses."""
        context = json.loads(known) if isinstance(known, str) else list(known)
        try:
            for purpose in _PURPOSES:
                probe = {**_PROBE, "proofPurpose": purpose}
                long_way = canonize({**probe, "@context": context}, contexts=self._contexts)
                if long_way != write_options_form(probe):
                    return False
        except TegataError:
            return False
        return True


def write_options_form(options: Mapping[str, Any]) -> str | None:
    """The quads under contexts that leave the terms of proofs alone; None for options that say anything unusual."""
    lines = [_TYPE_LINE]
    for name, value in options.items():
        if value.__class__ is not str:
            return None
        behind = _BEHIND.get(name)
        if behind is not None:
            if _SAFE.fullmatch(value) is None:
                return None
            lines.append(_BEFORE[name] + value + behind)
        elif name == "verificationMethod":
            if _DID_URL.fullmatch(value) is None:
                return None
            lines.append(f"_:c14n0 <{_SECURITY}verificationMethod> <{value}> .\n")
        elif name == "proofPurpose":
            if value not in _PURPOSES:
                return None
            lines.append(f"_:c14n0 <{_SECURITY}proofPurpose> <{_SECURITY}{_PURPOSES[value]}> .\n")
        elif name != "type" or value != "DataIntegrityProof":
            return None
    if "type" not in options:
        return None
    return "".join(sorted(lines))
