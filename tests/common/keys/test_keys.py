"""Software keys, sealed bytes, passphrases."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from common.encoding import b64url_encode, compact_json
from common.errors import Malformed, Rejected, Unsupported
from common.jose.jwk import parse_public_jwk, thumbprint
from common.keys.passphrase import MEMORY_MAX, OPS_MAX, derive_key, new_salt
from common.keys.sealed import open_sealed, seal
from common.keys.software import ALGS, SoftwareKey, ecdsa_from_der

KEY = bytes(range(32))


@pytest.mark.parametrize("alg", ALGS)
def test_a_key_survives_its_jwk(alg: str) -> None:
    key = SoftwareKey.generate(alg)
    again = SoftwareKey.from_private_jwk(key.private_jwk())
    assert again.public_jwk() == key.public_jwk()
    assert again.kid == key.kid == thumbprint(key.public_jwk())
    parse_public_jwk(key.public_jwk(), alg=alg).verify(again.sign(b"data"), b"data")


def test_kid_may_be_given() -> None:
    key = SoftwareKey.generate(kid="key-7")
    assert key.kid == key.public_jwk()["kid"] == SoftwareKey.from_private_jwk(key.private_jwk()).kid == "key-7"


def test_nothing_secret_is_shown() -> None:
    key = SoftwareKey.generate()
    secret = key.private_jwk()["d"]
    assert secret not in repr(key)
    assert "d" not in key.public_jwk()


def test_private_jwks_are_checked() -> None:
    jwk = SoftwareKey.generate().private_jwk()
    other = SoftwareKey.generate().private_jwk()
    for bad in (
        {**jwk, "d": other["d"]},
        {**jwk, "d": ""},
        {**jwk, "d": None},
        {**jwk, "d": b64url_encode(b"\xff" * 32)},
    ):
        with pytest.raises(Malformed):
            SoftwareKey.from_private_jwk(bad)
    with pytest.raises(Unsupported):
        SoftwareKey.generate("RS256")


def test_ecdsa_signatures_keep_leading_zeros() -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    for size in (32, 48, 66):
        for r, s in [(1, 1), (0x80, 0xFF), ((1 << 8 * size) - 1, 1), (1 << (8 * size - 9), (1 << 8 * size) - 1)]:
            assert ecdsa_from_der(encode_dss_signature(r, s), size) == r.to_bytes(size, "big") + s.to_bytes(size, "big")


def test_sealed_bytes_open_with_key_and_context_only() -> None:
    sealed = seal(KEY, b"secret", b"tenant a, key 7")
    assert open_sealed(KEY, sealed, b"tenant a, key 7") == b"secret"
    assert b"secret" not in sealed
    assert seal(KEY, b"secret", b"tenant a, key 7") != sealed
    for key, context in [(KEY, b"tenant b, key 7"), (KEY, b""), (bytes(32), b"tenant a, key 7")]:
        with pytest.raises(Rejected, match="bad_signature"):
            open_sealed(key, sealed, context)


def test_every_changed_bit_of_sealed_bytes_is_noticed() -> None:
    sealed = seal(KEY, b"secret", b"c")
    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(Rejected):
            open_sealed(KEY, changed, b"c")
    for length in range(len(sealed)):
        with pytest.raises(Rejected):
            open_sealed(KEY, sealed[:length], b"c")


def test_a_sealing_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"short", b"", b"")


def test_passphrases() -> None:
    salt, cheap = bytes(16), {"ops": 1, "mem": 8192}
    key = derive_key("合言葉 は 髙", salt, **cheap)
    assert len(key) == 32
    assert derive_key("合言葉 は 髙", salt, **cheap) == key
    assert derive_key("が", salt, **cheap) == derive_key("か\u3099", salt, **cheap)  # one text, typed by two keyboards
    assert derive_key("合言葉 は 高", salt, **cheap) != key
    assert derive_key("合言葉 は 髙", new_salt(), **cheap) != key


@pytest.mark.parametrize(
    ("salt", "ops", "mem"),
    [
        (b"", 1, 8192),
        (bytes(16), 0, 8192),
        (bytes(16), OPS_MAX + 1, 8192),
        (bytes(16), 1, MEMORY_MAX + 1),
        (bytes(16), 1, 1),
    ],
)
def test_argon2_parameters_are_bounded(salt: bytes, ops: int, mem: int) -> None:
    with pytest.raises(ValueError, match=r"salt|bounds"):
        derive_key("x", salt, ops, mem)


@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_file_may_be_pem(alg: str, form: PrivateFormat) -> None:
    key = SoftwareKey.generate(alg)
    if alg == "EdDSA":
        form = PrivateFormat.PKCS8  # the only one that RFC 8410 knows
    pem = key.private_key().private_bytes(Encoding.PEM, form, NoEncryption())
    assert SoftwareKey.from_file_content(pem).public_jwk() == key.public_jwk()


def test_a_key_file_may_be_a_jwk() -> None:
    key = SoftwareKey.generate(kid="key-7")
    assert SoftwareKey.from_file_content(compact_json(key.private_jwk())).public_jwk() == key.public_jwk()


def test_a_key_file_that_is_none_is_refused() -> None:
    locked = SoftwareKey.generate().private_key()
    pem = locked.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    for content in (pem, b"", b"{}", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(Malformed):
            SoftwareKey.from_file_content(content)
    rsa_pem = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(Unsupported):
        SoftwareKey.from_file_content(rsa_pem)
