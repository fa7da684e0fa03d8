"""How RDFC-1.0 tells blank nodes apart: first-degree hashes (§4.6), and the n-degree walk (§4.8) with a limit on its work."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Literal, TypeAlias

from common.errors import Malformed

Quad: TypeAlias = tuple[str, str, str, str]
"""Subject, predicate, object, graph as N-Quads writes them; the default graph is the empty text. Blank nodes begin with ``_:``."""
HashName = Literal["sha256", "sha384"]
_DIGESTS: dict[str, Callable[[bytes], hashlib._Hash]] = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}
MAX_STEPS = 8_000
MAX_DEPTH = 100


def _hexdigest(text: str, name: HashName) -> str:
    try:
        return _DIGESTS[name](text.encode()).hexdigest()
    except UnicodeEncodeError:
        raise Malformed("bad_json", "half of a surrogate pair is no character") from None


def first_degree(quads: Sequence[Quad], hash: HashName) -> tuple[dict[str, list[Quad]], dict[str, str]]:  # noqa: A002
    """Quads → which of them mention a blank node, each once, and each blank node's first-degree hash."""
    mentions: dict[str, list[Quad]] = {}
    for quad in dict.fromkeys([quad for quad in quads if quad[0][0] == "_" or quad[2][0] == "_" or quad[3]]):
        subject, _, object_, graph = quad
        if subject[0] == "_":
            mentions.setdefault(subject, []).append(quad)
        if object_[0] == "_" and object_ != subject:
            mentions.setdefault(object_, []).append(quad)
        if graph and graph[0] == "_" and graph != subject and graph != object_:
            mentions.setdefault(graph, []).append(quad)
    return mentions, {name: _hexdigest(_seen_from(name, near), hash) for name, near in mentions.items()}


def _seen_from(name: str, quads: Sequence[Quad]) -> str:
    lines = []
    for subject, predicate, object_, graph in quads:
        if subject[0] == "_":
            subject = "_:a" if subject == name else "_:z"
        if object_[0] == "_":
            object_ = "_:a" if object_ == name else "_:z"
        if graph:
            if graph[0] == "_":
                graph = "_:a" if graph == name else "_:z"
            lines.append(f"{subject} {predicate} {object_} {graph} .\n")
        else:
            lines.append(f"{subject} {predicate} {object_} .\n")
    lines.sort()
    return "".join(lines)


class _Issuer:
    """Gives names in order of asking."""

    def __init__(self, prefix: str, issued: Mapping[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = dict(issued or {})

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, self.issued)

    def issue(self, name: str) -> str:
        found = self.issued.get(name)
        if found is None:
            found = self.issued[name] = f"{self.prefix}{len(self.issued)}"
        return found


def n_degree_labels(
    mentions: Mapping[str, Sequence[Quad]],
    hashes: Mapping[str, str],
    hash: HashName,  # noqa: A002
) -> dict[str, str]:
    """Canonical labels for all blank nodes. Raises Malformed("too_complex") past MAX_STEPS or MAX_DEPTH."""
    return _Walk(mentions, hashes, hash).labels()


class _Walk:
    def __init__(self, mentions: Mapping[str, Sequence[Quad]], hashes: Mapping[str, str], hash: HashName) -> None:  # noqa: A002
        self.mentions, self.hashes, self.hash = mentions, hashes, hash
        self.canonical = _Issuer("_:c14n")
        self.steps = 0

    def labels(self) -> dict[str, str]:
        groups: dict[str, list[str]] = {}
        for name, digest in self.hashes.items():
            groups.setdefault(digest, []).append(name)
        alike = [names for _, names in sorted(groups.items()) if len(names) > 1]
        for _, names in sorted(groups.items()):
            if len(names) == 1:
                self.canonical.issue(names[0])
        for names in alike:
            found: list[tuple[str, _Issuer]] = []
            for name in names:
                if name not in self.canonical.issued:
                    issuer = _Issuer("_:b")
                    issuer.issue(name)
                    found.append(self._n_degree(name, issuer, 0))
            for _, issuer in sorted(found, key=lambda each: each[0]):
                for name in issuer.issued:
                    self.canonical.issue(name)
        return self.canonical.issued

    def _count(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise Malformed("too_complex", "the blank nodes are too many that look alike")

    def _related(self, name: str, issuer: _Issuer) -> dict[str, list[str]]:
        """Neighbours by the hash of how they are related (§4.7)."""
        found: dict[str, list[str]] = {}
        for subject, predicate, object_, graph in self.mentions[name]:
            for term, position in ((subject, f"s{predicate}"), (object_, f"o{predicate}"), (graph, "g")):
                if term[:1] != "_" or term == name:
                    continue
                known = self.canonical.issued.get(term) or issuer.issued.get(term) or self.hashes[term]
                found.setdefault(_hexdigest(position + known, self.hash), []).append(term)
        return found

    def _n_degree(self, name: str, issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        if depth > MAX_DEPTH:
            raise Malformed("too_complex", "the blank nodes are chained too long")
        self._count(len(self.mentions[name]))
        data = ""
        for related_hash, names in sorted(self._related(name, issuer).items()):
            chosen, chosen_issuer = "", issuer
            for order in permutations(names):
                tried = self._path(order, issuer.copy(), chosen, depth)
                if tried is not None and (not chosen or tried[0] < chosen):
                    chosen, chosen_issuer = tried
            data += related_hash + chosen
            issuer = chosen_issuer
        return _hexdigest(data, self.hash), issuer

    def _path(self, order: Sequence[str], issuer: _Issuer, chosen: str, depth: int) -> tuple[str, _Issuer] | None:
        """The path for one order of alike neighbours, or None as soon as it is behind the chosen one."""
        self._count(len(order))
        path, recursion = "", []
        for name in order:
            label = self.canonical.issued.get(name)
            if label is None:
                if name not in issuer.issued:
                    recursion.append(name)
                label = issuer.issue(name)
            path += label
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        for name in recursion:
            digest, deeper = self._n_degree(name, issuer, depth + 1)
            path += f"{issuer.issue(name)}<{digest}>"
            issuer = deeper
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        return path, issuer
