"""A small card for tests of the ISO 7816 chip: a master file with a PIN of its own, two applications, one of each kind of file."""

from __future__ import annotations

from examples.cards.chip import Application, Chip
from examples.cards.command import Answer, Command
from examples.cards.files import Internal, Pin, Records, Transparent, all_of, any_of

AID, OTHER = bytes.fromhex("d392f000260100000001"), bytes.fromhex("a0000002310100000000000000000000")
LONG = bytes(range(256)) * 160  # 40960 bytes: offsets of more than 15 bits


class Echo(Application):
    """Answers 80 10 with what it was sent, P1 times over."""

    def handle(self, command: Command) -> Answer | None:
        if (command.cla, command.ins) != (0x80, 0x10):
            return None
        return command.data * (command.p1 or 1), 0x9000


def card(**options) -> Chip:  # type: ignore[no-untyped-def]
    """A card with a master file that has a PIN of its own, and two applications."""
    options.setdefault(
        "mf",
        Application(
            files=[Pin(fid=1, name="global", value=b"9999", limit=3), Transparent(fid=0x2F01, sfi=29, content=b"info")]
        ),
    )
    one = Echo(
        aid=AID,
        fid=0x7F01,
        files=[
            Transparent(fid=0x0001, content=b"for the pin", read=any_of("pin")),
            Transparent(fid=0x0002, content=bytes(range(200)) * 3),
            Transparent(fid=0x0003, content=b"for both", read=all_of("pin", "global")),
            Transparent(fid=0x0004, content=b"\x30\x02ab", size=10),
            Transparent(fid=0x0005, content=b"under messaging", read=any_of("secure")),
            Records(fid=0x0006, records=(b"first", b"second")),
            Internal(fid=0x0017),
            Transparent(fid=0x0101, content=LONG),
            Pin(fid=0x0018, name="pin", value=b"1234", limit=3),
        ],
    )  # fmt: skip
    return Chip([one, Application(aid=OTHER, files=[Transparent(fid=0x0001, content=b"elsewhere")])], **options)


def say(chip: Chip, *apdus: str) -> str:
    """What is answered to the last of them, in hexadecimal."""
    answer = b""
    for apdu in apdus:
        answer = chip.answer(bytes.fromhex(apdu))
    return answer.hex()


SELECT = f"00a4040c0a{AID.hex()}"
SELECT_OTHER = f"00a4040c10{OTHER.hex()}"
PIN, WRONG = "00200098 04 31323334", "00200098 04 31323335"
