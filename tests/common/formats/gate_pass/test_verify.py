"""Each step of `verify_gate_pass` refuses what it is there for, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import Rejected
from common.formats.gate_pass.build import challenge_nonce
from common.formats.gate_pass.labels import audience_of
from common.formats.gate_pass.parse import parse_pass_bytes
from common.formats.gate_pass.verify import VerifiedPass, issuer_key, verify_gate_pass
from common.jose.jwk import ecdsa_to_der
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.common.formats.gate_pass.passes import (
    BEGINS,
    CTI,
    ENDS,
    EVENT,
    HOLDER_POINT,
    ISSUER_POINT,
    KEYS,
    NOW,
    STRANGER,
    proof,
    token,
)

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""n of P-256 (SEC 2 §2.4.2)."""


def verify(data: bytes, **change: Any) -> VerifiedPass:
    return verify_gate_pass(parse_pass_bytes(data), **{"event": EVENT, "issuer_keys": KEYS, "now": NOW, **change})


def reason(data: bytes, **change: Any) -> str:
    with pytest.raises(Rejected) as caught:
        verify(data, **change)
    return caught.value.reason


def test_all_that_a_pass_says() -> None:
    found = verify(proof(cnonce=challenge_nonce(777)))
    assert (found.cti, found.klass, found.index, found.flags, found.exp, found.nbf) == (
        CTI,
        3,
        123_456,
        5,
        ENDS,
        BEGINS,
    )
    assert (found.holder, found.iat, found.cnonce) == (HOLDER_POINT, NOW, b"\x03\x09")
    assert found.audience == audience_of(EVENT, 3)


def test_a_paper_pass() -> None:
    found = verify(token(holder=None))
    assert (found.cti, found.holder, found.iat, found.audience, found.cnonce) == (CTI, None, None, None, None)


def test_another_event_or_class() -> None:
    assert reason(proof(), event="other") == "wrong_audience"
    assert reason(proof(audience=audience_of(EVENT, 4))) == "wrong_audience"
    assert reason(proof(audience=audience_of("other", 3)), event="other") == "bad_signature"
    assert reason(token(holder=None), event="other") == "bad_signature"


def test_the_issuer() -> None:
    stranger = compress(STRANGER.public_jwk())
    assert reason(proof(), issuer_keys=()) == "untrusted_issuer"
    assert reason(proof(), issuer_keys=(issuer_key(stranger, not_before=0, not_after=ENDS),)) == "untrusted_issuer"
    assert reason(proof(token(signer=STRANGER))) == "untrusted_issuer"
    for not_before, not_after in ((NOW + 1, ENDS), (0, NOW)):
        key = issuer_key(ISSUER_POINT, not_before=not_before, not_after=not_after)
        assert reason(proof(), issuer_keys=(key,)) == "untrusted_issuer"
    assert verify(proof(), issuer_keys=(issuer_key(ISSUER_POINT, not_before=NOW, not_after=NOW + 1),))


def test_every_key_that_the_hint_may_mean_is_tried() -> None:
    """Two keys whose names begin alike: which one signed is found by trying."""
    good = KEYS[0]
    stranger = issuer_key(compress(STRANGER.public_jwk()), not_before=0, not_after=ENDS)
    alike = type(good)(type(good.key)(stranger.key.point, good.key.digest, stranger.key.checker), 0, ENDS)
    assert verify(proof(), issuer_keys=(alike, good)).cti == CTI
    assert verify(proof(), issuer_keys=(good, alike)).cti == CTI
    assert reason(proof(), issuer_keys=(alike, alike)) == "bad_signature"


def test_times_and_the_gates_own_error() -> None:
    assert reason(proof(), now=ENDS) == "expired"
    assert reason(proof(), now=BEGINS - 1) == "not_yet_valid"
    assert verify(proof(), now=ENDS - 1).exp == ENDS
    assert verify(proof(), now=BEGINS).nbf == BEGINS
    keys = (issuer_key(ISSUER_POINT, not_before=0, not_after=1 << 40),)
    assert verify(proof(), now=ENDS + 29, leeway=30, issuer_keys=keys).exp == ENDS
    assert reason(proof(), now=ENDS + 30, leeway=30, issuer_keys=keys) == "expired"
    assert verify(proof(), now=BEGINS - 30, leeway=30)
    assert reason(proof(), now=BEGINS - 31, leeway=30) == "not_yet_valid"


def test_the_holder() -> None:
    assert reason(proof(signer=STRANGER)) == "wrong_holder"
    assert reason(proof(token(holder=compress(STRANGER.public_jwk())))) == "wrong_holder"
    outside = b"\x02" + bytes(31) + b"\x01"  # x = 1: x³ − 3x + b is no square modulo p
    assert reason(proof(token(holder=outside))) == "wrong_holder"
    assert reason(proof(event="other", audience=audience_of(EVENT, 3))) == "wrong_holder"


def test_signatures_of_one_ticket_do_not_serve_another() -> None:
    one, other = proof(), proof(token(cti=bytes(8)))
    assert reason(one[:-64] + other[-64:]) == "wrong_holder"
    swapped = one.replace(token_signature(one), token_signature(other))
    assert reason(swapped) == "bad_signature"


def token_signature(data: bytes) -> bytes:
    return parse_pass_bytes(data).token.signature


def test_s_in_either_half_is_the_same_signature() -> None:
    """COSE says nothing of it; who turns s round has gained nothing, since the journal knows a ticket by its cti."""
    made = proof()
    s = int.from_bytes(made[-32:], "big")
    turned = made[:-32] + (ORDER - s).to_bytes(32, "big")
    assert turned != made
    assert verify(turned).cti == verify(made).cti


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(32) + b"\1" * 32, ORDER.to_bytes(32, "big") * 2])
def test_numbers_that_no_signature_has(signature: bytes) -> None:
    assert ecdsa_to_der(signature, 32)
    assert reason(proof()[:-64] + signature) == "wrong_holder"


def test_an_issuer_of_another_curve_signs_nothing() -> None:
    with pytest.raises(Rejected):
        token(signer=SoftwareKey.generate("EdDSA"))
