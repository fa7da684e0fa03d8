"""Names for strings that must not be mixed up, and the one rule of their form. A NewType costs nothing, and a type checker minds it."""

from __future__ import annotations

import re
from typing import NewType

Tenant = NewType("Tenant", str)
"""Slug of an institution (issuer), a relying party (verifier) or a holder (wallet agent): see `is_slug`."""
Did = NewType("Did", str)
DidUrl = NewType("DidUrl", str)
KeyId = NewType("KeyId", str)
Vct = NewType("Vct", str)
"""SD-JWT VC type identifier, an https address here (SD-JWT VC §3.2.2.1)."""
CredentialConfigurationId = NewType("CredentialConfigurationId", str)
Nonce = NewType("Nonce", str)
TransactionId = NewType("TransactionId", str)
SessionId = NewType("SessionId", str)

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def is_slug(text: str) -> bool:
    """Whether the text can be a tenant's name in addresses: up to 63 of a–z, 0–9 and hyphens, the first one no hyphen."""
    return _SLUG.fullmatch(text) is not None
