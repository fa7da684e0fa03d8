"""Every stage of BBS against the values that the draft states. Its invalid cases are made by changing what the valid ones were given."""

from __future__ import annotations

import pytest
from py_arkworks_bls12381 import Scalar

from common.errors import Malformed, Rejected
from common.keys.bls import BbsKey
from common.keys.expand_message import expand_message_xmd, hash_to_scalar
from common.proofs.bbs import generate_proof, sign, verify, verify_proof
from common.proofs.bbs.ciphersuite import API_ID, H2S_DST, P1, create_generators, messages_to_scalars
from common.proofs.bbs.signature import commit
from tests.common.proofs.bbs import draft_values as draft

KEY = BbsKey(bytes.fromhex(draft.SECRET_KEY))
PUBLIC = bytes.fromhex(draft.PUBLIC_KEY)
HEADER = bytes.fromhex(draft.HEADER)
PH = bytes.fromhex(draft.PRESENTATION_HEADER)
MESSAGES = [bytes.fromhex(message) for message in draft.MESSAGES]
OF_ONE = bytes.fromhex(draft.SIGNATURE_OF_ONE)
OF_TEN = bytes.fromhex(draft.SIGNATURE_OF_TEN)


def mocked(count: int) -> list[Scalar]:
    """§8.1, seeded_random_scalars."""
    stream = expand_message_xmd(bytes.fromhex(draft.SEED), API_ID + b"MOCK_RANDOM_SCALARS_DST_", 48 * count)
    return [Scalar.from_be_bytes_mod_order(stream[48 * i : 48 * i + 48]) for i in range(count)]


def test_a_key_follows_from_its_material() -> None:
    key = BbsKey.from_key_material(bytes.fromhex(draft.KEY_MATERIAL), bytes.fromhex(draft.KEY_INFO))
    assert key.private_bytes().hex() == draft.SECRET_KEY
    assert key.public_bytes == PUBLIC


def test_hashing_to_a_scalar() -> None:
    assert hash_to_scalar(bytes.fromhex(draft.HASHED_MESSAGE), H2S_DST).to_be_bytes().hex() == draft.HASHED_SCALAR
    assert tuple(s.to_be_bytes().hex() for s in messages_to_scalars(MESSAGES)) == draft.MESSAGE_SCALARS
    assert tuple(s.to_be_bytes().hex() for s in mocked(10)) == draft.MOCKED_SCALARS


def test_generators() -> None:
    assert P1.to_compressed_bytes().hex() == draft.P1
    points, encoded = create_generators(11)
    assert tuple(point.to_compressed_bytes().hex() for point in points) == draft.GENERATORS
    assert encoded.hex() == "".join(draft.GENERATORS)
    fewer, encoded_fewer = create_generators(3)
    assert fewer == points[:3]
    assert encoded_fewer == encoded[: 3 * 48]


@pytest.mark.parametrize(
    ("header", "messages", "signature"),
    [
        (HEADER, MESSAGES[:1], draft.SIGNATURE_OF_ONE),
        (HEADER, MESSAGES, draft.SIGNATURE_OF_TEN),
        (b"", MESSAGES, draft.SIGNATURE_WITHOUT_HEADER),
    ],
)
def test_signatures(header: bytes, messages: list[bytes], signature: str) -> None:
    assert sign(KEY, header, messages).hex() == signature
    verify(PUBLIC, bytes.fromhex(signature), header, messages)


@pytest.mark.parametrize(
    ("count", "b", "domain"),
    [(1, draft.B_OF_ONE, draft.DOMAIN_OF_ONE), (10, draft.B_OF_TEN, draft.DOMAIN_OF_TEN)],
)
def test_what_is_signed(count: int, b: str, domain: str) -> None:
    point, scalar = commit(PUBLIC, HEADER, messages_to_scalars(MESSAGES[:count]))
    assert point.to_compressed_bytes().hex() == b
    assert scalar.to_be_bytes().hex() == domain


OTHER_KEY = BbsKey.from_key_material(bytes(32)).public_bytes


@pytest.mark.parametrize(
    ("public", "header", "messages"),
    [
        (PUBLIC, HEADER, [MESSAGES[1]]),
        (PUBLIC, HEADER, MESSAGES[:2]),
        (PUBLIC, HEADER, []),
        (OTHER_KEY, HEADER, MESSAGES[:1]),
        (PUBLIC, b"", MESSAGES[:1]),
    ],
    ids=["modified message", "extra message", "missing message", "wrong key", "wrong header"],
)
def test_signatures_of_something_else(public: bytes, header: bytes, messages: list[bytes]) -> None:
    with pytest.raises(Rejected, match="bad_signature"):
        verify(public, OF_ONE, header, messages)


def test_a_signature_holds_the_order_of_messages() -> None:
    with pytest.raises(Rejected, match="bad_signature"):
        verify(PUBLIC, OF_TEN, HEADER, MESSAGES[::-1])


PROOFS = [
    (OF_ONE, MESSAGES[:1], [0], draft.PROOF_OF_ONE),
    (OF_TEN, MESSAGES, list(range(10)), draft.PROOF_OF_TEN_ALL_SHOWN),
    (OF_TEN, MESSAGES, [0, 2, 4, 6], draft.PROOF_OF_TEN_SOME_SHOWN),
]


@pytest.mark.parametrize(("signature", "messages", "shown", "proof"), PROOFS)
def test_proofs(signature: bytes, messages: list[bytes], shown: list[int], proof: str) -> None:
    made = generate_proof(PUBLIC, signature, HEADER, PH, messages, shown, randomness=mocked)
    assert made.hex() == proof
    verify_proof(PUBLIC, made, HEADER, PH, [messages[i] for i in shown], shown)


def test_two_proofs_share_no_bytes() -> None:
    first, second = (generate_proof(PUBLIC, OF_TEN, HEADER, PH, MESSAGES, [0]) for _ in range(2))
    assert first != second
    assert not {first[i : i + 32] for i in range(0, len(first), 16)} & {
        second[i : i + 32] for i in range(0, len(second), 16)
    }


SOME = bytes.fromhex(draft.PROOF_OF_TEN_SOME_SHOWN)
SHOWN = [MESSAGES[i] for i in (0, 2, 4, 6)]


@pytest.mark.parametrize(
    ("public", "header", "ph", "messages", "indexes"),
    [
        (OTHER_KEY, HEADER, PH, SHOWN, [0, 2, 4, 6]),
        (PUBLIC, b"", PH, SHOWN, [0, 2, 4, 6]),
        (PUBLIC, HEADER, b"", SHOWN, [0, 2, 4, 6]),
        (PUBLIC, HEADER, PH, [MESSAGES[1], *SHOWN[1:]], [0, 2, 4, 6]),
        (PUBLIC, HEADER, PH, SHOWN[::-1], [0, 2, 4, 6]),
        (PUBLIC, HEADER, PH, SHOWN, [0, 2, 4, 7]),
        (PUBLIC, HEADER, PH, SHOWN[:3], [0, 2, 4]),
    ],
    ids=["wrong key", "wrong header", "wrong presentation", "other message", "other order", "other index", "fewer"],
)
def test_proofs_of_something_else(
    public: bytes, header: bytes, ph: bytes, messages: list[bytes], indexes: list[int]
) -> None:
    with pytest.raises(Rejected, match="bad_signature"):
        verify_proof(public, SOME, header, ph, messages, indexes)


@pytest.mark.parametrize("indexes", [[0, 2, 2, 6], [2, 0, 4, 6], [0, 2, 4, 10], [-1, 2, 4, 6], [0, 2, 4]])
def test_indexes_ascend_and_name_messages(indexes: list[int]) -> None:
    with pytest.raises(Malformed, match="bad_bbs_indexes"):
        verify_proof(PUBLIC, SOME, HEADER, PH, SHOWN, indexes)
    if len(indexes) == 4:
        with pytest.raises(Malformed, match="bad_bbs_indexes"):
            generate_proof(PUBLIC, OF_TEN, HEADER, PH, MESSAGES, indexes)


def test_no_proof_of_a_bad_signature_is_made() -> None:
    with pytest.raises(Rejected, match="bad_signature"):
        generate_proof(PUBLIC, OF_TEN, HEADER, PH, MESSAGES[::-1], [0])


def test_signatures_have_one_length_and_parts_inside_their_groups() -> None:
    order = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
    identity = b"\xc0" + bytes(47)
    for broken in (
        OF_ONE[:-1],
        OF_ONE + b"\0",
        identity + OF_ONE[48:],
        OF_ONE[:48] + bytes(32),
        OF_ONE[:48] + order.to_bytes(32, "big"),
        OF_ONE[:48] + (int.from_bytes(OF_ONE[48:], "big") + order).to_bytes(32, "big"),
        bytes([OF_ONE[0] | 0x40]) + OF_ONE[1:],
        bytes([OF_ONE[0] & 0x7F]) + OF_ONE[1:],
    ):
        with pytest.raises(Malformed):
            verify(PUBLIC, broken, HEADER, MESSAGES[:1])


@pytest.mark.parametrize(
    "broken", [bytes(96), b"\xc0" + bytes(95), PUBLIC[:-1], bytes([PUBLIC[0] | 0x40]) + PUBLIC[1:]]
)
def test_public_keys_are_points_of_g2(broken: bytes) -> None:
    with pytest.raises(Malformed, match="bad_bls_key"):
        verify(broken, OF_ONE, HEADER, MESSAGES[:1])


def test_the_number_of_messages_is_bounded() -> None:
    with pytest.raises(Malformed, match="too_many_messages"):
        sign(KEY, b"", [b""] * 1001)
    with pytest.raises(Malformed, match="bad_bbs_proof"):
        verify_proof(PUBLIC, SOME + SOME[-32:] * 1000, HEADER, PH, SHOWN, [0, 2, 4, 6])
    with pytest.raises(Malformed, match="too_many_messages"):
        verify_proof(PUBLIC, SOME, HEADER, PH, [b""] * 1000, list(range(1000)))
