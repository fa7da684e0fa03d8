"""The verdict's tree (`Verdict.as_json`) in the reader's language, ready for the template ``verdict_tree``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.formats.mdoc.document_types.registry import DOCUMENT_TYPES
from common.pages.catalogue import Words
from common.pages.dates import show_date, show_instant, show_span
from verifier.queries.registry import QUESTIONS

Tree = Mapping[str, Any]
_NAME_OF_DOCTYPE = {kind.doctype: kind.name for question in QUESTIONS for kind in question.types}
_PATH_OF_ELEMENT = {
    (namespace, element.name): element.path
    for kind in DOCUMENT_TYPES
    for namespace, elements in kind.namespaces.items()
    for element in elements
}
"""Namespace and element of an mdoc → the claim, by the path that it has in the other formats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """answer: passed, failed or undetermined. reason, freshness, mender: sentences, or empty."""

    answer: str
    title: str
    reason: str
    freshness: str = ""
    mender: str = ""
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """blame: the sentence of the first check that decided against; disclosed: label and value."""

    answer: str
    sentence: str
    blame: str
    judged_at: int
    nodes: tuple[Node, ...]
    disclosed: tuple[tuple[str, str], ...]


def view_verdict(tree: Tree, disclosed: Sequence[Mapping[str, Any]] | None, words: Words) -> VerdictView:
    """disclosed: as `read_result` gives it; None where it is not kept (any more)."""
    judged_at = int(tree["judged_at"])
    presentations = tuple(_presentation(branch, words, judged_at) for branch in tree["presentations"])
    checks = tuple(_check(check, words, judged_at) for check in tree["checks"])
    return VerdictView(
        answer=str(tree["answer"]),
        sentence=_in(tree["sentence"], words),
        blame=_blame(tree, words),
        judged_at=judged_at,
        nodes=(*presentations, *checks),
        disclosed=tuple(_claims(disclosed or (), words)),
    )


def _presentation(branch: Tree, words: Words, judged_at: int) -> Node:
    types = branch["types"]
    kind = _NAME_OF_DOCTYPE.get(types[-1], _last(types[-1])) if types else ""
    name = words(f"type_name.{kind}", kind) if kind else words.text("node.unknown_type")
    believed = branch["issuer_believed_by"]
    return Node(
        answer=str(branch["answer"]),
        title=words.text("node.presentation", name=name),
        reason=words.text("node.issuer", issuer=branch["issuer"] or words.text("node.unknown_issuer")),
        freshness=_believed(believed, words) if believed else "",
        children=tuple(_check(check, words, judged_at) for check in branch["checks"]),
    )


def _believed(believed: Tree, words: Words) -> str:
    source = words.text("node.believed", evidence=believed["evidence"])
    listed = believed.get("listed_in")  # verdicts of earlier versions do not say
    if not listed:
        return source
    when = show_instant(listed["issued_at"], words.language)
    name = _in(listed["name"], words)
    return f"{source} {words.text('node.listed', name=name, number=str(listed['sequence']), when=when)}"


def _check(check: Tree, words: Words, judged_at: int) -> Node:
    answer, mender = str(check["answer"]), str(check["mender"])
    reason = _in(check["sentence"], words)
    if check.get("place"):
        reason = f"{reason} {words.text('node.place', place=check['place'])}"
    return Node(
        answer=answer,
        title=_in(check["title"], words),
        reason=f"{reason} {words.text('node.forgiven')}" if check["forgiven"] else reason,
        freshness=_freshness(check["as_of"], judged_at, words),
        mender=words(f"mender.{mender}", "") if answer != "passed" else "",
    )


def _freshness(as_of: int | None, judged_at: int, words: Words) -> str:
    if as_of is None:
        return ""
    when = show_instant(as_of, words.language)
    if as_of >= judged_at:
        return words.text("node.fresh", when=when)
    return words.text("node.as_of", when=when, span=show_span(judged_at - as_of, words.language))


def _blame(tree: Tree, words: Words) -> str:
    """The first check that says what the whole says, unless the whole is a yes."""
    if tree["answer"] == "passed":
        return ""
    every = [check for branch in tree["presentations"] for check in branch["checks"]] + list(tree["checks"])
    decided = next((c for c in every if c["answer"] == tree["answer"] and not c["forgiven"]), None)
    return _in(decided["sentence"], words) if decided else ""


def _claims(disclosed: Sequence[Mapping[str, Any]], words: Words) -> list[tuple[str, str]]:
    rows = []
    for one in disclosed:
        for claim in one["claims"]:
            path = _PATH_OF_ELEMENT.get(tuple(claim["path"]), claim["path"])
            name = "_".join(str(step) for step in path if step not in (None, "credentialSubject"))
            shown = show_value(claim["value"], words)
            rows.append((words(f"claim.{name}", name), words(f"claim_value.{name}_{shown}", shown)))
    return rows


def show_value(value: Any, words: Words) -> str:
    """A disclosed value: days in the reader's style, yes and no, known codes by their words."""
    if isinstance(value, bool):
        return words.text("common.yes" if value else "common.no")
    if isinstance(value, str):
        try:
            return show_date(value, words.language) if len(value) == 10 else words(f"value.{value}", value)
        except ValueError:
            return value
    return str(value)


def _in(sentence: Mapping[str, str], words: Words) -> str:
    return sentence[words.language]


def _last(name: str) -> str:
    return name.rstrip("/").rsplit("/", 1)[-1]
