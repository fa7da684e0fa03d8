"""What a country's keys are for: a signer of something else signs no documents, nor does another country's chip prove this one's."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from asn1crypto import x509
from asn1crypto.core import ParsableOctetString, PrintableString, SetOf
from asn1crypto.x509 import Certificate

from common.cards.contract import Authenticated
from common.cards.drivers.passport.card_security import parse_card_security
from common.cards.drivers.passport.curve import encode_point, multiply
from common.cards.drivers.passport.key_agreement import public_point
from common.cards.drivers.passport.public_key import EcKey, parse_public_key
from common.cards.evidence import Answer, Finding, RevocationAnswer
from common.cards.reading import Exchange, Reading
from common.cards.tlv import encode_tlv
from common.cards.trust import CardTrust
from common.x509.revocation import RevocationStatus, Standing
from examples.cards.passport.authority import DAY, YEAR
from examples.cards.passport.certificates import DOCUMENT_TYPES, Request, Validity, certificate, name
from examples.cards.passport.objects import integer, sequence
from examples.cards.passport.signed_data import (
    SECURITY_OBJECT,
    Signer,
    lds_security_object,
    security_object,
    signed_data,
)
from examples.cards.passport.signing_keys import SigningKey
from tests.cards.passport_reader import clean, judge, source, trust
from tests.cards.passport_signing import P256, judged, sod
from tests.cards.passport_world import NOW, world

TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
CLIENT_AUTH, SEAL_SIGNER = "1.3.6.1.5.5.7.3.2", "2.23.136.1.1.11.1"


@cache
def utopian(*, purpose: str = "", types: tuple[str, ...] = ()) -> Signer:
    """A key that Utopia's authority certified for something: an extended key usage, or types of documents, or anything at all."""
    state, own = world().state("UTO"), SigningKey(f"signer of {purpose} {types}", P256)
    asked = Request(
        role="signer", serial=0x5000, subject=name("UT", "Somebody"), issuer=state.csca(3).subject, key=own,
        issuer_key=state.key(3), state="UTO",
        validity=Validity(start=NOW - 100 * DAY, signs_until=NOW + YEAR, end=NOW + 3 * YEAR),
    )  # fmt: skip
    tbs = certificate(asked)["tbs_certificate"]
    if purpose:
        usage = {"extn_id": "extended_key_usage", "critical": True, "extn_value": x509.ExtKeyUsageSyntax([purpose])}
        tbs["extensions"].append(usage)
    if types:
        listed = sequence(integer(0), SetOf(list(types), spec=PrintableString).dump())
        tbs["extensions"].append({"extn_id": DOCUMENT_TYPES, "extn_value": ParsableOctetString(listed)})
    key = state.key(3)
    issued = Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": key.style.algorithm(),
            "signature_value": key.sign(tbs.dump(force=True)),
        }
    )
    return Signer(certificate=issued, key=own)


def document(zone: str, by: Signer) -> Authenticated:
    """What is told of a document with nothing but this zone in it."""
    dg1 = encode_tlv(0x61, encode_tlv(0x5F1F, zone.encode()))
    lds = lds_security_object({1: dg1}, hash_name="sha256")
    return judge(Reading(card="passport", files={"sod": security_object(lds, by, signing_time=None), "dg1": dg1}))


@pytest.mark.parametrize("purpose", [CLIENT_AUTH, SEAL_SIGNER], ids=["web client", "seals"])
def test_a_key_for_something_else_signs_no_document(purpose: str) -> None:
    verdict = judged(sod(utopian(purpose=purpose), at=None))
    assert (verdict.reason, verdict.is_certified) == ("untrusted_key", False)
    assert judged(sod(utopian(), at=None)).is_proven, "with no purpose said it is for documents"


def test_a_signer_of_master_lists_signs_no_document() -> None:
    verdict = judged(sod(world().state("UTO").master_list_signer, at=NOW - DAY))
    assert (verdict.reason, verdict.is_certified) == ("untrusted_key", False)


@pytest.mark.parametrize(
    ("types", "zone", "is_proven"),
    [
        (("P",), TD3, True),
        (("I", "P"), TD3, True),
        (("I", "AR"), TD3, False),
        (("PD",), TD3, False),
        (("P",), TD1, False),
        (("I",), TD1, True),
    ],
    ids=["passport", "both", "cards, passport shown", "diplomats, any shown", "passports, card shown", "card"],
)
def test_types_of_documents_that_a_signer_may_sign(types: tuple[str, ...], zone: str, is_proven: bool) -> None:
    told = document(zone, utopian(types=types))
    data = source(told).data_authenticity
    assert (data.answer, data.reason) == ((Answer.PROVEN, "") if is_proven else (Answer.FAILED, "untrusted_key"))
    assert bool(told.claims) is is_proven


def test_only_a_passport_names_the_state_that_vouches_for_a_nationality() -> None:
    """A residence permit is signed by the same authority, and its nationality is another state's."""
    assert document(TD3, utopian()).claims["issuing_state"] == "UTO"
    card = document(TD1, utopian()).claims
    assert card["document_code"] == "I"
    assert "issuing_state" not in card


# --- EF.CardSecurity, which no SOD lists


def forged(reading: Reading, by: Signer) -> Reading:
    """The same files on another chip: EF.CardSecurity with a key of that chip's, signed by ``by``, and a right proof under it."""
    security = parse_card_security(clean("pace_cam")[0].files["card_security"])
    key = parse_public_key(security.infos.chip_keys[0].key)
    assert isinstance(key, EcKey)
    other = public_point(key.curve, 4711)
    content = security.signed.content.replace(encode_point(key.curve, key.point), encode_point(key.curve, other))
    mapping = multiply(key.curve, 99, other)
    assert mapping is not None
    return replace(
        reading,
        files={**reading.files, "card_security": signed_data(SECURITY_OBJECT, content, by, signing_time=NOW - DAY)},
        exchanges={"pace_cam": Exchange(challenge=encode_point(key.curve, mapping), answer=(99).to_bytes(32, "big"))},
        notes=clean("pace_cam")[0].notes,
    )


def found(reading: Reading, believed: CardTrust | None = None) -> Finding:
    told = source(judge(reading, believed))
    assert told.data_authenticity.answer is Answer.PROVEN
    return told.chip_genuineness


def test_another_country_vouches_for_no_chip() -> None:
    by = world().state("FRA").document_signer(P256, at=NOW - DAY)
    assert found(forged(clean("pace_cam")[0], by)).reason == "untrusted_key"


def test_nor_does_a_signer_of_something_else() -> None:
    assert found(forged(clean("pace_cam")[0], world().state("D").master_list_signer)).reason == "untrusted_key"


def test_nor_one_whose_time_was_over() -> None:
    by = world().state("D").document_signer(P256, at=NOW - 2 * YEAR, variant="expired")
    assert found(forged(clean("pace_cam")[0], by)).reason == "untrusted_key"


def test_a_copy_does_not_choose_a_proof_that_its_document_does_not_have() -> None:
    """A passport with chip authentication and without this mapping, copied onto a chip whose own country signed another key for it."""
    state = clean("europe_pace")[1].claims["issuing_state"]
    by = world().state(str(state)).document_signer(P256, at=NOW - DAY)
    assert found(forged(clean("europe_pace")[0], by)).reason == "untrusted_key"
    assert found(forged(clean("pace_cam")[0], world().state("D").document_signer(P256, at=NOW - DAY))).reason == ""


def test_the_signer_of_the_chip_s_key_is_asked_about_too() -> None:
    by = world().state("D").document_signer(P256, at=NOW - DAY)

    class Knows:
        def status(self, *, leaf: bytes, issuer: bytes, now: int) -> RevocationStatus:
            revoked = leaf == by.certificate.dump()
            return RevocationStatus(standing=Standing.REVOKED if revoked else Standing.GOOD, source="crl")

    believed = CardTrust(anchors=trust().anchors, revocation={"csca": Knows()})
    assert source(judge(clean("pace_cam")[0], believed)).revocation.answer is RevocationAnswer.GOOD
    told = source(judge(forged(clean("pace_cam")[0], by), believed))
    assert told.revocation.answer is RevocationAnswer.REVOKED
