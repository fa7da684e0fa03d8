"""Every kind of card, in every format: read, issued, held by the real wallet, shown, and withdrawn. No network, no reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from common.adapters.migrations import migrate
from common.cards.evidence import Answer, Environment, Evidence
from common.cards.evidence_json import parse_evidence
from common.did.resolve import Resolver
from common.formats.credential import VerifiedPresentation
from common.formats.in_person import AUDIENCE
from common.formats.registry import FORMATS
from common.formats.shown_presentation import build_shown, parse_shown
from common.keys.software import SoftwareKey
from common.status.fetch_status import StatusChecker
from common.trust.anchors import TrustAnchors, TrustedIssuer
from common.trust.issuer_key import IssuerKeyFinder
from common.x509.sandbox_iaca import make_iaca
from issuer.catalogue.registry import CATALOGUE, of_cards
from issuer.flows.change_status import change_status
from issuer.flows.find_people import held_by
from tests.cards.my_number_reader import NOW
from tests.issuer.card_desk import accept, offer, open_card_school, open_session
from tests.issuer.every_card import KINDS, read_card, roots_in, take_in_hand
from tests.issuer.school import BASE, TENANT, School
from tests.wallet_agent.conftest import CHEAP, PASSPHRASE
from tests.wallet_agent.test_badge import SCHOOL_DID, Streets
from tests.wallet_agent.test_evidence_texts import EN, JA
from wallet_agent.holder.cards import HeldCard, open_copy, read_cards
from wallet_agent.holder.check_card import check_card, standing
from wallet_agent.holder.claim_lines import claim_lines, disclosed_lines
from wallet_agent.holder.create_holder import create_holder
from wallet_agent.holder.outside import Outside
from wallet_agent.holder.receive_offer import receive_offer
from wallet_agent.holder.request_credential import accept_offer
from wallet_agent.holder.show_card import showable
from wallet_agent.pages.claim_texts import label_of, show_line
from wallet_agent.store.base import bind
from wallet_agent.store.cards import list_copies
from wallet_agent.store.migrations import MIGRATIONS
from wallet_agent.vault.open_vault import OpenVault

FORMAT_NAMES = ("dc+sd-jwt", "jwt_vc_json", "ldp_vc", "mso_mdoc")
PROVEN_CHIPS = {
    "my_number_jpki", "my_number_text", "mynumber_licence", "specified_residence_card", "passport", "passport_2025",
}  # fmt: skip
"""Cards that prove to be no copy. The others say that they cannot."""


@dataclass
class Town:
    """issued: by kind of card, the id of its reading; and by kind, type and format the wallet's card."""

    school: School
    vault: OpenVault
    outside: Outside
    trust: Any
    issued: dict[str, str] = field(default_factory=dict)
    cards: dict[tuple[str, str, str], HeldCard] = field(default_factory=dict)

    def take(self, name: str) -> None:
        """Reads this kind of card, once, and takes all that it proves in every format into the wallet."""
        if name in self.issued:
            return
        kind, session = KINDS[name], open_session(self.school)
        accepted = accept(self.school, session, *read_card(kind, take_in_hand(kind), session.challenge, self.trust))
        assert accepted.types == kind.types
        made = offer(self.school, accepted, *kind.tried, formats=FORMAT_NAMES)
        before = {card.id for card in read_cards(self.vault)}
        found = receive_offer(self.vault, made.link, fetch=self.outside.fetch, clock=self.outside.clock)
        accept_offer(self.vault, found.id, outside=self.outside)
        held = [card for card in read_cards(self.vault) if card.id not in before]
        assert len(held) == len(kind.tried) * len(FORMAT_NAMES)
        for card in held:
            self.cards[name, type_of(card), card.face.format] = card
        self.issued[name] = accepted.id

    def show(self, card: HeldCard) -> VerifiedPresentation:
        """To whoever is here: everything that the card says, proven again."""
        copy = open_copy(self.vault, list_copies(self.vault.tenant, card.id)[0])
        form, key, now = (
            FORMATS[card.face.format],
            SoftwareKey.from_private_jwk(copy.private_jwk),
            self.school.clock.now(),
        )
        shown = parse_shown(build_shown(form.name, copy.credential, paths=None, holder=key, now=now))
        parsed = form.parse_presentation(shown.text)
        issuer = self.outside.keys.key(parsed.issuer_key_hint, now)
        prove = partial(form.verify_presentation, audience=AUDIENCE, nonce=shown.nonce, now=now, context=shown.context)
        return prove(parsed, issuer)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("cards")
    iaca = make_iaca("Test IACA", country="JP", address=BASE, now=NOW)
    (folder / "iaca.pem").write_bytes(iaca.pem)
    (folder / "iaca.key").write_bytes(iaca.key_pem)
    trust = roots_in(folder / "roots")
    files = {"iaca_certificate": folder / "iaca.pem", "iaca_key": folder / "iaca.key"}
    school = open_card_school(folder, believed=trust, card_environment="test", **files)
    streets = Streets(school)
    issuers = tuple(TrustedIssuer(identifier=name, types=frozenset()) for name in (f"{BASE}/{TENANT}", SCHOOL_DID))
    anchors = TrustAnchors(roots=(iaca.certificate,), issuers=issuers)
    wallet = bind(f"sqlite:///{folder / 'wallet.db'}")
    migrate(wallet, MIGRATIONS, now=1)
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
        batch=1,
    )
    vault = create_holder("hanako", PASSPHRASE, cost=CHEAP, clock=school.clock)
    yield Town(school, vault, outside, trust)
    for database in (school.deps.database, wallet):
        database.close_all()


def type_of(card: HeldCard) -> str:
    """The catalogue's name of a card's type, in whatever format it is."""
    (name,) = (kind.name for kind in CATALOGUE if names_of_type(kind) & set(card.face.types))
    return name


def names_of_type(kind: Any) -> set[str]:
    return {f"{BASE}/types/{kind.name}", kind.w3c_type, f"{BASE}/types/terms/{kind.w3c_type}", kind.doctype} - {""}


def evidence_in(claims: Any, form: str) -> Evidence:
    return parse_evidence(claims["tegata.evidence.1"]["evidence"] if form == "mso_mdoc" else claims["evidence"])


@pytest.mark.parametrize("form", FORMAT_NAMES)
@pytest.mark.parametrize("name", KINDS)
def test_issued_held_shown_and_withdrawn(town: Town, name: str, form: str) -> None:
    town.take(name)
    for type_name in KINDS[name].tried:
        card = town.cards[name, type_name, form]
        shown = town.show(card).credential
        evidence = evidence_in(shown.claims, form)
        assert evidence.environment is Environment.TEST
        assert all(source.data_authenticity.answer is Answer.PROVEN for source in evidence.sources)
        genuine = Answer.PROVEN if name in PROVEN_CHIPS else Answer.NOT_OFFERED
        assert {source.chip_genuineness.answer for source in evidence.sources} == {genuine}
        told = {origin.claim for source in evidence.sources for origin in source.origins}
        assert told
        assert told <= CATALOGUE[type_name].card_claims
        assert shown.valid_until is not None
        assert shown.valid_until <= NOW - NOW % 86_400 + CATALOGUE[type_name].lifetime
        assert standing(check_card(town.vault, card.id, outside=town.outside), now=NOW) == "valid"
    withdraw_all(town, name, form)
    for type_name in KINDS[name].tried:
        card = town.cards[name, type_name, form]
        assert standing(check_card(town.vault, card.id, outside=town.outside), now=NOW) == "revoked"


@pytest.mark.parametrize("form", ["dc+sd-jwt", "mso_mdoc"])
def test_in_person_the_record_of_the_chip_is_shown_unless_it_is_unticked(town: Town, form: str) -> None:
    """So that somebody who demands a chip is answered without a question before it."""
    name = next(iter(KINDS))
    town.take(name)
    found = showable(town.vault, town.cards[name, KINDS[name].main, form].id)
    told = {line.path for line in found.always} | found.preselected
    assert ("tegata.evidence.1", "evidence") in told if form == "mso_mdoc" else ("evidence",) in told
    assert not any(path[-1] in ("name", "birthdate", "birth_date", "address") for path in told)


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_the_holder_reads_that_the_record_of_the_chip_goes_along(town: Town, form: str) -> None:
    """On the card's page, and where one consents: in each format, also where it stands beside the subject and cannot be held back."""
    name = next(iter(KINDS))
    town.take(name)
    card = town.cards[name, KINDS[name].main, form]
    copy = open_copy(town.vault, list_copies(town.vault.tenant, card.id)[0])
    path = ("tegata.evidence.1", "evidence") if form == "mso_mdoc" else ("evidence",)
    said = "My Number card, read on 1 November 2026, a test card, chip genuine, PIN or password known, not revoked"
    for lines in (claim_lines(card.face), disclosed_lines(card.face, copy.credential, (path,))):
        (line,) = (line for line in lines if line.path == path)
        assert label_of(line, JA) == "ICチップの検証の記録"
        label, value = show_line(line, EN)
        assert label == "What the chip proved"
        assert sorted(value.split(", ")) == sorted(said.split(", "))


def test_a_usual_run_has_every_type() -> None:
    assert {kind.main for kind in KINDS.values()} == {kind.name for kind in of_cards()}


def withdraw_all(town: Town, name: str, form: str) -> None:
    short = {"dc+sd-jwt": "sd_jwt", "jwt_vc_json": "w3c_jwt", "ldp_vc": "w3c_di", "mso_mdoc": "mdoc"}[form]
    mine = [one for one in held_by(town.school.desk, TENANT, [town.issued[name]]) if one.configuration.endswith(short)]
    assert len(mine) == len(KINDS[name].tried)
    for one in mine:
        change_status(town.school.desk, TENANT, one.id, "revoked", actor="test")
