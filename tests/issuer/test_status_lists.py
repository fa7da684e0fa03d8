"""The issuer's status lists over HTTP: every form of one table, negotiated, cached, aggregated, and told by what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.adapters.database import transaction
from common.encoding import b64url_decode, parse_json_object
from common.errors import Refused
from common.formats.credential import IssuerKeyHint, StatusReference
from common.jose.jwk import PublicKey, parse_public_jwk
from common.jose.jwt import parse_jwt
from common.oauth.authorization_server_metadata import parse_authorization_server_metadata
from common.ports import Fetched
from common.status.bits import StatusList, inflate
from common.status.bitstring_status_list import PURPOSES
from common.status.changes import apply_status_changes, digest_of, parse_status_changes, verify_status_changes
from common.status.fetch_status import StatusChecker
from common.status.renderings import MESSAGES
from issuer.deps import open_deps
from issuer.flows import status_table
from issuer.flows.change_keys import declare_compromised
from issuer.flows.change_status import State, announce_refresh, change_status, move_credentials
from issuer.flows.find_people import held_by
from issuer.flows.make_offer import make_offer
from issuer.flows.reissue import reissue
from issuer.routes.accept import choose_media_type
from issuer.store.tables import Credential, StatusEntry
from issuer.store.tables import StatusList as StatusRow
from tests.fakes.fetch import FakeFetch
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school

DID = f"did:web:localhost%3A8101:{TENANT}"
ISSUER = f"{BASE}/{TENANT}"
JWT, CWT = "application/statuslist+jwt", "application/statuslist+cwt"


class OverHttp(FakeFetch):
    """Asks the issuer itself."""

    def __init__(self, school: School) -> None:
        super().__init__()
        self.school = school

    def get(self, url: str, *, accept: str = "*/*", headers: Any = None) -> Fetched:
        answer = self.school.client.get(url, headers={"Accept": accept})
        return Fetched(url=url, status=answer.status_code, body=answer.content)


def issue(school: School, number: str = "S001", copies: int = 1) -> Any:
    """The row of a newly issued certificate."""
    made = make_offer(school.desk, TENANT, school.person(number), types=["enrolment"], actor="test")
    Wallet(school).claim(made, copies=copies)
    query = Credential.select().where(Credential.tenant == TENANT, Credential.person_id == school.person(number).id)
    return query.order_by(Credential.issued_at.desc(), Credential.id).first()


def uri_of(row: Any, purpose: str = "") -> str:
    return f"{ISSUER}/status/{row.list_id}" + (f"/{purpose}" if purpose else "")


def checker(school: School) -> StatusChecker:
    def find_key(hint: IssuerKeyHint, now: int) -> PublicKey:
        assert hint.iss in (DID, ISSUER)
        kid = str(hint.kid).removeprefix(f"{DID}#")
        jwks = school.desk.keys.identity(TENANT).public_jwks
        return parse_public_jwk(next(jwk for jwk in jwks if jwk["kid"] == kid))

    return StatusChecker(OverHttp(school), find_key, max_age=0)


def said(school: School, row: Any) -> dict[str, tuple[str, int | None]]:
    """What a verifier learns of the credential from each list."""
    found, now = checker(school), school.clock.now()
    token = StatusReference(uri=uri_of(row), index=row.list_index)
    facts = {"token": found.check(token, issuer=ISSUER, now=now)}
    for purpose in PURPOSES:
        messages = MESSAGES if purpose == "message" else ()
        reference = StatusReference(
            uri=uri_of(row, purpose),
            index=row.list_index,
            purpose=purpose,
            size=2 if messages else 1,
            messages=messages,
        )
        facts[purpose] = found.check(reference, issuer=DID, now=now)
    return {name: (fact.value, fact.code) for name, fact in facts.items()}


VALID = {
    "token": ("valid", 0),
    "revocation": ("valid", 0),
    "suspension": ("valid", 0),
    "message": ("valid", 0),
    "refresh": ("valid", 0),
}


def test_every_form_says_the_same(any_school: School) -> None:
    school, row = any_school, issue(any_school)
    assert said(school, row) == VALID
    change_status(school.desk, TENANT, row.id, "suspended", actor="test")
    suspended = {"token": ("suspended", 2), "suspension": ("suspended", 1), "message": ("application_specific", 2)}
    assert said(school, row) == VALID | suspended
    change_status(school.desk, TENANT, row.id, "valid", actor="test")
    assert said(school, row) == VALID
    change_status(school.desk, TENANT, row.id, "revoked", actor="test")
    revoked = {"token": ("invalid", 1), "revocation": ("invalid", 1), "message": ("application_specific", 1)}
    assert said(school, row) == VALID | revoked


def test_what_was_superseded_can_be_refreshed(school: School) -> None:
    row = issue(school)
    with transaction(school.desk.database, "test"):
        move_credentials(TENANT, [row], "revoked", at=school.clock.now(), superseded_by="newer")
    assert said(school, row)["refresh"] == ("valid", 1)
    assert said(school, row)["revocation"] == ("invalid", 1)


def test_a_refresh_is_announced_and_never_taken_back(any_school: School) -> None:
    school, row = any_school, issue(any_school)
    with transaction(school.desk.database, "test"):
        assert announce_refresh(TENANT, [row], at=school.clock.now()) == 1
    assert said(school, row) == VALID | {"refresh": ("valid", 1)}
    moves: tuple[tuple[State, tuple[str, int]], ...] = (("suspended", ("suspended", 2)), ("valid", ("valid", 0)))
    for state, token in moves:
        change_status(school.desk, TENANT, row.id, state, actor="test")
        assert said(school, row)["token"] == token
        assert said(school, row)["refresh"] == ("valid", 1)


@pytest.mark.parametrize(
    ("accept", "purpose", "answered"),
    [
        ("", "", JWT),
        ("*/*", "", JWT),
        (JWT, "", JWT),
        (CWT, "", CWT),
        (f"{JWT};q=0.5, {CWT}", "", CWT),
        (f"{CWT};q=0, */*", "", JWT),
        ("application/*;q=0.1, text/html", "", JWT),
        ("", "revocation", "application/vc"),
        ("application/vc+jwt", "revocation", "application/vc+jwt"),
        ("application/ld+json, application/json", "revocation", "application/ld+json"),
        ("application/json", "suspension", "application/json"),
        ("application/vc;q=0.1, application/vc+jwt;q=0.2", "message", "application/vc+jwt"),
    ],
)
def test_the_form_is_chosen_by_accept(school: School, accept: str, purpose: str, answered: str) -> None:
    row = issue(school)
    answer = school.client.get(uri_of(row, purpose), headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, answered)
    assert answer.headers["vary"].split(", ").count("Accept") == 1
    assert answer.headers["access-control-allow-origin"] == "*"
    if answered in ("application/vc", "application/ld+json", "application/json"):
        document = parse_json_object(answer.content)
        assert document["issuer"] == DID
        assert document["id"] == uri_of(row, purpose)
        assert document["credentialSubject"]["statusPurpose"] == purpose


def test_what_is_not_to_be_had(school: School) -> None:
    row = issue(school)
    assert school.client.get(uri_of(row), headers={"Accept": "text/html"}).status_code == 406
    assert school.client.get(uri_of(row, "revocation"), headers={"Accept": JWT}).status_code == 406
    assert school.client.get(uri_of(row), params={"time": "1686925000"}).status_code == 501
    assert school.client.get(uri_of(row, "revocation"), params={"timestamp": "2026-01-01T00:00:00Z"}).status_code == 501
    for missing in (f"{ISSUER}/status/other", f"{BASE}/other/status/{row.list_id}", uri_of(row, "colour")):
        assert school.client.get(missing).status_code == 404
    assert school.client.get(f"{BASE}/other/status").status_code == 404
    assert school.client.get(uri_of(row, "changes")).status_code == 400
    assert school.client.get(uri_of(row, "changes"), params={"since": "1"}).status_code == 404
    assert school.client.get(uri_of(row, "changes"), params={"since": "-1"}).status_code == 400


def test_all_lists_are_named(tmp_path: Path) -> None:
    school = open_school(f"sqlite:///{tmp_path / 'small.sqlite3'}", tmp_path, status_list_size=1024, status_lease=600)
    lists = [school.desk.indices.allocate(TENANT).uri]
    while len(lists) < 2:
        lists += {school.desk.indices.allocate(TENANT).uri} - set(lists)
    answer = school.client.get(f"{ISSUER}/status")
    assert answer.headers["content-type"] == "application/json"
    assert sorted(answer.json()["status_lists"]) == sorted(lists)
    server = school.client.get(f"/.well-known/oauth-authorization-server/{TENANT}").content
    metadata = parse_authorization_server_metadata(server, issuer=ISSUER)
    assert metadata.status_list_aggregation_endpoint == f"{ISSUER}/status"
    token = parse_jwt(school.client.get(lists[0]).text)
    assert token.claims["status_list"]["aggregation_uri"] == f"{ISSUER}/status"
    school.deps.database.close_all()


def test_a_list_stays_the_same_while_nothing_changes(school: School) -> None:
    row = issue(school)
    uri, life = uri_of(row), school.deps.settings.status_seconds
    first = school.client.get(uri)
    assert first.headers["cache-control"] == "public, max-age=300"
    other_process = open_deps(school.deps.settings, clock=school.clock)
    elsewhere = other_process.publisher.publish(other_process.desk, TENANT, row.list_id)
    assert elsewhere.etag == first.headers["etag"]  # though its signature is another
    assert elsewhere.body != first.content
    for headers in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": first.headers["etag"].removeprefix("W/")},
        {"If-None-Match": f'"x", {first.headers["etag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        same = school.client.get(uri, headers=headers)
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == first.headers["etag"]
    for headers in (
        {"If-None-Match": '"x"'},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"x"', "If-Modified-Since": first.headers["last-modified"]},
    ):
        assert school.client.get(uri, headers=headers).status_code == 200
    begun = school.clock.now() - school.clock.now() % (life // 2)
    school.clock.time = begun + life // 2 - 1
    assert school.client.get(uri).headers["etag"] == first.headers["etag"]
    school.clock.advance(1)
    renewed = school.client.get(uri)
    assert renewed.headers["etag"] != first.headers["etag"]
    claims = parse_jwt(renewed.text).claims
    assert claims["exp"] - claims["iat"] == life
    assert claims["iat"] == school.clock.now()


def test_after_a_compromise_the_new_key_signs(school: School) -> None:
    """Lists that the old key signed would fall with it, so none is left."""
    row = issue(school)
    first = school.client.get(uri_of(row))
    compromised = parse_jwt(first.text).kid
    declare_compromised(school.desk, TENANT, str(compromised), since=school.clock.now(), actor="test")
    second = school.client.get(uri_of(row), headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert parse_jwt(second.text).kid == school.desk.keys.identity(TENANT).signer.kid != parse_jwt(first.text).kid
    assert said(school, row) == VALID


def bits_of(text: str) -> tuple[StatusList, int]:
    claims = parse_jwt(text).claims
    return inflate(claims["status_list"]["bits"], b64url_decode(claims["status_list"]["lst"])), claims["list_version"]


def test_what_changed_leads_from_any_version_to_the_newest(any_school: School) -> None:
    school = any_school
    row, other = issue(school), issue(school, "S002")
    uri = uri_of(row)
    versions = [bits_of(school.client.get(uri).text)]
    moves: tuple[tuple[Any, State], ...] = ((row, "suspended"), (other, "revoked"), (row, "valid"), (row, "revoked"))
    for one, state in moves:
        change_status(school.desk, TENANT, one.id, state, actor="test")
        versions.append(bits_of(school.client.get(uri).text))
    assert [version for _, version in versions] == [0, 1, 2, 3, 4]
    identity = school.desk.keys.identity(TENANT)
    key = parse_public_jwk(next(jwk for jwk in identity.public_jwks if jwk["kid"] == identity.signer.kid))
    newest = versions[-1][0].widened(2)
    for since in range(5):
        answer = school.client.get(f"{uri}/changes", params={"since": since})
        assert answer.headers["content-type"] == "application/tegata-statuslist-changes+jwt"
        changes = verify_status_changes(parse_status_changes(answer.text), key, uri=uri, now=school.clock.now())
        assert (changes.since, changes.version, changes.digest) == (since, 4, digest_of(newest))
        for entries, version in versions[since:]:
            assert apply_status_changes(entries, changes, version=version).to_bytes() == newest.to_bytes()
    assert changes.entries == {}


def test_decoys_move_as_credentials_do(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issuer.flows.change_status.secrets.randbelow", lambda most: most - 1)  # every coin says yes
    row = issue(school)

    def entries() -> dict[int, int]:
        return dict(
            StatusEntry.select(StatusEntry.list_index, StatusEntry.value).where(StatusEntry.tenant == TENANT).tuples()
        )

    change_status(school.desk, TENANT, row.id, "suspended", actor="test")
    (decoy,) = entries().keys() - {row.list_index}
    assert entries() == {row.list_index: 2, decoy: 2}
    change_status(school.desk, TENANT, row.id, "valid", actor="test")
    assert entries() == {row.list_index: 0, decoy: 0}
    change_status(school.desk, TENANT, row.id, "revoked", actor="test")
    assert entries() == {row.list_index: 1, decoy: 1}
    other = issue(school, "S002")
    change_status(school.desk, TENANT, other.id, "suspended", actor="test")
    assert entries() == {row.list_index: 1, decoy: 1, other.list_index: 2}  # the decoy that fell stays fallen


def test_a_list_that_moves_while_it_is_read(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody commits between the look at the version and the look at the entries: what comes is of one version."""
    row, other = issue(school), issue(school, "S002")
    uri = uri_of(row)
    before, _ = bits_of(school.client.get(uri).text)
    assert before[row.list_index] == 0
    tables = school.deps.publisher._tables
    real, calls = status_table._row, list[int]()

    def row_then_change(tenant: str, list_id: str) -> Any:
        found = real(tenant, list_id)
        if not calls:
            calls.append(1)
            change_status(school.desk, TENANT, row.id, "revoked", actor="test")
        return found

    monkeypatch.setattr(status_table, "_row", row_then_change)
    change_status(school.desk, TENANT, other.id, "revoked", actor="test")
    table = tables.read(TENANT, row.list_id, now=school.clock.now())
    assert calls == [1]
    version = StatusRow.get(StatusRow.tenant == TENANT, StatusRow.id == row.list_id).version
    assert table.version == version == 2
    assert (table.values[row.list_index], table.values[other.list_index]) == (1, 1)


def test_accept_is_read_as_the_text_says() -> None:
    offered = ("a/x", "a/y")
    assert choose_media_type("a/y, a/x", offered) == "a/x"
    assert choose_media_type("A/Y;level=1", offered) == "a/y"
    assert choose_media_type("a/*;q=0.2, a/y;q=0.1", offered) == "a/x"
    assert choose_media_type("*/*, a/x;q=0", offered) == "a/y"
    assert choose_media_type("a/x;q=2, a/y;q=nan", offered) is None
    assert choose_media_type(",;,=/", offered) is None
    assert choose_media_type("", ()) is None


def test_a_lost_certificate_is_revoked_everywhere(school: School) -> None:
    row = issue(school, copies=3)
    reissue(school.desk, TENANT, school.person(), actor="test")
    rows = list(Credential.select().where(Credential.tenant == TENANT, Credential.batch_id == row.batch_id))
    assert len(rows) == 3
    assert all(said(school, one)["revocation"] == ("invalid", 1) for one in rows)
    with pytest.raises(Refused):
        change_status(school.desk, TENANT, row.id, "valid", actor="test")
    assert held_by(school.desk, TENANT, [school.person().id])[0].state == "revoked"
