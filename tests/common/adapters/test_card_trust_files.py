"""The folders of roots and revocation lists: what is read, what is refused, and lists that change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from common.adapters.card_trust_files import RevocationLists, open_card_trust
from common.cards.drivers.passport.certificate import parse_certificate
from common.cards.drivers.passport.master_list import parse_master_list
from common.cards.evidence import Environment
from common.errors import Misconfigured, Unavailable
from common.ports import Fetched
from common.x509.revocation import RevocationStatus, Standing
from examples.cards.my_number.jpki_authority import Purpose
from examples.cards.my_number.revocation import build_crl
from tests.cards.my_number_world import NOW, authorities
from tests.cards.passport_world import NOW as PASSPORTS_NOW
from tests.cards.passport_world import world


def put(folder: Path, name: str, content: bytes = b"root") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_roots_of_both_hierarchies(tmp_path: Path) -> None:
    put(tmp_path, "production/jpki_signature/g3.der", b"one")
    put(tmp_path, "production/my_number_cvc/a0ff.der", b"two")
    put(tmp_path, "production/jpki_signature/readme.txt")
    put(tmp_path, "test/csca/00.der", b"three")
    trust = open_card_trust([tmp_path], responders={}, fetch=None)
    found = {(one.scheme, one.environment, one.material, one.key_id) for one in trust.anchors}
    assert found == {
        ("jpki_signature", Environment.PRODUCTION, b"one", b""),
        ("my_number_cvc", Environment.PRODUCTION, b"two", b"\xa0\xff"),
        ("csca", Environment.TEST, b"three", b""),
    }
    assert {one.scheme for one in trust.without_test().anchors} == {"jpki_signature", "my_number_cvc"}
    assert set(trust.revocation) == {"jpki_signature", "my_number_cvc", "csca"}


def test_several_folders(tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        put(tmp_path / name, f"production/jpki_signature/{name}.der", name.encode())
    trust = open_card_trust([tmp_path / "ours", tmp_path / "theirs"], responders={}, fetch=None)
    assert [one.material for one in trust.anchors] == [b"ours", b"theirs"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sandbox/jpki_signature/g3.der", b"x"),
        ("jpki_signature/g3.der", b"x"),
        ("production/my_number_cvc/first.der", b"x"),
        ("production/residence_card_delivery/key.der", b"x"),
        ("production/jpki_signature/g3.der", b""),
        ("production/jpki_signature/g3.der", b"x" * ((1 << 16) + 1)),
    ],
    ids=["another hierarchy", "no hierarchy", "a key without its name", "no RSA key", "an empty root", "a large root"],
)
def test_what_is_not_as_it_should_be_is_no_trust(tmp_path: Path, name: str, content: bytes) -> None:
    put(tmp_path, name, content)
    with pytest.raises(Misconfigured) as wrong:
        open_card_trust([tmp_path], responders={}, fetch=None)
    assert wrong.value.code == "card_trust"


LISTED_AT = int(PASSPORTS_NOW.timestamp())
YEAR = 365 * 86_400


def put_publisher(folder: Path, hierarchy: str = "production") -> list[bytes]:
    own = [world().state("UTO").csca(generation).dump() for generation in (1, 2, 3)]
    for number, one in enumerate(own):
        put(folder, f"{hierarchy}/csca/{number}.der", one)
    return own


def test_a_master_list_brings_in_the_authorities_that_its_publisher_vouches_for(tmp_path: Path) -> None:
    own, master_list = put_publisher(tmp_path / "ours"), world().master_list()
    put(tmp_path / "theirs", "production/csca/list.ml", master_list)
    trust = open_card_trust([tmp_path / "ours", tmp_path / "theirs"], responders={}, fetch=None, now=LISTED_AT)
    found = [one.material for one in trust.anchors]
    assert found[: len(own)] == own, "what the operator put there comes first"
    assert set(found) == {*own, *parse_master_list(master_list).certificates}
    assert len(found) == len(set(found)), "each once"
    assert {parse_certificate(one).country for one in found} == {"JP", "DE", "NZ", "FR", "UT"}
    assert {(one.scheme, one.environment) for one in trust.anchors} == {("csca", Environment.PRODUCTION)}
    assert set(trust.revocation) == {"csca"}


def test_a_master_list_is_of_the_environment_of_its_folder(tmp_path: Path) -> None:
    put_publisher(tmp_path, "test")
    path = put(tmp_path, "test/csca/list.ml", world().master_list())
    trust = open_card_trust([tmp_path], responders={}, fetch=None, now=LISTED_AT)
    assert {one.environment for one in trust.anchors} == {Environment.TEST}
    assert trust.without_test().anchors == ()
    path.rename(put(tmp_path, "production/csca/list.ml"))
    with pytest.raises(Misconfigured, match="not among the roots"):
        open_card_trust([tmp_path], responders={}, fetch=None, now=LISTED_AT)


def altered_list() -> bytes:
    der = world().master_list()
    place = der.index(world().state("JPN").csca(3).dump()) + 200
    return der[:place] + bytes((der[place] ^ 1,)) + der[place + 1 :]


@pytest.mark.parametrize(
    ("name", "content", "now", "said"),
    [
        ("production/csca/l.ml", lambda: b"\x30\x03\x02\x01\x00", LISTED_AT, "no master list"),
        ("production/csca/l.ml", lambda: b"", LISTED_AT, "empty"),
        ("production/csca/l.ml", lambda: b"0" * ((1 << 23) + 1), LISTED_AT, "longer"),
        ("production/csca/l.ml", altered_list, LISTED_AT, "signature"),
        ("production/csca/l.ml", lambda: world().master_list(variant="wrong_purpose"), LISTED_AT, "not believed"),
        ("production/csca/l.ml", lambda: world().master_list(variant="stranger"), LISTED_AT, "not among the roots"),
        ("production/csca/l.ml", lambda: world().master_list(publisher="JPN"), LISTED_AT, "not among the roots"),
        ("production/csca/l.ml", lambda: world().master_list(), LISTED_AT + 3 * YEAR, "time of its signer is over"),
        ("production/csca/l.ml", lambda: world().master_list(), LISTED_AT - 3 * YEAR, "this machine's clock"),
        ("production/residence_card/l.ml", lambda: world().master_list(), LISTED_AT, "only passports"),
    ],
    ids=[
        *("no list", "nothing", "a large one", "altered", "signed for another purpose", "an unknown signer"),
        *("another publisher", "too old", "of the future", "of another scheme"),
    ],
)
def test_a_master_list_that_is_not_believed(
    tmp_path: Path, name: str, content: Callable[[], bytes], now: int, said: str
) -> None:
    put_publisher(tmp_path)
    put(tmp_path, name, content())
    with pytest.raises(Misconfigured, match=said) as wrong:
        open_card_trust([tmp_path], responders={}, fetch=None, now=now)
    assert wrong.value.code == "card_trust"
    assert "l.ml" in str(wrong.value), "the file is named"


def test_a_list_brings_in_no_publisher_of_another_list(tmp_path: Path) -> None:
    put_publisher(tmp_path)
    put(tmp_path, "production/csca/a.ml", world().master_list())
    put(tmp_path, "production/csca/b.ml", world().master_list(publisher="JPN"))
    with pytest.raises(Misconfigured, match=r"b\.ml"):
        open_card_trust([tmp_path], responders={}, fetch=None, now=LISTED_AT)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        open_card_trust([tmp_path / "none"], responders={}, fetch=None)


def test_a_responder_of_nobody(tmp_path: Path) -> None:
    put(tmp_path, "production/jpki_signature/g3.der")
    with pytest.raises(Misconfigured, match="csca"):
        open_card_trust([tmp_path], responders={"csca": "https://ocsp.example"}, fetch=Deaf())
    with pytest.raises(Misconfigured, match="network"):
        open_card_trust([tmp_path], responders={"jpki_signature": "https://ocsp.example"}, fetch=None)


class Deaf:
    """Nobody answers. Implements ports.Fetch. asked: addresses."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, url: str, **_: object) -> Fetched:
        raise AssertionError(url)

    def post(self, url: str, **_: object) -> Fetched:
        self.asked.append(url)
        raise Unavailable("no_answer", "nobody answers")


def test_a_responder_is_asked_before_the_lists(tmp_path: Path) -> None:

    authority = authorities().jpki(Purpose.SIGNATURE, 3)
    put(tmp_path, "test/jpki_signature/g3.der", authority.der)
    deaf = Deaf()
    trust = open_card_trust([tmp_path], responders={"jpki_signature": "https://ocsp.example/a"}, fetch=deaf)
    source = trust.revocation["jpki_signature"]

    def ask() -> RevocationStatus:
        return source.status(leaf=authority.der, issuer=authority.der, now=int(NOW.timestamp()))

    assert ask().reason == "no_list"
    put(tmp_path, "test/jpki_signature/g3.crl", build_crl(authority))
    assert ask().standing is Standing.GOOD
    assert deaf.asked == ["https://ocsp.example/a"] * 2


def test_lists_are_read_again_only_where_they_changed(tmp_path: Path) -> None:
    lists = RevocationLists([tmp_path, tmp_path / "none"])
    assert lists() == ()
    put(tmp_path, "a.crl", b"first")
    put(tmp_path, "b.crl", b"other")
    first = lists()
    assert first == (b"first", b"other")
    assert all(one is other for one, other in zip(first, lists(), strict=True))
    put(tmp_path, "a.crl", b"second!")
    (tmp_path / "b.crl").unlink()
    assert lists() == (b"second!",)
