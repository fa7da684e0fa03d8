"""Claims with marked parts → SD-JWT with all its disclosures. RFC 9901 §4, §6.

Every salt is 128 fresh random bits (§9.3), digests are sorted so that their order says nothing (§4.2.4.1), decoys hide how many there are.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from common.encoding import b64url_encode, compact_json
from common.jose.jws import sign_jws
from common.jose.sd_jwt.disclosure import DIGESTS, HASH_NAME, HASHES, PLACEHOLDER, Disclosable, digest_of
from common.ports import Signer

SALT_BYTES = 16


def issue_sd_jwt(
    header: Mapping[str, Any], claims: Mapping[str, Any], signer: Signer, *, decoys: int = 0, hash_name: str = "sha-256"
) -> str:
    """``<JWT>~<disclosure>~…~``. claims: plain values, with `Disclosable` around what may be held back, at any depth.

    decoys: digests of nothing, added to every object that has digests. Raises ValueError for a claim named ``_sd`` or ``...``.
    """
    packing = _Packing(HASHES[hash_name], decoys)
    payload = packing.pack_object(claims)
    if packing.disclosures or decoys:
        payload[HASH_NAME] = hash_name
    token = sign_jws(header, compact_json(payload), signer)
    return "~".join((token, *packing.disclosures, ""))


class _Packing:
    __slots__ = ("_chosen", "_decoys", "disclosures")

    def __init__(self, chosen: Callable[[bytes], Any], decoys: int) -> None:
        self._chosen = chosen
        self._decoys = decoys
        self.disclosures: list[str] = []

    def _hide(self, *content: Any) -> str:
        salt = b64url_encode(secrets.token_bytes(SALT_BYTES))
        text = b64url_encode(compact_json([salt, *content]))
        self.disclosures.append(text)
        return digest_of(text, self._chosen)

    def _decoy(self) -> str:
        return b64url_encode(self._chosen(secrets.token_bytes(32)).digest())

    def _pack(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.pack_object(value)
        if isinstance(value, list | tuple):
            return [
                {PLACEHOLDER: self._hide(self._pack(element.value))}
                if isinstance(element, Disclosable)
                else self._pack(element)
                for element in value
            ]
        return value

    def pack_object(self, source: Mapping[str, Any]) -> dict[str, Any]:
        packed: dict[str, Any] = {}
        digests: list[str] = []
        for name, value in source.items():
            if name in (DIGESTS, PLACEHOLDER, HASH_NAME):
                raise ValueError(f"no claim may be named {name}")
            if isinstance(value, Disclosable):
                digests.append(self._hide(name, self._pack(value.value)))
            else:
                packed[name] = self._pack(value)
        if digests:
            digests += [self._decoy() for _ in range(self._decoys)]
            packed[DIGESTS] = sorted(digests)
        return packed
