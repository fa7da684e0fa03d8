"""``@context`` of credentials and presentations. VCDM 2.0 §4.3, VCDM 1.1 §4.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import Malformed
from common.formats.vcdm.identifier import is_url
from common.formats.vcdm.terms import VERSION_OF_CONTEXT

MAX_CONTEXTS = 64


def read_version(document: Mapping[str, Any]) -> int:
    """The version of the data model, 1 or 2, by the base context, which comes first; after it come URLs and objects. Raises Malformed."""
    contexts = document.get("@context")
    listed = contexts if isinstance(contexts, list) else [contexts]
    if not 0 < len(listed) <= MAX_CONTEXTS or not isinstance(listed[0], str) or listed[0] not in VERSION_OF_CONTEXT:
        raise Malformed("bad_context", "@context begins with the base context of VCDM 2.0 or 1.1")
    for entry in listed:
        if not is_url(entry) and not isinstance(entry, Mapping):
            raise Malformed("bad_context", "every @context is a URL or an object")
    return VERSION_OF_CONTEXT[listed[0]]
