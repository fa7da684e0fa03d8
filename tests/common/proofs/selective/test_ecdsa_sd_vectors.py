"""ecdsa-sd-2023 against every intermediate value of the W3C's two examples (vc-di-ecdsa 1.0, appendix A.7 and A.8)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from common.jose.jwk import export_public_jwk, parse_public_jwk
from common.keys.multikey import base58btc_decode, base58btc_encode
from common.keys.software import ecdsa_from_der
from common.proofs.canonical import canonize, canonize_with_labels
from common.proofs.selective.ecdsa_sd_proof_value import parse_base, parse_derived
from common.proofs.selective.labels import disclosed_labels, hmac_labels
from common.proofs.selective.pointers import select
from common.proofs.selective.statements import (
    Statements,
    hash_mandatory,
    hash_options,
    revealed_statements,
    split,
)
from common.proofs.suites.ecdsa_sd_2023 import EcdsaSd2023, create_base_proof
from tests.common.proofs.json_ld_contexts import contexts_of_vectors
from tests.shared_data import shared_vectors

TOP = shared_vectors("vc-di-ecdsa") / "TestVectors"
FOLDER = TOP / "ecdsa-sd-2023"
CONTEXTS = contexts_of_vectors()
SUITE = EcdsaSd2023(CONTEXTS)
KEYS = json.loads((FOLDER / "SDKeyMaterial.json").read_text())
HMAC_KEY = bytes.fromhex(KEYS["hmacKeyString"])


def _private(pair: str) -> ec.EllipticCurvePrivateKey:
    secret = base58btc_decode(KEYS[pair]["secretKeyMultibase"][1:])[2:]
    return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())


PROOF_KEY = _private("proofKeyPair")
BASE_KEY = _private("baseKeyPair")
PUBLIC = parse_public_jwk(export_public_jwk(BASE_KEY.public_key()))


class DeterministicSigner:
    """The vectors' base key, signing as RFC 6979 says."""

    kid = "base"
    alg = "ES256"

    def public_jwk(self) -> dict[str, Any]:
        return dict(PUBLIC.jwk)

    def sign(self, data: bytes) -> bytes:
        return ecdsa_from_der(BASE_KEY.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)), 32)


@dataclass(frozen=True)
class Case:
    """One example. ``read`` gives a file of its folder."""

    name: str
    document: dict[str, Any]
    mandatory: list[str]
    selective: list[str]

    def read(self, file: str) -> Any:
        text = (FOLDER / self.name / file).read_text()
        return json.loads(text) if file.endswith(".json") else text

    @property
    def statements(self) -> Statements:
        return Statements(self.document, hmac_labels(HMAC_KEY), CONTEXTS)


def _case(name: str, mandatory: str, selective: str) -> Any:
    # Not prCredUnsigned.json: it is not the document that the values of its example were made from.
    document = json.loads((FOLDER / name / "addSignedSDBase.json").read_text())
    del document["proof"]
    pointers = [json.loads((TOP / file).read_text()) for file in (mandatory, selective)]
    return pytest.param(Case(name, document, *pointers), id=name)


CASES = [
    _case("prc", "prCredMandatory.json", "prCredSelective.json"),
    _case("employ", "employMandatory.json", "employSelective.json"),
]
every_case = pytest.mark.parametrize("case", CASES)


def _map(value: Any) -> dict[Any, Any]:
    return dict(value["value"] if isinstance(value, dict) else value)


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


def test_the_second_examples_document() -> None:
    assert CASES[1].values[0].document == json.loads((TOP / "employmentAuth.json").read_text())


@every_case
def test_base_hashing(case: Case) -> None:
    config = case.read("addProofConfig.json")
    assert canonize(config, contexts=CONTEXTS) == case.read("addProofConfigCanon.txt").rstrip("\n") + "\n"
    mandatory = _map(case.read("addBaseTransform.json")["mandatory"]).values()
    hashed = case.read("addHashData.json")
    assert hash_options(case.document, config, CONTEXTS).hex() == hashed["proofHash"]
    assert hash_mandatory(mandatory).hex() == hashed["mandatoryHash"]


@every_case
def test_pointers(case: Case) -> None:
    for entry in case.read("addPointerValues.json"):
        found: Any = select(case.document, [entry["pointer"]])
        for token in entry["pointer"].split("/")[1:]:
            found = found[token]
        assert found == entry["value"]


@every_case
def test_base_proof(case: Case) -> None:
    signed = case.read("addSignedSDBase.json")
    options = {name: value for name, value in case.read("addProofConfig.json").items() if name != "@context"}
    made = create_base_proof(
        case.document,
        options,
        DeterministicSigner(),
        mandatory_pointers=case.mandatory,
        contexts=CONTEXTS,
        hmac_key=HMAC_KEY,
        proof_key=PROOF_KEY,
    )
    assert made == signed["proof"]
    assert {**case.document, "proof": made} == signed
    SUITE.verify_base_proof(case.document, made, PUBLIC)

    value = parse_base(made)
    raw, recovered = case.read("addRawBaseSignatureInfo.json"), case.read("derivedRecoveredBaseData.json")
    assert value.base_signature.hex() == raw["baseSignature"] == recovered["baseSignature"]
    assert "z" + base58btc_encode(value.public_key) == raw["publicKey"] == recovered["proofPublicKey"]
    assert [each.hex() for each in value.signatures] == raw["signatures"] == recovered["signatures"]
    assert list(value.mandatory_pointers) == raw["mandatoryPointers"] == recovered["mandatoryPointers"]
    assert value.hmac_key.hex() == recovered["hmacKey"]


@every_case
def test_groups(case: Case) -> None:
    statements = case.statements
    groups = case.read("derivedAllGroupData.json")
    assert statements.lines == groups["nquads"]
    combined_pointers = [*case.mandatory, *case.selective]
    indexes = case.read("derivedGroupIndexes.json")
    for name, pointers in (
        ("mandatory", case.mandatory),
        ("selective", case.selective),
        ("combined", combined_pointers),
    ):
        matching = statements.matching(pointers)
        assert list(matching) == indexes[f"{name}Indexes"]
        inside, outside = split(statements.lines, matching)
        assert inside == list(_map(groups["groups"][name]["matching"]).values())
        assert outside == list(_map(groups["groups"][name]["nonMatching"]).values())
    others = [n for n in range(len(statements.lines)) if n not in indexes["mandatoryIndexes"]]
    assert others == indexes["nonMandatoryIndexes"]


@every_case
def test_derived_proof(case: Case) -> None:
    base, expected = case.read("addSignedSDBase.json")["proof"], case.read("derivedRevealDocument.json")
    document, proof = SUITE.derive_proof(case.document, base, selective_pointers=case.selective)
    assert document == case.read("derivedUnsignedReveal.json")
    assert {**document, "proof": proof} == expected

    value, data = parse_derived(proof), case.read("derivedDisclosureData.json")
    stated = case.read("verifyDerivedProofValue.json")
    assert value.base_signature.hex() == data["baseSignature"] == stated["baseSignature"]
    assert "z" + base58btc_encode(value.public_key) == data["publicKey"] == stated["publicKey"]
    assert [each.hex() for each in value.signatures] == data["signatures"] == stated["signatures"]
    assert dict(value.label_map) == _map(data["labelMap"]) == _map(stated["labelMap"])
    assert list(value.mandatory_indexes) == data["mandatoryIndexes"] == stated["mandatoryIndexes"]
    assert list(value.mandatory_indexes) == case.read("derivedAdjMandatoryIndexes.json")["adjMandatoryIndexes"]

    filtered = case.read("derivedAdjSignatures.json")
    assert [each.hex() for each in value.signatures] == filtered["filteredSignatures"]
    every = parse_base(base).signatures
    assert value.signatures == tuple(every[n] for n in filtered["adjSignatureIndexes"])


@every_case
def test_verification(case: Case) -> None:
    secured = case.read("derivedRevealDocument.json")
    proof = secured.pop("proof")
    value, data = parse_derived(proof), case.read("verifyCreateVerifyData.json")
    lines = revealed_statements(secured, disclosed_labels(value.label_map), CONTEXTS)
    assert lines == case.read("verifyNQuads.json")
    mandatory, others = split(lines, value.mandatory_indexes)
    assert others == data["nonMandatory"]
    assert hash_mandatory(mandatory).hex() == data["mandatoryHash"]
    options = {name: each for name, each in proof.items() if name != "proofValue"}
    assert hash_options(secured, options, CONTEXTS).hex() == data["proofHash"]
    assert value.base_signature.hex() == data["baseSignature"]
    assert "z" + base58btc_encode(value.public_key) == data["publicKey"]
    assert [each.hex() for each in value.signatures] == data["signatures"]
    SUITE.verify_proof(secured, proof, PUBLIC)


def test_the_verification_method_names_the_key() -> None:
    key = SUITE.read_key({"type": "Multikey", "publicKeyMultibase": KEYS["baseKeyPair"]["publicKeyMultibase"]})
    assert key.jwk["x"] == PUBLIC.jwk["x"]
