"""Credential offers; links and objects are the examples of OpenID4VCI 1.0 §4.1."""

from __future__ import annotations

import pytest

from common.errors import Malformed
from common.oid4vci.credential_offer import (
    AuthorizationCodeOffer,
    CredentialOffer,
    OfferByReference,
    PreAuthorizedCodeOffer,
    TransactionCode,
    build_credential_offer,
    build_offer_link,
    build_offer_link_by_reference,
    parse_credential_offer,
    parse_offer_link,
)

PRE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
BY_VALUE = (
    "openid-credential-offer://?credential_offer=%7B%22credential_issuer%22:%22https://credential-issuer.example.com%22,"
    "%22credential_configuration_ids%22:%5B%22org.iso.18013.5.1.mDL%22%5D,%22grants%22:%7B%22urn:ietf:params:oauth:"
    "grant-type:pre-authorized_code%22:%7B%22pre-authorized_code%22:%22oaKazRN8I0IbtZ0C7JuMn5%22,%22tx_code%22:%7B%22"
    "input_mode%22:%22text%22,%22description%22:%22Please%20enter%20the%20serial%20number%20of%20your%20physical%20"
    "drivers%20license%22%7D%7D%7D%7D"
)
BY_REFERENCE = (
    "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fserver%2Eexample%2Ecom%2Fcredential-offer"
    "%2FGkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
)


def test_by_value_as_the_text_shows_it() -> None:
    offer = parse_offer_link(BY_VALUE)
    assert offer == CredentialOffer(
        credential_issuer="https://credential-issuer.example.com",
        configuration_ids=("org.iso.18013.5.1.mDL",),
        pre_authorized=PreAuthorizedCodeOffer(
            code="oaKazRN8I0IbtZ0C7JuMn5",
            tx_code=TransactionCode(
                input_mode="text",
                description="Please enter the serial number of your physical drivers license",
            ),
        ),
    )


def test_by_reference_as_the_text_shows_it() -> None:
    assert parse_offer_link(BY_REFERENCE) == OfferByReference(
        address="https://server.example.com/credential-offer/GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
    )


def test_an_empty_tx_code_means_that_one_is_needed() -> None:
    """§4.1.1: "is required if present, even if empty"."""
    offer = {"credential_issuer": "https://i.example", "credential_configuration_ids": ["a"]}
    with_code = parse_credential_offer({**offer, "grants": {PRE: {"pre-authorized_code": "x", "tx_code": {}}}})
    without = parse_credential_offer({**offer, "grants": {PRE: {"pre-authorized_code": "x"}}})
    assert with_code.pre_authorized is not None
    assert with_code.pre_authorized.tx_code == TransactionCode()
    assert without.pre_authorized is not None
    assert without.pre_authorized.tx_code is None


@pytest.mark.parametrize(
    "offer",
    [
        CredentialOffer(
            credential_issuer="http://localhost:8101/sakuragawa", configuration_ids=("enrolment", "graduation")
        ),
        CredentialOffer(
            credential_issuer="https://i.example/t",
            configuration_ids=("a",),
            pre_authorized=PreAuthorizedCodeOffer(
                code="c/+=",
                tx_code=TransactionCode(length=6, description="メールで届きます"),
                authorization_server="https://a.example",
            ),
            authorization_code=AuthorizationCodeOffer(issuer_state="s"),
        ),
    ],
)
def test_round_trip(offer: CredentialOffer) -> None:
    assert parse_credential_offer(build_credential_offer(offer)) == offer
    assert parse_offer_link(build_offer_link(offer)) == offer
    assert parse_offer_link(f" {build_offer_link(offer, endpoint='https://w.example/hanako/open')}\n") == offer


def test_link_by_reference_round_trip_on_a_wallets_own_endpoint() -> None:
    link = build_offer_link_by_reference(
        "http://localhost:8101/t/offers/1", endpoint="http://localhost:8102/h/open?x=1"
    )
    assert link.startswith("http://localhost:8102/h/open?x=1&credential_offer_uri=http%3A%2F%2F")
    assert parse_offer_link(link) == OfferByReference(address="http://localhost:8101/t/offers/1")


def test_secrets_stay_out_of_the_repr() -> None:
    assert "oaKaz" not in repr(parse_offer_link(BY_VALUE))
    assert "GkurK" not in repr(parse_offer_link(BY_REFERENCE))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "openid-credential-offer://",
        "openid-credential-offer://?credential_offer=%7B",
        "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https%3A%2F%2Fa.example",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Fa.example",
        "openid-credential-offer://?credential_offer_uri=file%3A%2F%2F%2Fetc",
        "openid4vp://?credential_offer_uri=https%3A%2F%2Fa.example",
        "openid-credential-offer://[?x",
        "https://a.example/?credential_offer=" + "x" * 70000,
    ],
)
def test_bad_links(text: str) -> None:
    with pytest.raises(Malformed, match="bad_credential_offer"):
        parse_offer_link(text)


@pytest.mark.parametrize(
    "change",
    [
        {"credential_issuer": "ftp://x"},
        {"credential_issuer": "https://x.example/?q=1"},
        {"credential_configuration_ids": []},
        {"credential_configuration_ids": ["a", "a"]},
        {"credential_configuration_ids": "a"},
        {"grants": []},
        {"grants": {PRE: {}}},
        {"grants": {PRE: {"pre-authorized_code": 5}}},
        {"grants": {PRE: {"pre-authorized_code": "x", "tx_code": {"description": "x" * 301}}}},
        {"grants": {PRE: {"pre-authorized_code": "x", "tx_code": {"input_mode": "emoji"}}}},
        {"grants": {PRE: {"pre-authorized_code": "x", "tx_code": {"length": 0}}}},
    ],
)
def test_bad_offers(change: dict[str, object]) -> None:
    offer = {"credential_issuer": "https://i.example", "credential_configuration_ids": ["a"]}
    with pytest.raises(Malformed, match="bad_credential_offer"):
        parse_credential_offer({**offer, **change})
