"""A verdict's JSON as a tree for the terminal: the same object as the API gives. Pure."""

from __future__ import annotations

import time
from typing import Any

from rich.markup import escape
from rich.tree import Tree

SEAL = {"passed": "[green]■[/]", "failed": "[red]▢[/]", "undetermined": "[yellow]?[/]"}


def verdict_tree(verdict: dict[str, Any]) -> Tree:
    """The verdict's JSON as a tree for the terminal."""
    sentence = verdict["sentence"]
    root = Tree(f"{SEAL[verdict['answer']]} [bold]{verdict['question']}[/]  {sentence['ja']}  {sentence['en']}")
    for check_ in verdict["checks"]:
        _add(root, check_)
    for one in verdict["presentations"]:
        believed = one["issuer_believed_by"]
        path = f"  key by {believed['path']}: {escape(believed['evidence'])}" if believed else ""
        if believed and believed.get("listed_in"):
            listed = believed["listed_in"]
            path += f"  listed in {escape(listed['name']['en'])}, no. {listed['sequence']}"
        branch = root.add(f"{SEAL[one['answer']]} {one['format']}  {escape(one['issuer'])}{path}")
        for check_ in one["checks"]:
            _add(branch, check_)
    return root


def _add(tree: Tree, check_: dict[str, Any]) -> None:
    title, sentence = check_["title"], check_["sentence"]
    notes = [f"as of {when(check_['as_of'])}"] if check_["as_of"] else []
    if check_.get("place"):  # verdicts of earlier versions do not say
        notes.append(f"at {escape(check_['place'])}")
    if check_["answer"] != "passed" and check_["mender"] != "nobody":
        notes.append(f"can be mended by the {check_['mender']}")
    if check_["forgiven"]:
        notes.append("forgiven by policy")
    tree.add(
        f"{SEAL[check_['answer']]} {title['ja']} / {title['en']}: {sentence['ja']} {sentence['en']}"
        + (f" [dim]({'; '.join(notes)})[/]" if notes else "")
    )


def when(seconds: int) -> str:
    """A time in this machine's time zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
