"""READ BINARY with both instructions, and READ RECORD (ISO/IEC 7816-4 §11.3, §11.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.cards.command import Answer, Command, Refusal
from examples.cards.files import File, Records, Transparent
from examples.cards.tlv import objects, tlv

if TYPE_CHECKING:
    from examples.cards.chip import Chip


def _open(chip: Chip, sfi: int, fid: int | None = None) -> File:
    """The file that is meant: by its short identifier (it is the current one from now on), by FID, or the current one."""
    application = chip.application
    if sfi or fid is not None:
        named = None
        if application is not None:
            named = application.by_sfi(sfi) if fid is None else application.files.get(fid)
        if named is None:
            raise Refusal(0x6A82)
        chip.file = named
    if chip.file is None:
        raise Refusal(0x6986)
    return chip.file


def _transparent(chip: Chip, file: File) -> bytes:
    if not isinstance(file, Transparent):
        raise Refusal(0x6981)
    if not file.read(chip.granted()):
        raise Refusal(0x6982)
    return file.stored()


def read_binary(chip: Chip, command: Command) -> Answer:
    """INS B0: 15 bits of offset into the current file, or 8 bits into the one that P1 names."""
    by_sfi = command.p1 & 0x80
    if by_sfi and command.p1 & 0x60:
        raise Refusal(0x6A86)
    content = _transparent(chip, _open(chip, command.p1 & 0x1F if by_sfi else 0))
    return _cut(chip, content, command.p2 if by_sfi else command.p1p2, command.ne)


def _cut(chip: Chip, content: bytes, offset: int, wanted: int) -> Answer:
    if not wanted:
        raise Refusal(0x6700)
    if offset >= len(content):
        raise Refusal(0x6B00)
    part = content[offset : offset + wanted]
    open_ended = wanted in {256, 65536}  # Le of zeros: whatever there is
    if len(part) == wanted or open_ended:
        return part, 0x9000
    if chip.end_of_file == 0x6C00:
        return b"", 0x6C00 | len(part) & 0xFF
    return part, chip.end_of_file


def read_binary_object(chip: Chip, command: Command) -> Answer:
    """INS B1: the offset comes as an object 54, the bytes go as an object 53, which fits into what is wanted. P1-P2: 0, SFI or FID."""
    try:
        [(tag, offset)] = objects(command.data)
    except ValueError:
        raise Refusal(0x6A80) from None
    if tag != 0x54 or not 1 <= len(offset) <= 4:
        raise Refusal(0x6A80)
    named = command.p1p2
    sfi, fid = (named, None) if named <= 30 else (0, named)
    content = _transparent(chip, _open(chip, sfi, fid))
    room = command.ne - (2 if command.ne <= 0x81 else 3 if command.ne <= 0x102 else 4)
    if room <= 0:
        raise Refusal(0x6700)
    at = int.from_bytes(offset, "big")
    if at >= len(content):
        raise Refusal(0x6B00)
    part = content[at : at + room]
    return tlv(0x53, part), 0x9000 if at + room <= len(content) or command.ne in {256, 65536} else 0x6282


def read_record(chip: Chip, command: Command) -> Answer:
    """INS B2 with P2 = SFI ‖ 100: the record whose number is P1."""
    if command.p2 & 0x07 != 0x04:
        raise Refusal(0x6A86)
    file = _open(chip, command.p2 >> 3)
    if not isinstance(file, Records):
        raise Refusal(0x6981)
    if not file.read(chip.granted()):
        raise Refusal(0x6982)
    if not 1 <= command.p1 <= len(file.records):
        raise Refusal(0x6A83)
    record = file.records[command.p1 - 1]
    if not command.ne:
        raise Refusal(0x6700)
    return record, 0x9000
