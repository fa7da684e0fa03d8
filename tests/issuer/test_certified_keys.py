"""A deployment with its own certificate authority: credentials and lists carry x5c, and the chain leads to its root."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography import x509

from common.errors import Misconfigured
from common.formats.registry import FORMATS
from common.jose.jwk import export_public_jwk, parse_public_jwk
from common.status.token_status_list import parse_status_list_token
from common.x509.sandbox_ca import make_ca
from common.x509.x5c import verify_x5c
from issuer.deps import open_deps
from issuer.flows.create_institution import create_institution
from issuer.flows.import_roll import import_roll
from issuer.flows.make_offer import make_offer
from tests.fakes.clock import FixedClock
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school, settings_for


def test_x5c(tmp_path: Path) -> None:
    clock = FixedClock()
    authority = make_ca("Test authority", now=clock.now())
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "ca.key").write_bytes(authority.key_pem)
    files = {"ca_certificate": tmp_path / "ca.pem", "ca_key": tmp_path / "ca.key"}
    school = open_school(f"sqlite:///{tmp_path / 'db'}", tmp_path, **files)
    made = make_offer(school.desk, TENANT, school.person(), types=["enrolment"], actor="test")
    (text,) = Wallet(school).claim(made)
    parsed = FORMATS["dc+sd-jwt"].parse(text)
    chain = verify_x5c(parsed.issuer_key_hint.x5c, [authority.certificate], now=clock.now())
    key = parse_public_jwk(export_public_jwk(chain.public_key))
    credential = FORMATS["dc+sd-jwt"].verify(parsed, key, now=clock.now())
    assert credential.issuer == f"{BASE}/{TENANT}"
    leaf = x509.load_der_x509_certificate(base64.b64decode(parsed.issuer_key_hint.x5c[0]))
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [f"{BASE}/{TENANT}"]
    assert credential.status is not None
    listed = parse_status_list_token(school.client.get(credential.status.uri).text)
    assert tuple(listed.header["x5c"]) == parsed.issuer_key_hint.x5c
    school.deps.database.close_all()


def test_a_broken_authority_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no")
    files = {"ca_certificate": tmp_path / "ca.pem", "ca_key": tmp_path / "ca.pem"}
    with pytest.raises(Misconfigured):
        open_deps(settings_for(f"sqlite:///{tmp_path / 'db'}", tmp_path, **files), clock=FixedClock())


def test_another_key_file_opens_no_keys(school: School, tmp_path: Path) -> None:
    settings = settings_for(school.deps.settings.database_address, tmp_path, key_file=tmp_path / "other.key")
    deps = open_deps(settings, clock=FixedClock())
    assert (tmp_path / "other.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Exception, match="key"):
        deps.desk.keys.identity(TENANT)


def test_institutions_names(school: School) -> None:
    for slug in ("Sakura", "-a", "types", "a" * 64, ""):
        with pytest.raises(Exception, match="bad_slug"):
            create_institution(school.desk, slug, name_ja="桜", name_en="S", actor="test")
    with pytest.raises(Exception, match="institution_exists"):
        create_institution(school.desk, TENANT, name_ja="桜", name_en="S", actor="test")
    with pytest.raises(Exception, match="no_such_institution"):
        import_roll(school.desk, "nobody", [], actor="test")
