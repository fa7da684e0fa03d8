"""Believed in twenty years: a graduate's certificate outlives the theft of the key that signed it, in every format.

The university, its time-stamping authority (OpenSSL's) and the verifier are the real ones; only the network between them is in memory.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.did.resolve import Resolver
from common.encoding import b64url_encode
from common.errors import Unavailable
from common.formats.registry import FORMATS
from common.formats.time_stamped import stamped_digest
from common.ports import Fetched
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.x509.sandbox_ca import make_ca
from common.x509.sandbox_iaca import make_iaca
from issuer.flows.change_keys import declare_compromised
from issuer.flows.make_offer import make_offer
from issuer.flows.stamp_credentials import Stamping, stamp_credentials
from issuer.settings import DAY
from issuer.store.tables import Credential, TimeStamp
from tests.fakes.clock import FixedClock
from tests.fakes.fetch import FakeFetch
from tests.issuer.school import BASE, TENANT, School, Wallet, open_school
from tests.tsa import ADDRESS, StampingAuthority, make_authority
from verifier.checks.verdict import Check
from verifier.flows.check_text import check_text
from verifier.flows.gather_facts import FactGatherer

ISSUER = f"{BASE}/{TENANT}"
CONFIGURATIONS = {
    "dc+sd-jwt": "graduation_sd_jwt",
    "jwt_vc_json": "graduation_w3c_jwt",
    "ldp_vc": "graduation_w3c_di",
    "mso_mdoc": "graduation_mdoc",
}
EVERY_FORMAT = pytest.mark.parametrize("form", FORMATS.names)


class Line(FakeFetch):
    """From the verifier to the university. cut: addresses with this in them do not answer; swapped: they answer this."""

    def __init__(self, school: School) -> None:
        super().__init__()
        self.school = school
        self.cut = ""
        self.swapped: bytes | None = None

    def get(self, url: str, *, accept: str = "*/*", headers: Any = None) -> Fetched:
        self.requests.append(("GET", url))
        if self.cut and self.cut in url:
            raise Unavailable("no_answer", "cut")
        answer = self.school.client.get(url, headers={"Accept": accept})
        body = self.swapped if self.swapped is not None and "/time-stamps/" in url else answer.content
        return Fetched(url=url, status=answer.status_code, body=body)


@dataclass
class Scene:
    school: School
    authority: StampingAuthority
    iaca: Any
    line: Line

    def take(self, form: str, kind: str = "graduation") -> str:
        """The graduate's certificate."""
        person = self.school.person("G003")
        made = make_offer(self.school.desk, TENANT, person, types=[kind], formats=[form], actor="test")
        wallet = Wallet(self.school)
        wallet.redeem(made)
        answer = wallet.ask(
            CONFIGURATIONS[form].replace("graduation", kind), wallet.proofs(did=FORMATS[form].binds_to == "did")
        )
        credential = answer["credentials"][0]["credential"]
        return credential if isinstance(credential, str) else json.dumps(credential)

    def stamp(self) -> int:
        page = FakeFetch({ADDRESS: self.authority.page})
        stamping = Stamping(fetch=page, address=ADDRESS, roots=[self.authority.root])
        return stamp_credentials(self.school.desk, stamping).stamped

    def lose_the_key(self, *, since: int) -> None:
        """The key is stolen; the university declares it, a day later."""
        self.school.clock.time = max(since + DAY, self.school.clock.time)
        (kid,) = {row.kid for row in Credential.select().where(Credential.tenant == TENANT)}
        declare_compromised(self.school.desk, TENANT, kid, since=since, actor="test")

    def verify(self, text: str, *, tsa_roots: Any = None) -> tuple[bool, Check]:
        roots = [self.authority.root] if tsa_roots is None else tsa_roots
        terms = f"{BASE}/types/terms"
        types = {
            f"{BASE}/types/graduation",
            "GraduationCredential",
            f"{terms}/GraduationCredential",
            "tegata.graduate.1",
            "OpenBadgeCredential",
            "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential",
        }
        names = (ISSUER, f"did:web:localhost%3A8101:{TENANT}")
        anchors = TrustAnchors(
            roots=(self.iaca.certificate,),
            issuers=tuple(TrustedIssuer(identifier=name, types=frozenset(types), test=True) for name in names),
        )
        gatherer = FactGatherer(
            fetch=self.line,
            resolver=Resolver(self.line, self.school.clock, sandbox=True),
            anchors=anchors,
            sandbox=True,
            status_cache_seconds=0,
            tsa_roots=roots,
        )
        found = check_text(text, gatherer=gatherer, max_status_age=DAY, now=self.school.clock.now())
        (branch,) = found.presentations
        return found.accepted, next(check for check in branch.checks if check.name == "issuer_signature")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    iaca = make_iaca("Test IACA", country="JP", address=BASE, now=FixedClock().now())
    (tmp_path / "iaca.pem").write_bytes(iaca.pem)
    (tmp_path / "iaca.key").write_bytes(iaca.key_pem)
    files = {"iaca_certificate": tmp_path / "iaca.pem", "iaca_key": tmp_path / "iaca.key"}
    school = open_school(f"sqlite:///{tmp_path / 'issuer.db'}", tmp_path, **files)
    school.clock.time = int(
        time.time()
    )  # the authority's clock is OpenSSL's, so the university's has to be the real one
    yield Scene(school, make_authority(tmp_path / "tsa"), iaca, Line(school))
    school.deps.database.close_all()


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        *(("graduation", form) for form in FORMATS.names),
        ("graduation_badge", "ldp_vc"),
        ("graduation_badge", "jwt_vc_json"),
    ],
)
def test_a_stamped_certificate_outlives_its_key(scene: Scene, kind: str, form: str) -> None:
    text = scene.take(form, kind)
    assert scene.stamp() == 1
    accepted, check = scene.verify(text)
    assert (accepted, check.reason) == (True, "signed")
    assert not any("/time-stamps/" in url for _, url in scene.line.requests), "nobody is asked where it does not matter"
    scene.lose_the_key(since=scene.school.clock.now() + 60)
    accepted, check = scene.verify(text)
    assert (accepted, check.reason) == (True, "signed_before_compromise")
    assert check.as_of is not None
    assert abs(check.as_of - time.time()) < 60, "the verdict says by when it existed"
    assert any("/time-stamps/" in url for _, url in scene.line.requests)


@EVERY_FORMAT
def test_what_a_thief_signs_is_refused(scene: Scene, form: str) -> None:
    """The certificate claims to be old and is stamped after the theft: a stamp tells when, not what the text claims."""
    since = scene.school.clock.now() - 3600
    text = scene.take(form)
    scene.stamp()
    scene.lose_the_key(since=since)
    accepted, check = scene.verify(text)
    assert (accepted, check.answer.value, check.reason) == (False, "failed", "key_compromised")


@EVERY_FORMAT
def test_without_a_stamp_it_falls_with_its_key(scene: Scene, form: str) -> None:
    text = scene.take(form)
    scene.lose_the_key(since=scene.school.clock.now() + 60)
    accepted, check = scene.verify(text)
    assert (accepted, check.reason) == (False, "key_compromised")


def test_stamps_that_prove_nothing(scene: Scene, tmp_path: Path) -> None:
    text, another = scene.take("dc+sd-jwt"), scene.take("jwt_vc_json")
    scene.stamp()
    of_another = TimeStamp.get(
        TimeStamp.tenant == TENANT,
        TimeStamp.digest == b64url_encode(stamped_digest(FORMATS["jwt_vc_json"].parse(another))),
    )
    own = TimeStamp.get(TimeStamp.tenant == TENANT, TimeStamp.digest != of_another.digest)
    scene.lose_the_key(since=scene.school.clock.now() + 60)
    assert scene.verify(text)[0]
    # by an authority that this verifier does not know, or any at all
    assert (
        scene.verify(text, tsa_roots=[make_ca("Time-stamp root", now=1_700_000_000).certificate])[1].reason
        == "key_compromised"
    )
    assert scene.verify(text, tsa_roots=[])[1].reason == "key_compromised"
    # the genuine stamp of another certificate; broken bytes; no stamp at all
    broken = bytes(own.answer or b"")
    for swapped in (
        bytes(of_another.answer or b""),
        broken[:-1] + bytes([broken[-1] ^ 1]),
        broken[:-1],
        b"",
        b"\x30\x00",
    ):
        scene.line.swapped = swapped
        accepted, check = scene.verify(text)
        assert (accepted, check.reason) == (False, "key_compromised")


def test_a_line_that_is_cut_is_not_an_answer(scene: Scene) -> None:
    text = scene.take("dc+sd-jwt")
    scene.stamp()
    scene.lose_the_key(since=scene.school.clock.now() + 60)
    scene.line.cut = "/time-stamps/"
    accepted, check = scene.verify(text)
    assert (accepted, check.answer.value, check.reason) == (False, "undetermined", "time_stamp_unreachable")


def test_a_document_signer_is_not_believed_against_its_issuer(scene: Scene) -> None:
    """The chain of an mdoc stands although its key was stolen; the issuer's own account of its keys is what counts."""
    text = scene.take("mso_mdoc")
    assert scene.verify(text)[1].reason == "signed"
    scene.line.cut = ".well-known/jwt-vc-issuer"
    accepted, check = scene.verify(text)
    assert (accepted, check.answer.value, check.reason) == (False, "undetermined", "key_history_unknown")
    scene.line.cut = ""
    scene.lose_the_key(since=scene.school.clock.now() - 60)
    assert scene.verify(text)[1].reason == "key_compromised"
