"""A backup: everything in a vault in one sealed file.

Layout: the line ``TEGATA-BACKUP``, one line of JSON (the header: version, when, how the file's key is wrapped), then the sealed body.
The body is sealed with the header as associated data, so neither part can be exchanged. Its key is wrapped by a passphrase in one of two
ways: a random key under a passphrase of the file's own, or the vault key with a copy of the vault's own wrapping, which opens with the
passphrase that the vault has at this moment and needs nothing typed now.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass
from threading import Lock
from typing import Any

from common.encoding import MAX_DEPTH, compact_json, parse_json_object
from common.errors import Malformed, Refused, Rejected, Unsupported
from common.keys.sealed import open_sealed, seal
from wallet_agent.vault.open_vault import KEY_BYTES, OpenVault, place
from wallet_agent.vault.wrapping import (
    Cost,
    PassphraseWrapping,
    unwrap_with_passphrase,
    wrap_with_passphrase,
)

MAGIC = b"TEGATA-BACKUP"
VERSION = 1
MAX_FILE = 32 << 20
MAX_BODY = 32 << 20
MAX_PARTS = 1_000_000
"""Objects and arrays in a body. An empty array is three bytes of text and sixty of memory, and who wrote the file is not known."""
MAX_HEADER = 4096
_BODY_DEPTH = 2 * MAX_DEPTH
_ONE_AT_A_TIME = Lock()
"""Reading a large file takes a lot of memory, and where strangers may make wallets, strangers send files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a file held. content: plain tables as JSON; made_at: seconds."""

    made_at: int
    content: dict[str, Any]

    def __repr__(self) -> str:
        return f"Backup(made_at={self.made_at})"


def build_backup(content: dict[str, Any], *, passphrase: str, cost: Cost, now: int) -> bytes:
    """A file that opens with a passphrase of its own."""
    key = secrets.token_bytes(KEY_BYTES)
    return _write(content, key, wrap_with_passphrase(key, passphrase, label="backup", cost=cost), "backup", now)


def build_backup_under_vault(
    content: dict[str, Any], *, vault: OpenVault, wrapping: PassphraseWrapping, vault_id: str, now: int
) -> bytes:
    """A file that opens with the passphrase that the vault has at this moment."""
    return _write(content, vault.key, wrapping, vault_id, now)


def _write(content: dict[str, Any], key: bytes, wrapping: PassphraseWrapping, label: str, now: int) -> bytes:
    header = compact_json({"version": VERSION, "made_at": now, "label": label, "wrapping": wrapping.as_json()})
    body = seal(key, zlib.compress(compact_json(content), 6), place("backup", header.decode()))
    return b"\n".join((MAGIC, header, body))


def open_backup(data: bytes, passphrase: str) -> Backup:
    """The content of a file.

    Raises Malformed (no such file), Unsupported (a later version), Refused (wrong passphrase), Rejected (changed).
    """
    if len(data) > MAX_FILE:
        raise Malformed("too_large", f"a backup has at most {MAX_FILE} bytes")
    magic, _, rest = data.partition(b"\n")
    header_bytes, _, body = rest.partition(b"\n")
    if magic != MAGIC:
        raise Malformed("not_a_backup", "this file is not a wallet backup")
    header = parse_json_object(header_bytes, max_bytes=MAX_HEADER)
    if header.get("version") != VERSION:
        raise Unsupported("backup_version", known=(str(VERSION),))
    made_at, label = header.get("made_at"), header.get("label")
    if type(made_at) is not int or not isinstance(label, str):
        raise Malformed("not_a_backup", "the header of the backup is incomplete")
    try:
        key = unwrap_with_passphrase(PassphraseWrapping.from_json(header.get("wrapping")), passphrase, label=label)
    except Refused:
        raise Refused("wrong_passphrase", "this passphrase does not open the backup") from None
    with _ONE_AT_A_TIME:
        plain = _inflate(open_sealed(key, body, place("backup", header_bytes.decode())))
        if plain.count(b"[") + plain.count(b"{") > MAX_PARTS:
            raise Malformed("too_large", f"a backup holds at most {MAX_PARTS} objects and arrays")
        return Backup(made_at=made_at, content=parse_json_object(plain, max_bytes=MAX_BODY, max_depth=_BODY_DEPTH))


def _inflate(data: bytes) -> bytes:
    """Bounded: the body is authentic here, but its maker need not be this program."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, MAX_BODY)
    except zlib.error:
        raise Rejected("bad_signature", "the backup was made by something else") from None
    if inflater.unconsumed_tail or not inflater.eof:
        raise Malformed("too_large", "the backup is too large or cut short")
    return plain
