"""Claims with marked parts → SD-JWT with all its disclosures. RFC 9901 §4, §6.

Every salt is 144 fresh random bits (§9.3 asks for 128), digests are sorted so that their order says nothing (§4.2.4.1), decoys hide
how many there are.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.encoding import b64url_encode, compact_json, json_text
from common.jose.jws import sign_jws
from common.jose.sd_jwt.disclosure import DIGESTS, HASH_NAME, HASHES, PLACEHOLDER, Disclosable, digests_of
from common.ports import Signer

SALT_BYTES = 18
"""144 bits, 24 characters: as many of them as are needed are encoded at once."""
_SALT_LENGTH = 24
_SALTS_AT_ONCE = 32


def issue_sd_jwt(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    signer: Signer,
    *,
    decoys: int = 0,
    array_decoys: int = 0,
    hash_name: str = "sha-256",
) -> str:
    """``<JWT>~<disclosure>~…~``. claims: plain values, with `Disclosable` around what may be held back, at any depth.

    decoys: digests of nothing, added to every object that has digests; array_decoys: the same after the elements of every array that has
    some (§4.2.6). Raises ValueError for a claim named ``_sd`` or ``...``.
    """
    packing = _Packing(HASHES[hash_name], decoys, array_decoys)
    payload = packing.pack_object(claims)
    if packing.disclosures or decoys:
        payload[HASH_NAME] = hash_name
    token = sign_jws(header, compact_json(payload), signer)
    return "~".join((token, *packing.disclosures, ""))


class _Packing:
    __slots__ = ("_array_decoys", "_chosen", "_decoys", "_salts", "disclosures")

    def __init__(self, chosen: Callable[[bytes], Any], decoys: int, array_decoys: int) -> None:
        self._chosen = chosen
        self._decoys = decoys
        self._array_decoys = array_decoys
        self._salts: list[str] = []
        self.disclosures: list[str] = []

    def _disclose(self, content: str) -> bytes:
        """content: the JSON of what comes after the salt. The disclosure, remembered as text."""
        if not self._salts:
            many = b64url_encode(secrets.token_bytes(_SALTS_AT_ONCE * SALT_BYTES))
            self._salts = [many[at : at + _SALT_LENGTH] for at in range(0, len(many), _SALT_LENGTH)]
        text = b64url_encode(f'["{self._salts.pop()}",{content}]'.encode())
        self.disclosures.append(text)
        return text.encode("ascii")

    def _pack(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.pack_object(value)
        if isinstance(value, list | tuple):
            return self._pack_array(value)
        return value

    def _pack_array(self, source: Sequence[Any]) -> list[Any]:
        packed: list[Any] = []
        hidden = False
        for element in source:
            if isinstance(element, Disclosable):
                text = self._disclose(json_text(self._pack(element.value)))
                packed.append({PLACEHOLDER: digests_of([text], self._chosen)[0]})
                hidden = True
            else:
                packed.append(self._pack(element))
        if hidden:  # at the end: indices in claims paths count elements as issued
            packed += [{PLACEHOLDER: digest} for digest in self._decoy_digests(self._array_decoys)]
        return packed

    def _decoy_digests(self, count: int) -> list[str]:
        return digests_of([secrets.token_bytes(32) for _ in range(count)], self._chosen)

    def pack_object(self, source: Mapping[str, Any]) -> dict[str, Any]:
        packed: dict[str, Any] = {}
        texts: list[bytes] = []
        for name, value in source.items():
            if name in _RESERVED:
                raise ValueError(f"no claim may be named {name}")
            if value.__class__ is Disclosable:
                inner = value.value
                if inner.__class__ is not str:
                    inner = self._pack(inner)
                texts.append(self._disclose(f"{json_text(name)},{json_text(inner)}"))
            else:
                packed[name] = self._pack(value)
        if texts:
            packed[DIGESTS] = sorted(digests_of(texts, self._chosen) + self._decoy_digests(self._decoys))
        return packed


_RESERVED = frozenset({DIGESTS, PLACEHOLDER, HASH_NAME})
