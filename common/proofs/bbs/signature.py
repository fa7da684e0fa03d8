"""Sign and Verify (BBS draft §3.5.1, §3.5.2). A signature is a point of G1 and a scalar: 80 bytes."""

from __future__ import annotations

from collections.abc import Sequence

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from common.errors import Malformed, Rejected
from common.keys.bls import POINT_BYTES, BbsSigner, parse_g1_point, parse_public_key
from common.proofs.bbs.ciphersuite import (
    H2S_DST,
    P1,
    SCALAR_BYTES,
    calculate_domain,
    create_generators,
    messages_to_scalars,
    parse_scalars,
)

SIGNATURE_BYTES = POINT_BYTES + SCALAR_BYTES
ONE = Scalar(1)
_BP2 = G2Point()


def sign(signer: BbsSigner, header: bytes, messages: Sequence[bytes]) -> bytes:
    """80 bytes, always the same for the same input. header: always revealed. Raises Malformed for too many messages."""
    scalars = messages_to_scalars(messages)
    point, domain = commit(signer.public_bytes, header, scalars)
    transcript = b"".join(scalar.to_be_bytes() for scalar in (*scalars, domain))
    return signer.sign_point(point, transcript, H2S_DST)


def verify(public_key: bytes, signature: bytes, header: bytes, messages: Sequence[bytes]) -> None:
    """Raises Rejected("bad_signature"), Malformed for what is no signature or no public key. public_key: 96 bytes."""
    parsed = parse_signature(signature)
    point, _ = commit(public_key, header, messages_to_scalars(messages))
    check_signature(public_key, parsed, point)


def check_signature(public_key: bytes, signature: tuple[G1Point, Scalar], point: G1Point) -> None:
    """Raises as ``verify``. point: what is signed, from ``commit``."""
    a, e = signature
    # h(A, W) · h(A·e − B, BP2) = 1 in the group
    if not GT.pairing_check([a, a * e - point], [parse_public_key(public_key), _BP2]):
        raise Rejected("bad_signature", "the BBS signature does not belong to these messages and this key")


def commit(public_key: bytes, header: bytes, scalars: Sequence[Scalar]) -> tuple[G1Point, Scalar]:
    """B = P1 + Q_1·domain + H_1·msg_1 + … and the domain (§3.6.1, steps 1 and 3)."""
    points, encoded = create_generators(len(scalars) + 1)
    domain = calculate_domain(public_key, encoded, header)
    return G1Point.multiexp_unchecked([P1, *points], [ONE, domain, *scalars]), domain


def parse_signature(signature: bytes) -> tuple[G1Point, Scalar]:
    """80 bytes → (A, e), in their groups, neither of them neutral (§4.2.4.3). Raises Malformed."""
    if len(signature) != SIGNATURE_BYTES:
        raise Malformed("bad_bbs_signature", f"a BBS signature has {SIGNATURE_BYTES} bytes")
    return parse_g1_point(signature[:POINT_BYTES]), parse_scalars(signature[POINT_BYTES:])[0]
