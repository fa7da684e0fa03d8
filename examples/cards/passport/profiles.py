"""Passports by name: which access, which proof of the chip, whose signature in which style, which data groups.

Facts about real series are scarce; a name says what a profile is *like*, not what an issuer does.
"""

from __future__ import annotations

from dataclasses import dataclass

from examples.cards.passport.ciphers import AES_128, AES_192, AES_256, TRIPLE_DES, CipherSuite
from examples.cards.passport.curves import (
    BRAINPOOL_P256R1,
    BRAINPOOL_P384R1,
    BRAINPOOL_P512R1,
    P256,
    P384,
    P521,
    Curve,
)
from examples.cards.passport.pace import PaceOffer
from examples.cards.passport.signing_keys import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipKeyKind:
    """A key for chip authentication. form: how DG14 writes its curve ("named", "explicit", "standardised").

    announced: whether DG14 names the ciphers beside the key; older documents do not, and mean 3DES (9303-11 §6.2.1).
    """

    curve: Curve
    ciphers: tuple[CipherSuite, ...]
    identifier: int | None = None
    form: str = "explicit"
    announced: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveKeyKind:
    """A key for active authentication: bits of RSA, or a curve."""

    key: int | Curve
    hash_name: str
    der: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """issued: years before now. extended: the longest command and response that EF.ATR/INFO names, None for short ones alone.

    photo: octets of the picture. can: whether the data page has a card access number.
    """

    key: str
    state: str
    issued: int
    style: Style
    data_group_hash: str = "sha256"
    lds_version: int = 0
    by_key_identifier: bool = False
    signing_time: bool = True
    bac: bool = True
    pace: tuple[PaceOffer, ...] = ()
    can: bool = False
    chip_keys: tuple[ChipKeyKind, ...] = ()
    active: ActiveKeyKind | None = None
    jpeg_2000: bool = False
    photo: int = 15_000
    details: bool = False
    signature: bool = False
    fingerprints: bool = False
    extended: tuple[int, int] | None = (1_024, 4_096)

    @property
    def proves_chip(self) -> bool:
        return bool(self.active or self.chip_keys)

    @property
    def chip_authentication_mapping(self) -> PaceOffer | None:
        return next((offer for offer in self.pace if offer.mapping == "cam"), None)


def _gm(cipher: CipherSuite, curve: Curve) -> PaceOffer:
    return PaceOffer(mapping="gm", cipher=cipher, curve=curve)


def _cam(cipher: CipherSuite, curve: Curve) -> PaceOffer:
    return PaceOffer(mapping="cam", cipher=cipher, curve=curve)


_RSA = Style(kind="rsa", key=2048)
_P256 = Style(kind="ecdsa", key="P-256")
_BRAINPOOL = Style(kind="ecdsa", key="brainpoolP256r1", explicit=True)

_NAMED = (
    # Japan 2006: BAC, active authentication with RSA. The first ones signed with SHA-1 throughout.
    Profile(
        key="japan_2006",
        state="JPN",
        issued=7,
        style=_RSA,
        active=ActiveKeyKind(key=1024, hash_name="sha1"),
        jpeg_2000=True,
        extended=None,
    ),
    Profile(
        key="sha1_throughout",
        state="JPN",
        issued=9,
        style=Style(kind="rsa", key=2048, hash_name="sha1"),
        data_group_hash="sha1",
        signing_time=False,
        active=ActiveKeyKind(key=1024, hash_name="sha1"),
        extended=None,
    ),
    # Like the Japanese series of 2025, as far as one can guess: PACE beside BAC, both proofs of the chip.
    Profile(
        key="japan_2025",
        state="JPN",
        issued=1,
        style=_RSA,
        pace=(_gm(AES_128, P256),),
        chip_keys=(ChipKeyKind(curve=P256, ciphers=(AES_128,), form="named"),),
        active=ActiveKeyKind(key=2048, hash_name="sha256"),
        jpeg_2000=True,
        details=True,
    ),
    # European: PACE, chip authentication, explicit curves, fingerprints behind terminal authentication.
    Profile(
        key="europe_pace",
        state="D",
        issued=5,
        style=_BRAINPOOL,
        pace=(_gm(AES_128, BRAINPOOL_P256R1),),
        can=True,
        chip_keys=(ChipKeyKind(curve=BRAINPOOL_P256R1, ciphers=(TRIPLE_DES, AES_128)),),
        fingerprints=True,
        jpeg_2000=True,
    ),
    Profile(
        key="pace_cam",
        state="D",
        issued=1,
        style=_BRAINPOOL,
        lds_version=1,
        pace=(_gm(AES_128, BRAINPOOL_P256R1), _cam(AES_128, BRAINPOOL_P256R1)),
        can=True,
        chip_keys=(ChipKeyKind(curve=BRAINPOOL_P256R1, ciphers=(AES_128,), identifier=13, form="standardised"),),
        fingerprints=True,
        jpeg_2000=True,
    ),
    Profile(
        key="pace_cam_p521",
        state="FRA",
        issued=1,
        style=Style(kind="ecdsa", key="P-521", hash_name="sha512"),
        data_group_hash="sha512",
        by_key_identifier=True,
        bac=False,
        pace=(_gm(AES_256, P521), _cam(AES_256, P521)),
        can=True,
        chip_keys=(
            ChipKeyKind(curve=P521, ciphers=(AES_256,), identifier=18, form="standardised"),
            ChipKeyKind(curve=P384, ciphers=(AES_192,), identifier=2, form="named"),
        ),
    ),
    Profile(
        key="pace_3des",
        state="NZL",
        issued=9,
        style=Style(kind="pss", key=2048),
        pace=(_gm(TRIPLE_DES, BRAINPOOL_P256R1),),
        chip_keys=(ChipKeyKind(curve=BRAINPOOL_P256R1, ciphers=(TRIPLE_DES,)),),
        details=True,
    ),
    Profile(
        key="pace_only", state="UTO", issued=1, style=_P256, bac=False, pace=(_gm(AES_256, BRAINPOOL_P512R1),), can=True
    ),
    Profile(
        key="ecdsa_active",
        state="UTO",
        issued=2,
        style=_P256,
        active=ActiveKeyKind(key=P256, hash_name="sha256"),
        by_key_identifier=True,
    ),
    Profile(
        key="ecdsa_active_der",
        state="UTO",
        issued=2,
        style=_P256,
        active=ActiveKeyKind(key=BRAINPOOL_P384R1, hash_name="sha384", der=True),
    ),
    Profile(
        key="bac_chip_authentication",
        state="UTO",
        issued=6,
        style=_P256,
        chip_keys=(ChipKeyKind(curve=P256, ciphers=(TRIPLE_DES,), announced=False),),
        signature=True,
    ),
    # Nothing but the signature: a copy of it passes.
    Profile(key="signature_only", state="UTO", issued=7, style=_P256, extended=None),
    # DG2 beyond the 32 767 octets that INS B0 can address.
    Profile(
        key="large_photo",
        state="UTO",
        issued=1,
        style=_P256,
        pace=(_gm(AES_128, P256),),
        photo=40_000,
        active=ActiveKeyKind(key=2048, hash_name="sha256"),
    ),
)

PACE_CURVES = (P256, P384, P521, BRAINPOOL_P256R1, BRAINPOOL_P384R1, BRAINPOOL_P512R1)


def _combination(mapping: str, cipher: CipherSuite, curve: Curve) -> Profile:
    """One cipher on one curve, and nothing else that differs."""
    offer = PaceOffer(mapping=mapping, cipher=cipher, curve=curve)
    form = "standardised" if mapping == "cam" else "named"
    return Profile(
        key=f"{mapping}_{cipher.name}_{curve.name}".lower().replace("-", "_"),
        state="UTO",
        issued=1,
        style=_P256,
        pace=(_gm(cipher, curve), offer) if mapping == "cam" else (offer,),
        chip_keys=(ChipKeyKind(curve=curve, ciphers=(cipher,), identifier=curve.identifier, form=form),),
        photo=0,
    )


COMBINATIONS = tuple(
    _combination(mapping, cipher, curve)
    for mapping in ("gm", "cam", "im")
    for cipher in (TRIPLE_DES, AES_128, AES_192, AES_256)
    for curve in PACE_CURVES
    if mapping == "gm" or cipher is not TRIPLE_DES
)
"""Every cipher on every curve, in all three mappings: ``gm_3des_p_256`` … ``im_aes_256_brainpoolp512r1``. Their photos are small."""
PROFILES = {profile.key: profile for profile in (*_NAMED, *COMBINATIONS)}
NAMED_PROFILES = tuple(profile.key for profile in _NAMED)
