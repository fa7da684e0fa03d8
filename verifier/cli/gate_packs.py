"""Newer packs of a gate at work: from a file that changed, from the hub, from the organiser, or loaded beside it on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import Malformed, TegataError, Unavailable
from common.gate.delta import parse_delta
from common.gate.pack import MAX_PACK, GatePack
from verifier.cli.gate_desk import LOCAL, fetch_newer
from verifier.gate.packs import load_delta, load_pack, require_event
from verifier.gate.plan import GatePlan

if TYPE_CHECKING:
    from verifier.gate.http_link import HttpHub

_REFUSED = {
    "unknown_signer": ("it was signed by a key that is not known here", "知らない鍵で署名されています"),
    "bad_signature": ("its signature is wrong: it was changed on the way", "署名が合いません"),
    "wrong_event": ("it is for another event", "別のイベントのデータです"),
    "pack_expired": ("it is out of date already", "すでに期限が切れています"),
    "pack_rolled_back": ("it is older than the one that is loaded", "読み込まれているものより古いデータです"),
    "no_answer": ("nobody answers", "応答がありません"),
    "link_failed": (
        "something went wrong on this machine, and is tried again",
        "この端末で問題が起きました。もう一度試します",
    ),
    "no_file": ("there is no such file", "ファイルがありません"),
}
_OTHER = ("this is no gate pack that fits", "このイベントの入場データではありません")
_WORDS = {
    "en": ("pack no. {serial} is loaded; revocations as of {age} s ago", "pack refused ({code}): {why}"),
    "ja": (
        "入場データ{serial}番を読み込みました（取り消し情報は{age}秒前）",
        "入場データを読み込めません（{code}）：{why}",
    ),
}


@dataclass(slots=True)
class PackSource:
    """file: a pack, a delta, or the folder (of a stick) where they lie under the event's name. plan: of the pack that is loaded.

    organiser: fetches from it; None where this machine is not enrolled there. now: seconds.
    """

    event: str
    plan: Callable[[], GatePlan]
    now: Callable[[], int]
    file: Path | None = None
    server: HttpHub | None = None
    organiser: Callable[[], object] | None = None
    _seen: dict[Path, tuple[int, int]] | None = None

    def look(self, serial: int) -> GatePlan | None:
        """Costs next to nothing: files that changed since the last look, and what else was loaded on this machine.

        None where nothing is newer than that serial. Raises TegataError for a file that is refused, once for each that changed.
        """
        for path in self._files(self.file) if self.file is not None else ():
            stamp = _stamp(path)
            seen = self._seen = self._seen or {}
            if stamp is not None and seen.get(path) != stamp:
                seen[path] = stamp
                self._load(path)
        return self._newer(serial)

    def fetch(self, serial: int) -> GatePlan | None:
        """From the hub, or else from the organiser. Raises TegataError."""
        if self.server is not None:
            fetch_newer(LOCAL, self.server, self.event, now=self.now())
        elif self.organiser is not None:
            self.organiser()
        return self._newer(serial)

    def within(self, serial: int, seconds: float) -> GatePlan | None:
        """From the hub, while a guest waits. Raises TegataError."""
        if self.server is None:
            return None
        fetch_newer(LOCAL, self.server, self.event, now=self.now(), seconds=seconds)
        return self._newer(serial)

    def take(self, named: str, serial: int) -> GatePlan | None:
        """By a person's word: the file named; without one from whoever has packs, else the watched file again. Raises TegataError."""
        if named:
            found = [path for path in self._files(Path(named)) if path.is_file()]
            if not found:
                raise Unavailable("no_file", "there is no such file")
            refused: list[TegataError] = []
            for path in found:
                try:
                    self._load(path)
                except TegataError as error:
                    refused.append(error)
            newer = self._newer(serial)
            if newer is None and refused:
                raise refused[-1]
            return newer
        if self.server is not None or self.organiser is not None:
            return self.fetch(serial)
        self._seen = None
        return self.look(serial)

    def _files(self, path: Path) -> tuple[Path, ...]:
        if path.is_dir():
            return tuple(path / f"{self.event}.{kind}" for kind in ("tgpack", "tgdelta"))
        return (path,)

    def _load(self, path: Path) -> GatePack:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_PACK + 1)
        except OSError:
            raise Unavailable("no_file", "the file cannot be read") from None
        try:
            parse_delta(data)
        except Malformed:
            return load_pack(LOCAL, data, now=self.now())
        return load_delta(LOCAL, data, now=self.now())

    def _newer(self, serial: int) -> GatePlan | None:
        return self.plan() if require_event(LOCAL, self.event).pack.serial > serial else None


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def loaded_words(plan: GatePlan, language: str, *, now: int) -> str:
    return _WORDS[language][0].format(serial=plan.serial, age=max(0, now - plan.as_of))


def refused_words(error: TegataError, language: str) -> str:
    """Why a pack was not taken, as a steward reads it."""
    why = _REFUSED.get(error.code, _OTHER)[1 if language == "ja" else 0]
    return _WORDS[language][1].format(code=error.code, why=why)
