"""Any certificate, any issuer, any list: an answer, and no revoked one revived. Also of authorities that spell their curve out."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.x509.crl import CrlSource
from common.x509.revocation import RevocationStatus, Standing
from examples.cards.passport.certificates import Request, Validity, certificate, name, revocation_list
from examples.cards.passport.signing_keys import SigningKey, Style
from tests.amount import examples
from tests.cards.passport_world import NOW

WITHIN = settings(max_examples=examples(30, 2000), deadline=None)
SECONDS, YEAR, DAY = int(NOW.timestamp()), timedelta(days=365), timedelta(days=1)
SERIAL = 77
STYLES = {
    "RSA": Style(kind="rsa", key=2048),
    "RSA-PSS": Style(kind="pss", key=2048),
    "P-256": Style(kind="ecdsa", key="P-256"),
    "P-256 spelled out": Style(kind="ecdsa", key="P-256", explicit=True),
    "P-521, SHA-512": Style(kind="ecdsa", key="P-521", hash_name="sha512"),
    "brainpoolP256r1": Style(kind="ecdsa", key="brainpoolP256r1"),
    "brainpoolP256r1 spelled out": Style(kind="ecdsa", key="brainpoolP256r1", explicit=True),
    "SHA-1": Style(kind="ecdsa", key="P-256", hash_name="sha1"),
}
NOT_UNDERSTOOD = frozenset({"brainpoolP256r1 spelled out", "SHA-1"})
pytestmark = pytest.mark.filterwarnings("ignore:Parsed a serial number")


@cache
def told(style: str) -> tuple[bytes, bytes, bytes]:
    """(a leaf, its issuer, the list that revokes it)"""
    key = SigningKey("revocation lists", STYLES[style])
    issuer = name("UT", "Issuer")
    validity = Validity(start=NOW - YEAR, end=NOW + YEAR, signs_until=NOW + YEAR)

    def issue(role: str, serial: int, common: str) -> bytes:
        wish = Request(
            role=role,
            serial=serial,
            subject=name("UT", common),
            issuer=issuer,
            key=key,
            issuer_key=key,
            validity=validity,
            state="UTO",
        )
        return bytes(certificate(wish).dump())

    listed = revocation_list(
        issuer=issuer,
        key=key,
        number=1,
        this_update=NOW - DAY,
        next_update=NOW + DAY,
        revoked=[(SERIAL, NOW - DAY)],
    )
    return issue("ds", SERIAL, "Leaf"), issue("csca", 1, "Issuer"), listed


def ask(leaf: bytes, issuer: bytes, *lists: bytes) -> RevocationStatus:
    return CrlSource(lambda: lists).status(leaf=leaf, issuer=issuer, now=SECONDS)


@pytest.mark.parametrize("style", STYLES)
def test_every_kind_of_key_has_an_answer(style: str) -> None:
    status = ask(*told(style))
    if style in NOT_UNDERSTOOD:
        assert (status.standing, status.reason) == (Standing.UNKNOWN, "crl_signature")
    else:
        assert (status.standing, status.reason) == (Standing.REVOKED, "keyCompromise")


def altered(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    out = bytearray(data)
    for at, bits in changes:
        out[at % len(out)] ^= bits
    return bytes(out)


@WITHIN
@given(
    st.sampled_from(sorted(STYLES)),
    st.integers(0, 2),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(1, 255)), min_size=1, max_size=4),
)
def test_whatever_is_altered_there_is_an_answer_that_revives_nobody(
    style: str, which: int, changes: list[tuple[int, int]]
) -> None:
    parts = list(told(style))
    parts[which] = altered(parts[which], changes)
    status = ask(*parts)
    assert isinstance(status, RevocationStatus)
    if which != 0:  # an altered leaf may be another one, of which nothing is listed
        assert status.standing is not Standing.GOOD


@WITHIN
@given(st.sampled_from(sorted(STYLES)), st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_have_an_answer(style: str, one: bytes, other: bytes, listed: bytes) -> None:
    leaf, issuer, good = told(style)
    for question in ((one, issuer, good), (leaf, other, good), (leaf, issuer, listed), (one, other, listed)):
        assert ask(*question).standing is Standing.UNKNOWN
