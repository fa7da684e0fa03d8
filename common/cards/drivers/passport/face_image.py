"""The picture inside DG2: a biometric template, in it a face record, in it JPEG or JPEG 2000. ICAO Doc 9303-10 §4.7.2. Pure.

The record is of ISO/IEC 19794-5, or in documents made since 2026 of ISO/IEC 39794-5. The picture is taken out as it is; nothing here
decodes it.
"""

from __future__ import annotations

import struct
from enum import Enum

from common.cards.tlv import find, need, parse_tlv
from common.errors import Malformed
from common.record import Record

_DG2, _TEMPLATES, _COUNT, _TEMPLATE = 0x75, 0x7F61, 0x02, 0x7F60
_DATA, _NEW_DATA = 0x5F2E, 0x7F2E
_FORMAT = b"FAC\x00"
_VERSIONS = (b"010\x00", b"015\x00")
_HEADER, _FACE, _POINT, _IMAGE = 14, 20, 8, 12
_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
_MAX_FACES = 16
_TO_PICTURE = (0xA1, 0x65, 0xA1, 0x30, 0xA1, 0xA0, 0xA0)
"""biometric data block, FaceImageDataBlock, representationBlocks, the first of them, imageRepresentation, base, 2D block."""
_PICTURE, _INFORMATION, _SIZE = 0x80, 0xA1, 0xA7


class ImageKind(Enum):
    """Values: media types."""

    JPEG = "image/jpeg"
    JPEG_2000 = "image/jp2"


class FaceImage(Record, frozen=True):
    """The first picture of DG2. What its bytes begin with says the kind, not what the record claims. width, height: as it claims."""

    data: bytes
    kind: ImageKind
    width: int
    height: int


def parse_dg2(file: bytes) -> FaceImage:
    """DG2 → the holder's picture. Raises Malformed."""
    templates = parse_tlv(need(parse_tlv(need(parse_tlv(file), _DG2).value), _TEMPLATES).value)
    first = next((one for one in templates if one.tag == _TEMPLATE), None)
    if need(templates, _COUNT).value == b"\x00" or first is None:
        raise Malformed("bad_dg2", "DG2 holds no template")
    parts = parse_tlv(first.value)
    newer = find(parts, _NEW_DATA)
    if newer is not None:
        return parse_extensible_face_record(newer.value)
    return parse_face_record(need(parts, _DATA).value)


def parse_face_record(record: bytes) -> FaceImage:
    """ISO/IEC 19794-5:2005 §5: header, then for each face its own head, feature points, picture's head, picture. Raises Malformed."""
    if len(record) < _HEADER + _FACE + _IMAGE or record[:4] != _FORMAT or record[4:8] not in _VERSIONS:
        raise Malformed("bad_dg2", "not a face record")
    total, faces = struct.unpack_from(">IH", record, 8)
    length, points = struct.unpack_from(">IH", record, _HEADER)
    start = _HEADER + _FACE + _POINT * points
    end = _HEADER + length
    if total > len(record) or not 1 <= faces <= _MAX_FACES or not start + _IMAGE < end <= total:
        raise Malformed("bad_dg2", "a face record whose lengths do not fit")
    width, height = struct.unpack_from(">HH", record, start + 2)
    data = record[start + _IMAGE : end]
    return FaceImage(data=data, kind=_kind(data), width=width, height=height)


def parse_extensible_face_record(record: bytes) -> FaceImage:
    """ISO/IEC 39794-5:2019 in Doc 9303's profile, DER with automatic tags: the first representation's picture. Raises Malformed.

    width, height: 0 where the record does not tell them.
    """
    value = record
    for tag in _TO_PICTURE:
        found = next((one for one in parse_tlv(value) if one.tag == tag), None)
        if found is None:
            raise Malformed("bad_dg2", "not a face record")
        value = found.value
    picture = parse_tlv(value)
    data = need(picture, _PICTURE).value
    information = find(picture, _INFORMATION)
    size = None if information is None else find(parse_tlv(information.value), _SIZE)
    numbers = {} if size is None else {one.tag: int.from_bytes(one.value[:4], "big") for one in parse_tlv(size.value)}
    return FaceImage(data=data, kind=_kind(data), width=numbers.get(0x80, 0), height=numbers.get(0x81, 0))


def _kind(data: bytes) -> ImageKind:
    if data.startswith(_JPEG):
        return ImageKind.JPEG
    if data.startswith(_JPEG_2000):
        return ImageKind.JPEG_2000
    raise Malformed("bad_dg2", "a picture that is neither JPEG nor JPEG 2000")
