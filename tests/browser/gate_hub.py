"""A venue's hub, as `tegata gate hub` runs it, in a process of its own: `python -m tests.browser.gate_hub FOLDER PORT`.

Beside it a thread loads the packs (`*.tgpack`, `*.tgdelta`) that are put into FOLDER/packs, in the order of their names, and locks the
gate that any other file there names. They are gone then.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path

from verifier.cli.gate_desk import VENUE
from verifier.cli.gate_hub import serve_hub
from verifier.gate.devices import lock
from verifier.gate.packs import load_delta, load_pack

NAME = "gate.venue.test"
EVERY_SECONDS = 0.1


def main(folder: Path, port: int) -> None:
    values = {
        "ENVIRONMENT": "sandbox",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'hub.sqlite3'}",
        "LOG_LEVEL": "warning",
    }
    os.environ.update({f"TEGATA_GATE_{name}": value for name, value in values.items()})
    threading.Thread(target=_load_what_comes, args=(folder / "packs", port), daemon=True).start()
    serve_hub(name=NAME, port=port, tls_cert=None, tls_key=None)


def _load_what_comes(packs: Path, port: int) -> None:
    while not _answers(port):
        time.sleep(EVERY_SECONDS)
    while True:
        now = int(time.time())
        for file in sorted(packs.iterdir()):
            if file.suffix == ".part":
                continue
            if file.suffix == ".tgpack":
                load_pack(VENUE, file.read_bytes(), now=now, trust_first=True)
            elif file.suffix == ".tgdelta":
                load_delta(VENUE, file.read_bytes(), now=now)
            else:
                event, gate = file.read_text().split()
                lock(VENUE, event, bytes.fromhex(gate), now=now)
            file.unlink()
        time.sleep(EVERY_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
