"""What really went over the wire: the lines that the three programs recorded themselves (setting ``wire_log``), told in one line each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP exchange between two of the programs (or from the person's own device)."""

    at: float
    asker: str
    answerer: str
    method: str
    path: str
    status: int
    said: str
    ms: float

    def sentence(self, width: int = 150) -> str:
        """wallet → issuer  POST /sakuragawa/token  200  pre-authorized_code=Ab3x9Q…"""
        text = f"{self.asker} → {self.answerer}  {self.method} {self.path}  {self.status}  {self.said}"
        return text if len(text) <= width else text[: width - 1] + "…"


class Wire:
    """Reads the record of every program from where the last reading ended."""

    def __init__(self, files: dict[str, Path], urls: dict[str, str]) -> None:
        self._files = dict(files)
        self._owner = {urlsplit(url).netloc: name for name, url in urls.items()}
        self._offsets = dict.fromkeys(files, 0)

    def know(self, name: str, *, url: str = "", file: Path | None = None) -> None:
        """One more who takes part: where they are asked, or what they record of their own asking."""
        if url:
            self._owner[urlsplit(url).netloc] = name
        if file is not None:
            self._files[name], self._offsets[name] = file, 0

    def since_last_time(self) -> list[Exchange]:
        """The exchanges between programs that were recorded since the last call, in order of time."""
        found: list[Exchange] = []
        for name, path in self._files.items():
            if not path.exists():
                continue
            with path.open("rb") as file:
                file.seek(self._offsets[name])
                lines = file.read()
            whole = lines[: lines.rfind(b"\n") + 1]
            self._offsets[name] += len(whole)
            # The asker's side tells the tale: the answerer's record of the same exchange would tell it twice.
            found += [
                self._exchange(name, entry)
                for line in whole.splitlines()
                if (entry := json.loads(line))["direction"] == "out"
            ]
        return sorted(found, key=lambda exchange: exchange.at)

    def _exchange(self, asker: str, entry: dict[str, Any]) -> Exchange:
        address = urlsplit(entry["url"])
        return Exchange(
            at=entry["at"],
            asker=asker,
            answerer=self._owner.get(address.netloc, address.netloc),
            method=entry["method"],
            path=address.path or "/",
            status=entry["status"],
            said=_said(entry["request"]) or _said(entry["response"]),
            ms=entry["ms"],
        )


def _said(body: dict[str, Any]) -> str:
    """The beginning of a body, or what it is where it is no text; empty without one."""
    if body["preview"] or not body["size"]:
        return str(body["preview"])
    return f"({body['type'].partition(';')[0]}, {body['size']} bytes)"
