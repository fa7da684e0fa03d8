"""Builds My Number cards, right ones and wrong ones.

authorities = MyNumberAuthorities()
chip = build_my_number(PEOPLE["hanako"], authority=authorities)

PIN 1234 (authentication and text alike), signature password ABC123, 照合番号B is ``Person.printed_code``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import rsa

from examples.cards.chip import Chip
from examples.cards.fault_rows import named
from examples.cards.faults import alter_byte
from examples.cards.files import Application
from examples.cards.keys import public_objects
from examples.cards.my_number import jpki, surface, text
from examples.cards.my_number.authorities import MyNumberAuthorities
from examples.cards.my_number.common_card import CommonCardApplication
from examples.cards.my_number.fault_table import FAULTS
from examples.cards.my_number.jpki_authority import POLICY, JpkiAuthority, Leaf, Purpose, leaf_usage
from examples.cards.people import PEOPLE, Person

PIN, PASSWORD = b"1234", b"ABC123"
_LONG_AGO = 6 * 365


def build_my_number(
    person: Person,
    *,
    authority: MyNumberAuthorities,
    fault: str | None = None,
    label: str = jpki.PLASTIC,
    with_signature: bool = True,
    more: Iterable[Application] = (),
    random: Callable[[int], bytes] = os.urandom,
) -> Chip:
    """A card with all its applications. fault: a name of `FAULTS`. with_signature: a child's card has no signature certificate.

    label: what its JPKI application calls itself, a phone's for example. more: applications that were loaded later, as a licence.
    Raises ValueError for a fault that is none.
    """
    if fault is not None:
        named(FAULTS, fault)
    stands_behind = {
        "wrong_certificate": authority.strangers,
        "test_anchor": authority.of_tests,
    }
    behind = stands_behind[fault]() if fault in stands_behind else authority
    keys, holder = authority.keys, person.key
    contents = jpki.Contents(
        authentication=_leaf(person, behind, Purpose.AUTHENTICATION, fault),
        authentication_ca=_issuer(behind, Purpose.AUTHENTICATION, fault).der,
        signature=_leaf(person, behind, Purpose.SIGNATURE, fault) if with_signature else None,
        signature_ca=_issuer(behind, Purpose.SIGNATURE, fault).der,
        label=jpki.JUKI_CARD if fault == "juki_card" else label,
        pin=PIN,
        password=PASSWORD,
    )
    applications = (
        jpki.JpkiApplication(contents),
        text.TextApplication(person, issuer=behind.cards, keys=keys, ring_name=holder, pin=PIN),
        surface.SurfaceApplication(person, issuer=behind.cards, keys=keys, ring_name=holder),
    )
    chip = Chip(
        [*applications, CommonCardApplication(person), *more],
        random=random,
        without_mf=0x9000,
        no_messaging=0x69FC,
    )
    _spoil(chip, *applications, person=person, authority=authority, fault=fault)
    return chip


def _issuer(behind: MyNumberAuthorities, purpose: Purpose, fault: str | None) -> JpkiAuthority:
    return behind.jpki(purpose, 1) if fault == "expired_authority" else behind.jpki(purpose)


def _leaf(person: Person, behind: MyNumberAuthorities, purpose: Purpose, fault: str | None) -> Leaf:
    issuer = _issuer(behind, purpose, fault)
    key = behind.keys.rsa(f"{purpose} {person.key}")
    named_person = person if purpose is Purpose.SIGNATURE else None
    other = Purpose.AUTHENTICATION if purpose is Purpose.SIGNATURE else Purpose.SIGNATURE
    match fault:
        case "wrong_purpose":
            return issuer.issue(key, person=named_person, policy=POLICY[other], usage=leaf_usage(other))
        case "expired":
            return issuer.issue(key, person=named_person, age_in_days=_LONG_AGO)
        case "forged_certificate":
            forger = behind.strangers().jpki(purpose)
            return forger.issue(key, person=named_person, says_issued_by=issuer.key.public_key())
    leaf = issuer.issue(key, person=named_person)
    if fault == "revoked":
        issuer.revoke(leaf.serial)
    if fault == "altered_certificate":
        # A bit of the name, or of the opaque subject: it is still a certificate, and still text.
        at = (
            leaf.der.rindex(person.certificate_name.encode()[-3:]) + 2
            if named_person
            else leaf.der.rindex(b"A0\x82") - 1
        )
        return replace(leaf, der=leaf.der[:at] + bytes([leaf.der[at] ^ 0x01]) + leaf.der[at + 1 :])
    return leaf


def _spoil(
    chip: Chip,
    jpki_application: jpki.JpkiApplication,
    text_application: text.TextApplication,
    surface_application: surface.SurfaceApplication,
    *,
    person: Person,
    authority: MyNumberAuthorities,
    fault: str | None,
) -> None:
    """What is wrong inside the chip, rather than with those who stand behind it."""

    def stranger(name: str) -> rsa.RSAPrivateKey:
        return authority.keys.rsa(f"stranger {name}")

    attributes = text_application.transparent(text.ATTRIBUTES)
    match fault:
        case "clone":
            jpki_application.keys = {fid: stranger("jpki") for fid in jpki_application.keys}
            text_application.card_key = stranger("text")
            surface_application.card_key = stranger("surface")
        case "foreign_card_key":
            text_application.card_key = stranger("text")
            signed = text_application.transparent(text.CARD_KEY)
            signed.content = signed.content.replace(
                public_objects(authority.keys.rsa(f"text {person.key}")), public_objects(stranger("text"))
            )
        case "altered_attributes":
            attributes.content = attributes.content.replace(*_another_name(person))
        case "altered_record":
            attributes.content = attributes.content.replace(*_another_name(person))
            record, signer = text_application.transparent(text.INTEGRITY), authority.cards.issuer_key()
            number = text_application.transparent(text.NUMBER).stored()
            anew = text.integrity_record(number, attributes.content, signer)
            record.content = anew[:-256] + record.content[-256:]
        case "grafted":
            other = next(one for one in PEOPLE.values() if one.key != person.key)
            attributes.content = text.attributes_record(other)
            number = text_application.transparent(text.NUMBER).stored()
            text_application.transparent(text.INTEGRITY).content = text.integrity_record(
                number, attributes.content, authority.cards.issuer_key()
            )
        case "altered_photo":
            content = surface_application.transparent(surface.FACE).content
            alter_byte(chip, surface.AID, surface.FACE, at=content.index(b"jp2c") + 400)
        case "altered_expiry":
            face = surface_application.transparent(surface.FACE)
            expires = person.card_expires.encode()
            face.content = face.content.replace(b"\xdf\x29\x08" + expires, b"\xdf\x29\x08" + b"2039" + expires[4:])
        case "blocked_pin" | "last_try":
            for application in (jpki_application, text_application, surface_application):
                for pin in application.pins():
                    pin.left = 0 if fault == "blocked_pin" else min(pin.left, 1)


def _another_name(person: Person) -> tuple[bytes, bytes]:
    """The name as stored, and one of the same length that differs in its last character."""
    name = person.name.encode()
    return name, name[:-1] + bytes([name[-1] ^ 0x01])
