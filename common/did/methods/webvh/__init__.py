"""did:webvh 1.0: a DID with a history that proves itself, on a web server. Reading it: `method`; writing it: `write_log`."""

from __future__ import annotations

from common.did.methods.webvh.method import DidWebvh

__all__ = ["DidWebvh"]
