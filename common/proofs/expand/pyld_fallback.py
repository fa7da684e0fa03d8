"""Expansion by PyLD, for what our own expander does not do. Slow; ``COUNTER`` says how often it happened.

PyLD has no safe mode: it drops undefined terms and gives relative IRIs the base ``http://example.org/base/``. Here it is told of every
dropped term, and a base that no document can mean, so that whatever would be lost or invented is refused.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from common.errors import Malformed, Unsupported
from common.proofs.contexts import ContextStore

NO_BASE_SCHEME = "x-no-base:"
NO_BASE = f"{NO_BASE_SCHEME}//relative/"
"""What relative IRIs are resolved against: found again in the result, it tells that there was one."""


@dataclass(slots=True)
class FallbackCounter:
    """documents: how many this process has handed to PyLD."""

    documents: int = 0


COUNTER = FallbackCounter()


def expand_with_pyld(document: Any, contexts: ContextStore) -> list[Any]:
    """JSON-LD document → expanded form. Raises Malformed, Unsupported("unknown_context")."""
    from pyld import ContextResolver, jsonld  # a quarter of a second that hardly any process needs

    COUNTER.documents += 1

    def load(address: str, _options: Any) -> dict[str, Any]:
        # A copy: PyLD writes into what it imports.
        document = copy.deepcopy(contexts.document(address))
        return {"contextUrl": None, "documentUrl": address, "document": document}

    def dropped(term: str | None) -> None:
        raise Malformed("undefined_term", f"the term {str(term)[:100]!r} is not defined by the contexts")

    processor = jsonld.JsonLdProcessor(on_property_dropped=dropped)
    options = {
        "base": NO_BASE,
        "documentLoader": load,
        # With its own cache: the processor's global one would remember contexts of another store.
        "contextResolver": ContextResolver({}, load),
    }
    try:
        expanded: list[Any] = processor.expand(document, options)
    except (Malformed, Unsupported):
        raise
    except RecursionError:
        raise Malformed("bad_json_ld", "nested too deeply") from None
    except jsonld.JsonLdError as error:
        raise _reason(error) from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Malformed("bad_json_ld", "not a JSON-LD document") from error
    _refuse_relative(expanded)
    return expanded


def _refuse_relative(expanded: Any) -> None:
    """Raises where an IRI was made from ``NO_BASE``, or from nothing."""
    if isinstance(expanded, list):
        for each in expanded:
            _refuse_relative(each)
    elif isinstance(expanded, dict):
        kinds = expanded.get("@type", [])
        iris = [*expanded, *(kinds if isinstance(kinds, list) else [kinds])]
        if "@id" in expanded:
            iris.append(expanded["@id"])
        if any(iri is None or str(iri).startswith(NO_BASE_SCHEME) for iri in iris):
            raise Malformed("relative_iri", "an IRI is relative, and there is no base")
        for key, value in expanded.items():
            if key != "@value":
                _refuse_relative(value)


def _reason(error: BaseException) -> Malformed | Unsupported:
    cause: BaseException | None = error
    innermost: BaseException = error
    while cause is not None:
        if isinstance(cause, (Malformed, Unsupported)):
            return cause
        innermost = cause
        cause = cause.__cause__
    code = getattr(innermost, "code", None) or getattr(error, "code", None) or "not a JSON-LD document"
    return Malformed("bad_json_ld", f"JSON-LD: {code}")
