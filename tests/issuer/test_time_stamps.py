"""Graduation certificates get a time-stamp by a job, from an authority of OpenSSL's, and everybody who holds one can have it."""

from __future__ import annotations

from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from common.encoding import b64url_decode
from common.errors import Misconfigured
from common.ports import Fetched
from common.x509.time_stamp import build_time_stamp_request, parse_time_stamp, verify_time_stamp
from issuer.deps import open_stamping
from issuer.flows.make_offer import make_offer
from issuer.flows.run_jobs import run_jobs
from issuer.flows.stamp_credentials import LEASE_SECONDS, Stamping, digest_of, stamp_credentials
from issuer.settings import DAY
from issuer.store.tables import Credential, TimeStamp
from tests.fakes.fetch import FakeFetch
from tests.issuer.school import TENANT, School, Wallet, settings_for
from tests.tsa import ADDRESS, StampingAuthority, make_authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> StampingAuthority:
    return make_authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def stamping(authority: StampingAuthority) -> Stamping:
    authority.asked = 0
    return Stamping(fetch=FakeFetch({ADDRESS: authority.page}), address=ADDRESS, roots=[authority.root])


def claim(school: School, copies: int = 1) -> list[str]:
    made = make_offer(
        school.desk, TENANT, school.person("G003"), types=["graduation"], formats=["dc+sd-jwt"], actor="test"
    )
    return Wallet(school).claim(made, "graduation_sd_jwt", copies=copies)


def get(school: School, digest: str) -> Any:
    return school.client.get(f"/{TENANT}/time-stamps/{digest}")


def rows() -> list[Any]:
    return list(TimeStamp.select().where(TimeStamp.tenant == TENANT))


def test_every_copy_is_stamped_and_served(any_school: School, stamping: Stamping, authority: StampingAuthority) -> None:
    school = any_school
    texts = claim(school, copies=2)
    digests = [digest_of("dc+sd-jwt", text) for text in texts]
    assert get(school, digests[0]).status_code == 404
    report = run_jobs(school.desk, None, stamping=stamping)
    assert (report.stamps and asdict(report.stamps)) == {"stamped": 2, "later": 0}
    for digest in digests:
        answer = get(school, digest)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/timestamp-reply")
        assert "immutable" in answer.headers["cache-control"]
        parsed = parse_time_stamp(answer.content)
        found = verify_time_stamp(parsed, digest=b64url_decode(digest), roots=[authority.root])
        assert {row.stamped_at for row in rows()} >= {found.proven_before}
    run_jobs(school.desk, None, stamping=stamping)
    assert authority.asked == 2, "what is stamped is not stamped again"


def test_only_those_who_know_the_digest_find_it(school: School, stamping: Stamping) -> None:
    claim(school)
    stamp_credentials(school.desk, stamping)
    assert get(school, "A" * 43).status_code == 404
    assert get(school, "not a digest").status_code in (400, 404, 422)
    digest = rows()[0].digest
    assert school.client.get(f"/another/time-stamps/{digest}").status_code == 404
    assert get(school, digest).status_code == 200


def test_only_types_that_ask_for_it(school: School) -> None:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    Wallet(school).claim(made)
    assert rows() == []


def test_without_an_authority_the_digests_wait(school: School, stamping: Stamping) -> None:
    """Certificates of the time before an authority was chosen are stamped when there is one."""
    claim(school)
    assert run_jobs(school.desk, None).stamps is None
    school.clock.advance(30 * DAY)
    assert stamp_credentials(school.desk, stamping).stamped == 1


def test_an_authority_that_is_away_is_asked_again_later_and_later(school: School, stamping: Stamping) -> None:
    claim(school, copies=3)
    away = replace(stamping, fetch=FakeFetch())
    assert asdict(stamp_credentials(school.desk, away)) == {"stamped": 0, "later": 1}, "one look is enough for a round"
    (failed,) = [row for row in rows() if row.attempts]
    assert (failed.problem, failed.not_before) == ("no_answer", school.clock.now() + 60)
    for _ in range(40):
        school.clock.advance(2 * DAY)
        stamp_credentials(school.desk, away)
    assert max(row.not_before for row in rows()) <= school.clock.now() + DAY
    school.clock.advance(2 * DAY)
    assert stamp_credentials(school.desk, stamping).stamped == 3


@pytest.mark.parametrize("broken", ["another root", "another digest", "bytes", "page", "status"])
def test_what_does_not_hold_is_not_kept(
    school: School, stamping: Stamping, authority: StampingAuthority, tmp_path: Path, broken: str
) -> None:
    claim(school)
    other = make_authority(tmp_path / "other")
    stale = authority.reply(build_time_stamp_request(sha256(b"another").digest(), nonce=1))
    page = {
        "another root": other.page,
        "another digest": lambda _: Fetched(url=ADDRESS, status=200, body=stale),
        "bytes": lambda body: replace(authority.page(body), body=authority.reply(body)[:-9] + b"\0" * 9),
        "page": Fetched(url=ADDRESS, status=200, headers={"content-type": "text/html"}, body=b"<p>hello</p>"),
        "status": Fetched(url=ADDRESS, status=503, body=b""),
    }[broken]
    report = stamp_credentials(school.desk, replace(stamping, fetch=FakeFetch({ADDRESS: page})))  # type: ignore[dict-item]
    assert asdict(report) == {"stamped": 0, "later": 1}
    (row,) = rows()
    assert (row.state, row.answer) == ("waiting", None)
    school.clock.advance(DAY)
    assert stamp_credentials(school.desk, stamping).stamped == 1


def test_who_dies_on_the_way_is_followed(school: School, stamping: Stamping) -> None:
    """A process that took a row and was killed holds it for two minutes, not for ever."""
    claim(school)

    class Killed(FakeFetch):
        def post(self, *_: Any, **__: Any) -> Fetched:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stamp_credentials(school.desk, replace(stamping, fetch=Killed()))
    assert stamp_credentials(school.desk, stamping).stamped == 0
    school.clock.advance(LEASE_SECONDS)
    assert stamp_credentials(school.desk, stamping).stamped == 1


def test_two_at_once_keep_one(school: School, stamping: Stamping, authority: StampingAuthority) -> None:
    """The second finds the row taken; if the first was slow beyond its lease, the second stamp changes nothing."""
    claim(school)

    def slow(body: bytes) -> Fetched:
        school.clock.advance(LEASE_SECONDS)
        assert stamp_credentials(school.desk, stamping).stamped == 1
        return authority.page(body)

    late = replace(stamping, fetch=FakeFetch({ADDRESS: slow}))
    assert stamp_credentials(school.desk, late).stamped == 0
    (row,) = rows()
    assert (row.state, row.attempts) == ("stamped", 2)


def test_a_stamp_outlives_the_row_of_its_copy(school: School, stamping: Stamping) -> None:
    (text,) = claim(school)
    stamp_credentials(school.desk, stamping)
    school.clock.advance(6 * 365 * DAY)
    run_jobs(school.desk, None)
    assert Credential.select().where(Credential.tenant == TENANT).count() == 0
    assert get(school, digest_of("dc+sd-jwt", text)).status_code == 200


def test_the_issuer_says_where_its_stamps_are(school: School) -> None:
    metadata = school.client.get(f"/.well-known/jwt-vc-issuer/{TENANT}").json()
    assert metadata["time_stamps_endpoint"] == f"http://localhost:8101/{TENANT}/time-stamps"


def test_settings(tmp_path: Path, authority: StampingAuthority) -> None:
    url = f"sqlite:///{tmp_path / 'db'}"
    assert open_stamping(settings_for(url, tmp_path), None) is None
    with pytest.raises(Misconfigured, match="trusted_tsa_roots"):
        open_stamping(settings_for(url, tmp_path, tsa_url=ADDRESS), None)
    settings = settings_for(url, tmp_path, tsa_url=ADDRESS, trusted_tsa_roots=(authority.folder / "root.pem",))
    opened = open_stamping(settings, FakeFetch())
    assert opened is not None
    assert (opened.address, list(opened.roots)) == (ADDRESS, [authority.root])
