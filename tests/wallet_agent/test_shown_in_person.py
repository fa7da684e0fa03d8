"""A card of each format, from the school's roll to a shop's verdict without a question: real issuer, wallet and verifier, no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import zxingcpp
from fastapi.testclient import TestClient

from common.adapters.migrations import migrate
from common.did.resolve import Resolver
from common.encoding import b64url_decode
from common.formats.registry import FORMATS
from common.formats.shown_code import unpack
from common.formats.shown_frames import MAX_CODE, join_frames
from common.status.fetch_status import StatusChecker
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.issuer_key import IssuerKeyFinder
from common.x509.sandbox_iaca import make_iaca
from issuer.flows.make_offer import make_offer
from issuer.flows.withdraw import withdraw
from tests.fakes.clock import FixedClock
from tests.issuer.school import BASE, TENANT, School, open_school
from tests.qr import read_qr
from tests.verifier.world import add_party, checks_of
from tests.wallet_agent.conftest import CHEAP, PASSPHRASE
from tests.wallet_agent.test_badge import SCHOOL_DID, Streets
from verifier.app import build_app
from verifier.deps import build_deps
from verifier.settings import VerifierSettings
from wallet_agent.holder.cards import HeldCard, read_cards
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.holder.show_card import Showing, renew_showing, showable, start_showing
from wallet_agent.store.base import bind
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.vault.open_vault import OpenVault

FORMAT_NAMES = ("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc")
TYPES = frozenset(
    {
        f"{BASE}/types/enrolment",
        "EnrolmentCredential",
        f"{BASE}/types/terms/EnrolmentCredential",
        "tegata.student.1",
    }
)
LONGEST = {"dc+sd-jwt": 1720, "jwt_vc_json": 2640, "ldp_vc": 1560, "mso_mdoc": 2120}
"""Characters of the code with what is preselected. Those above 1839 are drawn as two codes."""


@dataclass
class Town:
    school: School
    vault: OpenVault
    outside: Outside
    client: TestClient
    clock: FixedClock
    tokens: dict[str, str]
    cards: dict[str, HeldCard]

    def take(self, form: str, number: str) -> HeldCard:
        """One more card, of this student of the roll."""
        held = {card.id for card in read_cards(self.vault)}
        who = self.school.person(number)
        made = make_offer(self.school.desk, TENANT, who, types=["enrolment"], formats=[form], actor="test")
        offer = receive_offer(self.vault, made.link, fetch=self.outside.fetch, clock=self.clock)
        accept_offer(self.vault, offer.id, outside=self.outside, tx_code=made.tx_code or None)
        return next(card for card in read_cards(self.vault) if card.id not in held)

    def show(self, card: HeldCard, words: tuple[str, ...] | None = None) -> Showing:
        """words: last steps of the claims to show; None: what is preselected."""
        found = showable(self.vault, card.id)
        paths = None if words is None else [one.path for one in found.optional if one.path[-1] in words]
        return start_showing(self.vault, card.id, clock=self.clock, paths=paths)

    def judge(self, text: str, *, shop: str = "cafe", question: str = "student", status: int = 201) -> Any:
        answer = self.client.post(
            f"/{shop}/api/shown",
            json={"question": question, "text": text},
            headers={"Authorization": f"Bearer {self.tokens[shop]}"},
        )
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    iaca = make_iaca("Test IACA", country="JP", address=BASE, now=FixedClock().now())
    (folder / "iaca.pem").write_bytes(iaca.pem)
    (folder / "iaca.key").write_bytes(iaca.key_pem)
    files = {"iaca_certificate": folder / "iaca.pem", "iaca_key": folder / "iaca.key"}
    school = open_school(f"sqlite:///{folder / 'issuer.db'}", folder, **files)
    streets = Streets(school)
    issuers = tuple(TrustedIssuer(identifier=name, types=TYPES) for name in (f"{BASE}/{TENANT}", SCHOOL_DID))
    anchors = TrustAnchors(roots=(iaca.certificate,), issuers=issuers)
    wallet = bind(f"sqlite:///{folder / 'wallet.db'}")
    migrate(wallet, MIGRATIONS, now=1)
    vault = create_holder("hanako", PASSPHRASE, cost=CHEAP, clock=school.clock)
    resolver = Resolver(streets, school.clock, sandbox=True)
    keys = IssuerKeyFinder(streets, resolver, anchors)
    outside = Outside(
        fetch=streets,
        clock=school.clock,
        resolver=resolver,
        anchors=anchors,
        keys=keys,
        statuses=StatusChecker(streets, keys.key, max_age=0),
        sandbox=True,
        batch=2,
    )
    verifier = build_deps(
        VerifierSettings(
            environment="sandbox",
            public_url="https://verifier.example",
            vct_base=f"{BASE}/types",
            database_url=f"sqlite:///{folder / 'verifier.db'}",
            data_dir=folder,
            status_cache_seconds=0,
            job_seconds=0,
        ),
        clock=school.clock,
        fetch=streets,
        anchors=anchors,
    )
    tokens = {}
    for shop in ("cafe", "bar"):
        add_party(verifier, shop)
        tokens[shop] = verifier.login.new_token(shop, "operator", "operator")
    made = Town(
        school=school,
        vault=vault,
        outside=outside,
        client=TestClient(build_app(verifier), base_url="https://verifier.example"),
        clock=school.clock,
        tokens=tokens,
        cards={},
    )
    made.cards.update({form: made.take(form, "S001") for form in FORMAT_NAMES})
    yield made
    for database in (school.deps.database, wallet, verifier.database):
        database.close_all()


def scanned(showing: Showing) -> str:
    """What a shop's camera brings to the form: the codes in another order than they were drawn in."""
    found = []
    for code in reversed(showing.codes):
        drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        read = read_qr(drawn.to_image(scale=3, add_quiet_zones=True))
        found.append(read.text)
    return "\n".join(found)


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_a_card_is_shown_and_believed_once_by_each_shop(town: Town, form: str) -> None:
    showing = town.show(town.cards[form])
    text = scanned(showing)
    assert unpack(join_frames(text)) == showing.text
    size = len(join_frames(text))
    assert size <= LONGEST[form]
    assert len(showing.codes) == (1 if size <= MAX_CODE else 2)
    first = town.judge(text)
    assert first["verdict"]["accepted"], first["verdict"]
    checks = checks_of(first["verdict"])
    assert {value for value, _ in checks.values()} == {"passed"}
    assert checks["not_replayed"] == ("passed", "shown_now")
    values = {claim["value"] for one in first["disclosed"] for claim in one["claims"]}
    assert values == {"student", "桜川大学"}
    for again in (text, showing.text):
        replayed = town.judge(again)["verdict"]
        assert (replayed["accepted"], replayed["reason"]) == (False, "replayed")
    assert town.judge(showing.text, shop="bar")["verdict"]["accepted"]
    town.clock.advance(30)
    renewed = renew_showing(town.vault, town.cards[form].id, showing.id, clock=town.clock)
    assert town.judge(renewed.text)["verdict"]["accepted"]


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_it_is_good_for_a_minute(town: Town, form: str) -> None:
    text = town.show(town.cards[form]).text
    town.clock.advance(61)
    verdict = town.judge(text)["verdict"]
    assert (verdict["accepted"], verdict["reason"]) == (False, "stale")
    assert checks_of(verdict)["not_replayed"] == ("failed", "stale")


def test_only_what_is_ticked_of_an_mdoc_is_shown(town: Town) -> None:
    showing = town.show(town.cards["mso_mdoc"], ("age_over_18",))
    assert [line.path[-1] for line in showing.given] == ["age_over_18"]
    assert "髙橋".encode() not in b64url_decode(showing.text)
    assert town.judge(showing.text, question="over_18")["verdict"]["accepted"]
    refused = town.judge(town.show(town.cards["mso_mdoc"], ("age_over_18",)).text)["verdict"]
    assert checks_of(refused)["claims_asked"] == ("failed", "claim_missing")


def test_everything_that_a_card_says_may_be_shown(town: Town) -> None:
    """Too much for one comfortable code, so there are several."""
    for form in FORMAT_NAMES:
        found = showable(town.vault, town.cards[form].id)
        showing = town.show(town.cards[form], tuple(line.path[-1] for line in found.optional))
        if FORMATS[form].hides:
            assert len(showing.codes) > 1
        assert town.judge(scanned(showing), question="over_18")["verdict"]["accepted"]


def test_a_document_written_anew_is_the_same_showing(town: Town) -> None:
    """The signature covers the statements of a document, not its text: white space and order are anybody's."""
    text = town.show(town.cards["ldp_vc"]).text
    document = json.loads(text)
    assert town.judge(text)["verdict"]["accepted"]
    for rewritten in (
        json.dumps(dict(reversed(document.items())), indent=1),
        json.dumps({**document, "proof": dict(reversed(document["proof"].items()))}),
        json.dumps({**document, "proof": [document["proof"]]}),
    ):
        assert town.judge(rewritten)["verdict"]["reason"] == "replayed"


def test_a_withdrawn_card_is_red(town: Town) -> None:
    cards = [town.take(form, "S002") for form in FORMAT_NAMES]
    assert town.judge(town.show(cards[-1]).text)["verdict"]["accepted"]
    withdraw(town.school.desk, TENANT, town.school.person("S002"), actor="test")
    town.clock.advance(2)
    for card in cards:
        text = town.show(card).text
        for _ in range(2):
            verdict = town.judge(text)["verdict"]
            assert (verdict["accepted"], verdict["reason"]) == (False, "revoked"), card.face.format
