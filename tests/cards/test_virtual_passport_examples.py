"""The worked examples of ICAO Doc 9303 against the virtual passport: primitives, whole sessions, machine readable zone."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from examples.cards.chip import Chip
from examples.cards.passport.application import CARD_ACCESS, COM, LdsApplication, MasterFile
from examples.cards.passport.bac import BasicAccess
from examples.cards.passport.chip_authentication import ChipKey
from examples.cards.passport.ciphers import AES_128, TRIPLE_DES, BadPadding, pad, unpad
from examples.cards.passport.curves import BRAINPOOL_P256R1, CURVES, NotOnCurve
from examples.cards.passport.integrated_mapping import encode_point, map_to_generator, pseudo_random_octets
from examples.cards.passport.mrz import Mrz, check_digit
from examples.cards.passport.pace import MRZ, Pace, PaceOffer, chip_authentication_data, password_of_mrz
from examples.cards.passport.security_infos import chip_authentication_infos, pace_info, security_infos

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


# 9303-11 App. H.1, integrated mapping on brainpoolP256r1, AES-128. The password is not told, only the key made of it.

INTEGRATED = PaceOffer(mapping="im", cipher=AES_128, curve=BRAINPOOL_P256R1)
NONCES = H("2923be84e16cd6ae529049f1f1bbe9eb"), H("5dd4cbfc96f5453b130d890a1cdbae32")
INTEGRATED_SESSION = [
    ("10860000147c1281105dd4cbfc96f5453b130d890a1cdbae3200", "7c0282009000"),
    (
        "10860000457c4383410489cba23ffe96aa18d824627c3e934e54a9fd0b87a95d1471dc1c0abfdcd640d4"
        "6755de9b7b778280b6bebd57439adfeb0e21fd4ed6df42578c13418a59b34c3700",
        "7c4384410467f78e5f7f7686082b293e8d087e056916d0f74bc01a5f8957d0de45691e51e8"
        "932b69a962b52a0985ad2c0a271ee6a13a8adddcd1a3a994b9ded257f4d227539000",
    ),
    ("008600000c7c0a8508450f02b86f6a090900", "7c0a860875d4d96e8d5b03089000"),
]


def test_the_integrated_mapping_of_appendix_h1() -> None:
    assert (
        AES_128.encipher(H("591468cda83d65219cccb8560233600f"), NONCES[0]).hex() == "143dc40c08c8e891fbed7dedb92b64ad"
    )
    octets = pseudo_random_octets(AES_128, 256, *NONCES)
    assert octets.hex() == (
        "e4447e2dfb3586bac05ddb00156b57fbb2179a3949294c97254189800c517baa8da0ff397ed8c445d3e421e4feb57322"
    )
    assert f"{int.from_bytes(octets, 'big') % BRAINPOOL_P256R1.p:064X}" == (
        "A2F8FF2DF50E52C6599F386ADCB595D229F6A167ADE2BE5F2C3296ADD5B7430E"
    )
    assert BRAINPOOL_P256R1.encode(map_to_generator(AES_128, BRAINPOOL_P256R1, *NONCES)).hex() == (
        "048e82d31559ed0fde92a4d0498add3c23baba94fb77691e31e90aea77fb17d427"
        "4c1ae14bd0c3dbac0c871b7f3608169364437ca30ac243a089d3f266c1e60fad"
    )


def test_the_session_of_appendix_h1() -> None:
    pace = Pace((INTEGRATED,), {MRZ: bytes(20)}, random=lambda _: NONCES[0], scalar=lambda _: CHIP_SCALARS[1])
    chip = Chip([LdsApplication(files={}, bac=None)], mf=MasterFile(pace=pace, free={}))
    assert chip.answer(H("0022c1a40f800a04007f00070202040402830101")).hex() == "9000"
    assert chip.answer(H("10860000027c0000")).hex().startswith("7c128010")
    assert [chip.answer(H(command)).hex() for command, _ in INTEGRATED_SESSION] == [
        answer for _, answer in INTEGRATED_SESSION
    ]
    messaging = chip.messaging
    assert messaging is not None
    assert (messaging._k_enc.hex(), messaging._k_mac.hex()) == (  # type: ignore[attr-defined]
        "0d3feb33251a6370893d62ae8daaf51b",
        "b01e89e3d9e8719e586b50b4a7506e0b",
    )


@pytest.mark.parametrize("curve", CURVES.values(), ids=lambda curve: curve.name)
def test_every_field_element_becomes_a_point(curve) -> None:  # type: ignore[no-untyped-def]
    assert curve.p % 4 == 3
    for element in range(2, 40):
        assert curve.contains(encode_point(curve, element))


# 9303-11 App. I.1, chip authentication mapping on brainpoolP256r1, AES-128. Of the chip's private keys the appendix tells that of the
# mapping. The static one follows from it and CA_IC, and leads to the public key that is told; the ephemeral one is not told, so the
# session is followed as far as it goes.

MAPPING_KEY = 0x9E56A6B59C95D06ECE5CD10F983BB2F4F1943528E577F23881D89D8C3BBEE0AA
CA_IC = 0x85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3
CAM_SESSION = [
    ("0022c1a40f800a04007f00070202040602830101", "9000"),
    ("10860000027c0000", "7c128010cb60e8e0d85b76a9bd304747c2ad42e29000"),
    (
        "10860000457c438141047f1d410adb7ddb3b84bf1030800981a9105d7457b4a3ade002384f3086c67ede"
        "1ab889104a27db6d842b019020fbf3ceacb0dc627f7bdcac29969e19d0e553c100",
        "7c43824104a234236aa9b9621e8efb73b5245c0e09d2576e5277183c1208bdd55280cae8b3"
        "04f365713a356e65a451e165ecc9ac0ac46e3771342c8fe5aedd092685338e239000",
    ),
]


def test_the_chip_authentication_mapping_of_appendix_i1() -> None:
    curve = BRAINPOOL_P256R1
    static = MAPPING_KEY * pow(CA_IC, -1, curve.n) % curve.n
    assert curve.encode(curve.multiply(static)).hex() == (
        "041872709494399e7470a6431be25e83eee24fea568c2ed28db48e05db3a610dc8"
        "84d256a40e35efcb59bf6753d3a489d28c7a4d973c2da138a6e7a4a08f68e16f"
    )
    data = chip_authentication_data(
        AES_128, curve, H("0a9da4db03bdde39fc5202bc44b2e89e"), static_key=static, mapping_key=MAPPING_KEY
    )
    assert (
        data.hex() == "1eea964daae372ac990e3efde6333353bfc89a6704d93da8798cf77f5b7a54bd10cba372b42be0b9b5f28aa8de2f4f92"
    )
    infos = chip_authentication_infos(
        ChipKey(curve=curve, private=static, ciphers=(), identifier=13), form="standardised"
    )
    assert infos[-1].hex() == (
        "3062060904007f0007020201023052300c060704007f0007010202010d034200"
        "041872709494399e7470a6431be25e83eee24fea568c2ed28db48e05db3a610dc8"
        "84d256a40e35efcb59bf6753d3a489d28c7a4d973c2da138a6e7a4a08f68e16f02010d"
    )


def test_the_session_of_appendix_i1() -> None:
    pace = Pace(
        (PaceOffer(mapping="cam", cipher=AES_128, curve=BRAINPOOL_P256R1),),
        {MRZ: password_of_mrz("C11T002JM496081222310314")},
        random=lambda _: H("658b860bc94df6f044fce6d5c82cf8e5"),
        scalar=lambda _: MAPPING_KEY,
    )
    chip = Chip([LdsApplication(files={}, bac=None)], mf=MasterFile(pace=pace, free={}))
    assert [chip.answer(H(command)).hex() for command, _ in CAM_SESSION] == [answer for _, answer in CAM_SESSION]
