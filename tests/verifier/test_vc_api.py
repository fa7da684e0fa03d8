"""The VC API on the verifier: what is believed, what is refused and how it is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.did.document import build_document
from common.encoding import compact_json
from common.formats.data_integrity.issue import ProofOptions, issue_credential
from common.formats.vc_jose_cose.enveloped import encode_base64, envelop
from common.formats.vc_jose_cose.media_type import media_type
from common.formats.vc_jose_cose.secure import secure
from common.keys.software import SoftwareKey
from tests.verifier.vc_api_scene import (
    HOLDER_DID,
    LIST,
    V2,
    check,
    codes,
    did_key,
    document,
    proven,
    publish,
    reason,
    with_status,
)
from tests.verifier.world import ISSUER_DID, World, make_world


def test_a_credential_is_believed(small_world: World) -> None:
    world = small_world
    answer = check(world, proven(world), checks=["proof"])
    assert [one["check"] for one in answer["checks"]] == ["proof", "validity"]
    assert answer["checks"][0]["cryptosuite"] == "ecdsa-rdfc-2019"
    assert (answer["trust"], answer["profile"], answer["warnings"]) == ("not_judged", "controlled", [])


def test_a_refusal_is_a_problem_with_its_errors(small_world: World) -> None:
    world = small_world
    forged = proven(world)
    forged["credentialSubject"]["name"] = "Mallory"
    answer = check(world, forged, 400)
    assert (answer["code"], answer["reason"], answer["status"]) == ("bad_signature", "bad_signature", 400)
    (error,) = answer["errors"]
    assert error["type"] == "https://w3id.org/security#PROOF_VERIFICATION_ERROR"
    assert answer["warnings"] == []


def test_what_is_refused(small_world: World) -> None:
    world = small_world
    now = world.clock.now()
    whole = proven(world)
    assert reason(world, proven(world, expires=now - 100)) == "expired"
    assert reason(world, proven(world, created=now + 1000)) == "not_yet_valid"
    assert reason(world, proven(world, document(validUntil="2020-01-01T00:00:00Z"))) == "expired"
    assert reason(world, proven(world, purpose="authentication")) == "wrong_type"
    stranger = SoftwareKey.generate()
    method = f"{did_key(stranger)}#{did_key(stranger).removeprefix('did:key:')}"
    other = issue_credential(document(), stranger, ProofOptions(verification_method=method))
    assert reason(world, other) == "untrusted_key"
    assert reason(world, whole, domain="shop.example") == "wrong_audience"
    assert reason(world, whole, challenge="c-1") == "wrong_nonce"
    for broken in (
        {**whole, "proof": {**whole["proof"], "cryptosuite": "eddsa-2020"}},
        {**whole, "proof": {**whole["proof"], "verificationMethod": "did:nobody:knows#1"}},
        {**whole, "proof": []},
        {**whole, "issuer": None},
        {name: value for name, value in whole.items() if name != "proof"},
        {},
        "a.b.c",
        "",
        "~",
        "%%%",
    ):
        assert check(world, broken, 400)["code"]
    check(world, whole, 400, checks=["everything"])
    check(world, whole, 400, domian="misspelt")


@pytest.mark.parametrize("name", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
@pytest.mark.parametrize("form", ["text", "envelope"])
def test_secured_by_jose_and_cose(small_world: World, name: str, form: str) -> None:
    world = small_world
    kind = media_type(name)
    method = f"{ISSUER_DID}#{world.issuer_key.kid}"
    made = secure(document(), kind, world.issuer_key, key_id=method, issued_at=world.clock.now())
    text: Any = made if isinstance(made, str) else encode_base64(made)
    value = text if form == "text" else envelop(made, kind)
    answer = check(world, value)
    assert answer["checks"][0] == {"check": "signature", "mediaType": kind.full, "verificationMethod": method}
    if form == "text":
        assert check(world, value, mediaType=f"application/{name}") == answer
        check(world, value, 400, mediaType="application/vp+jwt")
        check(world, value, 400, mediaType="text/plain")
    thief = SoftwareKey.generate()
    forged = secure(document(), kind, thief, key_id=method, issued_at=world.clock.now())
    assert reason(world, envelop(forged, kind)) == "bad_signature"


def test_an_https_issuer_is_asked_for_keys_only_where_an_anchor_knows_it(small_world: World) -> None:
    world = small_world
    kind = media_type("vc+jwt")
    for issuer, expect in (("https://issuer.example/sakuragawa", 200), ("https://stranger.example", 400)):
        made = secure(document(issuer), kind, world.issuer_key, issued_at=world.clock.now())
        check(world, made, expect)
    assert not any("stranger.example" in url for _, url in world.fetch.requests)


def test_status_is_a_fact(small_world: World) -> None:
    world = small_world
    held = proven(world, with_status("revocation", "suspension"))
    publish(world, "revocation", 0)
    publish(world, "suspension", 0)
    answer = check(world, held)
    assert [(one["purpose"], one["value"]) for one in answer["checks"][2:]] == [
        ("revocation", "valid"),
        ("suspension", "valid"),
    ]
    publish(world, "suspension", 2)
    assert reason(world, held) == "suspended"
    publish(world, "revocation", 1)
    assert reason(world, held) == "revoked"
    world.unpublish(f"{LIST}/revocation")
    publish(world, "suspension", 0)
    world.clock.advance(10)
    assert reason(world, held) == "status_unknown"
    answer = check(world, held, allowUnknownStatus=True)
    assert codes(answer) == ["status_unknown"]
    publish(world, "suspension", 2)
    world.clock.advance(10)
    assert reason(world, held, allowUnknownStatus=True) == "suspended"


def test_a_list_of_somebody_else_is_not_believed(small_world: World) -> None:
    world = small_world
    publish(world, "revocation", 0)
    stranger = SoftwareKey.generate()
    name = did_key(stranger)
    credential = {**with_status("revocation"), "issuer": name}
    method = f"{name}#{name.removeprefix('did:key:')}"
    assert reason(world, issue_credential(credential, stranger, ProofOptions(verification_method=method))) == (
        "status_unknown"
    )


def test_trust_is_judged_where_it_is_asked_for(small_world: World) -> None:
    world = small_world
    context = {"EnrolmentCredential": "https://issuer.example/types/EnrolmentCredential"}
    known = secure(
        document(type=["VerifiableCredential", "EnrolmentCredential"], **{"@context": [V2, context]}),
        media_type("vc+jwt"),
        world.issuer_key,
        key_id=f"{ISSUER_DID}#{world.issuer_key.kid}",
    )
    assert check(world, known, trust=True)["trust"] == "judged"
    assert check(world, proven(world), 400, trust=True)["reason"] == "untrusted_issuer"
    stranger = SoftwareKey.generate()
    name = did_key(stranger)
    method = f"{name}#{name.removeprefix('did:key:')}"
    made = issue_credential(document(name), stranger, ProofOptions(verification_method=method))
    assert check(world, made)["trust"] == "not_judged"
    assert reason(world, made, trust=True) == "untrusted_issuer"


def test_a_compromised_key_is_not_believed(small_world: World) -> None:
    world = small_world
    held = proven(world)
    world.clock.advance(400)
    old = world.issuer_key
    published = build_document(ISSUER_DID, [SoftwareKey.generate().public_jwk()])
    method = {"id": f"{ISSUER_DID}#{old.kid}", "type": "JsonWebKey", "controller": ISSUER_DID}
    revoked = {**method, "publicKeyJwk": dict(old.public_jwk()), "revoked": "2020-01-01T00:00:00Z"}
    published["verificationMethod"].append(revoked)
    world.fetch.pages["https://issuer.example/sakuragawa/did.json"] = compact_json(published)
    assert reason(world, held) == "key_compromised"


def test_what_is_not_held_here_is_told(small_world: World) -> None:
    world = small_world
    schema = {"id": "https://issuer.example/schema", "type": "JsonSchema"}
    related = {"id": "https://issuer.example/logo", "digestMultibase": "u" + "A" * 43}
    answer = check(world, proven(world, document(credentialSchema=schema, relatedResource=[related])))
    assert codes(answer) == ["resource_not_checked", "schema_not_checked"]
    wrong = {"id": V2, "digestMultibase": "u" + "A" * 43}
    with pytest.raises(Exception, match="related resource"):
        proven(world, document(relatedResource=[wrong]))


def test_proof_only_is_a_setting_and_is_named(tmp_path: Any) -> None:
    world = make_world(f"sqlite:///{tmp_path / 'test.sqlite3'}", tmp_path, document_profile="proof-only")
    try:
        stranger = SoftwareKey.generate()
        method = f"{did_key(stranger)}#{did_key(stranger).removeprefix('did:key:')}"
        other = issue_credential(with_status("revocation"), stranger, ProofOptions(verification_method=method))
        answer = check(world, other)
        assert (answer["profile"], codes(answer)) == ("proof-only", ["proof_only"])
        assert not any(LIST in url for _, url in world.fetch.requests)
        other["credentialSubject"]["name"] = "Mallory"
        refused = check(world, other, 400)
        assert (refused["reason"], codes(refused)) == ("bad_signature", ["proof_only"])
    finally:
        world.deps.database.close_all()


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023"])
def test_derive(small_world: World, suite: str) -> None:
    world = small_world
    base = proven(world, cryptosuite=suite, mandatory_pointers=["/issuer"])
    body = {"verifiableCredential": base, "options": {"selectivePointers": ["/credentialSubject/name"]}}
    answer = world.client.post(f"/{world.tenant}/credentials/derive", json=body, headers=world.bearer)
    assert answer.status_code == 200, answer.text
    derived = answer.json()["verifiableCredential"]
    assert check(world, derived)["checks"][0]["cryptosuite"] == suite
    check(world, base, 400)


def test_identifiers(small_world: World) -> None:
    world = small_world

    def ask(did: str, **query: str) -> Any:
        return world.client.get(f"/{world.tenant}/identifiers/{did}", headers=world.bearer, params=query)

    found = ask(ISSUER_DID)
    assert found.status_code == 200
    assert found.json()["didDocument"]["id"] == ISSUER_DID
    assert found.headers["content-type"] == "application/did-resolution"
    assert ask(HOLDER_DID).json()["didDocument"]["verificationMethod"][0]["type"] == "Multikey"
    for did, status, code in (
        ("nonsense", 400, "invalid_did"),
        ("did:nobody:knows", 501, "method_not_supported"),
        ("did:web:nobody.example", 503, "internal_error"),
    ):
        answer = ask(did)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert ask(HOLDER_DID, versionId="1").status_code == 501


def test_only_operators_of_this_party(small_world: World) -> None:
    world = small_world
    body = {"verifiableCredential": proven(world)}
    for path in ("credentials/verify", "presentations/verify", "credentials/derive"):
        assert world.client.post(f"/{world.tenant}/{path}", json=body).status_code == 401
    assert world.client.get(f"/{world.tenant}/identifiers/{HOLDER_DID}").status_code == 401
    doubled = json.dumps(body).replace('"issuer"', '"issuer": "did:example:a", "issuer"')
    headers = {**world.bearer, "Content-Type": "application/json"}
    answer = world.client.post(f"/{world.tenant}/credentials/verify", content=doubled, headers=headers)
    assert answer.json()["code"] == "duplicate_member"
