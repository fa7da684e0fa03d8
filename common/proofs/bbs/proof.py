"""ProofGen and ProofVerify (BBS draft §3.5.3, §3.5.4): knowledge of a signature, some of whose messages are shown.

Two proofs of one signature cannot be told from proofs of two signatures. Names in formulas are the draft's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from common.errors import Malformed, Rejected
from common.keys.bls import POINT_BYTES, parse_g1_point, parse_public_key
from common.keys.expand_message import SCALAR_EXPANSION, hash_to_scalar
from common.proofs.bbs.ciphersuite import (
    H2S_DST,
    MAX_MESSAGES,
    P1,
    SCALAR_BYTES,
    calculate_domain,
    create_generators,
    messages_to_scalars,
    parse_scalars,
)
from common.proofs.bbs.signature import check_signature, commit, parse_signature

MIN_PROOF_BYTES = 3 * POINT_BYTES + 4 * SCALAR_BYTES
MAX_PROOF_BYTES = MIN_PROOF_BYTES + MAX_MESSAGES * SCALAR_BYTES
_MINUS_BP2 = -G2Point()


@dataclass(frozen=True, slots=True)
class _Commitments:
    """What prover and verifier both reach, and hash to the challenge (§3.7.4)."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    t1: G1Point
    t2: G1Point
    domain: Scalar


def random_scalars(count: int) -> list[Scalar]:
    """Uniform and independent, from the operating system (§4.2.1)."""
    return [Scalar.from_be_bytes_mod_order(secrets.token_bytes(SCALAR_EXPANSION)) for _ in range(count)]


def generate_proof(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[bytes],
    disclosed: Sequence[int],
    *,
    randomness: Callable[[int], list[Scalar]] = random_scalars,
) -> bytes:
    """A proof that the signature covers header and messages, showing those at the indexes ``disclosed`` (ascending, from 0).

    presentation_header: bound to this proof only. randomness: for the draft's vectors; anything but fresh secret scalars gives away what
    is hidden. The signature is checked first: a proof of a bad one would only fail later, at the verifier's.
    Raises Rejected("bad_signature"), Malformed.
    """
    _check_indexes(disclosed, len(messages))
    a, e = parse_signature(signature)
    scalars = messages_to_scalars(messages)
    b, domain = commit(public_key, header, scalars)
    check_signature(public_key, (a, e), b)
    hidden = sorted(set(range(len(scalars))).difference(disclosed))
    r1, r2, e_tilde, r1_tilde, r3_tilde, *m_tilde = randomness(5 + len(hidden))
    generators, _ = create_generators(len(scalars) + 1)
    d = b * r2
    a_bar = a * (r1 * r2)
    b_bar = d * r1 - a_bar * e
    t1 = G1Point.multiexp_unchecked([a_bar, d], [e_tilde, r1_tilde])
    t2 = G1Point.multiexp_unchecked([d, *(generators[1 + index] for index in hidden)], [r3_tilde, *m_tilde])
    shown = [(index, scalars[index]) for index in disclosed]
    c = _challenge(_Commitments(a_bar, b_bar, d, t1, t2, domain), shown, presentation_header)
    responses = [e_tilde + e * c, r1_tilde - r1 * c, r3_tilde - r2.inverse() * c]
    responses += [blind + scalars[index] * c for blind, index in zip(m_tilde, hidden, strict=True)]
    points = b"".join(point.to_compressed_bytes() for point in (a_bar, b_bar, d))
    return points + b"".join(scalar.to_be_bytes() for scalar in (*responses, c))


def verify_proof(
    public_key: bytes,
    proof: bytes,
    header: bytes,
    presentation_header: bytes,
    disclosed_messages: Sequence[bytes],
    disclosed: Sequence[int],
) -> None:
    """Raises Rejected("bad_signature"), Malformed for what is no proof, no key, or no ascending list of indexes.

    disclosed_messages: those shown, in the order of their indexes ``disclosed``.
    """
    a_bar, b_bar, d, (e_hat, r1_hat, r3_hat, *m_hat, c) = _parse_proof(proof)
    w = parse_public_key(public_key)
    total = len(disclosed) + len(m_hat)
    if len(disclosed_messages) != len(disclosed):
        raise Malformed("bad_bbs_indexes", "as many messages as indexes are disclosed")
    _check_indexes(disclosed, total)
    generators, encoded = create_generators(total + 1)
    domain = calculate_domain(public_key, encoded, header)
    scalars = messages_to_scalars(disclosed_messages)
    shown = list(zip(disclosed, scalars, strict=True))
    exponents: list[Scalar | None] = [None] * total
    for index, scalar in shown:
        exponents[index] = scalar * c
    rest = iter(m_hat)
    t1 = G1Point.multiexp_unchecked([b_bar, a_bar, d], [c, e_hat, r1_hat])
    # T2 = Bv·c + D·r3^ + Σ H_j·m^_j, with Bv = P1 + Q_1·domain + Σ H_i·msg_i, as one sum over all generators
    t2 = G1Point.multiexp_unchecked(
        [P1, d, *generators],
        [c, r3_hat, domain * c, *(next(rest) if exponent is None else exponent for exponent in exponents)],
    )
    if _challenge(_Commitments(a_bar, b_bar, d, t1, t2, domain), shown, presentation_header) != c:
        raise Rejected("bad_signature", "the BBS proof does not belong to these messages, header and key")
    if not GT.pairing_check([a_bar, b_bar], [w, _MINUS_BP2]):
        raise Rejected("bad_signature", "the BBS proof was not made from a signature of this key")


def _challenge(made: _Commitments, shown: Sequence[tuple[int, Scalar]], presentation_header: bytes) -> Scalar:
    parts = [len(shown).to_bytes(8, "big")]
    for index, scalar in shown:
        parts += (index.to_bytes(8, "big"), scalar.to_be_bytes())
    parts += [point.to_compressed_bytes() for point in (made.a_bar, made.b_bar, made.d, made.t1, made.t2)]
    parts += (made.domain.to_be_bytes(), len(presentation_header).to_bytes(8, "big"), presentation_header)
    return hash_to_scalar(b"".join(parts), H2S_DST)


def _parse_proof(proof: bytes) -> tuple[G1Point, G1Point, G1Point, list[Scalar]]:
    if not MIN_PROOF_BYTES <= len(proof) <= MAX_PROOF_BYTES:
        raise Malformed("bad_bbs_proof", "too short or too long for a BBS proof")
    a_bar, b_bar, d = (parse_g1_point(proof[start : start + POINT_BYTES]) for start in range(0, 3 * POINT_BYTES, 48))
    return a_bar, b_bar, d, parse_scalars(proof[3 * POINT_BYTES :])


def _check_indexes(indexes: Sequence[int], total: int) -> None:
    previous = -1
    for index in indexes:
        if not previous < index < total:
            raise Malformed("bad_bbs_indexes", "disclosed indexes ascend, and each names a message")
        previous = index
