"""A graduate's badge, from the school's roll to whoever sees its picture: OpenID4VCI, OpenID4VP, PNG and SVG. No network."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from common.errors import Conflict, Malformed, NotFound, Unsupported
from common.formats.open_badges.bake import bake
from common.formats.open_badges.png import read_chunks
from common.formats.open_badges.unbake import unbake
from common.formats.registry import FORMATS
from common.ports import Fetched
from common.trust.anchors import TrustAnchors, TrustedIssuer
from issuer.flows.change_status import change_status
from issuer.flows.find_people import held_by
from issuer.flows.make_offer import make_offer
from tests.fakes.clock import FixedClock
from tests.issuer.school import BASE, TENANT, School, open_school
from tests.wallet_agent.conftest import PASSPHRASE, make_outside
from tests.wallet_agent.fake_issuer import FakeIssuer
from tests.wallet_agent.fake_verifier import DID as CAFE_DID
from tests.wallet_agent.fake_verifier import FakeVerifier
from tests.wallet_agent.internet import Asked, Internet
from verifier.deps import build_deps as build_verifier
from verifier.flows.check_text import check_text, read_file
from verifier.settings import VerifierSettings
from wallet_agent import cli
from wallet_agent.app import build_app
from wallet_agent.cli import commands
from wallet_agent.deps import build_deps
from wallet_agent.holder.answer_request import answer_request
from wallet_agent.holder.badge_picture import PNG_SIDE, draw_png, draw_svg
from wallet_agent.holder.bake_badge import bake_badge
from wallet_agent.holder.cards import read_cards
from wallet_agent.holder.choose_credentials import choose_credentials
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.read_request import read_request
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.settings import WalletSettings
from wallet_agent.vault.open_vault import OpenVault

SCHOOL_DID = f"did:web:localhost%3A8101:{TENANT}"
IRI = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
BADGE_QUESTION: dict[str, Any] = {
    "credentials": [
        {
            "id": "badge",
            "format": "ldp_vc",
            "meta": {"type_values": [[IRI]]},
            "claims": [{"path": ["credentialSubject", "achievement", "name"]}],
        }
    ]
}


class Streets(Internet):
    """Where the school's own program answers at its address."""

    def __init__(self, school: School) -> None:
        super().__init__()
        self.school = school

    def _answer(self, asked: Asked) -> Fetched:
        if not asked.url.startswith(BASE):
            return super()._answer(asked)
        path = asked.url.removeprefix(BASE)
        found = self.school.client.request(asked.method, path, content=asked.body, headers=dict(asked.headers))
        return Fetched(url=asked.url, status=found.status_code, body=found.content, headers=dict(found.headers))

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "*/*", headers: Any = None) -> Fetched:
        return self._answer(
            Asked("POST", url, body, {"Content-Type": content_type, "accept": accept, **(headers or {})})
        )


@dataclass
class Town:
    """A school, a graduate's wallet with both forms of the badge, and whatever they can reach."""

    school: School
    vault: OpenVault
    streets: Streets
    outside: Outside
    clock: FixedClock

    def card(self, form: str = "ldp_vc") -> str:
        return next(card.id for card in read_cards(self.vault) if card.face.format == form)


@pytest.fixture
def town(vault: OpenVault, clock: FixedClock, tmp_path: Path) -> Iterator[Town]:
    (tmp_path / "school").mkdir()
    school = open_school(f"sqlite:///{tmp_path / 'school.sqlite3'}", tmp_path / "school")
    streets = Streets(school)
    outside = make_outside(streets, clock)
    made = make_offer(
        school.desk,
        TENANT,
        school.person("G003"),
        types=["graduation_badge"],
        formats=["ldp_vc", "jwt_vc_json"],
        tx_code=False,
        actor="test",
    )
    offer = receive_offer(vault, made.link, fetch=outside.fetch, clock=clock)
    accept_offer(vault, offer.id, outside=outside)
    yield Town(school, vault, streets, outside, clock)
    school.deps.database.close_all()


def judge(town: Town, text: str, folder: Path) -> Any:
    """By a verifier that lists the school for Open Badges and nothing else."""
    listed = TrustedIssuer(identifier=SCHOOL_DID, types=frozenset({"OpenBadgeCredential", IRI}), names={})
    folder.mkdir(exist_ok=True)
    deps = build_verifier(
        VerifierSettings(
            environment="sandbox",
            public_url="https://verifier.example",
            database_url=f"sqlite:///{folder / 'verifier.sqlite3'}",
            data_dir=folder,
            status_cache_seconds=0,
            job_seconds=0,
        ),
        clock=town.clock,
        fetch=town.streets,
        anchors=TrustAnchors(issuers=(listed,)),
    )
    try:
        return check_text(text, gatherer=deps.gatherer, max_status_age=86_400, now=town.clock.now())
    finally:
        deps.database.close_all()


def test_the_badge_answers_a_question_for_open_badges(town: Town, internet: Internet, clock: FixedClock) -> None:
    verifier = FakeVerifier(town.streets, clock, FakeIssuer(internet, clock))
    asked = read_request(town.vault, verifier.ask(BADGE_QUESTION), outside=town.outside)
    consent = choose_credentials(town.vault, asked.id, outside=town.outside)
    assert consent.choices.satisfiable
    answer_request(town.vault, asked.id, outside=town.outside)
    (text,) = verifier.taken[-1].vp_token["badge"]  # type: ignore[union-attr]  # it was not declined
    form = FORMATS["ldp_vc"]
    parsed = form.parse_presentation(text)
    key = town.outside.resolver.key(str(parsed.issuer_key_hint.kid))
    found = form.verify_presentation(
        parsed,
        key,
        audience=f"decentralized_identifier:{CAFE_DID}",
        nonce=verifier.last.nonce,
        now=clock.now(),
    )
    assert found.credential.types == (IRI,)
    assert found.credential.subject["achievement"]["name"] == "学士（工学） / Bachelor's degree"


@pytest.mark.parametrize("kind", ["png", "svg"])
@pytest.mark.parametrize("form", ["ldp_vc", "jwt_vc_json"])
def test_a_picture_is_verified_until_the_school_takes_it_back(town: Town, tmp_path: Path, kind: str, form: str) -> None:
    image = bake_badge(town.vault, town.card(form), kind).image
    assert judge(town, read_file(image), tmp_path / "v").answer == "passed"
    for copy in held_by(town.school.desk, TENANT, [town.school.person("G003").id]):
        if copy.state == "valid":
            change_status(town.school.desk, TENANT, copy.id, "revoked", actor="test")
    town.clock.advance(2)
    town.school.clock.advance(2)
    verdict = judge(town, read_file(image), tmp_path / "v")
    assert verdict.answer == "failed"
    assert verdict.as_json()["reason"] == "revoked"


def test_a_forged_picture_fails(town: Town, tmp_path: Path) -> None:
    badge = json.loads(unbake(bake_badge(town.vault, town.card(), "svg").image))
    badge["credentialSubject"]["achievement"]["name"] = "博士（工学） / Doctoral degree"
    forged = bake(draw_png(), json.dumps(badge, ensure_ascii=False))
    assert judge(town, read_file(forged), tmp_path / "v").answer == "failed"


def test_a_file_is_a_text_or_a_picture() -> None:
    assert read_file(b" eyJ.eyJ.c2ln\n") == "eyJ.eyJ.c2ln"
    for data in (b"\xff\xfe", draw_png(), b"<svg/>"):
        with pytest.raises(Malformed):
            read_file(data)


def test_only_badges_go_into_pictures(town: Town) -> None:
    made = make_offer(
        town.school.desk, TENANT, town.school.person("G003"), types=["graduation"], tx_code=False, actor="test"
    )
    offer = receive_offer(town.vault, made.link, fetch=town.outside.fetch, clock=town.clock)
    accept_offer(town.vault, offer.id, outside=town.outside)
    with pytest.raises(Conflict, match="no Open Badge"):
        bake_badge(town.vault, town.card("dc+sd-jwt"), "png")
    with pytest.raises(Unsupported):
        bake_badge(town.vault, town.card(), "gif")
    with pytest.raises(NotFound):
        bake_badge(town.vault, "nobody", "png")


def test_the_page_of_the_card_offers_both_pictures(town: Town, database_url: str, tmp_path: Path) -> None:
    settings = WalletSettings(
        environment="sandbox",
        data_dir=tmp_path,
        database_url=database_url,
        passphrase_passes=1,
        passphrase_memory=8 << 10,
    )
    deps = build_deps(settings)
    deps = dataclasses.replace(deps, clock=town.clock, outside=town.outside)
    with TestClient(build_app(deps), base_url="http://testserver") as client:
        form = client.get("/hanako/unlock").text
        token = html.unescape(re.findall(r'name="csrf_token" value="([^"]+)"', form)[0])
        client.post("/hanako/unlock", data={"csrf_token": token, "passphrase": PASSPHRASE})
        page = client.get(f"/hanako/cards/{town.card()}").text
        assert "Aya Yamasaki" in page or "山﨑 彩" in page
        links = re.findall(r'href="([^"]+/badge\.(?:svg|png))"', page)
        assert [urlsplit(link).path.rpartition(".")[2] for link in links] == ["svg", "png"]
        for link, media_type in zip(links, ("image/svg+xml", "image/png"), strict=True):
            answer = client.get(link)
            assert answer.headers["content-type"].startswith(media_type)
            assert answer.headers["content-disposition"].startswith("attachment")
            assert json.loads(unbake(answer.content))["type"] == ["VerifiableCredential", "OpenBadgeCredential"]


def test_the_command_writes_a_file(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "open_desk", lambda: None)
    monkeypatch.setattr(commands, "open_vault", lambda _deps, _holder: town.vault)
    file = tmp_path / "me.svg"
    done = CliRunner().invoke(cli.app, ["badge", "--output", str(file), town.card()])
    assert done.exit_code == 0, done.output
    assert IRI not in unbake(file.read_bytes())
    assert (
        "unknown_picture" in CliRunner().invoke(cli.app, ["badge", "-o", str(tmp_path / "me.gif"), town.card()]).output
    )


def test_the_drawn_png_is_a_png() -> None:
    """Header and dots as PNG §11.2.2 and §9 have them: 8 bits, RGBA, no filter."""
    header, pixels, _ = read_chunks(draw_png())
    assert header.data == struct.pack(">IIBBBBB", PNG_SIDE, PNG_SIDE, 8, 6, 0, 0, 0)
    rows = zlib.decompress(pixels.data)
    stride = 1 + 4 * PNG_SIDE
    assert len(rows) == PNG_SIDE * stride
    assert set(rows[::stride]) == {0}
    middle = rows[stride * 56 + 1 :][4 * 64 : 4 * 65]
    assert middle == bytes((0xB6, 0x2A, 0x1E, 255))  # the cap
    assert rows[4] == 0  # the corner is clear


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=20))
def test_any_names_make_a_picture_that_takes_a_badge(title: str, issuer: str, seal: str) -> None:
    picture = draw_svg(title=title, issuer=issuer, seal=seal)
    assert unbake(bake(picture, "a.b.c")) == "a.b.c"
    assert b"<script" not in picture
