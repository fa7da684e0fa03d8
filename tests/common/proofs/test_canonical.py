"""RDFC-1.0 against the W3C's vectors: 64 datasets, 21 label maps, one dataset that must be refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.errors import Malformed
from common.proofs.canonical import canonize, canonize_nquads
from tests.common.proofs.json_ld_contexts import contexts_of_vectors
from tests.shared_data import shared_vectors

RDF_CANON = shared_vectors("rdf-canon") / "tests"
ENTRIES: list[dict[str, Any]] = json.loads((RDF_CANON / "manifest.jsonld").read_text())["entries"]


def _entries(kind: str) -> list[Any]:
    return [pytest.param(entry, id=entry["id"]) for entry in ENTRIES if entry["type"] == f"rdfc:RDFC10{kind}Test"]


def _hash(entry: dict[str, Any]) -> Any:
    return entry.get("hashAlgorithm", "SHA256").lower().replace("-", "")


def test_the_manifest_is_whole() -> None:
    assert [len(_entries(kind)) for kind in ("Eval", "Map", "NegativeEval")] == [64, 21, 1]


@pytest.mark.parametrize("entry", _entries("Eval"))
def test_canonical_form(entry: dict[str, Any]) -> None:
    quads, _ = canonize_nquads((RDF_CANON / entry["action"]).read_text(), hash=_hash(entry))
    assert "".join(quads) == (RDF_CANON / entry["result"]).read_text()


@pytest.mark.parametrize("entry", _entries("Map"))
def test_label_map(entry: dict[str, Any]) -> None:
    _, labels = canonize_nquads((RDF_CANON / entry["action"]).read_text(), hash=_hash(entry))
    assert labels == json.loads((RDF_CANON / entry["result"]).read_text())


@pytest.mark.parametrize("entry", _entries("NegativeEval"))
def test_poison_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        canonize_nquads((RDF_CANON / entry["action"]).read_text())
    assert refused.value.code == "too_complex"


@pytest.mark.parametrize(
    ("folder", "document", "canonical", "hash_name"),
    [
        ("vc-di-eddsa", "unsigned.json", "eddsa-rdfc-2022/canonDocDataInt.txt", "sha256"),
        ("vc-di-eddsa", "eddsa-rdfc-2022/proofConfigDataInt.json", "eddsa-rdfc-2022/proofCanonDataInt.txt", "sha256"),
        ("vc-di-eddsa", "Ed25519Signature2020/proofConfigEdSig.json", "Ed25519Signature2020/proofCanonEdSig.txt", "sha256"),
        ("vc-di-ecdsa", "unsigned.json", "ecdsa-rdfc-2019-p384/canonDocECDSAP384.txt", "sha384"),
        ("vc-di-ecdsa", "ecdsa-rdfc-2019-p384/proofConfigECDSAP384.json", "ecdsa-rdfc-2019-p384/proofCanonECDSAP384.txt", "sha384"),
    ],
)  # fmt: skip
def test_documents_of_the_data_integrity_texts(folder: str, document: str, canonical: str, hash_name: Any) -> None:
    vectors = shared_vectors(folder) / "TestVectors"
    found = canonize(json.loads((vectors / document).read_text()), hash=hash_name, contexts=contexts_of_vectors())
    assert found == (vectors / canonical).read_text()
