"""Integrity of documents that something refers to: ``vct#integrity``, ``extends#integrity``, ``uri#integrity``. SD-JWT VC draft-19 §5.

The syntax is that of Subresource Integrity; how it is verified is the draft's own, over the very bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from common.errors import Malformed, Rejected

_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def integrity_of(document: bytes) -> str:
    """``vct#integrity`` of a document: ``sha256-<base64>`` over its very bytes."""
    return "sha256-" + base64.b64encode(hashlib.sha256(document).digest()).decode("ascii")


def check_integrity(document: bytes, integrity: str) -> None:
    """That the bytes are those meant (SRI §3.3.4: of several hashes, the strongest algorithm's decide).

    Raises Malformed when no known hash is among them, Rejected("bad_signature") when none of the strongest fits.
    """
    stated: dict[str, set[bytes]] = {}
    for expression in integrity.split():
        name, _, value = expression.partition("?")[0].partition("-")
        if name in _HASHES:
            try:
                stated.setdefault(name, set()).add(base64.b64decode(value, validate=True))
            except (ValueError, binascii.Error):
                raise Malformed("bad_integrity", "a hash in integrity metadata is base64") from None
    if not stated:
        raise Malformed("bad_integrity", f"integrity metadata needs one of {', '.join(_HASHES)}")
    strongest = max(stated)  # the names sort by strength
    if _HASHES[strongest](document).digest() not in stated[strongest]:
        raise Rejected("bad_signature", "the document is not the one whose hash was signed")
