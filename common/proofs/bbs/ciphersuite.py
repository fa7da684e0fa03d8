"""The ciphersuite BLS12-381-SHA-256 and the interface ``H2G_HM2S_`` (BBS draft §7.2.2, §3.5): tags, lengths, generators, the domain."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from py_arkworks_bls12381 import G1Point, Scalar

from common.errors import Malformed
from common.keys.bls import POINT_BYTES
from common.keys.expand_message import SCALAR_EXPANSION, expand_message_xmd, hash_to_scalar

SCALAR_BYTES = 32
MAX_MESSAGES = 1000
"""Messages that one signature may cover: a bound on the work and memory that strangers can ask for (about a third of a second, once)."""

API_ID = b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_"
H2S_DST = API_ID + b"H2S_"
_MAP_DST = API_ID + b"MAP_MSG_TO_SCALAR_AS_HASH_"
_SEED_DST = API_ID + b"SIG_GENERATOR_SEED_"
_GENERATOR_DST = API_ID + b"SIG_GENERATOR_DST_"


def _i2osp(number: int) -> bytes:
    return number.to_bytes(8, "big")


class _Generators:
    """The chain of generators that follows from one seed (§4.1.1), made as far as somebody needed it. Bounded by `MAX_MESSAGES`."""

    def __init__(self, seed: bytes) -> None:
        self._state = expand_message_xmd(seed, _SEED_DST, SCALAR_EXPANSION)
        self._points: list[G1Point] = []
        self._encoded = b""
        self._lock = Lock()

    def first(self, count: int) -> tuple[list[G1Point], bytes]:
        """The first ``count`` points, and their compressed encodings one after the other."""
        if len(self._points) < count:
            with self._lock:
                self._extend(count)
        return self._points[:count], self._encoded[: count * POINT_BYTES]

    def _extend(self, count: int) -> None:
        made: list[bytes] = []
        while len(self._points) < count:
            number = len(self._points) + 1
            self._state = expand_message_xmd(self._state + _i2osp(number), _SEED_DST, SCALAR_EXPANSION)
            point = G1Point.hash_to_curve(self._state, _GENERATOR_DST)
            made.append(point.to_compressed_bytes())
            # Readers take no lock: they look at the number of points, so the encodings must be there first.
            self._encoded += made[-1]
            self._points.append(point)


_message_generators = _Generators(API_ID + b"MESSAGE_GENERATOR_SEED")
P1 = _Generators(API_ID + b"BP_MESSAGE_GENERATOR_SEED").first(1)[0][0]
"""The fixed point of G1 (§7.2)."""


def create_generators(count: int) -> tuple[list[G1Point], bytes]:
    """(Q_1, H_1, …), ``count`` points in all, and their encodings joined. Raises Malformed beyond `MAX_MESSAGES`."""
    if not 1 <= count <= MAX_MESSAGES + 1:
        raise Malformed("too_many_messages", f"a BBS signature here covers at most {MAX_MESSAGES} messages")
    return _message_generators.first(count)


def messages_to_scalars(messages: Sequence[bytes]) -> list[Scalar]:
    """§4.1.2."""
    return [hash_to_scalar(message, _MAP_DST) for message in messages]


def calculate_domain(public_key: bytes, encoded_generators: bytes, header: bytes) -> Scalar:
    """What binds a signature to key, generators and header (§4.2.3). encoded_generators: Q_1 ‖ H_1 ‖ … ‖ H_L."""
    messages = len(encoded_generators) // POINT_BYTES - 1
    return hash_to_scalar(
        public_key + _i2osp(messages) + encoded_generators + API_ID + _i2osp(len(header)) + header, H2S_DST
    )


def parse_scalars(data: bytes) -> list[Scalar]:
    """Scalars of 32 bytes, one after the other, none of them zero (§4.2.4.5, step 14). Raises Malformed."""
    if len(data) % SCALAR_BYTES:
        raise Malformed("bad_bbs_scalar", "scalars have 32 bytes each")
    scalars = []
    for start in range(0, len(data), SCALAR_BYTES):
        try:
            scalar = Scalar.from_be_bytes(data[start : start + SCALAR_BYTES])
        except ValueError:
            raise Malformed("bad_bbs_scalar", "a scalar is not below the order of the group") from None
        if scalar.is_zero():
            raise Malformed("bad_bbs_scalar", "a scalar is zero")
        scalars.append(scalar)
    return scalars
