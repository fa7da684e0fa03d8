"""An institution's did:webvh: it proves the life of its keys to whoever resolves it, and waits for its witnesses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from common.did.contract import VersionQuery
from common.did.methods.webvh.entry_proof import create_proof
from common.did.methods.webvh.witness import build_witness_file, witness_version
from common.did.methods.webvh.write_log import multikey_of
from common.did.resolve import Resolver
from common.errors import Conflict, Malformed, NotFound, Rejected
from common.keys.software import SoftwareKey
from common.ports import Fetched
from issuer.flows import did_log
from issuer.flows.change_keys import add_key, declare_compromised, rotate_key
from issuer.flows.did_log import add_witness_proofs, deactivate_did, publish_did_log, refresh_did_log
from issuer.flows.run_jobs import run_jobs
from issuer.store.tables import DidLog
from tests.fakes.fetch import FakeFetch
from tests.issuer.school import BASE, TENANT, School

DAY = 86_400
W1, W2 = SoftwareKey.generate("EdDSA"), SoftwareKey.generate("EdDSA")
NAMES = [f"did:key:{multikey_of(one)}" for one in (W1, W2)]


class Served(FakeFetch):
    """What the institution's server answers."""

    def __init__(self, school: School) -> None:
        super().__init__()
        self._school = school

    def _answer(self, method: str, url: str, body: bytes) -> Fetched:
        found = self._school.client.get(url.removeprefix(BASE))
        return Fetched(url=url, status=found.status_code, body=found.content)


def resolver(school: School) -> Resolver:
    return Resolver(Served(school), school.clock, sandbox=True, ttl=0)


def publish(school: School, **options: Any) -> Any:
    return publish_did_log(school.desk, TENANT, actor="test", **options)


def kid(school: School) -> str:
    return str(school.desk.keys.identity(TENANT).signer.kid)


def test_without_a_log_there_is_none(school: School) -> None:
    for name in ("did.jsonl", "did-witness.json"):
        assert school.client.get(f"/{TENANT}/{name}").status_code == 404
    assert refresh_did_log(school.desk, TENANT) is False
    with pytest.raises(NotFound):
        deactivate_did(school.desk, TENANT, actor="test")
    with pytest.raises(NotFound):
        add_witness_proofs(school.desk, TENANT, b"[]", actor="test")


def test_a_log_is_published_and_resolves(any_school: School) -> None:
    school = any_school
    done = publish(school)
    assert done.changed
    answer = school.client.get(f"/{TENANT}/did.jsonl")
    assert answer.headers["content-type"].startswith("text/jsonl")
    document = resolver(school).resolve(done.did)
    web = school.client.get(f"/{TENANT}/did.json").json()
    assert document["alsoKnownAs"] == [f"{BASE}/{TENANT}", web["id"]]
    assert web["alsoKnownAs"] == [f"{BASE}/{TENANT}", done.did]
    signer = school.desk.keys.identity(TENANT).signer
    resolver(school).key(f"{done.did}#{signer.kid}").verify(signer.sign(b"x"), b"x")
    assert publish(school).changed is False
    assert b"private" not in answer.content
    assert b'"d"' not in answer.content


def test_a_rotation_is_told_by_the_log_alone(any_school: School) -> None:
    school = any_school
    did, old = publish(school).did, kid(school)
    began = school.clock.now()
    school.clock.advance(DAY)
    new = rotate_key(school.desk, TENANT, overlap=3600, actor="test").kid
    assert run_jobs(school.desk, None).did_logs == 1
    assert {f"{did}#{old}", f"{did}#{new}"} <= set(resolver(school).resolve(did)["assertionMethod"])
    school.clock.advance(3600)
    report = run_jobs(school.desk, None)
    assert (report.keys, report.did_logs) == (1, 1)
    assert run_jobs(school.desk, None).did_logs == 0
    listed = resolver(school).resolve(did)["assertionMethod"]
    assert f"{did}#{new}" in listed
    assert f"{did}#{old}" not in listed
    entry = resolver(school).key_with_history(f"{did}#{old}").value.entry
    assert (entry.valid_from, entry.retired_at) == (began, school.clock.now())
    first = resolver(school).resolve_version(did, VersionQuery(version_time=(began + 5) * 1_000_000))
    assert first.document is not None
    assert f"{did}#{old}" in first.document["assertionMethod"]
    assert f"{did}#{new}" not in first.document["assertionMethod"]


def test_a_compromise_is_told_by_the_log(school: School) -> None:
    did, old = publish(school).did, kid(school)
    add_key(school.desk, TENANT, "BBS", actor="test")
    school.clock.advance(DAY)
    declare_compromised(school.desk, TENANT, old, since=school.clock.now() - 60, actor="test")
    assert refresh_did_log(school.desk, TENANT)
    with pytest.raises(Rejected) as error:
        resolver(school).key(f"{did}#{old}")
    assert error.value.reason == "key_compromised"
    entry = resolver(school).key_with_history(f"{did}#{old}").value.entry
    assert entry.compromised_since == school.clock.now() - 60


def proofs(version_id: str, *witnesses: SoftwareKey, now: int) -> bytes:
    return build_witness_file({version_id: [witness_version(version_id, one, now=now) for one in witnesses]})


def test_an_entry_waits_for_its_witnesses(any_school: School) -> None:
    school = any_school
    first = publish(school)
    waiting = publish(school, witnesses=NAMES)
    assert (waiting.version_id, waiting.changed) == (first.version_id, True)
    assert waiting.pending.startswith("2-")
    assert publish(school, witnesses=NAMES).pending == waiting.pending, "saying it again makes no other entry"
    assert publish(school).pending == waiting.pending
    assert resolver(school).resolved(first.did).value.metadata["versionNumber"] == 1
    one = add_witness_proofs(school.desk, TENANT, proofs(waiting.pending, W1, now=school.clock.now()), actor="test")
    assert one.pending == waiting.pending
    two = add_witness_proofs(school.desk, TENANT, proofs(waiting.pending, W2, now=school.clock.now()), actor="test")
    assert (two.version_id, two.pending) == (waiting.pending, "")
    resolved = resolver(school).resolved(first.did).value
    assert (resolved.metadata["versionNumber"], resolved.metadata["witness"]["threshold"]) == (2, "2")

    school.clock.advance(DAY)
    rotate_key(school.desk, TENANT, overlap=0, actor="test")
    assert refresh_did_log(school.desk, TENANT)
    third = publish(school).pending
    school.clock.advance(DAY)
    new = rotate_key(school.desk, TENANT, overlap=0, actor="test").kid
    assert refresh_did_log(school.desk, TENANT), "what waited is written anew, with the newer keys"
    fourth = publish(school).pending
    assert fourth != third
    assert fourth.startswith("3-")
    done = add_witness_proofs(school.desk, TENANT, proofs(fourth, W1, W2, now=school.clock.now()), actor="test")
    assert done.version_id == fourth
    assert f"{first.did}#{new}" in resolver(school).resolve(first.did)["assertionMethod"]


def test_proofs_of_nobody_publish_nothing(school: School) -> None:
    publish(school)
    waiting = publish(school, witnesses=NAMES, threshold=1).pending
    now = school.clock.now()
    stranger = proofs(waiting, SoftwareKey.generate("EdDSA"), now=now)
    other = json.dumps([{"versionId": waiting, "proof": [create_proof({"versionId": "2-x"}, W1, now=now)]}]).encode()
    for file in (stranger, other):
        assert add_witness_proofs(school.desk, TENANT, file, actor="test").pending == waiting
    with pytest.raises(Rejected):
        add_witness_proofs(school.desk, TENANT, proofs("9-x", W1, now=now), actor="test")
    with pytest.raises(Malformed):
        add_witness_proofs(school.desk, TENANT, b"{}", actor="test")
    assert add_witness_proofs(school.desk, TENANT, proofs(waiting, W2, now=now), actor="test").pending == ""


@pytest.mark.parametrize(
    ("witnesses", "threshold"), [(["did:web:a.example"], 0), (NAMES[:1], 2), ([NAMES[0]] * 2, 1), (["z6Mk"], 1)]
)
def test_witnesses_that_are_none(school: School, witnesses: list[str], threshold: int) -> None:
    publish(school)
    with pytest.raises((Malformed, Rejected)):
        publish(school, witnesses=witnesses, threshold=threshold)
    assert DidLog.get(DidLog.tenant == TENANT).number == 1


def test_a_new_log_with_witnesses_begins_with_an_entry_of_its_own(school: School) -> None:
    done = publish(school, witnesses=NAMES, threshold=1)
    assert (done.version_id[:2], done.pending[:2]) == ("1-", "2-")


def test_the_end(any_school: School) -> None:
    school = any_school
    did = publish(school).did
    school.clock.advance(DAY)
    done = deactivate_did(school.desk, TENANT, actor="test")
    assert done.version_id.startswith("3-")
    assert deactivate_did(school.desk, TENANT, actor="test").changed is False
    school.clock.advance(60)
    with pytest.raises(Rejected):
        resolver(school).resolve(did)
    assert resolver(school).resolved(did).value.metadata["deactivated"] is True
    assert did not in school.client.get(f"/{TENANT}/did.json").json()["alsoKnownAs"]
    with pytest.raises(Conflict):
        publish(school)
    assert refresh_did_log(school.desk, TENANT) is False


def test_whoever_read_an_older_entry_writes_nothing(any_school: School) -> None:
    """Two processes at once: the second finds the row moved on, and says so."""
    school = any_school
    publish(school)
    stale = DidLog.get(DidLog.tenant == TENANT)
    school.clock.advance(DAY)
    rotate_key(school.desk, TENANT, overlap=0, actor="test")
    publish(school)
    with pytest.raises(Conflict):
        did_log._store(school.desk, stale, {"log": stale.log}, "test", act="did_updated")
    assert DidLog.get(DidLog.tenant == TENANT).number == 2


def test_the_keys_of_the_log_are_sealed_and_spent(school: School) -> None:
    publish(school)
    before = bytes(DidLog.get(DidLog.tenant == TENANT).keys)
    assert b"kty" not in before
    opened = school.desk.secrets.open_key(TENANT, "did:webvh update keys", before)
    school.clock.advance(DAY)
    rotate_key(school.desk, TENANT, overlap=0, actor="test")
    publish(school)
    after = school.desk.secrets.open_key(
        TENANT, "did:webvh update keys", bytes(DidLog.get(DidLog.tenant == TENANT).keys)
    )
    assert json.loads(after)[0] == json.loads(opened)[1], "the next key was committed to, and the spent one is gone"
    entries = [json.loads(line) for line in school.client.get(f"/{TENANT}/did.jsonl").text.splitlines()]
    assert entries[1]["parameters"]["updateKeys"] != entries[0]["parameters"]["updateKeys"]
