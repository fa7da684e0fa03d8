"""Passports: everything that a chip, a scanned page or a published list can send."""

from __future__ import annotations

from asn1crypto import algos

from common.cards.drivers.passport.active_authentication import parse_dg15
from common.cards.drivers.passport.atr_info import parse_atr_info
from common.cards.drivers.passport.card_security import parse_card_security
from common.cards.drivers.passport.certificate import parse_certificate
from common.cards.drivers.passport.country_crl import parse_country_crl
from common.cards.drivers.passport.curve import encode_point, parse_point
from common.cards.drivers.passport.data_groups import parse_dg1, parse_dg11, parse_dg12
from common.cards.drivers.passport.der import load
from common.cards.drivers.passport.domain_parameters import BY_NAME
from common.cards.drivers.passport.face_image import parse_dg2, parse_extensible_face_record, parse_face_record
from common.cards.drivers.passport.master_list import parse_master_list
from common.cards.drivers.passport.mrz import parse_mrz
from common.cards.drivers.passport.password import parse_password
from common.cards.drivers.passport.public_key import parse_public_key
from common.cards.drivers.passport.security_infos import parse_card_access, parse_dg14, parse_security_infos
from common.cards.drivers.passport.security_object import parse_security_object
from common.cards.drivers.passport.signature import parse_scheme
from common.cards.drivers.passport.signed_data import parse_signed_data
from common.cards.tlv import need, parse_tlv
from examples.cards.passport.application import ATR_INFO, CARD_ACCESS, CARD_SECURITY, SOD, data_group
from tests.cards.passport_world import passport, world
from tests.fuzz.target import of_bytes, of_text, reading

P256 = BY_NAME["P-256"]
CARD, DETAILED = passport("pace_cam"), passport("japan_2025")
MASTER = CARD.chip.mf
assert MASTER is not None


def file(number: int, card: object = CARD) -> bytes:
    application = (CARD if card is CARD else DETAILED).chip.applications[0]
    return application.transparent(number).content


def card_access() -> bytes:
    return MASTER.transparent(CARD_ACCESS).content if MASTER else b""


SECURITY_OBJECT = file(SOD)
SIGNED = need(parse_tlv(SECURITY_OBJECT), 0x77).value
CARD_SECURITY_FILE = MASTER.transparent(CARD_SECURITY).content
INFOS = need(parse_tlv(file(data_group(14))), 0x6E).value
ACTIVE = passport("ecdsa_active").chip.applications[0].transparent(data_group(15)).content
FACE = file(data_group(2))
SIGNER = parse_signed_data(SIGNED).certificates[0]
RECORD = FACE[FACE.index(b"FAC\x00") :]
EXTENSIBLE = bytes.fromhex("a11d651ba007800103810207e3a110300e800100a109a007a0058003ffd8ff")
ZONE = "".join(CARD.printed.lines)


def scheme(data: bytes) -> object:
    return parse_scheme(load(algos.SignedDigestAlgorithm, data, "a signature algorithm"), digest="sha256")


TARGETS = (
    of_text(
        parse_mrz, ZONE, "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<"
    ),
    of_bytes(parse_password, b"123456", b"L898902C 690806 940623", ZONE.encode()),
    of_bytes(parse_dg1, file(data_group(1))),
    of_bytes(parse_dg2, FACE),
    of_bytes(parse_face_record, RECORD),
    of_bytes(parse_extensible_face_record, EXTENSIBLE),
    of_bytes(parse_dg11, file(data_group(11), DETAILED)),
    of_bytes(parse_dg12, file(data_group(12), DETAILED)),
    of_bytes(parse_dg14, file(data_group(14))),
    of_bytes(parse_dg15, ACTIVE),
    of_bytes(parse_card_access, card_access()),
    of_bytes(parse_security_infos, INFOS),
    of_bytes(parse_card_security, CARD_SECURITY_FILE),
    of_bytes(parse_atr_info, MASTER.transparent(ATR_INFO).content),
    of_bytes(parse_security_object, SECURITY_OBJECT),
    of_bytes(parse_signed_data, SIGNED),
    of_bytes(parse_certificate, SIGNER, world().state("UTO").csca().dump()),
    of_bytes(parse_public_key, parse_certificate(SIGNER).key_info, ACTIVE[2:]),
    reading(parse_scheme, scheme, parse_certificate(SIGNER).algorithm),
    of_bytes(parse_master_list, world().master_list(("UTO",))),
    of_bytes(parse_country_crl, world().state("UTO").crl()),
    reading(parse_point, lambda data: parse_point(P256, data), encode_point(P256, P256.generator)),
)
