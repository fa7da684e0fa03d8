"""EF.SOD: the digests of all data groups, signed by a document signer. ICAO Doc 9303-10 §4.6.2. Parsed, not verified."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from hmac import compare_digest
from types import MappingProxyType

from asn1crypto import algos, core

from common.cards.drivers.passport.der import dotted, load, reading
from common.cards.drivers.passport.signature import hash_name
from common.cards.drivers.passport.signed_data import ParsedSignedData, parse_signed_data
from common.cards.tlv import need, parse_tlv
from common.errors import Malformed
from common.record import Record

TAG = 0x77
CONTENT_TYPE = "2.23.136.1.1.1"
_VERSIONS = (0, 1)
_GROUPS = range(1, 17)


class SecurityObject(Record, frozen=True):
    """digests: by number of the data group. signed: the signature around it, not verified."""

    digest_name: str
    digests: Mapping[int, bytes]
    signed: ParsedSignedData

    def covers(self, number: int, file: bytes) -> bool:
        """Whether ``file`` is the data group of this number, to the byte. One that is not listed is not."""
        expected = self.digests.get(number)
        return expected is not None and compare_digest(hashlib.new(self.digest_name, file).digest(), expected)


class _Digest(core.Sequence):  # type: ignore[misc]  # untyped there
    _fields = [("number", core.Integer), ("digest", core.OctetString)]  # noqa: RUF012


class _Digests(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Digest


class _LdsSecurityObject(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("version", core.Integer),
        ("algorithm", algos.DigestAlgorithm),
        ("digests", _Digests),
        ("lds_version", core.Any, {"optional": True}),
    ]


def parse_security_object(file: bytes) -> SecurityObject:
    """EF.SOD → digests and signature, neither of them verified. Raises Malformed, Unsupported."""
    signed = parse_signed_data(need(parse_tlv(file), TAG).value)
    if signed.content_type != CONTENT_TYPE:
        raise Malformed("bad_sod", "EF.SOD signs something else than data groups")
    content = load(_LdsSecurityObject, signed.content, "a document security object")
    with reading("a document security object"):
        if content["version"].native not in _VERSIONS:
            raise Malformed("bad_sod", "a document security object of another version")
        name = hash_name(dotted(content["algorithm"]["algorithm"]))
        digests = {entry["number"].native: entry["digest"].native for entry in content["digests"]}
        size = hashlib.new(name).digest_size
        if len(digests) != len(content["digests"]) or not all(
            number in _GROUPS and len(digest) == size for number, digest in digests.items()
        ):
            raise Malformed("bad_sod", "a document security object lists what is no data group")
    return SecurityObject(digest_name=name, digests=MappingProxyType(digests), signed=signed)
