"""`--lan`: the same cast over https under this machine's name, so that real phones can open the pages.

Camera and WebCrypto work only in a secure context. The certificate is the sandbox authority's own: phones must trust its root once
(it is served nowhere; copy ``ca/ca.pem`` to the phone). A deployment sets ``tls_cert`` and ``tls_key`` to its own instead.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common.x509.sandbox_ca import Use, issue_leaf, load_ca
from examples.demo.cast import PORTS, Cast, make_cast


def lan_cast(
    folder: Path, *, name: str = "", ports: tuple[int, ...] = PORTS, tls: tuple[Path, Path] | None = None
) -> Cast:
    """Three programs on all addresses of this machine, with certificates for ``name`` (default: host name, .local)."""
    host = name or _own_name()
    certificate, key = tls or (folder / "tls.pem", folder / "tls-key.pem")
    settings = {
        "tls_cert": str(certificate),
        "tls_key": str(key),
        "fetch_roots": str(folder / "ca" / "ca.pem"),
        "fetch_hosts": f"{host}=127.0.0.1",  # the three live together, whatever the name servers of this network say
        "shutdown_seconds": "2",  # over TLS each waits so long for the others to hang up, and the story starts some of them anew
    }
    cast = make_cast(
        folder, ports=ports, host=host, listen="0.0.0.0", scheme="https", shared=settings
    )  # phones shall reach it
    if tls is None:
        _certify(folder, host)
    else:
        for program in cast.programs.values():
            program.verify = True
    return cast


def _certify(folder: Path, host: str) -> None:
    """A fresh certificate for ``host`` by this sandbox's authority."""
    authority = load_ca((folder / "ca" / "ca.pem").read_bytes(), (folder / "ca" / "ca.key").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = issue_leaf(
        authority, key.public_key(), name=host, use=Use.TLS_SERVER, now=int(time.time()), dns_names=(host,), days=90
    )
    (folder / "tls.pem").write_bytes(leaf.pem)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(folder / "tls-key.pem", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)


def _own_name() -> str:
    """This machine's name with the ending that phones resolve by themselves (multicast DNS)."""
    own = socket.gethostname().lower()
    return own if "." in own else f"{own}.local"
