"""Claims with marked parts → SD-JWT with all its disclosures. RFC 9901 §4, §6.

Every salt is 144 fresh random bits (§9.3 asks for 128), digests are sorted so that their order says nothing (§4.2.4.1), decoys hide
how many there are.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from json.encoder import encode_basestring
from typing import Any

from common.encoding import b64url_encode, compact_json, json_text
from common.jose.jws import sign_jws
from common.jose.sd_jwt.disclosure import DIGESTS, HASH_NAME, HASHES, PLACEHOLDER, Disclosable, digests_of
from common.ports import Signer

SALT_BYTES = 18
"""144 bits, 24 characters: as many of them as are needed are encoded at once."""
_SALT_LENGTH = 24
_SALTS_AT_ONCE = 16


def issue_sd_jwt(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    signer: Signer,
    *,
    decoys: int = 0,
    array_decoys: int = 0,
    hash_name: str = "sha-256",
    plain: Mapping[str, Any] | None = None,
) -> str:
    """``<JWT>~<disclosure>~…~``. claims: plain values, with `Disclosable` around what may be held back, at any depth.

    decoys: digests of nothing, added to every object that has digests; array_decoys: the same after the elements of every array that has
    some (§4.2.6). plain: claims that hold nothing to be held back; they come first and are not searched.
    Raises ValueError for a claim named ``_sd`` or ``...``.
    """
    packing = _Packing(HASHES[hash_name], decoys, array_decoys)
    payload = packing.pack_object(claims)
    if plain:
        payload = {**plain, **payload}
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

    def _salt(self) -> str:
        if not self._salts:
            many = b64url_encode(secrets.token_bytes(_SALTS_AT_ONCE * SALT_BYTES))
            self._salts = [many[at : at + _SALT_LENGTH] for at in range(0, len(many), _SALT_LENGTH)]
        return self._salts.pop()

    def _disclose(self, contents: list[bytes]) -> list[str]:
        """contents: JSON arrays, each but for its closing bracket. Remembers the disclosures; their digests in the same order.

        Blanks before the bracket make each a multiple of three bytes long, so that one base64 serves all of them.
        """
        whole = [content + _CLOSING[len(content) % 3] for content in contents]
        encoded = b64url_encode(b"".join(whole))
        ends = list(accumulate([len(content) // 3 * 4 for content in whole], initial=0))
        texts = [encoded[begin:end] for begin, end in pairwise(ends)]
        self.disclosures += texts
        return digests_of([text.encode() for text in texts], self._chosen)

    def _decoy_digests(self, count: int) -> list[str]:
        return digests_of([secrets.token_bytes(32) for _ in range(count)], self._chosen)

    def _pack(self, value: Any) -> Any:
        if value.__class__ in _SCALARS:
            return value
        if isinstance(value, Mapping):
            return self.pack_object(value)
        if isinstance(value, list | tuple):
            return self._pack_array(value)
        return value

    def _json(self, value: Any) -> str:
        return encode_basestring(value) if value.__class__ is str else json_text(self._pack(value))

    def _pack_array(self, source: Sequence[Any]) -> list[Any]:
        packed: list[Any] = []
        contents: list[bytes] = []
        places: list[int] = []
        for element in source:
            if element.__class__ is Disclosable:
                contents.append(f'["{self._salt()}",{self._json(element.value)}'.encode())
                places.append(len(packed))
                packed.append(None)
            else:
                packed.append(self._pack(element))
        if contents:
            for place, digest in zip(places, self._disclose(contents), strict=True):
                packed[place] = {PLACEHOLDER: digest}
            # at the end: indices in claims paths count elements as issued
            packed += [{PLACEHOLDER: digest} for digest in self._decoy_digests(self._array_decoys)]
        return packed

    def pack_object(self, source: Mapping[str, Any]) -> dict[str, Any]:
        packed: dict[str, Any] = {}
        contents: list[bytes] = []
        for name, value in source.items():
            if name in _RESERVED:
                raise ValueError(f"no claim may be named {name}")
            if value.__class__ is Disclosable:
                contents.append(f'["{self._salt()}",{_quote(name)},{self._json(value.value)}'.encode())
            else:
                packed[name] = value if value.__class__ in _SCALARS else self._pack(value)
        if contents:
            packed[DIGESTS] = sorted(self._disclose(contents) + self._decoy_digests(self._decoys))
        return packed


_quote = lru_cache(1024)(encode_basestring)
"""Names of claims, which are the same in every credential of a type."""
_CLOSING = (b"  ]", b" ]", b"]")
_RESERVED = frozenset({DIGESTS, PLACEHOLDER, HASH_NAME})
_SCALARS: frozenset[type] = frozenset({str, int, bool, float, type(None)})
