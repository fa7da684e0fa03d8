"""The worked examples of ICAO Doc 9303 against the virtual passport: primitives, whole sessions, machine readable zone."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from examples.cards.chip import Chip
from examples.cards.passport.application import CARD_ACCESS, COM, LdsApplication, MasterFile
from examples.cards.passport.bac import BasicAccess
from examples.cards.passport.ciphers import AES_128, TRIPLE_DES, BadPadding, pad, unpad
from examples.cards.passport.curves import BRAINPOOL_P256R1, CURVES, NotOnCurve
from examples.cards.passport.mrz import Mrz, check_digit
from examples.cards.passport.pace import MRZ, Pace, PaceOffer, password_of_mrz
from examples.cards.passport.security_infos import pace_info, security_infos

H = bytes.fromhex
EF_COM = H("60145f0104303130365f36063034303030305c026175")

# 9303-11 App. D, BAC of L898902C<369080619406236

BAC_SESSION = [
    ("00a4040c07a0000002471001", "9000"),
    ("0084000008", "4608f919887022129000"),
    (
        "0082000028"
        "72c29c2371cc9bdb65b779b8e8d37b29ecc154aa56a8799fae2f498f76ed92f25f1448eea8ad90a728",
        "46b9342a41396cd7386bf5803104d7cedc122b9132139baf2eedc94ee178534f2f2d235d074d74499000",
    ),
    ("0ca4020c158709016375432908c044f68e08bf8b92d635ff24f800", "990290008e08fa855a5d4c50a8ed9000"),
    ("0cb000000d9701048e08ed6705417e96ba5500", "8709019ff0ec34f9922651990290008e08ad55cc17140b2ded9000"),
    (
        "0cb000040d9701128e082ea28a70f3c7b53500",
        "871901fb9235f4e4037f2327dcc8964f1f9b8c30f42c8e2fff224a990290008e08c8b2787eaea07d749000",
    ),
]  # fmt: skip


def bac_chip() -> Chip:
    lots = {8: H("4608f91988702212"), 16: H("0b4f80323eb3191cb04970cb4052790b")}
    application = LdsApplication(files={COM: EF_COM}, bac=BasicAccess("L898902C<369080619406236"))
    return Chip([application], mf=MasterFile(pace=None, free={}), random=lambda count: lots[count])


def test_the_session_of_appendix_d() -> None:
    chip = bac_chip()
    assert [chip.answer(H(command)).hex() for command, _ in BAC_SESSION] == [answer for _, answer in BAC_SESSION]


def test_a_sealed_command_holds_once() -> None:
    chip = bac_chip()
    for command, _ in BAC_SESSION[:4]:
        chip.answer(H(command))
    assert chip.answer(H(BAC_SESSION[3][0])).hex() == "6988"
    assert chip.answer(H(BAC_SESSION[4][0])).hex() == "6882", "the session is over"


def test_keys_of_appendix_d() -> None:
    seed = hashlib.sha1(b"L898902C<369080619406236").digest()[:16]
    assert seed.hex() == "239ab9cb282daf66231dc5a4df6bfbae"
    assert TRIPLE_DES.derive(seed, 1).hex() == "ab94fdecf2674fdfb9b391f85d7f76f2"
    assert TRIPLE_DES.derive(seed, 2).hex() == "7962d9ece03d1acd4c76089dce131543"
    session = H("0036d272f5c350acac50c3f572d23600")
    assert TRIPLE_DES.derive(session, 1).hex() == "979ec13b1cbfe9dcd01ab0fed307eae5"
    assert TRIPLE_DES.derive(session, 2).hex() == "f1cb1f1fb5adf208806b89dc579dc1f8"


# 9303-11 App. G.1, PACE with generic mapping on brainpoolP256r1, AES-128. The chip's private keys are those of the appendix.

OFFER = PaceOffer(mapping="gm", cipher=AES_128, curve=BRAINPOOL_P256R1)
NONCE = H("3f00c4d39d153f2b2a214a078d899b22")
CHIP_SCALARS = (
    0x498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560,
    0x107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A,
)
PACE_SESSION = [
    ("0022c1a412800a04007f0007020204020283010184010d", "9000"),
    ("10860000027c0000", "7c12801095a3a016522ee98d01e76cb6b98b42c39000"),
    (
        "10860000457c438141047acf3efc982ec45565a4b155129efbc74650dcbfa6362d896fc70262e0c2cc5e"
        "544552dcb6725218799115b55c9baa6d9f6bc3a9618e70c25af71777a9c4922d00",
        "7c43824104824fba91c9cbe26bef53a0ebe7342a3bf178cea9f45de0b70aa601651fba3f57"
        "30d8c879aaa9c9f73991e61b58f4d52eb87a0a0c709a49dc63719363ccd13c549000",
    ),
    (
        "10860000457c438341042db7a64c0355044ec9df190514c625cba2cea48754887122f3a5ef0d5edd301c"
        "3556f3b3b186df10b857b58f6a7eb80f20ba5dc7be1d43d9bf850149fbb3646200",
        "7c438441049e880f842905b8b3181f7af7caa9f0efb743847f44a306d2d28c1d9ec65df6db"
        "7764b22277a2eddc3c265a9f018f9cb852e111b768b326904b59a0193776f0949000",
    ),
    ("008600000c7c0a8508c2b0bd78d94ba86600", "7c0a86083abb9674bce93c089000"),
]


def pace_chip() -> Chip:
    scalars = iter(CHIP_SCALARS)
    pace = Pace(
        (OFFER,),
        {MRZ: password_of_mrz("T22000129364081251010318")},
        random=lambda _: NONCE,
        scalar=lambda _: next(scalars),
    )
    application = LdsApplication(files={COM: EF_COM}, bac=None)
    return Chip([application], mf=MasterFile(pace=pace, free={CARD_ACCESS: security_infos(pace_info(OFFER))}))


def test_the_session_of_appendix_g1() -> None:
    chip = pace_chip()
    assert [chip.answer(H(command)).hex() for command, _ in PACE_SESSION] == [answer for _, answer in PACE_SESSION]
    messaging = chip.messaging
    assert messaging is not None
    assert (messaging._k_enc.hex(), messaging._k_mac.hex(), messaging.ssc) == (  # type: ignore[attr-defined]
        "f5f0e35c0d7161ee6724ee513a0d9a7f",
        "fe251c7858b356b24514b3bd5f4297d1",
        0,
    )


def test_card_access_of_appendix_g1() -> None:
    assert pace_info(OFFER).hex() == "3012060a04007f0007020204020202010202010d"
    chip = pace_chip()
    assert chip.answer(H("00b09c0000")).hex() == "31143012060a04007f0007020204020202010202010d9000"


def test_mrz_information_and_password_key_of_appendix_g1() -> None:
    mrz = Mrz(
        issuing_state="D", surname="X", given_names="", number="T22000129", nationality="D", birth="640812", sex="F", expiry="101031",
    )  # fmt: skip
    assert mrz.information() == "T22000129364081251010318"
    assert AES_128.derive(password_of_mrz(mrz.information()), 3).hex() == "89ded1b26624ec1e634c1989302849dd"


def test_the_mapped_generator_and_the_shared_secret_of_appendix_g1() -> None:
    curve = BRAINPOOL_P256R1
    theirs = curve.decode(H(PACE_SESSION[2][0])[9:-1])
    generator = curve.add(curve.multiply(int.from_bytes(NONCE, "big")), curve.multiply(CHIP_SCALARS[0], theirs))
    assert f"{generator[0]:064X} {generator[1]:064X}" == (
        "8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2 "
        "8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522"
    )
    shared = curve.multiply(CHIP_SCALARS[1], curve.decode(H(PACE_SESSION[3][0])[9:-1]))
    assert f"{shared[0]:064X}" == "28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925"


# 9303-3 App. A, 9303-4 App. B


def test_check_digits() -> None:
    assert [check_digit(text) for text in ("520727", "AB2134<<<", "D23145890", "740812", "120415")] == list("35729")


def test_the_zone_of_the_specimen_passport() -> None:
    mrz = Mrz(
        issuing_state="UTO", surname="ERIKSSON", given_names="ANNA MARIA", number="L898902C3", nationality="UTO",
        birth="740812", sex="F", expiry="120415", optional="ZE184226B",
    )  # fmt: skip
    assert mrz.lines() == (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    )


def test_long_names_short_states_and_unknown_dates() -> None:
    mrz = Mrz(
        issuing_state="D", surname="O'CONNOR-VAN DER WESTHUIZEN", given_names="MARIA THERESIA ANNA", number="C01X", nationality="D",
        birth="41<<<<", sex="<", expiry="310101",
    )  # fmt: skip
    first, second = mrz.lines()
    assert first == "P<D<<OCONNOR<VAN<DER<WESTHUIZEN<<MARIA<THERE"
    assert second[:28] == "C01X<<<<<6D<<41<<<<1<3101012"
    assert len(first) == len(second) == 44
    assert "CONNOR" not in repr(mrz)


# Arithmetic and padding


@pytest.mark.parametrize("curve", CURVES.values(), ids=lambda curve: curve.name)
def test_points_agree_with_the_library(curve) -> None:  # type: ignore[no-untyped-def]
    for scalar in (1, 2, 3, 0xDEADBEEF, curve.n - 1, curve.n // 3):
        public = ec.derive_private_key(scalar, curve.named()).public_key().public_numbers()
        assert curve.multiply(scalar) == (public.x, public.y)
    assert curve.add(curve.g, curve.multiply(2)) == curve.multiply(3)
    assert curve.add(curve.g, curve.g) == curve.multiply(2)
    for vain in (lambda: curve.multiply(curve.n), lambda: curve.add(curve.g, curve.multiply(curve.n - 1))):
        with pytest.raises(NotOnCurve):
            vain()
    point = curve.encode(curve.g)
    assert curve.decode(point) == curve.g
    for wrong in (point[:-1] + bytes([point[-1] ^ 1]), b"\x02" + point[1:], point[:-1], b"", b"\x00"):
        with pytest.raises(NotOnCurve):
            curve.decode(wrong)


def test_padding() -> None:
    assert pad(b"", 8) == H("8000000000000000")
    assert pad(bytes(8), 8) == bytes(8) + H("8000000000000000")
    assert unpad(pad(b"ab\x80", 16)) == b"ab\x80"
    for wrong in (b"", bytes(8), b"\x01" * 8):
        with pytest.raises(BadPadding):
            unpad(wrong)
