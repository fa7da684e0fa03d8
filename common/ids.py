"""Names for strings that must not be mixed up. A NewType costs nothing at run time and a type checker minds it."""

from __future__ import annotations

from typing import NewType

Tenant = NewType("Tenant", str)
"""Slug of an institution (issuer), a relying party (verifier) or a holder (wallet agent): ``[a-z0-9][a-z0-9-]{0,62}``."""
Did = NewType("Did", str)
DidUrl = NewType("DidUrl", str)
KeyId = NewType("KeyId", str)
Vct = NewType("Vct", str)
"""SD-JWT VC type identifier, an https address here (SD-JWT VC §3.2.2.1)."""
CredentialConfigurationId = NewType("CredentialConfigurationId", str)
Nonce = NewType("Nonce", str)
TransactionId = NewType("TransactionId", str)
SessionId = NewType("SessionId", str)
