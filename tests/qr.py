"""The QR code of a picture, as another program reads it."""

from __future__ import annotations

from typing import Any

import zxingcpp


def read_qr(image: Any) -> Any:
    """The one that is there. A reader that looks for every kind of code finds one of another kind in the pattern of some QR codes."""
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return found
