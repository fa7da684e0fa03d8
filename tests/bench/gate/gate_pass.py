"""A gate pass: how long it is, how dense its QR code, and what reading and proving one costs beside its two signatures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import cast

import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec

from common.cbor import encode
from common.cose.sign1 import to_be_signed
from common.formats.gate_pass.build import build_pass_proof, build_pass_token, write_pass_text
from common.formats.gate_pass.labels import aad_of
from common.formats.gate_pass.parse import parse_gate_pass, parse_pass_bytes
from common.formats.gate_pass.verify import issuer_key, verify_gate_pass
from common.jose.jwk import CURVES, ecdsa_to_der
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.bench.figure import Figure, ratio

BYTES_BOUND, VERSION_BOUND, VERIFY_BOUND = 256, 12, 1.8
EVENT = "hanabi-2026-x7k2"
BEGINS, ENDS, NOW = 1_785_000_000, 1_785_100_000, 1_785_050_000
LAST_INDEX = (1 << 32) - 1
_SCHEME = CURVES["P-256"].scheme


class Organiser:
    """One event's issuer, whose key every gate has read long ago."""

    def __init__(self) -> None:
        self.signer = SoftwareKey.generate()
        self.point = compress(self.signer.public_jwk())
        self.keys = (issuer_key(self.point, not_before=0, not_after=ENDS),)
        self.public = cast(ec.EllipticCurvePrivateKey, self.signer.private_key()).public_key()

    def sell(self, holder: SoftwareKey, *, index: int = 123_456, cnonce: bytes | None = None) -> bytes:
        token = build_pass_token(
            event=EVENT,
            klass=200,
            index=index,
            flags=255,
            cti=os.urandom(8),
            exp=ENDS,
            nbf=BEGINS,
            holder=compress(holder.public_jwk()),
            signer=self.signer,
        )
        return build_pass_proof(token, event=EVENT, iat=NOW, signer=holder, cnonce=cnonce)


@dataclass(frozen=True, slots=True)
class _Case:
    text: str
    signatures: tuple[tuple[ec.EllipticCurvePublicKey, bytes, bytes], ...]


def _make_case(organiser: Organiser) -> _Case:
    """A ticket of a new holder, who shows it for the first time."""
    holder = SoftwareKey.generate()
    data = organiser.sell(holder)
    parsed = parse_pass_bytes(data)
    assert parsed.protected is not None
    assert parsed.payload is not None
    assert parsed.signature is not None
    aad = aad_of(EVENT)
    public = cast(ec.EllipticCurvePrivateKey, holder.private_key()).public_key()
    issued = to_be_signed(encode({1: -7, 4: parsed.token.kid}), parsed.token.payload, aad)
    shown = to_be_signed(parsed.protected, parsed.payload, aad)
    return _Case(
        write_pass_text(data),
        (
            (organiser.public, ecdsa_to_der(parsed.token.signature, 32), issued),
            (public, ecdsa_to_der(parsed.signature, 32), shown),
        ),
    )


def _version(text: str) -> int:
    """ISO/IEC 18004 §6.3.1: version n has 17 + 4 n modules a side."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return (int(code.to_image(scale=1, add_quiet_zones=False).shape[0]) - 17) // 4


def measure() -> list[Figure]:
    organiser = Organiser()

    def verify(case: _Case) -> None:
        verify_gate_pass(parse_gate_pass(case.text), event=EVENT, issuer_keys=organiser.keys, now=NOW)

    def raw_verify(case: _Case) -> None:
        for key, signature, data in case.signatures:
            key.verify(signature, data, _SCHEME)

    largest = organiser.sell(SoftwareKey.generate(), index=LAST_INDEX, cnonce=b"\xff\xff")
    usual = organiser.sell(SoftwareKey.generate())
    versions = {_version(write_pass_text(organiser.sell(SoftwareKey.generate(), index=LAST_INDEX))) for _ in range(50)}
    version = max(*versions, _version(write_pass_text(largest)))
    verified = ratio(verify, raw_verify, lambda: _make_case(organiser))
    return [
        Figure(
            name="gate pass: bytes in the QR code, every field at its largest",
            value=len(largest),
            unit="bytes",
            bound=BYTES_BOUND,
            ok=len(largest) <= BYTES_BOUND,
            note=f"times of this century, an answer to a challenge; without one, as nearly always, {len(usual)}",
        ),
        Figure(
            name="gate pass: version of the QR code at level M",
            value=version,
            unit="",
            bound=VERSION_BOUND,
            ok=version <= VERSION_BOUND,
            note="alphanumeric mode, the largest of 51",
        ),
        Figure(
            name="gate pass verify, from the text: issuer, holder",
            value=round(verified, 3),
            unit="× two raw P-256 verifications",
            bound=VERIFY_BOUND,
            ok=verified <= VERIFY_BOUND,
            note="least times of 20 interleaved rounds of 50 fresh tickets of new holders; the issuer's key is known",
        ),
    ]
