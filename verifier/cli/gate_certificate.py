"""A certificate for the hub's own name, where none is set: by an authority that is made for this venue alone.

Cameras and WebCrypto need https, also on a LAN with no internet. Phones must trust this authority's root once. It is bound to the name of
the hub: who steals its key can be the hub, and not the bank of everybody who trusts it. A hub of another name has another root.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.x509.names import is_only_for
from common.x509.sandbox_ca import Use, issue_leaf, load_ca, make_ca

DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class HubCertificate:
    """Files in PEM. root: what phones have to trust."""

    certificate: Path
    key: Path
    root: Path


def own_name() -> str:
    """This machine's name with the ending that phones resolve by themselves (multicast DNS)."""
    name = socket.gethostname().lower()
    return name if "." in name else f"{name}.local"


def certify(folder: Path, host: str, *, now: int) -> HubCertificate:
    """A fresh certificate for ``host``; the authority of that name is made once and kept in ``folder``. now: seconds."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = HubCertificate(certificate=folder / "hub.pem", key=folder / "hub-key.pem", root=folder / "root.pem")
    authority_key = folder / "root-key.pem"
    authority = load_ca(files.root.read_bytes(), authority_key.read_bytes()) if authority_key.exists() else None
    if authority is None or not is_only_for(authority.certificate, host):
        authority = make_ca(f"Tegata gate hub {host}", now=now, only=host)
        files.root.write_bytes(authority.pem)
        _write_secret(authority_key, authority.key_pem)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = issue_leaf(authority, key.public_key(), name=host, use=Use.TLS_SERVER, now=now, dns_names=(host,), days=DAYS)
    files.certificate.write_bytes(leaf.pem)
    _write_secret(
        files.key,
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    return files


def _write_secret(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
