"""The session transcript: what ties an mdoc presentation to one request. ISO/IEC 18013-5 §9.1.5.1.

Three handovers over the network; engagement and reader key are null in each of them:
- OpenID4VP 1.0 by redirects, appendix B.2.6.1
- OpenID4VP 1.0 through the Digital Credentials API, appendix B.2.6.2
- ISO/IEC TS 18013-7:2024 Annex B (OpenID4VP draft 18), which hashes with a nonce of the wallet's
And one of our own for what is shown without a request: `common.formats.mdoc.in_person`.
"""

from __future__ import annotations

from hashlib import sha256

from common.cbor import encode, encode_text
from common.errors import Unsupported
from common.formats.mdoc.in_person import in_person_transcript
from common.formats.presentation_context import PresentationContext


def session_transcript(context: PresentationContext | None, *, audience: str, nonce: str) -> bytes:
    """The encoded SessionTranscript. audience: the client_id, prefix and all. Raises Unsupported without a context.

    An mdoc states no time of its own, so one that is shown without a request is fresh by the time in its transcript.
    """
    if context is None:
        raise Unsupported(
            "no_session_transcript", "an mdoc is presented to a request or shown in person, at a known time"
        )
    if context.shown_at is not None:
        return in_person_transcript(audience, nonce, context.shown_at)
    if context.origin is not None:
        return dc_api_transcript(context.origin, nonce, context.encryption_thumbprint)
    assert context.response_uri is not None
    if context.wallet_nonce is not None:
        return annex_b_transcript(audience, context.response_uri, nonce, context.wallet_nonce)
    return redirect_transcript(audience, nonce, context.encryption_thumbprint, context.response_uri)


def redirect_transcript(client_id: str, nonce: str, thumbprint: bytes | None, response_uri: str) -> bytes:
    """OpenID4VPHandover. thumbprint: of the encryption key, None where the answer is not encrypted."""
    info = (b"\x84", encode_text(client_id), encode_text(nonce), encode(thumbprint), encode_text(response_uri))
    return b"\x83\xf6\xf6\x82\x71OpenID4VPHandover\x58\x20" + sha256(b"".join(info)).digest()


def dc_api_transcript(origin: str, nonce: str, thumbprint: bytes | None) -> bytes:
    """OpenID4VPDCAPIHandover. origin: without the prefix ``origin:``."""
    info = (b"\x83", encode_text(origin), encode_text(nonce), encode(thumbprint))
    return b"\x83\xf6\xf6\x82\x76OpenID4VPDCAPIHandover\x58\x20" + sha256(b"".join(info)).digest()


def annex_b_transcript(client_id: str, response_uri: str, nonce: str, wallet_nonce: str) -> bytes:
    """OID4VPHandover of ISO/IEC TS 18013-7:2024 §B.4.4."""
    hashes = [sha256(encode([text, wallet_nonce])).digest() for text in (client_id, response_uri)]
    return encode([None, None, [*hashes, nonce]])
