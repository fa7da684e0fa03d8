"""Signatures that a careless verifier believes, in the manner of Project Wycheproof: over JWS and over COSE, for every algorithm.

ECDSA: numbers out of range, wrong lengths, DER in place of r ‖ s, another curve. EdDSA: non-canonical S, points of small order.
Headers: confusion of algorithms, extensions that demand to be understood, keys that a header brings along, members named twice.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from common.cose.headers import ALG, CRIT, KID
from common.cose.sign1 import parse_sign1, sign_sign1, verify_sign1
from common.encoding import b64url_decode, b64url_encode, compact_json
from common.errors import Malformed, Rejected
from common.jose.jwk import CURVES, PublicKey, export_public_jwk, parse_public_jwk
from common.jose.jws import parse_jws, sign_jws, verify_jws
from common.jose.jwt import parse_jwt
from common.keys.software import SoftwareKey

ORDERS = {
    "ES256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ES384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "ES512": (1 << 521) - 657877501894328237357444332315020117536923257219387276263472201219398408051703,
}
"""SEC 2 §2.4.2, §2.5.1, §2.6.1: the order n of each curve's base point."""
ED25519_ORDER = (1 << 252) + 27742317777372353535851937790883648493
SIZES = {"ES256": 32, "ES384": 48, "ES512": 66}
KEYS = {alg: SoftwareKey.generate(alg) for alg in (*SIZES, "EdDSA")}
PUBLIC = {alg: parse_public_jwk(key.public_jwk()) for alg, key in KEYS.items()}
PAYLOAD = b'{"sub":"hanako"}'
SMALL_ORDER = [  # RFC 7748 §6.1's cousins on edwards25519: all eight points of small order, and other spellings of them
    bytes(32),
    b"\1" + bytes(31),
    b"\1" + bytes(30) + b"\x80",
    bytes(31) + b"\x80",
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
]

Change = Callable[[bytes], bytes]
Check = Callable[[str, Change], None]


def check_jws(alg: str, change: Change) -> None:
    head, _, signature = sign_jws({"typ": "t"}, PAYLOAD, KEYS[alg]).rpartition(".")
    forged = f"{head}.{b64url_encode(change(b64url_decode(signature)))}"
    verify_jws(parse_jws(forged), PUBLIC[alg])


class _Changing:
    """A signer whose signatures are changed on the way."""

    def __init__(self, alg: str, change: Change) -> None:
        self.alg, self.kid = alg, KEYS[alg].kid
        self._change = change

    def public_jwk(self) -> dict[str, Any]:
        return KEYS[self.alg].public_jwk()

    def sign(self, data: bytes) -> bytes:
        return self._change(KEYS[self.alg].sign(data))


def check_cose(alg: str, change: Change) -> None:
    verify_sign1(parse_sign1(sign_sign1(PAYLOAD, _Changing(alg, change))), PUBLIC[alg])


ENVELOPES = pytest.mark.parametrize("check", [check_jws, check_cose])


def numbers(alg: str, signature: bytes) -> tuple[int, int]:
    size = SIZES[alg]
    return int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")


def raw(alg: str, r: int, s: int) -> bytes:
    return r.to_bytes(SIZES[alg], "big") + s.to_bytes(SIZES[alg], "big")


@pytest.mark.parametrize("alg", SIZES)
def test_the_orders_are_those_of_the_curves(alg: str) -> None:
    curve = next(curve for curve in CURVES.values() if curve.alg == alg)
    assert ec.derive_private_key(ORDERS[alg] - 1, curve.curve)
    with pytest.raises(ValueError, match=r"."):
        ec.derive_private_key(ORDERS[alg], curve.curve)


@ENVELOPES
@pytest.mark.parametrize("alg", KEYS)
def test_the_signature_itself_is_believed(check: Check, alg: str) -> None:
    check(alg, lambda signature: signature)


@ENVELOPES
@pytest.mark.parametrize("alg", SIZES)
def test_numbers_out_of_range(check: Check, alg: str) -> None:
    n, most = ORDERS[alg], (1 << 8 * SIZES[alg]) - 1
    special = [0, 1, n - 1, n, n + 1, most]
    changes: list[Change] = [lambda _, r=r, s=s: raw(alg, r, s) for r in special for s in special]
    for value in special:
        changes += [
            lambda signature, value=value: raw(alg, value, numbers(alg, signature)[1]),
            lambda signature, value=value: raw(alg, numbers(alg, signature)[0], value),
        ]
    for change in changes:
        with pytest.raises(Rejected, match="bad_signature"):
            check(alg, change)


@ENVELOPES
@pytest.mark.parametrize("alg", SIZES)
def test_a_number_is_not_believed_twice_in_other_clothes(check: Check, alg: str) -> None:
    """r + n and s + n are congruent to r and s. The mirrored s (n - s) is ECDSA's own, and no JOSE text forbids it."""
    n, most = ORDERS[alg], (1 << 8 * SIZES[alg]) - 1
    tried = 0
    for which in (0, 1):

        def shift(signature: bytes, which: int = which) -> bytes:
            nonlocal tried
            pair = list(numbers(alg, signature))
            if pair[which] + n > most:
                return b""  # cannot be written; the empty signature is refused all the same
            tried += 1
            pair[which] += n
            return raw(alg, *pair)

        with pytest.raises(Rejected, match="bad_signature"):
            check(alg, shift)
    assert tried == 2 or alg != "ES512"  # on P-521 there is always room for it


@ENVELOPES
@pytest.mark.parametrize("alg", KEYS)
def test_lengths(check: Check, alg: str) -> None:
    changes: list[Change] = [
        lambda _: b"",
        lambda signature: signature[:-1],
        lambda signature: signature[1:],
        lambda signature: signature + b"\0",
        lambda signature: b"\0" + signature,
        lambda signature: signature + signature,
        lambda signature: signature[: len(signature) // 2],
    ]
    if alg in SIZES:
        size = SIZES[alg]
        changes += [  # each number one byte longer, or as short as it can be
            lambda signature: b"\0" + signature[:size] + b"\0" + signature[size:],
            lambda signature: b"".join(
                number.to_bytes(max(1, (number.bit_length() + 7) // 8 - 1), "big", signed=False)
                if number < 256
                else number.to_bytes((number.bit_length() + 7) // 8, "big") + b"\0"
                for number in numbers(alg, signature)
            ),
            lambda signature: utils.encode_dss_signature(*numbers(alg, signature)),  # DER
        ]
    for change in changes:
        with pytest.raises(Rejected, match="bad_signature"):
            check(alg, change)


@ENVELOPES
@pytest.mark.parametrize("alg", SIZES)
def test_numbers_change_places_or_signs(check: Check, alg: str) -> None:
    n = ORDERS[alg]
    changes: list[Change] = [
        lambda signature: raw(alg, *reversed(numbers(alg, signature))),
        lambda signature: raw(alg, n - numbers(alg, signature)[0], numbers(alg, signature)[1]),
    ]
    for change in changes:
        with pytest.raises(Rejected, match="bad_signature"):
            check(alg, change)


@ENVELOPES
def test_ed25519_takes_no_other_spelling_of_s(check: Check) -> None:
    """RFC 8032 §5.1.7: S is less than the order; S + L would else be a second signature of the same text."""
    for times in range(1, 16):

        def malleate(signature: bytes, times: int = times) -> bytes:
            s = int.from_bytes(signature[32:], "little") + times * ED25519_ORDER
            return signature[:32] + s.to_bytes(32, "little") if s < 1 << 256 else signature[:32] + b"\xff" * 32

        with pytest.raises(Rejected, match="bad_signature"):
            check("EdDSA", malleate)


@ENVELOPES
@pytest.mark.parametrize("point", SMALL_ORDER, ids=lambda point: point.hex()[:8])
def test_points_of_small_order_prove_nothing(check: Check, point: bytes) -> None:
    for s in (bytes(32), b"\1" + bytes(31)):
        with pytest.raises(Rejected, match="bad_signature"):
            check("EdDSA", lambda _, s=s: point + s)


@pytest.mark.parametrize("point", SMALL_ORDER, ids=lambda point: point.hex()[:8])
def test_keys_of_small_order_verify_nothing(point: bytes) -> None:
    """With such a key and S = 0 a verifier without care believes one signature for every text, or one in eight."""
    header = b64url_encode(compact_json({"alg": "EdDSA"}))
    for number in range(16):
        signing_input = f"{header}.{b64url_encode(bytes((number,)))}"
        for r in SMALL_ORDER:
            with pytest.raises((Rejected, Malformed)):
                _verify_with(point, f"{signing_input}.{b64url_encode(r + bytes(32))}")


def _verify_with(point: bytes, text: str) -> None:
    verify_jws(parse_jws(text), parse_public_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64url_encode(point)}))


# --- keys and algorithms ---


@pytest.mark.parametrize("alg", KEYS)
@pytest.mark.parametrize("other", KEYS)
def test_a_key_serves_its_own_algorithm(alg: str, other: str) -> None:
    if alg == other:
        return
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        verify_jws(parse_jws(sign_jws({}, PAYLOAD, KEYS[alg])), PUBLIC[other])
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        verify_sign1(parse_sign1(sign_sign1(PAYLOAD, KEYS[alg])), PUBLIC[other])
    # the header says what the key wants to hear; the signature is still another curve's
    lying = _relabel(sign_jws({}, PAYLOAD, KEYS[alg]), alg=other)
    with pytest.raises(Rejected, match="bad_signature"):
        verify_jws(parse_jws(lying), PUBLIC[other])


def _relabel(text: str, **header: Any) -> str:
    old, payload, signature = text.split(".")
    changed = {**dict(parse_jws(text).header), **header}
    assert old
    return f"{b64url_encode(compact_json(changed))}.{payload}.{signature}"


@pytest.mark.parametrize("alg", KEYS)
def test_a_public_key_is_no_secret(alg: str) -> None:
    """The classic: HS256 with the public key's bytes as the shared secret."""
    public: Any = PUBLIC[alg].key
    secrets = [
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        compact_json(KEYS[alg].public_jwk()),
        b64url_decode(KEYS[alg].public_jwk()["x"]),
    ]
    for secret in secrets:
        head = f"{b64url_encode(compact_json({'alg': 'HS256'}))}.{b64url_encode(PAYLOAD)}"
        tag = hmac.new(secret, head.encode(), hashlib.sha256).digest()
        with pytest.raises(Rejected, match="algorithm_not_allowed"):
            verify_jws(parse_jws(f"{head}.{b64url_encode(tag)}"), PUBLIC[alg])


@pytest.mark.parametrize(
    "name", ["HS256", "RS256", "PS256", "ES256K", "ESP384", "Ed448", "es256", "ES256 ", "", "EdDSA\0"]
)
def test_other_algorithms(name: str) -> None:
    with pytest.raises((Rejected, Malformed)):
        verify_jws(parse_jws(_relabel(sign_jws({}, PAYLOAD, KEYS["ES256"]), alg=name)), PUBLIC["ES256"])


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", None, 5, ["ES256"], {"ES256": 1}])
def test_no_algorithm(name: object) -> None:
    text = _relabel(sign_jws({}, PAYLOAD, KEYS["ES256"]), alg=name)
    for forged in (text, text.rpartition(".")[0] + "."):
        with pytest.raises(Malformed):
            parse_jws(forged)


@pytest.mark.parametrize("number", [5, -47, -257, -37, 0, None, "ES256", True, -46])
def test_other_algorithms_in_cose(number: object) -> None:
    made = parse_sign1(sign_sign1(PAYLOAD, KEYS["ES256"]))
    forged = type(made)({ALG: number} if number is not None else {}, {}, made.payload, made.proof, made.protected_bytes)
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        verify_sign1(forged, PUBLIC["ES256"])


def test_an_unprotected_algorithm_decides_nothing() -> None:
    made = parse_sign1(sign_sign1(PAYLOAD, KEYS["ES256"]))
    forged = type(made)({}, {ALG: -7}, made.payload, made.proof, made.protected_bytes)
    with pytest.raises(Rejected, match="algorithm_not_allowed"):
        verify_sign1(forged, PUBLIC["ES256"])


@pytest.mark.parametrize("curve", ["P-384", "P-521"])
def test_curves_do_not_mix(curve: str) -> None:
    """Coordinates of one curve under the name of another."""
    jwk = export_public_jwk(ec.generate_private_key(CURVES[curve].curve).public_key())
    for name in CURVES:
        if name != curve:
            with pytest.raises(Malformed):
                parse_public_jwk({**jwk, "crv": name})
    own = KEYS["ES256"].public_jwk()
    for change in ({"y": own["x"]}, {"x": own["y"]}, {"y": b64url_encode(bytes(32))}, {"x": b64url_encode(bytes(32))}):
        with pytest.raises(Malformed):
            parse_public_jwk({**own, **change})
    with pytest.raises(Malformed):
        parse_public_jwk({**own, "crv": "secp256k1"})


# --- headers ---


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp", None, ["unknown"], [5]])
def test_extensions_that_must_be_understood(crit: object) -> None:
    for header in ({"crit": crit}, {"crit": crit, "exp": 1}, {"crit": crit, "b64": False}):
        with pytest.raises(Malformed, match="unknown_crit"):
            verify_jws(parse_jws(sign_jws(header, PAYLOAD, KEYS["ES256"])), PUBLIC["ES256"])
    with pytest.raises((Malformed, ValueError)):
        parse_sign1(sign_sign1(PAYLOAD, KEYS["ES256"], protected={CRIT: [KID]}))


@pytest.mark.parametrize("b64", [False, None, 0, "true"])
def test_unencoded_payloads(b64: object) -> None:
    with pytest.raises(Malformed, match="unknown_b64"):
        verify_jws(parse_jws(sign_jws({"b64": b64}, PAYLOAD, KEYS["ES256"])), PUBLIC["ES256"])


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "kid"])
def test_a_header_brings_no_key(member: str) -> None:
    """What a stranger signs is not believed because its header says where to look, and what we sign is not the worse for it."""
    stranger = SoftwareKey.generate()
    value: dict[str, Any] = {
        "jwk": stranger.public_jwk(),
        "jku": "https://attacker.example/jwks.json",
        "x5u": "https://attacker.example/chain.pem",
        "x5c": ["MII"],
        "kid": "../../etc/passwd",
    }
    with pytest.raises(Rejected, match="bad_signature"):
        verify_jws(parse_jws(sign_jws({member: value[member]}, PAYLOAD, stranger)), PUBLIC["ES256"])
    assert verify_jws(parse_jws(sign_jws({member: value[member]}, PAYLOAD, KEYS["ES256"])), PUBLIC["ES256"]) == PAYLOAD


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ('{"alg":"none","alg":"ES256"}', "{}"),
        ('{"alg":"ES256","alg":"ES256"}', "{}"),
        ('{"alg":"ES256","kid":"a","kid":"b"}', "{}"),
        ('{"alg":"ES256","jwk":{"x":1,"x":2}}', "{}"),
        ('{"alg":"ES256","al\\u0067":"ES384"}', "{}"),
        ('{"alg":"ES256"}', '{"sub":"a","sub":"b"}'),
        ('{"alg":"ES256"}', '{"sub":"a","s\\u0075b":"b"}'),
        ('{"alg":"ES256"}', '{"a":[{"exp":1,"exp":2}]}'),
    ],
)
def test_members_named_twice(header: str, payload: str) -> None:
    signing_input = f"{b64url_encode(header.encode())}.{b64url_encode(payload.encode())}"
    signature = b64url_encode(KEYS["ES256"].sign(signing_input.encode()))
    with pytest.raises(Malformed):
        parse_jwt(f"{signing_input}.{signature}")


def test_base64url_has_one_spelling() -> None:
    text = sign_jws({}, PAYLOAD, KEYS["ES256"])
    head, _, signature = text.rpartition(".")
    for other in (
        signature + "=",
        signature + "==",
        signature[:-1] + "\n" + signature[-1],
        signature.replace("-", "+"),
    ):
        if other != signature:
            with pytest.raises(Malformed):
                parse_jws(f"{head}.{other}")
    last = {"A": "B", "Q": "R", "g": "h", "w": "x"}[
        signature[-1]
    ]  # unused bits set: the same bytes to a careless decoder
    with pytest.raises(Malformed):
        parse_jws(f"{head}.{signature[:-1]}{last}")


def test_a_remembered_header_is_read_like_a_new_one() -> None:
    """Headers are kept by their text: what was refused once is refused again, and nobody can change what is kept."""
    text = sign_jws({"typ": "t"}, PAYLOAD, KEYS["ES256"])
    header: Any = parse_jws(text).header
    with pytest.raises(TypeError):
        header["alg"] = "none"
    for _ in range(2):
        with pytest.raises(Malformed):
            parse_jws(_relabel(text, alg="none"))
    assert parse_jws(text).alg == "ES256"
    assert isinstance(PUBLIC["ES256"], PublicKey)
