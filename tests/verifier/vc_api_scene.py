"""An issuer, a holder and the VC API's caller, for the tests of the verifier's VC API."""

from __future__ import annotations

from typing import Any

from common.formats.bitstring_entry import build_credential_status
from common.formats.credential import StatusReference
from common.formats.data_integrity.issue import ProofOptions, add_proof, issue_credential
from common.keys.multikey import encode_did_key
from common.keys.software import SoftwareKey
from common.ports import Fetched
from common.status.contract import ListIssuer, ListTimes, StatusTable
from common.status.registry import renderings_of
from tests.verifier.world import DAY, ISSUER_DID, World

V2 = "https://www.w3.org/ns/credentials/v2"
LIST = "https://issuer.example/sakuragawa/status/1"
HOLDER = SoftwareKey.generate(alg="EdDSA")
HOLDER_DID = f"did:key:{encode_did_key(HOLDER.public_jwk())}"


def did_key(key: SoftwareKey) -> str:
    return f"did:key:{encode_did_key(key.public_jwk())}"


def document(issuer: str = ISSUER_DID, **more: Any) -> dict[str, Any]:
    return {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": HOLDER_DID, "name": "Alice"},
        **more,
    }


def proven(world: World, credential: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """By the issuer's did:web."""
    method = f"{ISSUER_DID}#{world.issuer_key.kid}"
    made = ProofOptions(**{"verification_method": method, "created": world.clock.now(), **options})
    return issue_credential(credential or document(), world.issuer_key, made)


def presented(world: World, *credentials: Any, **options: Any) -> dict[str, Any]:
    held = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": list(credentials)}
    made = {"purpose": "authentication", "challenge": "c-1", "domain": "shop.example", "created": world.clock.now()}
    method = f"{HOLDER_DID}#{HOLDER_DID.removeprefix('did:key:')}"
    return add_proof(held, HOLDER, ProofOptions(verification_method=method, **{**made, **options}))


def call(world: World, path: str, body: dict[str, Any], expect: int = 200) -> Any:
    answer = world.client.post(f"/{world.tenant}/{path}", json=body, headers=world.bearer)
    assert answer.status_code == expect, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    if expect == 200:
        assert found["verified"] is True
    else:
        assert "verified" not in found
        assert answer.headers["content-type"] == "application/problem+json"
    return found


def check(world: World, credential: Any, expect: int = 200, **options: Any) -> Any:
    return call(world, "credentials/verify", {"verifiableCredential": credential, "options": options}, expect)


def check_shown(world: World, shown: Any, expect: int = 200, **options: Any) -> Any:
    asked = {"challenge": "c-1", "domain": "shop.example", **options}
    return call(world, "presentations/verify", {"verifiablePresentation": shown, "options": asked}, expect)


def reason(world: World, credential: Any, **options: Any) -> str:
    return str(check(world, credential, 400, **options)["reason"])


def codes(answer: Any) -> list[str]:
    return [note["code"] for note in answer["warnings"]]


def publish(world: World, purpose: str, value: int) -> None:
    """The list of one purpose, as the issuer's VC API publishes it. value: of entry 7, as the status table counts."""
    now = world.clock.now()
    issuer = ListIssuer(id=ISSUER_DID, key_id=f"{ISSUER_DID}#{world.issuer_key.kid}", signer=world.issuer_key)
    (rendering, *_) = renderings_of("bitstring")
    table = StatusTable(size=131_072, values={7: value}, version=1, changed_at=now)
    times = ListTimes(issued_at=now, expires_at=now + DAY, ttl=300)
    uri = f"{LIST}/{purpose}"
    body = rendering.render(table, uri=uri, purpose=purpose, issuer=issuer, times=times, aggregation_uri="")
    world.fetch.pages[uri] = Fetched(url=uri, status=200, body=body)


def with_status(*purposes: str) -> dict[str, Any]:
    entries = [StatusReference(uri=f"{LIST}/{purpose}", index=7, purpose=purpose) for purpose in purposes]
    return document(credentialStatus=build_credential_status(entries))
