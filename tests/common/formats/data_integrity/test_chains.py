"""Proof sets and chains: the examples of vc-di-eddsa, the inputs of the W3C community's assertion suite, and our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.errors import Malformed, Rejected, TegataError
from common.formats.data_integrity.issue import add_proof
from common.formats.data_integrity.policy import Profile, policy_under
from common.formats.data_integrity.proof import parse_proof
from tests.common.formats.data_integrity.cast import ISSUER, OTHER, P256, P384, check, did_of, options, signed, url_of
from tests.common.proofs.json_ld_contexts import contexts_of_vectors
from tests.common.proofs.suites.vector_keys import signer_of
from tests.shared_data import shared_vectors

INPUTS = sorted((shared_vectors("di-proof-chains") / "inputs" / "eddsa-rdfc-2022").glob("*.json"))
EXAMPLES = shared_vectors("vc-di-eddsa") / "TestVectors" / "proof-set-chain"
UNDER_VECTORS = policy_under(contexts_of_vectors())
PROOF_ONLY = policy_under(contexts_of_vectors(), profile=Profile.PROOF_ONLY)


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_inputs_of_the_assertion_suite(path: Path) -> None:
    """4 good, 8 bad; the good ones under the strict default, since their issuer made one of the proofs."""
    if "Ok" in path.stem:
        found = check(load(path))
        assert len(found.proofs) == 2
        assert found.credential.issuer == found.proofs[1].controller
    else:
        with pytest.raises((Malformed, Rejected)):
            check(load(path), policy=PROOF_ONLY)


def test_there_are_twelve_inputs() -> None:
    assert len(INPUTS) == 12
    assert sum("Ok" in path.stem for path in INPUTS) == 4


@pytest.mark.parametrize("name", ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"])
def test_examples_verify(name: str) -> None:
    document = load(EXAMPLES / f"{name}.json")
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    assert len(check(document, policy=PROOF_ONLY).proofs) == len(proofs)
    with pytest.raises(Rejected, match="untrusted_key"):
        check(document, policy=UNDER_VECTORS)


def test_examples_are_made_byte_for_byte() -> None:
    """proof set, then a chain of two on top: each proof is the one that the specification prints (Ed25519 is deterministic)."""
    pairs = load(EXAMPLES / "multiKeyPairs.json")
    document = load(EXAMPLES / "unsigned.json")
    configs = ["proofSetConfig1", "proofSetConfig2", "proofChainConfig1", "proofChainConfig2"]
    results = ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"]
    for number, (config_name, result) in enumerate(zip(configs, results, strict=True), start=1):
        config = load(EXAMPLES / f"{config_name}.json")
        signer = signer_of(pairs[f"keyPair{number}"])
        read = parse_proof({**config, "proofValue": "z1"})
        previous = config.get("previousProof", [])
        document = add_proof(
            document,
            signer,
            options(
                signer,
                created=read.created,
                id=read.id,
                previous=[previous] if isinstance(previous, str) else previous,
            ),
            policy=PROOF_ONLY,
        )
        theirs = load(EXAMPLES / f"{result}.json")["proof"]
        ours = document["proof"]
        assert (ours if isinstance(ours, list) else [ours]) == (theirs if isinstance(theirs, list) else [theirs])


ONE, TWO = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544", "urn:uuid:8cc9022b-6b14-4cf3-8571-74972c5feb54"


def chained(suites: tuple[str | None, str | None, str | None] = (None, None, None)) -> dict[str, Any]:
    first = signed(id=ONE, cryptosuite=suites[0])
    second = add_proof(first, OTHER, options(OTHER, id=TWO, previous=[ONE], cryptosuite=suites[1]))
    return add_proof(second, P384, options(P384, previous=[ONE, TWO], cryptosuite=suites[2]))


@pytest.mark.parametrize(
    "suites",
    [
        ("eddsa-rdfc-2022", "eddsa-rdfc-2022", "ecdsa-rdfc-2019"),
        ("eddsa-jcs-2022", "eddsa-jcs-2022", "ecdsa-jcs-2019"),
        ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-jcs-2019"),
    ],
)
def test_a_chain_of_three(suites: tuple[str, str, str]) -> None:
    document = chained(suites)
    assert [each.controller for each in check(document).proofs] == [did_of(key) for key in (ISSUER, OTHER, P384)]
    assert document["proof"][1]["previousProof"] == ONE
    assert document["proof"][2]["previousProof"] == [ONE, TWO]


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
@pytest.mark.parametrize("gone", [0, 1])
def test_a_link_that_is_missing_or_changed(suite: str, gone: int) -> None:
    document = chained((suite, suite, {"eddsa-rdfc-2022": "ecdsa-rdfc-2019"}.get(suite, "ecdsa-jcs-2019")))
    proofs = document["proof"]
    with pytest.raises(Rejected, match="bad_signature"):
        check({**document, "proof": [each for number, each in enumerate(proofs) if number != gone]})
    later = [
        {**each, "created": "2026-09-21T00:00:01Z"} if number == gone else each for number, each in enumerate(proofs)
    ]
    with pytest.raises(Rejected, match="bad_signature"):
        check({**document, "proof": later})


def test_the_last_link_may_be_taken_off() -> None:
    """What stands before it does not depend on it; who relies on the notary asks for the notary's proof."""
    document = chained()
    assert len(check({**document, "proof": document["proof"][:2]}).proofs) == 2


def test_a_link_by_the_issuer_replaced_by_a_stranger() -> None:
    """The stranger's proof verifies for itself, but the proof that builds on the first one notices."""
    document = chained()
    stranger = add_proof({n: v for n, v in document.items() if n != "proof"}, P256, options(P256, id=ONE))["proof"]
    with pytest.raises(Rejected, match="bad_signature"):
        check({**document, "proof": [stranger, *document["proof"][1:]]})


def test_circles_are_refused_before_any_work() -> None:
    document = chained()
    first, second, third = document["proof"]
    for proofs in ([{**first, "previousProof": TWO}, second, third], [{**first, "previousProof": ONE}, second, third]):
        with pytest.raises(Malformed, match="circle"):
            check({**document, "proof": proofs})


def test_two_proofs_with_one_id() -> None:
    document = signed(id=ONE)
    with pytest.raises(Rejected, match="id already"):
        add_proof(document, OTHER, options(OTHER, id=ONE))
    with pytest.raises(Malformed, match="one id"):
        check({**document, "proof": [document["proof"], document["proof"]]})


@pytest.mark.parametrize("previous", [[], 7, [7], {}, None, [None], ["urn:x"] * 17])
def test_previous_proof_of_another_kind(previous: object) -> None:
    document = signed(id=ONE)
    with pytest.raises((Malformed, Rejected)):
        check({**document, "proof": [document["proof"], {**document["proof"], "id": TWO, "previousProof": previous}]})


def test_issuing_on_a_link_that_is_not_there() -> None:
    with pytest.raises(Rejected, match="not there"):
        add_proof(signed(id=ONE), OTHER, options(OTHER, previous=[TWO]))


def test_too_many_proofs() -> None:
    document = signed()
    with pytest.raises(Malformed):
        check({**document, "proof": [document["proof"]] * 17})
    with pytest.raises(Malformed):
        check({**document, "proof": []})


def test_every_proof_of_a_set_must_hold() -> None:
    document = add_proof(signed(), P256, options(P256))
    assert [type(error) for error in _errors(document)] == [Rejected, Rejected]
    assert check(document).proofs[1].proof.verification_method == url_of(P256)


def _errors(document: dict[str, Any]) -> list[TegataError]:
    found = []
    for number in range(len(document["proof"])):
        proofs = [dict(each) for each in document["proof"]]
        proofs[number]["proofValue"] = proofs[1 - number]["proofValue"]
        with pytest.raises(TegataError) as caught:
            check({**document, "proof": proofs})
        found.append(caught.value)
    return found
