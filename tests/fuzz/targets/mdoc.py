"""mdocs, and the certificates that vouch for them and for others."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.serialization import Encoding

from common.cbor import Tagged, decode, encode
from common.cose.sign1 import sign_sign1
from common.encoding import b64url_decode, b64url_encode, compact_json, parse_json
from common.formats.credential import CredentialContent
from common.formats.mdoc import Mdoc
from common.formats.mdoc.claims import to_claim
from common.formats.mdoc.device_response import parse_device_response
from common.formats.mdoc.issuer_signed import decode_text, encode_issuer_signed, parse_issuer_signed
from common.formats.mdoc.mobile_security_object import parse_mso
from common.formats.mdoc.tdate import encode_tdate, parse_rfc3339, parse_tdate
from common.x509.iaca import IacaRoots, parse_signer
from common.x509.pem import parse_certificates
from common.x509.sandbox_ca import Use, issue_leaf
from common.x509.x5c import parse_x5c, verify_x5c
from tests.fuzz.cast import ADDRESS, AUDIENCE, CONTEXT, HOLDER, IACA, ISSUER, NONCE, NOW, PUBLIC, X5C, content
from tests.fuzz.target import of_bytes, of_cbor, of_text, reading

MDOC = Mdoc()
DOCTYPE = "com.example.enrolment"
CONTENT: CredentialContent = content(
    doctype=DOCTYPE, issuer=ADDRESS, claims={DOCTYPE: {"family_name": "髙橋", "portrait": b"\xff\xd8"}}
)
CREDENTIAL = MDOC.issue(CONTENT, ISSUER, x5c=X5C)
PRESENTATION = MDOC.present(
    CREDENTIAL, paths=None, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW, context=CONTEXT
)
WHOLE = MDOC.parse(CREDENTIAL)
MSO = WHOLE.issuer_auth.payload or b""
ROOTS = IacaRoots([IACA.certificate])
CERTIFICATE = base64.b64decode(X5C[0])
LEAF = issue_leaf(IACA, ISSUER.private_key().public_key(), name="Institution", use=Use.ISSUER, now=NOW, uris=(ADDRESS,))
IACA_DER = IACA.certificate.public_bytes(Encoding.DER)


def _credential(data: bytes) -> object:
    parsed = parse_issuer_signed(decode(data, any_keys=True))
    _ = parsed.issuer_key_hint
    return MDOC.verify(parsed, PUBLIC, now=NOW)


def _presentation(data: bytes) -> object:
    parsed = MDOC.parse_presentation(b64url_encode(data))
    ROOTS.verify(parsed.issuer_signed.x5chain, now=NOW)
    return MDOC.verify_presentation(parsed, PUBLIC, audience=AUDIENCE, nonce=NONCE, now=NOW, context=CONTEXT)


def _signed_mso(data: bytes) -> object:
    """Any MSO, signed by an issuer that is believed, without data elements."""
    auth = sign_sign1(data, ISSUER, unprotected={33: CERTIFICATE})
    return MDOC.verify(parse_issuer_signed(decode(encode_issuer_signed({}, auth))), PUBLIC, now=NOW)


def _chain(data: bytes) -> object:
    """A leaf of any bytes under a root of ours, alone and with another certificate."""
    return ROOTS.verify([data], now=NOW), ROOTS.verify([data, IACA_DER], now=NOW)


def _x5c(data: bytes) -> object:
    texts = parse_json(data)
    return parse_x5c(texts) and verify_x5c(texts, [IACA.certificate], now=NOW)


TARGETS = (
    of_text(decode_text, CREDENTIAL),
    of_cbor(parse_issuer_signed, b64url_decode(CREDENTIAL)),
    reading(Mdoc.verify, _credential, b64url_decode(CREDENTIAL)),
    of_text(parse_device_response, PRESENTATION),
    reading(Mdoc.verify_presentation, _presentation, b64url_decode(PRESENTATION)),
    of_bytes(parse_mso, MSO),
    reading(Mdoc.issue, _signed_mso, MSO),
    of_cbor(parse_tdate, encode_tdate(NOW)),
    of_text(parse_rfc3339, "2026-01-01T00:00:00Z"),
    of_cbor(to_claim, encode({"a": [Tagged(1004, "2026-01-01"), b"x", 1.5]})),
    of_bytes(parse_signer, CERTIFICATE),
    reading(IacaRoots.verify, _chain, CERTIFICATE),
    reading(parse_x5c, lambda data: parse_x5c(parse_json(data)), compact_json(list(X5C))),
    reading(verify_x5c, _x5c, compact_json(list(LEAF.x5c))),
    of_bytes(parse_certificates, IACA.pem),
)
