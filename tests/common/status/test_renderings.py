"""One table in all its renderings: each is read back with the other side's own functions, and they all say the same."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import parse_json_object
from common.errors import TegataError, Unsupported
from common.formats.credential import IssuerKeyHint, StatusReference
from common.jose.jwk import PublicKey, parse_public_jwk
from common.keys.software import SoftwareKey
from common.status.bits import StatusList
from common.status.bitstring_status_list import PURPOSES, VerifiedBitstringList
from common.status.contract import REFRESH, REVOKED, SUSPENDED, ListIssuer, ListTimes, StatusTable
from common.status.read_list import verify_bitstring_answer, verify_token_answer
from common.status.registry import RENDERINGS, renderings_of
from common.status.renderings import MESSAGES, pack_purpose, pack_states

NOW = 1_790_000_000
URI, DID = "https://issuer.example/sakuragawa/status/1", "did:web:issuer.example:sakuragawa"
KEYS = {alg: SoftwareKey.generate(alg=alg, kid="k1") for alg in ("ES256", "ES384", "EdDSA")}
TABLE = StatusTable(
    size=1000,
    values={3: REVOKED, 5: SUSPENDED, 8: REVOKED | REFRESH, 9: REFRESH, 10: SUSPENDED | REFRESH, 11: 0},
    version=7,
    changed_at=NOW,
)
BITSTRINGS = [one.name for one in renderings_of("bitstring")]
TOKENS = [one.name for one in renderings_of("token_status_list")]


def render(name: str, *, purpose: str = "", alg: str = "ES256", table: StatusTable = TABLE) -> bytes:
    return RENDERINGS[name].render(
        table,
        uri=URI,
        purpose=purpose,
        issuer=ListIssuer(id=DID, key_id=f"{DID}#k1", signer=KEYS[alg]),
        times=ListTimes(issued_at=NOW, expires_at=NOW + 600, ttl=60),
        aggregation_uri="https://issuer.example/sakuragawa/status",
    )


def key_of(alg: str) -> Any:
    def find(hint: IssuerKeyHint) -> PublicKey:
        assert (hint.iss, hint.kid, hint.alg) == (DID, f"{DID}#k1", alg)
        return parse_public_jwk(KEYS[alg].public_jwk())

    return find


def read_bitstring(name: str, purpose: str, *, alg: str = "ES256", **more: Any) -> VerifiedBitstringList:
    body = render(name, purpose=purpose, alg=alg, **more)
    return verify_bitstring_answer(body, key_of(alg), uri=URI, issuer=DID, now=NOW + 5)


def reference(index: int, purpose: str) -> StatusReference:
    messages = MESSAGES if purpose == "message" else ()
    return StatusReference(uri=URI, index=index, purpose=purpose, size=2 if messages else 1, messages=messages)


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("alg", KEYS)
def test_tokens_say_the_state(name: str, alg: str) -> None:
    found = verify_token_answer(render(name, alg=alg), key_of(alg), uri=URI, issuer=DID, now=NOW + 5)
    assert {index: found.get(index) for index in (3, 4, 5, 8, 9, 10, 11)} == {
        3: 1,
        4: 0,
        5: 2,
        8: 1,
        9: 0,
        10: 2,
        11: 0,
    }
    assert (found.version, found.aggregation_uri) == (7, "https://issuer.example/sakuragawa/status")


@pytest.mark.parametrize("name", BITSTRINGS)
@pytest.mark.parametrize("alg", KEYS)
def test_bitstrings_say_their_purpose(name: str, alg: str) -> None:
    said = {
        purpose: {index: value for index in range(20) if (value := found.get(reference(index, purpose)))}
        for purpose in PURPOSES
        for found in (read_bitstring(name, purpose, alg=alg),)
    }
    assert said == {
        "revocation": {3: 1, 8: 1},
        "suspension": {5: 1, 10: 1},
        "message": {3: 1, 5: 2, 8: 1, 10: 2},
        "refresh": {8: 1, 9: 1, 10: 1},
    }


def test_an_entry_has_one_bit_unless_something_is_suspended() -> None:
    revoked = StatusTable(size=104, values={1: REVOKED}, version=1, changed_at=NOW)
    assert pack_states(revoked).bits == 1
    assert pack_states(TABLE).bits == 2
    assert pack_states(revoked, bits=2).to_bytes() == pack_states(revoked).widened(2).to_bytes()


def test_the_proof_is_of_the_suite_that_the_key_can() -> None:
    suites = {
        alg: parse_json_object(render("bitstring_data_integrity", purpose="revocation", alg=alg))["proof"][
            "cryptosuite"
        ]
        for alg in KEYS
    }
    assert suites == {"ES256": "ecdsa-rdfc-2019", "ES384": "ecdsa-rdfc-2019", "EdDSA": "eddsa-rdfc-2022"}


def test_a_list_that_does_not_change_does_not_change_its_bytes() -> None:
    """With Ed25519, whose signatures are a function of the text, not even the proof changes."""
    for name in RENDERINGS.names:
        purpose = "revocation" if name in BITSTRINGS else ""
        assert render(name, purpose=purpose, alg="EdDSA") == render(name, purpose=purpose, alg="EdDSA")


def test_what_is_not_served() -> None:
    with pytest.raises(Unsupported):
        pack_purpose(TABLE, "colour")
    with pytest.raises(Unsupported):
        RENDERINGS["bitstring_data_integrity"].render(
            TABLE,
            uri=URI,
            purpose="revocation",
            issuer=ListIssuer(id=DID, key_id="k", signer=SoftwareKey.generate(alg="ES512")),
            times=ListTimes(issued_at=NOW, expires_at=NOW + 1, ttl=1),
        )


def test_a_registry_that_names_what_it_knows() -> None:
    assert RENDERINGS.names == (
        "token_status_list_jwt",
        "token_status_list_cwt",
        "bitstring_data_integrity",
        "bitstring_vc_jwt",
    )
    assert len({media_type for one in RENDERINGS for media_type in one.media_types}) == 6


@pytest.mark.parametrize("name", BITSTRINGS)
def test_any_byte_changed_is_refused(name: str) -> None:
    body = render(name, purpose="revocation", alg="EdDSA")
    believed = 0
    for place in range(0, len(body), 7):
        changed = body[:place] + bytes((body[place] ^ 1,)) + body[place + 1 :]
        try:
            verify_bitstring_answer(changed, key_of("EdDSA"), uri=URI, issuer=DID, now=NOW + 5)
        except (TegataError, AssertionError):  # the key search of this test is particular about its hint
            continue
        believed += 1
    assert believed == 0


def test_wide_lists_read_back() -> None:
    for bits, wider in ((1, 2), (1, 8), (2, 4), (4, 8), (2, 2)):
        made = StatusList.of_size(64, bits=bits, statuses={0: 1, 7: 1, 63: (1 << bits) - 1})
        assert [made.widened(wider)[index] for index in range(64)] == [made[index] for index in range(64)]
    with pytest.raises(ValueError, match="fewer"):
        StatusList.of_size(8, bits=2).widened(1)
