"""What a person typed → the secret that is meant: full width, small letters and blanks are forgiven where they mean nothing. Pure."""

from __future__ import annotations

import re
import unicodedata

from common.cards.prompts import SecretKind
from common.cards.secret import Secret
from common.errors import Malformed

MAX_TYPED = 256


def read_secret(kind: SecretKind, typed: Secret) -> Secret:
    """A secret of the kind's form; ``typed`` is forgotten. What cannot be it by its form is never sent, so it costs no try.

    Raises Malformed("secret_malformed").
    """
    try:
        text = unicodedata.normalize("NFKC", typed.reveal()[: 4 * MAX_TYPED].decode("utf-8", "replace")).strip()
    finally:
        typed.forget()
    for form in (text, re.sub(r"[\s‐-―−ー-]", "", text), text.upper(), re.sub(r"[\s‐-―−ー-]", "", text).upper()):
        if len(form) <= MAX_TYPED and re.fullmatch(kind.pattern, form):
            return Secret(form)
    raise Malformed("secret_malformed", f"this cannot be what is asked for: {kind.name}")
