"""The reader's OCSP source asks the virtual authority's responder, written apart from it: what counts, and what is *unknown*."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.cards.evidence import RevocationAnswer, RevocationFinding
from common.cards.trust import CardTrust
from common.errors import Misconfigured
from common.ports import Fetched
from common.x509.crl import CrlSource
from common.x509.ocsp import OcspSource
from common.x509.revocation import FirstToKnow
from examples.cards.my_number.jpki_authority import Purpose
from examples.cards.my_number.revocation import Mood, OcspResponder, build_crl
from tests.cards.my_number_reader import NOW, judge, read, sources, trust
from tests.cards.my_number_world import authorities, card
from tests.fakes.card import InProcessCard


class Line:
    """A `Fetch` with the responder at its other end."""

    def __init__(self, responder: OcspResponder) -> None:
        self.responder = responder

    def get(self, url: str, *, accept: str = "", headers: object = None) -> Fetched:
        raise AssertionError("OCSP is posted here")

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "", headers: object = None) -> Fetched:
        return Fetched(url=url, status=200, body=self.responder.answer(body))


def responder(mood: Mood) -> OcspSource:
    behind = authorities(pretends=True)
    there = OcspResponder(behind.jpki(Purpose.SIGNATURE), keys=behind.keys, mood=mood)
    return OcspSource(Line(there), "http://ocsp.example/")


def believing(mood: Mood) -> CardTrust:
    return replace(trust(), revocation={"jpki_signature": responder(mood)})


def finding(mood: Mood, fault: str | None = None) -> RevocationFinding:
    reading = read(InProcessCard(card(fault=fault, pretends=True)), parts=["jpki_signature"])
    return sources(judge(reading, believing(mood)))["jpki_signature"].revocation


@pytest.mark.parametrize("mood", [Mood.HONEST, Mood.DELEGATE])
def test_good_and_revoked(mood: Mood) -> None:
    good, revoked = finding(mood), finding(mood, "revoked")
    assert (good.answer, good.source, good.checked_at) == (RevocationAnswer.GOOD, "ocsp", NOW)
    assert (revoked.answer, revoked.reason) == (RevocationAnswer.REVOKED, "affiliationChanged")


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        (Mood.STALE, "ocsp_stale"),
        (Mood.FORGED, "ocsp_signature"),
        (Mood.UNCERTIFIED, "ocsp_signer"),
        (Mood.BUSY, "ocsp_refused"),
    ],
)
def test_unknown_is_not_good(mood: Mood, reason: str) -> None:
    """Not even where the certificate is revoked, and the other way round: nothing is known."""
    for fault in (None, "revoked"):
        said = finding(mood, fault)
        assert (said.answer, said.reason) == (RevocationAnswer.UNKNOWN, reason)


def test_a_list_where_the_responder_is_busy() -> None:
    ca = authorities(pretends=True).jpki(Purpose.SIGNATURE)
    both = FirstToKnow(responder(Mood.BUSY), CrlSource(lambda: [build_crl(ca)]))
    reading = read(InProcessCard(card(pretends=True)), parts=["jpki_signature"])
    said = sources(judge(reading, replace(trust(), revocation={"jpki_signature": both})))["jpki_signature"].revocation
    assert (said.answer, said.source) == (RevocationAnswer.GOOD, "crl")


def test_a_forged_list() -> None:
    behind = authorities(pretends=True)
    ca = behind.jpki(Purpose.SIGNATURE)
    forged = CrlSource(lambda: [build_crl(ca, signer=behind.strangers().jpki(Purpose.SIGNATURE).key)])
    reading = read(InProcessCard(card(pretends=True)), parts=["jpki_signature"])
    said = sources(judge(reading, replace(trust(), revocation={"jpki_signature": forged})))["jpki_signature"].revocation
    assert (said.answer, said.reason) == (RevocationAnswer.UNKNOWN, "crl_signature")


def test_a_root_that_cannot_be_read_is_the_operators_fault() -> None:
    spoilt = replace(trust().anchors[0], material=b"nothing")
    with pytest.raises(Misconfigured):
        judge(read(InProcessCard(card(pretends=True)), parts=["jpki_signature"]), CardTrust(anchors=(spoilt,)))
