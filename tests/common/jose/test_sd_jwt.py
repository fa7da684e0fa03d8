"""SD-JWT: what goes in comes out, and each rejection of RFC 9901 §7 by name."""

from __future__ import annotations

from typing import Any

import pytest

from common.encoding import b64url_encode, compact_json
from common.errors import Malformed, Rejected
from common.jose.jwk import parse_public_jwk
from common.jose.jws import sign_jws
from common.jose.jwt import build_jwt
from common.jose.sd_jwt import (
    Disclosable,
    VerifiedSdJwt,
    issue_sd_jwt,
    parse_sd_jwt,
    verify_sd_jwt,
)
from common.jose.sd_jwt.disclosure import HASHES, digest_of
from common.keys.software import SoftwareKey

NOW = 1_790_000_000
ISSUER, HOLDER = SoftwareKey.generate(), SoftwareKey.generate()
ISSUER_KEY, HOLDER_KEY = parse_public_jwk(ISSUER.public_jwk()), parse_public_jwk(HOLDER.public_jwk())


def disclosure(*parts: Any) -> str:
    return b64url_encode(compact_json(list(parts)))


def digest(text: str, name: str = "sha-256") -> str:
    return digest_of(text, HASHES[name])


def verify(payload: dict[str, Any], *disclosures: str, **options: Any) -> VerifiedSdJwt:
    text = "~".join((build_jwt({"typ": "t"}, payload, ISSUER), *disclosures, ""))
    return verify_sd_jwt(parse_sd_jwt(text), ISSUER_KEY, typ="t", now=NOW, **options)


NAME = disclosure("salt-1", "name", "花子")
CITY = disclosure("salt-2", "city", "横浜")
ELEMENT = disclosure("salt-3", "JP")


def test_rfc_9901_section_4_2_digests() -> None:
    # §4.2.1 and §4.2.3: the example disclosure and its digest
    text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest(text) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    # §4.2.2, §4.2.4.2: an array element
    assert digest("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0") == "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"


def test_disclosures_find_their_places() -> None:
    inner = disclosure("s", "address", {"_sd": [digest(CITY)], "country": "JP"})
    payload = {"_sd": [digest(NAME), digest(inner)], "nationalities": ["US", {"...": digest(ELEMENT)}, {"...": "gone"}]}
    assert verify(payload, NAME, inner, CITY, ELEMENT).claims == {
        "name": "花子",
        "address": {"city": "横浜", "country": "JP"},
        "nationalities": ["US", "JP"],
    }
    assert verify(payload).claims == {"nationalities": ["US"]}


@pytest.mark.parametrize("name", ["sha-256", "sha-384", "sha-512"])
def test_hashes(name: str) -> None:
    assert verify({"_sd": [digest(NAME, name)], "_sd_alg": name}, NAME).claims == {"name": "花子"}


@pytest.mark.parametrize(
    ("payload", "disclosures", "word"),
    [
        pytest.param({}, [NAME], "no digest refers", id="unreferenced"),
        pytest.param({"_sd": [digest(NAME)]}, [NAME, NAME], "sent twice", id="sent twice"),
        pytest.param({"_sd": [digest(NAME), digest(NAME)]}, [NAME], "two places", id="digest twice in one object"),
        pytest.param({"_sd": ["x", "x"]}, [], "two places", id="digest of nothing twice"),
        pytest.param(
            {"_sd": [digest(NAME)], "a": {"_sd": [digest(NAME)]}}, [NAME], "two places", id="digest twice, nested"
        ),
        pytest.param(
            {"_sd": [digest(ELEMENT)], "a": [{"...": digest(ELEMENT)}]},
            [ELEMENT],
            "two places",
            id="digest in both kinds",
        ),
        pytest.param({"_sd": [digest(ELEMENT)]}, [ELEMENT], "array element", id="element as member"),
        pytest.param({"a": [{"...": digest(NAME)}]}, [NAME], "array element", id="member as element"),
        pytest.param({"_sd": [digest(NAME)], "name": "taken"}, [NAME], "there already", id="name taken"),
        pytest.param(
            {"_sd": [digest(NAME), digest(disclosure("s", "name", 2))]},
            [NAME, disclosure("s", "name", 2)],
            "there already",
            id="two disclosures of one name",
        ),
        *(
            pytest.param(
                {"_sd": [digest(disclosure("s", bad, []))]}, [disclosure("s", bad, [])], "names its claim", id=bad
            )
            for bad in ("_sd", "...")
        ),
        pytest.param(
            {"_sd": [digest(disclosure("s", "_sd_alg", "sha-512"))]},
            [disclosure("s", "_sd_alg", "sha-512")],
            "_sd_alg",
            id="_sd_alg",
        ),
        *(
            pytest.param(
                {"_sd": [digest(disclosure("s", name, 1))]}, [disclosure("s", name, 1)], "selectively", id=name
            )
            for name in ("iss", "aud", "exp", "nbf", "cnf")
        ),
        pytest.param({"cnf": {"_sd": [digest(NAME)]}}, [NAME], "cannot hold", id="inside cnf"),
        pytest.param({"cnf": {"_sd": ["unknown"]}}, [], "cannot hold", id="hidden inside cnf"),
    ],
)
def test_invalid_disclosures(payload: dict[str, Any], disclosures: list[str], word: str) -> None:
    with pytest.raises(Rejected, match=word) as caught:
        verify(payload, *disclosures)
    assert caught.value.reason == "disclosure_invalid"


@pytest.mark.parametrize(
    ("payload", "disclosures"),
    [
        ({"_sd": "text"}, []),
        ({"_sd": None}, []),
        ({"_sd": [1]}, []),
        ({"_sd": [["a"]]}, []),
        ({"a": {"...": "x"}}, []),
        ({"...": "x"}, []),
        ({"a": [{"...": "x", "b": 1}]}, []),
        ({"a": [{"...": 1}]}, []),
        ({}, ["!!!"]),
        ({}, [b64url_encode(b"not json")]),
        ({}, [b64url_encode(b"\xff\xfe")]),
        ({}, [disclosure("salt")]),
        ({}, [disclosure("salt", "name", 1, 2)]),
        ({}, [disclosure(1, "name", "value")]),
        ({}, [disclosure("salt", 1, "value")]),
        ({}, [b64url_encode(b'{"salt":"name"}')]),
        ({}, [b64url_encode(b'["salt","name",{"a":1,"a":2}]')]),
    ],
)
def test_malformed_disclosures_and_digests(payload: dict[str, Any], disclosures: list[str]) -> None:
    with pytest.raises(Malformed):
        verify(payload, *disclosures)


def test_an_unknown_hash_is_refused() -> None:
    for name in ("md5", "sha-1", "", 5, None, ["sha-256"]):
        with pytest.raises(Rejected, match="algorithm_not_allowed"):
            verify({"_sd_alg": name})


def test_depth_is_bounded() -> None:
    value: Any = 1
    for _ in range(40):
        value = {"a": value}
    with pytest.raises(Malformed, match="too_deep"):
        verify(value)
    links = [disclosure("s", "end", 1)]
    for number in range(40):
        links.append(disclosure("s", f"n{number}", {"_sd": [digest(links[-1])]}))
    with pytest.raises(Malformed, match="too_deep"):
        verify({"_sd": [digest(links[-1])]}, *links)


def test_times_are_checked_on_the_processed_payload() -> None:
    with pytest.raises(Rejected, match="expired"):
        verify({"exp": NOW - 100})
    with pytest.raises(Rejected, match="not_yet_valid"):
        verify({"nbf": NOW + 100})
    later = disclosure("s", "iat", NOW + 100)
    with pytest.raises(Rejected, match="not_yet_valid"):
        verify({"_sd": [digest(later)]}, later)


def test_typ_and_signature() -> None:
    text = issue_sd_jwt({"typ": "t"}, {"a": 1}, ISSUER)
    with pytest.raises(Rejected, match="wrong_type"):
        verify_sd_jwt(parse_sd_jwt(text), ISSUER_KEY, typ="u", now=NOW)
    with pytest.raises(Rejected, match="bad_signature"):
        verify_sd_jwt(parse_sd_jwt(text), HOLDER_KEY, typ="t", now=NOW)


@pytest.mark.parametrize("text", ["", "~", "a.b.c", "e30.e30.AA", "é~", "\ud800~", "~~~"])
def test_malformed_texts(text: str) -> None:
    with pytest.raises(Malformed):
        parse_sd_jwt(text)


def test_empty_and_too_many_disclosures() -> None:
    text = issue_sd_jwt({}, {"a": Disclosable(1)}, ISSUER)
    with pytest.raises(Malformed):
        parse_sd_jwt(text + "~")
    with pytest.raises(Malformed):
        parse_sd_jwt(text + "AA~" * 1001)
    with pytest.raises(Malformed, match="too_large"):
        parse_sd_jwt(text + "A" * (1 << 18))


def test_a_payload_that_is_no_object() -> None:
    with pytest.raises(Malformed):
        parse_sd_jwt(sign_jws({}, b"[]", ISSUER) + "~")
