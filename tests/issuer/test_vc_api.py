"""The VC API on the issuer: who may issue what in whose name, and what becomes of it."""

from __future__ import annotations

import copy
import gzip
import json
from hashlib import sha256
from typing import Any

import pytest

from common.encoding import b64url_decode, b64url_encode
from common.errors import Misconfigured
from common.formats.data_integrity.verification_methods import VerificationMethods
from common.formats.data_integrity.verify import verify_credential
from common.formats.vc_jose_cose.enveloped import read_enveloped_credential
from common.formats.vc_jose_cose.parse_secured import parse_secured
from common.formats.vc_jose_cose.verify_secured import verify_secured
from common.jose.jwk import parse_public_jwk
from issuer.flows.change_keys import ensure_key
from issuer.flows.did_log import did_of_log, publish_did_log
from issuer.store.tables import Credential
from tests.issuer.school import TENANT, School, open_school, settings_for

DID = f"did:web:localhost%3A8101:{TENANT}"
V2 = "https://www.w3.org/ns/credentials/v2"


def document(issuer: Any = DID, **more: Any) -> dict[str, Any]:
    subject = {"id": "did:example:alice", "name": "Alice", "description": "somebody"}
    return {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": subject,
        **more,
    }


def call(school: School, path: str, body: Any, expect: int) -> Any:
    answer = school.client.post(f"/{TENANT}/credentials/{path}", json=body, headers=school.staff)
    assert answer.status_code == expect, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def issue(school: School, credential: dict[str, Any] | None = None, expect: int = 201, **options: Any) -> Any:
    answer = call(school, "issue", {"credential": credential or document(), "options": options}, expect)
    return answer["verifiableCredential"] if expect == 201 else answer


def identifiers(school: School) -> dict[str, list[str]]:
    answer = school.client.get(f"/{TENANT}/identifiers", headers=school.staff)
    return {one["id"]: one["algs"] for one in answer.json()["identifiers"]}


def methods(school: School) -> VerificationMethods:
    return VerificationMethods(documents={DID: school.client.get(f"/{TENANT}/did.json").json()})


def verify(school: School, secured: dict[str, Any], **how: Any) -> Any:
    return verify_credential(secured, methods=methods(school), now=school.clock.now(), **how)


def hold_every_key(school: School) -> None:
    for alg in ("ES256", "ES384", "ES512", "EdDSA", "BBS"):
        ensure_key(school.desk, TENANT, alg)


SUITES = ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023", "bbs-2023"]


@pytest.mark.parametrize("suite", SUITES)
def test_every_cryptosuite_under_the_did_web(school: School, suite: str) -> None:
    """A key is made where the institution has none that the suite can use."""
    secured = issue(school, cryptosuite=suite)
    assert secured["proof"]["cryptosuite"] == suite
    assert secured["proof"]["verificationMethod"].startswith(f"{DID}#")
    base = suite in ("ecdsa-sd-2023", "bbs-2023")
    assert verify(school, secured, base_proofs=base).credential.issuer == DID
    forged = copy.deepcopy(secured)
    forged["credentialSubject"]["name"] = "Mallory"
    with pytest.raises(Exception, match="bad_signature"):
        verify(school, forged, base_proofs=base)


def test_several_issuers_side_by_side(school: School) -> None:
    hold_every_key(school)
    publish_did_log(school.desk, TENANT, actor="test")
    found = identifiers(school)
    assert list(found)[:2] == [DID, did_of_log(TENANT)]
    keys = {algs[0]: name for name, algs in found.items() if name.startswith("did:key:")}
    assert set(keys) == {"ES256", "ES384", "ES512", "EdDSA", "BBS"}
    for alg, suite in (("ES256", "ecdsa-rdfc-2019"), ("ES384", "ecdsa-rdfc-2019"), ("EdDSA", "eddsa-rdfc-2022")):
        secured = issue(school, document(keys[alg]))
        assert secured["proof"]["cryptosuite"] == suite
        assert verify(school, secured).credential.issuer == keys[alg]
    assert issue(school, document(keys["BBS"]))["proof"]["cryptosuite"] == "bbs-2023"
    refused = issue(school, document(keys["EdDSA"]), 400, cryptosuite="ecdsa-rdfc-2019")
    assert refused["known"] == ["EdDSA"]
    log = issue(school, document(did_of_log(TENANT)), cryptosuite="eddsa-jcs-2022")
    assert log["proof"]["verificationMethod"].startswith(f"{did_of_log(TENANT)}#")


def test_a_key_that_the_log_does_not_name_yet_signs_nothing_under_it(school: School) -> None:
    publish_did_log(school.desk, TENANT, actor="test")
    ensure_key(school.desk, TENANT, "ES384")
    assert "ES384" not in identifiers(school)[str(did_of_log(TENANT))]
    assert "ES384" in identifiers(school)[DID]


@pytest.mark.parametrize(
    ("issuer", "status"),
    [
        (None, 400),
        ("", 400),
        ("not a url", 400),
        ({"id": None}, 400),
        ({}, 400),
        (["did:example:a"], 400),
        ("did:example:somebody", 403),
        ("did:web:localhost%3A8101:momoyama", 403),
        ("https://localhost:8101/sakuragawa", 403),
        ("did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r", 403),
    ],
)
def test_nobody_elses_name_is_signed(school: School, issuer: Any, status: int) -> None:
    assert issue(school, document(issuer), status)["code"] in ("bad_issuer", "not_our_issuer")


def test_an_issuer_may_be_an_object(school: School) -> None:
    secured = issue(school, document({"id": DID, "name": "Sakuragawa"}))
    assert verify(school, secured).credential.issuer == DID


@pytest.mark.parametrize(
    "broken",
    [
        {"undefinedTerm": 1},
        {"credentialSubject": {"nobodyDefinedThis": 1}},
        {"@context": ["https://nobody.example/context"]},
        {"@context": [V2, "https://nobody.example/context"]},
        {"type": "Thing"},
        {"validFrom": "yesterday"},
        {"credentialStatus": {"type": "BitstringStatusListEntry", "statusListIndex": True}},
        {"credentialSchema": {"id": "https://a.example/schema"}},
        {"refreshService": {"id": "https://a.example/refresh"}},
        {"relatedResource": [{"id": V2}]},
    ],
)
def test_what_breaks_the_data_model_is_not_signed(school: School, broken: dict[str, Any]) -> None:
    for options in ({}, {"cryptosuite": "eddsa-jcs-2022"}):
        assert issue(school, {**document(), **broken}, 400, **options)["code"] != "invalid_request"


@pytest.mark.parametrize("name", ["application/vc+jwt", "vc+sd-jwt", "vc+cose"])
def test_media_types(school: School, name: str) -> None:
    enveloped = issue(school, mediaType=name)
    assert enveloped["type"] == "EnvelopedVerifiableCredential"
    found = read_enveloped_credential(enveloped)
    parsed = parse_secured(found.data, found.media_type)
    assert str(parsed.kid).startswith(f"{DID}#")
    listed = school.client.get(f"/{TENANT}/did.json").json()["verificationMethod"]
    key = next(one["publicKeyJwk"] for one in listed if one["id"] == parsed.kid)
    verified = verify_secured(parsed, parse_public_jwk(key), now=school.clock.now())
    assert verified.document["credentialSubject"]["name"] == "Alice"
    assert found.media_type.securing == name.rpartition("+")[2]


def test_options_are_read_strictly(school: School) -> None:
    for options in (
        {"cryptosuite": "eddsa-rdfc-2022", "mediaType": "application/vc+jwt"},
        {"cryptosuite": "Ed25519Signature2020"},
        {"mediaType": "text/plain"},
        {"mediaType": "application/vp+jwt"},
        {"mandatoryPointers": ["/issuer"]},
        {"mandatoryPointers": ["/issuer"], "mediaType": "application/vc+jwt"},
        {"cryptosuite": "ecdsa-sd-2023", "mandatoryPointers": ["/nothing"]},
        {"status": "yes"},
        {"status": ["message"]},
        {"domian": "misspelt"},
        {"credentialId": 7},
    ):
        issue(school, None, 400, **options)
    path, token = f"/{TENANT}/credentials/issue", school.staff
    whole = json.dumps({"credential": document()})
    doubled = whole.replace('"issuer"', '"issuer": "did:example:a", "issuer"')
    for content in (doubled, "[]", "{}", "", whole.replace("Alice", "\\ud800")):
        answer = school.client.post(path, content=content, headers={**token, "Content-Type": "application/json"})
        assert answer.status_code == 400, content
    assert school.client.post(path, content=whole, headers=token).status_code == 400
    assert school.client.post(path, json={"credential": document()}).status_code == 401


def test_a_second_proof_stands_beside_the_first(school: School) -> None:
    first = issue(school, cryptosuite="eddsa-rdfc-2022")
    both = issue(school, first, cryptosuite="ecdsa-rdfc-2019")
    assert [proof["cryptosuite"] for proof in both["proof"]] == ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]
    assert len(verify(school, both).proofs) == 2


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "bbs-2023"])
def test_issue_and_derive(school: School, suite: str) -> None:
    secured = issue(school, cryptosuite=suite, mandatoryPointers=["/issuer", "/credentialSubject/id"])
    asked = {"verifiableCredential": secured, "options": {"selectivePointers": ["/credentialSubject/name"]}}
    derived = call(school, "derive", asked, 200)["verifiableCredential"]
    assert derived["credentialSubject"] == {"id": "did:example:alice", "name": "Alice"}
    assert verify(school, derived).credential.issuer == DID
    call(school, "derive", {**asked, "options": {"selectivePointers": ["/credentialSubject/age"]}}, 400)
    call(school, "derive", {"verifiableCredential": issue(school)}, 400)


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "bbs-2023"])
@pytest.mark.parametrize("options", [{}, {"mandatoryPointers": ["/credentialSubject/id"]}, {"mandatoryPointers": []}])
def test_a_holder_cannot_leave_out_what_a_verdict_hangs_on(school: School, suite: str, options: dict[str, Any]) -> None:
    """Else a withdrawn credential could be shown without its status, and an old one without its end."""
    chip = [{"type": ["https://issuer.example/terms#Chip"], "name": name} for name in ("one source", "a revoked one")]
    dated = document(validFrom="2026-04-01T00:00:00Z", validUntil="2030-03-31T00:00:00Z", evidence=chip)
    secured = issue(school, dated, cryptosuite=suite, status=True, **options)
    asked = {"verifiableCredential": secured, "options": {"selectivePointers": ["/credentialSubject/name"]}}
    derived = call(school, "derive", asked, 200)["verifiableCredential"]
    for member in ("issuer", "validFrom", "validUntil", "credentialStatus", "evidence"):
        assert derived[member] == secured[member]


def state_in_list(school: School, entry: dict[str, Any]) -> bool:
    """The bit, as anybody reads it from the published list."""
    path = entry["statusListCredential"].removeprefix("http://localhost:8101")
    listed = school.client.get(path, headers={"Accept": "application/vc"}).json()
    assert listed["issuer"] in (DID, {"id": DID})
    bits = gzip.decompress(b64url_decode(listed["credentialSubject"]["encodedList"][1:]))
    index = int(entry["statusListIndex"])
    return bool(bits[index // 8] & (0x80 >> index % 8))


def test_status_is_set_and_taken_back(any_school: School) -> None:
    school = any_school
    secured = issue(school, document(id="urn:uuid:7b0b1d2e-0000-4000-8000-000000000001"), status=True)
    revocation, suspension = secured["credentialStatus"]
    assert (revocation["statusPurpose"], suspension["statusPurpose"]) == ("revocation", "suspension")
    assert revocation["statusListIndex"] == suspension["statusListIndex"]

    def change(purpose: str, status: bool, expect: int = 200) -> Any:
        wish = {"type": "BitstringStatusListEntry", "statusPurpose": purpose, "status": status}
        return call(school, "status", {"credentialId": secured["id"], "credentialStatus": [wish]}, expect)

    assert (state_in_list(school, revocation), state_in_list(school, suspension)) == (False, False)
    assert change("suspension", True) == {"state": "suspended"}
    assert change("suspension", True) == {"state": "suspended"}
    assert (state_in_list(school, revocation), state_in_list(school, suspension)) == (False, True)
    assert change("suspension", False) == {"state": "valid"}
    assert change("revocation", False) == {"state": "valid"}
    assert change("revocation", True) == {"state": "revoked"}
    assert change("revocation", True) == {"state": "revoked"}
    assert state_in_list(school, revocation) is True
    assert change("revocation", False, 409)["code"] == "already_moved"
    assert change("suspension", False, 409)["code"] == "already_moved"


def test_a_status_belongs_to_one_identifier(school: School) -> None:
    named = issue(school, document(), status=["revocation"], credentialId="urn:example:1")
    assert "id" not in named
    assert named["credentialStatus"]["statusPurpose"] == "revocation"
    assert issue(school, document(), 409, status=True, credentialId="urn:example:1")["code"] == "already_issued"
    made = issue(school, document(), status=True)
    assert made["id"].startswith("urn:uuid:")
    wish = {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"}
    assert call(school, "status", {"credentialId": made["id"], "credentialStatus": wish}, 200)["state"] == "suspended"
    call(school, "status", {"credentialId": "urn:example:2", "credentialStatus": wish}, 404)
    rows = list(Credential.select().where(Credential.tenant == TENANT))
    assert len({row.list_index for row in rows}) == len(rows) == 2
    assert not any("example" in str(row.id) for row in rows)


def test_status_needs_the_did_that_signs_the_lists(school: School) -> None:
    did_key = next(name for name in identifiers(school) if name.startswith("did:key:"))
    issue(school, document(did_key), 400, status=True)
    status = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1"}
    own = document(credentialStatus={**status, "statusListCredential": "https://a.example/list"})
    issue(school, own, 400, status=True)
    assert issue(school, own)["credentialStatus"] == own["credentialStatus"]


def test_a_status_of_another_kind_is_the_authors_own(school: School) -> None:
    context = {"CredentialStatusList2017": "https://example.org/examples#CredentialStatusList2017"}
    own = {"type": "CredentialStatusList2017"}
    told = {**document(credentialStatus=own), "@context": [V2, context]}
    assert issue(school, told)["credentialStatus"] == own
    entry = {"type": "BitstringStatusListEntry", "statusListIndex": True}
    issue(school, {**told, "credentialStatus": [own, entry]}, 400)


def test_the_first_data_model_learns_the_words_of_proofs(school: School) -> None:
    """Context injection, VC Data Integrity 1.0 §2.4.1."""
    old = "https://www.w3.org/2018/credentials/v1"
    told = {**document(issuanceDate="2020-03-16T22:37:26Z", credentialSubject={"id": "did:example:alice"})}
    secured = issue(school, {**told, "@context": [old]}, cryptosuite="eddsa-rdfc-2022")
    assert secured["@context"] == [old, "https://w3id.org/security/data-integrity/v2"]
    assert verify(school, secured).credential.issuer == DID
    assert issue(school, {**told, "@context": old}, cryptosuite="eddsa-rdfc-2022")["@context"] == secured["@context"]


def test_a_digest_of_something_else_is_not_signed(tmp_path: Any) -> None:
    """What related resources are compared with is what is carried here; in a sandbox a folder may hold another version."""
    text = b'{"@context": {}}'
    told = document(relatedResource=[{"id": V2, "digestMultibase": "u" + b64url_encode(sha256(text).digest())}])
    folder = tmp_path / "contexts"
    folder.mkdir()
    (folder / "index.json").write_text("{}")
    (folder / "draft").write_bytes(text)
    for held, expect in (({}, 400), ({V2: "draft"}, 201)):
        (folder / "resources.json").write_text(json.dumps(held))
        made = open_school(f"sqlite:///{tmp_path / f'issuer{expect}.sqlite3'}", tmp_path, extra_contexts=folder)
        try:
            issue(made, told, expect)
        finally:
            made.deps.database.close_all()


def test_further_contexts_are_for_the_sandbox(tmp_path: Any) -> None:
    folder = tmp_path / "contexts"
    folder.mkdir()
    (folder / "one.jsonld").write_text('{"@context": {"gpa": "https://a.example/gpa"}}')
    (folder / "index.json").write_text('{"https://a.example/context": "one.jsonld"}')
    made = open_school(f"sqlite:///{tmp_path / 'issuer.sqlite3'}", tmp_path, extra_contexts=folder)
    try:
        told = {**document(credentialSubject={"gpa": 3}), "@context": [V2, "https://a.example/context"]}
        secured = issue(made, told, cryptosuite="eddsa-rdfc-2022")
        with pytest.raises(Exception, match="unknown_context"):
            verify(made, secured)
        assert verify(made, secured, policy=made.deps.policy).credential.subject == {"gpa": 3}
    finally:
        made.deps.database.close_all()
    production = {"environment": "production", "public_url": "https://a.example", "extra_contexts": folder}
    with pytest.raises(Misconfigured, match="extra_contexts"):
        settings_for("sqlite://", tmp_path, **production)
    for text in ('{"https://www.w3.org/ns/credentials/v2": "one.jsonld"}', '{"https://b.example": "gone"}', "["):
        (folder / "index.json").write_text(text)
        with pytest.raises(Misconfigured, match="extra_contexts"):
            open_school(f"sqlite:///{tmp_path / 'other.sqlite3'}", tmp_path, extra_contexts=folder)
