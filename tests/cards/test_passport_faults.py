"""What is wrong with a passport changes what its row names, and nothing else; and who is believed decides what is proven."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asn1crypto import core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from common.cards.drivers.passport.curve import encode_point
from common.cards.drivers.passport.domain_parameters import BY_NAME
from common.cards.drivers.passport.key_agreement import public_point
from common.cards.evidence import Answer, Environment, SourceEvidence
from common.cards.reading import Exchange, Reading
from common.cards.tlv import encode_tlv
from common.cards.trust import CardTrust
from common.errors import Malformed, TegataError
from examples.cards.passport import FAULTS, PROFILES, PassportFault
from examples.cards.passport.authority import DAY
from examples.cards.passport.signed_data import signed_data
from examples.cards.passport.signing_keys import Style
from tests.cards.passport_reader import (
    CHALLENGE,
    DRIVER,
    SECONDS,
    clean,
    judge,
    read,
    source,
    trust,
    trust_after_revocation,
)
from tests.cards.passport_world import NOW, passport, world

# --- faults

ROWS = [(profile, fault) for profile in ("japan_2006", "ecdsa_active", "europe_pace", "pace_cam")
        for fault in FAULTS if fault.needs(PROFILES[profile])]  # fmt: skip
FIELDS = ("data_authenticity", "chip_genuineness", "holder_verification", "revocation", "trust_anchor")


def field(found: SourceEvidence, name: str) -> str:
    value = getattr(found, name)
    return str(getattr(value, "answer", value))


@pytest.mark.parametrize(("profile", "fault"), ROWS, ids=[f"{profile}-{fault.name}" for profile, fault in ROWS])
def test_each_fault_changes_what_its_row_names(profile: str, fault: PassportFault) -> None:
    """The field that the row names, and nothing else but what rests on it: what nobody authentic vouches for, vouches for no key."""
    card = passport(profile, fault=fault.name)
    if fault.changes == "no reading":
        with pytest.raises(TegataError) as caught:
            read(card)
        assert fault.becomes in (caught.value.code, "")
        return
    believed = trust_after_revocation() if fault.changes == "revocation" else trust()
    right, told = source(clean(profile)[1]), judge(read(card)[0], believed)
    found = source(told)
    changed = {name: field(found, name) for name in FIELDS if field(found, name) != field(right, name)}
    if fault.changes == "nothing":
        assert changed == {}
        return
    assert changed.pop(fault.changes) == fault.becomes
    if fault.changes == "trust_anchor":
        assert changed.pop("data_authenticity") == "failed"
    if fault.changes in ("trust_anchor", "data_authenticity"):
        assert set(changed.values()) <= {"not_checked"}
        assert dict(told.claims) == {}
    else:
        assert changed == {}
        assert told.claims.keys() == clean(profile)[1].claims.keys()


# --- who is believed


def test_nobody_is_believed_by_default() -> None:
    found = source(judge(clean("ecdsa_active")[0], CardTrust()))
    assert found.data_authenticity.reason == "untrusted_issuer"
    assert found.trust_anchor is Environment.NONE
    assert found.chip_genuineness.answer is Answer.NOT_CHECKED


def test_test_anchors_are_told_from_production() -> None:
    reading, _ = clean("ecdsa_active")
    assert source(judge(reading, trust(Environment.PRODUCTION))).trust_anchor is Environment.PRODUCTION
    assert source(judge(reading, trust().without_test())).trust_anchor is Environment.NONE


def test_an_authority_counts_for_its_own_country_only() -> None:
    others = tuple(
        anchor for anchor in trust().anchors if world().state("UTO").csca(1).issuer.dump() not in anchor.material
    )
    assert 0 < len(others) < len(trust().anchors)
    found = source(judge(clean("ecdsa_active")[0], CardTrust(anchors=others)))
    assert found.data_authenticity.reason == "untrusted_issuer"


def test_without_a_source_revocation_is_not_checked() -> None:
    found = source(judge(clean("ecdsa_active")[0], CardTrust(anchors=trust().anchors)))
    assert (found.revocation.answer.value, found.revocation.reason) == ("not_checked", "no_source")


@pytest.mark.parametrize("profile", ["japan_2006", "ecdsa_active"])
def test_an_answer_to_another_challenge_proves_nothing(profile: str) -> None:
    reading, _ = clean(profile)
    other = replace(CHALLENGE, nonce=bytes(32))
    told = DRIVER.authenticate(reading, challenge=other, trust=trust(), now=SECONDS)
    assert source(told).chip_genuineness.reason == "other_challenge"


@pytest.mark.parametrize(("profile", "name"), [("europe_pace", "chip_authentication"), ("pace_cam", "pace_cam")])
def test_an_altered_proof_of_the_chip_fails(profile: str, name: str) -> None:
    reading, _ = clean(profile)
    exchange = reading.exchanges[name]
    for changed in (
        Exchange(challenge=exchange.challenge, answer=bytes([exchange.answer[0] ^ 1]) + exchange.answer[1:]),
        Exchange(challenge=exchange.challenge, answer=b""),
        Exchange(challenge=bytes(len(exchange.challenge)), answer=exchange.answer),
    ):
        found = source(judge(replace(reading, exchanges={name: changed})))
        assert found.chip_genuineness.answer is Answer.FAILED
        assert found.data_authenticity.answer is Answer.PROVEN


@pytest.mark.parametrize(
    ("profile", "without", "reason"),
    [
        ("japan_2006", (), "key_unusable"),
        ("japan_2006", ("dg15",), "proof_withheld"),
        ("europe_pace", (), "key_unusable"),
        ("europe_pace", ("dg14",), "proof_withheld"),
    ],
)
def test_a_withheld_proof_is_failed_and_not_missing(profile: str, without: tuple[str, ...], reason: str) -> None:
    reading, _ = clean(profile)
    files = {name: file for name, file in reading.files.items() if name not in without}
    found = source(judge(replace(reading, files=files, exchanges={})))
    assert (found.chip_genuineness.answer, found.chip_genuineness.reason) == (Answer.FAILED, reason)
    assert found.data_authenticity.answer is Answer.PROVEN


def test_a_key_that_nobody_signed_proves_no_chip() -> None:
    """A chip with a key of its own in DG15, and a right signature under it."""
    reading, _ = clean("ecdsa_active")
    own = ec.derive_private_key(4711, ec.SECP256R1())
    info = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    asked = reading.exchanges["active_authentication"].challenge
    forged = replace(
        reading,
        files=dict(reading.files) | {"dg15": encode_tlv(0x6F, info)},
        exchanges={
            "active_authentication": Exchange(challenge=asked, answer=own.sign(asked, ec.ECDSA(hashes.SHA256())))
        },
    )
    found = source(judge(forged))
    assert (found.chip_genuineness.answer, found.chip_genuineness.reason) == (Answer.FAILED, "disclosure_invalid")
    assert found.data_authenticity.reason == "digest_differs"


def test_a_card_security_that_nobody_signed_proves_no_chip() -> None:
    """The chip's own EF.CardSecurity, signed by a stranger, with a key for which it can answer."""
    reading, _ = clean("pace_cam")
    curve = BY_NAME["brainpoolP256r1"]
    info = encode_tlv(
        0x30,
        encode_tlv(0x30, core.ObjectIdentifier("0.4.0.127.0.7.1.2").dump() + core.Integer(13).dump())
        + encode_tlv(0x03, b"\x00" + encode_point(curve, public_point(curve, 4711))),
    )
    infos = encode_tlv(0x31, encode_tlv(0x30, core.ObjectIdentifier("0.4.0.127.0.7.2.2.1.2").dump() + info))
    answer = 99
    mapping = encode_point(curve, public_point(curve, 4711 * answer))
    for trusted in (True, False):
        state = world().state("D", trusted=trusted)
        signer = state.document_signer(Style(kind="ecdsa", key="P-256"), at=NOW - 100 * DAY)
        forged = replace(
            reading,
            files=dict(reading.files) | {"card_security": signed_data("0.4.0.127.0.7.3.2.1", infos, signer)},
            exchanges={"pace_cam": Exchange(challenge=mapping, answer=answer.to_bytes(32, "big"))},
        )
        found = source(judge(forged)).chip_genuineness
        assert (found.answer, found.reason) == ((Answer.PROVEN, "") if trusted else (Answer.FAILED, "untrusted_key"))


def test_weaker_access_than_the_signed_one_is_told() -> None:
    """Somebody has cut PACE out of EF.CardAccess, which nobody signs: DG14 names it once more."""
    reading, _ = clean("europe_pace")
    files = {name: file for name, file in reading.files.items() if name != "card_access"}
    found = source(judge(replace(reading, files=files, notes={"access": "bac_mrz"})))
    assert "card_access" in found.not_checked


@pytest.mark.parametrize("missing", ["sod", "dg1"])
def test_a_reading_without_its_half(missing: str) -> None:
    reading, _ = clean("ecdsa_active")
    told = judge(replace(reading, files={name: file for name, file in reading.files.items() if name != missing}))
    assert source(told).data_authenticity.answer is Answer.FAILED
    assert dict(told.claims) == {}


def test_a_reading_of_nothing_is_none() -> None:
    with pytest.raises(Malformed):
        judge(Reading(card="passport"))
