"""The file with the 32 secret bytes that seal everything else: one line of base64url, readable by its owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

import structlog

from common.encoding import b64url_decode, b64url_encode
from common.errors import Malformed, Misconfigured
from common.keys.sealed import KEY_BYTES


def refuse_open_file(path: Path, *, strict: bool) -> None:
    """A secret file that everybody on this machine may read or write: Misconfigured("key_file") where strict, else a warning.

    Its group may read it: that is how secrets are mounted into containers.
    """
    mode = path.stat().st_mode
    if not mode & (stat.S_IRWXO | stat.S_IWGRP):
        return
    detail = f"the secret file {path.name} is open to others (mode {stat.S_IMODE(mode):o}): chmod 600 it"
    if strict:
        raise Misconfigured("key_file", detail)
    structlog.get_logger("tegata.key_file").warning("secret_file_open", file=path.name, mode=f"{stat.S_IMODE(mode):o}")


def read_key_file(path: Path, *, strict: bool = True) -> bytes:
    """The key in an existing file. strict: refuse one that is open to others, instead of a warning. Raises Misconfigured("key_file")."""
    try:
        refuse_open_file(path, strict=strict)
        key = b64url_decode(path.read_text("ascii").strip())
    except OSError as error:
        raise Misconfigured("key_file", f"the key file {path.name} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, Malformed):
        key = b""
    if len(key) != KEY_BYTES:
        raise Misconfigured(
            "key_file", f"the key file {path.name} must hold {KEY_BYTES} bytes as one line of base64url"
        )
    return key


def open_key_file(path: Path, *, strict: bool = True) -> bytes:
    """The same, and a missing file is made (mode 0600), with its folder. Raises Misconfigured("key_file").

    Safe when several workers start at once: the file appears under its name only when it is whole, and the first one counts.
    """
    if not path.exists():
        try:
            _make(path)
        except OSError as error:
            raise Misconfigured("key_file", f"the key file {path.name} cannot be made: {error.strerror}") from error
    return read_key_file(path, strict=strict)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{b64url_encode(secrets.token_bytes(KEY_BYTES))}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)
