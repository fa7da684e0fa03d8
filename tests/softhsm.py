"""SoftHSM2 from Debian's package, with tokens of its own in a folder of this test process. Nothing of the machine's is touched."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "2468-test"


class SoftHsm:
    """A folder of tokens. The module reads SOFTHSM2_CONF when it is loaded, so a process has one such folder for all its tests."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="tegata-softhsm-")
        self.home = Path(self._home.name)
        self.tokens = self.home / "tokens"
        self.tokens.mkdir()
        (self.home / "softhsm2.conf").write_text(
            f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        self.environment = {"SOFTHSM2_CONF": str(self.home / "softhsm2.conf")}

    def start(self) -> None:
        os.environ.update(self.environment)
        for label in ("tegata", "twin", "twin"):
            self.make_token(label)

    def make_token(self, label: str) -> None:
        words = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "13579-so", "--pin", PIN]
        subprocess.run(words, check=True, capture_output=True, env=os.environ | self.environment)

    def settings(self) -> dict[str, object]:
        """Of an issuer whose keys live here."""
        return {"pkcs11_module": MODULE, "pkcs11_token": "tegata", "pkcs11_pin": PIN}

    def remove(self) -> None:
        os.environ.pop("SOFTHSM2_CONF", None)
        self._home.cleanup()
