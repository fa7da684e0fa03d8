"""The DID methods of this deployment. To add one: its file in ``methods/``, and its line here."""

from __future__ import annotations

from common.did.contract import DidMethod
from common.did.methods.jwk import DidJwk
from common.did.methods.key import DidKey
from common.did.methods.peer import DidPeer
from common.did.methods.web import DidWeb
from common.did.methods.webvh import DidWebvh
from common.registry import Registry

_MEMBERS: tuple[DidMethod, ...] = (DidKey(), DidJwk(), DidWeb(), DidWebvh(), DidPeer())

METHODS: Registry[DidMethod] = Registry("DID method", _MEMBERS, name=lambda member: member.name)
