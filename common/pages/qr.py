"""QR codes as SVG: error correction M, the quiet zone of four modules kept, always dark on white, with a name for screen readers."""

from __future__ import annotations

import re
from functools import lru_cache

import zxingcpp
from markupsafe import Markup, escape

from common.errors import Malformed

# Beyond this a code no longer scans from a phone's screen held in the hand (version 30 or so at level M).
MAX_QR_BYTES = 1300
MAX_DENSE = 1839
"""Capitals and digits (alphanumeric mode) of a version 29 code at level M: readable where it fills a phone's screen."""
_PATH = re.compile(r'<path d="([^"]+)"')
_SIZE = re.compile(r'<svg width="(\d+)"')


@lru_cache(maxsize=64)
def qr_svg(text: str, title: str = "QR") -> Markup:
    """The code of ``text``. Scales to its box; needs no style attribute, so it passes a strict content-security policy.

    Raises Malformed("too_long_for_qr") for more than MAX_QR_BYTES bytes of UTF-8.
    """
    size = len(text.encode())
    if size > MAX_QR_BYTES:
        raise Malformed(
            "too_long_for_qr", f"{size} bytes do not fit into a QR code that a phone can read ({MAX_QR_BYTES})"
        )
    return _draw(text, title)


def dense_qr_svg(text: str, title: str = "QR") -> Markup:
    """A code that is shown large, for one moment: up to what version 29 holds, and never remembered, since it may be personal.

    Raises Malformed("too_long_for_qr") for more than MAX_DENSE characters; text: of the characters that base45 uses.
    """
    if len(text) > MAX_DENSE:
        raise Malformed("too_long_for_qr", f"{len(text)} characters do not fit into a QR code ({MAX_DENSE})")
    return _draw(text, title)


def _draw(text: str, title: str) -> Markup:
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_svg(add_quiet_zones=True)
    width, path = _SIZE.search(drawn), _PATH.search(drawn)
    if width is None or path is None:
        raise AssertionError("zxing-cpp no longer draws a QR code as one path")
    side = width.group(1)
    return Markup(
        '<svg class="qr" role="img" viewBox="0 0 {side} {side}" xmlns="http://www.w3.org/2000/svg" shape-rendering="crispEdges">'
        '<title>{title}</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    ).format(side=side, title=escape(title), path=path.group(1))
