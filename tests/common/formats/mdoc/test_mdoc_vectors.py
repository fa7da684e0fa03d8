"""mdocs against the examples of the texts: ISO/IEC 18013-5 Annex D, OpenID4VP 1.0 appendix B.2.6."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from common.cbor import decode, embed, encode
from common.cose.mac0 import parse_mac0
from common.cose.sign1 import parse_sign1, verify_sign1
from common.encoding import b64url_decode
from common.errors import Rejected
from common.formats.mdoc.device_auth import derive_mac_key, device_authentication, verify_device_mac
from common.formats.mdoc.issuer_signed import encode_issuer_auth, encode_issuer_signed, parse_issuer_signed
from common.formats.mdoc.mobile_security_object import parse_mso
from common.formats.mdoc.session_transcript import annex_b_transcript, dc_api_transcript, redirect_transcript
from common.formats.mdoc.verify import verify_credential
from common.jose.jwk import export_public_jwk, parse_public_jwk, thumbprint
from common.x509.iaca import parse_signer
from tests.common.formats.mdoc.annex_d import (
    DEVICE_MAC,
    ISSUER_AUTH,
    ITEMS,
    MAC_KEY,
    READER_KEY_D,
    SESSION_TRANSCRIPT,
)

MDL = "org.iso.18013.5.1.mDL"
ISSUED = 1_601_559_002  # 2020-10-01T13:30:02Z


def test_annex_d_issuer() -> None:
    auth = parse_sign1(ISSUER_AUTH)
    assert auth.payload is not None
    signer = parse_signer(auth.x5chain[0])
    assert (signer.subject, signer.country, signer.flaw) == ("utopia ds", "US", "")
    key = parse_public_jwk(export_public_jwk(signer.public_key))
    assert verify_sign1(auth, key) == auth.payload
    mso = parse_mso(auth.payload)
    assert mso.doc_type == MDL
    assert (mso.signed, mso.valid_from, mso.valid_until) == (ISSUED, ISSUED, 1_633_095_002)
    text = encode_issuer_signed({"org.iso.18013.5.1": [embed(item) for item in ITEMS.values()]}, ISSUER_AUTH)
    parsed = parse_issuer_signed(decode(text))
    assert encode_issuer_auth(parsed.issuer_auth) == ISSUER_AUTH
    found = verify_credential(parsed, key, now=ISSUED)
    assert found.claims["org.iso.18013.5.1"] == {
        "family_name": "Doe",
        "issue_date": "2019-10-20",
        "expiry_date": "2024-10-20",
        "document_number": "123456789",
        "driving_privileges": [
            {"vehicle_category_code": "A", "issue_date": "2018-08-09", "expiry_date": "2024-10-20"},
            {"vehicle_category_code": "B", "issue_date": "2017-02-23", "expiry_date": "2024-10-20"},
        ],
    }
    assert found.issuer == "mailto:example@example.com"
    with pytest.raises(Rejected, match="expired"):
        verify_credential(parsed, key, now=1_633_095_002 + 60)


def test_annex_d_device() -> None:
    auth = parse_sign1(ISSUER_AUTH)
    assert auth.payload is not None
    device_key = parse_mso(auth.payload).read_device_key()
    assert isinstance(device_key.key, ec.EllipticCurvePublicKey)
    reader = ec.derive_private_key(READER_KEY_D, ec.SECP256R1())
    assert derive_mac_key(reader, device_key.key, SESSION_TRANSCRIPT) == MAC_KEY
    authentication = device_authentication(SESSION_TRANSCRIPT, MDL, encode({}))
    mac = parse_mac0([bytes.fromhex("a10105"), {}, None, DEVICE_MAC])
    verify_device_mac(mac, device_key, authentication, reader_key=reader, transcript=SESSION_TRANSCRIPT)
    other = device_authentication(SESSION_TRANSCRIPT, "another", encode({}))
    with pytest.raises(Rejected, match="wrong_holder"):
        verify_device_mac(mac, device_key, other, reader_key=reader, transcript=SESSION_TRANSCRIPT)


# OpenID4VP 1.0 appendix B.2.6: one encryption key and one nonce in both examples
ENCRYPTION_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "DxiH5Q4Yx3UrukE2lWCErq8N8bqC9CHLLrAwLz5BmE0",
    "y": "XtLM4-3h5o3HUH0MHVJV0kyq0iBlrBwlh8qEDMZ4-Pc",
    "use": "enc",
    "alg": "ECDH-ES",
    "kid": "1",
}
NONCE = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA"
THUMBPRINT = bytes.fromhex("4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047")


def test_openid4vp_thumbprint() -> None:
    assert b64url_decode(thumbprint(ENCRYPTION_KEY)) == THUMBPRINT


def test_openid4vp_by_redirects() -> None:
    """B.2.6.1."""
    found = redirect_transcript("x509_san_dns:example.com", NONCE, THUMBPRINT, "https://example.com/response")
    assert found.hex() == (
        "83f6f682714f70656e494434565048616e646f7665725820048bc053c00442af9b8eed494cefdd9d95240d254b046b11b68013722aad38ac"
    )


def test_openid4vp_through_the_digital_credentials_api() -> None:
    """B.2.6.2."""
    found = dc_api_transcript("https://example.com", NONCE, THUMBPRINT)
    assert found.hex() == (
        "83f6f682764f70656e4944345650444341504948616e646f7665725820"
        "fbece366f4212f9762c74cfdbf83b8c69e371d5d68cea09cb4c48ca6daab761a"
    )


def test_answers_that_are_not_encrypted_have_null_for_a_thumbprint() -> None:
    import hashlib

    info = bytes.fromhex("83") + b"\x73https://example.com" + b"\x61n" + b"\xf6"
    assert dc_api_transcript("https://example.com", "n", None)[-32:] == hashlib.sha256(info).digest()
    info = bytes.fromhex("84") + b"\x61c" + b"\x61n" + b"\xf6" + b"\x61r"
    assert redirect_transcript("c", "n", None, "r")[-32:] == hashlib.sha256(info).digest()


def test_annex_b_of_18013_7() -> None:
    """[null, null, [SHA-256([client_id, wallet nonce]), SHA-256([response_uri, wallet nonce]), nonce]]."""
    import hashlib

    hashes = [hashlib.sha256(b"\x82" + text + b"\x61w").digest() for text in (b"\x61c", b"\x61r")]
    expected = b"\x83\xf6\xf6\x83" + b"".join(b"\x58\x20" + one for one in hashes) + b"\x61n"
    assert annex_b_transcript("c", "r", "n", "w") == expected
    assert base64.b16encode(expected)[:8] == b"83F6F683"
