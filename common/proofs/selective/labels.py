"""What blank nodes are called in signed statements: labels that tell nothing of what is withheld.

ecdsa-sd-2023: a keyed hash of the canonical label (vc-di-ecdsa 1.0 §3.4.4). bbs-2023: its rank among these hashes (vc-di-bbs 1.0 §3.2.1).
Labels of maps are written with ``_:`` here, but the proof values and the keyed hash are without.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256

from common.encoding import b64url_encode
from common.errors import Malformed

HMAC_KEY_BYTES = 32
LabelMap = dict[str, str]
LabelMapFactory = Callable[[Mapping[str, str]], LabelMap]
"""(any label → canonical label) → (the same label → the label in signed statements)."""


def hmac_labels(key: bytes) -> LabelMapFactory:
    """``u`` and the base64url HMAC-SHA-256 of ``c14nN``. key: 32 bytes."""

    def relabel(canonical: Mapping[str, str]) -> LabelMap:
        return {
            name: f"_:u{b64url_encode(hmac.digest(key, label[2:].encode(), sha256))}"
            for name, label in canonical.items()
        }

    return relabel


def shuffled_labels(key: bytes) -> LabelMapFactory:
    """``bN``, N being the place of the HMAC label among all in order: unlinkable, since two documents have the same labels."""
    hashed = hmac_labels(key)

    def relabel(canonical: Mapping[str, str]) -> LabelMap:
        labels = hashed(canonical)
        rank = {label: number for number, label in enumerate(sorted(labels.values()))}
        return {name: f"_:b{rank[label]}" for name, label in labels.items()}

    return relabel


def disclosed_labels(stated: Mapping[str, str]) -> LabelMapFactory:
    """stated: canonical label of the revealed document → label in signed statements, as a derived proof has it, without ``_:``.

    Raises Malformed("bad_label_map") when it misses a blank node, names one that is not there, or two nodes alike: then statements about
    two nodes would pass for statements about one.
    """

    def relabel(canonical: Mapping[str, str]) -> LabelMap:
        if {label[2:] for label in canonical.values()} != stated.keys():
            raise Malformed("bad_label_map", "the label map does not fit the blank nodes of the document")
        if len(set(stated.values())) != len(stated):
            raise Malformed("bad_label_map", "the label map gives two blank nodes one name")
        return {name: f"_:{stated[label[2:]]}" for name, label in canonical.items()}

    return relabel
