"""BAC and PACE against the worked examples of ICAO Doc 9303-11: every byte that goes to the chip, and the keys that come of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common.cards.apdu import Command
from common.cards.block_cipher import encrypt_aes
from common.cards.channel import CardChannel
from common.cards.drivers.passport.bac import run_bac
from common.cards.drivers.passport.curve import encode_point, multiply, parse_point
from common.cards.drivers.passport.domain_parameters import BY_NAME
from common.cards.drivers.passport.key_derivation import Cipher, Purpose, derive_key
from common.cards.drivers.passport.pace import run_pace
from common.cards.drivers.passport.pace_mapping import map_integrated, pseudo_random
from common.cards.drivers.passport.pace_protocols import Mapping, PaceProtocol, choose_protocol, known_protocol
from common.cards.drivers.passport.password import Password, can_password, mrz_password
from common.cards.drivers.passport.security_infos import PaceInfo, parse_card_access
from common.errors import CardError, PinBlocked, PinWrong, TegataError, Unsupported

BP256 = BY_NAME["brainpoolP256r1"]


class Script:
    """A connection that expects these commands and knows these answers, in order; ``None`` in place of a command expects anything."""

    def __init__(self, *pairs: tuple[str | None, str]) -> None:
        self._pairs = list(pairs)

    def transmit(self, command: bytes) -> bytes:
        expected, answer = self._pairs.pop(0)
        if expected is not None:
            assert command.hex().upper() == expected.replace(" ", "").upper()
        return bytes.fromhex(answer)

    @property
    def is_done(self) -> bool:
        return not self._pairs


def drawing(*values: str) -> Callable[[int], bytes]:
    """Randomness that comes from a list; of another length than asked for is an error."""
    left = [bytes.fromhex(value) for value in values]

    def draw(length: int) -> bytes:
        assert len(left[0]) == length
        return left.pop(0)

    return draw


# --- BAC, Doc 9303-11 App. D

E_IFD = "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7"
E_IC = "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449"
BAC_RANDOM = ("781723860C06C226", "0B795240CB7049B01C19B33E32804F0B")


def bac_password() -> Password:
    return mrz_password("L898902C", "690806", "940623")


def test_bac_keys() -> None:
    seed = bac_password().bac_seed()
    assert seed.hex().upper() == "239AB9CB282DAF66231DC5A4DF6BFBAE"
    assert derive_key(seed, Purpose.ENCRYPTION, Cipher.TRIPLE_DES).hex().upper() == "AB94FDECF2674FDFB9B391F85D7F76F2"
    assert derive_key(seed, Purpose.MAC, Cipher.TRIPLE_DES).hex().upper() == "7962D9ECE03D1ACD4C76089DCE131543"


def test_bac_session() -> None:
    script = Script(
        ("0084000008", "4608F919887022129000"),
        (f"0082000028{E_IFD}28", E_IC + "9000"),
        ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"),
        ("0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
        (
            "0CB000040D9701128E082EA28A70F3C7B53500",
            "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        ),
    )
    channel = CardChannel(script)
    keys = run_bac(channel, bac_password(), drawing(*BAC_RANDOM))
    assert keys.encryption.hex().upper() == "979EC13B1CBFE9DCD01AB0FED307EAE5"
    assert keys.mac.hex().upper() == "F1CB1F1FB5ADF208806B89DC579DC1F8"
    assert keys.ssc.hex().upper() == "887022120C06C226"
    channel.secure = keys.messaging()
    channel.send(Command(0x00, 0xA4, 0x02, 0x0C, bytes.fromhex("011E")))
    assert channel.send(Command(0x00, 0xB0, 0, 0, le=4)).data.hex().upper() == "60145F01"
    read = channel.send(Command(0x00, 0xB0, 0, 4, le=18)).data
    assert read.hex().upper() == "04303130365F36063034303030305C026175"
    assert script.is_done


@pytest.mark.parametrize("sw", ["6300", "6982", "6985", "6988", "6A80"])
def test_bac_wrong_zone(sw: str) -> None:
    with pytest.raises(PinWrong) as caught:
        run_bac(CardChannel(Script((None, "4608F919887022129000"), (None, sw))), bac_password(), drawing(*BAC_RANDOM))
    assert caught.value.attempts_left is None


def test_bac_chip_that_does_not_know_the_zone() -> None:
    for place in (0, 31, 32, 39):
        answer = bytearray.fromhex(E_IC)
        answer[place] ^= 1
        script = Script((None, "4608F919887022129000"), (None, answer.hex() + "9000"))
        with pytest.raises(CardError, match="access_failed"):
            run_bac(CardChannel(script), bac_password(), drawing(*BAC_RANDOM))


def test_bac_replayed_answer_is_refused() -> None:
    """Whoever has heard a session plays its answer again: our challenge of today is not in it."""
    script = Script((None, "4608F919887022129000"), (None, E_IC + "9000"))
    with pytest.raises(CardError, match="access_failed"):
        run_bac(CardChannel(script), bac_password(), drawing("0000000000000000", BAC_RANDOM[1]))


def test_bac_takes_no_access_number() -> None:
    with pytest.raises(ValueError, match="machine readable zone"):
        run_bac(CardChannel(Script()), can_password("123456"), drawing())


# --- PACE, Doc 9303-11 App. G.1

CARD_ACCESS = bytes.fromhex("31143012060A04007F0007020204020202010202010D")
MAP_KEY = "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99"
AGREE_KEY = "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"
MAP_OURS = (
    "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
    "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
)
MAP_CHIP = (
    "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
    "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
)
AGREE_OURS = (
    "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
    "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
)
AGREE_CHIP = (
    "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
    "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
)
PACE_PAIRS = (
    ("0022C1A412800A04007F0007020204020283010184010D", "9000"),
    ("10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000"),
    (f"10860000457C438141{MAP_OURS}00", f"7C438241{MAP_CHIP}9000"),
    (f"10860000457C438341{AGREE_OURS}00", f"7C438441{AGREE_CHIP}9000"),
    ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
)


def g1_protocol() -> PaceProtocol:
    return choose_protocol(parse_card_access(CARD_ACCESS).pace)


def g1_password() -> Password:
    return mrz_password("T22000129", "640812", "101031")


def test_pace_example() -> None:
    assert derive_key(g1_password().pace_secret(), Purpose.PASSWORD, Cipher.AES_128).hex().upper() == (
        "89DED1B26624EC1E634C1989302849DD"
    )
    script = Script(*PACE_PAIRS)
    session = run_pace(CardChannel(script), g1_protocol(), g1_password(), drawing(MAP_KEY, AGREE_KEY))
    assert script.is_done
    assert session.protocol.mapping is Mapping.GENERIC
    assert session.keys.encryption.hex().upper() == "F5F0E35C0D7161EE6724EE513A0D9A7F"
    assert session.keys.mac.hex().upper() == "FE251C7858B356B24514B3BD5F4297D1"
    assert session.keys.ssc == bytes(16)


def test_pace_mapped_generator_gives_the_public_key() -> None:
    x = "8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2"
    y = "8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522"
    generator = parse_point(BP256, bytes.fromhex("04" + x + y))
    public = multiply(BP256, int(AGREE_KEY, 16), generator)
    assert public is not None
    assert encode_point(BP256, public).hex().upper() == AGREE_OURS


def run_broken(index: int, answer: str) -> None:
    """Example G.1, with one answer of the chip replaced."""
    pairs: list[tuple[str | None, str]] = [(None, given) for _, given in PACE_PAIRS]
    pairs[index] = (None, answer)
    run_pace(CardChannel(Script(*pairs)), g1_protocol(), g1_password(), drawing(MAP_KEY, AGREE_KEY))


@pytest.mark.parametrize(
    ("index", "answer"),
    [
        (0, "6A80"),
        (1, "7C0A8008000000000000000090009000"),
        (1, "6985"),
        (2, f"7C438241{MAP_OURS}9000"),
        (2, f"7C438241{MAP_CHIP[:-2]}559000"),
        (2, f"7C438241{'04' + '00' * 64}9000"),
        (2, f"7C238221{'02' + MAP_CHIP[2:66]}9000"),
        (2, f"7C438441{MAP_CHIP}9000"),
        (2, "7C0282009000"),
        (3, f"7C438441{AGREE_OURS}9000"),
        (3, f"7C438441{AGREE_CHIP[:-2]}959000"),
        (4, "7C0A86083ABB9674BCE93C099000"),
        (4, "7C0C8608" "3ABB9674BCE93C08" "86003A9000"),
        (4, "9000"),
        (4, "6F00"),
    ],
    ids=[
        "refused", "short nonce", "no nonce", "our mapping key back", "mapping key off the curve", "zero point",
        "compressed point", "wrong tag", "empty point", "our key back", "key off the curve", "wrong token",
        "two tokens", "no token", "no answer",
    ],
)  # fmt: skip
def test_pace_chip_that_does_otherwise(index: int, answer: str) -> None:
    with pytest.raises(TegataError) as caught:
        run_broken(index, answer)
    assert not isinstance(caught.value, PinWrong | PinBlocked)


@pytest.mark.parametrize(("sw", "left"), [("6300", None), ("6982", None), ("63C2", 2), ("63C1", 1)])
def test_pace_wrong_password(sw: str, left: int | None) -> None:
    with pytest.raises(PinWrong) as caught:
        run_broken(4, sw)
    assert caught.value.attempts_left == left


@pytest.mark.parametrize("sw", ["63C0", "6983"])
@pytest.mark.parametrize("index", [0, 4])
def test_pace_blocked(index: int, sw: str) -> None:
    with pytest.raises(PinBlocked):
        run_broken(index, sw)


class Mirror:
    """Whoever knows no password and sends everything back: keys of ours that are taken for the chip's would make our token the chip's."""

    def __init__(self, mapping_key: str | None) -> None:
        self._mapping_key = mapping_key

    def transmit(self, command: bytes) -> bytes:
        if command[1] == 0x22:
            return b"\x90\x00"
        if command[5:7] == b"\x7c\x00":
            return bytes.fromhex("7C128010" + "00" * 16 + "9000")
        tag, value = command[7], command[9:-1]
        if tag == 0x81 and self._mapping_key is not None:
            value = bytes.fromhex(self._mapping_key)
        return b"\x7c" + bytes((len(value) + 2, tag + 1, len(value))) + value + b"\x90\x00"


@pytest.mark.parametrize("mapping_key", [None, MAP_CHIP], ids=["both keys", "the agreement's key"])
def test_pace_with_a_mirror(mapping_key: str | None) -> None:
    with pytest.raises(CardError, match="our own key"):
        run_pace(CardChannel(Mirror(mapping_key)), g1_protocol(), g1_password(), drawing(MAP_KEY, AGREE_KEY))


# --- integrated mapping, Doc 9303-11 App. H.1

H1_NONCE, H1_TERMINAL_NONCE = "2923BE84E16CD6AE529049F1F1BBE9EB", "5DD4CBFC96F5453B130D890A1CDBAE32"
H1_GENERATOR = (
    "048E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427"
    "4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD"
)
H1_OURS = (
    "0489CBA23FFE96AA18D824627C3E934E54A9FD0B87A95D1471DC1C0ABFDCD640D4"
    "6755DE9B7B778280B6BEBD57439ADFEB0E21FD4ED6DF42578C13418A59B34C37"
)
H1_CHIP = (
    "0467F78E5F7F7686082B293E8D087E056916D0F74BC01A5F8957D0DE45691E51E8"
    "932B69A962B52A0985AD2C0A271EE6A13A8ADDDCD1A3A994B9DED257F4D22753"
)


def test_integrated_mapping_example() -> None:
    nonce, ours = bytes.fromhex(H1_NONCE), bytes.fromhex(H1_TERMINAL_NONCE)
    assert pseudo_random(nonce, ours, 256).hex().upper() == (
        "E4447E2DFB3586BAC05DDB00156B57FBB2179A3949294C97254189800C517BAA8DA0FF397ED8C445D3E421E4FEB57322"
    )
    assert encode_point(BP256, map_integrated(BP256, nonce, ours)).hex().upper() == H1_GENERATOR


def test_pace_integrated_example() -> None:
    """The example gives the password's key, not the password; so the nonce is put under the key of one of ours."""
    protocol = known_protocol(PaceInfo(protocol="0.4.0.127.0.7.2.2.4.4.2", version=2, number=13))
    assert protocol is not None
    key = derive_key(can_password("123456").pace_secret(), Purpose.PASSWORD, Cipher.AES_128)
    encrypted = encrypt_aes(key, bytes.fromhex(H1_NONCE)).hex()
    script = Script(
        ("0022C1A412800A04007F0007020204040283010284010D", "9000"),
        ("10860000027C0000", f"7C128010{encrypted}9000"),
        (f"10860000147C128110{H1_TERMINAL_NONCE}00", "7C0282009000"),
        (f"10860000457C438341{H1_OURS}00", f"7C438441{H1_CHIP}9000"),
        ("008600000C7C0A8508450F02B86F6A090900", "7C0A860875D4D96E8D5B03089000"),
    )
    session = run_pace(CardChannel(script), protocol, can_password("123456"), drawing(H1_TERMINAL_NONCE, AGREE_KEY))
    assert script.is_done
    assert session.keys.encryption.hex().upper() == "0D3FEB33251A6370893D62AE8DAAF51B"
    assert session.keys.mac.hex().upper() == "B01E89E3D9E8719E586B50B4A7506E0B"


# --- choice


def info(protocol: str, number: int | None = 13, version: int = 2) -> PaceInfo:
    return PaceInfo(protocol="0.4.0.127.0.7.2.2.4." + protocol, version=version, number=number)


def test_choice_prefers_what_proves_the_chip_then_the_longer_key() -> None:
    assert choose_protocol([info("2.4"), info("6.2")]).oid.endswith("6.2")
    assert choose_protocol([info("2.2"), info("2.4"), info("4.4")]).oid.endswith("2.4")
    assert choose_protocol([info("2.1"), info("2.2")]).cipher is Cipher.AES_128
    assert choose_protocol([info("1.2", 0), info("2.1")]).cipher is Cipher.TRIPLE_DES


@pytest.mark.parametrize(
    "one",
    [info("1.2", 0), info("2.2", None), info("2.2", 7), info("2.2", version=1), info("4.1"), info("6.1"), info("4.2", 10), info("9.2")],
    ids=["modulo a prime", "no number", "unassigned", "version 1", "integrated 3DES", "CAM 3DES", "p = 1 mod 4", "unknown"],
)  # fmt: skip
def test_choice_of_nothing_known(one: PaceInfo) -> None:
    with pytest.raises(Unsupported):
        choose_protocol([one])
