"""What JOSE and COSE secured, inside a data: URL: ``EnvelopedVerifiableCredential``, ``EnvelopedVerifiablePresentation``.

VC-JOSE-COSE 1.0 §3.1.2, §3.2.2, §3.3.2 (COSE in base64, RFC 2397); VCDM 2.0 §4.13.1, §4.13.2.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import Malformed
from common.formats.vc_jose_cose.media_type import MediaType, media_type
from common.formats.vcdm.envelope import Enveloped, build_envelope, read_envelope
from common.formats.vcdm.terms import ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION

_KINDS: dict[str, Enveloped] = {"vc": "EnvelopedVerifiableCredential", "vp": "EnvelopedVerifiablePresentation"}
assert set(_KINDS.values()) == {ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION}
_STRIPPED_BY_URL_PARSERS = "\t\n\r "


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """What stood in an envelope, not read yet: text for JOSE and SD-JWT, bytes for COSE."""

    media_type: MediaType
    data: str | bytes = field(repr=False)


def envelop(secured: str | bytes, kind: MediaType) -> dict[str, Any]:
    """The object that stands for the secured document, in a presentation or alone."""
    if isinstance(secured, bytes):
        return build_envelope(_KINDS[kind.kind], media_type=f"{kind.full};base64", content=encode_base64(secured))
    return build_envelope(_KINDS[kind.kind], media_type=kind.full, content=secured)


def read_enveloped_credential(value: object) -> Secured:
    """Raises Malformed; also for a credential that stands there unsecured, or secured by a proof in it. Unsupported: another media type."""
    return _read(value, "vc")


def read_enveloped_presentation(value: object) -> Secured:
    """Raises Malformed, Unsupported for another media type."""
    return _read(value, "vp")


def _read(value: object, kind: str) -> Secured:
    if isinstance(value, Mapping) and isinstance(value.get("id"), str):
        # as the URL Standard (§4.4) reads every URL: white space at the ends is not part of it
        value = {**value, "id": value["id"].strip(_STRIPPED_BY_URL_PARSERS)}
    envelope = read_envelope(value, _KINDS[kind])
    found = media_type(envelope.media_type)
    if found.kind != kind:
        raise Malformed("bad_envelope", f"{found.full} stands in the envelope of another kind")
    if found.securing == "cose":
        if envelope.parameters != ("base64",):
            raise Malformed("bad_envelope", "COSE stands in a data: URL as base64")
        return Secured(media_type=found, data=decode_base64(envelope.content))
    if envelope.parameters:
        raise Malformed("bad_envelope", f"{found.full} stands in a data: URL as it is")
    return Secured(media_type=found, data=envelope.content)


def encode_base64(data: bytes) -> str:
    """Standard alphabet, padded."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Standard alphabet, padded or not (RFC 4648 §3.2), nothing else. Raises Malformed."""
    bare = text.rstrip("=")
    if len(text) - len(bare) not in (0, -len(bare) % 4):
        raise Malformed("bad_base64", "not base64")
    try:
        data = binascii.a2b_base64(bare.encode("ascii") + b"=" * (-len(bare) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Malformed("bad_base64", "not base64") from None
    if base64.b64encode(data).rstrip(b"=") != bare.encode("ascii"):
        raise Malformed("bad_base64", "the last unused bits of the base64 are not zero")
    return data
