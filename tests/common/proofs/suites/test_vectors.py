"""Every intermediate value of the examples in vc-di-eddsa 1.0 and vc-di-ecdsa 1.0, for eddsa_rdfc_2022, eddsa_jcs_2022,
ecdsa_rdfc_2019 and ecdsa_jcs_2019: canonical forms, hashes, signatures, signed documents. Ed25519 proofs byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.errors import Malformed, Rejected
from common.keys.multikey import base58btc_decode
from common.proofs.suites.contract import is_selective
from common.proofs.suites.jcs_form import canonical_jcs
from common.proofs.suites.rdfc_form import RdfcForm
from common.proofs.suites.registry import cryptosuites
from common.proofs.suites.signed_hash import Hash, SignedHash
from tests.common.proofs.json_ld_contexts import contexts_of_vectors
from tests.common.proofs.suites.vector_keys import signer_of
from tests.shared_data import shared_vectors

EDDSA = shared_vectors("vc-di-eddsa") / "TestVectors"
ECDSA = shared_vectors("vc-di-ecdsa") / "TestVectors"
CONTEXTS = contexts_of_vectors()
SUITES = cryptosuites(CONTEXTS)


@dataclass(frozen=True)
class Example:
    """folder, suffix: where its files are and how their names end. unsigned: the credential. pair: file of the key pair."""

    folder: Path
    suffix: str
    unsigned: Path
    pair: Path
    suite: str
    hash: Hash = "sha256"

    def text(self, stem: str) -> str:
        return (self.folder / f"{stem}{self.suffix}.txt").read_text()

    def json(self, stem: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / f"{stem}{self.suffix}.json").read_text())
        return found

    @property
    def member(self) -> SignedHash:
        member = SUITES[self.suite]
        assert isinstance(member, SignedHash)
        return member

    @property
    def config(self) -> dict[str, Any]:
        return self.json("proofConfig")

    @property
    def credential(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.unsigned.read_text())
        return found


def _ecdsa(folder: str, suffix: str, curve: str, unsigned: str = "unsigned.json") -> Example:
    suite = "ecdsa-jcs-2019" if "jcs" in folder else "ecdsa-rdfc-2019"
    name: Hash = "sha384" if curve == "p384" else "sha256"
    return Example(ECDSA / folder, suffix, ECDSA / unsigned, ECDSA / f"{curve}KeyPair.json", suite, name)


EXAMPLES = {
    "eddsa-rdfc": Example(
        EDDSA / "eddsa-rdfc-2022", "DataInt", EDDSA / "unsigned.json", EDDSA / "keyPair.json", "eddsa-rdfc-2022"
    ),
    "eddsa-rdfc-employ": Example(
        EDDSA / "eddsa-rdfc-2022/employ",
        "DataInt",
        EDDSA / "employmentAuth.json",
        EDDSA / "keyPair.json",
        "eddsa-rdfc-2022",
    ),
    "eddsa-jcs": Example(
        EDDSA / "eddsa-jcs-2022", "JCS", EDDSA / "unsigned.json", EDDSA / "keyPair.json", "eddsa-jcs-2022"
    ),
    "rdfc-p256": _ecdsa("ecdsa-rdfc-2019-p256", "ECDSAP256", "p256"),
    "rdfc-p256-employ": _ecdsa("ecdsa-rdfc-2019-p256/employ", "ECDSAP256", "p256", "employmentAuth.json"),
    "rdfc-p384": _ecdsa("ecdsa-rdfc-2019-p384", "ECDSAP384", "p384"),
    "rdfc-p384-employ": _ecdsa("ecdsa-rdfc-2019-p384/employ", "ECDSAP384", "p384", "employmentAuth.json"),
    "jcs-p256": _ecdsa("ecdsa-jcs-2019-p256", "JCSECDSAP256", "p256"),
    "jcs-p384": _ecdsa("ecdsa-jcs-2019-p384", "JCSECDSAP384", "p384"),
}
ALL = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())


def _canonical(example: Example) -> tuple[bytes, bytes]:
    options = {name: value for name, value in example.config.items() if name != "@context" or "jcs" in example.suite}
    if "jcs" in example.suite:
        return canonical_jcs(example.credential, options, example.hash)
    return RdfcForm(CONTEXTS).canonical(example.credential, options, example.hash)


@ALL
def test_canonical_forms(example: Example) -> None:
    options, document = _canonical(example)
    assert options.decode() == example.text("proofCanon")
    assert document.decode() == example.text("canonDoc")


@ALL
def test_hashes(example: Example) -> None:
    options, document = _canonical(example)
    assert hashlib.new(example.hash, options).hexdigest() == example.text("proofHash")
    assert hashlib.new(example.hash, document).hexdigest() == example.text("docHash")
    alg = {"sha384": "ES384"}.get(example.hash, example.member.algs[0])
    found = example.member.hash_data(example.credential, example.config, alg=alg)
    assert found.hex() == example.text("combinedHash")


@ALL
def test_their_signature_holds(example: Example) -> None:
    pair = json.loads(example.pair.read_text())
    key = example.member.read_key({"type": "Multikey", "publicKeyMultibase": pair["publicKeyMultibase"]})
    combined = bytes.fromhex(example.text("combinedHash"))
    assert base58btc_decode(example.text("sigBTC58")[1:]).hex() == example.text("sigHex")
    key.verify(bytes.fromhex(example.text("sigHex")), combined)
    signed = example.json("signed")
    proof = signed.pop("proof")
    assert signed == example.credential
    assert proof["proofValue"] == example.text("sigBTC58")
    example.member.verify_proof(signed, proof, key)


@ALL
def test_our_signature(example: Example) -> None:
    """Ed25519 is deterministic, so the proof is theirs byte for byte; ECDSA is not, so ours has to verify."""
    signer = signer_of(json.loads(example.pair.read_text()))
    options = {name: value for name, value in example.config.items() if name != "@context"}
    proof = example.member.create_proof(example.credential, options, signer)
    if signer.alg == "EdDSA":
        assert proof == example.json("signed")["proof"]
    else:
        assert proof.keys() == example.json("signed")["proof"].keys()
        example.member.verify_proof(
            example.credential, proof, example.member.read_key({"publicKeyJwk": signer.public_jwk()})
        )


@ALL
def test_another_document_another_option_another_key(example: Example) -> None:
    signed = example.json("signed")
    proof = signed.pop("proof")
    pair = json.loads(example.pair.read_text())
    key = example.member.read_key(pair)
    with pytest.raises(Rejected, match="bad_signature"):
        example.member.verify_proof({**signed, "name": "Another"}, proof, key)
    with pytest.raises(Rejected, match="bad_signature"):
        example.member.verify_proof(signed, {**proof, "created": "2023-02-24T23:36:39Z"}, key)
    with pytest.raises(Malformed):
        example.member.verify_proof(signed, {**proof, "cryptosuite": "eddsa-2022"}, key)
    other = "p384KeyPair.json" if example.hash == "sha256" else "p256KeyPair.json"
    stranger = json.loads((ECDSA / other).read_text())
    if example.suite.startswith("eddsa"):
        with pytest.raises(Rejected, match="algorithm_not_allowed"):
            example.member.read_key(stranger)
    else:
        with pytest.raises(Rejected, match="bad_signature"):
            example.member.verify_proof(signed, proof, example.member.read_key(stranger))


def test_the_registry_lists_what_the_folder_holds() -> None:
    assert set(SUITES.names) >= {"eddsa-rdfc-2022", "ecdsa-rdfc-2019", "eddsa-jcs-2022", "ecdsa-jcs-2019"}
    assert {member.name for member in SUITES if is_selective(member)} <= {"ecdsa-sd-2023", "bbs-2023"}
