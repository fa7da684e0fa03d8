"""The picture inside DG2: a biometric template, a face record of ISO/IEC 19794-5, in it JPEG or JPEG 2000. Doc 9303-10 §4.7.2. Pure.

Documents made since 2026 may hold ISO/IEC 39794-5 instead (tag 7F2E): that is Unsupported("face_image") here, and DG2 is still proven by
its digest. The picture is taken out as it is; nothing here decodes it.
"""

from __future__ import annotations

import struct
from enum import Enum

from common.cards.tlv import need, parse_tlv
from common.errors import Malformed, Unsupported
from common.record import Record

_DG2, _TEMPLATES, _COUNT, _TEMPLATE = 0x75, 0x7F61, 0x02, 0x7F60
_DATA, _NEW_DATA = 0x5F2E, 0x7F2E
_FORMAT = b"FAC\x00"
_VERSIONS = (b"010\x00", b"015\x00")
_HEADER, _FACE, _POINT, _IMAGE = 14, 20, 8, 12
_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
_MAX_FACES = 16


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
    """DG2 → the holder's picture. Raises Malformed, Unsupported("face_image")."""
    templates = parse_tlv(need(parse_tlv(need(parse_tlv(file), _DG2).value), _TEMPLATES).value)
    first = next((one for one in templates if one.tag == _TEMPLATE), None)
    if need(templates, _COUNT).value == b"\x00" or first is None:
        raise Malformed("bad_dg2", "DG2 holds no template")
    parts = parse_tlv(first.value)
    if any(part.tag == _NEW_DATA for part in parts):
        raise Unsupported("face_image", known=("ISO/IEC 19794-5",))
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


def _kind(data: bytes) -> ImageKind:
    if data.startswith(_JPEG):
        return ImageKind.JPEG
    if data.startswith(_JPEG_2000):
        return ImageKind.JPEG_2000
    raise Malformed("bad_dg2", "a picture that is neither JPEG nor JPEG 2000")
