"""RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation of 2024), in bounded time.

Where the first-degree hashes of all blank nodes differ, which is so in nearly every credential, sorting them is the whole algorithm
(§4.4.3, steps 1–4) and is done here. Where some are alike, pyoxigraph's canonicalizer decides. It has no limit and holds the
interpreter's lock, so ``blank_nodes.n_degree_labels`` walks the same paths first, counting, and refuses what would take long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyoxigraph

from common.errors import Malformed
from common.proofs.blank_nodes import HashName, Quad, first_degree, n_degree_labels
from common.proofs.contexts import PINNED, ContextStore
from common.proofs.expand import to_quads

MAX_QUADS = 50_000
_ALGORITHMS = {
    "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


def canonize(
    document: Mapping[str, Any],
    *,
    hash: HashName = "sha256",  # noqa: A002 - the word of the specification
    contexts: ContextStore = PINNED,
) -> str:
    """JSON-LD document → canonical N-Quads.

    Raises Malformed("undefined_term"), ("relative_iri"), ("bad_json_ld") for what cannot be signed without loss,
    Malformed("too_complex") where canonicalising takes too much work, Unsupported("unknown_context").
    """
    return "".join(canonize_with_labels(document, hash=hash, contexts=contexts)[0])


def canonize_with_labels(
    document: Mapping[str, Any],
    *,
    hash: HashName = "sha256",  # noqa: A002
    contexts: ContextStore = PINNED,
) -> tuple[tuple[str, ...], dict[str, str]]:
    """JSON-LD document → its canonical quads in order, each a line with its end, and the label map.

    The map goes from the blank node labels of ``expand.to_nquads(document)`` to the canonical ones, both without ``_:``.
    Raises as ``canonize``.
    """
    return canonize_quads(to_quads(document, contexts=contexts), hash=hash)


def canonize_nquads(
    text: str | Iterable[str],
    *,
    hash: HashName = "sha256",  # noqa: A002
) -> tuple[tuple[str, ...], dict[str, str]]:
    """N-Quads (a text, or lines) → canonical quads and label map, as ``canonize_with_labels``. Raises Malformed."""
    return canonize_quads(parse_nquads(text if isinstance(text, str) else "".join(text)), hash=hash)


def canonize_quads(
    quads: Sequence[Quad],
    *,
    hash: HashName = "sha256",  # noqa: A002
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Quads of terms in canonical form → canonical quads and label map. Raises Malformed("too_complex")."""
    quads = list(dict.fromkeys(quads))
    labels, lines = _labels(quads, hash)
    if lines is None:
        lines = render(quads, labels)
    return tuple(lines), {name[2:]: label[2:] for name, label in labels.items()}


def canonical_labels(quads: Sequence[Quad]) -> dict[str, str]:
    """The label map alone, with SHA-256, its labels with ``_:``. Raises as ``canonize_quads``."""
    return _labels(quads, "sha256")[0]


def _labels(quads: Sequence[Quad], hash: HashName) -> tuple[dict[str, str], list[str] | None]:  # noqa: A002
    """Label map and, where they were needed for it, canonical lines."""
    if len(quads) > MAX_QUADS:
        raise Malformed("too_complex", f"more than {MAX_QUADS} quads")
    mentions, hashes = first_degree(quads, hash)
    if len(set(hashes.values())) == len(hashes):
        by_hash = sorted((digest, name) for name, digest in hashes.items())
        return {name: f"_:c14n{index}" for index, (_, name) in enumerate(by_hash)}, None
    quads = list(dict.fromkeys(quads))
    labels = n_degree_labels(mentions, hashes, hash)
    lines = _by_pyoxigraph(quads, hash)
    if lines != render(quads, labels):
        raise Malformed("not_canonicalizable", "two canonicalisations of the document differ")
    return labels, lines


def render(quads: Iterable[Quad], labels: Mapping[str, str]) -> list[str]:
    """Quads → sorted N-Quads lines with blank nodes renamed."""
    return sorted(write_lines(quads, labels))


def write_lines(quads: Iterable[Quad], labels: Mapping[str, str]) -> list[str]:
    """Quads → an N-Quads line for each, in their order, with blank nodes renamed."""
    named = labels.get
    return [
        f"{named(subject, subject)} {predicate} {named(object_, object_)} {named(graph, graph)} .\n"
        if graph
        else f"{named(subject, subject)} {predicate} {named(object_, object_)} .\n"
        for subject, predicate, object_, graph in quads
    ]


def parse_nquads(text: str) -> list[Quad]:
    """N-Quads text → quads of terms in canonical form. Raises Malformed("bad_n_quads")."""
    try:
        return [_terms(quad) for quad in pyoxigraph.parse(text.encode(), pyoxigraph.RdfFormat.N_QUADS, lenient=True)]
    except (SyntaxError, UnicodeError, ValueError) as error:
        raise Malformed("bad_n_quads", "not N-Quads") from error


def _terms(quad: Any) -> Quad:
    graph = "" if isinstance(quad.graph_name, pyoxigraph.DefaultGraph) else str(quad.graph_name)
    return str(quad.subject), str(quad.predicate), str(quad.object), graph


def _by_pyoxigraph(quads: Iterable[Quad], hash: HashName) -> list[str]:  # noqa: A002
    text = "".join(render(quads, {}))
    try:
        parsed = pyoxigraph.parse(text.encode(), pyoxigraph.RdfFormat.N_QUADS, lenient=True)
        dataset = pyoxigraph.Dataset(parsed)
    except (SyntaxError, UnicodeError, ValueError) as error:
        raise Malformed("bad_n_quads", "not N-Quads") from error
    dataset.canonicalize(_ALGORITHMS[hash])
    return render([_terms(quad) for quad in dataset], {})
