"""``EnvelopedVerifiableCredential`` and ``EnvelopedVerifiablePresentation``: a ``data:`` URL around what another format secured.

VCDM 2.0 §4.13.1 and §4.13.2 (in the text: Enveloped Verifiable Credentials, Enveloped Verifiable Presentations); RFC 2397.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from common.errors import Malformed
from common.formats.vcdm.terms import CONTEXT_V2, ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION

Enveloped = Literal["EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"]
_DATA_URL = re.compile(r"data:([A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+)((?:;[^,;]*)*),([\x21-\x7e]+)\Z", re.ASCII)
MAX_ENVELOPE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """media_type: in lower case, without parameters. content: what stands after the comma, as it stands there."""

    media_type: str
    parameters: tuple[str, ...]
    content: str = field(repr=False)


def is_enveloped(value: object) -> bool:
    """Whether the object says of itself that it is an envelope, of a credential or of a presentation."""
    types = value.get("type") if isinstance(value, Mapping) else None
    names = types if isinstance(types, list) else [types]
    return ENVELOPED_CREDENTIAL in names or ENVELOPED_PRESENTATION in names


def read_envelope(value: object, kind: Enveloped) -> Envelope:
    """The envelope's content. Raises Malformed: its context is the base context, its type ``kind`` alone, its id a data: URL."""
    if not isinstance(value, Mapping):
        raise Malformed("bad_envelope", "an envelope is an object")
    contexts = value.get("@context")
    if CONTEXT_V2 not in (contexts if isinstance(contexts, list) else [contexts]):
        raise Malformed("bad_context", f"an envelope has the context {CONTEXT_V2}")
    if value.get("type") not in (kind, [kind]):
        raise Malformed("bad_type", f"the type of the envelope is {kind}")
    address = value.get("id")
    matched = _DATA_URL.match(address) if isinstance(address, str) and len(address) <= MAX_ENVELOPE else None
    if matched is None:
        raise Malformed("bad_envelope", "the id of an envelope is a data: URL with a media type")
    parameters = tuple(part for part in matched[2].split(";") if part)
    return Envelope(media_type=matched[1].lower(), parameters=parameters, content=matched[3])


def build_envelope(kind: Enveloped, *, media_type: str, content: str) -> dict[str, Any]:
    """The object around what a format of that media type secured."""
    return {"@context": CONTEXT_V2, "type": kind, "id": f"data:{media_type},{content}"}
