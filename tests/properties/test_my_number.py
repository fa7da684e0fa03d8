"""The My Number card, its certificates and who speaks of their revocation: any bytes end as a finding or a typed error, never otherwise."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from common.cards.drivers.my_number.cvc import parse_cvc, parse_public_key
from common.cards.drivers.my_number.driver import MyNumberDriver
from common.cards.drivers.my_number.jpki import read_label
from common.cards.drivers.my_number.municipality import parse_residence
from common.cards.drivers.my_number.person_claims import parse_jpki_birth_date
from common.cards.drivers.my_number.surface import parse_face
from common.cards.drivers.my_number.text import attributes_digest, parse_attributes
from common.cards.evidence import Answer, Environment
from common.cards.japanese_date import CardDate, ages_of
from common.cards.possession import PossessionChallenge, build_possession
from common.cards.reading import Exchange, Reading, decode_reading, encode_reading
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Malformed, TegataError
from common.x509.crl import CrlSource
from common.x509.jpki import parse_jpki_certificate
from common.x509.jpki_attributes import read_attributes
from common.x509.ocsp import build_request, read_response
from common.x509.revocation import Standing
from tests.amount import examples
from tests.common.cards.my_number.test_records import ATTRIBUTES, make_cvc, make_face, rsa_objects, table
from tests.common.x509.jpki_authority import NOW, Authority, answer, der, issue, key, make_authority, make_list

DRIVER = MyNumberDriver()
CHALLENGE = PossessionChallenge(origin="https://issuer.example", session="s", nonce=bytes(32))
TOKEN = b"JPKIAPICCTOKEN2".ljust(32) + bytes(128)
WITHIN = settings(max_examples=examples(60, 1000), deadline=None)


@cache
def ca() -> Authority:
    return make_authority("3")


@cache
def certificate() -> bytes:
    return der(issue(ca()))


@cache
def trust() -> CardTrust:
    root = TrustAnchor(scheme="jpki_signature", environment=Environment.PRODUCTION, material=ca().der)
    source = CrlSource(lambda: [make_list(ca(), {})])
    return CardTrust(anchors=(root, *table().anchors), revocation={"jpki_signature": source})


def altered(data: bytes, at: int, to: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ (to or 1)]) + data[at + 1 :]


changes = st.tuples(st.integers(0, 1 << 20), st.integers(1, 255))


def judge(**files: bytes) -> Answer:
    """The data's authenticity, of a reading of one source."""
    message = build_possession(CHALLENGE)
    exchanges = {name: Exchange(challenge=message, answer=bytes(256)) for name in ("jpki_signature", "text", "surface")}
    reading = Reading(
        card="my_number", files={name.replace("_", "/"): data for name, data in files.items()}, exchanges=exchanges
    )
    result = DRIVER.authenticate(reading, challenge=CHALLENGE, trust=trust(), now=NOW)
    (source,) = result.evidence.sources
    assert source.chip_genuineness.answer is not Answer.PROVEN
    if source.data_authenticity.answer is not Answer.PROVEN:
        assert dict(result.claims) == {}
    return source.data_authenticity.answer


@WITHIN
@given(st.binary(max_size=300))
def test_any_bytes_for_a_certificate(data: bytes) -> None:
    assert judge(jpki_0001=data, jpki_0006=TOKEN) is Answer.FAILED


@WITHIN
@given(changes)
def test_an_altered_certificate(change: tuple[int, int]) -> None:
    assert judge(jpki_0001=certificate(), jpki_0006=TOKEN) is Answer.PROVEN
    assert judge(jpki_0001=altered(certificate(), *change), jpki_0006=TOKEN) is Answer.FAILED


@WITHIN
@given(changes)
def test_attributes_of_an_altered_certificate(change: tuple[int, int]) -> None:
    """Read without asking who signed them: still a value or a typed error."""
    with suppress(Malformed):
        read_attributes(parse_jpki_certificate(altered(certificate(), *change)).certificate)


@WITHIN
@given(st.binary(max_size=300), st.sampled_from(["text_0002", "text_0003", "text_0004", "text_0007"]))
def test_any_bytes_for_a_record(data: bytes, name: str) -> None:
    files = {"text_0002": ATTRIBUTES, "text_0003": b"", "text_0004": make_cvc(), "text_0007": b""}
    assert judge(**{**files, name: data}) is Answer.FAILED


@cache
def face() -> bytes:
    return make_face()


@WITHIN
@given(changes)
def test_an_altered_face(change: tuple[int, int]) -> None:
    """Only what stands after the signature may be another without anybody's noticing."""
    assert judge(surface_0002=face(), surface_0004=make_cvc()) is Answer.PROVEN
    unsigned = face().index(b"\xdf\x29\x08") + 3
    spoilt = altered(face(), *change)
    if change[0] % len(face()) < unsigned:
        assert judge(surface_0002=spoilt, surface_0004=make_cvc()) is Answer.FAILED
    else:
        judge(surface_0002=spoilt, surface_0004=make_cvc())


@WITHIN
@given(
    st.binary(max_size=400) | st.builds(lambda change: altered(ATTRIBUTES, *change), changes),
    st.sampled_from([parse_cvc, parse_public_key, parse_face, parse_attributes, attributes_digest, read_label]),
)
def test_any_bytes_for_a_parser(data: bytes, parse) -> None:  # type: ignore[no-untyped-def]
    for bytes_ in (data, rsa_objects(key("leaf").public_key())[: len(data)] + data):
        with suppress(TegataError):
            parse(bytes_)


@WITHIN
@given(st.binary(max_size=400))
def test_any_bytes_for_a_list(data: bytes) -> None:
    status = CrlSource(lambda: [data]).status(leaf=certificate(), issuer=ca().der, now=NOW)
    assert status.standing is Standing.UNKNOWN


@cache
def revoking() -> bytes:
    return make_list(ca(), {1234567: None})


@WITHIN
@given(changes)
def test_an_altered_list_revives_nobody(change: tuple[int, int]) -> None:
    status = CrlSource(lambda: [altered(revoking(), *change)]).status(leaf=certificate(), issuer=ca().der, now=NOW)
    assert status.standing is not Standing.GOOD


@cache
def question() -> tuple[bytes, bytes]:
    """(our nonce, a good answer to it)."""
    nonce, leaf = bytes(range(32)), issue(ca())
    return nonce, answer(build_request(leaf, ca().certificate, nonce=nonce), leaf, ca())


@cache
def asked_about():  # type: ignore[no-untyped-def]
    return parse_jpki_certificate(certificate()).certificate


@WITHIN
@given(st.binary(max_size=400) | st.builds(lambda change: altered(question()[1], *change), changes))
def test_any_bytes_for_an_answer(data: bytes) -> None:
    nonce, good = question()
    said = [
        read_response(one, leaf=asked_about(), issuer=ca().certificate, nonce=nonce, nonce_required=True, now=NOW)
        for one in (good, data)
    ]
    assert said[0].standing is Standing.GOOD
    assert (
        said[1].standing is Standing.UNKNOWN or said[1] == said[0]
    )  # what lies outside the signature says nothing else


names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
readings = st.builds(
    Reading,
    card=names,
    files=st.dictionaries(names, st.binary(max_size=64), max_size=5),
    exchanges=st.dictionaries(
        names, st.builds(Exchange, challenge=st.binary(max_size=40), answer=st.binary(max_size=40)), max_size=3
    ),
    accepted=st.frozensets(names, max_size=4),
    notes=st.dictionaries(names, names, max_size=4),
)


@WITHIN
@given(readings)
def test_a_reading_comes_back_as_it_was(reading: Reading) -> None:
    assert decode_reading(encode_reading(reading)) == reading


@WITHIN
@given(readings, changes)
def test_an_altered_reading_is_a_reading_or_malformed(reading: Reading, change: tuple[int, int]) -> None:
    try:
        again = decode_reading(altered(encode_reading(reading), *change))
    except Malformed:
        return
    assert decode_reading(encode_reading(again)) == again


@WITHIN
@given(st.text(st.sampled_from("0123456789"), min_size=9, max_size=9) | st.text(max_size=12))
def test_any_birth_date(text: str) -> None:
    try:
        parsed = parse_jpki_birth_date(text)
    except Malformed:
        return
    if parsed is not None and parsed.whole is not None:
        assert text[1:] == parsed.whole.strftime("%Y%m%d").zfill(8)


@WITHIN
@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(1, 110), st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_nobody_grows_younger(birth: date, age: int, day: date) -> None:
    born = CardDate(year=birth.year, month=birth.month, day=birth.day)
    if ages_of(born, [age], day)[age]:
        assert ages_of(born, [age, age - 1], date(day.year + 1, day.month, min(day.day, 28))) == {
            age: True,
            age - 1: True,
        }
        assert ages_of(born, [age - 1], day)[age - 1]


@WITHIN
@given(st.text(st.sampled_from("東京都北海道大阪府奈良県余市郡高町村区田川上玉大下字一"), max_size=30))
def test_a_residence_is_how_an_address_begins(address: str) -> None:
    residence = parse_residence(address)
    if residence is not None:
        assert address.startswith(residence.prefecture + residence.municipality)
        assert residence.municipality[-1] in "市区町村"
