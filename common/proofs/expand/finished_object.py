"""What an expanded object must look like, and what of it would be dropped (JSON-LD 1.1 API §5.1.2 steps 15 to 19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.proofs.expand.term import Context, is_absolute

_VALUE_ENTRIES = frozenset({"@value", "@type", "@language", "@direction", "@index"})
_ONE_OTHER = ({"@set"}, {"@list"}, {"@set", "@index"}, {"@list", "@index"})


def bad(what: str) -> Malformed:
    return Malformed("bad_json_ld", f"JSON-LD: {what}")


def lost(what: str) -> Malformed:
    return Malformed("lost_value", f"{what} would be dropped, and so not be signed")


def finish(node: dict[str, Any], element: Mapping[str, Any], active: Context, *, outside: bool, in_list: bool) -> Any:
    """An object whose entries are expanded → node, value, list or graph object, or the array that a set object stands for.

    outside: directly in a graph, where only nodes that say something are kept. Raises Malformed.
    """
    if "@value" in node:
        _check_value(node, element, active)
    elif "@list" in node or "@set" in node:
        if node.keys() not in _ONE_OTHER:
            raise bad("invalid set or list object")
        if "@set" in node:
            return node["@set"]
    elif "@type" in node:
        for kind in node["@type"]:
            if not is_absolute(kind):
                raise Malformed("undefined_term", f"the contexts do not define the type {kind[:100]!r}")
        if not node["@type"] and any(value is None for value in element.values()):
            raise bad("invalid type value")
    elif node.keys() == {"@language"}:
        raise lost("an object that has a language only")
    if outside and not in_list and (not node or "@value" in node or "@list" in node or node.keys() == {"@id"}):
        raise lost("an object outside of any node that says nothing")
    return node


def _check_value(node: dict[str, Any], element: Mapping[str, Any], active: Context) -> None:
    """Value objects: step 15."""
    if node.keys() - _VALUE_ENTRIES or ("@type" in node and ("@language" in node or "@direction" in node)):
        raise bad("invalid value object")
    if "@type" in node:
        if any(isinstance(value, list) and active.expand_vocabulary(key) == "@type" for key, value in element.items()):
            raise bad("invalid typed value")
        kinds = node.pop("@type")
        if len(kinds) > 1:
            raise bad("invalid typed value")
        if kinds:
            node["@type"] = kinds[0]
    kind = node.get("@type")
    value = node["@value"]
    if kind == "@json":
        return
    if value is None:
        raise lost("a value that is null")
    if not isinstance(value, (str, int, float)):
        raise bad("invalid value object value")
    if "@language" in node and not isinstance(value, str):
        raise bad("invalid language-tagged value")
    if kind is not None and (not is_absolute(kind) or kind.startswith("_:")):
        raise Malformed("undefined_term", f"the contexts do not define the datatype {kind[:100]!r}")


def is_plain_node(value: Any) -> bool:
    """A node object that says more than its name."""
    return isinstance(value, dict) and not value.keys() & {"@value", "@list", "@set"} and value.keys() != {"@id"}
