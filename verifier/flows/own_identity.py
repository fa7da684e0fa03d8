"""A relying party's own key and certificate, from an operator's files or from a sandbox's authority."""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import Malformed, Refused
from common.keys.software import SoftwareKey
from common.x509.pem import parse_certificates, to_x5c
from common.x509.sandbox_ca import Use, issue_leaf, load_ca


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIdentity:
    """x5c: base64 certificates for ``key``, leaf first; empty where there are none."""

    key: SoftwareKey
    x5c: tuple[str, ...] = ()


def read_identity(*, private_key: bytes | None, certificates: bytes | None) -> OwnIdentity:
    """private_key: PEM or JWK; None makes a new one. certificates: PEM, leaf first.

    Raises Malformed for files that cannot be read or do not belong together.
    """
    key = SoftwareKey.generate() if private_key is None else SoftwareKey.from_file_content(private_key)
    if certificates is None:
        return OwnIdentity(key=key)
    chain = parse_certificates(certificates)
    if chain[0].public_key() != key.private_key().public_key():
        raise Malformed("not_its_key", "the first certificate is not for the private key; give both, --private-key too")
    return OwnIdentity(key=key, x5c=to_x5c(chain))


def certify_in_sandbox(
    identity: OwnIdentity, *, authority: tuple[bytes, bytes], name: str, host: str, sandbox: bool, now: int
) -> OwnIdentity:
    """The same key with a certificate for ``host``. authority: certificate and key, PEM.

    Raises Refused outside of a sandbox, Malformed.
    """
    if not sandbox:
        raise Refused("sandbox_only", "only a sandbox makes its own certificates; ask an authority for one")
    public = identity.key.private_key().public_key()
    leaf = issue_leaf(load_ca(*authority), public, name=name, use=Use.VERIFIER, now=now, dns_names=[host])
    return OwnIdentity(key=identity.key, x5c=leaf.x5c)
