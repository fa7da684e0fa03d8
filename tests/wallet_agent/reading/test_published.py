"""The list is published: README.md of the room shows it as it is. And what may be read is what the person agreed to."""

from __future__ import annotations

import pytest

from common.cards.detect import CARD_TYPES
from common.cards.offered_parts import NEVER_RELAYED
from common.cards.possession import PossessionChallenge
from common.cards.prompts import SecretKind
from common.cards.registry import DRIVERS
from common.cards.relay import Begin, Offer, Read
from common.cards.secret import Secret
from common.errors import Malformed, Refused
from common.oid4vci.credential_offer import CredentialOffer, PreAuthorizedCodeOffer, build_offer_link
from tests.house.tree import ROOT
from wallet_agent.reading.choose_parts import choose_reads, find_parts
from wallet_agent.reading.invitation import check_issuer, check_link, parse_invitation
from wallet_agent.reading.list_rules import list_rules
from wallet_agent.reading.prompts import read_pin
from wallet_agent.reading.published import PARTS, SECRETS, build_rules

CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s-1", nonce=bytes(32))
TYPES = {card.name: card for card in CARD_TYPES}
EVERY_CLAIM = {claim for driver in DRIVERS for part in driver.parts for claim in part.claims}


def test_the_readme_shows_the_list() -> None:
    readme = (ROOT / "wallet_agent/reading/README.md").read_text(encoding="utf-8")
    assert list_rules() in readme, "write it: python -m wallet_agent.reading.list_rules"


def test_the_list_has_every_card_with_its_parts_and_secrets() -> None:
    parts = [(driver.name, part) for driver in DRIVERS for part in driver.parts]
    relayed = [(driver, part) for driver, part in parts if (driver, part.name) not in NEVER_RELAYED]
    assert {(driver, part.name) for driver, part in relayed} == {
        (d, each) for d, found in PARTS.items() for each in found
    }
    needed = {kind.name for _, part in relayed for kind in part.secrets}
    assert needed == set(SECRETS)


@pytest.mark.parametrize(
    ("driver", "parts"),
    [
        ("my_number", ()),
        ("my_number", ("number",)),
        ("my_number", ("text",)),
        ("juki", ("all",)),
        ("passport", ("dg3",)),
    ],
)
def test_nothing_else_is_on_it(driver: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(Malformed, match="unknown_part"):
        build_rules(driver, parts, CHALLENGE)


def test_a_part_that_nobody_agreed_to_is_not_on_the_list() -> None:
    rules = build_rules("my_number", ("jpki_authentication",), CHALLENGE)
    assert set(rules.slots) == {"jpki_authentication_pin"}
    assert set(rules.keys) == {"jpki_authentication"}
    (application,) = rules.applications.values()
    assert 0x0001 not in application.files


def test_only_what_the_issuer_makes_something_of_is_offered() -> None:
    cards = [TYPES["my_number"]]
    assert [each.part.name for each in find_parts(cards, {"name"})] == ["jpki_signature", "jpki_authentication"]
    with pytest.raises(Refused, match="nothing_from_this_card"):
        find_parts(cards, {"licence_number"})
    with pytest.raises(Refused, match="unknown_card"):
        find_parts([], EVERY_CLAIM)


def test_a_document_is_read_first_and_with_the_card_that_says_whose_it_is() -> None:
    offered = find_parts([TYPES["my_number"], TYPES["mynumber_licence"]], EVERY_CLAIM)
    begin = choose_reads(offered, [("mynumber_licence", "licence")])
    assert begin == Begin((Read("mynumber_licence", ("licence",)), Read("my_number", ("jpki_signature",))))
    with pytest.raises(Refused, match="declined"):
        choose_reads(offered, [])
    with pytest.raises(Malformed, match="unknown_part"):
        choose_reads(offered, [("passport", "photo")])
    three = find_parts(
        [TYPES[name] for name in ("my_number", "mynumber_licence", "specified_residence_card")], EVERY_CLAIM
    )
    with pytest.raises(Refused, match="two_documents"):
        choose_reads(three, [("mynumber_licence", "licence"), ("residence_card", "card")])


PASSWORD: SecretKind = SECRETS["jpki_signature_password"]


@pytest.mark.parametrize("typed", ["ABC123", "abc123", " ABC123 ", "ＡＢＣ１２３"])
def test_a_password_is_read_as_it_was_meant(typed: str) -> None:
    assert read_pin(PASSWORD, Secret(typed)).reveal() == b"ABC123"


@pytest.mark.parametrize("typed", ["", "ABC12", "ABC-123", "A" * 17, "A" * 9999])
def test_what_cannot_be_it_is_not_sent(typed: str) -> None:
    secret = Secret(typed)
    with pytest.raises(Malformed, match="secret_malformed"):
        read_pin(PASSWORD, secret)
    assert secret.is_forgotten


TOKEN = "t" * 32


def test_an_invitation() -> None:
    read = parse_invitation(f"https://issuer.example:8443/below/school/card/{'a' * 24}/{TOKEN}")
    assert read.relay == f"https://issuer.example:8443/below/school/card/{'a' * 24}/relay"
    assert (read.invited.origin, read.invited.session) == ("https://issuer.example:8443", "a" * 24)
    assert TOKEN not in repr(read)


@pytest.mark.parametrize(
    "link",
    [
        f"https://user@issuer.example/school/card/{'a' * 24}/{TOKEN}",
        f"ftp://issuer.example/school/card/{'a' * 24}/{TOKEN}",
        f"https://issuer.example/school/card/{'a' * 24}/{TOKEN}?x=1",
        f"https://issuer.example/card/{'a' * 24}/{TOKEN}",
        f"https://issuer.example/school/card/{'g' * 24}/{TOKEN}",
        f"https:///school/card/{'a' * 24}/{TOKEN}",
        "https://[issuer/school",
        "",
    ],
)
def test_what_is_no_invitation(link: str) -> None:
    with pytest.raises(Malformed, match="bad_invitation"):
        parse_invitation(link)


OURS = "https://issuer.example:8443"
LINK = "openid-credential-offer://?credential_offer_uri="


def by_value(issuer: str) -> str:
    offer = PreAuthorizedCodeOffer(code="c")
    return build_offer_link(CredentialOffer(credential_issuer=issuer, configuration_ids=("a",), pre_authorized=offer))


def test_an_offer_of_who_invited() -> None:
    invited = parse_invitation(f"{OURS}/school/card/{'a' * 24}/{TOKEN}")
    check_link(Offer(f"{LINK}{OURS}/offers/1", f"{OURS}/claim/1", 0), invited)
    check_link(Offer(by_value(f"{OURS}/school"), f"{OURS}/claim/1", 0), invited)
    check_issuer(f"{OURS}/school", invited)


@pytest.mark.parametrize(
    ("link", "claim_url"),
    [
        (f"{LINK}https://evil.example/offers/1", f"{OURS}/claim/1"),
        (f"{LINK}https://issuer.example/offers/1", f"{OURS}/claim/1"),
        (f"{LINK}{OURS}@evil.example/offers/1", f"{OURS}/claim/1"),
        (f"{LINK}{OURS}/offers/1", "https://evil.example/claim/1"),
        (by_value("https://evil.example/school"), f"{OURS}/claim/1"),
        ("https://evil.example/", f"{OURS}/claim/1"),
        ("{}", f"{OURS}/claim/1"),
    ],
    ids=["by_reference", "another_port", "user", "claim_page", "by_value", "no_offer", "json"],
)
def test_an_offer_of_somebody_else(link: str, claim_url: str) -> None:
    invited = parse_invitation(f"{OURS}/school/card/{'a' * 24}/{TOKEN}")
    with pytest.raises((Refused, Malformed), match=r"other_issuer|bad_credential_offer"):
        check_link(Offer(link, claim_url, 0), invited)
