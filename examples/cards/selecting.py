"""SELECT, with all its ways to name what is meant (ISO/IEC 7816-4 §11.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.cards.command import DONE, Answer, Command, Refusal
from examples.cards.files import Application, File
from examples.cards.tlv import tlv

if TYPE_CHECKING:
    from examples.cards.chip import Chip

_BY_ANY_FID, _BY_CHILD_FID, _BY_FILE_FID, _PARENT, _BY_NAME, _BY_PATH, _BY_PATH_FROM_HERE = 0, 1, 2, 3, 4, 8, 9
_MF = b"\x3f\x00"


def select(chip: Chip, command: Command) -> Answer:
    """Raises Refusal; then the selection stays what it was."""
    by, data = command.p1, command.data
    if by == _BY_NAME:
        return enter(chip, _by_name(chip, data, following=bool(command.p2 & 0x02)), command.p2)
    if by in {_BY_ANY_FID, _PARENT} and data in {b"", _MF}:
        if chip.mf is None:
            return b"", 0x6A82 if data else 0x6A86 if chip.application is None else chip.without_mf
        return enter(chip, chip.mf, command.p2)
    if by in {_BY_ANY_FID, _BY_CHILD_FID, _BY_FILE_FID} and len(data) == 2:
        return enter(chip, _by_identifier(chip, chip.application, int.from_bytes(data, "big"), by), command.p2)
    if by in {_BY_PATH, _BY_PATH_FROM_HERE} and data and len(data) % 2 == 0:
        return _along(chip, data, from_mf=by == _BY_PATH, p2=command.p2)
    known = {_BY_ANY_FID, _BY_CHILD_FID, _BY_FILE_FID, _BY_PATH, _BY_PATH_FROM_HERE}
    raise Refusal(0x6A87 if by in known else 0x6A86)


def enter(chip: Chip, found: Application | File, p2: int) -> Answer:
    """Makes it the current one. Whoever leaves an application that is not above the new one loses what was granted there."""
    if isinstance(found, File):
        chip.file = found
        information = tlv(0x62, found.control_parameters())
    else:
        kept = found.line()[1:] if found is not chip.mf else (found,)
        for application in chip.all_applications():
            if application not in kept:
                application.reset()
        chip.application, chip.file, chip.challenge = found, None, b""
        information = found.control_information()
    return DONE if p2 & 0x0C == 0x0C else (information, 0x9000)


def _by_name(chip: Chip, name: bytes, *, following: bool) -> Application:
    def is_called(application: Application) -> bool:
        short = chip.partial_names and len(name) >= 5 and application.aid[: len(name)] == name
        return application.aid == name or short

    if not 1 <= len(name) <= 16:
        raise Refusal(0x6A87)
    found = [application for application in chip.applications if application.aid and is_called(application)]
    if following:
        found = found[found.index(chip.application) + 1 :] if chip.application in found else []
    if not found:
        raise Refusal(0x6A82)
    return found[0]


def _by_identifier(chip: Chip, inside: Application | None, fid: int, by: int) -> Application | File:
    file = inside.files.get(fid) if inside and by != _BY_CHILD_FID else None
    if file is not None:
        return file
    for application in chip.applications if by != _BY_FILE_FID else ():
        if application.fid == fid and application.parent in {chip.mf, inside}:
            return application
    raise Refusal(0x6A82)


def _along(chip: Chip, path: bytes, *, from_mf: bool, p2: int) -> Answer:
    """Applications by FID, and at the end perhaps a file."""
    inside = chip.mf if from_mf else chip.application
    found: Application | File | None = None
    for at in range(0, len(path), 2):
        found = _by_identifier(chip, inside, int.from_bytes(path[at : at + 2], "big"), _BY_ANY_FID)
        if isinstance(found, Application):
            inside = found
    answer = enter(chip, inside, p2) if inside is not None and inside is not chip.application else DONE
    return enter(chip, found, p2) if isinstance(found, File) else answer
