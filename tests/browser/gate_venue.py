"""A venue for the scanner's tests: an organiser who signs packs, its hub process, guests with phones, and films for a fake camera."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import zxingcpp
from PIL import Image

from common.formats.gate_pass.build import build_pass_proof, build_pass_token, challenge_nonce, write_pass_text
from common.gate.index_set import IndexSet
from common.gate.pack import GatePack, PackStatus, build_pack
from common.gate.pack_members import PackClass, PackEntrance, PackGate, PackIssuerKey, PackRules
from common.gate.signed import name_of
from common.keys.compressed_point import compress
from common.keys.software import SoftwareKey
from tests.browser.gate_hub import NAME
from tests.browser.visitor import ARGUMENTS
from tests.ports import free_port

EVENT = "hanabi-2026-x7k2"
NORTH, SOUTH, CHALLENGE = 1, 2, 3
SEATS, PAPER = 1, 2
REVOKED = 66
DAY = 86_400
ROOT = Path(__file__).parents[2]


@dataclass
class Venue:
    """folder: the hub's. Guests' keys are made by `ticket`."""

    folder: Path
    port: int
    organiser: SoftwareKey = field(default_factory=SoftwareKey.generate)
    issuer: SoftwareKey = field(default_factory=SoftwareKey.generate)
    gates: list[PackGate] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    serial: int = 0
    re_entry: bool = False

    @property
    def address(self) -> str:
        return f"https://{NAME}:{self.port}/gate/"

    @property
    def fingerprint(self) -> str:
        name = name_of(compress(self.organiser.public_jwk())).hex().upper()
        return " ".join(name[at : at + 4] for at in range(0, 16, 4))

    def pack(self, **change: Any) -> GatePack:
        now = int(time.time())
        self.serial += 1
        made: dict[str, Any] = {
            "event": EVENT,
            "serial": self.serial,
            "issued_at": now,
            "good_until": now + DAY,
            "names": {"en": "Sumida Fireworks 2026", "ja": "隅田川花火大会2026"},
            "issuer_keys": (PackIssuerKey(compress(self.issuer.public_jwk()), 0, now + DAY),),
            "gates": tuple(sorted(self.gates, key=lambda gate: gate.gate)),
            "classes": (
                PackClass(SEATS, {"en": "Seat", "ja": "指定席"}, (NORTH, CHALLENGE), (), 0, False),
                PackClass(PAPER, {"en": "Paper ticket", "ja": "紙のチケット"}, (NORTH,), (), 0, True),
            ),
            "entrances": (
                PackEntrance(NORTH, {"en": "North gate", "ja": "北口"}, False),
                PackEntrance(SOUTH, {"en": "South gate", "ja": "南口"}, False),
                PackEntrance(CHALLENGE, {"en": "Stage door", "ja": "楽屋口"}, True),
            ),
            "rules": PackRules(self.re_entry, True, 60, 0, 6 * 3600, 30),
            "status": PackStatus(now - 840, "https://uni.example/status/7", IndexSet([REVOKED]), IndexSet([])),
            "next_signers": (compress(self.organiser.public_jwk()),),
        }
        return GatePack(**{**made, **change})

    def publish(self, pack: GatePack | None = None) -> bytes:
        """Signs a pack and hands it to the hub."""
        data = build_pack(pack or self.pack(), self.organiser)
        self._hand(f"{self.serial:04}.tgpack", data)
        return data

    def _hand(self, name: str, data: bytes) -> None:
        folder = self.folder / "packs"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.part").write_bytes(data)
        (folder / f"{name}.part").rename(folder / name)

    def enrol(self, point: bytes, name: str = "北口1") -> PackGate:
        """The organiser's yes to a device."""
        gate = PackGate(name_of(point), name, point, (NORTH, SOUTH, CHALLENGE), int(time.time()), None, 0, 0)
        self.gates.append(gate)
        return gate

    def lock(self, gate: bytes) -> None:
        self._hand(f"lock-{gate.hex()}", f"{EVENT} {gate.hex()}".encode())

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.gate_hub", str(self.folder), str(self.port)],
            cwd=ROOT,
            env=dict(os.environ),
        )
        deadline = time.monotonic() + 60
        with httpx.Client(verify=False) as client:
            while not self._has_an_event(client):
                assert time.monotonic() < deadline
                assert self.process.poll() is None
                time.sleep(0.1)

    def _has_an_event(self, client: httpx.Client) -> bool:
        try:
            return bool(client.get(f"https://127.0.0.1:{self.port}/gate/events").json())
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def arguments(self, film: Path | None = None) -> list[str]:
        """For a Chromium that finds the hub by its name and takes its certificate, and whose camera sees ``film``."""
        fake = [f"--use-file-for-fake-video-capture={film}"] if film is not None else []
        return [*ARGUMENTS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1", "--ignore-certificate-errors", *fake]

    def ticket(self, cti: bytes, *, klass: int = SEATS, index: int = 5, paper: bool = False) -> Ticket:
        key = SoftwareKey.generate()
        token = build_pass_token(
            event=EVENT,
            klass=klass,
            index=index,
            flags=0,
            cti=cti,
            exp=int(time.time()) + DAY,
            holder=None if paper else compress(key.public_jwk()),
            signer=self.issuer,
        )
        return Ticket(token, key, paper)


@dataclass
class Ticket:
    token: bytes
    key: SoftwareKey
    paper: bool

    def code(self, *, at: int | None = None, challenge: int | None = None) -> str:
        """The text of the QR code that its holder shows, at that second of the holder's clock."""
        if self.paper:
            return write_pass_text(self.token)
        nonce = None if challenge is None else challenge_nonce(challenge)
        iat = int(time.time()) if at is None else at
        return write_pass_text(build_pass_proof(self.token, event=EVENT, iat=iat, signer=self.key, cnonce=nonce))


def open_venue(folder: Path) -> Venue:
    return Venue(folder, free_port())


def film(path: Path, scenes: Sequence[tuple[str | None, float]], *, side: int = 480, rate: int = 10) -> Path:
    """Codes one after the other (None: nothing), each for so many seconds, in YUV4MPEG2, which Chromium plays again and again."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{side} H{side} F{rate}:1 Ip A1:1 C420jpeg\n".encode())
        for text, seconds in scenes:
            picture = Image.new("L", (side, side), 200)
            if text is not None:
                picture.paste(drawn_code(text).resize((side - 60, side - 60), Image.Resampling.BICUBIC), (30, 30))
            frame = b"FRAME\n" + picture.tobytes() + b"\x80" * (2 * (side // 2) ** 2)
            file.write(frame * max(1, round(seconds * rate)))
    return path


def drawn_code(text: str) -> Image.Image:
    """As a screen shows it, with its quiet zone."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(scale=6)
    code = Image.fromarray(drawn).convert("L")
    sheet = Image.new("L", (code.width + 48, code.height + 48), 255)
    sheet.paste(code, (24, 24))
    return sheet
