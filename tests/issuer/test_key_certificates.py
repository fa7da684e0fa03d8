"""X.509 certificates of signing keys: renewed before they end, and only where that helps."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common import failpoints
from common.errors import NotFound, Refused
from common.formats.registry import FORMATS
from common.x509.sandbox_ca import make_ca
from common.x509.sandbox_iaca import make_iaca
from common.x509.x5c import parse_x5c
from issuer.deps import open_deps
from issuer.flows.change_keys import add_key, rotate_key
from issuer.flows.document_signer import with_document_signer
from issuer.flows.list_keys import list_keys
from issuer.flows.renew_certificates import RENEW_DAYS, renew_certificates
from issuer.flows.run_jobs import run_jobs
from issuer.settings import DAY
from tests.fakes.clock import FixedClock
from tests.forks import Forks
from tests.issuer.school import BASE, TENANT, School, open_school, settings_for
from tests.issuer.signing import issue, kid_of


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[Callable[..., School]]:
    """An institution of a deployment with a certificate authority. days: that the authority itself has."""
    opened: list[School] = []

    def make(days: int = 3650) -> School:
        authority = make_ca("Test authority", now=FixedClock().now(), days=days)
        (tmp_path / "ca.pem").write_bytes(authority.pem)
        (tmp_path / "ca.key").write_bytes(authority.key_pem)
        files = {"ca_certificate": tmp_path / "ca.pem", "ca_key": tmp_path / "ca.key"}
        opened.append(open_school(f"sqlite:///{tmp_path / 'db'}", tmp_path, **files))
        return opened[-1]

    yield make
    for school in opened:
        school.deps.database.close_all()


def test_certificates_are_renewed_in_time(certified: Callable[..., School]) -> None:
    school = certified()
    add_key(school.desk, TENANT, "EdDSA", actor="test")
    rotated = rotate_key(school.desk, TENANT, overlap=0, actor="test").kid
    before = {key.kid: key.certificate_until for key in list_keys(school.desk, TENANT)}
    assert len(before) == 3
    assert run_jobs(school.desk, None).certificates == 0
    school.clock.advance((365 - RENEW_DAYS) * DAY + DAY)
    assert run_jobs(school.desk, None).certificates == 2, "of the keys that sign, not of the retired one"
    assert run_jobs(school.desk, None).certificates == 0
    after = {key.kid: key.certificate_until for key in list_keys(school.desk, TENANT)}
    assert sum(after[kid] > before[kid] for kid in before) == 2
    text = issue(school)
    assert kid_of(text) == rotated
    hint = FORMATS["dc+sd-jwt"].parse(text).issuer_key_hint
    assert int(parse_x5c(hint.x5c)[0].not_valid_after_utc.timestamp()) == after[rotated]
    assert renew_certificates(school.desk, TENANT, actor="test", kid=rotated, always=True) == (rotated,)
    with pytest.raises(NotFound):
        renew_certificates(school.desk, TENANT, actor="test", kid="nobody", always=True)


def test_an_authority_near_its_end_renews_nothing(certified: Callable[..., School]) -> None:
    school = certified(days=20)
    for _ in range(3):
        assert run_jobs(school.desk, None).certificates == 0


def test_without_an_authority_there_is_nothing_to_renew(school: School) -> None:
    assert renew_certificates(school.desk, TENANT, actor="test") == ()
    with pytest.raises(Refused, match="no_authority"):
        renew_certificates(school.desk, TENANT, actor="test", always=True)


DOCUMENT_POINTS = ("certify_document_signer",)


def _open_with_iaca(folder: Path) -> School:
    """Over what is in the folder, if anything is."""
    if not (folder / "iaca.pem").exists():
        iaca = make_iaca("Test IACA", country="JP", address=BASE, now=FixedClock().now())
        (folder / "iaca.pem").write_bytes(iaca.pem)
        (folder / "iaca.key").write_bytes(iaca.key_pem)
    files = {"iaca_certificate": folder / "iaca.pem", "iaca_key": folder / "iaca.key"}
    return open_school(f"sqlite:///{folder / 'db'}", folder, **files)


def _certify_and_die(folder: str, at: str) -> None:
    school = _open_with_iaca(Path(folder))
    failpoints.arm(at)
    with_document_signer(school.desk, school.desk.keys.identity(TENANT), "ES256")


@pytest.mark.parametrize("point", DOCUMENT_POINTS)
@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_killed_while_a_document_signer_is_certified(tmp_path: Path, point: str, moment: str) -> None:
    child = Forks.Process(target=_certify_and_die, args=(str(tmp_path), f"{point}.{moment}"))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    files = {"iaca_certificate": tmp_path / "iaca.pem", "iaca_key": tmp_path / "iaca.key"}
    deps = open_deps(settings_for(f"sqlite:///{tmp_path / 'db'}", tmp_path, **files), clock=FixedClock())
    before = deps.desk.keys.identity(TENANT)
    assert bool(before.document_signer_for("ES256")) == (moment == "after_commit")
    after = with_document_signer(deps.desk, before, "ES256")
    (first,) = after.document_signer_for("ES256")
    assert with_document_signer(deps.desk, after, "ES256").document_signer_for("ES256") == (first,)
    deps.database.close_all()
