"""One process that is the hub of a venue, as ``tegata gate hub`` starts it."""

from __future__ import annotations

import os
from pathlib import Path

from verifier.cli.gate_hub import serve_hub


def be_the_hub(folder: str, name: str, port: int) -> None:
    for field, value in {"ENVIRONMENT": "production", "DATA_DIR": folder, "SHUTDOWN_SECONDS": "1"}.items():
        os.environ[f"TEGATA_GATE_{field}"] = value
    serve_hub(name=name, port=port, tls_cert=None, tls_key=None)


def root_of(folder: Path) -> Path:
    return folder / "hub" / "root.pem"
