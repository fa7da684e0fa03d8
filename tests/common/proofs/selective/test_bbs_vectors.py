"""bbs-2023 against every intermediate value of the W3C's examples (vc-di-bbs 1.0, appendix A): two of the baseline, three of features.

Of the feature options (not supported here) the values before the signature are checked. Their documents name contexts that are not
carried here, so they begin with the canonical statements.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from py_arkworks_bls12381 import Scalar

from common.errors import Unsupported
from common.keys.bls import BbsKey
from common.keys.expand_message import expand_message_xmd
from common.proofs import bbs
from common.proofs.bbs.ciphersuite import API_ID
from common.proofs.canonical import canonize, canonize_quads, canonize_with_labels, parse_nquads, render
from common.proofs.selective.bbs_proof_value import parse_base, parse_derived
from common.proofs.selective.labels import disclosed_labels, shuffled_labels
from common.proofs.selective.pointers import select
from common.proofs.selective.statements import (
    Statements,
    hash_mandatory,
    hash_options,
    revealed_statements,
    split,
)
from common.proofs.suites import bbs_2023
from common.proofs.suites.bbs_2023 import Bbs2023, create_base_proof, presentation_header_of
from tests.common.proofs.json_ld_contexts import contexts_of_vectors
from tests.shared_data import shared_vectors

TOP = shared_vectors("vc-di-bbs") / "TestVectors"
CONTEXTS = contexts_of_vectors()
SUITE = Bbs2023(CONTEXTS)
KEYS = json.loads((TOP / "BBSKeyMaterial.json").read_text())
KEY = BbsKey(bytes.fromhex(KEYS["privateKeyHex"]))
HMAC_KEY = bytes.fromhex(KEYS["hmacKeyString"])
DERIVE = json.loads((TOP / "BBSDeriveMaterial.json").read_text())
PRESENTATION_HEADER = bytes.fromhex(DERIVE["presentationHeaderHex"])


@dataclass(frozen=True)
class Case:
    folder: Path
    document: dict[str, Any]
    mandatory: list[str]
    selective: list[str]

    def read(self, file: str) -> Any:
        text = (self.folder / file).read_text()
        return json.loads(text) if file.endswith(".json") else text

    @property
    def statements(self) -> Statements:
        return Statements(self.document, shuffled_labels(HMAC_KEY), CONTEXTS)


def _case(folder: Path, mandatory: str, selective: str) -> Any:
    # Not prCredUnsigned.json: it is not the document that the values of its example were made from.
    document = json.loads((folder / "addSignedSDBase.json").read_text())
    del document["proof"]
    pointers = [json.loads((TOP / file).read_text()) for file in (mandatory, selective)]
    return pytest.param(Case(folder, document, *pointers), id=folder.name)


CASES = [
    _case(TOP, "windMandatory.json", "windSelective.json"),
    _case(TOP / "prc", "prCredMandatory.json", "prCredSelective.json"),
]
every_case = pytest.mark.parametrize("case", CASES)
every_feature = pytest.mark.parametrize("folder", ["HolderBinding", "Pseudonym", "PseudonymHB"])


def _map(value: Any) -> dict[Any, Any]:
    return dict(value["value"] if isinstance(value, dict) else value)


def _mocked(count: int) -> list[Scalar]:
    """BBS draft §8.1, with the vectors' seed. They were made with the interface's name as the tag, nothing after it."""
    seed = bytes.fromhex(DERIVE["pseudoRandSeedHex"])
    stream = expand_message_xmd(seed, API_ID, 48 * count)
    return [Scalar.from_be_bytes_mod_order(stream[48 * i : 48 * i + 48]) for i in range(count)]


@every_case
def test_base_transformation(case: Case) -> None:
    lines, _ = canonize_with_labels(case.document, contexts=CONTEXTS)
    assert list(lines) == case.read("addBaseDocCanon.json")
    statements = case.statements
    assert statements.lines == case.read("addBaseDocHMACCanon.json")
    transformed = case.read("addBaseTransform.json")
    assert case.mandatory == transformed["mandatoryPointers"]
    matching = statements.matching(case.mandatory)
    mandatory, others = _map(transformed["mandatory"]), _map(transformed["nonMandatory"])
    assert matching == tuple(mandatory)
    assert split(statements.lines, matching) == (list(mandatory.values()), list(others.values()))


def test_the_basic_examples_document() -> None:
    assert CASES[0].values[0].document == json.loads((TOP / "windDoc.json").read_text())


@every_case
def test_base_hashing(case: Case) -> None:
    config = case.read("addProofConfig.json")
    assert canonize(config, contexts=CONTEXTS) == case.read("addProofConfigCanon.txt").rstrip("\n") + "\n"
    hashed = case.read("addHashData.json")
    assert hash_options(case.document, config, CONTEXTS).hex() == hashed["proofHash"]
    mandatory = _map(case.read("addBaseTransform.json")["mandatory"]).values()
    assert hash_mandatory(mandatory).hex() == hashed["mandatoryHash"]


@every_case
def test_pointers(case: Case) -> None:
    subject = case.folder == TOP  # the first example states its pointers from the credential subject
    document = case.document["credentialSubject"] if subject else case.document
    for entry in case.read("addPointerValues.json"):
        found: Any = select(document, [entry["pointer"]])
        for token in entry["pointer"].split("/")[1:]:
            found = found[0] if isinstance(found, list) else found[token]
        assert found == entry["value"]


@every_case
def test_base_proof(case: Case) -> None:
    signed = case.read("addSignedSDBase.json")
    options = {name: value for name, value in case.read("addProofConfig.json").items() if name != "@context"}
    made = create_base_proof(
        case.document, options, KEY, mandatory_pointers=case.mandatory, contexts=CONTEXTS, hmac_key=HMAC_KEY
    )
    assert made == signed["proof"]
    assert {**case.document, "proof": made} == signed
    SUITE.verify_base_proof(case.document, made, KEY.public_bytes)

    value = parse_base(made)
    raw, recovered = case.read("addRawBaseSignatureInfo.json"), case.read("derivedRecoveredBaseData.json")
    assert value.bbs_signature.hex() == raw["bbsSignature"] == recovered["bbsSignature"]
    assert list(value.mandatory_pointers) == raw["mandatoryPointers"] == recovered["mandatoryPointers"]
    assert value.hmac_key.hex() == recovered["hmacKey"]
    assert value.public_key.hex() == KEYS["publicKeyHex"]
    hashed = case.read("addHashData.json")
    assert value.bbs_header.hex() == hashed["proofHash"] + hashed["mandatoryHash"]


@every_case
def test_groups(case: Case) -> None:
    statements, indexes = case.statements, case.read("derivedGroupIndexes.json")
    chosen = {"mandatory": case.mandatory, "selective": case.selective, "combined": case.mandatory + case.selective}
    for name, pointers in chosen.items():
        assert list(statements.matching(pointers)) == indexes[f"{name}Indexes"]
    others = [n for n in range(len(statements.lines)) if n not in indexes["mandatoryIndexes"]]
    assert others == indexes["nonMandatoryIndexes"]


def test_all_groups_of_the_enhanced_example() -> None:
    case: Case = CASES[1].values[0]
    groups, statements = case.read("derivedAllGroupData.json"), case.statements
    assert statements.lines == groups["nquads"]
    for name, pointers in (("mandatory", case.mandatory), ("selective", case.selective)):
        inside, outside = split(statements.lines, statements.matching(pointers))
        assert inside == list(_map(groups["groups"][name]["matching"]).values())
        assert outside == list(_map(groups["groups"][name]["nonMatching"]).values())


@every_case
def test_derived_proof(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def mocked_proof(*arguments: Any) -> bytes:
        return bbs.generate_proof(*arguments, randomness=_mocked)

    monkeypatch.setattr(bbs_2023, "generate_proof", mocked_proof)
    base, expected = case.read("addSignedSDBase.json")["proof"], case.read("derivedRevealDocument.json")
    document, proof = SUITE.derive_proof(
        case.document, base, selective_pointers=case.selective, presentation_header=PRESENTATION_HEADER
    )
    assert document == case.read("derivedUnsignedReveal.json")
    assert {**document, "proof": proof} == expected

    value, data = parse_derived(proof), case.read("derivedDisclosureData.json")
    assert value.bbs_proof.hex() == data["bbsProof"]
    assert dict(value.label_map) == _map(data["labelMap"])
    adjusted = case.read("derivedAdjIndexes.json")
    assert list(value.mandatory_indexes) == data["mandatoryIndexes"] == adjusted["adjMandatoryIndexes"]
    assert list(value.selective_indexes) == data["adjSelectiveIndexes"] == adjusted["adjSelectiveIndexes"]
    assert value.presentation_header == bytes(data["presentationHeader"].values()) == presentation_header_of(proof)


@every_case
def test_verification(case: Case) -> None:
    secured = case.read("derivedRevealDocument.json")
    proof = secured.pop("proof")
    SUITE.verify_proof(secured, proof, KEY.public_bytes)


def test_verification_of_the_enhanced_example() -> None:
    case: Case = CASES[1].values[0]
    secured, stated = case.read("derivedRevealDocument.json"), case.read("verifyDerivedProofValue.json")
    value = parse_derived(secured.pop("proof"))
    assert value.bbs_proof.hex() == stated["bbsProof"]
    assert dict(value.label_map) == _map(stated["labelMap"])
    assert list(value.mandatory_indexes) == stated["mandatoryIndexes"]
    assert list(value.selective_indexes) == stated["adjSelectedIndexes"]
    lines = revealed_statements(secured, disclosed_labels(value.label_map), CONTEXTS)
    assert lines == case.read("verifyNQuads.json")


@every_feature
def test_features_up_to_the_signature(folder: str) -> None:
    def read(file: str) -> Any:
        return json.loads((TOP / folder / file).read_text())

    canonical = parse_nquads("".join(read("addBaseDocCanon.json")))
    lines, labels = canonize_quads(canonical)
    assert list(lines) == read("addBaseDocCanon.json")
    shuffled = shuffled_labels(HMAC_KEY)({f"_:{name}": f"_:{label}" for name, label in labels.items()})
    statements = render(canonical, shuffled)
    assert statements == read("addBaseDocHMACCanon.json")
    transformed = read("addBaseTransform.json")
    mandatory, _ = split(statements, _map(transformed["mandatory"]))
    assert mandatory == list(_map(transformed["mandatory"]).values())
    assert hash_mandatory(mandatory).hex() == read("addHashData.json")["mandatoryHash"]
    combined, _ = split(statements, read("derivedGroupIndexes.json")["combinedIndexes"])
    assert combined == read("verifyNQuads.json")


@every_feature
def test_features_are_unsupported(folder: str) -> None:
    with pytest.raises(Unsupported, match="unknown_feature_option"):
        parse_base(json.loads((TOP / folder / "addSignedSDBase.json").read_text())["proof"])
    with pytest.raises(Unsupported, match="unknown_feature_option"):
        parse_derived(json.loads((TOP / folder / "derivedRevealDocument.json").read_text())["proof"])


def test_the_verification_method_names_the_key() -> None:
    assert SUITE.read_key({"type": "Multikey", "publicKeyMultibase": KEY.public_multibase}) == KEY.public_bytes
