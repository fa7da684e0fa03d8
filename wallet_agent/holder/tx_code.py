"""Transaction codes as people type them: full-width digits and spaces are meant as the issuer's plain ones."""

from __future__ import annotations

import re
import unicodedata

from common.errors import Malformed
from common.oid4vci.credential_offer import TransactionCode

_MAX = 64


def normalise_tx_code(text: str, asked: TransactionCode) -> str:
    """What was typed → what to send. Raises Malformed("tx_code_shape") where it cannot be the code, so that no try is wasted."""
    code = unicodedata.normalize("NFKC", text).strip()
    if asked.input_mode == "numeric":
        code = re.sub(r"[\s-]", "", code)
        if not (code.isascii() and code.isdigit()):
            raise Malformed("tx_code_shape", "the transaction code is made of digits")
    if not code or len(code) > _MAX or (asked.length is not None and len(code) != asked.length):
        raise Malformed("tx_code_shape", f"the transaction code has {asked.length or f'1 to {_MAX}'} characters")
    return code
