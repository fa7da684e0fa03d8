"""The ``status`` claim of a referenced token, the same in every JWT-based credential. Token Status List draft-20 §6.1, §6.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed, Rejected
from common.formats.credential import StatusReference

_LARGEST_INDEX = 1 << 40


def build_status_claim(status: StatusReference) -> dict[str, Any]:
    """``{"status_list": {"idx", "uri"}}``."""
    return {"status_list": {"idx": status.index, "uri": status.uri}}


def parse_status_claim(claims: Mapping[str, Any]) -> StatusReference | None:
    """Where the status stands; None when the claim is absent.

    Raises Malformed, and Rejected("status_unknown") for a mechanism not known here: to overlook it would be to overlook a withdrawal.
    """
    if "status" not in claims:
        return None
    status = claims["status"]
    reference = status.get("status_list") if isinstance(status, dict) else None
    if reference is None:
        raise Rejected("status_unknown", "the credential keeps its status in a way that is not known here")
    if not isinstance(reference, dict):
        raise Malformed("bad_status", "status_list is an object")
    index, uri = reference.get("idx"), reference.get("uri")
    if (
        not isinstance(index, int)
        or isinstance(index, bool)
        or not 0 <= index < _LARGEST_INDEX
        or not isinstance(uri, str)
    ):
        raise Malformed("bad_status", "status_list has a whole number idx and a text uri")
    return StatusReference(uri=uri, index=index)
