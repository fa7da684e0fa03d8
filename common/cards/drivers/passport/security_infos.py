"""What a chip says it can do: SecurityInfos in EF.CardAccess, DG14 and EF.CardSecurity. ICAO Doc 9303-11 §9.2. Pure.

EF.CardAccess is signed by nobody: it says what to try. DG14 is proven by its hash in the SOD, EF.CardSecurity by a signature of its own
(`card_security.py`). What is unknown here is passed over, as §9.2 allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asn1crypto import core

from common.cards.drivers.passport.der import dotted, load, reading
from common.cards.tlv import need, parse_tlv
from common.errors import Malformed
from common.record import Record

BSI = "0.4.0.127.0.7.2.2"
PACE = f"{BSI}.4"
CHIP_AUTHENTICATION_ECDH = f"{BSI}.3.2"
PUBLIC_KEY_ECDH = f"{BSI}.1.2"
ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
DG14_TAG = 0x6E
_MAX_INFOS = 64


class PaceInfo(Record, frozen=True):
    """One way to run PACE. number: of the standardised domain parameters, None where they are spelled out elsewhere. §9.2.1"""

    protocol: str
    version: int
    number: int | None


class ChipAuthenticationInfo(Record, frozen=True):
    """One way to run chip authentication. key_id: which key, None where there is one only. §9.2.5"""

    protocol: str
    version: int
    key_id: int | None


class ChipAuthenticationPublicKey(Record, frozen=True):
    """A static key of the chip, SubjectPublicKeyInfo in DER. §9.2.6"""

    protocol: str
    key: bytes
    key_id: int | None


class ActiveAuthenticationInfo(Record, frozen=True):
    """How the chip signs where its key is on a curve: dotted OID of the (plain) ECDSA scheme. §9.2.4"""

    signature_algorithm: str


class SecurityInfos(Record, frozen=True):
    """All that is understood of a set of SecurityInfos, in its order."""

    pace: tuple[PaceInfo, ...] = ()
    chip_authentication: tuple[ChipAuthenticationInfo, ...] = ()
    chip_keys: tuple[ChipAuthenticationPublicKey, ...] = ()
    active_authentication: tuple[ActiveAuthenticationInfo, ...] = ()


class _SecurityInfo(core.Sequence):  # type: ignore[misc]  # untyped there
    _fields = [  # noqa: RUF012
        ("protocol", core.ObjectIdentifier),
        ("required", core.Any),
        ("optional", core.Any, {"optional": True}),
    ]


class _SecurityInfos(core.SetOf):  # type: ignore[misc]
    _child_spec = _SecurityInfo


def parse_security_infos(der: bytes) -> SecurityInfos:
    """SET OF SecurityInfo → what is known of it. Raises Malformed."""
    infos = load(_SecurityInfos, der, "a set of SecurityInfos")
    found: dict[str, list[Any]] = {"pace": [], "chip_authentication": [], "chip_keys": [], "active_authentication": []}
    with reading("a set of SecurityInfos"):
        if len(infos) > _MAX_INFOS:
            raise Malformed("bad_der", f"more than {_MAX_INFOS} SecurityInfos")
        for info in infos:
            for kind, value in _parse_info(info):
                found[kind].append(value)
    return SecurityInfos(**{kind: tuple(values) for kind, values in found.items()})


def parse_card_access(file: bytes) -> SecurityInfos:
    """EF.CardAccess: the set as it is; what follows it is filler. Raises Malformed."""
    objects = parse_tlv(file)
    if not objects or objects[0].tag != 0x31:
        raise Malformed("bad_card_access", "EF.CardAccess is a set of SecurityInfos")
    return parse_security_infos(objects[0].raw)


def parse_dg14(file: bytes) -> SecurityInfos:
    """DG14: the set inside tag 6E. Doc 9303-10 §4.7.14. Raises Malformed."""
    return parse_security_infos(need(parse_tlv(file), DG14_TAG).value)


def _parse_info(info: Any) -> Iterator[tuple[str, Record]]:
    protocol = dotted(info["protocol"])
    if _is_below(protocol, PACE) and protocol.count(".") == PACE.count(".") + 2:
        yield "pace", PaceInfo(protocol=protocol, version=_integer(info["required"]), number=_optional(info))
    elif _is_below(protocol, CHIP_AUTHENTICATION_ECDH):
        yield (
            "chip_authentication",
            ChipAuthenticationInfo(protocol=protocol, version=_integer(info["required"]), key_id=_optional(info)),
        )
    elif protocol == PUBLIC_KEY_ECDH:
        yield (
            "chip_keys",
            ChipAuthenticationPublicKey(protocol=protocol, key=info["required"].dump(), key_id=_optional(info)),
        )
    elif protocol == ACTIVE_AUTHENTICATION:
        algorithm = core.ObjectIdentifier.load(info["optional"].dump(), strict=True)
        yield "active_authentication", ActiveAuthenticationInfo(signature_algorithm=dotted(algorithm))


def _is_below(oid: str, parent: str) -> bool:
    return oid.startswith(parent + ".")


def _integer(value: Any) -> int:
    return int(core.Integer.load(value.dump(), strict=True).native)


def _optional(info: Any) -> int | None:
    return _integer(info["optional"]) if info["optional"].dump() else None
