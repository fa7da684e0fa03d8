"""SHA-256 as a multihash in base58btc: ``Qm…``, 46 characters (multiformats multihash: code 0x12, length 0x20)."""

from __future__ import annotations

import hashlib
import re

from common.keys.multikey import base58btc_encode

MULTIHASH = re.compile(r"Qm[1-9A-HJ-NP-Za-km-z]{44}")


def sha256_multihash(data: bytes) -> str:
    """Bytes → their digest as ``Qm…``, without the multibase letter."""
    return base58btc_encode(b"\x12\x20" + hashlib.sha256(data).digest())
