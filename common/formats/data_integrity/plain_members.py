"""Why a verifier may look for a member by its name, and take its absence for an answer, although RDFC suites sign statements only.

The same statements can be written as JSON in which ``credentialStatus`` or ``validUntil`` no longer stands where a reader looks: under
the full address of the term, under ``@nest``, in a node of the same ``id`` under ``@included``, or, between the two versions of the data
model, under a name that the other version does not read. The signature holds, and a withdrawn credential would pass for one without
status. So what RDFC suites sign is read in one spelling only. What such a spelling costs is written in common/README.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Rejected

_VALUE_OBJECT = frozenset({"@value", "@type", "@language", "@direction"})
_LIST_OBJECT = frozenset({"@list"})
_NODE_OBJECT = frozenset({"@context"})
_OF_VERSION_1 = ("issuanceDate", "expirationDate")
_SECURED_APART = frozenset({"@context", "proof", "verifiableCredential"})


def check_plain_members(document: Mapping[str, Any], *, version: int) -> None:
    """A credential or presentation, at any depth; its proofs and the credentials in it stand for themselves.

    1. a member is named by a term: no keyword, no address. Values with a language or type, and lists, are the exception
    2. a member says something: null and the empty make no statement, so anybody could add them
    3. nothing but the document has its id: what is said under it is said of the document
    4. version 2 has no member by which version 1 tells its times
    Raises Rejected("bad_signature").
    """
    if version == 2 and any(name in document for name in _OF_VERSION_1):
        raise _not_plain("times of the data model 1.1 in a document of 2.0")
    _check_names(document)
    identifier = document.get("id")
    waiting: list[Any] = [[value for name, value in document.items() if name not in _SECURED_APART]]
    while waiting:
        for item in waiting.pop():
            kind = item.__class__
            if kind is str:
                continue
            if kind is dict:
                _check_names(item)
                if identifier is not None and item.get("id") == identifier:
                    raise _not_plain("the document is spoken of in another place")
                waiting.append(
                    [value for name, value in item.items() if name != "@context"]
                    if "@context" in item
                    else item.values()
                )
            elif kind is list:
                if not item:
                    raise _not_plain("an empty array")
                waiting.append(item)
            elif item is None:
                raise _not_plain("a member that is null")
            elif isinstance(item, Mapping):  # not from JSON text
                waiting.append([dict(item)])


def _check_names(item: Mapping[str, Any]) -> None:
    names = "\n".join(item)
    if not names:
        raise _not_plain("an empty object")
    if ":" not in names and "@" not in names:
        return
    special = [name for name in item if name[:1] == "@" or ":" in name]
    allowed = _VALUE_OBJECT if "@value" in item else _LIST_OBJECT if "@list" in item else _NODE_OBJECT
    if not allowed.issuperset(special):
        raise _not_plain("a member whose name is no term")


def _not_plain(what: str) -> Rejected:
    return Rejected("bad_signature", f"the proof leaves open how this is written: {what}")
