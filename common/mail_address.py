"""The form of a mail address, wherever one is typed or imported: the HTML standard's (§4.10.5.1.5), in ASCII."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from common.errors import Malformed

FORM: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])")
MAX_TYPED: Final = 320


def parse_mail_address(typed: str) -> str:
    """What was typed → an address; full-width characters become ASCII. Raises Malformed("not_an_email"), which does not repeat it."""
    address = unicodedata.normalize("NFKC", typed[: MAX_TYPED + 1]).strip()
    if len(address) > MAX_TYPED or not FORM.fullmatch(address):
        raise Malformed("not_an_email", "this is no mail address")
    return address
