"""JPKI certificates: each check of the profile has its own word, and each word a certificate that earns it and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from common.errors import Malformed
from common.x509.jpki import JpkiRoot, find_issuer, make_root, parse_jpki_certificate, verify_jpki
from common.x509.jpki_attributes import (
    ADDRESS,
    ADDRESS_FLAGS,
    BIRTH_DATE,
    NAME,
    NAME_FLAGS,
    SEX,
    read_attributes,
)
from common.x509.jpki_profile import JpkiPurpose
from common.x509.rejected import CertificateRejected
from tests.common.x509.jpki_authority import (
    AUTH_OU,
    AUTH_POLICY,
    AUTH_USAGE,
    DAY,
    NOW,
    PERSON,
    SIGN_POLICY,
    SIGN_USAGE,
    TEST_POLICY,
    Authority,
    der,
    ec_key,
    issue,
    key,
    make_authority,
    other_names,
    utf8,
)

SIGNATURE, AUTHENTICATION = JpkiPurpose.SIGNATURE, JpkiPurpose.AUTHENTICATION
UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


@cache
def generation(number: int) -> Authority:
    """Three generations of one name; the first has expired."""
    if number == 1:
        return make_authority("1", start=NOW - 4000 * DAY, end=NOW - DAY)
    return make_authority(str(number))


@cache
def authentication() -> Authority:
    return make_authority("auth", ou=AUTH_OU)


def roots(*, test: bool = False) -> list[JpkiRoot]:
    signature = [make_root(generation(n).der, purpose=SIGNATURE, test=test) for n in (1, 2, 3)]
    return [*signature, make_root(authentication().der, purpose=AUTHENTICATION, test=test)]


def check(
    certificate: x509.Certificate, *, purpose: JpkiPurpose = SIGNATURE, trusted: list[JpkiRoot] | None = None
) -> str:
    """The word for what is wrong, empty for nothing."""
    try:
        verify_jpki(parse_jpki_certificate(der(certificate)), trusted or roots(), purpose=purpose, now=NOW)
    except CertificateRejected as rejected:
        return rejected.check
    return ""


@pytest.mark.parametrize("number", [2, 3])
def test_the_generation_is_found_by_its_key(number: int) -> None:
    leaf = parse_jpki_certificate(der(issue(generation(number))))
    verified = verify_jpki(leaf, roots(), purpose=SIGNATURE, now=NOW)
    assert verified.root.certificate == generation(number).certificate
    assert verified.public_key.public_numbers() == key("leaf").public_key().public_numbers()


@pytest.mark.parametrize("number", [2, 3])
def test_also_where_the_leaf_does_not_name_the_key(number: int) -> None:
    leaf = parse_jpki_certificate(der(issue(generation(number), aki=None)))
    assert find_issuer(leaf, roots(), purpose=SIGNATURE).certificate == generation(number).certificate


def test_an_authentication_certificate() -> None:
    leaf = issue(authentication(), policy=AUTH_POLICY, usage=AUTH_USAGE, names=())
    assert check(leaf, purpose=AUTHENTICATION) == ""
    client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    leaf = issue(authentication(), policy=AUTH_POLICY, usage=AUTH_USAGE, names=(), extra=[(client, True)])
    assert check(leaf, purpose=AUTHENTICATION) == ""


FAULTS: dict[str, Callable[[], x509.Certificate]] = {
    "untrusted_issuer": lambda: issue(make_authority("rogue", ou="JPKI for nothing")),
    "bad_signature": lambda: issue(generation(3), signed_by=key("ca rogue")),
    "algorithm": lambda: issue(generation(3), hash_algorithm=hashes.SHA512()),
    "ca_expired": lambda: issue(generation(1)),
    "expired": lambda: issue(generation(3), end=NOW - 1),
    "not_yet_valid": lambda: issue(generation(3), start=NOW + 1),
    "leaf_is_ca": lambda: issue(generation(3), ca=True),
    "key_usage": lambda: issue(generation(3), usage=AUTH_USAGE),
    "policy": lambda: issue(generation(3), policy=AUTH_POLICY),
    "critical_extension": lambda: issue(generation(3), extra=[(UNKNOWN_EXTENSION, True)]),
    "key": lambda: issue(generation(3), leaf_key=key("large", 3072)),
}


@pytest.mark.parametrize("word", FAULTS)
def test_each_fault_has_its_word(word: str) -> None:
    assert check(FAULTS[word]()) == word


@pytest.mark.parametrize(
    ("word", "spoil"),
    [
        ("key_usage", {"usage": SIGN_USAGE | {"key_encipherment"}}),
        ("key_usage", {"usage": None}),
        ("policy", {"policy": None}),
        ("policy", {"policy": TEST_POLICY}),
        ("policy", {"policy": "1.2.392.200149.8.5.1.1.40"}),
        ("key", {"leaf_key": ec_key("leaf")}),
        ("untrusted_issuer", {"aki": bytes(20)}),
    ],
    ids=["more_usages", "no_usage", "no_policy", "test_policy", "phone", "elliptic", "other_key_named"],
)
def test_and_so_have_its_neighbours(word: str, spoil: dict[str, object]) -> None:
    assert check(issue(generation(3), **spoil)) == word  # type: ignore[arg-type]


def test_a_harmless_extension_is_harmless() -> None:
    assert check(issue(generation(3), extra=[(UNKNOWN_EXTENSION, False)])) == ""
    assert check(issue(generation(3), ca=False)) == ""


def test_two_policies_are_none() -> None:
    two = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in (SIGN_POLICY, AUTH_POLICY)]
    leaf = issue(generation(3), policy=None, extra=[(x509.CertificatePolicies(two), True)])
    assert check(leaf) == "policy"


@pytest.mark.parametrize(
    ("word", "spoil"),
    [
        ("ca_constraints", {"ca": False}),
        ("ca_key_usage", {"usage": frozenset({"crl_sign"})}),
        ("ca_critical_extension", {"extra": [(UNKNOWN_EXTENSION, True)]}),
        ("ca_key", {"bits": 3072}),
        ("ca_not_yet_valid", {"start": NOW + 1}),
        ("ca_expired", {"end": NOW - 1}),
    ],
    ids=["not_a_ca", "key_usage", "critical", "key", "early", "late"],
)
def test_trusted_is_not_exempt(word: str, spoil: dict[str, object]) -> None:
    ca = make_authority("large" if "bits" in spoil else "odd", **spoil)  # type: ignore[arg-type]
    trusted = [make_root(ca.der, purpose=SIGNATURE, test=False)]
    assert check(issue(ca), trusted=trusted) == word


def test_the_policy_is_that_of_the_cas_purpose() -> None:
    """The authentication CA cannot make signature certificates, however they look."""
    assert check(issue(authentication())) == "untrusted_issuer"
    assert check(issue(authentication()), purpose=AUTHENTICATION) == "key_usage"
    assert check(issue(authentication(), usage=AUTH_USAGE), purpose=AUTHENTICATION) == "policy"


def test_a_test_hierarchy_is_known_by_its_name() -> None:
    ca = make_authority("test", organisation="JPKI-TEST")
    root = make_root(ca.der, purpose=SIGNATURE, test=False)
    assert root.test
    leaf = parse_jpki_certificate(der(issue(ca, policy=TEST_POLICY)))
    assert verify_jpki(leaf, [root], purpose=SIGNATURE, now=NOW).root.test
    assert not make_root(generation(3).der, purpose=SIGNATURE, test=False).test


def test_nothing_of_a_person_is_printed() -> None:
    leaf = parse_jpki_certificate(der(issue(generation(3))))
    verified = verify_jpki(leaf, roots(), purpose=SIGNATURE, now=NOW)
    told = repr((leaf, verified, read_attributes(leaf.certificate)))
    assert "1234567" not in told
    assert "花子" not in told


def test_no_roots_no_belief() -> None:
    with pytest.raises(CertificateRejected, match="no trusted CA"):
        verify_jpki(parse_jpki_certificate(der(issue(generation(3)))), [], purpose=SIGNATURE, now=NOW)


@pytest.mark.parametrize("data", [b"", b"0\x03\x02\x01\x01", bytes(9000)], ids=["empty", "no_certificate", "large"])
def test_no_certificate(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_jpki_certificate(data)


def test_the_six_names_in_our_order() -> None:
    """One published list has .5 and .6 the other way round: the address is .5."""
    attributes = read_attributes(issue(generation(3)))
    assert tuple(PERSON) == (NAME, NAME_FLAGS, SEX, BIRTH_DATE, ADDRESS, ADDRESS_FLAGS)
    assert (attributes.name, attributes.name_flags) == ("髙橋　花子", "10000")
    assert (attributes.sex, attributes.birth_date) == ("2", "319800217")
    assert (attributes.address, attributes.address_flags) == ("東京都千代田区霞が関１丁目", "0" * 13)


def attributes_error(names: Sequence[x509.GeneralName]) -> str:
    try:
        read_attributes(issue(generation(3), names=names))
    except Malformed as malformed:
        return malformed.code
    return ""


def test_a_directory_name_and_later_attributes_are_passed_over() -> None:
    directory = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "JP")]))
    later = x509.OtherName(x509.ObjectIdentifier("1.2.392.200149.8.5.5.7"), b"\x05\x00")
    assert attributes_error([directory, *other_names(PERSON), later]) == ""


@pytest.mark.parametrize("missing", list(PERSON), ids=["name", "flags", "sex", "birth", "address", "address_flags"])
def test_none_may_be_missing(missing: str) -> None:
    assert attributes_error(other_names({o: v for o, v in PERSON.items() if o != missing})) == "attributes_missing"


@pytest.mark.parametrize("twice", list(PERSON), ids=["name", "flags", "sex", "birth", "address", "address_flags"])
def test_none_may_stand_twice(twice: str) -> None:
    assert attributes_error(other_names(PERSON) + other_names({twice: PERSON[twice]})) == "attribute_twice"


@pytest.mark.parametrize(
    ("code", "oid", "value"),
    [
        ("attribute_malformed", SEX, "0"),
        ("attribute_malformed", SEX, "12"),
        ("attribute_malformed", NAME, "a\nb"),
        ("attribute_malformed", ADDRESS, "あ" * 401),
        ("attribute_malformed", BIRTH_DATE, "3198002170"),
        ("substitutes_malformed", NAME_FLAGS, "1000"),
        ("substitutes_malformed", NAME_FLAGS, "10002"),
        ("substitutes_malformed", ADDRESS_FLAGS, "0" * 14),
    ],
    ids=["sex", "sexes", "control", "long", "long_date", "few_flags", "flag", "many_flags"],
)
def test_values(code: str, oid: str, value: str) -> None:
    assert attributes_error(other_names({**PERSON, oid: value})) == code


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x0c\x00",
        b"\x13\x012",  # PrintableString
        b"\x0c\x022",
        b"\x0c\x0122",
        b"\x0c\x81\x012",  # a length longer than need be
        b"\x0c\x80\x32\x00\x00",
        b"\x0c\x01\xff",
    ],
    ids=range(8),
)
def test_strings_are_der(value: bytes) -> None:
    """What no certificate builder writes: the extension alone stands for its certificate."""
    names = [
        x509.OtherName(x509.ObjectIdentifier(oid), value if oid == SEX else utf8(text)) for oid, text in PERSON.items()
    ]
    alternative = x509.Extension(x509.SubjectAlternativeName.oid, False, x509.SubjectAlternativeName(names))
    with pytest.raises(Malformed) as caught:
        read_attributes(cast(Any, SimpleNamespace(extensions=x509.Extensions([alternative]))))
    assert caught.value.code == "attribute_malformed"


def test_other_kinds_of_names_have_no_business_there() -> None:
    assert attributes_error([*other_names(PERSON), x509.DNSName("a.example")]) == "attribute_malformed"
    many = [x509.OtherName(x509.ObjectIdentifier(f"1.2.3.{n}"), b"\x05\x00") for n in range(40)]
    assert attributes_error([*other_names(PERSON), *many]) == "attribute_malformed"
    assert attributes_error([]) == "attributes_missing"
