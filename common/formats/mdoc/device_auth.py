"""What the holder's device signs: the session transcript, the docType, and data elements of its own. ISO/IEC 18013-5 §9.1.3.

By signature (§9.1.3.6), or by a MAC under a key that the device's and the reader's key agree on (§9.1.3.5).
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from common.cbor import embed, encode_array, encode_text
from common.cose.mac0 import ParsedMac0, create_mac0, verify_mac0
from common.cose.sign1 import ParsedSign1, sign_sign1, verify_sign1
from common.errors import Rejected
from common.jose.jwk import PublicKey
from common.ports import Signer

_NAME = b"\x74DeviceAuthentication"


def device_authentication(transcript: bytes, doc_type: str, namespaces: bytes) -> bytes:
    """DeviceAuthenticationBytes (§9.1.3.4). transcript: encoded. namespaces: DeviceNameSpaces as received, not embedded."""
    return embed(encode_array((_NAME, transcript, encode_text(doc_type), embed(namespaces))))


def sign_device_auth(authentication: bytes, holder: Signer) -> bytes:
    """DeviceSignature, encoded: a detached payload."""
    return sign_sign1(authentication, holder, detached=True)


def verify_device_signature(parsed: ParsedSign1, key: PublicKey, authentication: bytes) -> None:
    """Raises Rejected("wrong_holder" | "algorithm_not_allowed"), Malformed where a payload is attached.

    A signature for another request and one by another key cannot be told apart: both are not by the holder for us.
    """
    try:
        verify_sign1(parsed, key, payload=authentication)
    except Rejected as rejection:
        raise _for_another(rejection) from None


def derive_mac_key(
    private_key: ec.EllipticCurvePrivateKey, public_key: ec.EllipticCurvePublicKey, transcript: bytes
) -> bytes:
    """EMacKey (§9.1.3.5), the same from either side: 32 bytes. Raises Rejected("algorithm_not_allowed") for keys of two curves."""
    if private_key.curve.name != public_key.curve.name:
        raise Rejected("algorithm_not_allowed", "the device's and the reader's key are of different curves")
    shared = private_key.exchange(ec.ECDH(), public_key)
    salt = hashlib.sha256(embed(transcript)).digest()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"EMacKey").derive(shared)


def mac_device_auth(authentication: bytes, mac_key: bytes) -> bytes:
    """DeviceMac, encoded: a detached payload."""
    return create_mac0(authentication, mac_key, detached=True)


def verify_device_mac(
    parsed: ParsedMac0,
    key: PublicKey,
    authentication: bytes,
    *,
    reader_key: ec.EllipticCurvePrivateKey | None,
    transcript: bytes,
) -> None:
    """Raises Rejected("wrong_holder" | "algorithm_not_allowed"): the latter where the reader has no key to agree with."""
    if reader_key is None or not isinstance(key.key, ec.EllipticCurvePublicKey):
        raise Rejected("algorithm_not_allowed", "a signature of the device is needed here, not a MAC")
    try:
        verify_mac0(parsed, derive_mac_key(reader_key, key.key, transcript), payload=authentication)
    except Rejected as rejection:
        raise _for_another(rejection) from None


def _for_another(rejection: Rejected) -> Rejected:
    if rejection.reason != "bad_signature":
        return rejection
    return Rejected("wrong_holder", "not authenticated by the holder's device for this request")
