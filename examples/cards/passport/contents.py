"""The files of one passport: data groups, EF.COM, SOD, EF.CardAccess, EF.CardSecurity, true to a profile, or wrong as a fault says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from examples.cards.passport import data_groups as groups
from examples.cards.passport.active_authentication import ActiveKey, EcdsaActiveKey, RsaActiveKey
from examples.cards.passport.application import AID, ATR_INFO, CARD_ACCESS, COM, DIRECTORY, SOD, data_group
from examples.cards.passport.authority import COUNTRIES, DAY, PassportWorld
from examples.cards.passport.chip_authentication import ChipKey
from examples.cards.passport.mrz import Mrz
from examples.cards.passport.photo import facial_record, portrait, portrait_2000
from examples.cards.passport.profiles import Profile
from examples.cards.passport.security_infos import (
    active_authentication_info,
    chip_authentication_infos,
    pace_info,
    security_infos,
    terminal_authentication_info,
)
from examples.cards.passport.signed_data import (
    SECURITY_OBJECT,
    Signer,
    lds_security_object,
    security_object,
    signed_data,
)
from examples.cards.passport.signing_keys import SigningKey, ec_scalar, rsa_key
from examples.cards.people import Person

PROOFS = (14, 15)
"""The data groups whose keys prove the chip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Of one passport: when it was issued, and its last day ten years later."""

    issued: datetime

    @property
    def expiry(self) -> datetime:
        return self.issued + timedelta(days=3652)


@dataclass(slots=True, kw_only=True)
class Contents:
    """What stands in the chip. lds, master: files by FID, of the application and of the master file."""

    lds: dict[int, bytes] = field(repr=False)
    master: dict[int, bytes] = field(repr=False)
    card_security: bytes = field(default=b"", repr=False)


def mrz_of(person: Person, profile: Profile, dates: Dates) -> Mrz:
    """A passport of the issuing state's own national. The number is worked out from who it is."""
    digits = int.from_bytes(hashlib.sha256(f"{profile.key} {person.key}".encode()).digest()[:4], "big") % 10_000_000
    birth = "".join(
        part if part.strip("0") else "<<" for part in (person.birth[2:4], person.birth[4:6], person.birth[6:])
    )
    if person.birth[:4] == "2000":  # 00 is a year there
        birth = "00" + birth[2:]
    surname, given = person.latin
    return Mrz(
        issuing_state=profile.state,
        surname=surname,
        given_names=given,
        number=f"T{'XYZ'[digits % 3]}{digits:07}",
        nationality=profile.state,
        birth=birth,
        sex={"1": "M", "2": "F"}.get(person.sex, "<"),
        expiry=dates.expiry.strftime("%y%m%d"),
    )


def chip_keys(profile: Profile, owner: str) -> tuple[ChipKey, ...]:
    """owner: whose keys. A clone's are another's than the files'."""
    return tuple(
        ChipKey(
            curve=kind.curve,
            private=ec_scalar(f"chip {owner} {at}", kind.curve.name),
            ciphers=kind.ciphers,
            identifier=kind.identifier,
        )
        for at, kind in enumerate(profile.chip_keys)
    )


def active_key(profile: Profile, owner: str) -> ActiveKey | None:
    kind = profile.active
    if kind is None:
        return None
    if isinstance(kind.key, int):  # RSA keys are slow to make: one for all genuine chips, one for all clones
        return RsaActiveKey(key=rsa_key(f"active {owner.split()[0]}", kind.key), hash_name=kind.hash_name)
    scalar = ec_scalar(f"active {owner}", kind.key.name)
    return EcdsaActiveKey(key=ec.derive_private_key(scalar, kind.key.named()), hash_name=kind.hash_name, der=kind.der)


def data_groups_of(person: Person, profile: Profile, mrz: Mrz, dates: Dates, owner: str) -> dict[int, bytes]:
    image = (portrait_2000 if profile.jpeg_2000 else portrait)(seed=person.key, size=profile.photo)
    found = {1: groups.dg1(mrz), 2: groups.dg2(facial_record(image, jpeg_2000=profile.jpeg_2000))}
    if profile.fingerprints:
        found[3] = groups.dg3()
    if profile.signature:
        found[7] = groups.dg7(portrait(seed=f"signature {person.key}", size=3000))
    if profile.details:
        found[11] = groups.dg11(
            name=person.name.replace("\u3000", "<<"),
            other_names=(person.kana.replace("\u3000", "<<"),),
            birth=person.birth,
        )
        found[12] = groups.dg12(
            authority="外務省" if profile.state == "JPN" else "PASSPORT OFFICE", issued=dates.issued.strftime("%Y%m%d")
        )
    infos = _chip_infos(profile, owner)
    if infos:
        found[14] = groups.dg14(security_infos(*infos))
    key = active_key(profile, owner)
    if key is not None:
        found[15] = groups.dg15(key.public_info())
    return found


def _chip_infos(profile: Profile, owner: str) -> list[bytes]:
    """DG14's: PACE once more, where it is signed; the chip's keys; the hash of ECDSA active authentication."""
    infos = [pace_info(offer) for offer in profile.pace]
    for kind, key in zip(profile.chip_keys, chip_keys(profile, owner), strict=True):
        infos += chip_authentication_infos(key, form=kind.form, announced=kind.announced)
    if profile.active is not None and not isinstance(profile.active.key, int):
        infos.append(active_authentication_info(profile.active.hash_name))
    if profile.fingerprints:
        infos.append(terminal_authentication_info())
    return infos


def signer_of(world: PassportWorld, profile: Profile, dates: Dates, fault: str | None) -> Signer:
    """The document signer, or another one where the fault wants it."""
    state = profile.state
    if fault == "country_mismatch":
        state = next(code for code in COUNTRIES if code != state)
    authority = world.state(state, trusted=fault != "untrusted_csca")
    variant = {
        "expired_document_signer": "expired",
        "revoked_document_signer": "revoked",
        "expired_csca": "expired_authority",
    }.get(fault or "", "")
    signer = authority.document_signer(
        profile.style, at=dates.issued, variant=variant, by_key_identifier=profile.by_key_identifier
    )
    if fault == "wrong_document_signer":
        return Signer(
            certificate=signer.certificate,
            key=SigningKey("somebody else", profile.style),
            by_key_identifier=profile.by_key_identifier,
        )
    return signer


def contents_of(
    person: Person, profile: Profile, *, world: PassportWorld, mrz: Mrz, dates: Dates, owner: str, fault: str | None
) -> Contents:
    """Signs first and spoils afterwards, except where the signature itself is what is wrong."""
    found = data_groups_of(person, profile, mrz, dates, owner)
    signer = signer_of(world, profile, dates, fault)
    signing_time = dates.issued - DAY if profile.signing_time else None
    listed = {
        number: content for number, content in found.items() if not (number == 2 and fault == "data_group_not_listed")
    }
    sod = security_object(
        lds_security_object(listed, hash_name=profile.data_group_hash, version=profile.lds_version),
        signer,
        signing_time=signing_time,
    )
    contents = Contents(lds={}, master=_master(profile))
    cam = profile.chip_authentication_mapping
    if cam is not None:
        # Signed apart from the SOD: what is wrong with that one's signer is not wrong here, unless the whole authority is a stranger.
        other = signer if fault in {"untrusted_csca", "expired_csca"} else signer_of(world, profile, dates, None)
        contents.card_security = signed_data(
            SECURITY_OBJECT, security_infos(*_chip_infos(profile, owner)), other, signing_time=signing_time
        )
    if fault in {"altered_data_group", "altered_security_object"}:
        before, found[1] = found[1], _renamed(found[1])
        if fault == "altered_security_object":
            sod = _swap(sod, _hash(profile, before), _hash(profile, found[1]))
    if fault == "altered_photo":
        found[2] = found[2][:-9] + bytes([found[2][-9] ^ 0x01]) + found[2][-8:]
    if fault == "proof_removed":
        found = {number: content for number, content in found.items() if number not in PROOFS}
        contents.card_security = b""
    contents.lds = {data_group(number): content for number, content in found.items()}
    contents.lds |= {COM: groups.com(found, lds="0108" if profile.lds_version else "0107"), SOD: sod}
    return contents


def _master(profile: Profile) -> dict[int, bytes]:
    command, response = profile.extended or (261, 256)
    files = {
        ATR_INFO: groups.atr_info(largest_command=command, largest_response=response),
        DIRECTORY: groups.directory([AID]),
    }
    if profile.pace:
        files[CARD_ACCESS] = security_infos(*(pace_info(offer) for offer in profile.pace))
    return files


def _hash(profile: Profile, content: bytes) -> bytes:
    return hashlib.new(profile.data_group_hash, content).digest()


def _renamed(dg1: bytes) -> bytes:
    """The last letter of the surname is the next one of the alphabet: no check digit notices."""
    at = dg1.index(b"<", 10) - 1
    letter = b"A" if dg1[at : at + 1] == b"Z" else bytes([dg1[at] + 1])
    return dg1[:at] + letter + dg1[at + 1 :]


def _swap(octets: bytes, old: bytes, new: bytes) -> bytes:
    before, after = octets.split(old)
    return before + new + after
