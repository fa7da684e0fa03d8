"""RDFC-1.0: ours and pyoxigraph's are one; names of blank nodes and the order of quads say nothing; time is bounded."""

from __future__ import annotations

import random
import time
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import Malformed, TegataError
from common.proofs.canonical import canonize_nquads, canonize_quads, parse_nquads, render

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
BLANK = st.sampled_from([f"_:b{number}" for number in range(6)])
IRI = st.sampled_from(["<http://e.x/1>", "<http://e.x/2>", "<urn:x:é>"])
LITERAL = st.sampled_from(['"a"', '"b"@en', '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', '"_:b0 \\" <x> \\n"'])
QUADS = st.lists(
    st.tuples(
        st.one_of(BLANK, BLANK, IRI),
        st.sampled_from(["<http://p.x/p>", "<http://p.x/q>"]),
        st.one_of(BLANK, BLANK, IRI, LITERAL),
        st.one_of(st.just(""), st.just(""), BLANK, IRI),
    ),
    max_size=9,
)
HASHES = {
    "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


@settings(SLOW, max_examples=300)
@given(QUADS, st.sampled_from(sorted(HASHES)))
def test_the_same_as_pyoxigraph(quads: list[Any], name: Any) -> None:
    text = "".join(render(quads, {}))
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(text.encode(), pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(HASHES[name])
    lines, labels = canonize_quads(quads, hash=name)
    assert list(lines) == sorted(f"{quad} .\n" for quad in dataset)
    assert list(lines) == sorted(set(render(quads, {f"_:{old}": f"_:{new}" for old, new in labels.items()})))
    assert canonize_nquads(text, hash=name)[0] == lines  # blank nodes that are alike may change names


@settings(SLOW, max_examples=200)
@given(QUADS, st.randoms(use_true_random=False))
def test_names_and_order_say_nothing(quads: list[Any], shuffler: random.Random) -> None:
    names = [f"_:b{number}" for number in range(6)]
    other = dict(zip(names, shuffler.sample([f"_:x{number}" for number in range(9)], 6), strict=True))
    renamed = [tuple(other.get(term, term) for term in quad) for quad in quads]
    shuffler.shuffle(renamed)
    assert canonize_quads(renamed)[0] == canonize_quads(quads)[0]


def _clique(size: int) -> list[Any]:
    return [(f"_:n{a}", "<http://p.x/p>", f"_:n{b}", "") for a in range(size) for b in range(size) if a != b]


def _chain(size: int) -> list[Any]:
    return [(f"_:n{a}", "<http://p.x/p>", f"_:n{a + 1}", "") for a in range(size)]


def _ring(size: int) -> list[Any]:
    return [(f"_:n{a}", "<http://p.x/p>", f"_:n{(a + 1) % size}", "") for a in range(size)]


def _star(size: int) -> list[Any]:
    return [("_:n", "<http://p.x/p>", f"_:n{a}", "") for a in range(size)]


def _pairs(size: int) -> list[Any]:
    return [(f"_:n{a}", "<http://p.x/p>", f"_:m{a}", "") for a in range(size)]


def _lists(size: int) -> list[Any]:
    return [(f"_:n{a}", "<http://p.x/first>", '"1"', "") for a in range(size)] + _chain(size)


@pytest.mark.parametrize("size", [2, 4, 5, 6, 8, 12, 40, 300, 3000])
@pytest.mark.parametrize("shape", [_clique, _chain, _ring, _star, _pairs, _lists])
def test_time_is_bounded(shape: Any, size: int) -> None:
    if shape is _clique and size > 100:
        size = 100
    started = time.process_time()
    try:
        canonize_quads(shape(size))
    except Malformed as refused:
        assert refused.code == "too_complex"  # noqa: PT017
    assert time.process_time() - started < 2


@SLOW
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["_:a", "<http://e.x/>", '"x"', ".", "\n", "^^", "@en", " "]), max_size=20).map("".join)
)
def test_any_text_gives_quads_or_a_typed_error(text: str) -> None:
    try:
        parse_nquads(text)
        canonize_nquads(text)
    except TegataError:
        return
