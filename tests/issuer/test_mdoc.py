"""mdocs of an institution: signed under the deployment's IACA root, by a certificate that is made when it is first needed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.errors import Refused, Rejected
from common.formats.registry import FORMATS
from common.jose.jwk import export_public_jwk, parse_public_jwk
from common.x509.iaca import IacaRoots
from common.x509.sandbox_iaca import make_iaca
from issuer.flows.document_signer import renew_document_signers
from issuer.flows.make_offer import make_offer
from issuer.settings import DAY
from issuer.store.tables import SigningKey
from tests.fakes.clock import FixedClock
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school


@pytest.fixture
def iaca() -> Any:
    return make_iaca("Test IACA", country="JP", address=BASE, now=FixedClock().now())


@pytest.fixture
def school(tmp_path: Path, iaca: Any) -> Iterator[School]:
    (tmp_path / "iaca.pem").write_bytes(iaca.pem)
    (tmp_path / "iaca.key").write_bytes(iaca.key_pem)
    files = {"iaca_certificate": tmp_path / "iaca.pem", "iaca_key": tmp_path / "iaca.key"}
    opened = open_school(f"sqlite:///{tmp_path / 'issuer.db'}", tmp_path, **files)
    yield opened
    opened.deps.database.close_all()


def take(school: School) -> str:
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], formats=["mso_mdoc"], actor="test")
    (text,) = Wallet(school).claim(made, "enrolment_mdoc")
    return text


def signer_of(text: str, iaca: Any, now: int) -> Any:
    chain = FORMATS["mso_mdoc"].parse(text).issuer_key_hint.x5c
    return IacaRoots([iaca.certificate]).verify([base64.b64decode(one) for one in chain], now=now).signer


def test_a_student_holds_an_mdoc(school: School, iaca: Any) -> None:
    now = school.clock.now()
    text = take(school)
    signer = signer_of(text, iaca, now)
    assert signer.issuer == f"{BASE}/{TENANT}"
    form = FORMATS["mso_mdoc"]
    verified = form.verify(form.parse(text), parse_public_jwk(export_public_jwk(signer.public_key)), now=now)
    elements = verified.claims["tegata.student.1"]
    assert verified.types == ("tegata.student.1",)
    assert (elements["family_name"], elements["birth_date"], elements["age_over_18"]) == ("髙橋", "2005-04-02", True)
    assert verified.status is not None
    assert verified.status.uri.startswith(f"{BASE}/{TENANT}/status/")


def test_the_offer_is_in_the_metadata(school: School) -> None:
    listed = school.client.get(f"/.well-known/openid-credential-issuer/{TENANT}").json()
    one = listed["credential_configurations_supported"]["enrolment_mdoc"]
    assert (one["doctype"], one["credential_signing_alg_values_supported"]) == ("tegata.student.1", [-7])
    assert one["cryptographic_binding_methods_supported"][0] == "cose_key"
    paths = [claim["path"] for claim in one["credential_metadata"]["claims"]]
    assert ["tegata.student.1", "age_over_18"] in paths


def test_another_root_does_not_vouch(school: School) -> None:
    other = make_iaca("Test IACA", country="JP", address=BASE, now=school.clock.now())
    with pytest.raises(Rejected, match="untrusted_key"):
        signer_of(take(school), other, school.clock.now())


def test_one_certificate_for_all_and_a_new_one_in_time(school: School, iaca: Any) -> None:
    first = signer_of(take(school), iaca, school.clock.now())
    assert signer_of(take(school), iaca, school.clock.now()).certificate == first.certificate
    assert renew_document_signers(school.desk, TENANT, actor="test") == ()
    school.clock.advance(first.not_after - 10 * DAY - school.clock.now())
    (kid,) = renew_document_signers(school.desk, TENANT, actor="test")
    assert kid == school.desk.keys.identity(TENANT).signer.kid
    renewed = signer_of(take(school), iaca, school.clock.now())
    assert renewed.not_after > first.not_after
    assert renewed.public_key == first.public_key
    row = SigningKey.get(SigningKey.tenant == TENANT, SigningKey.id == kid)
    assert row.x5c == "[]"  # the two certificates do not depend on each other


def test_without_an_iaca_none_are_offered(tmp_path: Path) -> None:
    school = open_school(f"sqlite:///{tmp_path / 'issuer.db'}", tmp_path)
    with pytest.raises(Refused, match="not issued as mso_mdoc"):
        make_offer(school.desk, TENANT, school.person(), types=["enrolment"], formats=["mso_mdoc"], actor="test")
    school.deps.database.close_all()
