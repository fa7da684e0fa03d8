"""``relatedResource``: digests of what a credential refers to. VCDM 2.0 §5.3; hash-expressions of Subresource Integrity §3.5.

Nothing is fetched: the caller hands in the bytes that it holds (pinned contexts, a file that came along), and is told which resources
it did not have. A ``digestMultibase`` is a multihash (VC Data Integrity 1.0 §2.6); the bare SHA-2 digest that the field writes, and
the W3C's own test-suite demands, is read too: its length says which it is.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from common.encoding import b64url_decode
from common.errors import Malformed, Rejected
from common.formats.vcdm.identifier import is_url
from common.keys.multikey import base58btc_decode

MAX_RESOURCES = 256
_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}
_MULTIHASH = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
"""Code and length (multicodec table: sha2-256, sha2-384, sha2-512)."""
_NAME_OF_SIZE = {size: name for name, size in _SIZES.items()}

Digest = tuple[str, bytes]
"""Name of a hash in hashlib, digest."""
Contents = Callable[[str], bytes | None]
"""Address → the bytes held here, None for a stranger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedResource:
    """sri: alternatives of which the strongest count, one of them must match. multibase: all must match. One of the two is not empty."""

    id: str
    sri: tuple[Digest, ...]
    multibase: tuple[Digest, ...]
    media_type: str | None


def read_related_resources(document: Mapping[str, Any]) -> tuple[RelatedResource, ...]:
    """Empty where there is none. Raises Malformed: entries are objects with an id, unique among them, and at least one digest."""
    if "relatedResource" not in document:
        return ()
    value = document["relatedResource"]
    entries = value if isinstance(value, list) else [value]
    if not 0 < len(entries) <= MAX_RESOURCES:
        raise _malformed(f"relatedResource is one object, or up to {MAX_RESOURCES}")
    resources = tuple(_read(entry) for entry in entries)
    if len({resource.id for resource in resources}) != len(resources):
        raise _malformed("two related resources have one id")
    return resources


def check_related_resources(resources: tuple[RelatedResource, ...], contents: Contents) -> tuple[str, ...]:
    """The ids of those that are not held here and so were not checked. Raises Rejected("bad_signature") for one that has changed."""
    unchecked = []
    for resource in resources:
        data = contents(resource.id)
        if data is None:
            unchecked.append(resource.id)
        elif not matches_digests(resource.sri, resource.multibase, data):
            raise Rejected("bad_signature", "a related resource is not the one that the credential was issued with")
    return tuple(unchecked)


def matches_digests(sri: tuple[Digest, ...], multibase: tuple[Digest, ...], data: bytes) -> bool:
    """Of sri the strongest count, and one of them has to match; of multibase all. Without any digest: True."""
    names = {name for name, _ in (*sri, *multibase)}  # each once: a text may state thousands of them
    digests = {name: hashlib.new(name, data).digest() for name in names}
    strongest = max((len(digest) for _, digest in sri), default=0)
    alternatives = [each for each in sri if len(each[1]) == strongest]
    return (
        not alternatives or any(hmac.compare_digest(digests[name], digest) for name, digest in alternatives)
    ) and all(hmac.compare_digest(digests[name], digest) for name, digest in multibase)


def _read(entry: object) -> RelatedResource:
    if not isinstance(entry, Mapping) or not is_url(entry.get("id")):
        raise _malformed("a related resource is an object with a URL as its id")
    media_type = entry.get("mediaType")
    if media_type is not None and (not isinstance(media_type, str) or "/" not in media_type):
        raise _malformed("mediaType is a media type")
    sri, multibase = read_digests(entry, required=True)
    return RelatedResource(id=entry["id"], sri=sri, multibase=multibase, media_type=media_type)


def read_digests(entry: Mapping[str, Any], *, required: bool) -> tuple[tuple[Digest, ...], tuple[Digest, ...]]:
    """``digestSRI`` and ``digestMultibase`` of an object that names a resource. Raises Malformed, also where one is required."""
    sri = tuple(_read_hash_expression(word) for text in _texts(entry, "digestSRI") for word in text.split(" ") if word)
    multibase = tuple(_read_multibase(text) for text in _texts(entry, "digestMultibase"))
    if required and not sri and not multibase:
        raise _malformed("a related resource has a digestSRI or a digestMultibase")
    return sri, multibase


def _texts(entry: Mapping[str, Any], member: str) -> list[str]:
    if member not in entry:
        return []
    value = entry[member]
    texts = value if isinstance(value, list) else [value]
    if not 0 < len(texts) <= 16 or not all(isinstance(text, str) for text in texts):
        raise _malformed(f"{member} is text, or a few texts")
    return texts


def _read_hash_expression(text: str) -> Digest:
    """``sha384-<base64>``; options after ``?`` are to be ignored (SRI §3.5)."""
    name, _, encoded = text.partition("?")[0].partition("-")
    try:
        digest = binascii.a2b_base64(encoded.encode("ascii"), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise _malformed("digestSRI is a hash-expression like sha384-<base64>") from None
    if _SIZES.get(name) != len(digest):
        raise _malformed("digestSRI names one of sha256, sha384, sha512 and has a digest of its length")
    return name, digest


def _read_multibase(text: str) -> Digest:
    if text.startswith("u"):
        data = b64url_decode(text[1:])
    elif text.startswith("z"):
        data = base58btc_decode(text[1:])
    else:
        raise _malformed("digestMultibase is base64url (u…) or base58btc (z…)")
    name = _MULTIHASH.get(data[:2])
    if name is not None and len(data) == 2 + _SIZES[name]:
        return name, data[2:]
    if len(data) in _NAME_OF_SIZE:
        return _NAME_OF_SIZE[len(data)], data
    raise _malformed("digestMultibase is a digest of SHA-256, SHA-384 or SHA-512")


def _malformed(detail: str) -> Malformed:
    return Malformed("bad_related_resource", detail)
