"""ecdsa-sd-2023 and bbs-2023 under random choices and damage: every selection derives and verifies, nothing else does."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import cbor
from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Rejected
from common.keys.bls import BbsKey
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from tests.common.proofs.selective.documents import MANDATORY, OPEN_BADGE, SELECTIVE, every_pointer, options
from tests.common.proofs.selective.scenes import BASE, DERIVED, SCENES, Scene, every_suite, refused

POINTERS = every_pointer(OPEN_BADGE)


def _components(proof: dict[str, Any]) -> tuple[bytes, list[Any]]:
    data = b64url_decode(proof["proofValue"][1:])
    return data[:3], cbor.decode(data[3:])


def _with(proof: dict[str, Any], components: list[Any]) -> dict[str, Any]:
    head, _ = _components(proof)
    return {**proof, "proofValue": "u" + b64url_encode(head + cbor.encode(components))}


@every_suite
@settings(max_examples=15, deadline=None)
@given(pointers=st.lists(st.sampled_from(POINTERS), max_size=6))
def test_every_selection_derives_and_verifies(scene: Scene, pointers: list[str]) -> None:
    document, proof = scene.suite.derive_proof(OPEN_BADGE, BASE[scene.suite.name], selective_pointers=pointers)
    scene.suite.verify_proof(document, proof, scene.key)
    assert document["issuer"] == OPEN_BADGE["issuer"]


@every_suite
def test_the_whole_document_can_be_shown(scene: Scene) -> None:
    document, proof = scene.suite.derive_proof(OPEN_BADGE, BASE[scene.suite.name], selective_pointers=[""])
    assert document == OPEN_BADGE
    scene.suite.verify_proof(document, proof, scene.key)


@every_suite
def test_a_holder_checks_what_was_issued(scene: Scene) -> None:
    scene.suite.verify_base_proof(OPEN_BADGE, BASE[scene.suite.name], scene.key)
    changed = copy.deepcopy(OPEN_BADGE)
    changed["credentialSubject"]["achievement"]["name"] = "Doctor"
    refused(scene, changed, BASE[scene.suite.name], base=True)


@every_suite
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_of_a_derived_proof_is_noticed(scene: Scene, data: st.DataObject) -> None:
    document, proof = DERIVED[scene.suite.name]
    refused(scene, document, _flip(proof, data))


@every_suite
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_of_a_base_proof_is_noticed(scene: Scene, data: st.DataObject) -> None:
    refused(scene, OPEN_BADGE, _flip(BASE[scene.suite.name], data), base=True)


def _flip(proof: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    raw = bytearray(b64url_decode(proof["proofValue"][1:]))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    return {**proof, "proofValue": "u" + b64url_encode(bytes(raw))}


LEAVES = [
    ("issuer", "name"),
    ("issuer", "email"),
    ("issuer", "id"),
    ("validFrom",),
    ("validUntil",),
    ("name",),
    ("credentialSubject", "creditsEarned"),
    ("credentialSubject", "achievement", "name"),
    ("credentialSubject", "achievement", "criteria", "narrative"),
]


@every_suite
@pytest.mark.parametrize("path", LEAVES, ids="/".join)
def test_no_statement_is_dropped_or_changed(scene: Scene, path: tuple[str, ...]) -> None:
    document, proof = DERIVED[scene.suite.name]
    for change in (None, "urn:x:somebody-else"):
        changed = copy.deepcopy(document)
        parent = changed
        for name in path[:-1]:
            parent = parent[name]
        if change is None:
            del parent[path[-1]]
        else:
            parent[path[-1]] = change
        refused(scene, changed, proof)


@every_suite
def test_nothing_is_added(scene: Scene) -> None:
    document, proof = DERIVED[scene.suite.name]
    refused(scene, {**document, "description": "with distinction"}, proof)
    refused(scene, document, {**proof, "created": "2026-03-26T09:00:00Z"})
    refused(scene, document, {**proof, "domain": "elsewhere.example"})
    refused(scene, document, {**proof, "cryptosuite": "eddsa-jcs-2022"})
    refused(scene, {**document, "@context": [*document["@context"], {"x": "urn:x:"}], "x": 1}, proof)


@every_suite
def test_two_proofs_do_not_mix(scene: Scene) -> None:
    """Two badges of one issuer, one of which its holder wishes were better."""
    other = copy.deepcopy(OPEN_BADGE)
    other["credentialSubject"]["achievement"]["name"] = "Master of Engineering"
    theirs, proof = DERIVED[scene.suite.name]
    mine, my_proof = scene.suite.derive_proof(other, scene.issue(other), selective_pointers=SELECTIVE)
    refused(scene, mine, proof)
    refused(scene, theirs, my_proof)
    (_, mine_parts), (_, their_parts) = _components(my_proof), _components(proof)
    for place in range(5):
        if mine_parts[place] != their_parts[place]:
            mixed = [*their_parts[:place], mine_parts[place], *their_parts[place + 1 :]]
            refused(scene, theirs, _with(proof, mixed))
            refused(scene, mine, _with(my_proof, [*mine_parts[:place], their_parts[place], *mine_parts[place + 1 :]]))


def test_signatures_of_one_proof_keep_their_order_and_number() -> None:
    scene, (document, proof) = SCENES[0], DERIVED["ecdsa-sd-2023"]
    _, parts = _components(proof)
    signatures = parts[2]
    zero, top = bytes(64), b"\xff" * 64
    for wrong in (
        signatures[::-1],
        signatures[:-1],
        [*signatures, signatures[0]],
        [signatures[0]] * len(signatures),
        [zero] * len(signatures),
        [top] * len(signatures),
        [each[:32] + bytes(32) for each in signatures],
        [bytes(32) + each[32:] for each in signatures],
    ):
        refused(scene, document, _with(proof, [*parts[:2], wrong, *parts[3:]]))
    _, base = _components(BASE["ecdsa-sd-2023"])
    refused(scene, OPEN_BADGE, _with(BASE["ecdsa-sd-2023"], [*base[:3], base[3][::-1], base[4]]), base=True)
    with pytest.raises(Malformed, match="bad_proof_value"):
        scene.suite.derive_proof(
            OPEN_BADGE, _with(BASE["ecdsa-sd-2023"], [*base[:3], base[3][:-1], base[4]]), selective_pointers=[]
        )


@every_suite
def test_mandatory_statements_stay_mandatory(scene: Scene) -> None:
    """A derived proof may not claim that fewer statements were mandatory, nor a base proof that other pointers were."""
    document, proof = DERIVED[scene.suite.name]
    _, parts = _components(proof)
    place = 4 if scene.suite.name == "ecdsa-sd-2023" else 2
    for indexes in ([], parts[place][:-1], parts[place][1:], [*parts[place], 900], [0, *parts[place][1:]][::-1]):
        refused(scene, document, _with(proof, [*parts[:place], indexes, *parts[place + 1 :]]))
    base = BASE[scene.suite.name]
    _, parts = _components(base)
    for pointers in ([], MANDATORY[:-1], [*MANDATORY, "/name"], ["/nothing"], ["name"]):
        refused(scene, OPEN_BADGE, _with(base, [*parts[:4], pointers]), base=True)


@every_suite
def test_another_issuers_key_does_not_verify(scene: Scene) -> None:
    document, proof = DERIVED[scene.suite.name]
    stranger = BbsKey.generate().public_bytes
    if scene.suite.name == "ecdsa-sd-2023":
        multikey = encode_did_key(SoftwareKey.generate("ES256").public_jwk())
        stranger = scene.suite.read_key({"publicKeyMultibase": multikey})
    for verify, shown, its_proof in (
        (scene.suite.verify_proof, document, proof),
        (scene.suite.verify_base_proof, OPEN_BADGE, BASE[scene.suite.name]),
    ):
        with pytest.raises(Rejected, match="bad_signature"):
            verify(shown, its_proof, stranger)


@every_suite
def test_base_and_derived_proofs_are_not_taken_for_each_other(scene: Scene) -> None:
    document, proof = DERIVED[scene.suite.name]
    with pytest.raises(Malformed, match="bad_proof_value"):
        scene.suite.verify_proof(OPEN_BADGE, BASE[scene.suite.name], scene.key)
    with pytest.raises(Malformed, match="bad_proof_value"):
        scene.suite.verify_base_proof(document, proof, scene.key)
    with pytest.raises(Malformed, match="bad_proof_value"):
        scene.suite.derive_proof(document, proof, selective_pointers=["/name"])


@every_suite
def test_nothing_selected_is_no_proof(scene: Scene) -> None:
    proof = scene.suite.create_proof(OPEN_BADGE, options(scene.suite.name, "urn:x:key"), scene.signer)
    scene.suite.verify_base_proof(OPEN_BADGE, proof, scene.key)
    with pytest.raises(Malformed, match="nothing_selected"):
        scene.suite.derive_proof(OPEN_BADGE, proof, selective_pointers=[])
    document, derived = scene.suite.derive_proof(OPEN_BADGE, proof, selective_pointers=["/name"])
    scene.suite.verify_proof(document, derived, scene.key)


def test_a_presentation_header_is_bound_to_its_proof() -> None:
    suite, key = SCENES[1].suite, SCENES[1].key
    document, proof = suite.derive_proof(
        OPEN_BADGE, BASE["bbs-2023"], selective_pointers=SELECTIVE, presentation_header=b"nonce of a verifier"
    )
    suite.verify_proof(document, proof, key)
    _, parts = _components(proof)
    refused(SCENES[1], document, _with(proof, [*parts[:4], b"another nonce"]))
    with pytest.raises(ValueError, match="presentation header"):
        SCENES[0].suite.derive_proof(OPEN_BADGE, BASE["ecdsa-sd-2023"], selective_pointers=[], presentation_header=b"x")


def test_two_derived_proofs_have_nothing_in_common_but_what_is_shown() -> None:
    _, first = _components(DERIVED["bbs-2023"][1])
    _, second = _components(SCENES[1].suite.derive_proof(OPEN_BADGE, BASE["bbs-2023"], selective_pointers=SELECTIVE)[1])
    assert first[1:] == second[1:]
    assert not {first[0][n : n + 16] for n in range(len(first[0]) - 15)} & {
        second[0][n : n + 16] for n in range(len(second[0]) - 15)
    }
