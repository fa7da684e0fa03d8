"""Presentations at the verifier's VC API: for whom, by whom, with what in them."""

from __future__ import annotations

import copy

import pytest

from common.did.document import build_document
from common.encoding import compact_json
from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.vc_jose_cose.enveloped import envelop
from common.formats.vc_jose_cose.media_type import media_type
from common.formats.vc_jose_cose.secure import secure
from common.keys.software import SoftwareKey
from tests.verifier.vc_api_scene import (
    HOLDER,
    HOLDER_DID,
    V2,
    call,
    check,
    check_shown,
    codes,
    document,
    presented,
    proven,
    publish,
    with_status,
)
from tests.verifier.world import ISSUER_DID, World


def test_a_presentation_is_believed(small_world: World) -> None:
    world = small_world
    answer = check_shown(world, presented(world, proven(world)))
    assert answer["holder"] == HOLDER_DID
    assert [one["check"] for one in answer["checks"]] == ["proof", "proof", "validity"]
    assert answer["warnings"] == []
    shown = presented(world, proven(world))
    assert check_shown(world, shown, 400, challenge="c-2")["reason"] == "wrong_nonce"
    assert check_shown(world, shown, 400, domain="other.example")["reason"] == "wrong_audience"
    assert check_shown(world, shown, domain=["shop.example"])["holder"] == HOLDER_DID
    assert check_shown(world, {**shown, "holder": ISSUER_DID}, 400)["reason"] in ("bad_signature", "wrong_holder")
    alone = {"verifiablePresentation": shown}
    assert codes(call(world, "presentations/verify", alone)) == ["no_challenge"]
    forged = copy.deepcopy(shown)
    forged["verifiableCredential"][0]["credentialSubject"]["name"] = "Mallory"
    assert check_shown(world, forged, 400)["reason"] == "bad_signature"


def test_status_counts_in_presentations_too(small_world: World) -> None:
    world = small_world
    publish(world, "revocation", 1)
    held = proven(world, with_status("revocation"))
    assert check_shown(world, presented(world, held), 400)["reason"] == "revoked"
    method = f"{ISSUER_DID}#{world.issuer_key.kid}"
    kind = media_type("vc+jwt")
    enveloped = envelop(secure(with_status("revocation"), kind, world.issuer_key, key_id=method), kind)
    assert check_shown(world, presented(world, enveloped), 400)["reason"] == "revoked"
    publish(world, "revocation", 0)
    world.clock.advance(10)
    assert check_shown(world, presented(world, enveloped))["holder"] == HOLDER_DID


def test_unsigned_presentations_only_where_the_caller_says_so(small_world: World) -> None:
    world = small_world
    bare = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [proven(world)]}
    assert check_shown(world, bare, 400)["code"] == "bad_proof"
    answer = check_shown(world, {**bare, "holder": HOLDER_DID}, allowUnsigned=True)
    assert codes(answer) == ["unsigned_presentation"]
    assert "holder" not in answer
    forged = {**bare, "verifiableCredential": [{**proven(world), "name": "another"}]}
    assert check_shown(world, forged, 400, allowUnsigned=True)["reason"] == "bad_signature"


@pytest.mark.parametrize("name", ["vp+jwt", "vp+sd-jwt", "vp+cose"])
def test_presentations_in_jose_and_cose(small_world: World, name: str) -> None:
    world = small_world
    kind, inner = media_type(name), media_type("vc+jwt")
    method = f"{ISSUER_DID}#{world.issuer_key.kid}"
    held = envelop(secure(document(), inner, world.issuer_key, key_id=method), inner)
    shown = {"@context": [V2], "type": "VerifiablePresentation", "holder": HOLDER_DID, "verifiableCredential": [held]}
    key_id = f"{HOLDER_DID}#{HOLDER_DID.removeprefix('did:key:')}"
    extra = None if name == "vp+cose" else {"aud": "shop.example", "nonce": "c-1"}
    made = secure(shown, kind, HOLDER, key_id=key_id, issued_at=world.clock.now(), extra=extra)
    value = envelop(made, kind)
    if name == "vp+cose":
        assert check_shown(world, value, 400)["reason"] in ("wrong_audience", "wrong_nonce")
        answer = call(world, "presentations/verify", {"verifiablePresentation": value})
        assert codes(answer) == ["no_challenge"]
    else:
        answer = check_shown(world, value)
        assert check_shown(world, value, 400, challenge="c-2")["reason"] == "wrong_nonce"
        assert check_shown(world, value, 400, domain=["a", "b"])["code"] == "bad_options"
    assert answer["holder"] == HOLDER_DID
    assert [one["check"] for one in answer["checks"]] == ["signature", "validity"]
    thief = SoftwareKey.generate(alg="EdDSA")
    forged = secure(shown, kind, thief, key_id=key_id, extra=extra)
    assert check_shown(world, envelop(forged, kind), 400)["reason"] == "bad_signature"
    check(world, value, 400)


def test_one_request_sends_us_for_so_many_keys_only(small_world: World) -> None:
    world = small_world
    strangers = []
    for number in range(40):
        name = f"did:web:s{number}.example"
        world.fetch.pages[f"https://s{number}.example/.well-known/did.json"] = compact_json(
            build_document(name, [HOLDER.public_jwk()])
        )
        options = ProofOptions(verification_method=f"{name}#{HOLDER.kid}")
        strangers.append(issue_credential(document(name), HOLDER, options))
    assert check_shown(world, presented(world, *strangers[:20]))["holder"] == HOLDER_DID
    before = len(world.fetch.requests)
    assert check_shown(world, presented(world, *strangers), 400)["code"] == "too_many_keys"
    assert len(world.fetch.requests) - before <= 20
