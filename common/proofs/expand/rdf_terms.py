"""IRIs and literals as canonical N-Quads writes them (RDFC-1.0 §5; JSON-LD 1.1 API §8.2.2, with rdfDirection ``i18n-datatype``).

The value of ``@direction`` becomes part of the datatype. VC Data Integrity names no rdfDirection (vc-data-integrity, issue 366); with
none the direction would not be signed, and this is what the suites in the field do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from common.errors import Malformed
from common.proofs.jcs import canonicalize_json

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING, _DOUBLE = f"{XSD}string", f"{XSD}double"
SPECIAL_TYPES = frozenset({"@json", _STRING, _DOUBLE})
I18N = "https://www.w3.org/ns/i18n#"
_DOUBLE_AS_TEXT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRIM_DOUBLE = re.compile(r"(\d)0*E\+?(-?)0*(\d)")
_BETWEEN = r"[^\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff#]*"
_IRI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:{_BETWEEN}(?:#{_BETWEEN})?")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_TO_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


def iri_term(iri: str) -> str:
    """An absolute IRI in angle brackets. Raises Malformed("relative_iri") for what is none."""
    if _IRI.fullmatch(iri) is None:
        raise Malformed("relative_iri", f"{iri[:100]!r} is not an absolute IRI")
    return f"<{iri}>"


_FREQUENT_CHARACTERS = 200
_REMEMBERED = 4096
_remembered_term = lru_cache(maxsize=_REMEMBERED)(iri_term)
PREDICATES: dict[str, str] = {}
"""The terms of properties seen lately."""


def frequent_term(iri: str) -> str:
    """`iri_term` for types, datatypes and properties, which come again and again."""
    return _remembered_term(iri) if len(iri) < _FREQUENT_CHARACTERS else iri_term(iri)


def predicate_term(iri: str) -> str:
    """A property's IRI in angle brackets. Raises Malformed, also for a blank node, which cannot be one in RDF."""
    if iri[:2] == "_:":
        raise Malformed("blank_node_predicate", "a blank node cannot be a predicate")
    term = iri_term(iri)
    if len(iri) < _FREQUENT_CHARACTERS:
        if len(PREDICATES) >= _REMEMBERED:
            PREDICATES.clear()
        PREDICATES[iri] = term
    return term


def quote(text: str) -> str:
    """A literal's lexical form between quotes, escaped as canonical N-Quads asks (RDFC-1.0 §5)."""
    if (
        text.isprintable() and '"' not in text and "\\" not in text
    ):  # for speed: what is escaped besides is not printable
        return f'"{text}"'
    return f'"{_TO_ESCAPE.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    escaped = _ESCAPES.get(found.group())
    if escaped is None:
        raise Malformed("bad_json", "half of a surrogate pair is no character")
    return escaped


def literal(value: Mapping[str, Any]) -> str:
    """Value object → literal term. JSON-LD 1.1 API §8.2.2."""
    content = value["@value"]
    if content.__class__ is str and len(value) == 1:
        return quote(content)
    datatype = value.get("@type")
    if content.__class__ is str and datatype.__class__ is str and datatype not in SPECIAL_TYPES:
        return f"{quote(content)}^^{frequent_term(datatype)}"
    if datatype == "@json":
        return f"{quote(canonicalize_json(content).decode())}^^<{RDF}JSON>"
    if isinstance(content, str):
        if datatype is None:
            if "@language" not in value and "@direction" not in value:
                return quote(content)
            return _localised(content, value.get("@language", ""), value.get("@direction"))
        if datatype == _STRING:
            return quote(content)
        if datatype == _DOUBLE and _DOUBLE_AS_TEXT.fullmatch(content):
            content = canonical_double(float(content))
        return f"{quote(content)}^^{frequent_term(datatype)}"
    if isinstance(content, bool):
        text, native = ("true" if content else "false"), "boolean"
    elif isinstance(content, (int, float)):
        text, native = number(content, as_double=datatype == _DOUBLE)
    else:
        raise Malformed("bad_json_ld", "a value is neither text, number nor boolean")
    return f'"{text}"^^{frequent_term(datatype or XSD + native)}' if datatype != _STRING else f'"{text}"'


def _localised(content: str, language: str, direction: str | None) -> str:
    if language and _LANGUAGE.fullmatch(language) is None:
        raise Malformed("bad_language", f"{language[:40]!r} is not a language tag")
    if direction is None:
        return f"{quote(content)}@{language}"
    return f"{quote(content)}^^<{I18N}{language}_{direction}>"


def number(value: float, *, as_double: bool) -> tuple[str, str]:
    """A JSON number → lexical form and the XSD datatype it has of itself. 10.0 is the integer 10, as everywhere outside Python."""
    if not as_double and abs(value) < 1e21 and (isinstance(value, int) or value.is_integer()):
        return str(int(value)), "integer"
    return canonical_double(value), "double"


def canonical_double(value: float) -> str:
    """Canonical lexical form of xsd:double, with at most 15 digits after the point: 5.3 → ``5.3E0``."""
    try:
        as_float = float(value)
    except OverflowError:
        raise Malformed("bad_number", "a number is too large") from None
    if not math.isfinite(as_float):
        raise Malformed("bad_number", "a number is not finite")
    return _TRIM_DOUBLE.sub(r"\1E\2\3", f"{as_float:1.15E}")
