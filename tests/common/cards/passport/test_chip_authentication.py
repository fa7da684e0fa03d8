"""Chip authentication: which key is taken, what goes to the chip, and what counts as the chip's proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from asn1crypto import core

from common.cards.apdu import Command, encode
from common.cards.channel import CardChannel
from common.cards.drivers.passport.chip_authentication import (
    ChipKey,
    choose_chip_key,
    run_chip_authentication,
    verify_chip_authentication,
)
from common.cards.drivers.passport.curve import encode_point
from common.cards.drivers.passport.domain_parameters import BY_NAME
from common.cards.drivers.passport.key_agreement import agree, public_point
from common.cards.drivers.passport.key_derivation import Cipher, session_keys
from common.cards.drivers.passport.pace_mapping import verify_chip_mapping
from common.cards.drivers.passport.public_key import EcKey
from common.cards.drivers.passport.security_infos import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKey,
    SecurityInfos,
)
from common.cards.reading import Exchange
from common.cards.tlv import encode_tlv
from common.errors import CardRemoved, Rejected, Unsupported
from tests.common.cards.passport.plain import Plain
from tests.common.cards.protected import ProtectedFile
from tests.common.cards.scripted import Script

BSI = "0.4.0.127.0.7.2.2"
P256, BP256 = BY_NAME["P-256"], BY_NAME["brainpoolP256r1"]
PRIVATE = 0x1234567890ABCDEF
CHIP_PRIVATE = 0xFEDCBA
DG14 = encode_tlv(0x6E, bytes(range(60)))


def key_info(number: int = 12, private: int = CHIP_PRIVATE) -> bytes:
    """A key of the chip's with its curve by number."""
    curve = {12: P256, 13: BP256}[number]
    algorithm = core.ObjectIdentifier("0.4.0.127.0.7.1.2").dump() + core.Integer(number).dump()
    point = encode_point(curve, public_point(curve, private))
    return encode_tlv(0x30, encode_tlv(0x30, algorithm) + encode_tlv(0x03, b"\x00" + point))


def infos(ways: Sequence[tuple[int, int | None]], keys: Sequence[tuple[bytes, int | None]]) -> SecurityInfos:
    return SecurityInfos(
        chip_authentication=tuple(
            ChipAuthenticationInfo(protocol=f"{BSI}.3.2.{n}", version=1, key_id=key_id) for n, key_id in ways
        ),
        chip_keys=tuple(
            ChipAuthenticationPublicKey(protocol=f"{BSI}.1.2", key=key, key_id=key_id) for key, key_id in keys
        ),
    )


def test_the_strongest_cipher_with_its_own_key() -> None:
    keys = [(key_info(12), 1), (key_info(13), 2)]
    chosen = choose_chip_key(infos([(1, 1), (2, 1), (4, 2), (3, 1)], keys))
    assert (chosen.cipher, chosen.key.curve, chosen.key_id) == (Cipher.AES_256, BP256, 2)
    chosen = choose_chip_key(infos([(1, 2), (2, 1)], keys))
    assert (chosen.cipher, chosen.key.curve) == (Cipher.AES_128, P256)


def test_one_key_needs_no_number() -> None:
    assert choose_chip_key(infos([(2, None)], [(key_info(), None)])).key_id is None
    assert choose_chip_key(infos([(2, 5)], [(key_info(), None)])).key_id == 5, "told to the chip, as it names it"


def test_a_key_without_any_info_is_for_3des() -> None:
    """Documents of 2009 to 2013 leave the ChipAuthenticationInfo out (France)."""
    chosen = choose_chip_key(infos([], [(key_info(), None)]))
    assert (chosen.protocol, chosen.cipher) == (f"{BSI}.3.2.1", Cipher.TRIPLE_DES)


@pytest.mark.parametrize(
    ("ways", "keys"),
    [
        ([], []),
        ([(2, 1)], [(key_info(), 2), (key_info(13), 3)]),
        ([(2, None)], [(b"\x30\x00", None)]),
        ([(9, None)], [(key_info(), None)]),
    ],
    ids=["nothing", "no such number", "no key", "unknown way"],
)
def test_nothing_that_can_be_run(ways: list[tuple[int, int | None]], keys: list[tuple[bytes, int | None]]) -> None:
    with pytest.raises(Unsupported):
        choose_chip_key(infos(ways, keys))


# --- what goes to the chip


def chip_key(cipher: int, key_id: int | None = None) -> ChipKey:
    return choose_chip_key(infos([(cipher, key_id)], [(key_info(), key_id)]))


def random_of(private: int) -> Callable[[int], bytes]:
    return lambda length: private.to_bytes(length, "big")


POINT = encode_point(P256, public_point(P256, PRIVATE)).hex()
OID = "04007f00070202030202"


def run(chip: ChipKey, *answers: str) -> tuple[Exchange, list[str]]:
    script = Script(*answers)
    channel = CardChannel(script)
    channel.secure = Plain()
    return run_chip_authentication(channel, chip, random_of(PRIVATE)), [command.hex() for command in script.sent]


def test_commands_of_aes() -> None:
    exchange, sent = run(chip_key(2), "9000", "7C009000", "6988")
    assert sent[:2] == [f"002241a40c800a{OID}", f"00860000457c438041{POINT}00"]
    assert sent[2].startswith("0cb08e00"), "the proof: DG14 once more, under the new keys"
    assert exchange.challenge == PRIVATE.to_bytes(32, "big")
    assert exchange.answer == bytes.fromhex("6988")


def test_commands_of_a_chip_with_several_keys() -> None:
    _, sent = run(chip_key(2, 195), "9000", "7C009000", "6988")
    assert sent[0] == f"002241a40f800a{OID}8401c3"


def test_commands_of_3des() -> None:
    _, sent = run(chip_key(1, 1), "9000", "6988")
    assert sent[0] == f"002241a6469141{POINT}840101"
    assert len(sent) == 2


def test_3des_the_other_way_where_the_first_is_refused() -> None:
    """Malaysia's chips, among others."""
    _, sent = run(chip_key(1), "6A80", "9000", "7C009000", "6988")
    assert [command[:8] for command in sent[:3]] == ["002241a6", "002241a4", "00860000"]


@pytest.mark.parametrize("answers", [("6985",), ("9000", "6300"), ("9000", "6A80")])
def test_a_chip_that_breaks_off_has_no_proof(answers: tuple[str, ...]) -> None:
    chip = chip_key(2)
    exchange, _ = run(chip, *answers)
    assert exchange.answer == b""
    with pytest.raises(Rejected):
        verify_chip_authentication(chip, exchange, DG14)


def test_a_card_that_is_taken_away_is_no_failed_chip() -> None:
    with pytest.raises(CardRemoved):
        run(chip_key(2), "9000")


# --- what counts


KINDS = {1: "3des", 2: "aes-128", 3: "aes-192", 4: "aes-256"}


def proof(cipher: int, *, private: int = CHIP_PRIVATE, said: bytes = DG14) -> Exchange:
    """What a chip with this static key answers to the first command of the new session."""
    keys = session_keys(agree(P256, private, public_point(P256, PRIVATE)), chip_key(cipher).cipher)
    chip = ProtectedFile(said, KINDS[cipher])
    chip.k_enc, chip.k_mac, chip.counter = keys.encryption, keys.mac, 0
    command = keys.messaging().protect(Command(0x00, 0xB0, 0x8E, 0x00, le=8))
    return Exchange(challenge=PRIVATE.to_bytes(32, "big"), answer=chip.transmit(encode(command)))


@pytest.mark.parametrize("cipher", KINDS)
def test_the_proof(cipher: int) -> None:
    verify_chip_authentication(chip_key(cipher), proof(cipher), DG14)


@pytest.mark.parametrize("cipher", KINDS)
def test_no_proof(cipher: int) -> None:
    """Another static key, other words, another terminal's key, any altered byte."""
    chip, right = chip_key(cipher), proof(cipher)
    wrong = [
        proof(cipher, private=CHIP_PRIVATE + 1),
        proof(cipher, said=DG14[:4] + b"other" + DG14[9:]),
        proof(cipher, said=b""),
        Exchange(challenge=(PRIVATE + 1).to_bytes(32, "big"), answer=right.answer),
        Exchange(challenge=bytes(32), answer=right.answer),
        Exchange(challenge=P256.n.to_bytes(32, "big"), answer=right.answer),
    ]
    for place in range(len(right.answer)):
        altered = bytearray(right.answer)
        altered[place] ^= 1
        wrong.append(Exchange(challenge=right.challenge, answer=bytes(altered)))
    for exchange in wrong:
        with pytest.raises(Rejected, match="bad_signature"):
            verify_chip_authentication(chip, exchange, DG14)


def test_the_mapping_of_pace_proves_the_static_key() -> None:
    """PK_Map,IC = CA_IC · PK_IC: the chip chose its mapping key as SK_Map, and tells CA_IC = SK_Map / SK_IC."""
    static = EcKey(curve=P256, point=public_point(P256, CHIP_PRIVATE))
    mapping = 99887766
    data = (mapping * pow(CHIP_PRIVATE, -1, P256.n) % P256.n).to_bytes(32, "big")
    point = public_point(P256, mapping)
    verify_chip_mapping(P256, point, data, static)
    other = EcKey(curve=P256, point=public_point(P256, CHIP_PRIVATE + 1))
    elsewhere = EcKey(curve=BP256, point=BP256.generator)
    for key, told in ((other, data), (elsewhere, data), (static, bytes(32)), (static, b""), (static, data[:-1])):
        with pytest.raises(Rejected, match="bad_signature"):
            verify_chip_mapping(P256, point, told, key)
    with pytest.raises(Rejected):
        verify_chip_mapping(P256, static.point, data, static)
