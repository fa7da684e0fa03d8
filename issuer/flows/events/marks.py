"""Names and addresses as they are compared, and the keyed hashes under which exclusions are kept: nobody reads a list of people off
those."""

from __future__ import annotations

import unicodedata
from typing import Literal

from issuer.flows.desk import Desk

Kind = Literal["email", "name"]


def comparable(text: str) -> str:
    """Full width and half width, large and small, spaced or not: the same."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def mark_of(desk: Desk, tenant: str, event_id: str, kind: Kind, text: str) -> str:
    """Empty for an empty text. The same only within one event, so that lists of two events cannot be laid side by side."""
    plain = comparable(text)
    return desk.secrets.token(tenant, "exclusion mark", f"{event_id}\x1f{kind}\x1f{plain}") if plain else ""
